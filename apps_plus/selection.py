"""Select problems of a build by what was measured of them. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from apps_plus.errors import BuildFolderError
from apps_plus.problem import Dataset, Problem
from apps_plus.storage import SPLITS


@dataclass(frozen=True, slots=True)
class Selection:
    """The problems that are wanted; None: whatever was measured."""

    min_strength: float | None = None
    """The least ``test_strength``; problems without one are left out."""


EVERYTHING = Selection()


def select(dataset: Dataset, selection: Selection, folder: Path) -> Dataset:
    """Return the selected problems of a build.

    Raises:
        BuildFolderError: What the selection needs was not measured for any problem; names ``folder`` and the command.
    """
    if selection == EVERYTHING:
        return dataset
    refuse_unmeasured((problem for split in SPLITS for problem in dataset[split]), selection, folder)
    return Dataset(**{split: [p for p in dataset[split] if is_selected(p, selection)] for split in SPLITS})


def refuse_unmeasured(problems: Iterable[Problem], selection: Selection, folder: Path) -> None:
    """Raise BuildFolderError where no problem has what a selection needs."""
    if selection.min_strength is not None and all(problem.test_strength is None for problem in problems):
        raise BuildFolderError(f"{folder} has no strengths of tests: measure them with apps-plus strength {folder}")


def is_selected(problem: Problem, selection: Selection) -> bool:
    """Return whether a problem is selected."""
    least = selection.min_strength
    return least is None or (problem.test_strength is not None and problem.test_strength >= least)
