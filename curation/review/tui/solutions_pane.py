"""The tab Solutions: one line for each solution, and the source of the selected one. Pure functions."""

from __future__ import annotations

from textual.content import Content
from textual.highlight import highlight

from apps_plus.printable import one_line
from curation.records import SolutionResult, VerifiedProblem
from curation.review.solution_answers import answer_letter
from curation.review.tui.item_view import ItemView
from curation.review.tui.text_layout import bold, fit, printable_text

SOURCE_CHARACTERS = 60_000
"""Longer sources are cut off here."""


def solution_line(problem: VerifiedProblem, result: SolutionResult, width: int) -> Content:
    """Return one solution as a line: number, verdict, the letter of its answer if the votes have it, repairs."""
    sign = "✓" if result.code == "passed" else "✗"
    failed = f"{result.code}{_answer_text(problem, result)}: {result.detail}"
    text = result.code if result.code == "passed" else one_line(failed)
    text += f", {len(result.failed_tests)} tests fail" if len(result.failed_tests) > 1 else ""
    text += " (repaired)" if result.repairs else ""
    text += " (canonical)" if result.index == problem.canonical else ""
    if result.same_as is not None:
        text = f"the same text as solution {result.same_as}"
    style = "$text-success" if result.code == "passed" else "$text-error"
    return Content.assemble((f"{sign} {result.index:>3}  ", style), fit(text, max(width - 8, 10)).rstrip())


def _answer_text(problem: VerifiedProblem, result: SolutionResult) -> str:
    """Name the solution's answer on its first failed test by the letter that the tab Diff shows."""
    tests = (test for test in sorted(result.failed_tests) if answer_letter(problem, test, result.index))
    test = next(tests, None)
    return "" if test is None else f", answer {answer_letter(problem, test, result.index)} to test {test}"


def source_pane(view: ItemView) -> Content:
    """Return the selected solution's source, highlighted, with an arrow at the line that raised."""
    if not view.problem.solutions:
        return Content("There are no solutions.")
    result = view.problem.solutions[view.solution % len(view.problem.solutions)]
    source = view.problem.sources.get(str(result.same_as if result.same_as is not None else result.index))
    if source is None:
        return Content("The build kept no source of this solution: build again.")
    readable = printable_text(source[:SOURCE_CHARACTERS])
    cut = (
        f"\n[{len(source) - SOURCE_CHARACTERS:,} characters more not shown]" if len(source) > SOURCE_CHARACTERS else ""
    )
    lines = highlight(readable, language="python").split("\n", allow_blank=True)
    numbered = [
        Content.assemble((f"{'▶' if number == result.line else ' '}{number:>4} ", "$text-muted"), line)
        for number, line in enumerate(lines, 1)
    ]
    details = [one_line(result.detail)] if result.detail else []
    details += [f"repaired: {', '.join(result.repairs)}"] if result.repairs else []
    head = [bold(f"solution {result.index}: {result.code}"), *(Content(text) for text in details), Content("")]
    return Content("\n").join([*head, *numbered, Content(cut)])
