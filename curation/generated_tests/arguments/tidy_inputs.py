"""Undo two accidents of raw APPS in given inputs, so that new ones do not repeat them.

LeetCode's texts came with their quotes (``"\\"abc\\""`` for ``abc``), some of its matrices with empty rows at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any


def tidy(inputs: Sequence[list[Any]]) -> list[list[Any]]:
    """Return the inputs without the quotes around the texts of an argument, and without empty rows at the end."""
    count = max(map(len, inputs))
    quoted = [_is_quoted([given[at] for given in inputs if at < len(given)]) for at in range(count)]
    tidied = [[_unquote(value) if quoted[at] else value for at, value in enumerate(given)] for given in inputs]
    if len(tidied) == 1:
        return [[_without_empty_rows(value, _lengths(tidied[0], at)) for at, value in enumerate(tidied[0])]]
    return tidied


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)


def _is_quoted(values: list[Any]) -> bool:
    texts = list(_texts(values))
    return bool(texts) and all(len(text) >= 2 and text[0] == text[-1] == '"' for text in texts)


def _unquote(value: Any) -> Any:
    if isinstance(value, str):
        return value[1:-1]
    return [_unquote(child) for child in value] if isinstance(value, list) else value


def _lengths(arguments: Sequence[Any], but: int) -> frozenset[int]:
    """Return the lengths of the other lists: rows that two lists have in common are no accident.

    They are one in two matrices that both have empty rows at the end.
    """
    others = [value for at, value in enumerate(arguments) if at != but and isinstance(value, list)]
    if _is_padded(arguments[but]):
        others = [value for value in others if not _is_padded(value)]
    return frozenset(map(len, others))


def _is_padded(value: Any) -> bool:
    """Return whether a value is a matrix of two rows or more, with empty ones at the end."""
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        return False
    full = [row for row in value if row]
    return 2 <= len(full) < len(value) and value[: len(full)] == full and len(set(map(len, full))) == 1


def _without_empty_rows(value: Any, lengths: frozenset[int]) -> Any:
    if not isinstance(value, list) or len(value) < 2 or not all(isinstance(row, list) for row in value):
        return value
    rows = list(value)
    while len(rows) > 1 and not rows[-1] and rows[0] and len(rows) not in lengths:
        rows.pop()
    return rows
