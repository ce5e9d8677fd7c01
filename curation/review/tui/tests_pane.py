"""The tab Tests: one line for each test, and the input and expected output of the selected one. Pure functions."""

from __future__ import annotations

from textual.content import Content

from curation.records import VerifiedProblem
from curation.review.solution_answers import input_text, output_text, tests_of, vote_on
from curation.review.tui.item_view import ItemView
from curation.review.tui.text_layout import fit, labelled_text, on_one_line

MOST_LINES = 150
"""Lines of an input, or an output, that the pane shows."""


def test_line(problem: VerifiedProblem, row: tuple[int, object, object], width: int) -> Content:
    """Return one test (number, input, output) as a line: its votes or failures, its input and expected output."""
    test = row[0]
    texts = input_text(problem, row[1]), output_text(problem, row[2])
    vote = vote_on(problem, test)
    failing = sum(test in result.failed_tests for result in problem.solutions if result.same_as is None)
    sign, counts = (
        ("≠", f"{vote.for_expected}/{vote.voters} expect it")
        if vote
        else ("!", f"{failing} fail")
        if failing
        else (" ", "")
    )
    room = max((width - 24) // 2, 6)
    given, expected = (fit(on_one_line(text[:200]), room) for text in texts)
    return Content.assemble(
        (f"{sign} {test:>3} ", "bold" if vote else ""),
        f"{counts:<14} {given}",
        (" → ", "$text-muted"),
        expected.rstrip(),
    )


def test_pane(view: ItemView, width: int) -> Content:
    """Return the input and the expected output of the selected test."""
    problem, tests = view.problem, tests_of(view.problem)
    if view.test >= len(tests):
        return Content("There are no tests.")
    given, output = input_text(problem, tests.inputs[view.test]), output_text(problem, tests.outputs[view.test])
    name = f"test {view.test}"
    if view.test >= len(tests) - len(tests.generated):
        name += " (generated)"
    lines = labelled_text(f"{name}: input", given, view.whitespace, width, MOST_LINES)
    lines += labelled_text(f"{name}: expected output", output, view.whitespace, width, MOST_LINES)
    return Content("\n").join(lines)
