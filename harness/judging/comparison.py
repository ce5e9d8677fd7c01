"""Compare an output with the expected one. Pure functions; they run in the parent process, outside the sandbox.

Texts are the standard output of a script; values are what an entry point returned, parsed from JSON.
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
    """Return whether two standard outputs are equal in the given mode (not ``checker``, which needs a program).

    Args:
        expected: The expected output.
        actual: The printed output.
        comparison: The mode.
        tolerance: For ``float``.
        cases: For ``unordered``: how to split an output into cases (``harness.judging.cases``).
        real: For ``float`` with a tolerance from the statement: the places where integers stand for real numbers
            (``harness.judging.numbers``); EVERYWHERE: found from this output alone.
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
    """Normalise line ends to ``\\n``, and remove trailing spaces of lines and trailing empty lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).rstrip("\n")


def same_value(
    expected: Any,
    actual: Any,
    comparison: Comparison,
    tolerance: Tolerance = USUAL_TOLERANCE,
    real: Places | None = EVERYWHERE,
) -> bool:
    """Return whether two JSON-like values are equal in the given mode; for the arguments see ``same_text``.

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
    """Return the places where expected integers stand for real numbers: none, unless the statement allows an error."""
    if not tolerance.is_stated:
        return frozenset()
    return real_places([expected], call_based) if real is EVERYWHERE else real


def _key(value: Any) -> str:
    """Return a text that is equal for two values exactly if the values are equal.

    Text, since a program can choose numbers whose hashes collide, but cannot predict the hashes of text.
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
