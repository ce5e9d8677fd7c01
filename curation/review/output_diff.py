"""Compare two outputs for display: find the first difference and cut out the lines around it. Pure functions.

An output may have a megabyte: only a window around the first difference is laid out, with notes of what was cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import zip_longest

from apps_plus.problem import Comparison, ComparisonRule
from harness.judging.verdict import expect, is_same

EXACTLY = ComparisonRule()
WHOLE_CHARACTERS = 1_600
WHOLE_LINES = 40
"""A text of at most so many characters and lines is shown whole."""
LONGEST_TOKEN = 800
"""Characters searched backwards for the start of a token."""


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """The place of a token in a text; empty at the end of a text that is too short."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ShownText:
    """The part of a text that is shown."""

    lines: tuple[str, ...]
    mark: tuple[int, int, int] | None = None
    """Line, start and end of the differing token."""
    above: str = ""
    """A note of what was cut off before the lines; ``below``: after them."""
    below: str = ""
    ended: bool = False
    """True if the last shown line ends with a newline."""


@dataclass(frozen=True, slots=True)
class OutputDiff:
    """Two texts laid out side by side."""

    expected: ShownText
    actual: ShownText
    pairs: tuple[tuple[int | None, int | None], ...]
    """Pairs of line numbers, in ``expected.lines`` and ``actual.lines``; None for no line."""
    verdict: str
    """The first difference, in words."""


@lru_cache(maxsize=8)
def compare_texts(expected: str, actual: str, rule: ComparisonRule = EXACTLY, values: bool = False) -> OutputDiff:
    """Lay out two outputs side by side.

    Args:
        expected: The expected output: a text, or a value as JSON.
        actual: The output of a program, in the same form.
        rule: The comparison rule: only differences that count in it are marked.
        values: True if both are JSON texts, where brackets and commas are tokens.
    """
    expected, actual = _unix(expected), _unix(actual)
    spans = first_difference(expected, actual, rule, values)
    left, right = (_side(text, span) for text, span in zip((expected, actual), spans or (None, None), strict=True))
    return OutputDiff(
        left, right, tuple(_pair_lines(left.lines, right.lines)), _verdict(expected, actual, spans, values)
    )


def show_text(text: str, characters: int = WHOLE_CHARACTERS, lines: int = WHOLE_LINES) -> ShownText:
    """Lay out one text, cut at the end if it is long."""
    return _side(_unix(text), None, characters, lines)


@lru_cache(maxsize=16)
def first_difference(
    expected: str, actual: str, rule: ComparisonRule = EXACTLY, values: bool = False
) -> tuple[TokenSpan, TokenSpan] | None:
    """Return the places of the first differing tokens in both texts; None if the rule accepts the texts as equal.

    White space counts only in ``exact``, and not at line ends; there it can be the token.
    """
    if rule.comparison is not Comparison.EXACT and not values and _is_same(expected, actual, rule):
        return None
    pattern = _VALUE if values else _WORD
    if rule.comparison in (Comparison.TOKENS, Comparison.CASE, Comparison.FLOAT):
        return _first_token(expected, actual, pattern, rule)
    return _first_place(expected, actual, pattern)


def _is_same(expected: str, actual: str, rule: ComparisonRule) -> bool:
    return is_same(expect([expected], False, rule)[0], actual)


_WORD = re.compile(r"\S+")
_VALUE = re.compile(r"[\[\]{},:]|[^\s\[\]{},:]+")


def _first_token(
    expected: str, actual: str, pattern: re.Pattern[str], rule: ComparisonRule
) -> tuple[TokenSpan, TokenSpan] | None:
    left, right = pattern.finditer(expected), pattern.finditer(actual)
    while True:
        a, b = next(left, None), next(right, None)
        if a is None and b is None:
            return None
        if a is None or b is None or (a[0] != b[0] and not _is_same(a[0], b[0], rule)):
            return _span(a, expected), _span(b, actual)


def _span(match: re.Match[str] | None, text: str) -> TokenSpan:
    end = len(text.rstrip())
    return TokenSpan(end, end) if match is None else TokenSpan(match.start(), match.end())


