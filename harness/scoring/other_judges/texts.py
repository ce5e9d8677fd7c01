"""Compare a script's output with the expected one as each judge does. Pure functions.

- LiveCodeBench: as many lines as expected; each equal, or equal as a list of decimal numbers. White space around the
  whole and around lines does not count.
- verl: equal after removing white space around the whole, around lines, and empty lines; or each line is one number,
  and they are close (relative 1e-5, absolute 1e-8). Lines that are all whole numbers of digits alone must be equal.
- APPS: as verl, whole numbers too; else as sets: the set of lines, each the set of its words, or the same with words as
  numbers rounded to three decimals.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation

from harness.scoring.other_judges.judges import OtherJudge
from harness.scoring.other_judges.reasons import Reason

RELATIVE, ABSOLUTE = 1e-5, 1e-8
"""numpy.allclose's tolerances."""
ROUNDED = 3
"""Decimals to which APPS's judge rounds."""


def acceptance(judge: OtherJudge, expected: str, actual: str) -> Reason | None:
    """Return the way in which a judge accepts an output, the strictest first; None: it does not accept it."""
    if judge is OtherJudge.LIVECODEBENCH:
        return _livecodebench(expected, actual)
    lines = actual.splitlines()
    if expected.strip() in ("\n".join(lines).strip(), "\n".join(_stripped(lines)).strip()):
        return Reason.WHITE_SPACE
    wanted = _stripped(line for line in expected.split("\n") if line)
    lines = [line for line in lines if line]
    if lines == wanted:
        return Reason.WHITE_SPACE
    if (judge is OtherJudge.APPS or not _all_digits([*lines, *wanted])) and _all_close(lines, wanted):
        return Reason.NEAR_NUMBERS
    return _as_sets(lines, wanted) if judge is OtherJudge.APPS else None


def _stripped(lines: Iterable[str]) -> list[str]:
    return [line.strip() for line in lines]


def _livecodebench(expected: str, actual: str) -> Reason | None:
    lines, wanted_lines = (_stripped(text.strip().split("\n")) for text in (actual, expected))
    if len(lines) != len(wanted_lines):
        return None
    reason = Reason.WHITE_SPACE
    for wanted, line in zip(wanted_lines, lines, strict=True):
        if wanted != line:
            reason = Reason.NUMBER_FORMAT
            numbers = _decimals(line)
            if numbers is None or numbers != _decimals(wanted):
                return None
    return reason


def _decimals(line: str) -> list[Decimal] | None:
    try:
        return [Decimal(word) for word in line.split()]
    except InvalidOperation:
        return None


def _all_digits(lines: Sequence[str]) -> bool:
    return all(line.isdigit() for line in lines)


def _floats(words: Sequence[str]) -> list[float] | None:
    try:
        return [float(word) for word in words]
    except ValueError:
        return None


def _all_close(lines: Sequence[str], wanted: Sequence[str]) -> bool:
    """Return whether two lists of lines are numbers that are close, as ``numpy.allclose`` says."""
    if len(lines) != len(wanted):
        return False
    found, expected = _floats(lines), _floats(wanted)
    return found is not None and expected is not None and all(map(_close, found, expected))


def _close(a: float, b: float) -> bool:
    return a == b or (math.isfinite(b) and abs(a - b) <= ABSOLUTE + RELATIVE * abs(b))


def _as_sets(lines: Sequence[str], wanted: Sequence[str]) -> Reason | None:
    found = [words for line in lines if (words := line.split())]
    expected = [line.split() for line in wanted]
    if set(map(frozenset, found)) == set(map(frozenset, expected)):
        return Reason.WORDS_AS_SET
    try:
        return Reason.NEAR_NUMBERS if _rounded(found) == _rounded(expected) else None
    except (ValueError, OverflowError):  # words, or an infinite number
        return None


def _rounded(lines: Iterable[Sequence[str]]) -> set[frozenset[float]]:
    return {frozenset(round(float(word), ROUNDED) for word in line) for line in lines}


def rejection(expected: str, actual: str) -> Reason:
    """Return why a judge rejects an output that is right here: white space, or numbers that are written otherwise."""
    return Reason.WHITE_SPACE if expected.split() == actual.split() else Reason.FLOATS
