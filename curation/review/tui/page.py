"""What the full screens have in common: the desk, a line that speaks, a line of keys; and what they say to the app."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from apps_plus.printable import one_line
from curation.review.tui.background_runner import Laboratory
from curation.review.tui.dialogs import Ask
from curation.review.tui.keys import KEYS, display, keys_of
from curation.review.tui.type_ahead import TypeAheadApp
from curation.review.worklist import Desk
from curation.review_decisions import Action, Changes
from harness.sandbox.execution import Limits


class OpenItem(Message):
    """An item shall be shown."""

    def __init__(self, problem_id: str) -> None:
        self.problem_id = problem_id
        super().__init__()


class CloseItem(Message):
    """Back to the queue."""


class OpenFix(Message):
    """Changes to an item shall be made and tried."""

    def __init__(self, problem_id: str, test: int, begin: str = "", answer: str | None = None) -> None:
        self.problem_id, self.test = problem_id, test
        self.begin = begin
        """``edit``, ``comparison`` or ``canonical``: what to ask for at once."""
        self.answer = answer
        """The answer that was shown beside the expected output."""
        super().__init__()


class Decide(Message):
    """The reviewer has decided."""

    def __init__(
        self, problem_id: str, action: Action, reason: str = "", changes: Changes | None = None, force: bool = False
    ) -> None:
        self.problem_id, self.action, self.reason, self.changes = problem_id, action, reason, changes
        self.force = force
        """Whether it is wanted though no build can apply it."""
        super().__init__()


class Bench:
    """What every screen works with."""

    def __init__(self, desk: Desk, laboratory: Laboratory, keymap: Mapping[str, str], limits: Limits) -> None:
        self.desk, self.laboratory, self.keymap, self.limits = desk, laboratory, keymap, limits

    def key(self, name: str) -> str:
        """The first key of an action, by its id, as a person writes it."""
        usual = next(key.keys for key in KEYS if key.id == name)
        return display(self.keymap.get(name, usual).split(",")[0])


class Page(Screen[None]):
    """A full screen."""

    NAME_IN_KEYMAP = ""
    AUTO_FOCUS = ""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.bench = bench
        self.desk = bench.desk

    @property
    def stands(self) -> bool:
        """Whether the screen has been laid out, and not taken away again: keys may come faster than either."""
        return bool(self.query("#keys"))

    def await_window(self, asked_for: bool) -> None:
        """Have the next keys wait for a window that is to come, or no longer."""
        if isinstance(self.app, TypeAheadApp):
            self.app.awaits_window = asked_for

    def feet(self) -> ComposeResult:
        """The two last lines."""
        yield Static(id="status")
        yield Static(id="keys")

    def say(self, text: str, is_error: bool = False) -> None:
        """Tell the reviewer something that stays until the next; where there is nothing to tell, what is in the way."""
        if not text and self.desk.session.trouble:
            text, is_error = self.desk.session.trouble, True
        if not self.stands:
            if self.is_attached:
                self.call_after_refresh(self.say, text, is_error)
            return
        sign = "! " if is_error else ""
        self.query_one("#status", Static).update(Content.styled(sign + one_line(text), "bold" if is_error else ""))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key that comes before the screen stands is not for it."""
        return self.stands

    def on_resize(self, event: Resize) -> None:
        """Everything is laid out for a width."""
        if not self.stands:
            return
        self.query_one("#keys", Static).update(key_line(self.NAME_IN_KEYMAP, event.size.width, self.bench.keymap))
        self.call_after_refresh(self.paint)

    def paint(self) -> None:
        """Show things as they are now."""

    def write(self, selector: str, content: Content) -> None:
        """Put text on a part of the screen."""
        self.query_one(selector, Static).update(content)

    def ask_for_note(self, problem_id: str) -> None:
        """Ask for the note that goes with an item's decision."""

        def done(text: str | None) -> None:
            if text is None:
                return
            self.desk.notes.pop(problem_id, None)
            if text.strip():
                self.desk.notes[problem_id] = text.strip()
                self.say("the note goes with your next decision on this item")
            self.paint()

        self.app.push_screen(Ask(f"Note on {problem_id}", self.desk.notes.get(problem_id, "")), done)


def key_line(screen: str, width: int, keymap: Mapping[str, str]) -> Content:
    """The keys of a screen that fit a line; ``?`` for all of them is always there."""
    last = _hint("app.help", "question_mark", "Keys", keymap)
    shown: list[tuple[str, str]] = []
    room = width - _size(last)
    for key in keys_of(screen):
        hint = _hint(key.id, key.keys, key.footer, keymap)
        if key.footer and _size(hint) <= room:
            shown.append(hint)
            room -= _size(hint)
    parts: list[Any] = []
    for key_name, text in (*shown, last):
        parts += [(f" {key_name} ", "bold $text-accent"), (f"{text} ", "dim")]
    return Content.assemble(*parts)


def _hint(name: str, usual: str, text: str, keymap: Mapping[str, str]) -> tuple[str, str]:
    return display(keymap.get(name, usual).split(",")[0]), text


def _size(hint: tuple[str, str]) -> int:
    return cell_len(hint[0]) + cell_len(hint[1]) + 3
