"""FGO, Fine-Grained Optimization (StepCoder, section 3.2): which tokens of a response count in the policy loss.

A token counts if any of its characters is on a line that a unit test executed. Lines are those of
``harness/sandbox/runtime/line_trace.py``: blank lines and comments are not executed; a docstring belongs to its header.
A line includes its line break: a token of a line break and the next line's indentation is on both lines. Text outside
the program (prose, fences, the end of text) counts: the tests have no evidence against it.

A mask has one value per token of the response. Value loss and KL penalty are over all tokens (docs/algorithm.md).
"""

from __future__ import annotations

import random
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from stepcoder.records import Assembled, CodeSpan
from stepcoder.token_offsets import Span

Mask = tuple[bool, ...]

_NEWLINE = re.compile("\r\n|\r|\n")
"""Python's line breaks."""


def executed_tokens(offsets: Sequence[Span], assembled: Assembled, executed: frozenset[int] | None) -> Mask:
    """Return FGO's mask: the tokens with characters on executed lines.

    Args:
        offsets: The characters of the completion that each token stands for (``response_offsets``).
        assembled: The program, and the parts of the completion in it.
        executed: Lines of the program, from 1, that any test executed. None if unknown (the program does not compile):
            all tokens count.
    """
    if executed is None:
        return all_tokens(len(offsets))
    lines = _Lines(assembled)
    return tuple(_is_outside(span, assembled) or not executed.isdisjoint(lines.of(span)) for span in offsets)


def all_tokens(count: int) -> Mask:
    """Return a mask in which every token counts: no FGO."""
    return (True,) * count


def tokens_on_lines(offsets: Sequence[Span], assembled: Assembled, chosen: frozenset[int]) -> Mask:
    """Return a mask of the tokens with characters on the chosen lines of the program; all tokens if there are none."""
    lines = _Lines(assembled)
    found = tuple(not chosen.isdisjoint(lines.of(span)) for span in offsets)
    return found if any(found) else all_tokens(len(offsets))


def random_tokens(like: Sequence[bool], seed: int) -> Mask:
    """Return a random mask with as many tokens as ``like``: the control for FGO, which keeps fewer tokens, too."""
    chosen = frozenset(random.Random(seed).sample(range(len(like)), sum(like)))  # noqa: S311
    return tuple(index in chosen for index in range(len(like)))


def line_ends(offsets: Sequence[Span], assembled: Assembled) -> dict[int, int]:
    """Return, by line of the program, the index of the response's last token on that line."""
    lines = _Lines(assembled)
    return {line: index for index, span in enumerate(offsets) for line in lines.of(span)}


def _is_outside(span: Span, assembled: Assembled) -> bool:
    """Return whether a token has no text, or text that is not in the program."""
    start, end = span
    inside = sum(min(end, code.end) - max(start, code.start) for code in _overlapping(span, assembled.spans))
    return inside < end - start or start == end


def _overlapping(span: Span, spans: Sequence[CodeSpan]) -> Iterator[CodeSpan]:
    """Yield the parts of the program that contain characters of a token."""
    start, end = span
    for code in spans[max(bisect_right(spans, start, key=lambda code: code.start) - 1, 0) :]:
        if code.start >= end:
            return
        if code.end > start:
            yield code


class _Lines:
    """The lines of a program, by characters of the completion."""

    def __init__(self, assembled: Assembled) -> None:
        self._spans = assembled.spans
        self._beginnings = [0, *(end.end() for end in _NEWLINE.finditer(assembled.source))]

    def of(self, span: Span) -> frozenset[int]:
        """Return the lines, from 1, that contain characters of a token."""
        lines: set[int] = set()
        for code in _overlapping(span, self._spans):
            first, last = max(span[0], code.start), min(span[1], code.end) - 1
            shift = code.offset - code.start
            lines.update(range(self._line(first + shift), self._line(last + shift) + 1))
        return frozenset(lines)

    def _line(self, character: int) -> int:
        return bisect_right(self._beginnings, character)
