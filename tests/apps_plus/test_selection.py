"""Problems selected by what was measured of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import apps_plus
from apps_plus.errors import BuildFolderError, InputError
from apps_plus.problem import Comparison, Dataset, Problem, SolveRate
from apps_plus.problem import Tests as UnitTests
from apps_plus.selection import EVERYTHING, Selection, draw_sample, parse_range, select
from apps_plus.storage import write_json_lines

PROBLEM = Problem("train/0", "?", "print()", None, UnitTests((), ()), "", (), Comparison.EXACT, "", "")
STRENGTHS = (0.5, None, 0.8, 1.0)


def dataset() -> Dataset:
    problems = [replace(PROBLEM, problem_id=str(i), test_strength=share) for i, share in enumerate(STRENGTHS)]
    return Dataset(train=problems[:3], test=problems[3:])


def test_problems_with_at_least_this_strength_are_selected() -> None:
    chosen = select(dataset(), Selection(min_strength=0.8), Path("b"))
    assert [p.problem_id for p in (*chosen.train, *chosen.validation, *chosen.test)] == ["2", "3"]


def test_without_a_wish_everything_is_selected_measured_or_not() -> None:
    assert select(dataset(), EVERYTHING, Path("b")) == dataset()


def test_zero_leaves_out_only_what_was_not_measured() -> None:
    assert len(select(dataset(), Selection(min_strength=0.0), Path("b"))) == 3


def test_a_build_without_strengths_says_how_to_measure_them(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    for split in ("train", "validation", "test"):
        write_json_lines(tmp_path / f"{split}.jsonl", [PROBLEM.to_row()])
    assert len(apps_plus.load(tmp_path)) == 3
    with pytest.raises(BuildFolderError, match=f"measure them with apps-plus strength {tmp_path}"):
        apps_plus.load(tmp_path, min_strength=0.8)


@pytest.mark.parametrize("share", [True, "0.5", -0.1, 1.5, float("nan")])
def test_a_strength_that_is_no_share_is_an_error(share: object) -> None:
    with pytest.raises(ValueError, match="share"):
        Problem.from_row(PROBLEM.to_row() | {"test_strength": share})


def test_a_row_of_an_earlier_build_has_no_strength() -> None:
    row = PROBLEM.to_row()
    assert row.pop("test_strength") is None
    assert Problem.from_row(row) == PROBLEM


# ---- solve rates


@pytest.mark.parametrize(
    ("text", "bounds"), [("0.05:0.95", (0.05, 0.95)), (":0.5", (0.0, 0.5)), ("0.5:", (0.5, 1.0)), ("1:1", (1.0, 1.0))]
)
def test_a_range_is_two_numbers_of_which_one_may_be_left_out(text: str, bounds: tuple[float, float]) -> None:
    assert parse_range(text) == bounds


@pytest.mark.parametrize("text", ["", "0.5", "5:95", "0.9:0.1", "a:b", "nan:1", "0:1:2", "-0.1:1"])
def test_what_is_no_range_says_how_to_write_one(text: str) -> None:
    with pytest.raises(InputError, match="write LOW:HIGH"):
        parse_range(text)


def rated(**rates: float | None) -> Dataset:
    """Problems with a rate over all samples, and one of model ``m`` that is half of it."""
    return Dataset(
        train=[
            replace(
                PROBLEM,
                problem_id=name,
                solve_rate=rate,
                solve_rates=() if rate is None else (SolveRate("m", 2, 1, rate / 2, 0.0, 1.0),),
            )
            for name, rate in rates.items()
        ]
    )


@pytest.mark.parametrize(
    ("selection", "ids"),
    [
        (Selection(solve_rate=(0.05, 0.95)), ["b"]),
        (Selection(solve_rate=(0.5, 1.0)), ["b", "c"]),
        (Selection(solve_rate=(0.0, 1.0)), ["a", "b", "c"]),
        (Selection(solve_rate=(0.5, 1.0), solve_rate_model="m"), ["c"]),
        (Selection(solve_rate_model="m"), ["a", "b", "c", "d"]),
    ],
)
def test_problems_in_a_range_are_selected_its_ends_included(selection: Selection, ids: list[str]) -> None:
    chosen = select(rated(a=0.0, b=0.5, c=1.0, d=None), selection, Path("b"))
    assert [problem.problem_id for problem in chosen.train] == ids


@pytest.mark.parametrize(
    "wanted",
    [
        {"min_strength": 80},
        {"min_strength": -0.1},
        {"min_strength": float("nan")},
        {"min_strength": "0.8"},
        {"solve_rate": (0.9, 0.1)},
        {"solve_rate": 0.5},
        {"solve_rate": "0.05:0.95"},
        {"solve_rate": (None, 0.5)},
        {"solve_rate": (0, 0.5, 1)},
    ],
)
def test_what_no_problem_can_have_is_refused(wanted: dict) -> None:
    with pytest.raises(InputError, match="from 0 to 1"):
        Selection(**wanted)


def test_a_build_without_solve_rates_says_how_to_measure_them() -> None:
    with pytest.raises(BuildFolderError, match="apps-plus difficulty b --samples FILE"):
        select(rated(a=None), Selection(solve_rate=(0.0, 1.0)), Path("b"))


def test_a_row_keeps_its_rates() -> None:
    (problem,) = rated(a=0.5).train
    assert Problem.from_row(problem.to_row()) == problem
    row = PROBLEM.to_row() | {"solve_rates": None}
    del row["solve_rate"], row["solve_rate_low"], row["solve_rate_high"]
    assert Problem.from_row(row) == PROBLEM


# ---- a sample


STRATA = {f"{split}/{i:04}": (split, i % 3) for split, n in (("train", 60), ("test", 30)) for i in range(n)}
"""Sixty and thirty problems, a third of each difficulty in each split."""


def test_a_sample_has_problems_of_each_split_and_difficulty_in_proportion() -> None:
    drawn = draw_sample(STRATA, 18)
    counts = Counter(STRATA[problem_id] for problem_id in drawn)
    assert counts == {(split, d): n for split, n in (("train", 4), ("test", 2)) for d in range(3)}


def test_a_sample_is_the_same_in_any_order_and_holds_the_smaller_ones() -> None:
    assert draw_sample(dict(reversed(STRATA.items())), 18) == draw_sample(STRATA, 18)
    assert draw_sample(STRATA, 10) < draw_sample(STRATA, 18) < draw_sample(STRATA, 90) == set(STRATA)
    assert draw_sample(STRATA, 1000) == set(STRATA)


def test_a_sample_is_not_the_first_problems() -> None:
    assert draw_sample(dict.fromkeys(STRATA), 10) != set(list(STRATA)[:10])
