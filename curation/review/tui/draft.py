"""A correction that is not decided yet: its changes and the results of its trial, as lines. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from textual.content import Content

from apps_plus.printable import one_line, printable
from apps_plus.problem import Comparison
from curation.checkers.catalogue import Checker
from curation.checkers.proposal import CheckerProposal
from curation.records import SolutionResult
from curation.review.changes import input_as_written, normalize_input, normalize_output
from curation.review.output_diff import EXACTLY, compare_texts
from curation.review.queue import Item
from curation.review.solution_answers import output_text, tests_of
from curation.review.trial import Trial
from curation.review.tui.side_by_side import difference_lines
from curation.review.tui.text_layout import fit, on_one_line
from curation.review_decisions import Changes

MODES = {
    Comparison.CHECKER: "a Python function that you write decides",
    Comparison.EXACT: "equal, except for white space at line ends",
    Comparison.TOKENS: "the same words, with any white space between them",
    Comparison.CASE: "the same words, letters in any case",
    Comparison.FLOAT: "the same words; numbers within the tolerance of the statement, or 1e-6",
    Comparison.UNORDERED: "within each test case, the same lines (words, elements) in any order",
}
"""The descriptions of the comparisons. The checker is first: it alone fits a problem with several right answers."""
TEXT_CHECKER_TEMPLATE = '''def check(input, expected, actual):
    """Return whether `actual` is a right answer; {what}. As a start: the same words on each line, in any order."""
    def read(text):
        return [sorted(line.split()) for line in text.strip().splitlines()]
    return read(actual) == read(expected)
'''
VALUE_CHECKER_TEMPLATE = '''def check(input, expected, actual):
    """Return whether `actual` is a right answer; {what}. As a start: the same elements in any order."""
    return sorted(actual) == sorted(expected)
'''
"""The templates of a new checker, for texts and for values."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Changes to an item, and the result of their trial."""

    item: Item
    changes: Changes
    trial: Trial | None = None
    error: str = ""
    checker_warning: str = ""
    """A warning if a new checker rejects the expected outputs themselves."""
    seconds: float | None = None
    """Seconds since the running trial began; None if none is running."""

    @property
    def proposed_checker(self) -> CheckerProposal | None:
        """The item's proposed checker, if the draft adopts it as it is."""
        proposed = self.item.checker
        return proposed if proposed is not None and proposed.changes == self.changes else None

    def obstacle(self) -> str:
        """Return why it cannot be decided now; empty if it can."""
        if self.changes == Changes():
            return "nothing is changed yet: e edits the expected output, i the input, c the comparison"
        if self.seconds is not None:
            return "the solutions are still running: wait for their results before you decide"
        if self.error or self.trial is None:
            return self.error or "the solutions have not run yet: r runs them"
        return self.trial.error


