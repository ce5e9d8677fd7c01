"""Compares what a program produced with what was expected. Pure functions; the parent's side of the sandbox.

Texts are the standard output of a script, values the returned value of an entry point, parsed from JSON.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import Any

from apps_plus.problem import Comparison, unlimited_digits

TOLERANCE = 1e-6
"""Relative or absolute, for ``Comparison.FLOAT``."""

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def same_text(expected: str, actual: str, comparison: Comparison) -> bool:
    """Whether two standard outputs are equal in the given mode (not ``checker``, which a program decides)."""
    expected, actual = normalize_text(expected), normalize_text(actual)
    if expected == actual:
        return True
    if comparison is Comparison.TOKENS:
        return expected.split() == actual.split()
    if comparison is Comparison.FLOAT:
        return _all_close(expected.split(), actual.split())
    if comparison is Comparison.UNORDERED:
        return unordered_text(expected) == unordered_text(actual)
    return False


def normalize_text(text: str) -> str:
    """A text with ``\\n`` line ends, without trailing spaces on its lines and without trailing empty lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).rstrip("\n")


def unordered_text(text: str) -> Counter[str]:
    """The multiset of a text's lines, or of its tokens where it is one line."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    return Counter(lines if len(lines) > 1 else text.split())


def same_value(expected: Any, actual: Any, comparison: Comparison) -> bool:
    """Whether two JSON-like values are equal in the given mode.

    Integers and floats are equal as numbers; ``True`` is not ``1``. ``exact`` and ``tokens`` are the same here.
    """
    try:
        if comparison is Comparison.UNORDERED and isinstance(expected, list) and isinstance(actual, list):
            if len(expected) != len(actual):
                return False
            with unlimited_digits():
                return Counter(map(_key, expected)) == Counter(map(_key, actual))
        return _equal(expected, actual, tolerant=comparison is Comparison.FLOAT)
    except RecursionError:  # both are nested beyond what can be compared
        return False


def _key(value: Any) -> str:
    """A text that two values share exactly where they are equal.

    A text, since a program can choose numbers whose hashes all collide, but cannot know how texts are hashed.
    """
    if isinstance(value, list):
        return f"[{','.join(map(_key, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(sorted(f'{json.dumps(name)}:{_key(item)}' for name, item in value.items()))}}}"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and abs(value) >= 1 << 63:
        return hex(value)  # in decimal, a million huge numbers would take seconds
    return json.dumps(value)


def _equal(expected: Any, actual: Any, tolerant: bool) -> bool:
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, (int, float)) and isinstance(actual, (int, float)):
        if expected == actual:
            return True
        exact = isinstance(expected, int) and isinstance(actual, int)
        return tolerant and not exact and _close(expected, actual)
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(
            _equal(e, a, tolerant) for e, a in zip(expected, actual, strict=True)
        )
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(_equal(expected[k], actual[k], tolerant) for k in expected)
    return bool(type(expected) is type(actual) and expected == actual)


def _close(a: float, b: float) -> bool:
    try:
        return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    except OverflowError:
        return False


def _all_close(expected: list[str], actual: list[str]) -> bool:
    return len(expected) == len(actual) and all(map(_token_close, expected, actual))


def _token_close(expected: str, actual: str) -> bool:
    """Two integers must be equal: a relative tolerance would let 1000000 pass for 1000001."""
    if expected == actual:
        return True
    if len(actual) > 1000 + 2 * len(
        expected
    ):  # no number that is meant; reading it takes time that grows with its square
        return False
    if _INTEGER.fullmatch(expected) and _INTEGER.fullmatch(actual):
        return expected.lstrip("+") == actual.lstrip("+")
    if not (_DECIMAL.fullmatch(expected) and _DECIMAL.fullmatch(actual)):
        return False
    return math.isfinite(float(expected)) and _close(float(expected), float(actual))
