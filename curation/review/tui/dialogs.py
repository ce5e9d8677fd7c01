"""The dialogs over a screen: a text field, a list to choose from, the keys."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Input, Markdown, Static

from curation.review.tui.keys import KEYS, SCREENS, display
from curation.review.tui.row_list import RowList
from curation.review.tui.text_layout import fit, printable_text


class InputDialog(ModalScreen[str | None]):
    """A text field of one line; escape returns None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Cancel")]

    def __init__(
        self, title: str, value: str = "", hint: str = "", changed: Callable[[str], None] | None = None
    ) -> None:
        super().__init__()
        self._title, self._value, self._hint, self._changed = title, value, hint, changed

    def compose(self) -> ComposeResult:
        """Create the title and the text field."""
        with Vertical(classes="window low"):
            yield Static(Content(self._title), classes="title")
            yield Input(self._value, placeholder=self._hint, select_on_focus=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Report the text while it is typed."""
        if self._changed is not None:
            self._changed(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the text."""
        self.dismiss(event.value)


class ConfirmDialog(ModalScreen[bool]):
    """A question before a decision: enter says yes; escape, or anything that is typed, says no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "dismiss(True)", "Yes"),
        Binding("escape", "dismiss(False)", "No"),
    ]

    def __init__(self, question: str, detail: str = "") -> None:
        super().__init__()
        self._question, self._detail = question, detail

    def compose(self) -> ComposeResult:
        """Create the question, its detail and the hint."""
        with Vertical(classes="window low"):
            yield Static(Content(self._question), classes="title")
            if self._detail:
                yield Static(Content(self._detail), classes="detail")
            yield Static(Content("enter: yes · esc: no, nothing is decided"), classes="hint")


class ScrolledDialog(ModalScreen[None]):
    """A window to read, whose ``VerticalScroll`` the keys move."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Close"),
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("pagedown,space,ctrl+d", "page(1)", show=False),
        Binding("pageup,ctrl+u", "page(-1)", show=False),
    ]

    def action_move(self, step: int) -> None:
        """Scroll by two lines."""
        self.query_one(VerticalScroll).scroll_relative(y=2 * step, animate=False)

    def action_page(self, step: int) -> None:
        """Scroll by a page."""
        scroll = self.query_one(VerticalScroll)
        scroll.scroll_relative(y=step * max(scroll.size.height - 1, 1), animate=False)


class TextDialog(ScrolledDialog):
    """A text to read, as Markdown."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f1", "dismiss", "Close")]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        """Create the title, the text and the hint."""
        with Vertical(classes="window wide"):
            yield Static(Content(self._title), classes="title")
            with VerticalScroll(can_focus=False):
                yield Markdown(printable_text(self._text), open_links=False)
            yield Static(Content("j k scroll · esc closes"), classes="hint")


class NoticeDialog(ModalScreen[None]):
    """A few lines to read, closed by enter or escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q", "dismiss", "Close")]

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._title, self._lines = title, lines

    def compose(self) -> ComposeResult:
        """Create the title, the lines and the hint."""
        with Vertical(classes="window"):
            yield Static(Content(self._title), classes="title")
            yield Static(Content("\n".join(self._lines)), classes="detail")
            yield Static(Content("enter closes"), classes="hint")


MIN_HEIGHT_FOR_OPTION = 20
"""Height in rows from which an option that is cut in the list is shown in full below it."""
_BESIDE_OPTION = 5
"""Cells of a row beside the option's text: the cursor, the digit, a scrollbar."""


