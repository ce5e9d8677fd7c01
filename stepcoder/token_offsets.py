"""Map the tokens of a response to the characters of its text.

A tokenizer has offsets for a text that it splits. A response was sampled: its tokens need not be those of its text
split again, and a character may be spread over several tokens. So the tokens are spelled byte by byte, in the ways of
the two families of tokenizers (byte-level BPE, SentencePiece), and the result is compared with the decoded text. If
neither matches, ever longer prefixes of the response are decoded: correct for any tokenizer, but slow.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

from harness.generation.tokenization import continuation

Span = tuple[int, int]
"""Characters [start, end) of a text."""

_BYTE_TOKEN = re.compile("<0x([0-9A-Fa-f]{2})>")
_BLANK = "\u2581"
"""SentencePiece's mark for a blank."""


def response_offsets(tokenizer: Any, prompt_ids: Sequence[int], response_ids: Sequence[int]) -> list[Span]:
    """Return, for each token of a response, its characters [start, end) in the text.

    The text is that of ``harness.generation.tokenization.continuation``. Every character belongs to a token, spans are
    in the order of the text, and each of several tokens with a part of one character covers that character. Tokens
    without text (the end of text, other special tokens) have an empty span.
    """
    text = continuation(tokenizer, prompt_ids, response_ids)
    tokens = _visible_tokens(tokenizer, response_ids)
    for spell in (_byte_level, _sentence_piece):
        pieces = [spell(token) for token in tokens]
        for candidate in (pieces, _without_leading_blank(pieces)):
            spelled, spans = spans_of_pieces(candidate)
            if spelled == text:
                return spans
    return _by_decoding(tokenizer, prompt_ids, response_ids, text)


def spans_of_pieces(pieces: Sequence[bytes]) -> tuple[str, list[Span]]:
    """Return the text that pieces spell in UTF-8, and the characters of it that each piece covers.

    Invalid bytes become U+FFFD, as with ``bytes.decode(errors="replace")``.
    """
    text, owners = _decode(b"".join(pieces))
    spans: list[Span] = []
    at = 0
    for piece in pieces:
        start = owners[at] if at < len(owners) else len(text)
        at += len(piece)
        spans.append((start, owners[at - 1] + 1 if piece else start))
    return text, spans


def _decode(data: bytes) -> tuple[str, list[int]]:
    """Decode bytes; return the text, and for each byte the index of its character."""
    text, owners = "", []
    while data:
        try:
            good, bad, data = data.decode(), 0, b""
        except UnicodeDecodeError as error:
            good, bad, data = data[: error.start].decode(), error.end - error.start, data[error.end :]
        for number, character in enumerate(good, len(text)):
            owners += [number] * (1 if character < "\x80" else len(character.encode()))
        text += good
        if bad:
            owners += [len(text)] * bad
            text += "\ufffd"
    return text, owners


def _visible_tokens(tokenizer: Any, ids: Sequence[int]) -> list[str | bytes]:
    """Return the vocabulary's spelling of each token; empty for those that decoding skips."""
    added = getattr(tokenizer, "added_tokens_decoder", {})
    hidden = {number for number, token in added.items() if token.special}
    names = tokenizer.convert_ids_to_tokens(list(ids))
    return ["" if number in hidden or name is None else name for number, name in zip(ids, names, strict=True)]


# ---- how tokens are spelled


@functools.cache
def _byte_of() -> dict[str, int]:
    """Return the byte of each character in byte-level BPE (Radford et al. 2019: GPT-2).

    Printable Latin-1 bytes are their own characters; the others are the characters from U+0100 on, in order.
    """
    printed = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = (byte for byte in range(0x100) if byte not in printed)
    return {**{chr(byte): byte for byte in printed}, **{chr(0x100 + n): byte for n, byte in enumerate(others)}}


@functools.lru_cache(maxsize=1 << 18)
def _byte_level(token: str | bytes) -> bytes:
    if isinstance(token, bytes):  # tiktoken's vocabularies
        return token
    try:
        return bytes(map(_byte_of().__getitem__, token))
    except KeyError:  # a token added to the vocabulary is its own text
        return token.encode("utf-8", "replace")


@functools.lru_cache(maxsize=1 << 18)
def _sentence_piece(token: str | bytes) -> bytes:
    if isinstance(token, bytes):
        return token
    byte = _BYTE_TOKEN.fullmatch(token)
    return bytes((int(byte[1], 16),)) if byte else token.replace(_BLANK, " ").encode("utf-8", "replace")


def _without_leading_blank(pieces: list[bytes]) -> list[bytes]:
    """Remove the blank of the first word, as SentencePiece does at the beginning of a text."""
    first = next((index for index, piece in enumerate(pieces) if piece), None)
    if first is None or not pieces[first].startswith(b" "):
        return pieces
    return [*pieces[:first], pieces[first][1:], *pieces[first + 1 :]]


# ---- any tokenizer


def _by_decoding(tokenizer: Any, prompt_ids: Sequence[int], ids: Sequence[int], text: str) -> list[Span]:
    """Decode the first token, the first two, ...: the common beginning with the whole text is complete."""
    decoded = [continuation(tokenizer, prompt_ids, ids[:count]) for count in range(len(ids) + 1)]
    tokens = _visible_tokens(tokenizer, ids)
    complete = list(accumulate((_shared(part, text) for part in decoded), max))
    spans = []
    for index, (before, after) in enumerate(pairwise(decoded)):
        start, end = complete[index : index + 2]
        has_begun = len(after) > end  # followed by the mark of an incomplete character
        # The second of a character's three bytes changes nothing that is decoded, as a special token does.
        has_text = before != after or (has_begun and bool(tokens[index]))
        spans.append((start, min(end + has_begun, len(text)) if has_text else start))
    return spans


def _shared(part: str, text: str) -> int:
    """Return the length of the common beginning of two texts."""
    return next(
        (index for index, (a, b) in enumerate(zip(part, text, strict=False)) if a != b), min(len(part), len(text))
    )
