"""The screen of one item: five tabs, the suggestion, and the keys that decide."""

from __future__ import annotations

import time
from dataclasses import replace

from textual.app import ComposeResult
from textual.timer import Timer
from textual.widgets import Static

from curation.records import REASONS, Reason
from curation.review.queue import Item
from curation.review.rerun import rerun_solutions
from curation.review.tui.background_runner import JobFinished
from curation.review.tui.base_screen import ReviewScreen, ScreenContext
from curation.review.tui.dialogs import ChoiceDialog, InputDialog
from curation.review.tui.item_body import ItemBody
from curation.review.tui.item_heading import (
    checker_line,
    heading_rows,
    headline,
    last_decisions_line,
    suggestion_line,
    tab_line,
)
from curation.review.tui.item_view import Tab, first_view
from curation.review.tui.keys import bindings
from curation.review.tui.messages import CloseItem, Decide, OpenFix, OpenItem
from curation.review_decisions import Action
from harness.sandbox import Sandbox


class ItemScreen(ReviewScreen):
    """The second screen: one item, its tabs, and the keys that decide."""

    NAME_IN_KEYMAP = "item"
    BINDINGS = bindings("item")

    def __init__(self, context: ScreenContext, problem_id: str) -> None:
        super().__init__(context)
        self.problem_id = problem_id
        self.body = ItemBody(first_view(self.worklist.session.queue.item(problem_id)))
        self._job_id = 0
        self._began = 0.0
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Create the lines above the tabs, and the area below them."""
        yield Static(id="head")
        yield Static(id="suggestion")
        yield Static(id="checker")
        yield Static(id="decisions")
        yield Static(id="tabs")
        yield self.body
        yield from self.compose_footer()

    def on_mount(self) -> None:
        """Show the first tab."""
        if self.is_laid_out:
            self.action_show_tab(Tab.DIFF)

    def show(self, problem_id: str) -> None:
        """Show another item."""
        self.context.runner.cancel_all()
        self._job_id = 0
        view = first_view(self.worklist.session.queue.item(problem_id))
        self.problem_id = problem_id
        if not self.is_laid_out:
            self.body.view = view  # there is no list yet: ``on_mount`` fills it
            return
        self.body.show(view, Tab.DIFF)
        self._paint_tab()

    @property
    def item(self) -> Item:
        """The shown item."""
        return self.body.view.item

    # ---- painting

    def paint(self) -> None:
        """Update the lines above the tabs, and the body."""
        if not self.is_laid_out:
            return
        width, session = self.size.width - 2, self.worklist.session
        place = f"{self.worklist.position(self.problem_id) + 1:,} of {len(self.worklist.visible):,}"
        note = self.worklist.notes.get(self.problem_id, "")
        history = session.history(self.problem_id)
        decisions = last_decisions_line(self.item, history, width)
        keys = self.context.key("item.apply"), self.context.key("item.comparison")
        self.write("#head", headline(session.row(self.problem_id), place, note, width))
        for_suggestion, for_checker = heading_rows(self.size.height)
        proposal = session.proposal_for(self.problem_id)
        self.write("#suggestion", suggestion_line(self.item, proposal, keys, width, for_suggestion))
        checker = checker_line(self.item.checker, self.context.key("item.checker"), width, for_checker)
        self.query_one("#checker").display = bool(checker)
        self.write("#checker", checker)
        self.query_one("#decisions").display = bool(decisions)
        self.write("#decisions", decisions)
        self.write("#tabs", tab_line(self.body.tab, f"{session.reviewer} · {self.worklist.left():,} left", width))
        self.body.decisions, self.body.running = history, self._progress()
        self.body.paint()
        if session.read_error:
            self.show_message("")

    def _progress(self) -> str:
        if not self._job_id:
            return ""
        count = sum(result.same_as is None for result in self.item.problem.solutions)
        return f"running {count} solutions on test {self.body.view.test} ... {time.monotonic() - self._began:.0f} s"

    # ---- moving

    def action_show_tab(self, tab: int) -> None:
        """Show a tab, scrolled to its top."""
        self.body.show_tab(Tab(tab))
        self._paint_tab()

    def _paint_tab(self) -> None:
        self.paint()
        self.call_after_refresh(self.paint)  # showing or hiding the list changes the width of the pane

    def action_step_tab(self, step: int) -> None:
        """Go to the next or the previous tab."""
        self.action_show_tab((self.body.tab + step) % len(Tab))

    def action_step_test(self, step: int) -> None:
        """Go to the next or the previous failing test."""
        self.body.step_test(step)
        self.paint()

    def action_step_solution(self, step: int) -> None:
        """Go to the next or previous answer on the tab Diff, or solution on any other tab."""
        self.body.step_solution(step)
        self.paint()

    def action_whitespace(self) -> None:
        """Show or hide white space."""
        self.body.view = replace(self.body.view, whitespace=not self.body.view.whitespace)
        self.paint()

    def action_move(self, step: int) -> None:
        """Move by a row, or scroll by two lines."""
        self.body.move(step)

    def action_page(self, step: int) -> None:
        """Scroll by a page."""
        self.body.page(step)

    def action_step_item(self, step: int) -> None:
        """Go to the next or the previous item of the queue."""
        problem_id = self.worklist.neighbour(self.problem_id, step)
        if problem_id is None:
            self.show_message("this is the last item" if step > 0 else "this is the first item")
        else:
            self.post_message(OpenItem(problem_id))

    def action_close(self) -> None:
        """Go back to the queue."""
        self.context.runner.cancel_all()
        self.post_message(CloseItem())

    # ---- running the solutions again

    def action_run_again(self) -> None:
        """Run every solution on this test, and show their answers."""
        item, test, limits = self.item, self.body.view.test, self.context.limits

        def job(sandbox: Sandbox) -> object:
            return rerun_solutions(sandbox, item, test, limits)

        self.context.runner.cancel_all()
        self._job_id = self.context.runner.submit(job, self)
        self._began = time.monotonic()
        if self._timer is None:
            self._timer = self.set_interval(1.0, self._tick)
        self.action_show_tab(Tab.DIFF)

    def _tick(self) -> None:
        if self._job_id and self.body.tab is Tab.DIFF:
            self.paint()

    def on_job_finished(self, event: JobFinished) -> None:
        """Show the answers of the new run."""
        if event.job_id != self._job_id:
            return
        self._job_id = 0
        if event.error:
            self.show_message(event.error, is_error=True)
        else:
            self.body.view = replace(self.body.view, reruns=event.result, answer_index=0)
            self.show_message(f"every solution has run again on test {self.body.view.test}")
        self.paint()

    # ---- deciding

    def action_apply(self) -> None:
        """Apply the suggestion: a drop after a question, a correction after a trial."""
        proposal = self.worklist.session.proposal_for(self.problem_id)
        if proposal is None:
            self.show_message("there is no suggestion to apply: decide with y, x, e or c", is_error=True)
        elif proposal.action is Action.CORRECT:
            self.worklist.drafts[self.problem_id] = proposal.changes
            self._fix()
        else:
            question = f"Drop {self.problem_id} as suggested, for {proposal.reason}?"
            self._ask_to_decide(question, proposal.text, Decide(self.problem_id, proposal.action, proposal.reason))

    def _ask_to_decide(self, question: str, detail: str, decision: Decide) -> None:
        self.ask(question, detail, lambda: self.post_message(decision))

    def _fix(self, begin: str = "") -> None:
        selected = self.body.view.selected_answer()
        answer = selected.output if selected is not None else None
        self.hold_keys_for_dialog(bool(begin))
        self.post_message(OpenFix(self.problem_id, self.body.view.test, begin, answer))

    def action_keep(self) -> None:
        """Ask, then keep the item; say so if no build could apply that."""
        why_not = self.worklist.session.why_not_kept(self.problem_id)
        edit, drop = (self.context.key(name) for name in ("item.edit", "item.drop"))
        question = f"Keep {self.problem_id}: are its tests right as they are?"
        detail = f"{why_not}; {edit} corrects it, {drop} drops it" if why_not else ""
        if why_not:
            question = f"Keep {self.problem_id} anyway?"
        self._ask_to_decide(question, detail, Decide(self.problem_id, Action.KEEP, force=bool(why_not)))

    def action_drop(self) -> None:
        """Ask for a reason, then drop the item."""

        def done(reason: str | None) -> None:
            if reason is not None:
                self.post_message(Decide(self.problem_id, Action.DROP, reason))

        options = [
            (str(reason), f"{reason:<20} {REASONS[reason].partition(';')[0]}")
            for reason in _reasons_by_likelihood(self.item)
        ]
        self.app.push_screen(ChoiceDialog(f"Drop {self.problem_id}: reason", options, is_decision=True), done)

    def action_edit(self) -> None:
        """Edit the expected output of this test."""
        self._fix("edit")

    def action_input(self) -> None:
        """Edit the input of this test."""
        self._fix("input")

    def action_drop_test(self) -> None:
        """Leave this test out."""
        self._fix("drop_test")

    def action_comparison(self) -> None:
        """Choose the comparison."""
        self._fix("comparison")

    def action_checker(self) -> None:
        """Try the proposed checker; one that comes with a caution is edited first."""
        checker = self.item.checker
        if checker is None:
            compare = self.context.key("item.comparison")
            self.show_message(f"no checker is proposed: {compare} chooses a comparison, or writes one", is_error=True)
            return
        if checker.caution and checker.source:
            self._fix("checker")
            return
        self.worklist.drafts[self.problem_id] = checker.changes
        self._fix()

    def action_canonical(self) -> None:
        """Choose the canonical solution."""
        self._fix("canonical")

    def action_flag(self) -> None:
        """Ask why, then flag the item for a second reviewer."""

        def done(text: str | None) -> None:
            if text is None:
                return
            if not text.strip():
                self.show_message("nothing was decided: say why a second reviewer should look", is_error=True)
                return
            self.worklist.notes[self.problem_id] = text.strip()
            self.post_message(Decide(self.problem_id, Action.FLAG))

        title = f"Flag {self.problem_id}: why should a second reviewer look? (enter flags it, esc does not)"
        self.app.push_screen(InputDialog(title, self.worklist.notes.get(self.problem_id, "")), done)

    def action_skip(self) -> None:
        """Ask, then skip the item: no opinion."""
        question = f"Skip {self.problem_id}, without an opinion?"
        self._ask_to_decide(question, "", Decide(self.problem_id, Action.SKIP))

    def action_note(self) -> None:
        """Write a note."""
        self.edit_note(self.problem_id)


def _reasons_by_likelihood(item: Item) -> list[Reason]:
    """Return every reason: the item's own first, then the two most common ones of a review, then the others."""
    own = [Reason(reason) for reason in item.reasons if reason in set(Reason)]
    return list(dict.fromkeys([*own, Reason.MULTIPLE_OUTPUTS, Reason.OUTPUT_MISMATCH, *Reason]))
