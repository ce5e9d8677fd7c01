"""Put programs together from a curriculum prefix and what a model wrote.

A model that continues text writes the rest of the program. A chat model writes an answer: its program is what
``harness.judging.extraction.extract`` makes of it, the same that ``apps-plus evaluate`` scores. The characters of the
completion that the program is made of are known, which is what the loss mask needs.
"""

from __future__ import annotations

from harness.judging.extraction.answer import Question
from harness.judging.extraction.extract import extract
from stepcoder.records import Assembled, CodeSpan


def assemble(prefix: str, completion: str, chat: bool = False, entry_point: str | None = None) -> Assembled:
    """Put a program together.

    Args:
        prefix: The part of the canonical solution that the model was given; empty: none.
        completion: What the model wrote, as text.
        chat: Whether it is an answer of a chat model, which began in an open block where there is a prefix.
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
