"""Choose how many cases of a large family of tests run: all of them in ``make test-all``, a share otherwise."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

EVERY_CASE = bool(os.environ.get("EVERY_CASE"))
"""Set by ``make test-all``, which takes half an hour."""

Case = TypeVar("Case")


def share(cases: Sequence[Case], one_in: int, start: int = 0) -> Sequence[Case]:
    """Return every ``one_in``-th case from ``start`` on, or all of them."""
    return cases if EVERY_CASE else cases[start::one_in]
