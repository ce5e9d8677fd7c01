"""The tabs with a list, Solutions and Tests: a line of it, and what stands below for the one under the cursor.

Pure functions.
"""

from __future__ import annotations

from textual.content import Content
from textual.highlight import highlight

from apps_plus.printable import one_line
from curation.records import SolutionResult, VerifiedProblem
from curation.review.solution_answers import answer_of, input_text, output_text, tests_of, vote_on
from curation.review.tui.texts import bold, fit, joined, labelled_text, shown
from curation.review.tui.view import View

SOURCE_CHARACTERS = 60_000
"""Of a longer source the beginning is shown."""


def solution_line(problem: VerifiedProblem, result: SolutionResult, width: int) -> Content:
    """One line a solution: its number, its verdict, the answer that it gave where the votes tell, its repairs."""
    sign = "✓" if result.code == "passed" else "✗"
    failed = f"{result.code}{_given(problem, result)}: {result.detail}"
    text = result.code if result.code == "passed" else one_line(failed)
    text += f", {len(result.failed_tests)} tests fail" if len(result.failed_tests) > 1 else ""
    text += " (repaired)" if result.repairs else ""
    text += " (canonical)" if result.index == problem.canonical else ""
    if result.same_as is not None:
        text = f"the same text as solution {result.same_as}"
    style = "$text-success" if result.code == "passed" else "$text-error"
    return Content.assemble((f"{sign} {result.index:>3}  ", style), fit(text, max(width - 8, 10)).rstrip())


def _given(problem: VerifiedProblem, result: SolutionResult) -> str:
    """The letter under which the tab Diff shows what a solution answers on the first test that it fails."""
    tests = (test for test in sorted(result.failed_tests) if answer_of(problem, test, result.index))
    test = next(tests, None)
    return "" if test is None else f", answer {answer_of(problem, test, result.index)} to test {test}"


def source_pane(view: View) -> Content:
    """The source of the solution that is selected, highlighted, with the line that raised."""
    if not view.problem.solutions:
        return Content("There are no solutions.")
    result = view.problem.solutions[view.solution % len(view.problem.solutions)]
    source = view.problem.sources.get(str(result.same_as if result.same_as is not None else result.index))
    if source is None:
        return Content("The build kept no source of this solution: build again.")
    readable = shown(source[:SOURCE_CHARACTERS])
    cut = (
        f"\n[{len(source) - SOURCE_CHARACTERS:,} characters more not shown]" if len(source) > SOURCE_CHARACTERS else ""
    )
    lines = highlight(readable, language="python").split("\n", allow_blank=True)
    numbered = [
        Content.assemble((f"{'▶' if number == result.line else ' '}{number:>4} ", "dim"), line)
        for number, line in enumerate(lines, 1)
    ]
    told = [one_line(result.detail)] if result.detail else []
    told += [f"repaired: {', '.join(result.repairs)}"] if result.repairs else []
    head = [bold(f"solution {result.index}: {result.code}"), *(Content(text) for text in told), Content("")]
    return Content("\n").join([*head, *numbered, Content(cut)])


def test_line(problem: VerifiedProblem, row: tuple[int, object, object], width: int) -> Content:
    """One line a test (number, input, output): whether it is disputed, its votes, its input and expected output."""
    test = row[0]
    texts = input_text(problem, row[1]), output_text(problem, row[2])
    vote = vote_on(problem, test)
    failing = sum(test in result.failed_tests for result in problem.solutions if result.same_as is None)
    sign, told = (
        ("≠", f"{vote.for_expected}/{vote.voters} expect it")
        if vote
        else ("!", f"{failing} fail")
        if failing
        else (" ", "")
    )
    room = max((width - 24) // 2, 6)
    given, expected = (fit(joined(text[:200]), room) for text in texts)
    return Content.assemble(
        (f"{sign} {test:>3} ", "bold" if vote else ""), f"{told:<14} {given}", (" → ", "dim"), expected.rstrip()
    )


def test_pane(view: View, width: int) -> Content:
    """The input and the expected output of the test that is selected, as long as a screen can bear."""
    problem, tests = view.problem, tests_of(view.problem)
    if view.test >= len(tests):
        return Content("There are no tests.")
    given, output = input_text(problem, tests.inputs[view.test]), output_text(problem, tests.outputs[view.test])
    lines = labelled_text(f"test {view.test}: input", given, view.whitespace, width, 150)
    lines += labelled_text(f"test {view.test}: expected output", output, view.whitespace, width, 150)
    return Content("\n").join(lines)
