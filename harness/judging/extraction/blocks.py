"""Find the fenced blocks of code in an answer.

A block ends where Markdown ends it, unless its content is then not Python and another end makes it Python: a fence in
a docstring, one that is commented out, prose after a block that was never closed.
"""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise

from harness.judging.extraction.answer import Piece, Question, text_of
from harness.judging.extraction.fences import PYTHON, Fence, Kind, closes, fences_of, may_open, opens_next
from harness.judging.extraction.python_code import is_code, parse

_ENDS_TRIED = 12
"""Other ends that are tried for one block."""
_READ = 500_000
"""Most characters parsed in all to find other ends: about half a second."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code."""

    language: str
    """``python``, another one, or empty if none is named."""
    start: int
    """Index of the first character of the opening fence's line; the text before it introduces the block."""
    end: int
    """Index after the last character of the block's content."""
    closed: bool
    """True if a closing fence ends it, false for the next block or the end of the answer."""
    pieces: tuple[Piece, ...]
    """Its content, without the indentation of the fence."""

    in_prompt: bool = False
    """True if the prompt opened it, so that the answer begins inside."""

    @property
    def code(self) -> str:
        """Its content as text."""
        return text_of(self.pieces)


@functools.lru_cache(maxsize=4)
def blocks_of(text: str, question: Question) -> tuple[Block, ...]:
    """Return the fenced blocks of an answer, in order; it may begin inside a block that its prompt opened."""
    return _blocks(text, question, False)


def _blocks(text: str, question: Question, relaxed: bool) -> tuple[Block, ...]:
    fences = fences_of(text)
    found: list[Block] = []
    at, left = 0, _READ
    first = _closes_prompts_block(text, fences, question)
    if first is not None:
        end, start = fences[first].start, _behind_language(text)
        found.append(Block(PYTHON, 0, end, True, _pieces(text, start, end, None), in_prompt=True))
        at = first if opens_next(fences[first]) else first + 1
    while at < len(fences):
        opening = fences[at]
        if not may_open(opening) and not (relaxed and opening.kind in (Kind.BARE, Kind.LANGUAGE)):
            at += 1
            continue
        block, at, left = _block(text, fences, at, left)
        found.append(block)
    if not found and fences and not relaxed:
        return _blocks(text, question, True)  # a block that is indented as a whole, outside a list
    return tuple(found)


def segments_of(text: str, question: Question) -> Iterator[Block]:
    """Yield the text between any two fences as a block, for an answer whose fences are not paired."""
    fences = fences_of(text)
    borders = [(0, 0), *((fence.start, fence.end) for fence in fences), (len(text), len(text))]
    for (_, start), (end, _) in pairwise(borders):
        if text[start:end].strip():
            pieces = _pieces(text, start, end, None)
            inside = question.is_prefix and start == 0
            yield Block("", start, end, False, pieces if inside else _dedented(pieces), inside)


def _closes_prompts_block(text: str, fences: Sequence[Fence], question: Question) -> int | None:
    """Return the number of the fence that ends a block which the prompt opened; None if there is no such block."""
    first = next((i for i, fence in enumerate(fences) if may_open(fence) or fence.kind is Kind.BARE), None)
    if first is None or fences[first].indent > 3:
        return None
    before = text[_behind_language(text) : fences[first].start]
    if question.is_prefix:  # the prompt opened a block
        return first
    if fences[first].kind not in (Kind.BARE, Kind.PROSE) or not before.strip():
        return None
    whole = question.code_before + before
    if is_code(textwrap.dedent(before)) or (question.code_before and before[:1] in " \t" and is_code(whole)):
        return first
    broken = parse(textwrap.dedent(before)) is None and _LOOKS_LIKE_CODE.match(before)
    return first if broken else None


_LOOKS_LIKE_CODE = re.compile(
    r"\s*(?:def \w+\s*\(|class \w+\s*[:(]|import \w|from [\w.]+ import |@\w|for \w+ in |while .*:|if .*:\s*$|return\b)"
)
_LANGUAGE_ALONE = re.compile(r"\s*(?:python3?|py)[ \t]*(?:\r\n|\r|\n)", re.IGNORECASE)


def _behind_language(text: str) -> int:
    """Return the index after a first line that is a language only, as in answers to a prompt that opened a fence."""
    named = _LANGUAGE_ALONE.match(text)
    return named.end() if named is not None else 0


