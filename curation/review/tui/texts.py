"""Texts as a pane shows them: folded, fitted, with nothing in them that could move the cursor. Pure functions."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from apps_plus.printable import one_line, printable
from curation.review.difference import Chunk, Side, fold, show_text, visible


def bold(text: str) -> Content:
    """A text in bold."""
    return Content.styled(text, "bold")


def fit(text: str, width: int) -> str:
    """A text in exactly so many cells; what is too long ends in ``…``."""
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    return set_cell_size(text, max(width - 1, 0)) + "…" if width else ""


def shown(text: str) -> str:
    """A text of several lines, printable."""
    return printable(text.replace("\r\n", "\n").replace("\t", "    "))


def joined(text: str, width: int | None = None) -> str:
    """A text of several lines on one, with ⏎ where a line ends, so that no two texts with other lines look alike."""
    lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    return one_line(" ⏎ ".join(lines), width)


def chunks(side: Side, number: int | None, column: int, whitespace: bool) -> list[Chunk]:
    """One line of a side, as it is shown; ``(nothing)`` for a text without any."""
    if not side.lines:
        return [Chunk("(nothing)", (9, 9) if side.mark else None)]
    if number is None:
        return []
    mark = side.mark[1:] if side.mark is not None and side.mark[0] == number else None
    ended = number < len(side.lines) - 1 or side.ended
    return fold(visible(side.lines[number], whitespace, ended), column, cell_len, mark)


def labelled_text(label: str, text: str, whitespace: bool, width: int, lines: int) -> list[Content]:
    """A text under its name: ``lines`` of it, folded, and what is not shown."""
    side = show_text(text, lines * max(width, 20), lines)
    rows: list[Content] = []
    for number in range(len(side.lines)):
        rows += [Content("  " + chunk.text) for chunk in chunks(side, number, max(width - 2, 10), whitespace)]
    left_out = [Content.styled(f"  {side.below}", "dim")] if side.below else []
    if len(rows) > 2 * lines:
        left_out = [Content.styled("  [the rest is on the tab Tests]", "dim")]
    return [bold(label), *(rows[: 2 * lines] or [Content("  (nothing)")]), *left_out]
