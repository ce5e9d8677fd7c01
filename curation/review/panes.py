"""What stands on the screens, as text. Pure functions from records and a width to styled text.

Colour only repeats what a word or a sign already says, so that nothing is lost without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from apps_plus.problem import Comparison
from curation.decisions import Action, Decision, latest_by_reviewer
from curation.records import Finding, SolutionResult, VerifiedProblem
from curation.review.difference import (
    Chunk,
    Difference,
    Side,
    Span,
    compare_texts,
    first_difference,
    fold,
    show_text,
    visible,
)
from curation.review.queue import Item, QueueRow
from curation.review.voices import (
    Reply,
    Voice,
    disputed_tests,
    input_text,
    output_text,
    statement_evidence,
    telling_sentences,
    tests_of,
    voices_on,
    vote_on,
)
from harness.printable import one_line, printable

SIDE_BY_SIDE = 56
"""Cells from which on two outputs stand beside each other; below that one stands over the other."""
SOURCE_CHARACTERS = 60_000
STATEMENT_CHARACTERS = 60_000


@dataclass(frozen=True, slots=True)
class View:
    """What a reviewer looks at: an item, one of its tests, one of the answers, one of its solutions."""

    item: Item
    test: int = 0
    voice: int = 0
    solution: int = 0
    whitespace: bool = False
    replies: dict[int, Reply] | None = None
    """What the solutions did on the test when they ran again, where they did."""

    @property
    def problem(self) -> VerifiedProblem:
        """The item's problem."""
        return self.item.problem

    def voices(self) -> tuple[Voice, ...]:
        """What the solutions say on the test."""
        return voices_on(self.problem, self.test, self.replies)

    def heard(self) -> Voice | None:
        """The answer that is compared with the expected output."""
        voices = self.voices()
        return voices[self.voice % len(voices)] if voices else None

    def failing(self) -> tuple[int, ...]:
        """The tests that ``n`` and ``N`` go through."""
        return disputed_tests(self.problem)

    def step_test(self, step: int) -> View:
        """The next failing test, or the one before; the replies on another test are forgotten."""
        tests = self.failing()
        if not tests:
            return self
        place = tests.index(self.test) + step if self.test in tests else 0
        return replace(self, test=tests[place % len(tests)], voice=0, replies=None)

    def step_voice(self, step: int) -> View:
        """The next answer, or the one before."""
        return replace(self, voice=(self.voice + step) % max(len(self.voices()), 1))

    def step_solution(self, step: int) -> View:
        """The next solution, or the one before."""
        return replace(self, solution=(self.solution + step) % max(len(self.problem.solutions), 1))


# ---- the top of the screen


def headline(view: View, row: QueueRow, place: str, note: str, width: int) -> Content:
    """The item and its state in one line."""
    left = f"{printable(row.problem_id)}  {state_text(row)}"
    facts = [row.tier or "no tier", *row.reasons, place]
    right = " · ".join(fact for fact in facts if fact) + (" · note" if note else "")
    room = max(width - cell_len(left) - 2, 0)
    return Content.assemble((left, "bold"), "  ", (fit(one_line(right), room).rjust(room), "dim"))


def state_text(row: QueueRow) -> str:
    """The state, and whose word it is."""
    who = ", ".join(map(one_line, row.reviewers))
    return f"{row.state}: {who}" if who else str(row.state)


def suggestion_line(item: Item, can_apply: bool, width: int) -> Content:
    """What is suggested and on what evidence, in one line."""
    suggestion = item.problem.suggestion
    if suggestion is None:
        return Content("No suggestion: nothing in the votes questions the tests.")
    verb = {"expected_output": "Correct", "comparison": "Compare as " + suggestion.comparison, "drop": "Drop"}
    told = verb.get(suggestion.kind, "Look")
    extra = ""
    if suggestion.kind == "expected_output" and len(suggestion.outputs) > 1:
        extra = f" ({len(suggestion.outputs)} tests)"
    key = "  [a]" if can_apply else ""
    text = one_line(suggestion.text + extra)
    room = max(width - cell_len(told) - 2 - len(key), 10)
    return Content.assemble((f"{told}: ", "bold $text-accent"), fit(text, room).rstrip(), (key, "dim"))


def words_line(item: Item, decisions: Sequence[Decision], width: int) -> Content:
    """What every reviewer's last word on an item is; empty where nobody has spoken."""
    words = [
        f"{word.reviewer}: {word.action}"
        + (f" ({word.reason})" if word.reason else "")
        + (" of an earlier version" if word.item_digest != item.digest else "")
        + (f' "{word.note}"' if word.note else "")
        for word in latest_by_reviewer(decisions)
    ]
    return Content(fit(one_line(" · ".join(words)), width).rstrip())


