"""The framing of messages: they arrive, with a descriptor; malformed, long and cut-off ones are refused."""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from harness.sandbox.runtime import values, wire

MESSAGES = [{}, {"a": [1, None, "é\ud800"]}, [], "x" * 200_000, None]


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(10)
        theirs.settimeout(10)
        yield ours, theirs


def send_all(connection: socket.socket, data: bytes) -> None:
    """Send more than a socket holds at once, and then close."""

    def send() -> None:
        with connection:
            connection.sendall(data)

    threading.Thread(target=send).start()


@pytest.mark.parametrize("message", MESSAGES, ids=range(len(MESSAGES)))
def test_a_message_arrives(pair: tuple[socket.socket, socket.socket], message: object) -> None:
    ours, theirs = pair
    send_all(ours, wire.frame(message))
    assert wire.receive(theirs) == (message, None)
    assert wire.receive(theirs) is None


@pytest.mark.parametrize("message", MESSAGES, ids=range(len(MESSAGES)))
def test_a_message_arrives_on_a_channel(pair: tuple[socket.socket, socket.socket], message: object) -> None:
    ours, theirs = pair
    theirs.setblocking(True)
    send_all(ours, wire.frame(message))
    assert wire.read(theirs.fileno()) == message
    with pytest.raises(EOFError):
        wire.read(theirs.fileno())


def test_a_descriptor_comes_with_its_message(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    read, write = os.pipe()
    wire.send(ours, {"a": 1}, write)
    os.close(write)
    received = wire.receive(theirs)
    assert received is not None
    message, fd = received
    assert message == {"a": 1}
    assert fd is not None
    os.write(fd, b"through it")
    assert os.read(read, 100) == b"through it"
    os.close(fd)
    os.close(read)


@pytest.mark.parametrize("size", [wire.LONGEST + 1, 1 << 62, (1 << 64) - 1])
def test_a_message_that_is_too_long_is_refused_before_it_is_read(
    pair: tuple[socket.socket, socket.socket], size: int
) -> None:
    ours, theirs = pair
    ours.sendall(struct.pack(">Q", size) * 2)
    with pytest.raises(ValueError, match="too long"):
        wire.receive(theirs)
    ours.sendall(struct.pack(">Q", size))
    theirs.setblocking(True)
    os.read(theirs.fileno(), 8)
    with pytest.raises(ValueError, match="too long"):
        wire.read(theirs.fileno())


def test_the_longest_message_of_a_channel_is_given(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    theirs.setblocking(True)
    for extra, fits in ((0, True), (1, False)):
        ours.sendall(wire.frame("x" * (98 + extra)))
        if fits:
            assert wire.read(theirs.fileno(), 100 + wire.HEADER_BYTES) == "x" * 98
        else:
            with pytest.raises(ValueError, match="too long"):
                wire.read(theirs.fileno(), 100 + wire.HEADER_BYTES)


@pytest.mark.parametrize("data", [b"\0\0\0", struct.pack(">Q", 10), struct.pack(">Q", 10) + b'{"a": '])
def test_a_message_that_is_cut_off_is_an_end(pair: tuple[socket.socket, socket.socket], data: bytes) -> None:
    ours, theirs = pair
    theirs.setblocking(True)
    ours.sendall(data)
    ours.close()
    assert wire.receive(theirs) is None


def test_what_is_not_json_is_refused(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    for data in (b"not json", b"", b"\xff\xfe"):
        ours.sendall(struct.pack(">Q", len(data)) + data)
        with pytest.raises(ValueError):
            wire.receive(theirs)


def test_long_integers_of_a_channel_are_refused_by_the_grammar(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    theirs.setblocking(True)
    ours.sendall(wire.frame(10**30))
    with pytest.raises(ValueError, match="large integer"):
        wire.read(theirs.fileno(), parse_int=values.parse_int)
