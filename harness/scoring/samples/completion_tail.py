"""Cut off the text after a completion's function.

A model that was not stopped continues with another function, a call, or prose. HumanEval's authors end a completion at
the next line of certain kinds, MBPP's at a marker. Only such lines after the function that the tests call count; the
parts of the tail that this function needs are kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.judging.extraction.python_code import bindings, line_starts, missing_names, parse, span_of

HUMANEVAL_STOPS = ("\nclass", "\ndef", "\n#", "\nif", "\nprint")
"""Stop sequences of HumanEval's authors (arXiv 2107.03374, section 2.2)."""
MBPP_STOPS = ("\nclass", "\nassert", '\n"""', "\nprint", "\nif", "\n[DONE]", "\n```", "\n<|/")
"""Stop sequences of MBPP: its paper's marker (arXiv 2108.07732, figure 1), and those of BigCode's harness."""
FENCE = "\n```"
"""End of a block that the prompt opened."""


def cut_completion(prompt: str, text: str) -> str:
    """Return prompt and completion without the text after the function that the prompt begins.

    It ends at the stops of HumanEval's authors or at a fence; later helpers that the function needs are kept. If the
    program does not parse then, everything after the function's body is removed: prose, or a call that the token limit
    cut off.
    """
    source = prompt + text
    stops = (*HUMANEVAL_STOPS, FENCE)
    if _cut_at(source, stops, len(prompt)) is source:  # most completions have no stop: there is nothing to parse for
        cut = source
    else:
        cut = _cut_at(source, stops, _end_of_statement(source, len(prompt)))
    cut = _without_broken_tail(cut, len(prompt), _ANY_LINE)
    return cut if cut == source else cut + _needed(cut, source[len(cut) :])


def cut_solution(source: str, entry_point: str | None) -> str:
    """Return a solution of MBPP without the text after the function that the tests call.

    Args:
        source: The model's text: imports, classes, helpers, the function, and more.
        entry_point: The function's name; None, or a name that the source does not define: the first function.
    """
    start = _after_head(source, entry_point)
    if start is None:
        return source
    cut = _cut_at(source, MBPP_STOPS, _end_of_statement(source, start))
    cut = _without_broken_tail(cut, start, _NO_DEFINITION)
    return cut if cut == source else cut + _needed(cut, source[len(cut) :])


def _end_of_statement(source: str, place: int) -> int:
    """Return the end of the top-level statement that contains ``place`` if the source parses, else ``place``.

    So unindented text inside the statement (in a docstring, a list) is no stop.
    """
    tree = parse(source)
    for statement in tree.body if tree is not None else []:
        start, end = span_of(source, statement)
        if start < place <= end:
            return max(end - 1, place)
    return place


_FIRST_FUNCTION = re.compile(r"^(?:async\s+)?def\s.*", re.MULTILINE)


def _after_head(source: str, entry_point: str | None) -> int | None:
    """Return the end of the first line of the function that the tests call; None if there is no function."""
    if entry_point is not None:
        name = re.escape(entry_point)
        head = re.compile(
            rf"^(?:(?:async\s+)?def\s+{name}\s*\(|{name}\s*(?::[^=\n]*)?=(?!=)|class\s+{name}\b).*", re.MULTILINE
        )
        found = head.search(source)
        if found is not None:
            return found.end()
    first = _FIRST_FUNCTION.search(source)
    return first.end() if first is not None else None


def _cut_at(source: str, stops: Sequence[str], start: int) -> str:
    ends = [end for stop in stops if (end := source.find(stop, start)) >= 0]
    return source[: min(ends)] + "\n" if ends else source


_ANY_LINE = re.compile(r"^[^\s#]", re.MULTILINE)
"""An unindented line."""
_NO_DEFINITION = re.compile(r"^(?!(?:def|class|async)\b)[^\s#@]", re.MULTILINE)
"""An unindented line that begins no definition: a definition that the token limit cut off is unfinished code."""
_TRIED, _READ = 40, 1_000_000
"""Most lines that are tried, and most characters parsed for them."""


def _without_broken_tail(source: str, start: int, line: re.Pattern[str]) -> str:
    """Cut a program that does not parse at the first unindented line before which it parses."""
    after = source.find("\n", start) + 1
    if not after or not (margins := [found.start() for found in line.finditer(source, after)]):
        return source
    if parse(source) is not None:
        return source
    tried = margins[: min(_TRIED, _READ // len(source) + 1)]
    return next((source[:end] for end in tried if parse(source[:end]) is not None), source)


def _needed(kept: str, tail: str) -> str:
    """Return the statements of the tail that define names which the kept part lacks, in their order."""
    readable = _longest_python(tail)
    tree = parse(readable)
    if tree is None or not tree.body or parse(kept) is None:
        return ""
    places = bindings(tree)
    missing, known = set(missing_names(kept)), set[str]()
    spans: set[tuple[int, int]] = set()
    while missing:
        name = missing.pop()
        known.add(name)
        for statement in places.get(name, []):
            span = span_of(readable, statement)
            spans.add(span)
            missing |= missing_names(readable[slice(*span)]) - known
    return "".join("\n" + readable[start:end].rstrip("\n") + "\n" for start, end in sorted(spans))


def _longest_python(tail: str) -> str:
    """Return the longest beginning of a text that parses and ends before an unindented line."""
    margins = [start for start in line_starts(tail) if tail[start : start + 1] not in (" ", "\t", "\n", "\r", "")]
    for end in [len(tail), *reversed(margins[: min(60, _READ // (len(tail) + 1) + 1)])]:
        if parse(tail[:end]) is not None:
            return tail[:end]
    return ""
