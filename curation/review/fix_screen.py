"""Correcting an item: what is changed, every solution run again on it, before and after; then the decision."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from apps_plus.errors import AppsPlusError
from apps_plus.problem import Comparison
from curation.decisions import Action, Changes
from curation.records import SolutionResult
from curation.review.changes import fit_output
from curation.review.dialogs import EDITABLE_CHARACTERS, Choose, Editor, edit_outside
from curation.review.difference import compare_texts
from curation.review.item_screen import ask_for_note
from curation.review.keys import bindings
from curation.review.laboratory import Finished, trouble_with
from curation.review.page import Bench, Decide, Page
from curation.review.panes import View, difference_lines, fit
from curation.review.queue import Item
from curation.review.trial import Trial, count_passing, try_changes
from curation.review.voices import disputed_tests, output_text, tests_of
from harness.printable import one_line
from harness.sandbox import Sandbox

MODES = {
    Comparison.EXACT: "equal, but for white space at the ends of lines",
    Comparison.TOKENS: "equal word by word, however they are spaced",
    Comparison.FLOAT: "word by word; numbers may differ by 1e-6",
    Comparison.UNORDERED: "the same lines (words, elements) in any order",
    Comparison.CHECKER: "a program that you write decides",
}
CHECKER = '''def check(input, expected, actual):
    """Whether `actual` is a right answer; {what}. To begin with: the same words on each line, in any order."""
    def read(text):
        return [sorted(line.split()) for line in text.strip().splitlines()]
    return read(actual) == read(expected)
'''
VALUE_CHECKER = '''def check(input, expected, actual):
    """Whether `actual` is a right answer; {what}. To begin with: the same elements in any order."""
    return sorted(actual) == sorted(expected)
'''
"""What a reviewer who writes a checker begins with."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Changes to an item, and what came of trying them."""

    item: Item
    changes: Changes
    trial: Trial | None = None
    error: str = ""
    remark: str = ""
    """What a checker says of the expected outputs themselves, where that is not yes."""
    seconds: float | None = None
    """How long the trial has been running; None where none is."""

    def obstacle(self) -> str:
        """Why it cannot be decided now; empty where it can."""
        if self.changes == Changes():
            return "nothing is changed yet: e edits the expected output, c the comparison, p the canonical solution"
        if self.seconds is not None:
            return "the solutions are still running: you can decide when you have seen what they make of it"
        if self.error or self.trial is None:
            return self.error or "the solutions have not run yet: r runs them"
        return self.trial.error


