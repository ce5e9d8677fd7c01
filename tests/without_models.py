"""A pytest plugin that hides what only models need, as on a machine where none of it is installed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

MODEL_PACKAGES = {"torch", "transformers", "tokenizers", "accelerate", "peft", "trl", "verl", "tensorboard"}


class OtherPackages(PathFinder):
    """Finds every package but these."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in MODEL_PACKAGES:
            return None
        return PathFinder.find_spec(fullname, path, target)


sys.meta_path[:] = [OtherPackages if finder is PathFinder else finder for finder in sys.meta_path]
