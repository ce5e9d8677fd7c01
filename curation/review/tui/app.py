"""The review app: a terminal UI over a reviewer's session.

    queue (QueueScreen) -> item (ItemScreen) -> correction (FixScreen)

The screens ask by typed messages (``page``); what is decided, and which item comes next, is settled here and on the
``desk``, which knows no terminal. Programs run beside all of it, in the ``laboratory``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from textual.app import SystemCommand
from textual.dom import DOMNode
from textual.screen import Screen

from apps_plus.errors import AppsPlusError, InputError
from curation.review.session import Session
from curation.review.tui.background_runner import Laboratory
from curation.review.tui.batch_screen import Batch, Candidate, candidates_like
from curation.review.tui.dialogs import Ask, Help
from curation.review.tui.fix_screen import FixScreen
from curation.review.tui.headlines import last_word
from curation.review.tui.item_screen import ItemScreen
from curation.review.tui.keys import Key, bindings, display, keymap_path, keys_of, read_keymap
from curation.review.tui.page import Bench, CloseItem, Decide, OpenFix, OpenItem, Page
from curation.review.tui.queue_screen import QueueScreen
from curation.review.tui.type_ahead import TypeAheadApp
from curation.review.worklist import Desk
from curation.review_decisions import Decision
from harness.sandbox import USUAL_ISOLATION, Isolation


def run_app(session: Session, isolation: Isolation = USUAL_ISOLATION) -> None:
    """Show a session in the terminal until the reviewer quits. Raises InputError for a keymap that is none."""
    app = ReviewApp(session, read_keymap(keymap_path()), isolation)
    app.run()
    if app.return_code:
        raise SystemExit(app.return_code)


def theme_for(environment: Mapping[str, str]) -> str:
    """A theme that suits the terminal: what $TEXTUAL_THEME says, else light where $COLORFGBG tells of a light one.

    With $NO_COLOR it is one that has the terminal's own foreground and background, and nothing else.
    """
    if wanted := environment.get("TEXTUAL_THEME"):
        return wanted
    background = environment.get("COLORFGBG", "").rpartition(";")[2]
    kind = "ansi" if "NO_COLOR" in environment else "textual"
    return f"{kind}-light" if background in ("7", "15") else f"{kind}-dark"


class ReviewApp(TypeAheadApp):
    """The app."""

    TITLE = "apps-plus review"
    BINDINGS = bindings("app")
    CSS_PATH = "review.tcss"

    def __init__(
        self, session: Session, keymap: Mapping[str, str] | None = None, isolation: Isolation = USUAL_ISOLATION
    ) -> None:
        super().__init__(ansi_color="NO_COLOR" in os.environ or None)  # else Textual only makes every colour a grey
        self.keys = dict(keymap or {})
        self.bench = Bench(Desk(session), Laboratory(isolation), self.keys, session.queue.limits())
        self.desk = self.bench.desk
        self.set_keymap(self.keys)
        self._asked_to_leave = False

    def get_default_screen(self) -> Screen[None]:
        """The queue stands under everything."""
        return QueueScreen(self.bench)

    def on_mount(self) -> None:
        """Colours that suit the terminal."""
        theme = theme_for(os.environ)
        self.theme = theme if theme in self.available_themes else "textual-dark"

    def on_unmount(self) -> None:
        """End what runs."""
        self.bench.laboratory.close()

    # ---- from screen to screen

    @property
    def page(self) -> Page:
        """The full screen that is on top, whatever window stands over it."""
        return next(screen for screen in reversed(self.screen_stack) if isinstance(screen, Page))

    @property
    def queue_screen(self) -> QueueScreen:
        """The screen under all others."""
        return next(screen for screen in self.screen_stack if isinstance(screen, QueueScreen))

    def on_open_item(self, message: OpenItem) -> None:
        """Show an item."""
        self.show_item(message.problem_id)

    def show_item(self, problem_id: str, told: str = "") -> None:
        """Show an item, in the place of one that is shown, and say something about how it came."""
        try:
            self._leave_fix()
            if isinstance(self.page, ItemScreen):
                self.page.show(problem_id)
            else:
                screen = ItemScreen(self.bench, problem_id)
                self.push_screen(screen, callback=None)
        except AppsPlusError as error:
            self.page.say(str(error), is_error=True)
            return
        self.page.say(told)

    def _leave_fix(self) -> None:
        if isinstance(self.page, FixScreen):
            self.bench.laboratory.stop()
            self.pop_screen()

    def on_close_item(self, _: CloseItem) -> None:
        """Back to the queue, with the cursor on the item."""
        self.show_queue()

    def show_queue(self, told: str = "") -> None:
        """Back to the queue."""
        shown = next((s.problem_id for s in reversed(self.screen_stack) if isinstance(s, ItemScreen)), "")
        while not isinstance(self.screen, QueueScreen):
            self.pop_screen()
        self.desk.refresh()
        self.queue_screen.show_rows(shown)
        self.queue_screen.say(told)

    def on_open_fix(self, message: OpenFix) -> None:
        """Correct an item."""
        if isinstance(self.page, FixScreen):
            self.awaits_window = False
        else:
            self.push_screen(FixScreen(self.bench, message.problem_id, message.test, message.begin, message.answer))

    # ---- decisions

    def on_decide(self, message: Decide) -> None:
        """Write the decision, then open the next item that waits."""
        try:
            decision = self.desk.decide(
                message.problem_id, message.action, message.reason, message.changes, message.force
            )
        except AppsPlusError as error:
            self.page.say(str(error), is_error=True)
            return
        self.go_on(decision)

    def go_on(self, decision: Decision) -> None:
        """The next item that waits, or the queue where none is left."""
        told = f"saved: {last_word(decision)}"
        following = self.desk.next_open(decision.problem_id)
        if following is not None:
            self.show_item(following, told)
        else:
            self.show_queue(f"{told} · nothing else here waits for you")

    def action_undo(self) -> None:
        """Take the last decision back and show its item."""
        decision = self._attempt(self.desk.session.undo, "there is nothing to undo")
        if decision is None:
            return
        if decision.note:
            self.desk.notes.setdefault(decision.problem_id, decision.note)
        told = f"undone: {last_word(decision)}"
        if isinstance(self.page, QueueScreen):
            self.queue_screen.show_rows(decision.problem_id)
            self.queue_screen.say(told)
        else:
            self.show_item(decision.problem_id, told)

    def action_redo(self) -> None:
        """Decide again what was taken back, and go on as after any decision."""
        decision = self._attempt(self.desk.session.redo, "there is nothing to redo")
        if decision is None:
            return
        self.desk.notes.pop(decision.problem_id, None)
        if isinstance(self.page, QueueScreen):
            self.queue_screen.show_rows(decision.problem_id)
            self.queue_screen.say(f"redone: {last_word(decision)}")
        else:
            self.go_on(decision)

    def _attempt(self, change: Callable[[], Decision | None], nothing: str) -> Decision | None:
        """Change the past; None, and a word about it, where that cannot be."""
        try:
            decision = change()
        except AppsPlusError as error:
            self.page.say(str(error), is_error=True)
            return None
        if decision is None:
            self.page.say(nothing)
        else:
            self.desk.refresh()
        return decision

    def action_batch(self) -> None:
        """The same for similar items, after a preview."""
        like = self.current_id
        if like is None:
            return
        candidates = candidates_like(self.desk, like)
        if not candidates:
            self.page.say("no open item is similar to this one: same suggestion, reason and tier")
            return
        others = len(candidates) - 1
        count = f"{others:,} other items" if others > 1 else "one other item" if others else "no other item"
        title = f"The same as on {like}, and on {count} with the same kind of suggestion, reason and tier"
        self.push_screen(Batch(self.bench, title, candidates), self.decide_all)

    def decide_all(self, candidates: list[Candidate] | None) -> None:
        """Write the decisions of a preview, one after another; each can be undone."""
        if candidates is None:
            return
        done = 0
        for candidate in candidates:
            proposal = candidate.proposal
            changes = candidate.trial.changes if candidate.trial is not None else None
            try:
                last = self.desk.decide(candidate.problem_id, proposal.action, proposal.reason, changes)
            except AppsPlusError as error:
                self.page.say(f"{done} decided, then: {error}", is_error=True)
                return
            done += 1
        if not done:
            self.page.say("nothing was decided")
            return
        told = f"saved: {done} decisions, each can be undone with u"
        following = self.desk.next_open(last.problem_id)
        if following is None or isinstance(self.page, QueueScreen):
            self.show_queue(told)
        else:
            self.show_item(following, told)

    # ---- everywhere

    @property
    def current_id(self) -> str | None:
        """The item that a key speaks of."""
        page = self.page
        if isinstance(page, QueueScreen):
            return page.current.problem_id if page.current else None
        return page.problem_id if isinstance(page, (ItemScreen, FixScreen)) else None

    def action_go_to(self) -> None:
        """Go to an item by its id."""

        def done(wanted: str | None) -> None:
            if not wanted or not wanted.strip():
                return
            try:
                self.show_item(self.desk.session.queue.find(wanted))
            except InputError as error:
                self.page.say(str(error), is_error=True)

        self.push_screen(Ask("Go to", hint="train/0042, or 42"), done)

    def action_help(self) -> None:
        """Show the keys."""
        self.push_screen(Help(self.keys, self.page.NAME_IN_KEYMAP, keymap_path()))

    def action_leave(self) -> None:
        """Quit; notes that no decision has taken along are named first."""
        waiting = ", ".join(sorted(self.desk.notes))
        if waiting and not self._asked_to_leave:
            self._asked_to_leave = True
            key = display(self.keys.get("app.leave", "q"))
            self.page.say(f"notes without a decision on {waiting} will be lost: {key} again quits", is_error=True)
        else:
            self.exit()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The command palette: everything that a key does on the screen below."""
        page = self.page
        keys: list[tuple[DOMNode, Key]] = [(page, key) for key in keys_of(page.NAME_IN_KEYMAP)]
        keys += [(self, key) for key in keys_of("app")]
        for owner, key in keys:
            told = _key_help(self.keys, key.id, key.keys)
            yield SystemCommand(_title(key.text), told, partial(self.run_action, key.action, owner))
        yield SystemCommand("Theme", "Choose other colours", self.action_change_theme)


def _title(text: str) -> str:
    return text[0].upper() + text[1:]


def _key_help(keymap: Mapping[str, str], name: str, usual: str) -> str:
    return f"{display(keymap.get(name, usual))}  ({name})"
