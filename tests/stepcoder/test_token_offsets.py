"""The characters of each sampled token."""

from __future__ import annotations

import pytest

pytest.importorskip("transformers")

from hypothesis import given, settings
from hypothesis import strategies as st
from small_tokenizers import END, USER, byte_level, byte_names, characters, name_of, sentence_piece, trained, word_piece

from harness.generation.tokenization import continuation
from stepcoder import token_offsets
from stepcoder.token_offsets import response_offsets, spans_of_pieces

TRAINED = trained()
LLAMA = sentence_piece()


def spelled(tokens: list[bytes], prompt: str = "") -> list[tuple[int, int]]:
    tokenizer = byte_level(tokens)
    ids = tokenizer.convert_tokens_to_ids([name_of(token) for token in tokens])
    return response_offsets(tokenizer, tokenizer(prompt)["input_ids"], ids)


def parts(tokenizer, prompt: list[int], ids: list[int]) -> list[str]:
    text = continuation(tokenizer, prompt, ids)
    return [text[start:end] for start, end in response_offsets(tokenizer, prompt, ids)]


# --- byte-level BPE ------------------------------------------------------------------------------------------------


def test_each_token_covers_its_characters() -> None:
    assert spelled([b"def", b" f", b"(x):", b"\n    ", b"return"]) == [(0, 3), (3, 5), (5, 9), (9, 14), (14, 20)]


def test_a_token_that_text_would_never_be_split_into() -> None:
    assert spelled([b"de", b"f ", b"f(", b"x):\n  ", b"  ret", b"urn"]) == [
        (0, 2),
        (2, 4),
        (4, 6),
        (6, 12),
        (12, 17),
        (17, 20),
    ]


def test_every_token_of_a_character_covers_it() -> None:
    e_acute, clef = "é".encode(), "𝄞".encode()
    assert spelled([b"'", e_acute[:1], e_acute[1:], b"'"]) == [(0, 1), (1, 2), (1, 2), (2, 3)]
    assert spelled([b"a" + clef[:1], clef[1:2], clef[2:3], clef[3:] + b"b"]) == [(0, 2), (1, 2), (1, 2), (1, 3)]
    assert spelled([e_acute + clef[:2], clef[2:] + e_acute[:1], e_acute[1:] + b"x"]) == [(0, 2), (1, 3), (2, 4)]


def test_bytes_that_are_no_character_become_one_that_covers_them() -> None:
    assert spelled([b"a", b"\xa9", b"b"]) == [(0, 1), (1, 2), (2, 3)]
    assert spelled([b"\xc3", b"b"]) == [(0, 1), (1, 2)]
    assert spelled([b"\xe4\xb8", b"b\xe4", b"\xe4\xb8\xad"]) == [(0, 1), (1, 3), (3, 4)]
    assert spelled([b"a", b"\xf0\x9d"]) == [(0, 1), (1, 2)]
    assert spelled([b"\xed", b"\xa0"]) == [(0, 1), (1, 2)]
    assert spelled([b"\xe0", b"\x80", b"\x80"]) == [(0, 1), (1, 2), (2, 3)]


def test_special_tokens_and_ids_beyond_the_vocabulary_have_no_characters() -> None:
    tokenizer = byte_level([b"ab"])
    end, user, ab = tokenizer.convert_tokens_to_ids([END, USER, "ab"])
    assert response_offsets(tokenizer, [], [ab, end, ab, user, 10_000, ab]) == [
        (0, 2),
        (2, 2),
        (2, 4),
        (4, 4),
        (4, 4),
        (4, 6),
    ]


def test_decoding_token_by_token_finds_every_token_of_a_character_too() -> None:
    tokenizer = byte_level()
    ids = tokenizer("'\u4e2d\U0001d11e'")["input_ids"]
    text = continuation(tokenizer, [], ids)
    assert token_offsets._by_decoding(tokenizer, [], ids, text) == response_offsets(tokenizer, [], ids)


def test_a_special_token_within_a_character() -> None:
    tokenizer = byte_level()
    first, second = (byte_names()[byte] for byte in "é".encode())
    ids = tokenizer.convert_tokens_to_ids(["a", first, END, second, "b"])
    assert response_offsets(tokenizer, [], ids) == [(0, 1), (1, 2), (1, 1), (1, 2), (2, 3)]


def test_a_token_that_was_added_is_its_own_text() -> None:
    tokenizer = trained()
    tokenizer.add_tokens(["\u2581tab é"])
    ids = tokenizer.convert_tokens_to_ids(["a", "\u2581tab é", "b"])
    assert response_offsets(tokenizer, [], ids) == [(0, 1), (1, 7), (7, 8)]


def test_no_tokens_have_no_offsets() -> None:
    assert response_offsets(TRAINED, TRAINED("x = ")["input_ids"], []) == []


def test_offsets_count_from_the_beginning_of_the_completion() -> None:
    assert spelled([b"    ", b"return"], prompt="def f():\n") == [(0, 4), (4, 10)]


