"""Boards in a terminal: nothing is wider than it, nothing is cut without a word."""

from __future__ import annotations

import io
import re

import pytest
from board_records import numbered, samples_file, solved
from rich.console import Console

from harness.scoring.result_record import DatasetFacts, ModelFacts, Record, Reproduction, SamplesFacts, Status
from leaderboards.consistency import check
from leaderboards.console import ROWS_SHOWN, print_difference, print_findings, print_sheets, sheets_as_text
from leaderboards.record_files import load
from leaderboards.score_difference import compare
from leaderboards.selection import Selection, select_sheets

WIDTHS = (200, 120, 100, 80, 60, 40)


def of(*records: Record, **wanted: object) -> list:
    return select_sheets(records or load().records, Selection(**wanted))[0]


@pytest.fixture(scope="module")
def paper() -> list:
    return of(dataset="apps+", status=Status.REPORTED)


def mixed() -> list:
    """Rows of every status, some with long names."""
    tiers = {"introductory": 700, "interview": 1000, "competition": 140}
    [stepcoder] = [r for r in load().records if r.id == "paper-stepcoder-apps-plus"]
    again = Reproduction(samples=1840, agreed=1840)
    rows = [
        stepcoder.model_copy(
            update={
                "id": f"m{i}",
                "status": status,
                "reproduction": again,
                "samples": SamplesFacts(file="samples.jsonl", sha256="a" * 64, count=1840),
                "model": ModelFacts(id=name, parameters=7e9),
            }
        )
        for i, (status, name) in enumerate(
            [(Status.REPORTED, "short"), (Status.REPRODUCED, "a-" * 60), (Status.SELF_REPORTED, "漢字" * 30)]
        )
    ]
    assert all(row.dataset == DatasetFacts(name="apps+", version="paper", split="test", tiers=tiers) for row in rows)
    return of(*rows)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("which", ["paper", "mixed"])
