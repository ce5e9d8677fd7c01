"""Tokens to characters: which part of a completion's text each token of a response stands for.

A tokenizer's own offsets are those of a text that it has just split. A response was sampled: its tokens need not be the
ones that its text would be split into, and a character may be spread over several of them. So the tokens are spelled,
byte by byte, as the two families of tokenizers do (byte-level BPE, SentencePiece), and what comes out is compared with
what the tokenizer decodes. Where it differs, ever longer responses are decoded: right for any tokenizer, but slow.
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
    """For each token of a response, the characters [start, end) of its text that it stands for.

    The text is ``harness.generation.tokenization.continuation``'s. Every character belongs to a token, tokens are in
    the order of the text, and each of several tokens that hold a part of one character covers that character. What
    stands for no text (an end of text, other special tokens) has an empty span.
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
    """The text that pieces spell in UTF-8, and the characters of it that each one covers.

    Bytes that are no UTF-8 become U+FFFD, as many as ``bytes.decode(errors="replace")`` makes of them.
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
    """The text, and for each byte the character that it is part of."""
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
    """What the vocabulary calls each token; nothing for those that a decoder leaves out."""
    added = getattr(tokenizer, "added_tokens_decoder", {})
    hidden = {number for number, token in added.items() if token.special}
    names = tokenizer.convert_ids_to_tokens(list(ids))
    return ["" if number in hidden or name is None else name for number, name in zip(ids, names, strict=True)]


# ---- how tokens are spelled


@functools.cache
def _byte_of() -> dict[str, int]:
    """The character that stands for each byte in byte-level BPE (Radford et al. 2019: GPT-2).

    Bytes that Latin-1 prints stand for themselves, the others for the characters from U+0100 on, in order.
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
    except KeyError:  # a token that was added to the vocabulary is its own text
        return token.encode("utf-8", "replace")


@functools.lru_cache(maxsize=1 << 18)
def _sentence_piece(token: str | bytes) -> bytes:
    if isinstance(token, bytes):
        return token
    byte = _BYTE_TOKEN.fullmatch(token)
    return bytes((int(byte[1], 16),)) if byte else token.replace(_BLANK, " ").encode("utf-8", "replace")


def _without_leading_blank(pieces: list[bytes]) -> list[bytes]:
    """As a text begins with SentencePiece: the first word's blank is dropped."""
    first = next((index for index, piece in enumerate(pieces) if piece), None)
    if first is None or not pieces[first].startswith(b" "):
        return pieces
    return [*pieces[:first], pieces[first][1:], *pieces[first + 1 :]]


# ---- any tokenizer


def _by_decoding(tokenizer: Any, prompt_ids: Sequence[int], ids: Sequence[int], text: str) -> list[Span]:
    """Decode the first token, the first two, ...: what such a text shares with the whole is complete by then."""
    decoded = [continuation(tokenizer, prompt_ids, ids[:count]) for count in range(len(ids) + 1)]
    complete = list(accumulate((_shared(part, text) for part in decoded), max))
    spans = []
    for index, (before, after) in enumerate(pairwise(decoded)):
        start, end = complete[index : index + 2]
        has_begun = len(after) > end  # what follows is the mark of a character that is not complete
        spans.append((start, start if before == after else min(end + has_begun, len(text))))
    return spans


def _shared(part: str, text: str) -> int:
    """How many characters two texts have in common at their beginning."""
    return next(
        (index for index, (a, b) in enumerate(zip(part, text, strict=False)) if a != b), min(len(part), len(text))
    )
