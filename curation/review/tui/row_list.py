"""A list widget that draws only the visible rows, so that 10,000 rows cost no more than 20."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, TypeVar

from textual.content import Content
from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style as VisualStyle

CURSOR = "▶ "
Row = TypeVar("Row")


class RowList(ScrollView, can_focus=False):
    """Rows with a cursor; the text of a row is made when it is drawn."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"row-list--cursor"}
    DEFAULT_CSS = """
    RowList { background: $surface; overflow-x: hidden; scrollbar-size: 1 1; }
    RowList > .row-list--cursor { background: $primary 30%; text-style: bold; }
    """
    cursor: reactive[int] = reactive(0, init=False)

    class Moved(Message):
        """The cursor has moved to another row."""

        def __init__(self, row_list: RowList, row: int) -> None:
            self.row_list, self.row = row_list, row
            super().__init__()

        @property
        def control(self) -> RowList:
            """The list."""
            return self.row_list

    class Chosen(Message):
        """The row under the cursor was clicked."""

        def __init__(self, row_list: RowList, row: int) -> None:
            self.row_list, self.row = row_list, row
            super().__init__()

        @property
        def control(self) -> RowList:
            """The list."""
            return self.row_list

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._count = 0
        self._draw: Callable[[int, int], Content] = lambda _row, _width: Content("")

    def fill(self, rows: Sequence[Row], draw: Callable[[Row, int], Content], cursor: int = 0) -> None:
        """Show these rows; ``draw(row, width)`` is called for the visible ones.

        ``draw`` gets a kept row, not a number: the list may be drawn after the screen's data has changed and before it
        is filled again.
        """
        kept = tuple(rows)
        self._count, self._draw = len(kept), lambda number, width: draw(kept[number], width)
        self.virtual_size = Size(max(self.size.width, 1), self._count)
        self.set_reactive(RowList.cursor, max(0, min(cursor, self._count - 1)))
        self.refresh()
        self.call_after_refresh(self._show_cursor)

    @property
    def count(self) -> int:
        """The number of rows."""
        return self._count

    def move(self, step: int) -> None:
        """Move the cursor by ``step`` rows."""
        self.cursor = self.cursor + step

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor within the rows."""
        return max(0, min(cursor, self._count - 1))

    def watch_cursor(self, _: int, cursor: int) -> None:
        """Scroll to the cursor, and post ``Moved``."""
        self._show_cursor()
        self.refresh()
        self.post_message(self.Moved(self, cursor))

    def _show_cursor(self) -> None:
        if self._count:
            self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        row = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if row >= self._count:
            return Strip.blank(width, self.rich_style)
        is_cursor = row == self.cursor
        style = self.get_visual_style("row-list--cursor") if is_cursor else self.visual_style
        content = self._draw(row, width - len(CURSOR))
        if is_cursor:  # in one colour: those of its parts are chosen for the list's own background
            content = Content(content.plain)
        text = Content.assemble(CURSOR if is_cursor else " " * len(CURSOR), content)
        return _strip(text, style, width)

    def on_resize(self, event: Resize) -> None:
        """Adapt to the new width."""
        self.virtual_size = Size(max(event.size.width, 1), self._count)
        self.call_after_refresh(self._show_cursor)

    def on_click(self, event: Click) -> None:
        """Move the cursor to the clicked row; if it is there already, post ``Chosen``."""
        row = event.y + self.scroll_offset.y
        if row >= self._count:
            return
        if row == self.cursor:
            self.post_message(self.Chosen(self, row))
        self.cursor = row


def _strip(text: Content, style: VisualStyle, width: int) -> Strip:
    return Strip(text.render_segments(style)).adjust_cell_length(width, style.rich_style)
