"""Cuts texts to what a person needs to see. Pure functions."""

from __future__ import annotations

from apps_plus.problem import dump_json

SHOWN = 400
"""Characters of one text that evidence holds."""


def as_text(value: object) -> str:
    """A text as it is, another value as JSON."""
    return value if isinstance(value, str) else dump_json(value)


def shorten(text: str, limit: int = SHOWN) -> str:
    """A text that fits, its middle left out where it is long."""
    if len(text) <= limit:
        return text
    half = (limit - 20) // 2
    return f"{text[:half]} ...[{len(text) - 2 * half} more]... {text[-half:]}"


def shorten_pair(expected: str, actual: str, limit: int = SHOWN) -> tuple[str, str]:
    """Two texts that fit, both cut around the first place where they differ."""
    if max(len(expected), len(actual)) <= limit:
        return expected, actual
    start = max(0, first_difference(expected, actual) - limit // 2)
    return _window(expected, start, limit), _window(actual, start, limit)


def first_difference(a: str, b: str) -> int:
    """The first position where two texts differ; the shorter one's length where it begins the other."""
    shorter = min(len(a), len(b))
    return next((i for i in range(shorter) if a[i] != b[i]), shorter)


def _window(text: str, start: int, limit: int) -> str:
    before = f"[{start} before]... " if start else ""
    left = len(text) - start - limit
    after = f" ...[{left} more]" if left > 0 else ""
    return before + text[start : start + limit] + after
