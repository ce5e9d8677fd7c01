"""APPS+ made reproducible: the dataset's types, its storage, and the ``apps-plus`` command.

import apps_plus
dataset = apps_plus.load("DIR")        # a folder that `apps-plus build` made
dataset.train[0].canonical_solution
"""

from __future__ import annotations

from pathlib import Path

from apps_plus.problem import Comparison, Conditional, Dataset, DictKeys, Problem, RawProblem, Tests

__version__ = "0.1.0"
__all__ = ["Comparison", "Conditional", "Dataset", "DictKeys", "Problem", "RawProblem", "Tests", "load"]


def load(folder: str | Path) -> Dataset:
    """Load the released problems of a build, by split. Raises BuildFolderError where the folder is not a build."""
    from apps_plus.storage import load

    return load(Path(folder))