def owners(data: bytes) -> list[int]:
    """For each byte, the number of the character that it is decoded into."""
    numbers: list[int] = []
    position = character = 0
    while position < len(data):
        size = next((size for size in range(1, 5) if _is_text(data[position : position + size])), 0)
        if not size:
            try:
                data[position:].decode()
            except UnicodeDecodeError as error:
                size = error.end - error.start
        numbers += [character] * size
        position, character = position + size, character + 1
    return numbers


def _is_text(data: bytes) -> bool:
    try:
        return len(data.decode()) == 1
    except UnicodeDecodeError:
        return False


@given(st.lists(st.binary(max_size=3), max_size=12) | st.lists(st.sampled_from("aé中𝄞").map(str.encode), max_size=5))
def test_a_piece_covers_exactly_the_characters_that_its_bytes_are_part_of(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    text, spans = spans_of_pieces(pieces)
    assert text == data.decode("utf-8", "replace")
    owner, position = owners(data), 0
    for piece, (start, end) in zip(pieces, spans, strict=True):
        if piece:
            assert (start, end) == (owner[position], owner[position + len(piece) - 1] + 1)
        else:
            assert start == end
        position += len(piece)


@settings(deadline=None)
@given(st.text(max_size=5), st.lists(st.integers(0, len(TRAINED) - 1), max_size=30))
def test_offsets_cover_the_text_of_any_tokens_in_order_without_gaps(prompt: str, ids: list[int]) -> None:
    prompt_ids = TRAINED(prompt)["input_ids"]
    covers_in_order(response_offsets(TRAINED, prompt_ids, ids), continuation(TRAINED, prompt_ids, ids))


def covers_in_order(spans: list[tuple[int, int]], text: str) -> None:
    reached = last = 0
    for start, end in spans:
        assert last <= start <= reached
        assert start <= end
        last, reached = start, max(reached, end)
    assert reached == len(text)


# --- other tokenizers ----------------------------------------------------------------------------------------------


def ids_of(names: list[str]) -> list[int]:
    ids = LLAMA.convert_tokens_to_ids(names)
    assert LLAMA.unk_token_id not in ids
    return ids


def test_sentence_piece_drops_the_blank_before_a_text_and_keeps_it_within_one() -> None:
    ids = ids_of(["▁return", "▁", "x", "</s>"])
    assert parts(LLAMA, [], ids) == ["return", " ", "x", ""]
    assert parts(LLAMA, ids_of(["x"]), ids) == [" return", " ", "x", ""]
    assert parts(LLAMA, ids_of(["<s>"]), ids) == ["return", " ", "x", ""]


def test_sentence_piece_falls_back_on_bytes() -> None:
    ids = ids_of(["x", "<0xC3>", "<0xA9>", "<0x0A>", "▁", "x"])
    assert response_offsets(LLAMA, [], ids) == [(0, 1), (1, 2), (1, 2), (2, 3), (3, 4), (4, 5)]


def test_sentence_piece_makes_a_character_of_each_byte_that_is_none() -> None:
    ids = ids_of(["<0xC3>", "</s>", "<0xA9>", "x", "<0xE4>", "<0xB8>", "x"])
    assert continuation(LLAMA, [], ids) == "éx\ufffd\ufffdx"
    assert response_offsets(LLAMA, [], ids) == [(0, 1), (0, 0), (0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]


@pytest.mark.parametrize("tokenizer", [TRAINED, LLAMA], ids=["byte level", "sentence piece"])
@pytest.mark.parametrize("prompt", ["", "x = 1\n"])
def test_long_responses_are_not_decoded_token_by_token(tokenizer, prompt: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prompt_ids = tokenizer(prompt)["input_ids"] if prompt else []
    ids = [*tokenizer("return é + x\n" * 9)["input_ids"], *tokenizer.added_tokens_decoder]
    decoded = []
    decode = tokenizer.decode
    monkeypatch.setattr(tokenizer, "decode", lambda *args, **settings: decoded.append(1) or decode(*args, **settings))
    covers_in_order(response_offsets(tokenizer, prompt_ids, ids), continuation(tokenizer, prompt_ids, ids))
    assert len(decoded) == 4  # two of them by this test


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, len(LLAMA) - 1), max_size=20))
def test_any_tokens_of_sentence_piece(ids: list[int]) -> None:
    prompt = ids_of(["x"])
    covers_in_order(response_offsets(LLAMA, prompt, ids), continuation(LLAMA, prompt, ids))


def test_a_token_for_each_character() -> None:
    tokenizer = characters("abé中\n ")
    ids = tokenizer("é a\n中")["input_ids"]
    assert response_offsets(tokenizer, [], ids) == [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]


def test_a_tokenizer_that_no_rule_spells_is_decoded_step_by_step() -> None:
    tokenizer = word_piece(["return", "##s", "x", "é"])
    ids = tokenizer.convert_tokens_to_ids(["return", "##s", "x", END, "é"])
    assert parts(tokenizer, [], ids) == ["return", "s", " x", "", " é"]
    assert parts(tokenizer, ids[:1], ids) == [" return", "s", " x", "", " é"]
