"""Boards over a window of days: records are restricted to the problems of contests in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from board_records import day, numbered, solved
from typer.testing import CliRunner

from apps_plus.cli import app
from apps_plus.errors import InputError
from harness.scoring.result_record import CostFacts, DatasetFacts, Record
from harness.scoring.result_record_files import read_record, write_record
from leaderboards.window import in_window

DAYS = {f"P/{i}": day(f"2024-0{i + 1}-15") for i in range(4)}
DATASET = DatasetFacts(name="livecodebench", tiers={"": 4}, days=DAYS)
EARLY = solved([1, 1, 0, 0], "early", dataset=DATASET, cost=CostFacts(samples=4, completion_tokens=40))
LATE = solved([0, 0, 1, 1], "late", dataset=DATASET)


def scores(records: list[Record]) -> dict[str, float]:
    return {record.id: record.scores[0].value for record in records}


def test_scores_are_of_the_problems_in_the_window() -> None:
    found, notes = in_window([EARLY, LATE], "2024-02-15", "2024-03-31")
    assert scores(found) == {"early": 0.5, "late": 0.5}
    assert scores(in_window([EARLY, LATE], "2024-03-01", None)[0]) == {"early": 0.0, "late": 1.0}
    assert scores(in_window([EARLY, LATE], None, "2024-01-15")[0]) == {"early": 1.0, "late": 0.0}
    assert notes == []


def test_what_is_known_of_all_problems_only_is_dropped() -> None:
    [record], _ = in_window([EARLY], "2024-03-01", None)
    assert (record.n_problems(), record.dataset.tiers, record.cost) == (2, {"": 2}, None)
    assert record.dataset.split == "2024-03-01.."


def test_a_tier_or_k_without_outcomes_in_the_window_has_no_score() -> None:
    several = solved([1, 2, 2, 2], "several", samples=2, ks=(1, 2), dataset=DATASET)
    one = several.model_copy(update={"problems": {"": {**several.problems[""], "P/3": (1, 1)}}})
    [record], _ = in_window([one], "2024-04-01", None)
    assert [score.k for score in record.scores] == [1]


def test_records_that_cannot_be_restricted_are_left_out_with_the_reason() -> None:
    bare = numbered(0.5, "bare", dataset=DATASET)
    undated = solved([1, 0], "undated")
    found, notes = in_window([EARLY, bare, undated], "2024-03-01", None)
    assert [record.id for record in found] == ["early"]
    assert notes == [
        "left out, it is not known which problems they solve: bare",
        "left out, the days of their problems are not known: undated",
    ]
    with pytest.raises(InputError, match="none of their problems is in the window: early"):
        in_window([EARLY], "2025-01-01", None)


def test_the_command_shows_the_board_of_the_window(tmp_path: Path) -> None:
    for record in (EARLY, LATE, solved([1, 0], "undated")):
        write_record(record, tmp_path / f"{record.id}.json")
    assert read_record(tmp_path / "early.json") == EARLY
    show = ["leaderboard", "show", str(tmp_path), "--since", "2024-03-01"]
    result = CliRunner().invoke(app, show)
    assert "livecodebench (2024-03-01..): pass@1: 2 models, 2 problems" in result.stdout
    assert "left out, the days of their problems are not known: undated" in " ".join(result.stdout.split())
    wrong = CliRunner().invoke(app, [*show, "--until", "soon"])
    assert (wrong.exit_code, "--until soon is not a date" in wrong.stderr) == (2, True)