def change_lines(draft: Draft, width: int) -> list[Content]:
    """Return one line per change."""
    problem, changes = draft.item.problem, draft.changes
    tests = tests_of(problem)
    outputs = tests.outputs
    lines = [Content.styled("Changes", "bold")]
    for test, text in sorted(changes.inputs.items(), key=lambda change: int(change[0])):
        before, now = (
            on_one_line(given[:200], max(width // 3, 10)) or "(nothing)"
            for given in (input_as_written(problem, tests.inputs[int(test)]), text)
        )
        lines.append(Content(fit(f"  test {test}: input {now} instead of {before} (bad input)", width)))
    lines += [Content(f"  without test {test} (bad input)") for test in changes.dropped_tests]
    for test, text in sorted(changes.outputs.items(), key=lambda change: int(change[0])):
        before = on_one_line(output_text(problem, outputs[int(test)])[:200], max(width // 3, 10)) or "(nothing)"
        now = on_one_line(text[:200], max(width // 3, 10)) or "(nothing)"
        lines.append(Content(fit(f"  test {test}: expect {now} instead of {before}", width)))
    if changes.comparison:
        lines.append(Content(f"  compare as {changes.comparison} instead of {problem.comparison}"))
    if changes.checker:
        lines.append(Content(f"  with a checker of {len(changes.checker.splitlines())} lines, see below"))
    if (proposed := draft.proposed_checker) is not None and proposed.caution:
        lines.append(Content.styled(f"  ! {one_line(proposed.caution)}", "bold"))
    if changes.canonical is not None:
        lines.append(Content(f"  canonical: solution {changes.canonical}"))
    return lines if len(lines) > 1 else [*lines, Content("  none yet")]


def checker_lines(draft: Draft) -> list[Content]:
    """Return the source of the draft's checker under a title, and its evidence if it is the proposed one."""
    source, proposed = draft.changes.checker, draft.proposed_checker
    if not source and proposed is None:
        return []
    lines = [Content.styled("Checker" if source else "Comparison", "bold")]
    if proposed is not None:
        lines.append(Content(f"  {one_line(f'proposed, since {proposed.because}; it {proposed.evidence}')}"))
    return [*lines, *(Content(f"  {printable(line)}") for line in source.splitlines())]


def trial_lines(draft: Draft, width: int) -> list[Content]:
    """Return the results before and after: how many solutions pass, why the others fail, and each that changed."""
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
    if draft.checker_warning:
        lines.append(Content.styled(f"! {one_line(draft.checker_warning)}", "bold"))
    lines += [
        Content.styled(
            f"{'  ' if new.is_expected else '! '}{one_line(new.description)}", "" if new.is_expected else "bold"
        )
        for new in trial.new_inputs
    ]
    lines += [Content(f"  {trial.mutations}")] if trial.mutations else []
    return [*lines, Content(""), *also_accepted_lines(trial, width), *solution_changes(trial, width)]


def also_accepted_lines(trial: Trial, width: int) -> list[Content]:
    """Return an output that the comparison accepts besides the expected one, side by side; empty without one."""
    accepted = trial.accepted
    if accepted is None:
        return [Content.styled(f"! {trial.accepts_no_other}", "bold"), Content("")] if trial.accepts_no_other else []
    difference = compare_texts(accepted.expected, accepted.output, EXACTLY, trial.problem.entry_point is not None)
    head = Content.styled(f"! {trial.problem.rule}: the output on the right {accepted.description}", "bold")
    return [head, *difference_lines(difference, ("expected", "also accepted"), width, False), Content("")]


def _code_lines(trial: Trial) -> list[Content]:
    before, after = (Counter(r.code for r in results if r.same_as is None) for results in (trial.before, trial.after))
    codes = sorted({*before, *after}, key=lambda code: (code != "passed", -before[code]))
    return [Content(f"  {code:<20} {before[code]:>4} → {after[code]:>4}") for code in codes]


def solution_changes(trial: Trial, width: int) -> list[Content]:
    """Return a line for every solution that changed or fails, then one line for all others."""
    pairs = [(b, a) for b, a in zip(trial.before, trial.after, strict=True) if b.same_as is None]
    moved = [(b, a) for b, a in pairs if (b.code == "passed") != (a.code == "passed")]
    lines = [Content(fit(f"  {b.index:>3}  {_result_text(b)} → {_result_text(a)}", width)) for b, a in moved]
    still = [a for b, a in pairs if (b.code == "passed") == (a.code == "passed")]
    failing = [a for a in still if a.code != "passed"]
    lines += [Content(fit(f"  {a.index:>3}  still {_result_text(a)}", width)) for a in failing]
    if count := len(still) - len(failing):
        lines.append(Content(f"       {count} passed and still pass"))
    return lines


def _result_text(result: SolutionResult) -> str:
    return "passed" if result.code == "passed" else one_line(f"{result.code} ({result.detail})")


def set_expected_output(item: Item, changes: Changes, test: int, text: str) -> Changes:
    """Return the changes with a new expected output for a test; an output that is expected already is no change.

    Raises InputError if it is not a valid output for this problem.
    """
    fitted = normalize_output(item.problem, test, text)
    expected = output_text(item.problem, tests_of(item.problem).outputs[test])
    outputs = {**changes.outputs, str(test): fitted}
    if fitted == normalize_output(item.problem, test, expected):
        del outputs[str(test)]
    return replace(changes, outputs=outputs, dropped_tests=_dropped_but(changes, test))


def set_input(item: Item, changes: Changes, test: int, text: str) -> Changes:
    """Return the changes with a new input for a test; the input that it has already is no change.

    Raises InputError if it is not a valid input for this problem.
    """
    fitted = normalize_input(item.problem, test, text)
    inputs = {**changes.inputs, str(test): fitted}
    if fitted == input_as_written(item.problem, tests_of(item.problem).inputs[test]):
        del inputs[str(test)]
    return replace(changes, inputs=inputs, dropped_tests=_dropped_but(changes, test))


def _dropped_but(changes: Changes, test: int) -> tuple[int, ...]:
    return tuple(number for number in changes.dropped_tests if number != test)


def toggle_test(changes: Changes, test: int) -> Changes:
    """Return the changes without a test and its other changes, or with the test again if it was left out."""
    if test in changes.dropped_tests:
        return replace(changes, dropped_tests=_dropped_but(changes, test))
    others = [
        {number: text for number, text in texts.items() if number != str(test)}
        for texts in (changes.outputs, changes.inputs)
    ]
    dropped = tuple(sorted({*changes.dropped_tests, test}))
    return replace(changes, outputs=others[0], inputs=others[1], dropped_tests=dropped)


CATALOGUE_OPTION = "catalogue:"
"""Begins the value of an option that is a checker of the catalogue; its number follows."""


def comparison_options(now: str, checkers: Sequence[Checker] = ()) -> list[tuple[str, str]]:
    """Return the comparisons as options (value, text), then checkers of the catalogue."""
    modes = [(str(mode), f"{mode:<10} {text}{'  (now)' if mode == now else ''}") for mode, text in MODES.items()]
    catalogue = [
        (
            f"{CATALOGUE_OPTION}{number}",
            f"checker    {checker.accepts}" + ("  (a start: it opens in the editor)" if checker.is_weak else ""),
        )
        for number, checker in enumerate(checkers)
    ]
    return [*modes, *catalogue]


def canonical_options(results: Sequence[SolutionResult]) -> list[tuple[str, str]]:
    """Return the solutions as options (value, text) for the canonical one."""
    solutions = [(str(r.index), f"solution {r.index:>3}  {_result_text(r)}"[:76]) for r in results if r.same_as is None]
    return [("", "the first that passes; unrepaired ones come first"), *solutions]


def checker_template(item: Item) -> str:
    """Return a working checker for the reviewer to edit."""
    if item.problem.entry_point is not None:
        return VALUE_CHECKER_TEMPLATE.format(what="`input` is the list of arguments, the others are values")
    return TEXT_CHECKER_TEMPLATE.format(what="all three are texts")
