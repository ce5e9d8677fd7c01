"""Select problems of a build by what was measured of them, or draw a sample. Pure functions."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from apps_plus.errors import BuildFolderError, InputError
from apps_plus.problem import Dataset, Problem
from apps_plus.storage import SPLITS


@dataclass(frozen=True, slots=True)
class Selection:
    """The problems that are wanted; None: whatever was measured."""

    min_strength: float | None = None
    """The least ``test_strength``; problems without one are left out."""
    solve_rate: tuple[float, float] | None = None
    """The least and the greatest solve rate; problems without one are left out."""
    solve_rate_model: str | None = None
    """The model whose solve rate counts; None: the rate over the samples of all models."""

    def __post_init__(self) -> None:
        """Raise InputError if the least strength is none, or the range of solve rates."""
        if self.min_strength is not None and not _is_share(self.min_strength):
            raise InputError(f"{self.min_strength!r} is no strength of tests: give a number from 0 to 1")
        if self.solve_rate is not None and not _is_range(self.solve_rate):
            raise InputError(
                f"{self.solve_rate!r} is no range of solve rates: give two from 0 to 1, the lower one first"
            )


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value <= 1


def _is_range(value: object) -> bool:
    """Return whether a value is a pair of shares, the lower one first."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        return False
    low, high = value
    return _is_share(low) and _is_share(high) and low <= high


EVERYTHING = Selection()


def parse_range(text: str) -> tuple[float, float]:
    """Parse a range of solve rates: ``0.05:0.95``, ``:0.5`` or ``0.5:``. Raises InputError."""
    low, colon, high = text.partition(":")
    try:
        bounds = (float(low or 0), float(high or 1))
        if not (colon and 0 <= bounds[0] <= bounds[1] <= 1):
            raise ValueError
    except ValueError:
        raise InputError(f"{text!r} is no range of solve rates: write LOW:HIGH, such as 0.05:0.95") from None
    return bounds


def select(dataset: Dataset, selection: Selection, folder: Path) -> Dataset:
    """Return the selected problems of a build.

    Raises:
        BuildFolderError: What the selection needs was not measured for any problem; names ``folder`` and the command.
    """
    if selection == EVERYTHING:
        return dataset
    refuse_unmeasured([problem for split in SPLITS for problem in dataset[split]], selection, folder)
    return Dataset(**{split: [p for p in dataset[split] if is_selected(p, selection)] for split in SPLITS})


def refuse_unmeasured(problems: Iterable[Problem], selection: Selection, folder: Path) -> None:
    """Raise BuildFolderError where no problem has what a selection needs."""
    problems = list(problems)
    if selection.min_strength is not None and all(problem.test_strength is None for problem in problems):
        raise BuildFolderError(f"{folder} has no strengths of tests: measure them with apps-plus strength {folder}")
    if selection.solve_rate is None:
        return
    models = dict.fromkeys(rate.model for problem in problems for rate in problem.solve_rates)
    if all(problem.solve_rate is None for problem in problems):
        raise BuildFolderError(
            f"{folder} has no solve rates: measure them with apps-plus difficulty {folder} --samples FILE"
        )
    if selection.solve_rate_model is not None and selection.solve_rate_model not in models:
        raise BuildFolderError(
            f"{folder} has no solve rates of {selection.solve_rate_model}, only of {', '.join(models)}"
        )


def is_selected(problem: Problem, selection: Selection) -> bool:
    """Return whether a problem is selected."""
    least, rates = selection.min_strength, selection.solve_rate
    if least is not None and (problem.test_strength is None or problem.test_strength < least):
        return False
    if rates is None:
        return True
    rate = solve_rate_of(problem, selection.solve_rate_model)
    return rate is not None and rates[0] <= rate <= rates[1]


def solve_rate_of(problem: Problem, model: str | None = None) -> float | None:
    """Return the solve rate of a model, or over all samples; None without samples."""
    if model is None:
        return problem.solve_rate
    return next((rate.rate for rate in problem.solve_rates if rate.model == model), None)


def draw_sample(strata: Mapping[str, Hashable], n: int) -> set[str]:
    """Draw ``n`` problems, from each stratum in proportion to its size; all problems, if there are no more.

    Within a stratum problems are in the order of a hash of their ids, so that the same ids give the same sample; a
    larger sample holds the smaller ones. Shares are Webster's (Sainte-Lague's): the problem at place r of the m
    in its stratum comes at (r + 1/2) / m.

    Args:
        strata: The stratum of each problem id, such as (split, difficulty).
        n: Problems to draw.
    """
    members: dict[Hashable, list[tuple[str, str]]] = {}
    for problem_id, stratum in strata.items():
        members.setdefault(stratum, []).append((hashlib.sha256(problem_id.encode()).hexdigest(), problem_id))
    places = (
        ((2 * place + 1) / (2 * len(hashed)), digest, problem_id)
        for hashed in members.values()
        for place, (digest, problem_id) in enumerate(sorted(hashed))
    )
    return {problem_id for _, _, problem_id in sorted(places)[:n]}