def _first_place(expected: str, actual: str, pattern: re.Pattern[str]) -> tuple[TokenSpan, TokenSpan] | None:
    """Return the first difference line by line; white space at the end of a line or of the text does not count."""
    same = expected.rfind("\n", 0, _common_prefix(expected, actual)) + 1
    left, right = expected[same:].rstrip().split("\n"), actual[same:].rstrip().split("\n")
    pairs = enumerate(zip_longest(left, right))
    number = next((i for i, (a, b) in pairs if (a or "").rstrip() != (b or "").rstrip() or None in (a, b)), None)
    if number is None:
        return None
    starts = same + _offset(left, number), same + _offset(right, number)
    lines = ["".join(side[number : number + 1]).rstrip() for side in (left, right)]
    spans = _differing(lines[0], lines[1], pattern)
    a, b = (TokenSpan(start + span.start, start + span.end) for start, span in zip(starts, spans, strict=True))
    return a, b


def _offset(lines: list[str], number: int) -> int:
    """Return where a line starts in its text; the end of the text if there is no such line."""
    offset = sum(map(len, lines[:number])) + min(number, len(lines))
    return offset - 1 if number >= len(lines) else offset


def _differing(expected: str, actual: str, pattern: re.Pattern[str]) -> tuple[TokenSpan, TokenSpan]:
    """Return the first differing tokens of two lines, or the white space between tokens if only that differs."""
    common = _common_prefix(expected, actual)
    crosses = any(_contains(_token_at(pattern, line, common - 1), common) for line in (expected, actual))
    a, b = (_token_at(pattern, line, common - crosses) for line in (expected, actual))
    if expected[a.start : a.end] != actual[b.start : b.end] or a.start == a.end:
        return a, b
    blank = len(expected[:common].rstrip())
    return TokenSpan(blank, a.start), TokenSpan(blank, b.start)


def _contains(token: TokenSpan, place: int) -> bool:
    """Return whether a place is inside a token."""
    return token.start < place < token.end


def _token_at(pattern: re.Pattern[str], line: str, place: int) -> TokenSpan:
    """Return the token at or after a place in a line; the end of the line if there is none."""
    matches = pattern.finditer(line, max(place - LONGEST_TOKEN, 0))
    return next((TokenSpan(m.start(), m.end()) for m in matches if m.end() > place), TokenSpan(len(line), len(line)))


