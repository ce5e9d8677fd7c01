"""Classes of characters, and the runs of one class that a text is made of."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable

LOWER, UPPER, DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
CLASSES = (LOWER, UPPER, DIGITS)
BRACKETS = {"(": ")", "[": "]", "{": "}", "<": ">"}
_RUN = re.compile(r"[A-Z]+|[a-z]+|[0-9]+|.", re.DOTALL)
_MARKS = {LOWER: "a", UPPER: "A", DIGITS: "0"}


def class_of(character: str) -> str | None:
    """Return the class of a character: the lower-case letters, the upper-case letters, the digits, or None."""
    return next((one for one in CLASSES if character in one), None)


def runs(text: str) -> list[str]:
    """Split a text into the longest runs of lower-case letters, upper-case letters and digits, and other characters."""
    return _RUN.findall(text)


def kind_of_run(run: str) -> str:
    """Return ``a``, ``A`` or ``0`` for a run of a class, any other character itself."""
    own = class_of(run[0])
    return run if own is None else _MARKS[own]


def signature(text: str) -> tuple[str, ...]:
    """Return what a text looks like: the kinds of its runs, a capitalised word as one run."""
    kinds: list[str] = []
    for run in runs(text):
        kind = kind_of_run(run)
        if kind == "a" and kinds and kinds[-1] == "A":
            kinds[-1] = "a"
        else:
            kinds.append(kind)
    return tuple(kinds)


def is_balanced(text: str) -> bool:
    """Return whether the brackets of a text (``()[]{}``) are balanced."""
    expected: list[str] = []
    for character in text:
        if character in "([{":
            expected.append(BRACKETS[character])
        elif character in ")]}" and (not expected or expected.pop() != character):
            return False
    return not expected


def used(texts: Iterable[str]) -> list[str]:
    """Return the characters that occur, in order."""
    return sorted({character for text in texts for character in text})