def test_no_line_is_wider_than_the_terminal_and_nothing_ends_in_dots(paper: list, which: str, width: int) -> None:
    from rich.cells import cell_len

    text = sheets_as_text(paper if which == "paper" else mixed(), width=width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert "…" not in text


@pytest.mark.parametrize("width", [100, 80])
def test_every_tier_and_interval_is_there_at_80_and_100_columns(paper: list, width: int) -> None:
    text = sheets_as_text(paper, width=width)
    for tier in ("overall", "introductory", "interview", "competition"):
        assert tier in text
    for number in ("36.1", "[33.9,38.3]", "59.7", "[56.0,63.3]", "23.5", "[21.0,26.2]", "8.6", "[5.0,14.4]"):
        assert number in text
    assert len(re.findall(r"\[\d+\.\d,\d+\.\d\]", text)) == 14 * 4


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_left_out_for_want_of_room_is_told(paper: list, width: int) -> None:
    text = " ".join(sheets_as_text(paper, width=width).split())
    assert ("size" in text.split("note:")[0]) or "narrow for: sizes" in text
    assert ("introductory" in text.split("note:")[0]) or "tier introductory" in text


@pytest.mark.parametrize("width", [100, 80, 60])
def test_names_are_whole_though_folded(paper: list, width: int) -> None:
    words = "".join(re.sub(r"[\[\]\d.,!?\s-]", "", line) for line in sheets_as_text(paper, width=width).splitlines())
    for name in ("WizardCoderPythonV", "DeepSeekCoderInstructB", "StepCoderw/oCCCSB"):
        assert name in words


def test_groups_are_sections(paper: list) -> None:
    lines = [line.strip() for line in sheets_as_text(paper, width=100).splitlines()]
    places = [
        lines.index(title) for title in ("Base models", "Supervised fine-tuned models", "RL-based models", "Ablations")
    ]
    assert places == sorted(places)


def test_marks_are_explained(paper: list) -> None:
    text = sheets_as_text(paper, width=100)
    assert "! by its record, its training data holds APPS" in text
    assert "? its training data may hold the problems: its training cutoff is not stated" in text
    assert "all rows are reported" in text


def test_letters_of_statuses_are_explained() -> None:
    text = sheets_as_text(mixed(), width=80)
    assert "r: reported" in text
    assert "x: reproduced" in text
    assert "reproduced" in sheets_as_text(mixed(), width=120).split("note:")[0]


@pytest.mark.parametrize("width", [100, 45])
def test_how_much_was_reproduced_is_told_where_it_was_not_all(width: int) -> None:
    facts = {"status": Status.REPRODUCED, "samples": samples_file()}
    whole = numbered(0.5, "whole", reproduction=Reproduction(samples=164, agreed=164), **facts)
    part = numbered(0.4, "part", reproduction=Reproduction(samples=17, agreed=17), **facts)
    in_part = sheets_as_text(of(whole, part), width=width)
    assert ("reproduced 17/164" if width == 100 else "x 17/164") in in_part
    assert "n of its m samples ran again" in " ".join(in_part.split())
    assert "reproduced" not in sheets_as_text(of(whole), width=width).split("note:")[0]


def test_a_table_of_many_rows_ends_and_says_so() -> None:
    one = numbered(0.5)
    scores = [{"id": f"m{i}", "model": ModelFacts(id=f"m{i}"), "scores": numbered(i / 1000).scores} for i in range(999)]
    text = " ".join(sheets_as_text(of(*(one.model_copy(update=fields) for fields in scores))).split())
    assert "999 models" in text
    assert "m799 " in text
    assert "m798 " not in text.split("note:")[0]
    assert f"Only the first {ROWS_SHOWN} rows are shown, 799 more are not; --format csv has all rows." in text


def test_a_row_that_is_not_ranked_has_a_dash() -> None:
    text = sheets_as_text(of(solved([1, 0, 1, 0], "whole"), solved([1, 1, None, None], "part")))
    assert re.search(r"^ +1 +whole .*\n +- +part ", text, re.MULTILINE)
    assert "Not ranked, being scored on 2 of 4 problems, others on 4: part." in text


def test_rows_without_a_warning_have_no_legend() -> None:
    clean = ModelFacts.model_validate_json('{"id": "m", "cutoff": "2020-01-01"}')
    text = sheets_as_text(of(numbered(0.5, model=clean)))
    assert "!" not in text
    assert "?" not in text


def test_names_cannot_draw_on_the_screen() -> None:
    record = numbered(0.5, model=ModelFacts(id="[red]x[/red]\u202e\x9b31m"))
    text = sheets_as_text(of(record))
    assert "[red]x[/red]" in text
    assert "\u202e" not in text
    assert "\x9b" not in text


# ---- compare, check


def printed(function, *arguments: object, width: int = 80) -> str:
    out = io.StringIO()
    function(*arguments, console=Console(file=out, width=width))
    return " ".join(out.getvalue().split())


def test_two_numbers_are_told_to_be_compared_as_numbers() -> None:
    text = printed(print_difference, compare(numbered(0.064, "a", 140), numbered(0.086, "b", 140)))
    assert "B minus A: +2.2 [-4.2,+8.7] points, p = 0.48: it may be noise: the interval contains 0." in text
    assert "Compared by their scores alone, at 140 problems" in text


def test_problems_that_flipped_are_listed() -> None:
    text = printed(print_difference, compare(solved([1, 0, 0] * 20, "a"), solved([0, 1, 1] * 20, "b")))
    assert "Problems that A solves and B does not: 20 P/0 P/3" in text
    assert "Problems that B solves and A does not: 40" in text
    assert "and 20 more; --json has all" in text


def test_with_several_samples_a_problem_is_solved_more_often() -> None:
    """A problem that one of two samples solves is not one that the model does not solve."""
    pair = [solved(passed, name, samples=2, ks=[1]) for name, passed in (("a", [1, 2, 2]), ("b", [2, 2, 1]))]
    text = printed(print_difference, compare(*pair))
    assert "Problems that A solves more often than B: 1 P/2" in text
    assert "Problems that B solves more often than A: 1 P/0" in text


def test_scores_are_of_the_common_problems_and_ones_own_are_told_too() -> None:
    whole = solved([1] * 50 + [0] * 40 + [1] * 10, "whole")
    part = solved([int(i % 5 > 0) for i in range(50)] + [None] * 50, "part")
    text = printed(print_difference, compare(whole, part), width=100)
    assert "A 100.0 [92.9,100.0] whole" in text
    assert "on the 50 problems that both have outcomes of; 60.0 [50.2,69.1] on its own 100 B 80.0" in text
    assert text.count("on its own") == 1


def test_findings_are_counted() -> None:
    records = [*load().records, solved([1, 0], "odd", scores=numbered(0.9).scores)]
    text = printed(print_findings, check(records), len(records))
    assert "error: odd: pass@1 of overall is 90.0%, its problems give 50.0%" in text
    assert "errors: 1; notes on published figures: 5" in text


def test_many_sheets_print_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    print_sheets(of(), ["something left out"])
    assert "note: something left out" in capsys.readouterr().out
