"""Win rates: how often one model solves a common problem more often than another."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from board_records import numbered, solved
from typer.testing import CliRunner

from apps_plus.cli import app
from harness.scoring.result_record import DatasetFacts, Record
from harness.scoring.result_record_files import write_record
from leaderboards.assemble_boards import make_board
from leaderboards.board import BoardKey
from leaderboards.site.builder import build_site
from leaderboards.win_rate_formats import as_markdown, win_tables_as_text
from leaderboards.win_rates import WinTable, make_win_table, win_rate

GOOD = solved([4, 4, 4, 2, 0, None], "good", samples=4)
WEAK = solved([4, 3, 2, 1, 1, 4], "weak", samples=4)


def table(*records: Record, most: int | None = None) -> WinTable:
    return make_win_table(make_board(BoardKey("humaneval"), records), most)


def test_ties_count_half_and_only_common_problems_count() -> None:
    found = win_rate(GOOD, WEAK, "overall")
    assert found is not None
    assert (found.wins, found.ties, found.losses, found.n_problems) == (3, 1, 1, 5)
    assert found.value == 0.7
    assert found.low < 0.5 < 0.7 < found.high
    assert found.is_noise


def test_rates_are_compared_whatever_the_number_of_samples() -> None:
    third, two_sixths, half = solved([1], samples=3), solved([2], samples=6), solved([1], samples=2)
    assert win_rate(third, two_sixths, "overall").ties == 1
    assert win_rate(third, half, "overall").losses == 1


def test_the_two_directions_mirror_each_other() -> None:
    found = table(GOOD, WEAK)
    there, back = found.rate(GOOD, WEAK), found.rate(WEAK, GOOD)
    assert (there.wins, there.losses) == (back.losses, back.wins)
    assert (there.low, there.high) == pytest.approx((1 - back.high, 1 - back.low))
    assert win_rate(WEAK, GOOD, "overall") == back


def test_a_model_that_always_wins_has_an_interval_below_one() -> None:
    found = win_rate(solved([1] * 20, "all"), solved([0] * 20, "none"), "overall")
    assert (found.value, found.high) == (1.0, 1.0)
    assert 0.5 < found.low < 1
    assert not found.is_noise


def test_records_without_common_problems_or_of_other_tests_have_no_rate() -> None:
    assert win_rate(solved([1, None]), solved([None, 1]), "overall") is None
    of = [DatasetFacts(name="humaneval", tiers={"": 2}, sha256=letter * 64) for letter in "ab"]
    assert win_rate(*(solved([1, 0], dataset=dataset) for dataset in of), "overall") is None


def test_records_with_a_score_alone_are_named_as_left_out() -> None:
    found = table(GOOD, WEAK, numbered(0.5, "paper", n=6))
    assert {record.id for record in found.records} == {"good", "weak"}
    assert found.notes == ("Left out, as it is not known which problems they solve: paper.",)


def test_only_the_first_are_compared_where_there_are_too_many() -> None:
    found = table(*(solved([1] * i + [0] * (9 - i), f"m{i}") for i in range(1, 8)), most=3)
    assert [record.id for record in found.records] == ["m7", "m6", "m5"]
    assert found.notes == ("Only the first 3 of 7 models are compared.",)
    assert len(list(found.pairs())) == 3


def test_a_terminal_and_markdown_show_a_matrix() -> None:
    many = table(solved([1] * 40, "all"), solved([1] * 10 + [0] * 30, "few"))
    text = win_tables_as_text([many])
    assert "humaneval: win rates, 2 models" in text
    assert "88*" in text and "12*" in text
    assert "| 1 | all | - | 88\\* " in as_markdown([many])
    narrow = " ".join(win_tables_as_text([many], width=40).split())
    assert "too narrow for columns 2 to 2" in narrow


def test_a_single_model_has_no_matrix() -> None:
    alone = table(GOOD)
    for text in (win_tables_as_text([alone]), as_markdown([alone])):
        assert "No two models can be compared." in text
        assert "percent" not in text
    assert "win rates, 1 model\n" in win_tables_as_text([alone])


@pytest.fixture
def results(tmp_path: Path) -> Path:
    for record in (GOOD, WEAK):
        write_record(record, tmp_path / f"{record.id}.json")
    return tmp_path


def show(results: Path, *arguments: str):
    return CliRunner().invoke(app, ["leaderboard", "show", str(results), "--win-rates", *arguments])


def test_the_command_gives_each_pair_once(results: Path) -> None:
    [board] = json.loads(show(results, "--json").stdout)["win_rates"]
    [pair] = board["pairs"]
    assert (pair["a"], pair["b"], pair["value"], pair["n_problems"]) == ("weak", "good", 0.3, 5)  # unranked rows last
    [row] = csv.DictReader(io.StringIO(show(results, "--format", "csv").stdout))
    assert (row["a_id"], row["value"], row["wins"], row["may_be_noise"]) == ("weak", "0.3", "1", "yes")
    assert "win rates, 2 models" in show(results).stdout


def test_latex_has_no_win_rates(results: Path) -> None:
    result = show(results, "--format", "latex")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "win rates have no LaTeX table" in result.stderr


def test_the_site_shows_them(tmp_path: Path) -> None:
    build_site([GOOD, WEAK], tmp_path / "site")
    page = (tmp_path / "site" / "humaneval.html").read_text("utf-8")
    assert '<table class="wins">' in page
    assert '<span class="num">70</span>' in page
    build_site([GOOD], tmp_path / "site")
    assert "Win rates" not in (tmp_path / "site" / "humaneval.html").read_text("utf-8")
