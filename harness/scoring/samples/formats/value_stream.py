"""Read JSON objects one after another that may span several lines, with or without commas between."""

from __future__ import annotations

import json
import re
from typing import Any

from apps_plus.problem import unlimited_digits

_BETWEEN = re.compile(r"[\s,]*")


def objects_one_after_another(text: str, line: int = 1) -> list[tuple[int, Any]] | None:
    """Return the objects in a text, each with the number of its first line; None if there is anything else.

    Args:
        text: The whole text.
        line: The number of its first line.
    """
    decoder = json.JSONDecoder()
    found: list[tuple[int, Any]] = []
    at, counted = _after_blanks(text, 0), 0
    with unlimited_digits():
        while at < len(text):
            line, counted = line + text.count("\n", counted, at), at
            try:
                value, at = decoder.raw_decode(text, at)
            except (ValueError, RecursionError):
                return None
            if not isinstance(value, dict):
                return None
            found.append((line, value))
            at = _after_blanks(text, at)
    return found


def _after_blanks(text: str, at: int) -> int:
    blanks = _BETWEEN.match(text, at)
    return blanks.end() if blanks is not None else at
