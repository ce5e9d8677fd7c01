"""Find a program that stands between prose without a fence around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from harness.judging.answer import Piece, Question
from harness.judging.blocks import Block, dedent
from harness.judging.choose import Fitness, rate
from harness.judging.python_code import line_starts

_BEGINS = re.compile(
    r"(?:from\s+[\w.]+\s+import\b|import\s+[\w.]|def\s+\w|class\s+\w|async\s+def\s|@\w|if\s+__name__|"
    r"[A-Za-z_][\w.]*(?:\s*,\s*[A-Za-z_]\w*)*\s*=[^=]|for\s+\w.*:|while\s.*:|print\(|try:|with\s.*:|#!)"
)
_STARTS_TRIED, _ENDS_TRIED = 12, 80
_READ = 1_000_000
"""Characters that are parsed in all: about a second's work."""


def bare_code(text: str, question: Question) -> tuple[Piece, ...] | None:
    """Return the longest run of whole lines that can be the program, from the first line that can begin it.

    A run ends before a line without indentation. None where there is no such run.
    """
    starts = line_starts(text)
    ends = [start for start in starts if text[start : start + 1] not in (" ", "\t", "\r", "\n", "")] + [len(text)]
    left = _READ
    for start in islice(_beginnings(text, starts, question), _STARTS_TRIED):
        for end in [end for end in reversed(ends) if end > start][:_ENDS_TRIED]:
            left -= end - start
            if left < 0:
                return None
            inside = question.is_prefix and not text[:start].strip()
            block = Block("", start, end, False, (Piece(text[start:end], start),), in_prompt=inside)
            if rate(block, question).fitness > Fitness.STUB:
                return block.pieces
    return _indented_code(text, starts, question)


def _beginnings(text: str, starts: list[int], question: Question) -> Iterator[int]:
    """Yield where code may begin: at its body where it goes on in the prompt's function, else at a statement."""
    first = len(text) - len(text.lstrip("\r\n"))
    if question.is_prefix or (question.code_before and text[first : first + 1] in (" ", "\t")):
        yield first if not question.is_prefix else 0
    for start in starts:
        if _BEGINS.match(text, start):
            yield start


def _indented_code(text: str, starts: list[int], question: Question) -> tuple[Piece, ...] | None:
    """The last run of indented lines (Markdown's other kind of code block) that can be the program."""
    runs: list[tuple[int, int]] = []
    opened: int | None = None
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        line = text[start:end]
        if line.startswith(("    ", "\t")):
            opened = start if opened is None else opened
        elif line.strip() and opened is not None:
            runs.append((opened, start))
            opened = None
    if opened is not None:
        runs.append((opened, len(text)))
    for start, end in reversed(runs[-_STARTS_TRIED:]):
        block = Block("", start, end, False, dedent((Piece(text[start:end], start),)))
        if rate(block, question).fitness > Fitness.STUB:
            return block.pieces
    return None
