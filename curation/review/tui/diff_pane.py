"""The tab Diff: one test, the answers of the solutions, and the first difference. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from apps_plus.problem import Comparison, ComparisonRule
from curation.records import VerifiedProblem
from curation.review.output_diff import TokenSpan, compare_texts, first_difference
from curation.review.solution_answers import SolutionAnswer, input_text, output_text, statement_evidence, tests_of
from curation.review.tui.item_view import ItemView
from curation.review.tui.side_by_side import difference_lines
from curation.review.tui.statement_pane import permissive_lines
from curation.review.tui.text_layout import bold, fit, labelled_text, on_one_line


def diff_pane(view: ItemView, width: int, running: str = "") -> Content:
    """Return one test: the answers, the expected output beside the selected answer, and the input."""
    problem, tests = view.problem, tests_of(view.problem)
    if view.test >= len(tests):
        return Content("There are no tests.")
    answer = view.selected_answer()
    expected = output_text(problem, tests.outputs[view.test])
    lines = [_test_line(view, len(tests))]
    if evidence := statement_evidence(problem, view.test):
        lines.append(Content.styled(f"★ {evidence}", "$text-accent"))
    lines += permissive_lines(problem.question)
    if running:
        lines.append(Content.styled(running, "italic"))
    given = input_text(problem, tests.inputs[view.test])
    lines += [*answer_lines(view, width), Content(""), *_compared(view, expected, answer, width), Content("")]
    lines += labelled_text("input", given, view.whitespace, width, 40)
    return Content("\n").join(lines)


def _test_line(view: ItemView, count: int) -> Content:
    failing = view.failing()
    place = f", {failing.index(view.test) + 1} of {len(failing)} disputed" if view.test in failing else ""
    text = f"test {view.test}{place} ({count} in all) · compared as {view.problem.rule}"
    return Content.styled(text, "dim")


def _compared(view: ItemView, expected: str, answer: SolutionAnswer | None, width: int) -> list[Content]:
    rule = _rule(view.problem)
    call_based = view.problem.entry_point is not None
    if answer is None or answer.output is None:
        note = (
            "no solution gives an answer"
            if answer is None
            else f"{answer.label}: solutions {_numbers(answer.solutions)}"
        )
        return [*labelled_text("expected", expected, view.whitespace, width, 60), bold(note)]
    difference = compare_texts(expected, answer.output, rule, call_based)
    titles = "expected", "the same answer" if answer.is_expected else f"answer {answer.label.removeprefix('answer ')}"
    lines = difference_lines(difference, titles, width, view.whitespace)
    return [*lines, Content.styled(f"  {difference.verdict}", "bold" if difference.expected.mark else "")]


def answer_lines(view: ItemView, width: int) -> list[Content]:
    """Return the answers with their solutions; an arrow marks the selected one, which is compared below."""
    answers = view.answers()
    total = sum(len(answer.solutions) for answer in answers)
    source = "run again just now" if view.reruns is not None else "as the build ran them"
    lines = [Content.assemble(bold(f"{total} solutions"), (f" ({source})", "dim"))]
    selected, expected = view.selected_answer(), _expected_text(view)
    first = next((answer.output for answer in answers if not answer.is_expected and answer.output is not None), None)
    names = max((len(_name(answer)) for answer in answers), default=0)
    for answer in answers:
        other = first if answer.is_expected else expected
        excerpt = "" if answer.output is None else _excerpt(answer.output, other, view, max(width // 3, 10))
        lines.append(_answer_line(answer, excerpt, answer == selected, (names, width)))
    return lines


def _expected_text(view: ItemView) -> str:
    outputs = tests_of(view.problem).outputs
    return output_text(view.problem, outputs[view.test]) if view.test < len(outputs) else ""


def _excerpt(text: str, other: str | None, view: ItemView, width: int) -> str:
    """Return an answer on one line, from shortly before its first difference from another one."""
    spans = None if other is None else _first_difference(other, text, view.problem)
    start = 0 if spans is None or len(text) <= width else max(spans[1].start - width // 4, 0)
    return on_one_line(("…" if start else "") + text[start : start + 300], width)


def _first_difference(expected: str, actual: str, problem: VerifiedProblem) -> tuple[TokenSpan, TokenSpan] | None:
    return first_difference(expected, actual, _rule(problem), problem.entry_point is not None)


def _rule(problem: VerifiedProblem) -> ComparisonRule:
    """Return the rule for marking differences; for a checker, mark every difference."""
    return ComparisonRule() if problem.rule.comparison is Comparison.CHECKER else problem.rule


def _name(answer: SolutionAnswer) -> str:
    return "expected output" if answer.is_expected else answer.label


def _answer_line(answer: SolutionAnswer, shown: str, is_selected: bool, widths: tuple[int, int]) -> Content:
    names, width = widths
    text = f"{'▶' if is_selected else ' '} {len(answer.solutions):>3}  {_name(answer):<{names}}  "
    rest = f"{shown}  " if shown else ""
    room = max(width - cell_len(text) - cell_len(rest), 8)
    by = fit(f"by {_numbers(answer.solutions)}", room).rstrip()
    return Content.assemble((text, "bold" if is_selected else ""), rest, (by, "dim"))


def _numbers(solutions: Sequence[int]) -> str:
    return ", ".join(map(str, solutions))
