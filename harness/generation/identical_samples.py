"""Detect that all samples of each problem are identical: the model was probably not sampled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class IdenticalSamples:
    """Compare the samples of each problem with each other, one line of the samples file at a time."""

    def __init__(self) -> None:
        self._first: dict[str, int] = {}
        self._compared = 0
        self._differ = False

    @property
    def found(self) -> bool:
        """True if all non-empty samples of each problem are identical, and some problem has two or more."""
        return self._compared > 0 and not self._differ

    def add(self, row: Mapping[str, Any]) -> None:
        """Compare one more sample with the first of its problem; ignore an empty one."""
        written = (row.get("reasoning") or "", row["completion"])
        if not any(written):
            return
        digest = hash(written)
        self._compared += row["task_id"] in self._first
        self._differ = self._differ or digest != self._first.setdefault(row["task_id"], digest)