# ---- Diff


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
    lines += _labelled_text("input", given, view.whitespace, width, 40)
    return Content("\n").join(lines)


def _test_line(view: View, count: int) -> Content:
    failing = view.failing()
    place = f", {failing.index(view.test) + 1} of {len(failing)} disputed" if view.test in failing else ""
    text = f"test {view.test}{place} ({count} in all) · compared as {view.problem.comparison}"
    return Content.styled(text, "dim")


def _compared(view: View, expected: str, voice: Voice | None, width: int) -> list[Content]:
    mode = _mode(view.problem)
    call_based = view.problem.entry_point is not None
    if voice is None or voice.output is None:
        said = "no solution says anything" if voice is None else f"{voice.label}: solutions {_numbers(voice.solutions)}"
        return [*_labelled_text("expected", expected, view.whitespace, width, 60), _bold(said)]
    difference = compare_texts(expected, voice.output, mode, call_based)
    titles = "expected", "the same answer" if voice.is_expected else f"answer {voice.label.removeprefix('answer ')}"
    lines = difference_lines(difference, titles, width, view.whitespace)
    return [*lines, Content.styled(f"  {difference.verdict}", "bold" if difference.expected.mark else "")]


def difference_lines(
    difference: Difference, titles: tuple[str, str], width: int, whitespace: bool = False
) -> list[Content]:
    """Two texts beside each other, or one over the other where the screen is narrow.

    The first token that differs is reversed and has a row of ^ under it; lines that differ begin with ``≠``.
    """
    if width < SIDE_BY_SIDE:
        return [
            *_one_side(difference.expected, titles[0], width, whitespace),
            *_one_side(difference.actual, titles[1], width, whitespace),
        ]
    column = (width - 5) // 2
    lines = [_beside(_bold_cells(titles[0], column), _bold_cells(titles[1], column), " ")]
    lines += _cut_notes(difference.expected.above, difference.actual.above, column)
    for left, right in difference.pairs:
        a = _chunks(difference.expected, left, column, whitespace)
        b = _chunks(difference.actual, right, column, whitespace)
        same = _line(difference.expected, left) == _line(difference.actual, right)
        lines += _rows(a, b, column, " " if same else "≠")
    lines += _cut_notes(difference.expected.below, difference.actual.below, column)
    return lines


def _line(side: Side, number: int | None) -> str | None:
    return None if number is None else side.lines[number].rstrip()


def _cut_notes(left: str, right: str, column: int) -> list[Content]:
    if not left and not right:
        return []
    chunks = [[Chunk(part) for part in _wrapped(note, column)] for note in (left, right)]
    return [_beside(_cells(a, column, "dim"), _cells(b, column, "dim"), " ") for a, b in zip_longest(*chunks)]


def _wrapped(note: str, column: int) -> list[str]:
    import textwrap

    return textwrap.wrap(note, column)


def _one_side(side: Side, title: str, width: int, whitespace: bool) -> list[Content]:
    lines = [_bold(title)]
    if side.above:
        lines.append(Content.styled(side.above, "dim"))
    for number in range(len(side.lines)) or [None]:
        for chunk in _chunks(side, number, width - 2, whitespace):
            lines.append(Content.assemble("  ", _cells(chunk, 0)))
            if chunk.mark is not None:
                lines.append(Content.assemble("  ", _carets(chunk, 0)))
    if side.below:
        lines.append(Content.styled(side.below, "dim"))
    return lines


def _chunks(side: Side, number: int | None, column: int, whitespace: bool) -> list[Chunk]:
    """One line of a side, as it is shown; ``(nothing)`` for a text without any."""
    if not side.lines:
        return [Chunk("(nothing)", (9, 9) if side.mark else None)]
    if number is None:
        return []
    mark = side.mark[1:] if side.mark is not None and side.mark[0] == number else None
    ended = number < len(side.lines) - 1 or side.ended
    return fold(visible(side.lines[number], whitespace, ended), column, cell_len, mark)


def _rows(left: Sequence[Chunk], right: Sequence[Chunk], column: int, sign: str) -> list[Content]:
    rows = []
    for index, (a, b) in enumerate(zip_longest(left, right)):
        rows.append(_beside(_cells(a, column), _cells(b, column), sign if index == 0 else " "))
        if (a and a.mark) or (b and b.mark):
            rows.append(_beside(_carets(a, column), _carets(b, column), " "))
    return rows


def _beside(left: Content, right: Content, sign: str) -> Content:
    return Content.assemble((f"{sign} ", "bold $text-error"), left, (" │ ", "dim"), right)


