"""Extract the program from a model's answer: Markdown or bare code, with or without reasoning before it.

    answer -> without reasoning and special tokens -> blocks -> the program's block -> what it needs of the others

Every character of the program has a known index in the answer, or comes from the question's code, so that a trainer
can map tokens to the program. A text that is a program already is returned unchanged.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from harness.judging.extraction.answer import Extraction, ExtractionNote, Piece, Question, slice_pieces, text_of
from harness.judging.extraction.bare_code import bare_code, is_prose
from harness.judging.extraction.blocks import Block, blocks_of, dedent, segments_of
from harness.judging.extraction.choose import Choice, Fitness, choose, rate, stands_alone, take_along
from harness.judging.extraction.fences import OTHER_LANGUAGES
from harness.judging.extraction.python_code import LINE, defines, parse
from harness.judging.extraction.reasoning import find_reasoning
from harness.judging.extraction.special_tokens import end_of_text, start_of_text

_MARKS = re.compile(r"```|\ufeff|\u00a0|~~~|</?\w{1,20}[:_]?\w{0,12}>|<[|\uff5c]|\u25c1|\[/?[A-Z]{3,8}\]")
"""Marks of a text that is not a program itself, but an answer with a program in it."""


def is_answer(text: str, question: Question) -> bool:
    """Return whether a text is an answer that contains a program (in a block, tags, after reasoning), not a program."""
    if start_of_text(text) or _BEGIN_TAG.match(text):
        return True
    if not _MARKS.search(text):
        return is_program_in_prose(text, question)
    if _is_program(text, question):
        return False
    if _is_program(_with_plain_blanks(text), question):
        return True
    without_tokens = text[: end_of_text(text)]
    if _is_program(without_tokens, question):
        return False
    if blocks_of(without_tokens, question):
        return True
    reasoning = find_reasoning(text, None, lambda at: False)
    marked = bool(reasoning.spans) or bool(start_of_text(text)) or bool(_WRAPPER.search(without_tokens))
    return marked or is_program_in_prose(without_tokens, question)


def is_program_in_prose(text: str, question: Question) -> bool:
    """Return whether a text without a block is prose around a program."""
    if _is_program(text, question):
        return False
    pieces = bare_code(text, question)
    if not pieces or pieces[0].start is None or pieces[-1].start is None:
        return False
    start, end = pieces[0].start, pieces[-1].start + len(pieces[-1].text)
    return is_prose(text[:start]) and is_prose(text[end:])


def extract(answer: str, question: Question, reasoning_end: str | None = None) -> Extraction:
    """Return the program of an answer.

    Args:
        answer: The model's text.
        question: The requirements of the program.
        reasoning_end: The text that ends the reasoning; ``none``: there is none; None: look for the known markers.
    """
    if not answer.strip():
        return Extraction(_prefix(question), (ExtractionNote.EMPTY,))
    if reasoning_end is None and not is_answer(answer, question):
        end = end_of_text(answer)
        if answer[end:].strip():
            return _finished(
                (Piece(answer[:end], 0),), question, (ExtractionNote.SPECIAL_TOKENS, ExtractionNote.NO_BLOCK)
            )
        return _finished((Piece(answer, 0),), question, (ExtractionNote.NO_BLOCK,))
    notes: list[ExtractionNote] = []
    text, blanked, earlier = _visible(answer, question, reasoning_end, notes)
    if not text.strip():
        return (
            Extraction((), tuple(notes))
            if ExtractionNote.UNFINISHED in notes
            else Extraction((), (*notes, ExtractionNote.EMPTY))
        )
    found = _found(text, text != answer, question, notes)
    if earlier is not None and not found.fenced and not _is_fit(found, question):
        again = _found(earlier, True, question, [ExtractionNote.REASONING])
        if again.fenced:
            found, blanked = again, [span for span in blanked if span[1] - span[0] == 1]
    return Extraction(tuple(_written(found.pieces, blanked)), found.notes, found.fenced)


def _found(text: str, changed: bool, question: Question, notes: list[ExtractionNote]) -> Extraction:
    if changed and _is_program(text, question):
        return _finished((Piece(text, 0),), question, (*notes, ExtractionNote.NO_BLOCK))
    blocks = blocks_of(text, question)
    choice = choose(text, blocks, question) or choose(text, list(segments_of(text, question)), question)
    if choice is not None and choice.fitness is not Fitness.STUB:
        return _chosen(choice, blocks, question, notes)
    return _fallback(text, blocks, choice, question, notes)


def _written(pieces: tuple[Piece, ...], blanked: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    """Yield pieces without the line breaks that replaced removed parts of the answer."""
    for piece in pieces:
        if piece.start is None:
            yield piece
            continue
        start = at = piece.start
        end = start + len(piece.text)
        for first, last in [*sorted(blanked), (end, end)]:
            if first > at:
                until = min(first, end)
                yield Piece(piece.text[at - start : until - start], at)
            at = max(at, last)
            if at >= end:
                break


def _prefix(question: Question) -> tuple[Piece, ...]:
    return (Piece(question.code_before, None),) if question.is_prefix else ()


def _is_program(text: str, question: Question) -> bool:
    """Return whether a whole text can be the program, without any Markdown."""
    whole = Block("", 0, len(text), False, (Piece(text, 0),), in_prompt=question.is_prefix)
    return rate(whole, question).fitness > Fitness.STUB


def _visible(
    answer: str, question: Question, marker: str | None, notes: list[ExtractionNote]
) -> tuple[str, list[tuple[int, int]], str | None]:
    """Remove reasoning, role markers, special tokens and tags from an answer.

    Returns the text with line breaks in place of what was removed, so that every character keeps its index; the spans
    that were removed (also blank lines before the answer); and, if the reasoning has several ends, the text after the
    first end only.
    """
    python = [
        (block.pieces[0].start or 0, block.end)
        for block in blocks_of(answer, question)
        if block.closed and block.pieces and parse(block.code)
    ]

    def in_code(at: int) -> bool:
        nearest = bisect_right(python, (at, len(answer))) - 1
        return nearest >= 0 and at < python[nearest][1]

    reasoning = find_reasoning(answer, marker, in_code)
    if not reasoning.finished:
        notes.append(ExtractionNote.UNFINISHED)
    elif reasoning.spans:
        notes.append(ExtractionNote.REASONING)
    blanked = list(reasoning.spans)
    marks = [(at, at + 1) for at, character in enumerate(answer) if character == _BYTE_ORDER_MARK]
    answer = _with_plain_blanks(answer)
    blanked += marks
    text = _with_line_breaks(answer, blanked)
    begin = start_of_text(text)
    if begin and text[:begin].strip():
        notes.append(ExtractionNote.ROLE)
        blanked.append((0, begin))
        text = _with_line_breaks(text, blanked)
    end = end_of_text(text)
    if text[end:].strip():
        notes.append(ExtractionNote.SPECIAL_TOKENS)
        text = text[:end]
    tags = (tag.span() for tag in _WRAPPER.finditer(text))
    blanked += [span for span in tags if not in_code(span[0])]
    text = _with_line_breaks(text, blanked)
    if blanked and min(blanked)[0] == 0:
        blanked.append((0, len(text) - len(text.lstrip("\r\n"))))
    earlier = _with_line_breaks(answer, reasoning.earlier) if reasoning.earlier else None
    return text, blanked, earlier


def _is_fit(found: Extraction, question: Question) -> bool:
    code = text_of(piece for piece in found.pieces if piece.start is not None)
    return _is_program(code, question)


_TAG = "(?:answer|solution|response|code|python|final|final_answer|output|result)"
_WRAPPER = re.compile(
    rf"(?m)^[ \t]*</?{_TAG}>|</?{_TAG}>[ \t]*$"
    r"|\[TESTS\](?s:.*?)\[/TESTS\]|\[/?(?:PYTHON|ANSWER|SOLUTION|CODE|code|BEGIN)\]|\[DONE\]|<\|(?:begin|end)_of_(?:solution|answer|box)\|>"
)
"""Tags that some models put around an answer or around its code."""


_BEGIN_TAG = re.compile(r"\s*\[(?:BEGIN|PYTHON|CODE|ANSWER|SOLUTION)\]\s")
_BLANKS = re.compile("^[ \t\u00a0]+", re.MULTILINE)
_BYTE_ORDER_MARK = "\ufeff"


def _with_plain_blanks(text: str) -> str:
    """Replace byte-order marks by line breaks, and non-breaking spaces in indentation by spaces."""
    text = text.replace(_BYTE_ORDER_MARK, "\n")
    return _BLANKS.sub(lambda blanks: blanks[0].replace("\u00a0", " "), text)


def _with_line_breaks(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + "\n" * (end - start) + text[end:]
    return text


def _chosen(choice: Choice, blocks: Sequence[Block], question: Question, notes: list[ExtractionNote]) -> Extraction:
    pieces = choice.block.pieces
    extra = take_along(choice, blocks, question.code_before)
    if extra:
        notes.append(ExtractionNote.TAKEN_ALONG)
        if choice.continues:
            whole = (*extra, Piece(question.code_before, None), *pieces)
            return Extraction(whole, (*notes, ExtractionNote.CONTINUES), fenced=True)
        future = _end_of_future(text_of(pieces))
        pieces = (*slice_pieces(pieces, 0, future), *extra, *slice_pieces(pieces, future, len(text_of(pieces))))
    if choice.continues:
        return Extraction((Piece(question.code_before, None), *pieces), (*notes, ExtractionNote.CONTINUES), fenced=True)
    if question.is_prefix:
        return Extraction(pieces, tuple(notes), fenced=True)
    return _finished(pieces, question, tuple(notes), fenced=True)


def _fallback(
    text: str, blocks: Sequence[Block], stub: Choice | None, question: Question, notes: list[ExtractionNote]
) -> Extraction:
    """Return the likeliest program of an answer in which no fenced block is fit."""
    restored = _indented(blocks, question) if stub is None else None
    if restored is not None:
        return Extraction(restored, (*notes, ExtractionNote.INDENTED), fenced=True)
    bare = bare_code(text, question) if blocks or is_program_in_prose(text, question) else None
    if bare is not None:
        return _finished(bare, question, (*notes, ExtractionNote.BARE_CODE))
    if stub is not None:
        return _finished(stub.block.pieces, question, (*notes, ExtractionNote.STUB), fenced=True)
    if not any(block.code.strip() for block in blocks):
        return _finished((Piece(text, 0),), question, (*notes, ExtractionNote.NO_BLOCK))
    return _finished(_likeliest(blocks, question).pieces, question, (*notes, ExtractionNote.NONE_FITS), fenced=True)


def _indented(blocks: Sequence[Block], question: Question) -> tuple[Piece, ...] | None:
    """Return the program of a block that continues the prompt's function but lost its indentation, or None."""
    if not question.code_before or question.entry_point is None:
        return None
    before = Piece(question.code_before, None)
    for block in reversed(blocks):
        if block.language not in OTHER_LANGUAGES and "return" in block.code:
            plain = dedent(block.pieces)
            for body in ((Piece("    ", None), *block.pieces), _with_blanks(block.pieces), _with_blanks(plain)):
                tree = parse(text_of((before, *body)))
                last = tree.body[-1] if tree is not None else None
                if isinstance(last, (ast.FunctionDef, ast.AsyncFunctionDef)) and last.name == question.entry_point:
                    return (before, *body)
    return None


