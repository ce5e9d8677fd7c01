"""Read what a statement says of the size of answers: an input whose answer is beyond it is none of the problem's."""

from __future__ import annotations

import re
from typing import Any

from curation.generated_tests.stated_ranges import sentences

_BITS = re.compile(
    r"\b(?:answers?|results?|outputs?|areas?|product|this sum)\b.{0,100}?\bfits?\b.{0,60}?\b(32|64)[- ]?bits?\b(.*)",
    re.IGNORECASE,
)
_UNSIGNED = re.compile(r"\bunsigned\b|\bbinary number\b", re.IGNORECASE)
_NO_PROMISE = re.compile(r"\bif\b|\bnot fit\b|n['’]t fit\b|\bmay not\b|\bmodulo\b", re.IGNORECASE)
_INTEGER = re.compile(r"(?<![\w.])-?\d{10,}(?![\w.])")
"""Integers that may be beyond 32 bits; shorter ones are not."""
LONGEST = 21
"""Characters of an integer of 64 bits at most."""


def largest_answer(question: str) -> int | None:
    """Return the largest integer of an answer that fits in the bits that a statement states; None: it states none."""
    for sentence in sentences(question):
        found = _BITS.search(sentence)
        if found is not None and not _NO_PROMISE.search(sentence):
            unsigned = _UNSIGNED.search(found[0]) is not None
            return (1 << int(found[1]) - (not unsigned)) - 1
    return None


def is_within(output: Any, largest: int | None) -> bool:
    """Return whether no integer of an answer is beyond the largest one, on either side of zero.

    Args:
        output: The text that a program printed, or the value that it returned.
        largest: As of ``largest_answer``; None allows all.
    """
    if largest is None or isinstance(output, bool):
        return True
    if isinstance(output, str):
        numbers = _INTEGER.findall(output)
        return all(len(number) <= LONGEST and -largest - 1 <= int(number) <= largest for number in numbers)
    if isinstance(output, int):
        return -largest - 1 <= output <= largest
    children = output.values() if isinstance(output, dict) else output if isinstance(output, list) else ()
    return all(is_within(child, largest) for child in children)
