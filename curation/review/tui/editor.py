"""Edit a text, in a dialog or in $EDITOR."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from textual.app import App, ComposeResult, SuspendNotSupported
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, Static, TextArea

from apps_plus.printable import one_line, printable
from apps_plus.problem import dump_json, load_json
from curation.review.tui.keys import bindings

EDITABLE_CHARACTERS = 100_000
"""A longer text is edited in $EDITOR only; a longer answer is used unedited."""


class Editor(ModalScreen[str | None]):
    """A dialog to edit a text, here or in $EDITOR; escape returns None."""

    BINDINGS = bindings("editor")

    def __init__(self, title: str, text: str, other: str | None = None, suffix: str = ".txt") -> None:
        """Create the dialog for ``text``; ctrl+t replaces the text by ``other``, if given."""
        super().__init__()
        self.text, self.suffix = text, suffix
        self._title, self._other = title, other
        self._as_json = not is_editable(text)

    def compose(self) -> ComposeResult:
        """Create the title and the text area."""
        title = self._title + (
            "\nIt has characters that a terminal cannot show, so it is edited as JSON." if self._as_json else ""
        )
        with Vertical(classes="window wide"):
            yield Static(Content(title), classes="title")
            yield TextArea(self._shown(self.text), soft_wrap=True, show_line_numbers=True)
            yield Static(id="error")
            yield Footer()

    def _show_error(self, text: str) -> None:
        self.query_one("#error", Static).update(Content.styled(f"! {one_line(text)}", "bold"))

    def _shown(self, text: str) -> str:
        return json_text(text) if self._as_json else text

    def action_save(self) -> None:
        """Return the text."""
        text: Any = self.query_one(TextArea).text
        if self._as_json:
            try:
                text = load_json(text)
            except ValueError as error:
                self._show_error(f"that is not JSON: {error}")
                return
        if isinstance(text, str):
            self.dismiss(text)
        else:
            self._show_error("the JSON must be one string in double quotes")

    def action_other(self) -> None:
        """Replace the text by the answer that was shown."""
        if self._other is None:
            self._show_error("there is no answer to take: none was shown beside this text")
            return
        if len(self._other) > EDITABLE_CHARACTERS:
            self.dismiss(self._other)
            return
        self._as_json = self._as_json or not is_editable(self._other)
        self.query_one(TextArea).text = self._shown(self._other)

    def action_external(self) -> None:
        """Edit the text in $EDITOR, and read what was saved."""
        area = self.query_one(TextArea)
        try:
            area.text = edit_outside(self.app, area.text, self.suffix)
        except (OSError, ValueError) as error:
            self._show_error(editor_fault(error))

    def action_close(self) -> None:
        """Close without a change."""
        self.dismiss(None)


def editor_fault(error: Exception) -> str:
    """Return the message about an editor that could not be run."""
    return f"the editor could not be run ({error}): set $EDITOR, or use the terminal"


def json_text(text: str) -> str:
    """Return a text as JSON, with unprintable characters escaped."""
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in dump_json(text))


def is_editable(text: str) -> bool:
    """Return whether all characters of a text are printable, so that it can be edited as it is."""
    return printable(text) == text


def edit_outside(app: App[object], text: str, suffix: str) -> str:
    """Suspend the app and edit a text in $EDITOR. Raises OSError or ValueError if that fails, or in a browser."""
    if app.is_web:
        raise ValueError("it needs a terminal, and this is a browser")
    try:
        with app.suspend():
            return edit_in(editor_of(os.environ), text, suffix)
    except SuspendNotSupported:  # the app has no terminal: an editor with its own window still works
        return edit_in(editor_of(os.environ), text, suffix)


def editor_of(environment: Mapping[str, str]) -> list[str]:
    """Return the editor's command: $VISUAL, $EDITOR, or vi. Raises ValueError for an unclosed quote."""
    return shlex.split(environment.get("VISUAL") or environment.get("EDITOR") or "vi")


def edit_in(editor: Sequence[str], text: str, suffix: str = ".txt") -> str:
    """Run an editor on a text and return what it saved; a newline added at the end is removed.

    Raises OSError if the editor cannot be run or fails.
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
