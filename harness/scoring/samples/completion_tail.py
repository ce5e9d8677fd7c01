"""Cut off what a model wrote after its function.

A model that nobody stopped goes on with the next function, a call, or prose. HumanEval's authors end a completion at
the next line of certain kinds, MBPP's at a marker. What such a line follows must be the function that the tests call;
what that function needs of the tail is kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.judging.extraction.python_code import bindings, line_starts, missing_names, parse, span_of

HUMANEVAL_STOPS = ("\nclass", "\ndef", "\n#", "\nif", "\nprint")
"""Where HumanEval's authors end a completion (arXiv 2107.03374, section 2.2)."""
MBPP_STOPS = ("\nclass", "\nassert", '\n"""', "\nprint", "\nif", "\n[DONE]", "\n```", "\n<|/")
"""Where a solution of MBPP ends: its paper's marker (arXiv 2108.07732, figure 1), and those of BigCode's harness."""
FENCE = "\n```"
"""Where a prompt that had opened a block is closed."""


def cut_completion(prompt: str, text: str) -> str:
    """Return prompt and completion without what follows the function that the prompt begins.

    The stops are those of HumanEval's authors, and a fence; a helper behind them that the function needs is kept. Where
    the program is no Python then, all that follows the function's body goes: prose, a call that the limit of tokens
    broke off.
    """
    source = prompt + text
    cut = _cut_at(source, (*HUMANEVAL_STOPS, FENCE), _end_of_statement(source, len(prompt)))
    cut = _without_broken_tail(cut, len(prompt), _ANY_LINE)
    return cut if cut == source else cut + _needed(cut, source[len(cut) :])


def cut_solution(source: str, entry_point: str | None) -> str:
    """Return a solution of MBPP without what follows the function that the tests call.

    Args:
        source: What the model wrote: imports, classes, helpers, the function, and more.
        entry_point: The function's name; None, or one that the source does not define: the first function.
    """
    start = _after_head(source, entry_point)
    if start is None:
        return source
    cut = _cut_at(source, MBPP_STOPS, _end_of_statement(source, start))
    cut = _without_broken_tail(cut, start, _NO_DEFINITION)
    return cut if cut == source else cut + _needed(cut, source[len(cut) :])


def _end_of_statement(source: str, place: int) -> int:
    """Where the statement at the margin ends that ``place`` stands in, if the source is Python, else ``place``.

    Text at the margin inside of it (a docstring's, a list's) ends nothing.
    """
    tree = parse(source)
    for statement in tree.body if tree is not None else []:
        start, end = span_of(source, statement)
        if start < place <= end:
            return max(end - 1, place)
    return place


_FIRST_FUNCTION = re.compile(r"^(?:async\s+)?def\s.*", re.MULTILINE)


def _after_head(source: str, entry_point: str | None) -> int | None:
    """Where the first line of the function ends that the tests call; None where there is no function."""
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
"""A line at the margin."""
_NO_DEFINITION = re.compile(r"^(?!(?:def|class|async)\b)[^\s#@]", re.MULTILINE)
"""The same, if it begins no definition: one that the limit of tokens broke off is the model's own unfinished code."""
_TRIED, _READ = 40, 1_000_000
"""Lines that are tried, and characters that are parsed for them."""


def _without_broken_tail(source: str, start: int, line: re.Pattern[str]) -> str:
    """Return a program that is no Python without its lines at the margin, from the first one on that makes it so."""
    after = source.find("\n", start) + 1
    if not after or not (margins := [found.start() for found in line.finditer(source, after)]):
        return source
    if parse(source) is not None:
        return source
    tried = margins[: min(_TRIED, _READ // len(source) + 1)]
    return next((source[:end] for end in tried if parse(source[:end]) is not None), source)


def _needed(kept: str, tail: str) -> str:
    """Return the statements of the tail that define what the kept part uses and lacks, in their order."""
    readable = _longest_python(tail)
    tree = parse(readable)
    if tree is None or parse(kept) is None:
        return ""
    places = bindings(tree)
    wanted, known = set(missing_names(kept)), set[str]()
    spans: set[tuple[int, int]] = set()
    while wanted:
        name = wanted.pop()
        known.add(name)
        for statement in places.get(name, []):
            span = span_of(readable, statement)
            spans.add(span)
            wanted |= missing_names(readable[slice(*span)]) - known
    return "".join("\n" + readable[start:end].rstrip("\n") + "\n" for start, end in sorted(spans))


def _longest_python(tail: str) -> str:
    """Return the beginning of a text up to the last line at the margin before which it is Python."""
    margins = [start for start in line_starts(tail) if tail[start : start + 1] not in (" ", "\t", "\n", "\r", "")]
    for end in [len(tail), *reversed(margins[: min(60, _READ // (len(tail) + 1) + 1)])]:
        if parse(tail[:end]) is not None:
            return tail[:end]
    return ""
