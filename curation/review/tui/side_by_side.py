"""Draw two texts side by side, with the first difference marked by signs and colour. Pure functions."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import zip_longest

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from curation.review.output_diff import LineChunk, OutputDiff, ShownText
from curation.review.tui.text_layout import bold, line_chunks

MIN_WIDTH = 56
"""Width in cells from which two outputs are side by side; on narrower screens their lines alternate."""


def difference_lines(
    difference: OutputDiff, titles: tuple[str, str], width: int, whitespace: bool = False
) -> list[Content]:
    """Return two texts side by side, or with alternating lines on a narrow screen.

    The first differing token is reversed, with ``^`` under it. Lines that differ begin with ``≠``, or with ``-`` and
    ``+`` when they alternate.
    """
    if width < MIN_WIDTH:
        return _interleaved(difference, titles, width - 2, whitespace)
    column = (width - 5) // 2
    lines = [_beside(_bold_cells(titles[0], column), _bold_cells(titles[1], column), " ")]
    lines += _cut_notes(difference.expected.above, difference.actual.above, column)
    for left, right in difference.pairs:
        a = line_chunks(difference.expected, left, column, whitespace)
        b = line_chunks(difference.actual, right, column, whitespace)
        same = _line(difference.expected, left) == _line(difference.actual, right)
        lines += _rows(a, b, column, " " if same else "≠")
    lines += _cut_notes(difference.expected.below, difference.actual.below, column)
    return lines


def _interleaved(difference: OutputDiff, titles: tuple[str, str], column: int, whitespace: bool) -> list[Content]:
    """Return equal lines once, and each other pair of lines one below the other."""
    expected, actual = difference.expected, difference.actual
    lines = [bold(f"- {titles[0]}"), bold(f"+ {titles[1]}")]
    lines += _signed_notes(expected.above, actual.above)
    for left, right in difference.pairs:
        a, b = (line_chunks(side, number, column, whitespace) for side, number in ((expected, left), (actual, right)))
        if _line(expected, left) == _line(actual, right):
            lines += _signed(a, " ")
        else:
            lines += [*_signed(a, "-"), *_signed(b, "+")]
    return [*lines, *_signed_notes(expected.below, actual.below)]


def _signed_notes(expected: str, actual: str) -> list[Content]:
    return [Content.styled(f"{sign} {note}", "$text-muted") for sign, note in (("-", expected), ("+", actual)) if note]


def _signed(shown: Sequence[LineChunk], sign: str) -> list[Content]:
    """Return the chunks of a line one below the other, with the sign before the first."""
    rows = []
    for index, chunk in enumerate(shown):
        rows.append(Content.assemble((f"{sign if index == 0 else ' '} ", "bold $text-warning"), _cells(chunk, 0)))
        if chunk.mark is not None:
            rows.append(Content.assemble("  ", _carets(chunk, 0)))
    return rows


def _line(side: ShownText, number: int | None) -> str | None:
    return None if number is None else side.lines[number].rstrip()


def _cut_notes(left: str, right: str, column: int) -> list[Content]:
    if not left and not right:
        return []
    notes = [[LineChunk(part) for part in textwrap.wrap(note, column)] for note in (left, right)]
    return [
        _beside(_cells(a, column, "$text-muted"), _cells(b, column, "$text-muted"), " ") for a, b in zip_longest(*notes)
    ]


def _rows(left: Sequence[LineChunk], right: Sequence[LineChunk], column: int, sign: str) -> list[Content]:
    rows = []
    for index, (a, b) in enumerate(zip_longest(left, right)):
        rows.append(_beside(_cells(a, column), _cells(b, column), sign if index == 0 else " "))
        if (a and a.mark) or (b and b.mark):
            rows.append(_beside(_carets(a, column), _carets(b, column), " "))
    return rows


def _beside(left: Content, right: Content, sign: str) -> Content:
    return Content.assemble((f"{sign} ", "bold $text-warning"), left, (" │ ", "$text-muted"), right)


def _cells(chunk: LineChunk | None, column: int, style: str = "") -> Content:
    text = chunk.text if chunk else ""
    content = Content.styled(text, style)
    if chunk is not None and chunk.mark is not None and chunk.mark[0] < chunk.mark[1]:
        content = content.stylize("bold reverse", *chunk.mark)
    return Content.assemble(content, " " * max(column - cell_len(text), 0))


def _carets(chunk: LineChunk | None, column: int) -> Content:
    if chunk is None or chunk.mark is None:
        return Content(" " * column)
    start, end = chunk.mark
    before = cell_len(chunk.text[:start])
    carets = "^" * max(cell_len(chunk.text[start:end]), 1)
    if column and start == end and before >= column:
        before = column - 1
    return Content.styled((" " * before + carets).ljust(column), "bold $text-warning")


def _bold_cells(text: str, column: int) -> Content:
    return bold(set_cell_size(text, column))
