"""Split an output into cases, for the ``unordered`` comparison: order is free within a case only. Pure functions.

``Problem.cases`` records how to split; ``curation.pipeline.case_structure`` detects it:

- ``1``: each line is a case; its words may come in any order.
- ``2``, ``3``, ...: each case has this number of lines, which may come in any order.
- ``counted``: each case begins with a line that holds the number of its further lines; these may come in any order.
- ``blocks``: blank lines, or labels such as ``Case #1:``, separate the cases; the lines of one may come in any order.
- ``whole``: an output is one case; its lines may come in any order.
- ``unknown``: an output has several cases that cannot be separated: the order of the lines is fixed.
- empty, as in builds that recorded nothing: as ``blocks``, but where each block is one line its words are free.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

WHOLE = "whole"
BLOCKS = "blocks"
COUNTED = "counted"
UNKNOWN = "unknown"
ONE_LINE = "1"

_LABEL = re.compile(
    r"\W*(?:test\s*)?(?:case|test|scenario|data\s*set|dataset|instance|game|query)\s*(?:no\.?\s*)?#?\s*\d+\b", re.I
)


def same_unordered(expected: str, actual: str, cases: str = "") -> bool:
    """Return whether two outputs are equal up to the order within each case, ignoring blank lines."""
    sizes = sizes_of_cases(expected, cases)
    if sizes is None:  # the order is fixed
        return lines_of(expected) == lines_of(actual)
    left, right = lines_of(expected), lines_of(actual)
    if len(left) != len(right):
        return False
    words_are_free = cases in ("", ONE_LINE) and all(size == 1 for size in sizes)
    for start, end in pairwise(accumulate(sizes, initial=0)):
        one, other = left[start:end], right[start:end]
        if words_are_free:
            one, other = one[0].split(), other[0].split()
        if one != other and Counter(one) != Counter(other):
            return False
    return True


def lines_of(text: str) -> list[str]:
    """Return the lines that are not blank, with single spaces between words."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def sizes_of_cases(expected: str, cases: str) -> list[int] | None:
    """Return the number of lines of each case of an expected output, in order; None where they cannot be separated."""
    lines = lines_of(expected)
    if cases == UNKNOWN:
        return None
    if cases == COUNTED:
        return counted_sizes(lines)
    if cases.isdecimal():
        size = int(cases)
        return [size] * (len(lines) // size) if len(lines) % size == 0 else None
    if cases == WHOLE:
        return [len(lines)]
    return block_sizes(expected)


def counted_sizes(lines: Sequence[str]) -> list[int] | None:
    """Return the sizes of cases that begin with their count: 1 for the count's line, then the count."""
    sizes, at = [], 0
    while at < len(lines):
        if not (lines[at].isascii() and lines[at].isdecimal() and len(lines[at]) < 10):
            return None
        count = int(lines[at])
        sizes += [1, count] if count else [1]
        at += 1 + count
    return sizes if at == len(lines) else None


def block_sizes(text: str) -> list[int]:
    """Return the sizes of the blocks between blank lines or labels; a label's line is a block of its own."""
    if any(is_label(line) for line in text.splitlines()):
        return list(_labelled_sizes(lines_of(text)))
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return [size for size in map(len, map(lines_of, blocks)) if size]


def is_label(line: str) -> bool:
    """Return whether a line begins with a label such as ``Case #1:``."""
    return _LABEL.match(line) is not None


def _labelled_sizes(lines: Sequence[str]) -> Iterator[int]:
    size = 0
    for line in lines:
        if is_label(line):
            if size:
                yield size
            yield 1
            size = 0
        else:
            size += 1
    if size:
        yield size
