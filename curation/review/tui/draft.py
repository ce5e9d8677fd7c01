"""A correction that is not decided yet: what it changes, and what the solutions make of it. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from textual.content import Content

from apps_plus.printable import one_line
from apps_plus.problem import Comparison
from curation.records import SolutionResult
from curation.review.changes import fit_output
from curation.review.difference import EXACTLY, compare_texts
from curation.review.queue import Item
from curation.review.solution_answers import output_text, tests_of
from curation.review.trial import Trial
from curation.review.tui.side_by_side import difference_lines
from curation.review.tui.texts import fit, joined
from curation.review_decisions import Changes

MODES = {
    Comparison.CHECKER: "a program that you write decides",
    Comparison.EXACT: "equal, but for white space at the ends of lines",
    Comparison.TOKENS: "equal word by word, however they are spaced",
    Comparison.CASE: "word by word, letters in any case",
    Comparison.FLOAT: "word by word; numbers may be off by what the statement allows, or 1e-6",
    Comparison.UNORDERED: "in each case the same lines (words, elements) in any order",
}
"""The checker is first, with the first key: where several answers are right, nothing else will do."""
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
        before = joined(output_text(problem, outputs[int(test)])[:200], max(width // 3, 10)) or "(nothing)"
        now = joined(text[:200], max(width // 3, 10)) or "(nothing)"
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
    return [*lines, Content(""), *also_accepted_lines(trial, width), *solution_changes(trial, width)]


def also_accepted_lines(trial: Trial, width: int) -> list[Content]:
    """An output that the comparison accepts besides the expected one, beside it; none where it accepts no other."""
    accepted = trial.accepted
    if accepted is None:
        return [Content.styled(f"! {trial.accepts_no_other}", "bold"), Content("")] if trial.accepts_no_other else []
    difference = compare_texts(accepted.expected, accepted.output, EXACTLY, trial.problem.entry_point is not None)
    head = Content.styled(f"! {trial.problem.rule}: what stands on the right {accepted.told}", "bold")
    return [head, *difference_lines(difference, ("expected", "also accepted"), width, False), Content("")]


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


def with_output(item: Item, changes: Changes, test: int, text: str) -> Changes:
    """The changes with another expected output for a test; what is expected already is no change.

    Raises InputError where it is no output of this problem.
    """
    fitted = fit_output(item.problem, test, text)
    expected = output_text(item.problem, tests_of(item.problem).outputs[test])
    outputs = {**changes.outputs, str(test): fitted}
    if fitted == fit_output(item.problem, test, expected):
        del outputs[str(test)]
    return replace(changes, outputs=outputs)


def comparison_options(now: str) -> list[tuple[str, str]]:
    """The ways to compare, as a list to choose from."""
    return [(str(mode), f"{mode:<10} {text}{'  (now)' if mode == now else ''}") for mode, text in MODES.items()]


def canonical_options(results: Sequence[SolutionResult]) -> list[tuple[str, str]]:
    """The solutions to choose the canonical one from."""
    solutions = [(str(r.index), f"solution {r.index:>3}  {_lot(r)}"[:76]) for r in results if r.same_as is None]
    return [("", "the first that passes, as written before repaired"), *solutions]


def checker_to_begin_with(item: Item) -> str:
    """A checker that works, for a reviewer to change."""
    if item.problem.entry_point is not None:
        return VALUE_CHECKER.format(what="`input` is the list of arguments, the others are values")
    return CHECKER.format(what="all three are texts")
