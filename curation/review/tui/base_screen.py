"""The base of the three full screens: the shared context, the status line, the line of keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static

from apps_plus.printable import one_line
from curation.review.tui.background_runner import BackgroundRunner
from curation.review.tui.dialogs import ConfirmDialog, InputDialog
from curation.review.tui.keys import KEYS, Key, display, keys_of
from curation.review.tui.type_ahead import TypeAheadApp
from curation.review.worklist import Worklist
from harness.sandbox.execution import Limits


@dataclass(frozen=True, slots=True)
class ScreenContext:
    """The objects that all screens share."""

    worklist: Worklist
    runner: BackgroundRunner
    keymap: Mapping[str, str]
    """The reviewer's own keys, by action id."""
    limits: Limits
    """The limits that the build ran its programs with."""

    def key(self, name: str) -> str:
        """Return the first key of an action, as it is shown to a person."""
        usual = next(key.keys for key in KEYS if key.id == name)
        return display(self.keymap.get(name, usual).split(",")[0])


class ReviewScreen(Screen[None]):
    """A full screen with a status line and a line of keys at the bottom."""

    NAME_IN_KEYMAP = ""
    AUTO_FOCUS = ""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__()
        self.context = context
        self.worklist = context.worklist
        self.offers_undo = False
        """True while the status line says what was just decided."""
        self.offers_redo = False
        """True while the status line says what was just undone."""

    @property
    def is_laid_out(self) -> bool:
        """True while the widgets exist; a key may arrive before they are mounted or after they are removed."""
        return bool(self.query("#keys"))

    def hold_keys_for_dialog(self, hold: bool) -> None:
        """Keep the next keys for a dialog that is about to open; False ends that."""
        if isinstance(self.app, TypeAheadApp):
            self.app.awaits_dialog = hold

    def compose_footer(self) -> ComposeResult:
        """Create the two last lines."""
        yield Static(id="status")
        yield Static(id="keys")

    def show_message(self, text: str, is_error: bool = False, offers_undo: bool = False) -> None:
        """Show a text in the status line until the next one; an empty text shows the session's read error, if any.

        With ``offers_undo`` the text says what was just decided, and the line of keys begins with the undo key.
        """
        if not text and self.worklist.session.read_error:
            text, is_error = self.worklist.session.read_error, True
        if not self.is_laid_out:
            if self.is_attached:
                self.call_after_refresh(self.show_message, text, is_error, offers_undo)
            return
        self.offers_undo, self.offers_redo = offers_undo, False
        sign = "! " if is_error else "✓ " if offers_undo else ""
        style = "bold" if is_error else "bold $text-success" if offers_undo else ""
        self.query_one("#status", Static).update(Content.styled(sign + one_line(text), style))
        self._paint_keys()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Ignore keys that arrive before the screen is laid out."""
        return self.is_laid_out

    def on_resize(self, event: Resize) -> None:
        """Lay everything out for the new width."""
        if not self.is_laid_out:
            return
        self._paint_keys()
        self.call_after_refresh(self.paint)

    def offer_undo_and_redo(self, can_undo: bool) -> None:
        """Let the next ``u`` undo the decision before (if it is of this session), and the next ``U`` redo, unasked."""
        self.offers_undo, self.offers_redo = can_undo, True
        self._paint_keys()

    def _paint_keys(self) -> None:
        line = key_line(self.NAME_IN_KEYMAP, self.size.width, self.context.keymap, self.offers_undo)
        self.query_one("#keys", Static).update(line)

    def ask(self, question: str, detail: str, then: Callable[[], object]) -> None:
        """Ask a question, and act if the reviewer says yes."""

        def done(answer: bool | None) -> None:
            if answer:
                then()

        self.app.push_screen(ConfirmDialog(question, one_line(detail)), done)

    def paint(self) -> None:
        """Update all widgets from the current state."""

    def write(self, selector: str, content: Content) -> None:
        """Replace the text of one widget."""
        self.query_one(selector, Static).update(content)

    def edit_note(self, problem_id: str) -> None:
        """Open a dialog for the note that is saved with the item's next decision."""

        def done(text: str | None) -> None:
            if text is None:
                return
            self.worklist.notes.pop(problem_id, None)
            if text.strip():
                self.worklist.notes[problem_id] = text.strip()
                self.show_message("the note is saved with your next decision on this item")
            self.paint()

        self.app.push_screen(InputDialog(f"Note on {problem_id}", self.worklist.notes.get(problem_id, "")), done)


def key_line(screen: str, width: int, keymap: Mapping[str, str], offers_undo: bool = False) -> Content:
    """Return the keys of a screen that fit on one line; those of the guidelines and of all keys are always included.

    ``offers_undo``: begin with the key that undoes the last decision.
    """
    everywhere = {key.id: key for key in keys_of("app")}
    last = [_hint(everywhere.pop(name), keymap) for name in ("app.guidelines", "app.help")]
    shown = [_hint(everywhere.pop("app.undo"), keymap)] if offers_undo else []
    room = width + 1 - sum(map(_size, [*shown, *last]))  # the last hint needs no space behind it
    quit_first = sorted(everywhere.values(), key=lambda key: key.id != "app.leave")
    for key in (*keys_of(screen), *quit_first):
        hint = _hint(key, keymap)
        if key.footer and _size(hint) <= room:
            shown.append(hint)
            room -= _size(hint)
    parts: list[Any] = []
    for number, (key_name, text) in enumerate((*shown, *last)):
        is_undo = offers_undo and number == 0
        parts += [(f" {key_name} ", "bold reverse" if is_undo else "bold $text-accent")]
        parts += [(f"{text} ", "bold" if is_undo else "$text-muted")]
    return Content.assemble(*parts)


def _hint(key: Key, keymap: Mapping[str, str]) -> tuple[str, str]:
    return display(keymap.get(key.id, key.keys).split(",")[0]), key.footer


def _size(hint: tuple[str, str]) -> int:
    return cell_len(hint[0]) + cell_len(hint[1]) + 3
