"""Replace parts of a program's text. Pure functions."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """A part of a source in UTF-8 bytes, the end exclusive, and the text in its place."""

    start: int
    end: int
    text: str


def place_of(source: str, node: ast.stmt) -> tuple[int, int]:
    """Return the first and the end of a statement's bytes."""
    starts = [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    assert node.end_lineno is not None and node.end_col_offset is not None, "ast.parse sets them"
    return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset


def apply_edits(source: str, edits: Iterable[Edit]) -> str:
    """Return a source with its edits, which do not overlap."""
    data = source.encode()
    for edit in sorted(edits, reverse=True):
        data = data[: edit.start] + edit.text.encode() + data[edit.end :]
    return data.decode()