def _cells(chunk: Chunk | None, column: int, style: str = "") -> Content:
    text = chunk.text if chunk else ""
    content = Content.styled(text, style)
    if chunk is not None and chunk.mark is not None and chunk.mark[0] < chunk.mark[1]:
        content = content.stylize("bold reverse", *chunk.mark)
    return Content.assemble(content, " " * max(column - cell_len(text), 0))


def _carets(chunk: Chunk | None, column: int) -> Content:
    if chunk is None or chunk.mark is None:
        return Content(" " * column)
    start, end = chunk.mark
    before = cell_len(chunk.text[:start])
    carets = "^" * max(cell_len(chunk.text[start:end]), 1)
    if column and start == end and before >= column:
        before = column - 1
    return Content.styled((" " * before + carets).ljust(column), "bold $text-error")


def _bold(text: str) -> Content:
    return Content.styled(text, "bold")


def _bold_cells(text: str, column: int) -> Content:
    return _bold(set_cell_size(text, column))


def _labelled_text(label: str, text: str, whitespace: bool, width: int, lines: int) -> list[Content]:
    """A text under its name: ``lines`` of it, folded, and what is not shown."""
    side = show_text(text, lines * max(width, 20), lines)
    rows: list[Content] = []
    for number in range(len(side.lines)):
        rows += [Content("  " + chunk.text) for chunk in _chunks(side, number, max(width - 2, 10), whitespace)]
    left_out = [Content.styled(f"  {side.below}", "dim")] if side.below else []
    if len(rows) > 2 * lines:
        left_out = [Content.styled("  [the rest is on the tab Tests]", "dim")]
    return [_bold(label), *(rows[: 2 * lines] or [Content("  (nothing)")]), *left_out]


def voice_lines(view: View, width: int) -> list[Content]:
    """Who says what on the test; an arrow stands before the answer that is compared below."""
    voices = view.voices()
    total = sum(len(voice.solutions) for voice in voices)
    source = "run again just now" if view.replies is not None else "as the build ran them"
    lines = [Content.assemble(_bold(f"{total} solutions"), (f" ({source})", "dim"))]
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
    return one_line(("…" if start else "") + text[start : start + 300], width)


def _first_difference(expected: str, actual: str, problem: VerifiedProblem) -> tuple[Span, Span] | None:
    return first_difference(expected, actual, _mode(problem), problem.entry_point is not None)


def _mode(problem: VerifiedProblem) -> Comparison:
    """The mode that says what to mark; a checker marks nothing, so that all differences are shown."""
    mode = Comparison(problem.comparison)
    return Comparison.EXACT if mode is Comparison.CHECKER else mode


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


# ---- Statement


def statement_pane(problem: VerifiedProblem) -> Content:
    """The statement; sentences that allow several answers, or any order, are reversed and announced."""
    question = problem.question[:STATEMENT_CHARACTERS]
    parts: list[Content] = []
    places = telling_sentences(question)
    parts += [line.append("\n") for line in said_lines(question)]
    parts += [Content("\n")] if places else []
    end = 0
    for start, stop in places:
        parts += [
            Content(_shown(question[end:start])),
            Content.styled(f"»{_shown(question[start:stop])}«", "bold reverse"),
        ]
        end = stop
    parts.append(Content(_shown(question[end:])))
    if len(problem.question) > len(question):
        parts.append(Content(f"\n[{len(problem.question) - len(question):,} characters more not shown]"))
    if problem.starter_code.strip():
        parts += [_bold("\n\nstarter code\n"), Content(_shown(problem.starter_code))]
    if problem.url:
        parts.append(Content.styled(f"\n\n{one_line(problem.url)}", "dim"))
    return Content("").join(parts)


def said_lines(question: str) -> list[Content]:
    """What the statement says about several answers, quoted; the tab Statement shows where."""
    places = telling_sentences(question[:STATEMENT_CHARACTERS])
    told = list(dict.fromkeys(one_line(question[start:stop], 300) for start, stop in places))
    return [Content.styled(f"★ the statement says: »{sentence}«", "$text-accent") for sentence in told[:2]]


def _shown(text: str) -> str:
    return printable(text.replace("\r\n", "\n").replace("\t", "    "))


# ---- Solutions


def solution_line(view: View, result: SolutionResult, width: int) -> Content:
    """One line a solution: its number, its verdict, its repairs."""
    sign = "✓" if result.code == "passed" else "✗"
    text = result.code if result.code == "passed" else one_line(f"{result.code}: {result.detail}")
    text += f", {len(result.failed_tests)} tests fail" if len(result.failed_tests) > 1 else ""
    text += " (repaired)" if result.repairs else ""
    text += " (canonical)" if result.index == view.problem.canonical else ""
    if result.same_as is not None:
        text = f"the same text as solution {result.same_as}"
    style = "$text-success" if result.code == "passed" else "$text-error"
    return Content.assemble((f"{sign} {result.index:>3}  ", style), fit(text, max(width - 8, 10)).rstrip())


