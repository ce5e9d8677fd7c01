"""Detect how an output divides into cases, from the statement and all tests. Pure functions.

The result is the ``cases`` of a comparison rule (``harness.judging.cases``). The lines of an output with several cases
must never be compared in any order as a whole: if it is not certain which lines belong together, the result is
``unknown``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from harness.judging.cases import (
    BLOCKS,
    COUNTED,
    ONE_LINE,
    UNKNOWN,
    WHOLE,
    block_sizes,
    counted_sizes,
    is_label,
    lines_of,
)

_CASE = r"(?:test[ -]?cases?|tests?|data[ -]?sets?|scenarios?|cases?|quer(?:y|ies)|instances?)"
_SEVERAL = re.compile(
    rf"""
      \bnumber\ of\ (?:the\ |independent\ |different\ )?{_CASE}\b
    | \b(?:several|multiple|many|[tq])\ (?:independent\ |different\ )?{_CASE}\b
    | \b{_CASE}\ (?:follow|are\ given|is\ described|are\ described)\b
    | \b(?:for|of|in)\ each\ (?:of\ the\ )?(?:\w+\ )?{_CASE}\b
    | \beach\ {_CASE}\ (?:contains?|consists?|begins?|starts?|is|has|case)\b
    | \binteger\ [tq]\b | \bcontains\ [tq]\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def has_several_cases(question: str) -> bool:
    """Return whether one input holds several cases by the statement: "the number of test cases", "for each query"."""
    return _SEVERAL.search(" ".join(re.sub(r"[$*`_]", "", question).split())) is not None


def detect_cases(question: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> str:
    """Return how the outputs of a standard-input problem divide into cases.

    All tests must agree: on labels; on as many groups "a number, so many lines" as the input has cases; on an equal
    number of lines for each case, of the same kind in every case; or on as many blocks between blank lines.
    """
    texts = [str(output) for output in outputs]
    sizes = [len(lines_of(text)) for text in texts]
    if not has_several_cases(question):
        if all(size <= 1 for size in sizes):
            return ONE_LINE
        return WHOLE if all(len(block_sizes(text)) <= 1 for text in texts) else BLOCKS
    if texts and all(is_label(line) for text in texts for line in lines_of(text)):
        return ONE_LINE
    if texts and all(is_label(lines[0]) for text in texts if (lines := lines_of(text))):
        return BLOCKS
    counts = [count for given in inputs if (count := count_of_cases(str(given))) is not None]
    if len(counts) < len(texts) or not counts:
        return UNKNOWN
    pairs = list(zip(texts, counts, strict=True))
    if all(size == count for size, count in zip(sizes, counts, strict=True)):
        return ONE_LINE
    if all(_groups(text) == count for text, count in pairs):
        return COUNTED
    if all(len(block_sizes(text)) == count for text, count in pairs):
        return BLOCKS
    each = {divmod(size, count) if count else (0, 0) for size, count in zip(sizes, counts, strict=True)}
    if len(each) == 1 and (size := each.pop())[1] == 0 and _alike(texts, size[0]) and sum(counts) > 1:
        return str(size[0])
    return UNKNOWN


def count_of_cases(given: str) -> int | None:
    """Return the number that is alone on the first line of an input, or None."""
    first = next((line.strip() for line in given.splitlines() if line.strip()), "")
    return int(first) if first.isascii() and first.isdecimal() and len(first) < 10 else None


def _groups(text: str) -> int | None:
    """Count the groups of an output that is groups of "a number, so many lines"; None for any other output."""
    lines = lines_of(text)
    if counted_sizes(lines) is None:
        return None
    at = groups = 0
    while at < len(lines):
        at, groups = at + 1 + int(lines[at]), groups + 1
    return groups


def _alike(texts: Sequence[str], size: int) -> bool:
    """Return whether the first lines of all cases are of one kind, the second lines too, and so on."""
    if size < 1:
        return False
    kinds = [{_kind(line) for text in texts for line in lines_of(text)[position::size]} for position in range(size)]
    return all(len(kind) == 1 for kind in kinds)


def _kind(line: str) -> str:
    words = line.split()
    return f"{'one' if len(words) == 1 else 'several'} {'numbers' if all(map(_is_number, words)) else 'words'}"


def _is_number(word: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(?:\.\d+)?", word) is not None
