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

MIN_INPUT_ROWS = 4
"""Rows of the input, its label included, that are on the screen with the difference, however low the pane is."""
MIN_DIFFERENCE_ROWS = 5


def diff_pane(view: ItemView, width: int, running: str = "", height: int = 0) -> Content:
    """Return one test: the answers, the expected output beside the selected answer, and the input.

    Where they are higher than the pane, they are cut so that the first difference and the beginning of the input are on
    the screen together; the whole of both follows below. ``height``: of the pane in rows; 0: nothing is cut.
    """
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
    answers, difference = answer_lines(view, width), _compared(view, expected, answer, width)
    shown = labelled_text("input", given, view.whitespace, width, 40)
    whole = [Content(""), *difference, Content(""), *shown]
    head = [line for row in (*lines, *answers) for line in (row.fold(width) if row.cell_length > width else [row])]
    if not height or len(head) + len(whole) <= height:
        return Content("\n").join([*lines, *answers, *whole])
    room = max(height - 1 - MIN_INPUT_ROWS - MIN_DIFFERENCE_ROWS, 3)
    top = [_on_one_row(line, width) for line in lines]
    kept = [*top, *_around_selected(answers, max(room - len(top), 2))]
    for_difference, for_input = _share(len(difference), len(shown), height - len(kept))
    rows = [*kept, *_around_mark(difference, for_difference), *_beginning(shown, for_input)]
    if len(difference) <= for_difference and len(shown) <= for_input and len(answers) + len(top) == len(kept):
        return Content("\n").join(rows)
    below = Content.styled("─ in full " + "─" * max(width - 10, 0), "$text-muted")
    return Content("\n").join([*rows, below, *answers, *whole])


def _share(difference: int, given: int, room: int) -> tuple[int, int]:
    """Share the rows of a pane between the difference and the input; what one does not need goes to the other."""
    room = max(room, MIN_DIFFERENCE_ROWS + MIN_INPUT_ROWS)
    for_input = min(given, max(MIN_INPUT_ROWS, room // 3, room - difference))
    return min(difference, room - for_input), for_input


def _on_one_row(line: Content, width: int) -> Content:
    return line if line.cell_length <= width else line.truncate(width, ellipsis=True)


def _beginning(rows: list[Content], room: int) -> list[Content]:
    """Return the first rows, with a note of those that are cut off."""
    if len(rows) <= room:
        return rows
    return [*rows[: room - 1], Content.styled(f"  … {len(rows) - room + 1} more rows: scroll down", "$text-muted")]


def _around_selected(answers: list[Content], room: int) -> list[Content]:
    """Return the line above the answers, and as many answers as fit, the selected one among them."""
    if len(answers) <= room:
        return answers
    selected = next((n for n, row in enumerate(answers) if row.plain.startswith("▶")), 1)
    start = max(min(selected, len(answers) - room + 1), 1)
    return [answers[0].append(f" … {len(answers) - 1} answers, s: the next"), *answers[start : start + room - 1]]


def _around_mark(rows: list[Content], room: int) -> list[Content]:
    """Return the titles, a note of what is cut off above, the rows around the first difference, and the verdict."""
    if len(rows) <= room:
        return rows
    if room > MIN_DIFFERENCE_ROWS + 1 and rows[1].plain.strip().startswith("["):
        note = next((number for number, row in enumerate(rows) if "]" in row.plain), 1)
        return [*rows[:note], *_around_mark(rows[note:], room - note)]
    mark = next((n for n, row in enumerate(rows) if "^" in row.plain and not row.plain.strip(" ^│")), len(rows) - 1)
    inner = max(room - 2, 1)
    start = max(min(mark - inner // 2, len(rows) - 1 - inner), 1)
    return [rows[0], *rows[start : start + inner], rows[-1]]


def _test_line(view: ItemView, count: int) -> Content:
    failing = view.failing()
    place = f", {failing.index(view.test) + 1} of {len(failing)} disputed" if view.test in failing else ""
    text = f"test {view.test}{place} ({count} in all) · compared as {view.problem.rule}"
    return Content.styled(text, "$text-muted")


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
    lines = [Content.assemble(bold(f"{total} solutions"), (f" ({source})", "$text-muted"))]
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
    text = f"{'▶' if is_selected else ' '} {len(answer.solutions):>3}× {_name(answer):<{names}}  "
    rest = f"{shown}  " if shown else ""
    room = max(width - cell_len(text) - cell_len(rest), 8)
    by = fit(f"by {_numbers(answer.solutions)}", room).rstrip()
    return Content.assemble((text, "bold" if is_selected else ""), rest, (by, "$text-muted"))


def _numbers(solutions: Sequence[int]) -> str:
    return ", ".join(map(str, solutions))
