"""Records of the extraction: the question, and the pieces of an answer that make its program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Question:
    """The requirements of an answer's program."""

    entry_point: str | None
    """The function (or method of ``class Solution``) that the tests call; None: a script that reads standard input."""
    code_before: str = ""
    """Code that the answer may continue: HumanEval's prompt. Empty if an answer is a whole program."""
    is_prefix: bool = False
    """True if ``code_before`` is the beginning of the program itself, which the model was given in an open block (a
    curriculum's prefix): the answer begins inside that block, and a program that stands alone does not need it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a program."""

    text: str
    start: int | None
    """Index of its first character in the answer; None: it is not from the answer (but from the prompt, say)."""


class ExtractionNote(StrEnum):
    """A property of an answer that is counted, worded to follow "3 of 164 samples"."""

    EMPTY = "are empty"
    REASONING = "have reasoning before the answer, which is set aside"
    UNFINISHED = "end inside their reasoning and count as empty"
    SPECIAL_TOKENS = "end in special tokens, which are cut off"
    ROLE = "begin with role markers of a chat template, which are left out"
    NO_BLOCK = "have no fenced block and are taken whole"
    BARE_CODE = "have no fenced block: the code between their prose is taken"
    CONTINUES = "continue the prompt in their block"
    INDENTED = "continue the prompt without its indentation, which is restored"
    TAKEN_ALONG = "use imports or helpers of an earlier block, which are taken along"
    STUB = "define the function by a stub only"
    NONE_FITS = "have no block that can be the program: the likeliest is taken"


@dataclass(frozen=True, slots=True)
class Extraction:
    """The program of an answer."""

    pieces: tuple[Piece, ...]
    notes: tuple[ExtractionNote, ...] = ()
    fenced: bool = False
    """True if it was in a fenced block: then there is no tail to cut off."""

    @property
    def source(self) -> str:
        """The program as text."""
        return "".join(piece.text for piece in self.pieces)


def text_of(pieces: Iterable[Piece]) -> str:
    """Join the texts of pieces."""
    return "".join(piece.text for piece in pieces)


def slice_pieces(pieces: Sequence[Piece], start: int, end: int) -> tuple[Piece, ...]:
    """Return the pieces of the characters [start, end) of the text that the pieces make together."""
    found, at = [], 0
    for piece in pieces:
        first, last = max(start - at, 0), min(end - at, len(piece.text))
        if first < last:
            begins = None if piece.start is None else piece.start + first
            found.append(Piece(piece.text[first:last], begins))
        at += len(piece.text)
    return tuple(found)
