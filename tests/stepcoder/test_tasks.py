"""Tasks of a build: those of a split, and of the problems that a run selects."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from apps_plus.errors import InputError
from apps_plus.problem import Comparison, Problem
from apps_plus.problem import Tests as UnitTests
from apps_plus.storage import write_json_lines
from stepcoder.cli import selection_settings
from stepcoder.config import DataConfig
from stepcoder.tasks import load_tasks

PROBLEM = Problem("train/0", "?", "print()", None, UnitTests((), ()), "", (), Comparison.EXACT, "", "")
RATES = (0.0, 0.5, 1.0, None)


@pytest.fixture
def build(tmp_path: Path) -> Path:
    problems = [replace(PROBLEM, problem_id=f"train/{i}", solve_rate=rate) for i, rate in enumerate(RATES)]
    (tmp_path / "manifest.json").write_text("{}")
    for split, chosen in (("train", problems), ("validation", problems[:1]), ("test", [])):
        write_json_lines(tmp_path / f"{split}.jsonl", (problem.to_row() for problem in chosen))
    return tmp_path


def ids(config: DataConfig) -> list[str]:
    tasks = load_tasks(config, "train", config.limit, chat=False, seed=0, selection=config.selection)
    return [task.problem.problem_id for task in tasks]


def test_a_run_trains_on_the_problems_in_the_range(build: Path) -> None:
    assert ids(DataConfig(path=str(build))) == ["train/0", "train/1", "train/2", "train/3"]
    assert ids(DataConfig(path=str(build), solve_rate="0.05:0.95")) == ["train/1"]
    assert ids(DataConfig(path=str(build), solve_rate=":0.5", limit=1)) == ["train/0"]


def test_the_options_of_the_command_are_settings() -> None:
    assert selection_settings(0.8, "0:0.5") == ["data.min_strength=0.8", "data.solve_rate=0:0.5"]
    assert selection_settings(None, None) == []


def test_nothing_selected_and_nothing_measured_are_one_line(build: Path) -> None:
    with pytest.raises(InputError, match=r"no problem of its split train is selected: widen data\.solve_rate"):
        ids(DataConfig(path=str(build), solve_rate="0.6:0.9"))
    with pytest.raises(InputError, match="measure them with apps-plus strength"):
        ids(DataConfig(path=str(build), min_strength=0.5))


def test_a_range_is_checked_when_the_settings_are_read() -> None:
    with pytest.raises(ValidationError, match="write LOW:HIGH"):
        DataConfig(solve_rate="5%")
