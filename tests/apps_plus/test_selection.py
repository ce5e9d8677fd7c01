"""Problems selected by what was measured of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import apps_plus
from apps_plus.errors import BuildFolderError
from apps_plus.problem import Comparison, Dataset, Problem
from apps_plus.problem import Tests as UnitTests
from apps_plus.selection import EVERYTHING, Selection, select
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
