"""Find a program between prose without a fence around it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from itertools import islice

from harness.judging.extraction.answer import Piece, Question
from harness.judging.extraction.blocks import Block
from harness.judging.extraction.choose import Fitness, rate
from harness.judging.extraction.python_code import line_starts

_BEGINS = re.compile(
    r"(?:from\s+[\w.]+\s+import\b|import\s+[\w.]|def\s+\w|class\s+\w|async\s+def\s|@\w|if\s+__name__|"
    r"[A-Za-z_][\w.]*(?:\s*,\s*[A-Za-z_]\w*)*\s*=[^=]|for\s+\w.*:|while\s.*:|print\(|try:|with\s.*:|#!)"
)
_STARTS_TRIED, _ENDS_TRIED = 12, 80
_READ = 1_000_000
"""Most characters parsed in all: about a second."""


@functools.lru_cache(maxsize=4)
def bare_code(text: str, question: Question) -> tuple[Piece, ...] | None:
    """Return the last of the longest runs of whole lines that can each be the program.

    A run begins at a line that can begin code, and ends before a line without indentation. None if there is none.
    """
    starts = line_starts(text)
    ends = [start for start in starts if text[start : start + 1] not in (" ", "\t", "\r", "\n", "")] + [len(text)]
    left, found, reached = _READ, None, 0
    for start in islice(_beginnings(text, starts, question), _STARTS_TRIED):
        if start < reached:
            continue
        for end in [end for end in reversed(ends) if end > start][:_ENDS_TRIED]:
            left -= end - start
            if left < 0:
                return found
            inside = question.is_prefix and not text[:start].strip()
            block = Block("", start, end, False, (Piece(text[start:end], start),), in_prompt=inside)
            if rate(block, question).fitness > Fitness.STUB:
                found, reached = block.pieces, end
                break
    return found or _indented_code(text, starts, question)


_CODE_LIKE = re.compile(
    r"(?:def|class|async|import|from|if|for|while|with|try|return|print|assert|raise|elif|else|except|finally|lambda)\b|"
    r"[a-z_][\w.\[\]]*\s*(?:[=([]|[-+*/%]=)|[)\]}@]"
)


def is_prose(text: str) -> bool:
    """Return whether text before or after a program is prose (and not unfinished code), by its first line."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return _CODE_LIKE.match(first) is None


def _beginnings(text: str, starts: list[int], question: Question) -> Iterator[int]:
    """Yield indices where code may begin: at the body if it continues the prompt's function, else at statements."""
    first = len(text) - len(text.lstrip("\r\n"))
    if question.is_prefix or (question.code_before and text[first : first + 1] in (" ", "\t")):
        yield first if not question.is_prefix else 0
    for start in starts:
        if _BEGINS.match(text, start):
            yield start


def _indented_code(text: str, starts: list[int], question: Question) -> tuple[Piece, ...] | None:
    """Return the last run of indented lines (Markdown's other kind of code block) that can be the program."""
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
        choice = rate(Block("", start, end, False, (Piece(text[start:end], start),)), question)
        if choice.fitness > Fitness.STUB:
            return choice.block.pieces
    return None
