"""Check that the packages of apps-plus are its own, and not others of the same name.

Their names are common (``harness``), and ``python -m`` looks in the current folder first. Standard library only: this
runs before every command.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

from apps_plus.errors import InputError

PACKAGES = ("harness", "curation", "leaderboards", "stepcoder")
"""The packages that are installed beside ``apps_plus``."""

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH120, PTH100


def leave_current_folder() -> None:
    """Take the current folder off the import path, where ``python -m`` put it, unless apps-plus itself lies there.

    So a folder named ``harness`` in it is not imported in place of ours; the command ``apps-plus`` looks there neither.
    """
    first = sys.path[0] if sys.path else None
    if first is not None and not sys.flags.safe_path and _is_same(first or ".", os.curdir) and not _is_same(".", ROOT):
        del sys.path[0]


def refuse_other_packages() -> None:
    """Raise InputError if a package of apps-plus would be imported from elsewhere than beside ``apps_plus``."""
    for name in PACKAGES:
        place = _folder_of(name)
        if place is None:
            raise InputError(f"the package {name} is missing beside {ROOT}{os.sep}apps_plus: install apps-plus again")
        if not _is_same(os.path.dirname(place), ROOT):  # noqa: PTH120
            raise InputError(
                f"{place} is imported instead of apps-plus's package {name}: run apps-plus from another folder, or "
                "take that one off PYTHONPATH"
            )


def _folder_of(name: str) -> str | None:
    """Return the folder that a package would be imported from; None if there is no such package."""
    spec = find_spec(name)
    if spec is None:
        return None
    places = list(spec.submodule_search_locations or [])
    return places[0] if places else spec.origin


def _is_same(one: str, other: str) -> bool:
    try:
        return os.path.realpath(one) == os.path.realpath(other)
    except OSError:  # the current folder is gone
        return False
