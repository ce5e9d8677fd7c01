"""The review app: a terminal UI over a reviewer's session.

    queue (QueueScreen) -> item (ItemScreen) -> correction (FixScreen)

The screens post typed messages (``messages``); this app writes the decisions and opens the next item, both with the
``Worklist``. Programs run in the ``BackgroundRunner``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from textual.app import SystemCommand
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen

from apps_plus.durations import duration
from apps_plus.errors import AppsPlusError, InputError
from apps_plus.printable import one_line, printable
from apps_plus.wording import plural
from curation.review.guidelines import read_guidelines
from curation.review.session import Session
from curation.review.tui.background_runner import BackgroundRunner
from curation.review.tui.base_screen import ReviewScreen, ScreenContext
from curation.review.tui.batch_screen import BatchItem, BatchScreen, candidates_like
from curation.review.tui.dialogs import HelpDialog, InputDialog, NoticeDialog, TextDialog
from curation.review.tui.fix_screen import FixScreen
from curation.review.tui.item_heading import decision_summary
from curation.review.tui.item_screen import ItemScreen
from curation.review.tui.keys import Key, bindings, display, keymap_path, keys_of, read_keymap
from curation.review.tui.messages import CloseItem, Decide, OpenFix, OpenItem
from curation.review.tui.queue_screen import QueueScreen
from curation.review.tui.readable_colors import readable_variables
from curation.review.tui.type_ahead import TypeAheadApp
from curation.review.worklist import Worklist
from curation.review_decisions import Decision
from harness.sandbox import USUAL_ISOLATION, Isolation


def run_app(session: Session, isolation: Isolation = USUAL_ISOLATION) -> None:
    """Run the app on a session until the reviewer quits. Raises InputError if the keymap file is invalid."""
    app = ReviewApp(session, read_keymap(keymap_path()), isolation)
    app.run()
    if app.return_code:
        raise SystemExit(app.return_code)
    app.worklist.refresh()
    for line in app.worklist.summary().lines():
        print(printable(line), file=sys.stderr)


def theme_for(environment: Mapping[str, str]) -> str:
    """Return the theme for the terminal: $TEXTUAL_THEME, else light or dark by $COLORFGBG.

    With $NO_COLOR it is a theme that uses only the terminal's own foreground and background.
    """
    if theme := environment.get("TEXTUAL_THEME"):
        return theme
    background = environment.get("COLORFGBG", "").rpartition(";")[2]
    kind = "ansi" if "NO_COLOR" in environment else "textual"
    return f"{kind}-light" if background in ("7", "15") else f"{kind}-dark"


class ReviewApp(TypeAheadApp):
    """The app: it opens the screens and writes decisions."""

    TITLE = "apps-plus review"
    BINDINGS = bindings("app")
    CSS_PATH = "review.tcss"

    def __init__(
        self, session: Session, keymap: Mapping[str, str] | None = None, isolation: Isolation = USUAL_ISOLATION
    ) -> None:
        super().__init__(ansi_color="NO_COLOR" in os.environ or None)  # without it, NO_COLOR makes Textual show greys
        self.keys = dict(keymap or {})
        self.context = ScreenContext(Worklist(session), BackgroundRunner(isolation), self.keys, session.queue.limits())
        self.worklist = self.context.worklist
        self.set_keymap(self.keys)
        self._asked_to_leave = False

    def get_default_screen(self) -> Screen[None]:
        """Return the queue, which is under all other screens."""
        return QueueScreen(self.context)

    def get_css_variables(self) -> dict[str, str]:
        """Return the colours of the theme, readable ones; the terminal's own colours are left to it."""
        variables = super().get_css_variables()
        if not self.current_theme.ansi:
            variables = self.theme_variables = readable_variables(variables)
        return variables

    def on_mount(self) -> None:
        """Choose a theme for the terminal."""
        theme = theme_for(os.environ)
        self.theme = theme if theme in self.available_themes else "textual-dark"

    def on_unmount(self) -> None:
        """Stop the background runner."""
        self.context.runner.close()

    # ---- from screen to screen

    @property
    def review_screen(self) -> ReviewScreen:
        """The topmost full screen, below any dialog."""
        return next(screen for screen in reversed(self.screen_stack) if isinstance(screen, ReviewScreen))

    @property
    def queue_screen(self) -> QueueScreen:
        """The queue, which is under all other screens."""
        return next(screen for screen in self.screen_stack if isinstance(screen, QueueScreen))

    def on_open_item(self, message: OpenItem) -> None:
        """Show an item."""
        self.show_item(message.problem_id)

    def show_item(self, problem_id: str, message: str = "", offers_undo: bool = False) -> None:
        """Show an item instead of the one that is shown, with a message in the status line."""
        self.worklist.open_item(problem_id)
        try:
            self._leave_fix()
            if isinstance(self.review_screen, ItemScreen):
                self.review_screen.show(problem_id)
            else:
                screen = ItemScreen(self.context, problem_id)
                self.push_screen(screen, callback=None)
        except AppsPlusError as error:
            self.review_screen.show_message(str(error), is_error=True)
            return
        self.review_screen.show_message(message, offers_undo=offers_undo)

    def _leave_fix(self) -> None:
        if isinstance(self.review_screen, FixScreen):
            self.context.runner.cancel_all()
            self.pop_screen()

    def on_close_item(self, _: CloseItem) -> None:
        """Go back to the queue, with the cursor on the item."""
        self.show_queue()

    def show_queue(self, message: str = "", offers_undo: bool = False) -> None:
        """Go back to the queue, with a message in the status line."""
        self.worklist.open_item("")
        shown = next((s.problem_id for s in reversed(self.screen_stack) if isinstance(s, ItemScreen)), "")
        while not isinstance(self.screen, QueueScreen):
            self.pop_screen()
        self.worklist.refresh()
        self.queue_screen.show_rows(shown)
        self.queue_screen.show_message(message, offers_undo=offers_undo)

    def on_open_fix(self, message: OpenFix) -> None:
        """Open the screen that corrects an item."""
        if isinstance(self.review_screen, FixScreen):
            self.awaits_dialog = False
        else:
            self.push_screen(FixScreen(self.context, message.problem_id, message.test, message.begin, message.answer))

    # ---- decisions

    def on_decide(self, message: Decide) -> None:
        """Write a decision, then open the next item that needs one."""
        try:
            decision = self.worklist.decide(
                message.problem_id, message.action, message.reason, message.changes, message.force
            )
        except AppsPlusError as error:
            self.review_screen.show_message(str(error), is_error=True)
            return
        self.open_next_item(decision)

    def open_next_item(self, decision: Decision) -> None:
        """Open the next item that needs a decision, or the queue if there is none."""
        seconds = self.worklist.seconds_on(decision.problem_id)
        message = f"saved: {decision_summary(decision)}" + (
            f" after {duration(seconds)}" if seconds is not None else ""
        )
        following = self.worklist.next_open(decision.problem_id)
        if following is not None:
            self.show_item(following, f"{message} · {self._undo_key} undoes it", offers_undo=True)
        else:
            self.show_queue(f"{message} · no item left to decide here · {self._undo_key} undoes it", offers_undo=True)
            self._show_summary()

    @property
    def _undo_key(self) -> str:
        return self.context.key("app.undo")

    def _show_summary(self) -> None:
        """Sum the session up once nothing is left to decide; a filter may hide what is left."""
        summary = self.worklist.summary()
        if summary.is_finished:
            self.push_screen(NoticeDialog("Nothing is left for you to decide", list(map(one_line, summary.lines()))))

    def action_undo(self) -> None:
        """Retract my last decision and show its item; ask first, unless the screen says what it was."""
        last = self.worklist.session.last_decision()
        if last is None or self.review_screen.offers_undo:
            self._undo()
            return
        when = f"You decided it on {last.time[:16].replace('T', ' ')} (UTC)."
        self.review_screen.ask(f"Undo your last decision, {decision_summary(last)}?", when, self._undo)

    def _undo(self) -> None:
        decision = self._attempt(self.worklist.session.undo, "there is nothing to undo")
        if decision is None:
            return
        if decision.note:
            self.worklist.notes.setdefault(decision.problem_id, decision.note)
        message = f"undone: {decision_summary(decision)} · {self.context.key('app.redo')} decides it again"
        if isinstance(self.review_screen, QueueScreen):
            self.queue_screen.show_rows(decision.problem_id)
            self.queue_screen.show_message(message)
        else:
            self.show_item(decision.problem_id, message)
        self.review_screen.offer_undo_and_redo(can_undo=bool(self.worklist.session.made))

    def action_redo(self) -> None:
        """Write the retracted decision again, and continue as after any decision; ask first, unless just undone."""
        undone = self.worklist.session.last_undone()
        if undone is None or self.review_screen.offers_redo:
            self._redo()
        else:
            self.review_screen.ask(f"Decide again what you undid, {decision_summary(undone)}?", "", self._redo)

    def _redo(self) -> None:
        decision = self._attempt(self.worklist.session.redo, "there is nothing to redo")
        if decision is None:
            return
        self.worklist.notes.pop(decision.problem_id, None)
        if isinstance(self.review_screen, QueueScreen):
            self.queue_screen.show_rows(decision.problem_id)
            self.queue_screen.show_message(f"redone: {decision_summary(decision)}", offers_undo=True)
        else:
            self.open_next_item(decision)

    def _attempt(self, change: Callable[[], Decision | None], nothing: str) -> Decision | None:
        """Undo or redo; return None, with a message, if that is not possible."""
        try:
            decision = change()
        except AppsPlusError as error:
            self.review_screen.show_message(str(error), is_error=True)
            return None
        if decision is None:
            self.review_screen.show_message(nothing)
        else:
            self.worklist.refresh()
        return decision

    def action_batch(self) -> None:
        """Preview the same decision for similar items."""
        like = self.current_id
        if like is None:
            return
        candidates = candidates_like(self.worklist, like)
        if not candidates:
            self.review_screen.show_message("no other open item has the same kind of suggestion, reasons and tier")
            return
        others = len(candidates) - 1
        count = f"{others:,} other items" if others > 1 else "one other item" if others else "no other item"
        title = f"The same decision for {like} and {count} with the same kind of suggestion, reasons and tier"
        self.push_screen(BatchScreen(self.context, title, candidates), self.decide_all)

    def decide_all(self, candidates: list[BatchItem] | None) -> None:
        """Write the decisions of a preview one by one; each can be undone."""
        if candidates is None:
            return
        done = 0
        for candidate in candidates:
            proposal = candidate.proposal
            changes = candidate.trial.changes if candidate.trial is not None else None
            try:
                last = self.worklist.decide(candidate.problem_id, proposal.action, proposal.reason, changes)
            except AppsPlusError as error:
                self.review_screen.show_message(f"{done} decided, then: {error}", is_error=True)
                return
            done += 1
        if not done:
            self.review_screen.show_message("nothing was decided")
            return
        message = f"saved: {plural(done, 'decision')}, each can be undone with {self._undo_key}"
        following = self.worklist.next_open(last.problem_id)
        if following is None or isinstance(self.review_screen, QueueScreen):
            self.show_queue(message, offers_undo=True)
        else:
            self.show_item(following, message, offers_undo=True)
        if following is None:
            self._show_summary()

    # ---- keys of every screen

    @property
    def current_id(self) -> str | None:
        """The id of the item that a key applies to."""
        page = self.review_screen
        if isinstance(page, QueueScreen):
            return page.current.problem_id if page.current else None
        return page.problem_id if isinstance(page, (ItemScreen, FixScreen)) else None

    def action_go_to(self) -> None:
        """Ask for an id, then show that item."""

        def done(text: str | None) -> None:
            if not text or not text.strip():
                return
            try:
                self.show_item(self.worklist.session.queue.find(text))
            except InputError as error:
                self.review_screen.show_message(str(error), is_error=True)

        self.push_screen(InputDialog("Go to", hint="train/0042, or 42"), done)

    def action_help(self) -> None:
        """Show the keys."""
        self.push_screen(HelpDialog(self.keys, self.review_screen.NAME_IN_KEYMAP, keymap_path()))

    def action_guidelines(self) -> None:
        """Show the guidelines of this review."""
        try:
            text = read_guidelines(self.worklist.session.queue.folder)
        except InputError as error:
            self.review_screen.show_message(str(error), is_error=True)
        else:
            self.push_screen(TextDialog("Guidelines", text))

    def on_typed_text(self) -> None:
        """Close a dialog without a field, deciding nothing, and say why nothing happens."""
        if isinstance(self.screen, ModalScreen):
            self.screen.dismiss(None)
        note = self.context.key("item.note")
        keys = self.context.key("app.help")
        self.review_screen.show_message(
            f"typed text decides nothing here: {note} on an item opens a note, {keys} shows the keys", is_error=True
        )

    def action_leave(self) -> None:
        """Quit; first warn about notes that no decision has saved."""
        waiting = ", ".join(sorted(self.worklist.notes))
        if waiting and not self._asked_to_leave:
            self._asked_to_leave = True
            key = display(self.keys.get("app.leave", "q"))
            self.review_screen.show_message(
                f"notes on {waiting} will be lost, as nothing was decided there: {key} again quits", is_error=True
            )
        else:
            self.exit()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Return the command palette: every action of the screen below."""
        page = self.review_screen
        keys: list[tuple[DOMNode, Key]] = [(page, key) for key in keys_of(page.NAME_IN_KEYMAP)]
        keys += [(self, key) for key in keys_of("app")]
        for owner, key in keys:
            yield SystemCommand(
                _title(key.text), _key_help(self.keys, key.id, key.keys), partial(self.run_action, key.action, owner)
            )
        yield SystemCommand("Theme", "Choose the colours", self.action_change_theme)


def _title(text: str) -> str:
    return text[0].upper() + text[1:]


def _key_help(keymap: Mapping[str, str], name: str, usual: str) -> str:
    return f"{display(keymap.get(name, usual))}  ({name})"
