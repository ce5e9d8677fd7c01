"""The small windows over a screen: a line to fill in, a list to choose from, a text to edit, the keys."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual.app import App, ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from apps_plus.problem import dump_json, load_json
from curation.review.keys import KEYS, SCREENS, bindings, display
from harness.printable import one_line, printable

EDITABLE_CHARACTERS = 100_000
"""A longer text is edited in $EDITOR only."""


class Ask(ModalScreen[str | None]):
    """One line to fill in; escape gives None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]

    def __init__(
        self, title: str, value: str = "", hint: str = "", changed: Callable[[str], None] | None = None
    ) -> None:
        super().__init__()
        self._title, self._value, self._hint, self._changed = title, value, hint, changed

    def compose(self) -> ComposeResult:
        """The title over the line."""
        with Vertical(classes="window low"):
            yield Static(Content(self._title), classes="title")
            yield Input(self._value, placeholder=self._hint, select_on_focus=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Whoever asks may look while it is typed."""
        if self._changed is not None:
            self._changed(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter gives the line."""
        self.dismiss(event.value)

    def action_cancel(self) -> None:
        """Nothing was asked."""
        self.dismiss(None)


class Choose(ModalScreen[str | None]):
    """A list to choose from; escape gives None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "cancel", "Cancel"),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
        Binding("space", "choose", show=False),
    ]

    def __init__(self, title: str, options: Sequence[tuple[str, str]], chosen: str = "") -> None:
        """Options are (value, text); ``chosen`` is where the cursor begins."""
        super().__init__()
        self._title, self._options, self._chosen = title, options, chosen

    def compose(self) -> ComposeResult:
        """The title over the list."""
        with Vertical(classes="window"):
            yield Static(Content(self._title), classes="title")
            yield OptionList(*(Option(Content(text), id=f"o{n}") for n, (_, text) in enumerate(self._options)))
            yield Static(Content("j k move · enter choose · esc leave"), classes="hint")

    def on_mount(self) -> None:
        """The cursor stands on what is likely."""
        values = [value for value, _ in self._options]
        self.query_one(OptionList).highlighted = values.index(self._chosen) if self._chosen in values else 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter chooses."""
        self.dismiss(self._options[event.option_index][0])

    def action_choose(self) -> None:
        """Choose the option under the cursor."""
        self.query_one(OptionList).action_select()

    def action_move(self, step: int) -> None:
        """For vim people."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()

    def action_cancel(self) -> None:
        """Nothing was chosen."""
        self.dismiss(None)


class Editor(ModalScreen[str | None]):
    """A text to edit, here or in $EDITOR; escape gives None."""

    BINDINGS = bindings("editor")

    def __init__(self, title: str, text: str, other: str | None = None, suffix: str = ".txt") -> None:
        """Edit ``text``; ``other`` is what ctrl+t puts in its place, where there is something."""
        super().__init__()
        self._title, self._other, self._suffix = title, other, suffix
        self._as_json = not is_editable(text)
        self._text = text

    def compose(self) -> ComposeResult:
        """The title over the text."""
        title = self._title + (
            "\nIt has characters that no terminal shows: it is edited as JSON." if self._as_json else ""
        )
        with Vertical(classes="window wide"):
            yield Static(Content(title), classes="title")
            yield TextArea(self._shown(self._text), soft_wrap=True, show_line_numbers=True)
            yield Static(id="trouble")
            yield Footer()

    def _complain(self, text: str) -> None:
        self.query_one("#trouble", Static).update(Content.styled(f"! {one_line(text)}", "bold"))

    def _shown(self, text: str) -> str:
        return json_text(text) if self._as_json else text

    def action_save(self) -> None:
        """Give the text."""
        text: Any = self.query_one(TextArea).text
        if self._as_json:
            try:
                text = load_json(text)
            except ValueError as error:
                self._complain(f"that is no JSON: {error}")
                return
        if isinstance(text, str):
            self.dismiss(text)
        else:
            self._complain("the JSON must be one text in double quotes")

    def action_other(self) -> None:
        """Put the answer that was shown in the place of the text."""
        if self._other is not None:
            self._as_json = self._as_json or not is_editable(self._other)
            self.query_one(TextArea).text = self._shown(self._other)

    def action_external(self) -> None:
        """Edit it in $EDITOR, and come back with what was saved there."""
        area = self.query_one(TextArea)
        try:
            area.text = edit_outside(self.app, area.text, self._suffix)
        except (OSError, ValueError) as error:
            self._complain(f"the editor could not be run ({error}): set $EDITOR")

    def action_close(self) -> None:
        """Leave it as it was."""
        self.dismiss(None)


def json_text(text: str) -> str:
    """A text as JSON in which nothing is left that a terminal would not show."""
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in dump_json(text))


def is_editable(text: str) -> bool:
    """Whether a text can be edited as it is: nothing in it would be shown otherwise."""
    return printable(text) == text


def edit_outside(app: App[object], text: str, suffix: str) -> str:
    """Have a text edited in $EDITOR while the app steps aside. Raises OSError or ValueError where that fails."""
    try:
        with app.suspend():
            return edit_in(editor_of(os.environ), text, suffix)
    except SuspendNotSupported:  # the app is not in a terminal: an editor with a window of its own still works
        return edit_in(editor_of(os.environ), text, suffix)


def editor_of(environment: Mapping[str, str]) -> list[str]:
    """The editor that a person has chosen: $VISUAL, $EDITOR, or vi. Raises ValueError for an unclosed quote."""
    return shlex.split(environment.get("VISUAL") or environment.get("EDITOR") or "vi")


def edit_in(editor: Sequence[str], text: str, suffix: str = ".txt") -> str:
    """Run an editor on a text and return what it saved. A line end that the editor adds is no change.

    Raises OSError where the editor cannot be run, or says that it failed.
    """
    with tempfile.TemporaryDirectory(prefix="apps-plus-") as folder:
        path = Path(folder) / f"expected{suffix}"
        path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
        done = subprocess.run([*editor, str(path)], check=False)
        if done.returncode:
            raise OSError(f"{editor[0]} ended with status {done.returncode}")
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            saved = file.read()
    return saved.removesuffix("\n") if saved == text + "\n" else saved


class Help(ModalScreen[None]):
    """Every key, in the order of the screens."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss", "Close"),
        Binding("j", "app.scroll_help(1)", show=False),
        Binding("k", "app.scroll_help(-1)", show=False),
    ]

    def __init__(self, keymap: Mapping[str, str], first: str, path: Path) -> None:
        super().__init__()
        self._keymap, self._first, self._path = keymap, first, path

    def compose(self) -> ComposeResult:
        """The keys of the screen below first."""
        with Vertical(classes="window wide"):
            yield Static(Content("Keys"), classes="title")
            with VerticalScroll():
                yield Static(help_text(self._keymap, self._first, self._path, self.app.size.width))
            yield Static(Content("esc closes · up and down scroll · ctrl+p finds any command by name"), classes="hint")


def help_text(keymap: Mapping[str, str], first: str, path: Path, width: int = 120) -> Content:
    """The table of keys as it is in force."""
    lines: list[Content] = []
    for screen in sorted(SCREENS, key=lambda screen: screen != first):
        lines.append(Content.styled(SCREENS[screen], "bold underline"))
        for key in (key for key in KEYS if key.screen == screen):
            name = (f"  {key.id}", "dim") if width >= 120 else ""
            keys = display(keymap.get(key.id, key.keys))
            lines.append(Content.assemble((f" {keys:<14} ", "bold"), key.text, name))
        lines.append(Content(""))
    names = "; the names stand beside the keys where the screen has 120 columns" if width < 120 else ""
    lines.append(Content(f'Other keys: write {path}, with lines such as item.keep = "y,ctrl+k"{names}'))
    return Content("\n").join(lines)
