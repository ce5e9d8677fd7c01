"""Finds out whether a model was sampled at all: where it was, the samples of a problem differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Repeats:
    """Whether all samples of each problem are the same."""

    def __init__(self) -> None:
        self.samples = 0
        """That have another sample of the same problem before them."""
        self.differ = False
        self._first: dict[str, int] = {}

    def add(self, row: Mapping[str, Any]) -> None:
        """Look at one more sample; an empty one says nothing."""
        written = (row.get("reasoning") or "", row["completion"])
        if not any(written):
            return
        own = hash(written)
        self.samples += row["task_id"] in self._first
        self.differ = self.differ or own != self._first.setdefault(row["task_id"], own)
