"""Check the pages of records with much, little or odd content, and the messages of the command."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from generated_records import generated, reported
from typer.testing import CliRunner

from apps_plus.cli import app
from apps_plus.errors import InputError
from harness.scoring.result_record import DatasetFacts, HarnessFacts, ModelFacts, Record, TierScore
from harness.scoring.result_record_files import dump_record
from leaderboards.assemble_boards import boards_of, make_board
from leaderboards.board import BoardKey
from leaderboards.board_notes import names_of, percent
from leaderboards.site.board_scores import all_board_scores
from leaderboards.site.builder import MARKER, build_site
from leaderboards.site.descriptions import categories_of, settings, size_band, tier_sizes
from leaderboards.site.naming import slug, slugs
from leaderboards.site.pages import group_summaries, make_site
from leaderboards.site.payload import board_payload, embedded, outcomes_script

TIERS = {"introductory": 12, "interview": 20, "competition": 5}
HUMANEVAL = DatasetFacts(name="humaneval", tiers={"": 80})


def bare(name: str, value: float = 0.5, **changes: object) -> Record:
    """A record that tells its number and next to nothing else."""
    fields = {"dataset": HUMANEVAL, "model": ModelFacts(id=name), "scores": [TierScore(value=value)]}
    return reported(1, TIERS, id=slug(name), **(fields | changes))


def board_of(*records: Record):
    [[page]] = make_site("Title", list(all_board_scores(records))).boards
    return page


def text_of(path: Path) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", path.read_text("utf-8")).split())


# ---- little


def test_one_record_that_tells_only_its_number_makes_a_site(tmp_path: Path) -> None:
    assert build_site([bare("lone")], tmp_path / "out")["pages"] == 3
    board = (tmp_path / "out/humaneval.html").read_text("utf-8")
    columns = ('data-sort="group"', 'data-sort="size"', 'data-sort="released"', 'name="band"')
    for missing in (
        'class="scatter"',
        'id="errors"',
        'id="groups"',
        'name="group"',
        'name="tier"',
        'name="k"',
        *columns,
    ):
        assert missing not in board
    assert "80 problems. 1 record." in text_of(tmp_path / "out/humaneval.html")
    assert text_of(tmp_path / "out/models/lone.html").count("not stated") >= 4
    assert not (tmp_path / "out/data").exists()


def test_a_column_that_one_row_fills_is_there_for_all(tmp_path: Path) -> None:
    sized = bare("sized", 0.25, model=ModelFacts(id="sized", parameters=7e9))
    build_site([bare("lone"), sized], tmp_path / "out")
    board = (tmp_path / "out/humaneval.html").read_text("utf-8")
    assert 'data-sort="size"' in board
    assert 'data-sort="released"' not in board
    [head, body] = re.search(r"<thead>(.*?)</thead>.*?<tbody>(.*?)</tbody>", board, re.S).groups()
    assert body.count("<td") + body.count("<th ") == 2 * head.count("<th ")


def test_models_of_unknown_size_are_counted_not_plotted() -> None:
    page = board_of(generated(1, TIERS), generated(2, TIERS, model=ModelFacts(id="unknown")))
    assert page.scatter().count('class="point') == 1
    assert page.without_size() == 1


def test_without_records_there_is_no_site(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no records"):
        build_site([], tmp_path / "out")
    assert not list(tmp_path.iterdir())


# ---- names


def test_groups_have_the_titles_and_the_order_of_the_tables() -> None:
    models = {group: ModelFacts(id=f"m-{group}", group=group) for group in ("zoo", "rl-ablation", "rl", "base")}
    page = board_of(*(generated(i, TIERS, id=f"r{i}", model=model) for i, model in enumerate(models.values())))
    assert page.groups == ("Base models", "RL-based models", "Ablations", "zoo")
    assert [group.name for group in group_summaries(page)] == list(page.groups)
    assert {model["group"] for model in board_payload(page)["models"]} == set(page.groups)


def test_records_of_one_model_are_named_as_in_the_remarks() -> None:
    model = generated(1, TIERS).model
    records = [generated(1, TIERS), reported(1, TIERS, model=model), generated(2, TIERS)]
    names = names_of(records)
    assert {entry.record.id: entry.title for entry in board_of(*records).entries} == names
    assert len(set(names.values())) == 3


def test_a_name_that_imitates_anothers_hash_has_a_page_of_its_own() -> None:
    pair = slugs(["a b", "a.b"])
    imitations = [*pair.values(), *(name.replace("~", "-") for name in pair.values())]
    names = slugs(["a b", "a.b", *imitations])
    assert len(set(names.values())) == len(names)


def test_problems_of_no_tier_are_shown_beside_those_of_one(tmp_path: Path) -> None:
    record = generated(1, {"": 5, "hard": 5})
    score = TierScore(tier="", value=0.4)
    build_site([generated(1, {"": 5, "hard": 5}, scores=[*record.scores, score])], tmp_path / "out")
    assert "(no tier)" in text_of(tmp_path / "out/models/lab-model-1.html")


# ---- categories, settings, sizes


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({}, {}),
        ({"": {"passed": 2}}, {"overall": {"passed": 2}}),
        ({"overall": {"passed": 2}}, {"overall": {"passed": 2}}),
        (
            {"interview": {"passed": 2}, "competition": {"passed": 1, "failure": 4}},
            {
                "overall": {"passed": 3, "failure": 4},
                "interview": {"passed": 2},
                "competition": {"passed": 1, "failure": 4},
            },
        ),
    ],
)
def test_categories_have_a_sum(said: dict, shown: dict) -> None:
    tiers = TIERS | ({"": 5} if "" in said else {})
    assert categories_of(generated(1, tiers, categories=said)) == shown


def test_settings_are_what_is_said() -> None:
    assert settings(bare("lone", generation=type(bare("lone").generation)())) == []
    told = dict(settings(generated(1, TIERS)))
    assert told["Temperature"] == "0.4"
    assert told["Limits"] == "cpu 4 s"
    assert told["Max. tokens"] == "1,024"


def test_a_page_says_where_missing_imports_were_given() -> None:
    def told(given: bool | None) -> str | None:
        record = bare("lone", harness=HarnessFacts(given_imports=given))
        return dict(settings(record)).get("Missing imports")

    assert (told(True), told(False), told(None)) == ("added", None, None)


def test_settings_say_what_was_asked_about_reasoning() -> None:
    made = {"thinking": False, "reasoning_effort": "low", "max_reasoning_tokens": 2048, "left_out": ["seed"]}
    record = bare("lone").model_copy(update={"generation": bare("lone").generation.model_copy(update=made)})
    told = dict(settings(record))
    assert (told["Thinking"], told["Reasoning effort"]) == ("off", "low")
    assert (told["Max. reasoning tokens"], told["Refused by the server"]) == ("2,048", "seed")


@pytest.mark.parametrize(("parameters", "band"), [(None, -1), (125e6, 0), (3e9, 1), (6.7e9, 1), (13e9, 2), (4e11, 3)])
def test_every_size_is_in_one_band(parameters: float | None, band: int) -> None:
    assert size_band(parameters) == band


def test_a_board_says_how_many_problems_it_has() -> None:
    [scores] = all_board_scores([generated(1, TIERS)])
    assert tier_sizes(scores) == "37 problems: 12 introductory, 20 interview, 5 competition"


# ---- what the scripts are given


def test_the_scripts_are_given_the_boards_that_python_makes() -> None:
    records = [*(generated(i, TIERS, samples=10) for i in range(5)), reported(6, TIERS)]
    page = board_of(*records)
    data = json.loads(embedded(board_payload(page)))
    ids = [model["id"] for model in data["models"]]
    [key] = boards_of(records)
    for tier in ("overall", *TIERS):
        for name, unrank in (("ranks", False), ("cleanRanks", True)):
            expected = {
                row.record.id: [row.rank, *row.rank_range] if row.rank else 0
                for row in make_board(key, records, tier, 1, unrank).rows
            }
            assert dict(zip(ids, data[name][f"1 {tier}"], strict=True)) == expected


@pytest.mark.parametrize("share", [1 / 80, 0.12250000001, 0.1225, 1 / 3, 2 / 3, 0.36149999999, 0.0, 1.0])
def test_a_share_is_handed_over_as_exactly_as_it_is_shown(share: float) -> None:
    [[value, low, high, _]] = board_payload(board_of(bare("one", share)))["scores"]["1 overall"]
    assert percent(value) == percent(share)
    assert low <= value <= high


def test_outcomes_are_a_script_that_holds_whatever_problems_are_called() -> None:
    odd = ("__proto__", "</script>", "\u2028", '"', "\ud800")
    record = generated(1, TIERS, problems={"interview": {name: (1, i % 2) for i, name in enumerate(odd)}})
    script = outcomes_script(record)
    assert script.isascii()
    assert "<" not in script
    _, tiers = json.loads("[" + script.removeprefix("leaderboard.outcomes(").removesuffix(");\n") + "]")
    assert tiers == [["interview", [[name, 1, i % 2] for i, name in enumerate(odd)]]]


# ---- contamination


def test_what_is_known_and_what_cannot_be_ruled_out_are_marked_apart(tmp_path: Path) -> None:
    build_site([generated(4, TIERS), generated(1, TIERS, model=ModelFacts(id="silent"))], tmp_path / "out")
    board = text_of(tmp_path / "out/apps+-v0-test.html")
    assert re.search(r"Model 4 !\d", board)
    assert re.search(r"silent \?\d", board)
    assert "Contaminated:" in text_of(tmp_path / "out/models/lab-model-4.html")
    assert "May be contaminated:" in text_of(tmp_path / "out/models/silent.html")


def test_contaminated_models_can_be_unranked_from_the_start(tmp_path: Path) -> None:
    records = [generated(4, TIERS), generated(1, TIERS)]
    build_site(records, tmp_path / "out", unrank_contaminated=True)
    board = (tmp_path / "out/apps+-v0-test.html").read_text("utf-8")
    assert board.count('class="unranked"') == 1
    data = json.loads(re.search(r'id="data">(.*?)</script>', board)[1])
    assert data["unrank"] is True
    ranked = make_board(BoardKey.of(records[0]), records, "overall", 1).rows
    assert sorted(rank[0] for rank in data["ranks"]["1 overall"]) == sorted(row.rank for row in ranked)


# ---- the command


def invoke(*arguments: object):
    result = CliRunner().invoke(app, ["leaderboard", "site", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_bad_file_is_told_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(dump_record(generated(1, TIERS)), "utf-8")
    assert invoke(tmp_path / "good.json", "--out", tmp_path / "site", "--json").exit_code == 0
    before = {path: path.read_bytes() for path in (tmp_path / "site").rglob("*") if path.is_file()}
    assert tmp_path / "site" / MARKER in before
    (tmp_path / "bad.json").write_text('{"id": "half', "utf-8")
    result = invoke(tmp_path, "--out", tmp_path / "site", "--json", "--title", "Another")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{tmp_path / 'bad.json'}: not JSON" in result.stderr
    assert {path: path.read_bytes() for path in (tmp_path / "site").rglob("*") if path.is_file()} == before


def test_a_folder_without_records_is_one_clear_line(tmp_path: Path) -> None:
    result = invoke(tmp_path, "--out", tmp_path / "site")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "no *.json there" in result.stderr
    assert not (tmp_path / "site").exists()


def test_the_title_is_on_every_page(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(dump_record(generated(1, TIERS)), "utf-8")
    result = invoke(tmp_path, "--out", tmp_path / "site", "--title", "Ours & theirs")
    assert result.exit_code == 0
    assert result.stdout == ""
    for path in (tmp_path / "site").rglob("*.html"):
        assert "Ours &amp; theirs" in path.read_text("utf-8")
