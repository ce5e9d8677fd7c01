"""Contamination warnings follow from the record; a missing cutoff leaves contamination possible."""

from __future__ import annotations

import pytest
from board_records import day, numbered

from harness.scoring.benchmarks.load import TASKS
from harness.scoring.result_record import DatasetFacts, ModelFacts
from leaderboards.contamination import RELEASED, known, possible, warnings
from leaderboards.record_files import load


def of(benchmark: str, **facts: object):
    return numbered(0.5, dataset=DatasetFacts(name=benchmark, tiers={"": 100}), model=ModelFacts(id="m", **facts))


def test_every_benchmark_has_a_date() -> None:
    assert set(RELEASED) == set(TASKS)


@pytest.mark.parametrize("benchmark", ["apps", "apps+"])
def test_trained_on_apps_is_known_for_apps(benchmark: str) -> None:
    assert known(of(benchmark, trained_on_apps=True)) == ("APPS or APPS+ is part of its training data",)


def test_trained_on_apps_says_nothing_of_humaneval() -> None:
    assert known(of("humaneval", trained_on_apps=True, cutoff=day("2021-07-06"))) == ()


@pytest.mark.parametrize(
    ("benchmark", "cutoff", "warned"),
    [
        ("humaneval", "2021-07-06", False),
        ("humaneval", "2021-07-07", True),
        ("humaneval+", "2023-02-01", True),  # other tests, the same problems
        ("mbpp", "2021-08-15", False),
        ("mbpp+", "2021-08-16", True),
        ("apps+", "2021-05-19", False),
        ("apps", "2021-05-20", True),
        ("my-benchmark", "2030-01-01", False),
    ],
)
def test_a_cutoff_after_the_problems_is_warned_of(benchmark: str, cutoff: str, warned: bool) -> None:
    record = of(benchmark, cutoff=day(cutoff), released=day("2030-01-01"))
    assert bool(known(record)) is bool(warnings(record)) is warned


def test_both_dates_are_told() -> None:
    [warning] = warnings(of("humaneval", cutoff=day("2023-02-01")))
    assert warning == "its training data goes up to 2023-02-01; the problems are public since 2021-07-07"


def test_released_after_the_problems_without_a_cutoff_may_hold_them() -> None:
    record = of("humaneval", released=day("2023-08-24"))
    assert known(record) == ()
    [warning] = warnings(record)
    assert "may hold" in warning
    assert "released on 2023-08-24, and no cut-off is given" in warning


def test_released_before_the_problems_cannot_hold_them() -> None:
    assert warnings(of("humaneval", released=day("2021-01-01"))) == ()


def test_saying_nothing_is_no_way_round_the_warning() -> None:
    assert "no cut-off or release date is given" in possible(of("mbpp"))[0]


def test_an_early_cutoff_is_enough_for_a_late_release() -> None:
    assert warnings(of("humaneval", cutoff=day("2021-01-01"), released=day("2023-01-01"))) == ()


def test_models_that_the_paper_trained_on_apps_plus_are_known() -> None:
    titles = {record.model.title for record in load().records if known(record) and record.id.startswith("paper-")}
    trained = {
        "SFT on APPS+",
        "Vanilla PPO",
        "PPOCoder",
        "RLTF",
        "StepCoder",
        "StepCoder w/o CCCS",
        "StepCoder w/o FGO",
    }
    assert titles == {f"{name} 6.7B" for name in trained}


@pytest.mark.parametrize(
    ("split", "cutoff", "warned"),
    [
        (None, "2023-06-01", True),
        ("2024-08-01..2025-01-31", "2024-06-30", False),
        ("2024-08-01..2025-01-31", "2024-09-01", True),
        ("..2025-01-31", "2023-06-01", True),
    ],
)
def test_a_time_window_of_livecodebench_is_public_since_it_begins(split: str | None, cutoff: str, warned: bool) -> None:
    record = of("livecodebench", cutoff=day(cutoff))
    dataset = record.dataset.model_copy(update={"split": split})
    assert bool(known(record.model_copy(update={"dataset": dataset}))) is warned
