"""The screen that corrects an item: change its tests, run every solution on them, compare, decide."""

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
from curation.review.changes import input_as_written
from curation.review.checker_choices import fitting_checkers
from curation.review.output_diff import EXACTLY, compare_texts
from curation.review.queue import Item
from curation.review.rerun import checker_warning
from curation.review.solution_answers import disputed_tests, output_text, tests_of
from curation.review.trial import Trial, count_passing, try_changes
from curation.review.tui.background_runner import JobFinished
from curation.review.tui.base_screen import ReviewScreen, ScreenContext
from curation.review.tui.dialogs import ChoiceDialog
from curation.review.tui.draft import (
    CATALOGUE_OPTION,
    Draft,
    canonical_options,
    change_lines,
    checker_lines,
    checker_template,
    comparison_options,
    set_expected_output,
    set_input,
    toggle_test,
    trial_lines,
)
from curation.review.tui.editor import EDITABLE_CHARACTERS, Editor, edit_outside, editor_fault
from curation.review.tui.item_view import ItemView
from curation.review.tui.keys import bindings
from curation.review.tui.messages import Decide
from curation.review.tui.side_by_side import difference_lines
from curation.review.tui.text_layout import fit
from curation.review_decisions import Action, Changes
from harness.sandbox import Sandbox


