"""Assemble a program from a curriculum prefix and a completion.

A base model writes the rest of the program. A chat model writes an answer, from which
``harness.judging.extraction.extract`` takes the program, as in ``apps-plus evaluate``. The result records which
characters of the completion are in the program, for the loss mask.
"""

from __future__ import annotations

from harness.judging.extraction.answer import Question
from harness.judging.extraction.extract import extract
from stepcoder.records import Assembled, CodeSpan


def assemble(prefix: str, completion: str, chat: bool = False, entry_point: str | None = None) -> Assembled:
    """Assemble a program.

    Args:
        prefix: The part of the canonical solution that the model was given; may be empty.
        completion: The text that the model wrote.
        chat: True if it is the answer of a chat model; with a prefix it begins inside an open fenced block.
        entry_point: The function that the tests call; None: a script.
    """
    if not chat:
        span = CodeSpan(0, len(completion), len(prefix))
        return Assembled(prefix + completion, (span,) if completion else ())
    found = extract(completion, Question(entry_point, prefix, is_prefix=bool(prefix)))
    spans, at = [], 0
    for piece in found.pieces:
        if piece.start is not None and piece.text:
            spans.append(CodeSpan(piece.start, piece.start + len(piece.text), at))
        at += len(piece.text)
    return Assembled(found.source, tuple(sorted(spans)))
