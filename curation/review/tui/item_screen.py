"""One item: five tabs, one line that says what is suggested, and the keys that decide."""

from __future__ import annotations

import time
from dataclasses import replace

from textual.app import ComposeResult
from textual.timer import Timer
from textual.widgets import Static

from curation.records import REASONS, Reason
from curation.review.queue import Item
from curation.review.tui.background_runner import Finished, replies_on
from curation.review.tui.dialogs import Choose
from curation.review.tui.headlines import headline, suggestion_line, tab_line, words_line
from curation.review.tui.item_body import ItemBody
from curation.review.tui.keys import bindings
from curation.review.tui.page import Bench, CloseItem, Decide, OpenFix, OpenItem, Page
from curation.review.tui.view import Tab, first_view
from curation.review_decisions import Action
from harness.sandbox import Sandbox


class ItemScreen(Page):
    """The second screen."""

    NAME_IN_KEYMAP = "item"
    BINDINGS = bindings("item")

    def __init__(self, bench: Bench, problem_id: str) -> None:
        super().__init__(bench)
        self.problem_id = problem_id
        self.body = ItemBody(first_view(self.desk.session.queue.item(problem_id)))
        self._ticket = 0
        self._began = 0.0
        self._timer: Timer | None = None
        self._asked_to_keep = False

    def compose(self) -> ComposeResult:
        """The lines over the tabs, then what stands under them."""
        yield Static(id="head")
        yield Static(id="suggestion")
        yield Static(id="words")
        yield Static(id="tabs")
        yield self.body
        yield from self.feet()

    def on_mount(self) -> None:
        """Show the first tab."""
        if self.stands:
            self.action_show_tab(Tab.DIFF)

    def show(self, problem_id: str) -> None:
        """Show another item."""
        self.bench.laboratory.stop()
        self._ticket = 0
        self._asked_to_keep = False
        view = first_view(self.desk.session.queue.item(problem_id))
        self.problem_id = problem_id
        if not self.stands:
            self.body.view = view  # there is no list yet; ``on_mount`` fills it
            return
        self.body.show(view, Tab.DIFF)
        self._paint_tab()

    @property
    def item(self) -> Item:
        """The item that is shown."""
        return self.body.view.item

    # ---- painting

    def paint(self) -> None:
        """The lines over the tabs, and the body."""
        if not self.stands:
            return
        width, session = self.size.width - 2, self.desk.session
        place = f"{self.desk.place(self.problem_id) + 1:,} of {len(self.desk.visible):,}"
        note = self.desk.notes.get(self.problem_id, "")
        history = session.history(self.problem_id)
        words = words_line(self.item, history, width)
        keys = self.bench.key("item.apply"), self.bench.key("item.comparison")
        self.write("#head", headline(session.row(self.problem_id), place, note, width))
        self.write("#suggestion", suggestion_line(self.item, session.suggested(self.problem_id), keys, width))
        self.query_one("#words").display = bool(words)
        self.write("#words", words)
        self.write("#tabs", tab_line(self.body.tab))
        self.body.decisions, self.body.running = history, self._progress()
        self.body.paint()
        if session.trouble:
            self.say("")

    def _progress(self) -> str:
        if not self._ticket:
            return ""
        count = sum(result.same_as is None for result in self.item.problem.solutions)
        return f"running {count} solutions on test {self.body.view.test} ... {time.monotonic() - self._began:.0f} s"

    # ---- looking around

    def action_show_tab(self, tab: int) -> None:
        """Show a tab from its top."""
        self.body.show_tab(Tab(tab))
        self._paint_tab()

    def _paint_tab(self) -> None:
        self.paint()
        self.call_after_refresh(self.paint)  # a list that comes or goes makes the pane narrower or wider

    def action_step_tab(self, step: int) -> None:
        """The next tab, or the one before."""
        self.action_show_tab((self.body.tab + step) % len(Tab))

    def action_step_test(self, step: int) -> None:
        """The next failing test, or the one before."""
        self.body.step_test(step)
        self.paint()

    def action_step_solution(self, step: int) -> None:
        """The next answer on the tab Diff, the next solution on any other; or the one before."""
        self.body.step_solution(step)
        self.paint()

    def action_whitespace(self) -> None:
        """Show white space, or hide it."""
        self.body.view = replace(self.body.view, whitespace=not self.body.view.whitespace)
        self.paint()

    def action_move(self, step: int) -> None:
        """Down or up a little."""
        self.body.move(step)

    def action_page(self, step: int) -> None:
        """Down or up a page."""
        self.body.page(step)

    def action_step_item(self, step: int) -> None:
        """The next item of the queue, or the one before."""
        wanted = self.desk.step(self.problem_id, step)
        if wanted is None:
            self.say("this is the last item" if step > 0 else "this is the first item")
        else:
            self.post_message(OpenItem(wanted))

    def action_close(self) -> None:
        """Back to the queue."""
        self.bench.laboratory.stop()
        self.post_message(CloseItem())

    # ---- running again

    def action_run_again(self) -> None:
        """Run every solution on this test, and show what they say now."""
        item, test, limits = self.item, self.body.view.test, self.bench.limits

        def job(sandbox: Sandbox) -> object:
            return replies_on(sandbox, item, test, limits)

        self.bench.laboratory.stop()
        self._ticket = self.bench.laboratory.run(job, self)
        self._began = time.monotonic()
        if self._timer is None:
            self._timer = self.set_interval(1.0, self._tick)
        self.action_show_tab(Tab.DIFF)

    def _tick(self) -> None:
        if self._ticket and self.body.tab is Tab.DIFF:
            self.paint()

    def on_finished(self, event: Finished) -> None:
        """The solutions have run."""
        if event.ticket != self._ticket:
            return
        self._ticket = 0
        if event.error:
            self.say(event.error, is_error=True)
        else:
            self.body.view = replace(self.body.view, replies=event.answer, voice=0)
            self.say(f"every solution has run again on test {self.body.view.test}")
        self.paint()

    # ---- deciding

    def action_apply(self) -> None:
        """Apply what is suggested: a drop at once, a correction after a trial."""
        proposal = self.desk.session.suggested(self.problem_id)
        if proposal is None:
            self.say("nothing can be applied as it is suggested: decide with y, x, e or c", is_error=True)
        elif proposal.action is Action.CORRECT:
            self.desk.drafts[self.problem_id] = proposal.changes
            self._fix()
        else:
            self.post_message(Decide(self.problem_id, proposal.action, proposal.reason))

    def _fix(self, begin: str = "") -> None:
        heard = self.body.view.heard()
        answer = heard.output if heard is not None else None
        self.await_window(bool(begin))
        self.post_message(OpenFix(self.problem_id, self.body.view.test, begin, answer))

    def action_keep(self) -> None:
        """Keep it as it is; where no build could do so, only when asked twice."""
        why_not = self.desk.session.why_not_kept(self.problem_id)
        if why_not and not self._asked_to_keep:
            self._asked_to_keep = True
            edit, drop, keep = (self.bench.key(name) for name in ("item.edit", "item.drop", "item.keep"))
            self.say(
                f"{why_not}; {edit} corrects it, {drop} drops it, {keep} again keeps it all the same", is_error=True
            )
        else:
            self.post_message(Decide(self.problem_id, Action.KEEP, force=bool(why_not)))

    def action_drop(self) -> None:
        """Drop it, for a reason."""

        def done(reason: str | None) -> None:
            if reason is not None:
                self.post_message(Decide(self.problem_id, Action.DROP, reason))

        options = [(str(reason), f"{reason:<20} {REASONS[reason].partition(';')[0]}") for reason in _likely(self.item)]
        self.app.push_screen(Choose(f"Drop {self.problem_id}: why?", options), done)

    def action_edit(self) -> None:
        """Edit the expected output of this test."""
        self._fix("edit")

    def action_comparison(self) -> None:
        """Choose the comparison."""
        self._fix("comparison")

    def action_canonical(self) -> None:
        """Choose the canonical solution."""
        self._fix("canonical")

    def action_flag(self) -> None:
        """Ask for a second reviewer."""
        self.post_message(Decide(self.problem_id, Action.FLAG))

    def action_skip(self) -> None:
        """No opinion."""
        self.post_message(Decide(self.problem_id, Action.SKIP))

    def action_note(self) -> None:
        """Write a note."""
        self.ask_for_note(self.problem_id)


def _likely(item: Item) -> list[Reason]:
    """Every reason, the item's own first, then those that a reviewer may find."""
    own = [Reason(reason) for reason in item.reasons if reason in set(Reason)]
    return list(dict.fromkeys([*own, Reason.MULTIPLE_OUTPUTS, Reason.OUTPUT_MISMATCH, *Reason]))
