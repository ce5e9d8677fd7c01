"""A text to edit: in a window of its own, or in the editor of a person's choice."""

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
"""A longer text is edited in $EDITOR only; a longer answer is taken over as it is."""


class Editor(ModalScreen[str | None]):
    """A text to edit, here or in $EDITOR; escape gives None."""

    BINDINGS = bindings("editor")

    def __init__(self, title: str, text: str, other: str | None = None, suffix: str = ".txt") -> None:
        """Edit ``text``; ``other`` is what ctrl+t puts in its place, where there is something."""
        super().__init__()
        self.text, self.suffix = text, suffix
        self._title, self._other = title, other
        self._as_json = not is_editable(text)

    def compose(self) -> ComposeResult:
        """The title over the text."""
        title = self._title + (
            "\nIt has characters that no terminal shows: it is edited as JSON." if self._as_json else ""
        )
        with Vertical(classes="window wide"):
            yield Static(Content(title), classes="title")
            yield TextArea(self._shown(self.text), soft_wrap=True, show_line_numbers=True)
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
        if self._other is None:
            self._complain("no answer was shown beside this text")
            return
        if len(self._other) > EDITABLE_CHARACTERS:
            self.dismiss(self._other)
            return
        self._as_json = self._as_json or not is_editable(self._other)
        self.query_one(TextArea).text = self._shown(self._other)

    def action_external(self) -> None:
        """Edit it in $EDITOR, and come back with what was saved there."""
        area = self.query_one(TextArea)
        try:
            area.text = edit_outside(self.app, area.text, self.suffix)
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