def _common_prefix(a: str, b: str) -> int:
    """Return the length of the common prefix of two texts, by bisection, since they may be long."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _side(text: str, span: TokenSpan | None, characters: int = WHOLE_CHARACTERS, lines: int = WHOLE_LINES) -> ShownText:
    start, end = _window(text, span.start if span else 0, characters, lines)
    shown = text[start:end]
    ended = shown.endswith("\n")
    split = shown.removesuffix("\n").split("\n") if shown else []
    return ShownText(
        tuple(split),
        _place(shown, start, span, len(split)),
        _left_out(text[:start], "above"),
        _left_out(text[end:], "below"),
        ended,
    )


def _window(text: str, at: int, characters: int, lines: int) -> tuple[int, int]:
    """Return the start and end of the part of a text to show."""
    if len(text) <= characters and text.count("\n") <= lines:
        return 0, len(text)
    start = max(0, at - characters // 8)
    start = max(start, _nth_line_back(text, at, lines // 8)) if start or text.count("\n", 0, at) else 0
    line_start = text.find("\n", start - 1, at) + 1 if start else 0
    start = line_start or start
    end = min(len(text), at + characters * 7 // 8)
    return start, _nth_line_on(text, at, end, lines * 7 // 8)


def _nth_line_back(text: str, at: int, lines: int) -> int:
    for _ in range(lines):
        found = text.rfind("\n", 0, at)
        if found < 0:
            return 0
        at = found
    return at + 1


def _nth_line_on(text: str, at: int, end: int, lines: int) -> int:
    """Return the place ``lines`` lines after ``at``, at most ``end``."""
    for _ in range(lines):
        found = text.find("\n", at, end)
        if found < 0:
            return end
        at = found + 1
    return at


def _place(shown: str, start: int, span: TokenSpan | None, lines: int) -> tuple[int, int, int] | None:
    """Return line, start and end of the marked token within the shown lines; it is cut at the end of its line."""
    if span is None:
        return None
    first = max(span.start - start, 0)
    line = shown.count("\n", 0, first)
    line_start = shown.rfind("\n", 0, first) + 1
    if line >= lines:  # the text ends before: mark the end of its last line
        line = max(lines - 1, 0)
        line_start = len(shown.removesuffix("\n")) - len(shown.removesuffix("\n").rpartition("\n")[2])
        first = len(shown.removesuffix("\n"))
    line_end = shown.find("\n", first)
    line_end = len(shown) if line_end < 0 else line_end
    last = min(max(span.end - start, first), line_end)
    return line, first - line_start, last - line_start


def _left_out(text: str, where: str) -> str:
    if not text:
        return ""
    lines = text.count("\n")
    size = f"{lines:,} lines, {len(text):,} characters" if lines else f"{len(text):,} characters"
    return f"[{size} {where} not shown]"


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n")


def _pair_lines(left: tuple[str, ...], right: tuple[str, ...]) -> list[tuple[int | None, int | None]]:
    """Pair the lines of two texts as a diff does."""
    pairs: list[tuple[int | None, int | None]] = []
    if len(left) == len(right):
        return [(i, i) for i in range(len(left))]
    for _, a, a_end, b, b_end in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for step in range(max(a_end - a, b_end - b)):
            pairs.append((a + step if a + step < a_end else None, b + step if b + step < b_end else None))
    return pairs


def _verdict(expected: str, actual: str, spans: tuple[TokenSpan, TokenSpan] | None, values: bool) -> str:
    if spans is None:
        return (
            "the same"
            if expected == actual
            else "equal for this comparison; they differ in white space or notation only"
        )
    left, right = spans
    line = expected.count("\n", 0, left.start) + 1
    token = len(expected[expected.rfind("\n", 0, left.start) + 1 : left.start].split()) + 1
    where = f"character {left.start + 1}" if values else f"line {line}, token {token}"
    if not expected.strip():
        return "no output is expected"
    if not actual.strip():
        return "nothing was printed"
    if right.start >= len(actual.rstrip()) and left.end > left.start:
        return f"the output ends before {where}"
    if left.start >= len(expected.rstrip()):
        return f"more is printed than expected, after line {line}"
    return f"first difference: {where}"


# ---- lines as a terminal shows them

Cells = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class LineChunk:
    """A part of a line that fits the column."""

    text: str
    mark: tuple[int, int] | None = None
    """Start and end of the marked part in ``text``."""


def visible(line: str, whitespace: bool = False, ended: bool = False) -> list[str]:
    """Return each character of a line as it is shown, without control characters."""
    from apps_plus.printable import printable

    shown = [_WHITE.get(c, c) if whitespace else "    " if c == "\t" else c for c in line]
    safe = [c if len(c) > 1 and not whitespace else printable(c) for c in shown]
    return [*safe, "↵"] if whitespace and ended else safe


_WHITE = {" ": "·", "\t": "→   ", "\xa0": "⍽", "\u3000": "⍽"}


def fold(pieces: list[str], width: int, cells: Cells, mark: tuple[int, int] | None = None) -> list[LineChunk]:
    """Break a line into chunks of at most ``width`` cells; an empty line is one chunk. ``mark`` counts pieces."""
    rows: list[list[int]] = [[]]
    used = 0
    for index, piece in enumerate(pieces):
        size = cells(piece)
        if used + size > width and rows[-1]:
            rows.append([])
            used = 0
        rows[-1].append(index)
        used += size
    return [_chunk(pieces, row, mark, last=row is rows[-1]) for row in rows]


def _chunk(pieces: list[str], row: list[int], mark: tuple[int, int] | None, last: bool) -> LineChunk:
    text = "".join(pieces[i] for i in row)
    if mark is None:
        return LineChunk(text)
    start, end = mark
    first, after = (row[0], row[-1] + 1) if row else (0, 0)
    if start == end:  # the mark of a text that ends too early
        return LineChunk(text, (len(text), len(text))) if last else LineChunk(text)
    low, high = max(start, first), min(end, after)
    if low >= high:
        return LineChunk(text)
    before = sum(len(pieces[i]) for i in range(first, low))
    return LineChunk(text, (before, before + sum(len(pieces[i]) for i in range(low, high))))