class ChoiceDialog(ModalScreen[str | None]):
    """A list to choose from, the first nine also by digit; escape returns None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Cancel"),
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("pagedown,ctrl+d", "page(1)", show=False),
        Binding("pageup,ctrl+u", "page(-1)", show=False),
        Binding("g,home", "first", show=False),
        Binding("G,end", "last", show=False),
        Binding("enter", "choose", "Choose"),
        Binding("space", "choose_unless_final", show=False),
        *(Binding(str(digit), f"pick({digit})", show=False) for digit in range(1, 10)),
    ]

    def __init__(
        self, title: str, options: Sequence[tuple[str, str]], chosen: str = "", is_decision: bool = False
    ) -> None:
        """Create the dialog.

        Args:
            title: The title.
            options: Pairs of a value and its text.
            chosen: The value at which the cursor starts.
            is_decision: True if choosing writes a decision: then only enter does, and a digit moves the cursor.
        """
        super().__init__()
        self._title, self._options, self._chosen = title, options, chosen
        self._is_decision = is_decision
        self._room = 0
        """Cells for the text of an option."""

    def compose(self) -> ComposeResult:
        """Create the title and the list."""
        with Vertical(classes="window"):
            yield Static(Content(self._title), classes="title")
            yield RowList(id="options")
            yield Static(id="in-full", classes="detail")
            choose = "j k g G 1-9 move · enter decides" if self._is_decision else "j k g G move · 1-9 or enter choose"
            yield Static(Content(f"{choose} · esc cancels"), classes="hint")

    @property
    def rows(self) -> RowList:
        """The list."""
        return self.query_one("#options", RowList)

    def on_mount(self) -> None:
        """Fill the list, with the cursor on the current value."""
        values = [value for value, _ in self._options]
        place = values.index(self._chosen) if self._chosen in values else 0
        digits = [*map(str, range(1, 10)), *" " * len(values)]
        lines = [f"{digit} {text}" for digit, (_, text) in zip(digits, self._options, strict=False)]
        self.rows.fill(lines, lambda line, width: Content(fit(line, width)), place)

    def on_resize(self, event: Resize) -> None:
        """Fit the height to the list, and keep the last line visible; where options are cut, leave room for one."""
        width = min(event.size.width * 96 // 100, 96) - 4
        longest = max((cell_len(text) for _, text in self._options), default=0)
        self._room = width - _BESIDE_OPTION
        is_cut = longest > self._room and event.size.height >= MIN_HEIGHT_FOR_OPTION
        rows = min(-(-longest // width), 3) if is_cut else 0
        self.query_one("#in-full").styles.height = rows
        self.query_one("#in-full").display = is_cut
        self.rows.styles.height = max(min(len(self._options), event.size.height * 9 // 10 - 5 - rows), 1)
        self._show_in_full()

    def on_row_list_moved(self, _: RowList.Moved) -> None:
        """Show the whole text of the option under the cursor."""
        self._show_in_full()

    def _show_in_full(self) -> None:
        if self._options:
            option = self._options[self.rows.cursor][1]
            text = " ".join(option.split()) if cell_len(option) > self._room else ""
            self.query_one("#in-full", Static).update(Content.styled(text, "$text-muted"))

    def on_row_list_chosen(self, _: RowList.Chosen) -> None:
        """Choose the row under the cursor, after a click on it."""
        self.action_choose_unless_final()

    def action_choose_unless_final(self) -> None:
        """Choose the option under the cursor, unless that would decide."""
        if not self._is_decision:
            self.action_choose()

    def action_choose(self) -> None:
        """Choose the option under the cursor."""
        self.dismiss(self._options[self.rows.cursor][0])

    def action_pick(self, digit: int) -> None:
        """Choose the option with this digit, or go to it if choosing would decide."""
        if digit > len(self._options):
            return
        if self._is_decision:
            self.rows.cursor = digit - 1
        else:
            self.dismiss(self._options[digit - 1][0])

    def action_move(self, step: int) -> None:
        """Move the cursor; it wraps around."""
        self.rows.cursor = (self.rows.cursor + step) % max(self.rows.count, 1)

    def action_first(self) -> None:
        """Go to the first option."""
        self.rows.cursor = 0

    def action_last(self) -> None:
        """Go to the last option."""
        self.rows.cursor = self.rows.count

    def action_page(self, step: int) -> None:
        """Move the cursor by a page."""
        self.rows.move(step * max(self.rows.size.height - 1, 1))


class HelpDialog(ScrolledDialog):
    """The table of all keys."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark", "dismiss", "Close")]

    def __init__(self, keymap: Mapping[str, str], first: str, path: Path) -> None:
        super().__init__()
        self._keymap, self._first, self._path = keymap, first, path

    def compose(self) -> ComposeResult:
        """Create the title, the table and the hint."""
        with Vertical(classes="window wide"):
            yield Static(Content("Keys"), classes="title")
            with VerticalScroll(can_focus=False):
                yield Static(id="keys-table")
            yield Static(Content("j k scroll · esc closes · ctrl+p finds commands"), classes="hint")

    def on_resize(self, event: Resize) -> None:
        """Lay the table out for the new width."""
        width = min(event.size.width * 96 // 100, 140) - 6
        self.query_one("#keys-table", Static).update(help_text(self._keymap, self._first, self._path, width))


MIN_WIDTH_FOR_NAMES = 110
"""Width in cells from which the table shows the names of the actions."""


def help_text(keymap: Mapping[str, str], first: str, path: Path, width: int = 120) -> Content:
    """Return the table of keys in use, with those of the screen ``first`` first."""
    lines: list[Content] = []
    with_names = width >= MIN_WIDTH_FOR_NAMES
    keys = {key.id: display(keymap.get(key.id, key.keys)) for key in KEYS}
    column = min(max(map(cell_len, keys.values())) + 2, max(width // 3, 15))
    for screen in sorted(SCREENS, key=lambda screen: screen != first):
        lines.append(Content.styled(SCREENS[screen], "bold underline"))
        for key in (key for key in KEYS if key.screen == screen):
            first_line, *rest = _help_lines(keys[key.id], key.text, column, width)
            lines += [Content.assemble(first_line, (f"  {key.id}", "$text-muted") if with_names else ""), *rest]
        lines.append(Content(""))
    names = "" if with_names else "; this table shows the names on a screen of 120 columns"
    lines.append(Content(f'To change keys, write {path} with lines such as item.keep = "y,ctrl+k"{names}'))
    return Content("\n").join(lines)


def _help_lines(keys: str, text: str, column: int, width: int) -> list[Content]:
    """Return a key and its description in the columns of a table, folded to the width."""
    column = max(column, cell_len(keys) + 2)
    first, *rest = textwrap.wrap(text, max(width - column - 1, 20))
    head = Content.assemble((f" {keys}".ljust(column), "bold"), " ", first)
    return [head, *(Content(" " * (column + 1) + line) for line in rest)]
