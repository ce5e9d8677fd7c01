"""Compares what a program produced with what was expected. Pure functions; the parent's side of the sandbox.

Texts are the standard output of a script, values the returned value of an entry point, parsed from JSON.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from apps_plus.problem import USUAL_TOLERANCE, Comparison, Tolerance, unlimited_digits
from harness.judging.cases import same_unordered
from harness.judging.numbers import EVERYWHERE, Places, real_places, same_values, same_words


def same_text(
    expected: str,
    actual: str,
    comparison: Comparison,
    tolerance: Tolerance = USUAL_TOLERANCE,
    cases: str = "",
    real: Places | None = EVERYWHERE,
) -> bool:
    """Whether two standard outputs are equal in the given mode (not ``checker``, which a program decides).

    Args:
        expected: The expected output.
        actual: What was printed.
        comparison: The mode.
        tolerance: For ``float``.
        cases: For ``unordered``: how the cases of one output are told apart (``harness.judging.cases``).
        real: For ``float`` with a tolerance that the statement states: where integers stand for real numbers
            (``harness.judging.numbers``); EVERYWHERE reads it off this output alone.
    """
    expected, actual = normalize_text(expected), normalize_text(actual)
    if expected == actual:
        return True
    if comparison is Comparison.TOKENS:
        return expected.split() == actual.split()
    if comparison is Comparison.CASE:
        return expected.lower().split() == actual.lower().split()
    if comparison is Comparison.FLOAT:
        return same_words(expected, actual, tolerance, _places(expected, False, tolerance, real))
    if comparison is Comparison.UNORDERED:
        return same_unordered(expected, actual, cases)
    return False


def normalize_text(text: str) -> str:
    """A text with ``\\n`` line ends, without trailing spaces on its lines and without trailing empty lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).rstrip("\n")


def same_value(
    expected: Any,
    actual: Any,
    comparison: Comparison,
    tolerance: Tolerance = USUAL_TOLERANCE,
    real: Places | None = EVERYWHERE,
) -> bool:
    """Whether two JSON-like values are equal in the given mode; for the arguments see ``same_text``.

    Integers and floats are equal as numbers; ``True`` is not ``1``. ``exact`` and ``tokens`` are the same here.
    """
    try:
        if comparison is Comparison.UNORDERED and isinstance(expected, list) and isinstance(actual, list):
            if len(expected) != len(actual):
                return False
            with unlimited_digits():
                return Counter(map(_key, expected)) == Counter(map(_key, actual))
        if comparison is Comparison.FLOAT:
            return same_values(expected, actual, tolerance, _places(expected, True, tolerance, real))
        return same_values(expected, actual, None, any_case=comparison is Comparison.CASE)
    except RecursionError:  # both are nested beyond what can be compared
        return False


def _places(expected: Any, call_based: bool, tolerance: Tolerance, real: Places | None) -> Places | None:
    """Where an expected integer stands for a real number: nowhere, unless the statement allows an error."""
    if not tolerance.is_stated:
        return frozenset()
    return real_places([expected], call_based) if real is EVERYWHERE else real


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
