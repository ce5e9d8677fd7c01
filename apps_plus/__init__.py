"""APPS+ made reproducible: the dataset's types, its storage, and the ``apps-plus`` command.

import apps_plus
dataset = apps_plus.load("DIR")        # a folder that `apps-plus build` made
dataset.train[0].canonical_solution
dataset.problem("train/0042")          # in any split of the build: an id has the split of raw APPS
dataset.to_pandas()                    # or .to_datasets(): the columns of the released files
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apps_plus.problem import Comparison, Conditional, Dataset, DictKeys, Problem, RawProblem, Tests

__version__ = "0.1.0"
__all__ = ["Comparison", "Conditional", "Dataset", "DictKeys", "Problem", "RawProblem", "Tests", "load"]


def __getattr__(name: str) -> Any:
    """Import ``apps_plus.problem`` when one of its names is first used: ``apps-plus --help`` needs none."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from apps_plus import problem

    return getattr(problem, name)


def load(
    folder: str | Path,
    *,
    min_strength: float | None = None,
    solve_rate: tuple[float, float] | None = None,
    solve_rate_model: str | None = None,
) -> Dataset:
    """Load the released problems of a build, by split.

    Args:
        folder: The folder of the build.
        min_strength: Only problems whose tests reject at least this share of wrong programs (``test_strength``).
        solve_rate: Only problems with a solve rate from the first of these numbers to the second: ``(0.05, 0.95)``.
        solve_rate_model: The model whose solve rate counts; by default the rate over the samples of all models.

    Raises:
        BuildFolderError: The folder is not a build, or a selection needs what was not measured for it.
        InputError: ``solve_rate`` is no range.
    """
    from apps_plus.selection import Selection, select
    from apps_plus.storage import load

    return select(load(Path(folder)), Selection(min_strength, solve_rate, solve_rate_model), Path(folder))
