"""Correcting an item: what is changed, every solution run again on it, before and after; then the decision."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from apps_plus.errors import AppsPlusError
from apps_plus.printable import one_line
from apps_plus.problem import Comparison
from curation.records import SolutionResult
from curation.review.difference import EXACTLY, compare_texts
from curation.review.queue import Item
from curation.review.solution_answers import disputed_tests, output_text, tests_of
from curation.review.trial import Trial, count_passing, try_changes
from curation.review.tui.background_runner import Finished, trouble_with
from curation.review.tui.dialogs import Choose
from curation.review.tui.draft import (
    Draft,
    canonical_options,
    change_lines,
    checker_to_begin_with,
    comparison_options,
    trial_lines,
    with_output,
)
from curation.review.tui.editor import EDITABLE_CHARACTERS, Editor, edit_outside
from curation.review.tui.keys import bindings
from curation.review.tui.page import Bench, Decide, Page
from curation.review.tui.side_by_side import difference_lines
from curation.review.tui.texts import fit
from curation.review.tui.view import View
from curation.review_decisions import Action, Changes
from harness.sandbox import Sandbox


class FixScreen(Page):
    """The third screen."""

    NAME_IN_KEYMAP = "fix"
    BINDINGS = bindings("fix")

    def __init__(self, bench: Bench, problem_id: str, test: int, begin: str = "", answer: str | None = None) -> None:
        super().__init__(bench)
        item = self.desk.session.queue.item(problem_id)
        self.problem_id = problem_id
        self.draft = Draft(item, self.desk.drafts.get(problem_id, Changes()))
        self.view = View(item, test=test)
        self._begin, self._answer = begin, answer
        self._ticket = 0
        self._began = 0.0
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """The head and one pane."""
        yield Static(id="head")
        with VerticalScroll(id="scroll", can_focus=False):
            yield Static(id="pane")
        yield from self.feet()

    def on_mount(self) -> None:
        """Ask for what the key that opened it stands for; try what is changed already."""
        if not self.stands:
            self.await_window(False)
            return
        self._timer = self.set_interval(0.5, self._tick)
        self._try()
        self.call_after_refresh(self._begin_with)

    def _begin_with(self) -> None:
        actions = {"edit": self.action_edit, "comparison": self.action_comparison, "canonical": self.action_canonical}
        if self._begin:
            actions[self._begin]()
        self.await_window(False)

    def paint(self) -> None:
        """Everything anew."""
        if not self.stands:
            return
        width = max(self.size.width - 5, 20)
        note = self.desk.notes.get(self.problem_id)
        head = f"Correct {self.problem_id}" + (f" · note: {note}" if note else "")
        self.write("#head", Content.styled(fit(one_line(head), width), "bold"))
        lines = [*change_lines(self.draft, width), Content(""), *trial_lines(self.draft, width), Content("")]
        self.write("#pane", Content("\n").join([*lines, *self._test_lines(width)]))

    def _test_lines(self, width: int) -> list[Content]:
        """The expected output of one test, as it is and as it would be."""
        problem, test = self.item.problem, self.view.test
        new = self.draft.changes.outputs.get(str(test))
        if new is None or test >= len(tests_of(problem).outputs):
            return []
        old = output_text(problem, tests_of(problem).outputs[test])
        difference = compare_texts(old, new, EXACTLY, problem.entry_point is not None)
        title = Content.styled(f"Test {test}: the expected output", "bold")
        return [title, *difference_lines(difference, ("as it is", "as you change it"), width, self.view.whitespace)]

    @property
    def item(self) -> Item:
        """The item that is corrected."""
        return self.draft.item

    # ---- trying

    def change(self, changes: Changes) -> None:
        """Take changes over and try them."""
        self.desk.drafts[self.problem_id] = changes
        self.draft = Draft(self.item, changes)
        self._try()

    def _try(self) -> None:
        self.bench.laboratory.stop()
        self._ticket = 0
        item, changes, limits = self.item, self.draft.changes, self.bench.limits
        if changes != Changes():

            def job(sandbox: Sandbox) -> tuple[Trial, str]:
                trial = try_changes(sandbox, item, changes, limits)
                return trial, trouble_with(sandbox, item, changes.checker, limits) if changes.checker else ""

            self._began = time.monotonic()
            self._ticket = self.bench.laboratory.run(job, self)
            self.draft = replace(self.draft, trial=None, error="", seconds=0.0)
        self.paint()

    def _tick(self) -> None:
        if self._ticket:
            self.draft = replace(self.draft, seconds=time.monotonic() - self._began)
            self.paint()

    def on_finished(self, event: Finished) -> None:
        """The solutions have run."""
        if event.ticket == self._ticket:
            self._ticket = 0
            trial, remark = event.answer or (None, "")
            self.draft = replace(self.draft, trial=trial, remark=remark, error=event.error, seconds=None)
            self.paint()

    # ---- keys

    def action_accept(self) -> None:
        """Decide, unless something stands against it."""
        obstacle = self.draft.obstacle()
        if obstacle or self.draft.trial is None:
            self.say(obstacle, is_error=True)
        else:
            self.post_message(Decide(self.problem_id, Action.CORRECT, changes=self.draft.trial.changes))

    def action_close(self) -> None:
        """Back to the item; the draft stays on the desk."""
        self.bench.laboratory.stop()
        self.dismiss()

    def action_edit(self) -> None:
        """Edit the expected output of the test."""
        problem, test = self.item.problem, self.view.test
        outputs = tests_of(problem).outputs
        if test >= len(outputs):
            self.say("there are no tests", is_error=True)
            return
        text = self.draft.changes.outputs.get(str(test), output_text(problem, outputs[test]))
        title = f"Expected output of test {test}" + (" (JSON)" if problem.entry_point else "")
        self._edit(Editor(title, text, self._answer), self._take_output)

    def _edit(self, editor: Editor, done: Callable[[str | None], None]) -> None:
        if len(editor.text) <= EDITABLE_CHARACTERS:
            self.app.push_screen(editor, done)
            return
        try:
            done(edit_outside(self.app, editor.text, editor.suffix))
        except (OSError, ValueError) as error:
            self.say(f"the editor could not be run ({error}): set $EDITOR", is_error=True)

    def _leave_if_unchanged(self) -> None:
        """Nothing was taken over, and nothing is changed: there is nothing to see here."""
        if self.draft.changes == Changes():
            self.action_close()

    def _leave_saying(self, text: str) -> None:
        """Back to the screen below, which tells why."""
        below = [screen for screen in self.app.screen_stack if isinstance(screen, Page) and screen is not self]
        self.action_close()
        below[-1].say(text)

    def _take_output(self, text: str | None) -> None:
        if text is None:
            self._leave_if_unchanged()
            return
        try:
            changes = with_output(self.item, self.draft.changes, self.view.test, text)
        except AppsPlusError as error:
            self.say(str(error), is_error=True)
        else:
            self.change(changes)

    def action_comparison(self) -> None:
        """Choose the comparison."""
        now = self.draft.changes.comparison or self.item.problem.comparison
        self.app.push_screen(Choose("How outputs are compared", comparison_options(now), now), self._take_comparison)

    def _take_comparison(self, mode: str | None) -> None:
        if mode == Comparison.CHECKER:
            source = self.draft.changes.checker or checker_to_begin_with(self.item)
            title = "Checker: check(input, expected, actual) -> bool"
            self._edit(Editor(title, source, suffix=".py"), self._take_checker)
        elif mode is None:
            self._leave_if_unchanged()
        else:
            kept = "" if mode == self.item.problem.comparison else mode
            self.change(replace(self.draft.changes, comparison=kept, checker=""))
            if self.draft.changes == Changes():
                self._leave_saying(f"outputs are compared as {mode} already: nothing is changed")

    def _take_checker(self, source: str | None) -> None:
        if source is None or not source.strip():
            self._leave_if_unchanged()
        else:
            self.change(replace(self.draft.changes, comparison=str(Comparison.CHECKER), checker=source))

    def action_canonical(self) -> None:
        """Choose the canonical solution."""
        results: Sequence[SolutionResult] = (
            self.draft.trial.after if self.draft.trial and self.draft.trial.after else self.item.problem.solutions
        )
        now = self.draft.changes.canonical
        title = f"Canonical solution ({count_passing(results)} pass)"
        self.app.push_screen(
            Choose(title, canonical_options(results), "" if now is None else str(now)), self._take_canonical
        )

    def _take_canonical(self, choice: str | None) -> None:
        if choice is None:
            self._leave_if_unchanged()
        else:
            self.change(replace(self.draft.changes, canonical=int(choice) if choice else None))

    def action_note(self) -> None:
        """Write a note."""
        self.ask_for_note(self.problem_id)

    def action_run_again(self) -> None:
        """Run everything again."""
        self._try()

    def action_reset(self) -> None:
        """Take all changes back."""
        self.change(Changes())
        self.desk.drafts.pop(self.problem_id, None)

    def action_step_test(self, step: int) -> None:
        """The next test that is changed or disputed, or the one before."""
        changed = [int(test) for test in self.draft.changes.outputs]
        tests = sorted({*changed, *disputed_tests(self.item.problem)})
        if tests:
            place = tests.index(self.view.test) + step if self.view.test in tests else 0
            self.view = replace(self.view, test=tests[place % len(tests)], voice=0)
            heard = self.view.heard()
            self._answer = heard.output if heard is not None else None
            self.say(f"test {self.view.test}")
        self.paint()

    def action_whitespace(self) -> None:
        """Show white space, or hide it."""
        self.view = replace(self.view, whitespace=not self.view.whitespace)
        self.paint()

    def action_move(self, step: int) -> None:
        """Down or up a little."""
        self._scroll.scroll_relative(y=2 * step, animate=False)

    def action_page(self, step: int) -> None:
        """Down or up a page."""
        if step > 0:
            self._scroll.scroll_page_down(animate=False)
        else:
            self._scroll.scroll_page_up(animate=False)

    @property
    def _scroll(self) -> VerticalScroll:
        return self.query_one("#scroll", VerticalScroll)
