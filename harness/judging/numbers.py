"""Compare an answered number with the expected one. Pure functions, exact where the expected number is an integer.

An expected number that is written as an integer must be matched exactly: for ``998244352``, ``998244352.0`` is equal,
``998244353.0`` and ``9.982443e8`` are not. A number with a decimal point may differ by the tolerance.

If the statement allows an error, an expected integer may stand for a real number: some references print 3.0 as ``3``.
The expected outputs of the problem show which numbers are real, by their position (``real_places``):

- A position is real if any output has a number with a decimal point there. So in "the count, then the mean" the count
  stays an integer.
- If no expected output of the problem has a decimal point, every number is real; only two integers must still be
  equal, since an answered integer was not rounded.
- If the statement allows no error, no position is real.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from apps_plus.problem import Tolerance

Place = Hashable
Places = frozenset[Place]
EVERYWHERE: Final = None
"""Instead of a set of places: no expected output has a decimal point."""
NOWHERE: Final[Places] = frozenset()
FEW = 3
"""Longest line (words) or list (elements) whose items have places of their own; items of longer ones share one."""
ROUNDING = 1e-9
"""Share by which a tolerance is widened: 0.51 is within 0.01 of 0.5, though not in binary."""

_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)")
_DIGITS = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def is_real(word: str) -> bool:
    """Return whether a word is a number that is written with a decimal point or an exponent."""
    return _DECIMAL.fullmatch(word) is not None and _DIGITS.fullmatch(word) is None


# ---- places of numbers


def real_places(outputs: Iterable[Any], call_based: bool) -> Places | None:
    """Return the places at which expected numbers are real; EVERYWHERE if none has a decimal point."""
    places = _places_of_values(outputs) if call_based else _places_of_words(outputs)
    return frozenset(places) or EVERYWHERE


def _places_of_words(outputs: Iterable[str]) -> Iterator[Place]:
    for output in outputs:
        for words in map(str.split, output.splitlines()):
            yield from (place_of(words, index) for index, word in enumerate(words) if is_real(word))


def place_of(items: Sequence[Any], index: int) -> Place:
    """Return the place of an item in its line or list; all items of a long one share a place."""
    return "*" if len(items) > FEW else (len(items), index)


def _places_of_values(values: Iterable[Any], place: tuple[Place, ...] = ()) -> Iterator[Place]:
    for value in values:
        if isinstance(value, float):
            yield place
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from _places_of_values([item], (*place, place_of(value, index)))
        elif isinstance(value, dict):
            for name, item in value.items():
                yield from _places_of_values([item], (*place, name))


# ---- words


def same_words(expected: str, actual: str, tolerance: Tolerance, real: Places | None = NOWHERE) -> bool:
    """Return whether two texts have equal words, with numbers compared by the tolerance."""
    words = actual.split()
    lines = [line.split() for line in expected.splitlines()]
    if len(words) != sum(map(len, lines)):
        return False
    rest = iter(words)
    return all(
        word == (answered := next(rest)) or _same_word(word, answered, tolerance, real, line, index)
        for line in lines
        for index, word in enumerate(line)
    )


def _same_word(
    expected: str, actual: str, tolerance: Tolerance, real: Places | None, line: Sequence[str], index: int
) -> bool:
    if real is EVERYWHERE:
        return same_number(expected, actual, tolerance, is_real_place=_DIGITS.fullmatch(actual) is None)
    return same_number(expected, actual, tolerance, is_real_place=place_of(line, index) in real)


def same_number(expected: str, actual: str, tolerance: Tolerance, is_real_place: bool = False) -> bool:
    """Return whether two words are equal numbers: the same integer, or within the tolerance."""
    if len(actual) > 1000 + 2 * len(expected):  # parsing takes quadratic time
        return False
    if not (_DECIMAL.fullmatch(expected) and _DECIMAL.fullmatch(actual)):
        return False
    if _DIGITS.fullmatch(expected) and not (is_real_place and _INTEGER.fullmatch(expected)):
        return _is_integer(expected, actual)
    return _close(float(expected), float(actual), tolerance)


def _is_integer(expected: str, actual: str) -> bool:
    """Return whether a number equals this integer exactly. ``007`` counts as text, equal to itself only."""
    if _DIGITS.fullmatch(actual):
        return expected.lstrip("+") == actual.lstrip("+")
    if not _INTEGER.fullmatch(expected):
        return False
    try:
        return Decimal(expected) == Decimal(actual)
    except InvalidOperation:  # an exponent beyond what a Decimal holds
        return False


def _close(expected: float, actual: float, tolerance: Tolerance) -> bool:
    try:
        return math.isfinite(expected) and math.isclose(
            expected,
            actual,
            rel_tol=tolerance.relative * (1 + ROUNDING),
            abs_tol=tolerance.absolute * (1 + ROUNDING),
        )
    except OverflowError:  # an integer beyond what a float holds
        return False


# ---- values


def same_values(
    expected: Any, actual: Any, tolerance: Tolerance | None, real: Places | None = NOWHERE, any_case: bool = False
) -> bool:
    """Return whether two JSON-like values are equal. Raises RecursionError if they are nested too deep.

    Args:
        expected: The expected value.
        actual: The returned value.
        tolerance: The tolerance of numbers; None: they must be equal.
        real: The places where an expected integer is a real number.
        any_case: Ignore the case of letters.
    """

    def same(expected: Any, actual: Any, place: tuple[Place, ...]) -> bool:
        if isinstance(expected, bool) or isinstance(actual, bool):
            return expected is actual
        if isinstance(expected, (int, float)) and isinstance(actual, (int, float)):
            return expected == actual or _within(expected, actual, place)
        if isinstance(expected, list) and isinstance(actual, list):
            return len(expected) == len(actual) and all(
                same(e, a, (*place, place_of(expected, i)) if real else place)
                for i, (e, a) in enumerate(zip(expected, actual, strict=True))
            )
        if isinstance(expected, dict) and isinstance(actual, dict):
            return expected.keys() == actual.keys() and all(same(expected[k], actual[k], (*place, k)) for k in expected)
        if any_case and isinstance(expected, str) and isinstance(actual, str):
            return expected.lower() == actual.lower()
        return bool(type(expected) is type(actual) and expected == actual)

    def _within(expected: float, actual: float, place: tuple[Place, ...]) -> bool:
        if tolerance is None:
            return False
        if isinstance(expected, int):
            is_real_place = isinstance(actual, float) if real is EVERYWHERE else place in real
            if not is_real_place:
                return False
        return _close(expected, actual, tolerance)

    return same(expected, actual, ())