def _with_blanks(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    code = text_of(pieces)
    found: list[Piece] = []
    starts = [0, *(end.end() for end in LINE.finditer(code)), len(code)]
    for start, end in pairwise(starts):
        if code[start:end].strip():
            found.append(Piece("    ", None))
        found += slice_pieces(pieces, start, end)
    return tuple(found)


def _likeliest(blocks: Sequence[Block], question: Question) -> Block:
    """Return the last block with a ``def`` of the function, else the last Python block, else the longest block."""
    filled = [block for block in blocks if block.code.strip()]
    if question.entry_point is not None:
        head = re.compile(rf"^[ \t]*(?:async\s+)?def\s+{re.escape(question.entry_point)}\s*\(", re.MULTILINE)
        heads = [block for block in filled if head.search(block.code)]
        if heads:
            return heads[-1]
    named = [block for block in filled if block.language == "python"]
    unnamed = [block for block in filled if block.language not in OTHER_LANGUAGES]
    return named[-1] if named else max(unnamed or filled, key=lambda block: len(block.code))


# ---- joining with the question's code

_FUTURE = re.compile(r"^from __future__ import [^\r\n]*(?:\r\n|\r|\n|\Z)", re.MULTILINE)


def _finished(
    pieces: tuple[Piece, ...], question: Question, notes: tuple[ExtractionNote, ...], *, fenced: bool = False
) -> Extraction:
    """Put the question's code before the program, which may lack its imports and helpers."""
    if not question.code_before:
        return Extraction(pieces, notes, fenced)
    code = text_of(pieces)
    before = Piece(question.code_before, None)
    if question.is_prefix and stands_alone(code, question):
        return Extraction(pieces, notes, fenced)
    if continues_prompt(code, question):
        return Extraction((before, *pieces), notes, fenced)
    future = _end_of_future(code)  # must come first
    head, rest = slice_pieces(pieces, 0, future), slice_pieces(pieces, future, len(code))
    return Extraction((*head, before, Piece("\n", None), *rest), notes, fenced)


def continues_prompt(code: str, question: Question) -> bool:
    """Return whether code continues where the question's code ends, even if the two together do not parse."""
    if question.is_prefix or code.lstrip("\r\n")[:1] in (" ", "\t"):
        return True
    tree = parse(code)
    if tree is not None and question.entry_point is not None and defines(tree, question.entry_point):
        return False
    name = re.escape(question.entry_point or "")
    return not re.search(rf"^(?:async\s+)?def\s+{name}\s*\(", code, re.MULTILINE)


def _end_of_future(code: str) -> int:
    """Return the end of the last ``from __future__`` import; 0 if there is none."""
    return max((found.end() for found in _FUTURE.finditer(code)), default=0)
