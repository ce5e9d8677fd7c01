"""Fold, cut and pad texts for a pane, with control characters made visible. Pure functions."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from apps_plus.printable import one_line, printable
from curation.review.output_diff import LineChunk, ShownText, fold, show_text, visible


def bold(text: str) -> Content:
    """Return a text in bold."""
    return Content.styled(text, "bold")


def fit(text: str, width: int) -> str:
    """Pad or cut a text to ``width`` cells; a cut text ends in ``…``."""
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    return set_cell_size(text, max(width - 1, 0)) + "…" if width else ""


def fold_words(text: Content, width: int, rows: int) -> Content:
    """Fold a text between words into at most ``rows`` rows of ``width`` cells; a cut text ends in ``…``."""
    lines = [line.rstrip() for line in text.wrap(max(width, 1))]
    if len(lines) > rows:
        last = lines[rows - 1]
        room = max(width - 1, 0)
        lines = [*lines[: rows - 1], (last.truncate(room) if last.cell_length > room else last).append("…")]
    return Content("\n").join(lines)


def printable_text(text: str) -> str:
    """Return a text of several lines, printable."""
    return printable(text.replace("\r\n", "\n").replace("\t", "    "))


def on_one_line(text: str, width: int | None = None) -> str:
    """Join the lines of a text with ⏎, so that texts with different lines look different."""
    lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    return one_line(" ⏎ ".join(lines), width)


def line_chunks(side: ShownText, number: int | None, column: int, whitespace: bool) -> list[LineChunk]:
    """Return the chunks of one line; ``(nothing)`` for an empty text."""
    if not side.lines:
        return [LineChunk("(nothing)", (9, 9) if side.mark else None)]
    if number is None:
        return []
    mark = side.mark[1:] if side.mark is not None and side.mark[0] == number else None
    ended = number < len(side.lines) - 1 or side.ended
    return fold(visible(side.lines[number], whitespace, ended), column, cell_len, mark)


def labelled_text(label: str, text: str, whitespace: bool, width: int, lines: int) -> list[Content]:
    """Return a text below its label: at most ``lines`` lines, folded, with a note of what is cut off."""
    side = show_text(text, lines * max(width, 20), lines)
    rows: list[Content] = []
    for number in range(len(side.lines)):
        rows += [Content("  " + chunk.text) for chunk in line_chunks(side, number, max(width - 2, 10), whitespace)]
    left_out = [Content.styled(f"  {side.below}", "$text-muted")] if side.below else []
    if len(rows) > 2 * lines:
        left_out = [Content.styled("  [the rest is on the tab Tests]", "$text-muted")]
    return [bold(label), *(rows[: 2 * lines] or [Content("  (nothing)")]), *left_out]
