"""The tab Diff: one test, what is expected of it, who answers what, and where the two differ. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from apps_plus.problem import Comparison, ComparisonRule
from curation.records import VerifiedProblem
from curation.review.difference import Span, compare_texts, first_difference
from curation.review.solution_answers import Voice, input_text, output_text, statement_evidence, tests_of
from curation.review.tui.side_by_side import difference_lines
from curation.review.tui.statement_pane import said_lines
from curation.review.tui.texts import bold, fit, joined, labelled_text
from curation.review.tui.view import View


def diff_pane(view: View, width: int, running: str = "") -> Content:
    """One test: its input, the expected output beside an answer, and who gives which answer."""
    problem, tests = view.problem, tests_of(view.problem)
    if view.test >= len(tests):
        return Content("There are no tests.")
    voice = view.heard()
    expected = output_text(problem, tests.outputs[view.test])
    lines = [_test_line(view, len(tests))]
    if evidence := statement_evidence(problem, view.test):
        lines.append(Content.styled(f"★ {evidence}", "$text-accent"))
    lines += said_lines(problem.question)
    if running:
        lines.append(Content.styled(running, "italic"))
    given = input_text(problem, tests.inputs[view.test])
    lines += [*voice_lines(view, width), Content(""), *_compared(view, expected, voice, width), Content("")]
    lines += labelled_text("input", given, view.whitespace, width, 40)
    return Content("\n").join(lines)


def _test_line(view: View, count: int) -> Content:
    failing = view.failing()
    place = f", {failing.index(view.test) + 1} of {len(failing)} disputed" if view.test in failing else ""
    text = f"test {view.test}{place} ({count} in all) · compared as {view.problem.rule}"
    return Content.styled(text, "dim")


def _compared(view: View, expected: str, voice: Voice | None, width: int) -> list[Content]:
    rule = _rule(view.problem)
    call_based = view.problem.entry_point is not None
    if voice is None or voice.output is None:
        said = "no solution says anything" if voice is None else f"{voice.label}: solutions {_numbers(voice.solutions)}"
        return [*labelled_text("expected", expected, view.whitespace, width, 60), bold(said)]
    difference = compare_texts(expected, voice.output, rule, call_based)
    titles = "expected", "the same answer" if voice.is_expected else f"answer {voice.label.removeprefix('answer ')}"
    lines = difference_lines(difference, titles, width, view.whitespace)
    return [*lines, Content.styled(f"  {difference.verdict}", "bold" if difference.expected.mark else "")]


def voice_lines(view: View, width: int) -> list[Content]:
    """Who says what on the test; an arrow stands before the answer that is compared below."""
    voices = view.voices()
    total = sum(len(voice.solutions) for voice in voices)
    source = "run again just now" if view.replies is not None else "as the build ran them"
    lines = [Content.assemble(bold(f"{total} solutions"), (f" ({source})", "dim"))]
    heard, expected = view.heard(), _expected_text(view)
    first = next((voice.output for voice in voices if not voice.is_expected and voice.output is not None), None)
    names = max((len(_name(voice)) for voice in voices), default=0)
    for voice in voices:
        other = first if voice.is_expected else expected
        telling = "" if voice.output is None else _telling_part(voice.output, other, view, max(width // 3, 10))
        lines.append(_voice_line(voice, telling, voice == heard, (names, width)))
    return lines


def _expected_text(view: View) -> str:
    outputs = tests_of(view.problem).outputs
    return output_text(view.problem, outputs[view.test]) if view.test < len(outputs) else ""


def _telling_part(text: str, other: str | None, view: View, width: int) -> str:
    """An answer on one line, from shortly before the place where it differs from another one."""
    spans = None if other is None else _first_difference(other, text, view.problem)
    start = 0 if spans is None or len(text) <= width else max(spans[1].start - width // 4, 0)
    return joined(("…" if start else "") + text[start : start + 300], width)


def _first_difference(expected: str, actual: str, problem: VerifiedProblem) -> tuple[Span, Span] | None:
    return first_difference(expected, actual, _rule(problem), problem.entry_point is not None)


def _rule(problem: VerifiedProblem) -> ComparisonRule:
    """The rule that says what to mark; a checker marks nothing, so that all differences are shown."""
    return ComparisonRule() if problem.rule.comparison is Comparison.CHECKER else problem.rule


def _name(voice: Voice) -> str:
    return "expected output" if voice.is_expected else voice.label


def _voice_line(voice: Voice, shown: str, is_heard: bool, widths: tuple[int, int]) -> Content:
    names, width = widths
    text = f"{'▶' if is_heard else ' '} {len(voice.solutions):>3}  {_name(voice):<{names}}  "
    rest = f"{shown}  " if shown else ""
    room = max(width - cell_len(text) - cell_len(rest), 8)
    by = fit(f"by {_numbers(voice.solutions)}", room).rstrip()
    return Content.assemble((text, "bold" if is_heard else ""), rest, (by, "dim"))


def _numbers(solutions: Sequence[int]) -> str:
    return ", ".join(map(str, solutions))