def source_pane(view: View) -> Content:
    """The source of the solution that is selected, highlighted, with the line that raised."""
    from textual.highlight import highlight

    if not view.problem.solutions:
        return Content("There are no solutions.")
    result = view.problem.solutions[view.solution % len(view.problem.solutions)]
    source = view.problem.sources.get(str(result.same_as if result.same_as is not None else result.index))
    if source is None:
        return Content("The build did not keep this source.")
    shown = _shown(source[:SOURCE_CHARACTERS])
    cut = (
        f"\n[{len(source) - SOURCE_CHARACTERS:,} characters more not shown]" if len(source) > SOURCE_CHARACTERS else ""
    )
    lines = highlight(shown, language="python").split("\n", allow_blank=True)
    numbered = [
        Content.assemble((f"{'▶' if number == result.line else ' '}{number:>4} ", "dim"), line)
        for number, line in enumerate(lines, 1)
    ]
    told = [one_line(result.detail)] if result.detail else []
    told += [f"repaired: {', '.join(result.repairs)}"] if result.repairs else []
    head = [_bold(f"solution {result.index}: {result.code}"), *(Content(text) for text in told), Content("")]
    return Content("\n").join([*head, *numbered, Content(cut)])


# ---- Tests


def test_line(problem: VerifiedProblem, test: int, shown: tuple[str, str], width: int) -> Content:
    """One line a test: whether it is disputed, its votes, its input and its expected output."""
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
    given, expected = (fit(one_line(text[:200]), room) for text in shown)
    return Content.assemble(
        (f"{sign} {test:>3} ", "bold" if vote else ""), f"{told:<14} {given}", (" → ", "dim"), expected.rstrip()
    )


def test_pane(view: View, width: int) -> Content:
    """The input and the expected output of the test that is selected, as long as a screen can bear."""
    problem, tests = view.problem, tests_of(view.problem)
    if view.test >= len(tests):
        return Content("There are no tests.")
    given, output = input_text(problem, tests.inputs[view.test]), output_text(problem, tests.outputs[view.test])
    lines = _labelled_text(f"test {view.test}: input", given, view.whitespace, width, 150)
    lines += _labelled_text(f"test {view.test}: expected output", output, view.whitespace, width, 150)
    return Content("\n").join(lines)


# ---- History


def history_pane(item: Item, decisions: Sequence[Decision]) -> Content:
    """Everyone's decisions, oldest first, then what the build found out."""
    lines = [_bold("Decisions" if decisions else "Nobody has decided anything about it yet.")]
    retracted = {decision.retracts for decision in decisions if decision.action is Action.RETRACT}
    for decision in decisions:
        lines += decision_lines(decision, item, decision.decision_id in retracted)
    lines += [Content(""), _bold("What the build found")]
    lines += [_finding_line(finding) for finding in item.problem.findings[:200]]
    return Content("\n").join(lines)


def decision_lines(decision: Decision, item: Item, retracted: bool) -> list[Content]:
    """One decision in words."""
    what = "took a decision back" if decision.action is Action.RETRACT else str(decision.action)
    what += f" ({decision.reason})" if decision.reason else ""
    flags = [
        text
        for text, holds in (
            ("taken back", retracted),
            ("of an earlier version: stale", decision.item_digest != item.digest),
        )
        if holds
    ]
    when = decision.time[:16].replace("T", " ")
    head = Content.assemble(
        f"  {one_line(when)}  ",
        (one_line(decision.reviewer), "bold"),
        f": {what}",
        f" [{', '.join(flags)}]" if flags else "",
    )
    note = [Content(f"      note: {one_line(decision.note)}")] if decision.note else []
    return [head, *note, *(Content(f"      {text}") for text in change_texts(decision))]


def change_texts(decision: Decision) -> list[str]:
    """What a ``correct`` changes, a line each."""
    changes = decision.changes
    lines = [f"test {test}: expect {one_line(text[:300], 60) or '(nothing)'}" for test, text in changes.outputs.items()]
    lines += [f"compare as {changes.comparison}"] if changes.comparison else []
    lines += [f"canonical: solution {changes.canonical}"] if changes.canonical is not None else []
    return lines


def _finding_line(finding: Finding) -> Content:
    return Content.assemble((f"  {finding.stage}: {finding.code}  ", "dim"), one_line(finding.detail[:400]))


# ---- small things


def fit(text: str, width: int) -> str:
    """A text in exactly so many cells; what is too long ends in ``…``."""
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    return set_cell_size(text, max(width - 1, 0)) + "…" if width else ""


def joined(lines: Iterable[Content]) -> Content:
    """Lines under each other."""
    return Content("\n").join(lines)