class FixScreen(ReviewScreen):
    """The third screen: a draft, its trial, and the decision."""

    NAME_IN_KEYMAP = "fix"
    BINDINGS = bindings("fix")

    def __init__(
        self, context: ScreenContext, problem_id: str, test: int, begin: str = "", answer: str | None = None
    ) -> None:
        super().__init__(context)
        item = self.worklist.session.queue.item(problem_id)
        self.problem_id = problem_id
        self.draft = Draft(item, self.worklist.drafts.get(problem_id, Changes()))
        self.view = ItemView(item, test=test)
        self._begin, self._answer = begin, answer
        self._job_id = 0
        self._began = 0.0
        self._checkers = fitting_checkers(item.problem)
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Create the heading and the pane."""
        yield Static(id="head")
        with VerticalScroll(id="scroll", can_focus=False):
            yield Static(id="pane")
        yield from self.compose_footer()

    def on_mount(self) -> None:
        """Try the existing draft, and open the dialog of the key that opened this screen."""
        if not self.is_laid_out:
            self.hold_keys_for_dialog(False)
            return
        self._timer = self.set_interval(0.5, self._tick)
        self._try()
        self.call_after_refresh(self._begin_with)

    def _begin_with(self) -> None:
        actions = {
            "edit": self.action_edit,
            "input": self.action_input,
            "drop_test": self.action_drop_test,
            "comparison": self.action_comparison,
            "checker": self._edit_proposed_checker,
            "canonical": self.action_canonical,
        }
        if self._begin:
            actions[self._begin]()
        self.hold_keys_for_dialog(False)

    def paint(self) -> None:
        """Update all widgets from the current state."""
        if not self.is_laid_out:
            return
        width = max(self.size.width - 5, 20)
        note = self.worklist.notes.get(self.problem_id)
        head = f"Correct {self.problem_id}" + (f" · note: {note}" if note else "")
        self.write("#head", Content.styled(fit(one_line(head), width), "bold"))
        lines = [*change_lines(self.draft, width), Content(""), *trial_lines(self.draft, width), Content("")]
        lines += [*self._test_lines(width), *checker_lines(self.draft)]
        self.write("#pane", Content("\n").join(lines))

    def _test_lines(self, width: int) -> list[Content]:
        """Compare the input and the expected output of the test before and after the change."""
        problem, test = self.item.problem, self.view.test
        tests, changes = tests_of(problem), self.draft.changes
        lines = []
        if str(test) in changes.inputs and test < len(tests):
            old = input_as_written(problem, tests.inputs[test])
            lines += self._compared(f"Test {test}: the input", old, changes.inputs[str(test)], width)
        if str(test) in changes.outputs and test < len(tests):
            old = output_text(problem, tests.outputs[test])
            lines += self._compared(f"Test {test}: the expected output", old, changes.outputs[str(test)], width)
        return lines

    def _compared(self, title: str, old: str, new: str, width: int) -> list[Content]:
        difference = compare_texts(old, new, EXACTLY, self.item.problem.entry_point is not None)
        shown = difference_lines(difference, ("now", "changed"), width, self.view.whitespace)
        return [Content.styled(title, "bold"), *shown]

    @property
    def item(self) -> Item:
        """The item to correct."""
        return self.draft.item

    # ---- trials

    def change(self, changes: Changes) -> None:
        """Replace the draft's changes and try them."""
        self.worklist.drafts[self.problem_id] = changes
        self.draft = Draft(self.item, changes)
        self._try()

    def _try(self) -> None:
        self.context.runner.cancel_all()
        self._job_id = 0
        item, changes, limits = self.item, self.draft.changes, self.context.limits
        if changes != Changes():

            def job(sandbox: Sandbox) -> tuple[Trial, str]:
                trial = try_changes(sandbox, item, changes, limits)
                return trial, checker_warning(sandbox, item, changes.checker, limits) if changes.checker else ""

            self._began = time.monotonic()
            self._job_id = self.context.runner.submit(job, self)
            self.draft = replace(self.draft, trial=None, error="", seconds=0.0)
        self.paint()

    def _tick(self) -> None:
        if self._job_id:
            self.draft = replace(self.draft, seconds=time.monotonic() - self._began)
            self.paint()

    def on_job_finished(self, event: JobFinished) -> None:
        """Show the result of the trial."""
        if event.job_id == self._job_id:
            self._job_id = 0
            trial, warning = event.result or (None, "")
            self.draft = replace(self.draft, trial=trial, checker_warning=warning, error=event.error, seconds=None)
            self.paint()

    # ---- keys

    def action_accept(self) -> None:
        """Decide, unless there is an obstacle."""
        obstacle = self.draft.obstacle()
        if obstacle or self.draft.trial is None:
            self.show_message(obstacle, is_error=True)
        else:
            self.post_message(Decide(self.problem_id, Action.CORRECT, changes=self.draft.trial.changes))

    def action_close(self) -> None:
        """Go back to the item; the draft is kept."""
        self.context.runner.cancel_all()
        self.dismiss()

    def action_edit(self) -> None:
        """Edit the expected output of the test."""
        problem, test = self.item.problem, self.view.test
        outputs = tests_of(problem).outputs
        if test >= len(outputs):
            self.show_message("there are no tests", is_error=True)
            return
        text = self.draft.changes.outputs.get(str(test), output_text(problem, outputs[test]))
        title = f"Expected output of test {test}" + (" (JSON)" if problem.entry_point else "")
        self._edit(Editor(title, text, self._answer_to_take()), self._take_output)

    def _answer_to_take(self) -> str | None:
        """Return the answer that the editor offers: the most frequent one to a changed input, or the shown one."""
        answers = self.draft.trial.new_inputs if self.draft.trial else ()
        new = next((new for new in answers if new.test == self.view.test), None)
        return new.answer if new is not None and new.voters else self._answer

    def action_input(self) -> None:
        """Edit the input of the test."""
        problem, test = self.item.problem, self.view.test
        if not self._is_given_test():
            return
        text = self.draft.changes.inputs.get(str(test), input_as_written(problem, tests_of(problem).inputs[test]))
        title = f"Input of test {test}" + (" (the list of arguments, as JSON)" if problem.entry_point else "")
        self._edit(Editor(title, text), self._take_input)

    def _is_given_test(self) -> bool:
        """Return whether the test is part of the problem; say so if it is not."""
        tests, test = tests_of(self.item.problem), self.view.test
        if test < len(tests) - len(tests.generated):
            return True
        generated = f"test {test} was generated, and is no part of the problem"
        text = generated if test < len(tests) else "there are no tests"
        if self.draft.changes == Changes():
            self._leave_with_message(text)
        else:
            self.show_message(text, is_error=True)
        return False

    def _take_input(self, text: str | None) -> None:
        self._take(text, set_input)

    def action_drop_test(self) -> None:
        """Leave the test out, or take it back."""
        if self._is_given_test():
            self.change(toggle_test(self.draft.changes, self.view.test))
            if self.draft.changes == Changes():
                self._leave_with_message(f"test {self.view.test} is in again: nothing is changed")

    def _edit(self, editor: Editor, done: Callable[[str | None], None]) -> None:
        if len(editor.text) <= EDITABLE_CHARACTERS:
            self.app.push_screen(editor, done)
            return
        try:
            done(edit_outside(self.app, editor.text, editor.suffix))
        except (OSError, ValueError) as error:
            self.show_message(editor_fault(error), is_error=True)

    def _leave_if_unchanged(self) -> None:
        """Close the screen if the dialog was cancelled and the draft has no changes."""
        if self.draft.changes == Changes():
            self.action_close()

    def _leave_with_message(self, text: str) -> None:
        """Go back to the screen below, with a message in its status line."""
        below = [screen for screen in self.app.screen_stack if isinstance(screen, ReviewScreen) and screen is not self]
        self.action_close()
        below[-1].show_message(text)

    def _take_output(self, text: str | None) -> None:
        self._take(text, set_expected_output)

    def _take(self, text: str | None, change: Callable[[Item, Changes, int, str], Changes]) -> None:
        """Take an edited text into the draft; None: the editor was cancelled."""
        if text is None:
            self._leave_if_unchanged()
            return
        try:
            changes = change(self.item, self.draft.changes, self.view.test, text)
        except AppsPlusError as error:
            self.show_message(str(error), is_error=True)
        else:
            self.change(changes)

    def action_comparison(self) -> None:
        """Choose the comparison."""
        now = self.draft.changes.comparison or self.item.problem.comparison
        options = comparison_options(now, self._checkers)
        self.app.push_screen(ChoiceDialog("Compare outputs as", options, now), self._take_comparison)

    def _take_comparison(self, mode: str | None) -> None:
        if mode == Comparison.CHECKER:
            self._edit_checker()
        elif mode is not None and mode.startswith(CATALOGUE_OPTION):
            checker = self._checkers[int(mode.removeprefix(CATALOGUE_OPTION))]
            if checker.is_weak:
                self._edit_checker(checker.source(), keep_draft=False)
            else:
                self._take_checker(checker.source())
        elif mode is None:
            self._leave_if_unchanged()
        else:
            kept = "" if mode == self.item.problem.comparison else mode
            self.change(replace(self.draft.changes, comparison=kept, checker=""))
            if self.draft.changes == Changes():
                self._leave_with_message(f"outputs are already compared as {mode}: nothing was changed")

    def _edit_proposed_checker(self) -> None:
        proposed = self.item.checker
        self._edit_checker(proposed.source if proposed is not None else "")

    def _edit_checker(self, start: str = "", keep_draft: bool = True) -> None:
        source = (self.draft.changes.checker if keep_draft else "") or start or checker_template(self.item)
        self._edit(Editor("Checker: check(input, expected, actual) -> bool", source, suffix=".py"), self._take_checker)

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
            ChoiceDialog(title, canonical_options(results), "" if now is None else str(now)), self._take_canonical
        )

    def _take_canonical(self, choice: str | None) -> None:
        if choice is None:
            self._leave_if_unchanged()
        else:
            self.change(replace(self.draft.changes, canonical=int(choice) if choice else None))

    def action_note(self) -> None:
        """Write a note."""
        self.edit_note(self.problem_id)

    def action_run_again(self) -> None:
        """Run every solution again."""
        self._try()

    def action_reset(self) -> None:
        """Discard all changes."""
        self.change(Changes())
        self.worklist.drafts.pop(self.problem_id, None)

    def action_step_test(self, step: int) -> None:
        """Go to the next or the previous test that is changed or disputed."""
        changes = self.draft.changes
        changed = [*map(int, changes.outputs), *map(int, changes.inputs), *changes.dropped_tests]
        tests = sorted({*changed, *disputed_tests(self.item.problem)})
        if tests:
            place = tests.index(self.view.test) + step if self.view.test in tests else 0
            self.view = replace(self.view, test=tests[place % len(tests)], answer_index=0)
            selected = self.view.selected_answer()
            self._answer = selected.output if selected is not None else None
            self.show_message(f"test {self.view.test}")
        self.paint()

    def action_whitespace(self) -> None:
        """Show or hide white space."""
        self.view = replace(self.view, whitespace=not self.view.whitespace)
        self.paint()

    def action_move(self, step: int) -> None:
        """Scroll by two lines."""
        self._scroll.scroll_relative(y=2 * step, animate=False)

    def action_page(self, step: int) -> None:
        """Scroll by a page."""
        if step > 0:
            self._scroll.scroll_page_down(animate=False)
        else:
            self._scroll.scroll_page_up(animate=False)

    @property
    def _scroll(self) -> VerticalScroll:
        return self.query_one("#scroll", VerticalScroll)
