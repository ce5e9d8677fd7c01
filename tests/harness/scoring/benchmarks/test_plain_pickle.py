"""Read a pickle of one string; refuse any other without executing it."""

from __future__ import annotations

import collections
import pickle
import zlib

import pytest

from harness.scoring.benchmarks.plain_pickle import text_in_pickle, unpacked


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("text", ["", '[{"input": "1\\n"}]', "é\u2028", "x" * 70_000])
def test_the_text_of_every_protocol_is_read(text: str, protocol: int) -> None:
    assert text_in_pickle(pickle.dumps(text, protocol)) == text


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_bytes_are_utf_8(protocol: int) -> None:
    assert text_in_pickle(pickle.dumps("é".encode(), protocol)) == "é"


@pytest.mark.parametrize(
    "value",
    [collections.OrderedDict, collections.OrderedDict(a=1), len, {"a": "b"}, ["text"], ("a", "b"), 7, 1.5, None, True],
    ids=repr,
)
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_anything_but_a_text_is_refused(value: object, protocol: int) -> None:
    with pytest.raises(ValueError, match=r"not a plain text: it has the opcode|of 0 texts"):
        text_in_pickle(pickle.dumps(value, protocol))


@pytest.mark.parametrize("protocol", [2, 4])
def test_what_it_refers_to_is_not_even_imported(protocol: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = pickle.dumps(collections.OrderedDict, protocol)
    monkeypatch.setattr(pickle, "loads", lambda *given: pytest.fail("unpickled"))
    monkeypatch.setattr("builtins.__import__", lambda *given, **more: pytest.fail("imported"))
    with pytest.raises(ValueError, match="GLOBAL"):
        text_in_pickle(data)


@pytest.mark.parametrize("data", [b"", b"text", pickle.dumps("text")[:-1], pickle.dumps("text")[:-4] + b"."])
def test_what_is_no_whole_pickle_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        text_in_pickle(data)


def test_what_is_too_large_when_unpacked_is_refused() -> None:
    data = zlib.compress(b"0" * 1_000_000)
    assert len(unpacked(data, most=1_000_000)) == 1_000_000
    with pytest.raises(ValueError, match="more than 999,999 bytes when unpacked"):
        unpacked(data, most=999_999)


@pytest.mark.parametrize("data", [b"", b"no zlib", zlib.compress(b"text")[:-5]])
def test_what_is_damaged_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        unpacked(data)