def change_lines(draft: Draft, width: int) -> list[Content]:
    """What would be changed, a line each."""
    problem, changes = draft.item.problem, draft.changes
    outputs = tests_of(problem).outputs
    lines = [Content.styled("Changes", "bold")]
    for test, text in sorted(changes.outputs.items(), key=lambda change: int(change[0])):
        before = one_line(output_text(problem, outputs[int(test)])[:200], max(width // 3, 10)) or "(nothing)"
        now = one_line(text[:200], max(width // 3, 10)) or "(nothing)"
        lines.append(Content(fit(f"  test {test}: expect {now} instead of {before}", width)))
    if changes.comparison:
        lines.append(Content(f"  compare as {changes.comparison} instead of {problem.comparison}"))
    if changes.checker:
        lines.append(Content(f"  with a checker of {len(changes.checker.splitlines())} lines"))
    if changes.canonical is not None:
        lines.append(Content(f"  canonical: solution {changes.canonical}"))
    return lines if len(lines) > 1 else [*lines, Content("  none yet")]


def trial_lines(draft: Draft, width: int) -> list[Content]:
    """Before and after: how many solutions pass, for what the others fail, and what became of each."""
    trial = draft.trial
    if draft.seconds is not None:
        count = sum(result.same_as is None for result in draft.item.problem.solutions)
        return [Content.styled(f"running {count} solutions on every test again ... {draft.seconds:.0f} s", "italic")]
    if draft.error:
        return [Content.styled(f"! {one_line(draft.error)}", "bold")]
    if trial is None:
        return []
    if not trial.after:
        return [Content.styled(f"! {one_line(trial.error)}", "bold")]
    head = f"Solutions that pass: {trial.passed_before} before, {trial.passed_after} after"
    lines = [Content.styled(head, "bold"), *_code_lines(trial), Content("")]
    if trial.error:
        lines.append(Content.styled(f"! {one_line(trial.error)}", "bold"))
    else:
        lines.append(
            Content.styled(
                f"✓ solution {trial.canonical} becomes the canonical one: enter decides", "bold $text-success"
            )
        )
    total = sum(result.same_as is None for result in trial.after)
    if 2 * trial.passed_after < total:
        text = f"! only {trial.passed_after} of {total} solutions pass: are several answers right?"
        lines.append(Content.styled(text, "bold"))
    if draft.remark:
        lines.append(Content.styled(f"! {one_line(draft.remark)}", "bold"))
    return [*lines, Content(""), *solution_changes(trial, width)]


def _code_lines(trial: Trial) -> list[Content]:
    before, after = (Counter(r.code for r in results if r.same_as is None) for results in (trial.before, trial.after))
    codes = sorted({*before, *after}, key=lambda code: (code != "passed", -before[code]))
    return [Content(f"  {code:<20} {before[code]:>4} → {after[code]:>4}") for code in codes]


def solution_changes(trial: Trial, width: int) -> list[Content]:
    """A line for every solution whose lot changed, then one for all others."""
    pairs = [(b, a) for b, a in zip(trial.before, trial.after, strict=True) if b.same_as is None]
    moved = [(b, a) for b, a in pairs if (b.code == "passed") != (a.code == "passed")]
    lines = [Content(fit(f"  {b.index:>3}  {_lot(b)} → {_lot(a)}", width)) for b, a in moved]
    still = [a for b, a in pairs if (b.code == "passed") == (a.code == "passed")]
    failing = [a for a in still if a.code != "passed"]
    lines += [Content(fit(f"  {a.index:>3}  still {_lot(a)}", width)) for a in failing]
    if count := len(still) - len(failing):
        lines.append(Content(f"       {count} passed and still pass"))
    return lines


def _lot(result: SolutionResult) -> str:
    return "passed" if result.code == "passed" else one_line(f"{result.code} ({result.detail})")


def checker_to_begin_with(item: Item) -> str:
    """A checker that works, for a reviewer to change."""
    if item.problem.entry_point is not None:
        return VALUE_CHECKER.format(what="`input` is the list of arguments, the others are values")
    return CHECKER.format(what="all three are texts")


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
            return
        self._timer = self.set_interval(0.5, self._tick)
        self._try()
        actions = {"edit": self.action_edit, "comparison": self.action_comparison, "canonical": self.action_canonical}
        if self._begin:
            self.call_after_refresh(actions[self._begin])

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
        difference = compare_texts(old, new, Comparison.EXACT, problem.entry_point is not None)
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
        self._edit(
            f"Expected output of test {test}" + (" (JSON)" if problem.entry_point else ""), text, self._take_output
        )

    def _edit(self, title: str, text: str, done: Callable[[str | None], None], suffix: str = ".txt") -> None:
        if len(text) <= EDITABLE_CHARACTERS:
            self.app.push_screen(Editor(title, text, self._answer, suffix), done)
            return
        try:
            done(edit_outside(self.app, text, suffix))
        except (OSError, ValueError) as error:
            self.say(f"the editor could not be run ({error}): set $EDITOR", is_error=True)

    def _leave_if_unchanged(self) -> None:
        """Nothing was taken over, and nothing is changed: there is nothing to see here."""
        if self.draft.changes == Changes():
            self.action_close()

    def _take_output(self, text: str | None) -> None:
        if text is None:
            self._leave_if_unchanged()
            return
        test, outputs = self.view.test, dict(self.draft.changes.outputs)
        try:
            fitted = fit_output(self.item.problem, test, text)
        except AppsPlusError as error:
            self.say(str(error), is_error=True)
            return
        before = output_text(self.item.problem, tests_of(self.item.problem).outputs[test])
        outputs[str(test)] = fitted
        if fitted == fit_output(self.item.problem, test, before):
            del outputs[str(test)]
        self.change(replace(self.draft.changes, outputs=outputs))

    def action_comparison(self) -> None:
        """Choose the comparison."""
        now = self.draft.changes.comparison or self.item.problem.comparison
        options = [(str(mode), f"{mode:<10} {text}{'  (now)' if mode == now else ''}") for mode, text in MODES.items()]
        self.app.push_screen(Choose("How outputs are compared", options, now), self._take_comparison)

    def _take_comparison(self, mode: str | None) -> None:
        if mode == Comparison.CHECKER:
            source = self.draft.changes.checker or checker_to_begin_with(self.item)
            self._answer = None
            self._edit("Checker: check(input, expected, actual) -> bool", source, self._take_checker, ".py")
        elif mode is None:
            self._leave_if_unchanged()
        else:
            kept = "" if mode == self.item.problem.comparison else mode
            self.change(replace(self.draft.changes, comparison=kept, checker=""))

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
        options = [("", "the first that passes, as written before repaired")]
        options += [(str(r.index), f"solution {r.index:>3}  {_lot(r)}"[:76]) for r in results if r.same_as is None]
        now = self.draft.changes.canonical
        title = f"Canonical solution ({count_passing(results)} pass)"
        self.app.push_screen(Choose(title, options, "" if now is None else str(now)), self._take_canonical)

    def _take_canonical(self, choice: str | None) -> None:
        if choice is None:
            self._leave_if_unchanged()
        else:
            self.change(replace(self.draft.changes, canonical=int(choice) if choice else None))

    def action_note(self) -> None:
        """Write a note."""
        ask_for_note(self, self.problem_id)

    def action_run_again(self) -> None:
        """Run everything again."""
        self._try()

    def action_reset(self) -> None:
        """Take all changes back."""
        self.change(Changes())
        self.desk.drafts.pop(self.problem_id, None)

    def action_next_test(self, step: int = 1) -> None:
        """The next test that is changed or disputed."""
        changed = [int(test) for test in self.draft.changes.outputs]
        tests = sorted({*changed, *disputed_tests(self.item.problem)})
        if tests:
            place = tests.index(self.view.test) + step if self.view.test in tests else 0
            self.view = replace(self.view, test=tests[place % len(tests)])
            self._answer = None
            self.say(f"test {self.view.test}")
        self.paint()

    def action_previous_test(self) -> None:
        """The test before."""
        self.action_next_test(-1)

    def action_whitespace(self) -> None:
        """Show white space, or hide it."""
        self.view = replace(self.view, whitespace=not self.view.whitespace)
        self.paint()

    def action_scroll_down(self) -> None:
        """Down a line."""
        self.query_one("#scroll", VerticalScroll).scroll_relative(y=2, animate=False)

    def action_scroll_up(self) -> None:
        """Up a line."""
        self.query_one("#scroll", VerticalScroll).scroll_relative(y=-2, animate=False)

    def action_page_down(self) -> None:
        """Down a page."""
        self.query_one("#scroll", VerticalScroll).scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """Up a page."""
        self.query_one("#scroll", VerticalScroll).scroll_page_up(animate=False)
