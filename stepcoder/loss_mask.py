"""FGO, Fine-Grained Optimization (StepCoder, section 3.2): which tokens of a response count in the policy loss.

A token counts where any character of it lies on a line that a unit test executed. A line is what
``harness/sandbox/runtime/line_trace.py`` says: blank lines and comments are no code that ran; a docstring belongs to
its header. A line ends with its line break: a token of a line break and the next line's indentation lies on both lines.
What is not the program, prose and fences around it and the end of text, counts: no test can say that it does not
matter.

All masks have one value for each token of the response; they say nothing of the value loss and the KL penalty, which
stay over all of them (DESIGN, section 9).
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
"""Where Python ends a line."""


def executed_tokens(offsets: Sequence[Span], assembled: Assembled, executed: frozenset[int] | None) -> Mask:
    """Which tokens count by FGO.

    Args:
        offsets: The characters of the completion that each token stands for (``response_offsets``).
        assembled: Where the completion's code stands in the program.
        executed: The program's lines, from 1, that any test executed. None, where that is not known (it does not
            compile): all tokens count.
    """
    if executed is None:
        return all_tokens(len(offsets))
    lines = _Lines(assembled)
    return tuple(_is_outside(span, assembled) or not executed.isdisjoint(lines.of(span)) for span in offsets)


def all_tokens(count: int) -> Mask:
    """Every token counts: no FGO."""
    return (True,) * count


def random_tokens(like: Sequence[bool], seed: int) -> Mask:
    """As many tokens as another mask has, at random places: the control that tells FGO from a smaller sample."""
    chosen = frozenset(random.Random(seed).sample(range(len(like)), sum(like)))  # noqa: S311
    return tuple(index in chosen for index in range(len(like)))


def line_ends(offsets: Sequence[Span], assembled: Assembled) -> dict[int, int]:
    """Of each line of the program that the response wrote on, the index of its last token there."""
    lines = _Lines(assembled)
    return {line: index for index, span in enumerate(offsets) for line in lines.of(span)}


def _is_outside(span: Span, assembled: Assembled) -> bool:
    """Whether a token stands for no text, or for any that is not in the program."""
    start, end = span
    inside = sum(min(end, code.end) - max(start, code.start) for code in _overlapping(span, assembled.spans))
    return inside < end - start or start == end


def _overlapping(span: Span, spans: Sequence[CodeSpan]) -> Iterator[CodeSpan]:
    """Yield the parts of the program that a token has characters in."""
    start, end = span
    for code in spans[max(bisect_right(spans, start, key=lambda code: code.start) - 1, 0) :]:
        if code.start >= end:
            return
        if code.end > start:
            yield code


class _Lines:
    """The lines of a program by the characters of the completion."""

    def __init__(self, assembled: Assembled) -> None:
        self._spans = assembled.spans
        self._beginnings = [0, *(end.end() for end in _NEWLINE.finditer(assembled.source))]

    def of(self, span: Span) -> frozenset[int]:
        """The lines, from 1, on which a token has characters; none where it has none in the program."""
        lines: set[int] = set()
        for code in _overlapping(span, self._spans):
            first, last = max(span[0], code.start), min(span[1], code.end) - 1
            shift = code.offset - code.start
            lines.update(range(self._line(first + shift), self._line(last + shift) + 1))
        return frozenset(lines)

    def _line(self, character: int) -> int:
        return bisect_right(self._beginnings, character)
