"""Shorten texts for evidence. Pure functions."""

from __future__ import annotations

from apps_plus.problem import dump_json

SHOWN = 400
"""Characters of one text in evidence."""


def as_text(value: object) -> str:
    """Return a text unchanged, any other value as JSON."""
    return value if isinstance(value, str) else dump_json(value)


def shorten(text: str, limit: int = SHOWN) -> str:
    """Cut the middle out of a text that is longer than the limit, in characters."""
    if len(text) <= limit:
        return text
    half = (limit - 20) // 2
    return f"{text[:half]} ...[{len(text) - 2 * half} more]... {text[-half:]}"


def shorten_pair(expected: str, actual: str, limit: int = SHOWN) -> tuple[str, str]:
    """Cut two texts to the limit, in characters, around their first difference."""
    if max(len(expected), len(actual)) <= limit:
        return expected, actual
    start = max(0, first_difference(expected, actual) - limit // 2)
    return _window(expected, start, limit), _window(actual, start, limit)


def first_difference(a: str, b: str) -> int:
    """Return the first position where two texts differ; the length of the shorter one if it begins the other."""
    shorter = min(len(a), len(b))
    return next((i for i in range(shorter) if a[i] != b[i]), shorter)


def _window(text: str, start: int, limit: int) -> str:
    before = f"[{start} before]... " if start else ""
    left = len(text) - start - limit
    after = f" ...[{left} more]" if left > 0 else ""
    return before + text[start : start + limit] + after