def _block(text: str, fences: Sequence[Fence], at: int, left: int) -> tuple[Block, int, int]:
    """Return the block that a fence opens, the number of the next fence, and the characters left to parse."""
    opening = fences[at]
    later = range(at + 1, len(fences))
    natural = next((i for i in later if closes(fences[i], opening)), None)
    end, following = _end(text, fences, natural)
    pieces = _pieces(text, opening.end, end, opening)
    if opening.language in ("", PYTHON) and not _parses(pieces):
        for number, other in _other_ends(text, fences, at, natural):
            left -= other - opening.end
            if left < 0:
                break
            tried = _pieces(text, opening.end, other, opening)
            if text_of(tried).strip() and _parses(tried):
                pieces, end, following, natural = tried, other, number + 1, number
                break
    if opening.language in ("", PYTHON) and _code_on_line(text, opening):
        tried = (Piece(text[opening.rest_start : opening.end].lstrip(), _first_character(text, opening)), *pieces)
        pieces = tried if _parses(tried) else pieces
    closed = natural is not None and not opens_next(fences[natural])
    return Block(opening.language, opening.start, end, closed, pieces), following, left


def _end(text: str, fences: Sequence[Fence], natural: int | None) -> tuple[int, int]:
    """Return the end of a block by its closing fence, and the number of the next fence."""
    if natural is None:
        return len(text), len(fences)
    return fences[natural].start, natural if opens_next(fences[natural]) else natural + 1


def _other_ends(text: str, fences: Sequence[Fence], at: int, natural: int | None) -> Iterator[tuple[int, int]]:
    """Yield other fences at which a block may end, as (number, index): first those before its closing fence."""
    inside = range(at + 1, natural if natural is not None else len(fences))
    weak = (i for i in inside if fences[i].kind in (Kind.COMMENTED, Kind.TRAILING) or fences[i].indent > 3)
    after = range(natural + 1, len(fences)) if natural is not None else range(0)
    later = (i for i in after if closes(fences[i], fences[at]) or fences[i].kind is Kind.COMMENTED)
    for i in islice(chain(weak, later), _ENDS_TRIED):
        yield i, fences[i].marks_start if fences[i].kind is Kind.TRAILING else fences[i].start


def _code_on_line(text: str, opening: Fence) -> bool:
    return _BEGINS_CODE.match(text, opening.rest_start, opening.end) is not None


_BEGINS_CODE = re.compile(r"\s*(?:def |class |import |from |async def |@|print\(|[A-Za-z_]\w* = )")


def _first_character(text: str, opening: Fence) -> int:
    rest = text[opening.rest_start : opening.end]
    return opening.rest_start + len(rest) - len(rest.lstrip())


def _parses(pieces: Sequence[Piece]) -> bool:
    code = text_of(pieces)
    return parse(code) is not None or parse(textwrap.dedent(code)) is not None


# ---- indentation


def _pieces(text: str, start: int, end: int, opening: Fence | None) -> tuple[Piece, ...]:
    """Return the characters [start, end), without the indentation (or ``>``) of the opening fence."""
    if opening is None or (opening.indent == 0 and not opening.quotes) or opening.kind is Kind.BEHIND_TEXT:
        return (Piece(text[start:end], start),) if start < end else ()
    if opening.kind is Kind.COMMENTED:
        return (Piece(text[start:end], start),) if start < end else ()
    quoted = rf"(?:[ \t]{{0,3}}>){{1,{opening.quotes}}}[ \t]?"
    prefix = re.compile(quoted if opening.quotes else rf"[ ]{{0,{opening.indent}}}|\t")
    return _without_prefix(text, start, end, prefix)


def _without_prefix(text: str, start: int, end: int, prefix: re.Pattern[str]) -> tuple[Piece, ...]:
    pieces = []
    for line in _LINE.finditer(text, start, end):
        blanks = prefix.match(text, line.start(), line.end())
        first = blanks.end() if blanks is not None else line.start()
        if first < line.end():
            pieces.append(Piece(text[first : line.end()], first))
        if line.end() == end:
            break
    return tuple(pieces)


_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


def _dedented(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    return dedent(pieces) if parse(text_of(pieces)) is None else pieces


def dedent(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Remove the indentation that all lines have in common."""
    code = text_of(pieces)
    lines = [line for line in code.splitlines() if line.strip()]
    common = min((len(line) - len(line.lstrip(" \t")) for line in lines), default=0)
    if not common:
        return tuple(pieces)
    found: list[Piece] = []
    for piece in pieces:
        for line in _LINE.finditer(piece.text):
            blanks = min(common, len(line.group()) - len(line.group().lstrip(" \t")))
            kept = line.group()[blanks:]
            if kept:
                found.append(Piece(kept, None if piece.start is None else piece.start + line.start() + blanks))
            if line.end() == len(piece.text):
                break
    return tuple(found)
