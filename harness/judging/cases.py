"""Parts an output into the cases that it answers: ``unordered`` never moves anything across them. Pure functions.

How the cases of a problem are told apart is recorded with it (``Problem.cases``), found by
``curation.pipeline.case_structure``:

- ``1``: each line is a case; its words may come in any order.
- ``2``, ``3``, ...: each case has so many lines, which may come in any order.
- ``counted``: each case begins with a line that says how many lines follow; these may come in any order.
- ``blocks``: blank lines, or labels such as ``Case #1:``, part the cases; the lines of one may come in any order.
- ``whole``: an output is one case; its lines may come in any order.
- ``unknown``: an output has several cases that cannot be told apart: nothing may change places.
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


def is_way(cases: str) -> bool:
    """Whether a text is one of the ways in which cases are told apart."""
    return cases in ("", WHOLE, BLOCKS, COUNTED, UNKNOWN) or (cases.isascii() and cases.isdecimal() and int(cases) > 0)


def same_unordered(expected: str, actual: str, cases: str = "") -> bool:
    """Whether two outputs are the same but for the order within each case; blank lines do not count."""
    sizes = sizes_of_cases(expected, cases)
    if sizes is None:  # nothing may change places
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
    """The lines that hold anything, their words single-spaced."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def sizes_of_cases(expected: str, cases: str) -> list[int] | None:
    """How many of an expected output's lines belong together, part after part; None where that cannot be said."""
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
    """The sizes where each case is a number and so many lines: the number, a part of its own, then the lines."""
    sizes, at = [], 0
    while at < len(lines):
        if not (lines[at].isascii() and lines[at].isdecimal() and len(lines[at]) < 10):
            return None
        count = int(lines[at])
        sizes += [1, count] if count else [1]
        at += 1 + count
    return sizes if at == len(lines) else None


def block_sizes(text: str) -> list[int]:
    """The sizes of the parts between blank lines, or from label to label: a label's line is a part of its own."""
    if any(is_label(line) for line in text.splitlines()):
        return list(_labelled_sizes(lines_of(text)))
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return [size for size in map(len, map(lines_of, blocks)) if size]


def is_label(line: str) -> bool:
    """Whether a line begins with the number of a case: ``Case #1:``."""
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
