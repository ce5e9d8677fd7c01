"""The framing of messages: they arrive, with a descriptor; malformed, long and cut-off ones are refused."""

from __future__ import annotations

import array
import contextlib
import os
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

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


def descriptors() -> set[str]:
    """Return the open descriptors of this process."""
    return {path.name for path in Path("/dev/fd").iterdir()}


def send_descriptors(connection: socket.socket, data: bytes, fds: list[int]) -> None:
    connection.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))])


@pytest.mark.parametrize("count", [2, 3, 50])
@pytest.mark.parametrize("data", [wire.frame({}), wire.frame({})[:3]])
def test_a_message_with_several_descriptors_is_refused_and_none_stays_open(
    pair: tuple[socket.socket, socket.socket], data: bytes, count: int
) -> None:
    ours, theirs = pair
    send_descriptors(ours, data, [0] * count)
    before = descriptors()
    with pytest.raises(ValueError, match="several descriptors"):
        wire.receive(theirs)
    assert descriptors() == before


@pytest.mark.parametrize("data", [struct.pack(">Q", 1 << 40), wire.frame({})[:-1] + b"]", wire.frame({})[:-1]])
def test_the_descriptor_of_a_malformed_message_is_closed(
    pair: tuple[socket.socket, socket.socket], data: bytes
) -> None:
    ours, theirs = pair
    send_descriptors(ours, data, [0])
    ours.shutdown(socket.SHUT_WR)
    before = descriptors()
    with contextlib.suppress(ValueError):
        assert wire.receive(theirs) is None
    assert descriptors() == before


def test_a_message_is_as_long_as_its_reader_allows(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    wire.send(ours, "x" * 98)
    assert wire.receive(theirs, 100) == ("x" * 98, None)
    wire.send(ours, "x" * 99)
    with pytest.raises(ValueError, match="too long"):
        wire.receive(theirs, 100)


def test_the_timeout_is_for_the_whole_message(pair: tuple[socket.socket, socket.socket]) -> None:
    """Not for each part of it: a byte every now and then does not keep the reader waiting."""
    ours, theirs = pair
    theirs.settimeout(0.3)
    stop = threading.Event()

    def send_slowly() -> None:
        ours.sendall(struct.pack(">Q", 1000))
        while not stop.wait(0.05):
            ours.sendall(b" ")

    sender = threading.Thread(target=send_slowly)
    sender.start()
    try:
        with pytest.raises(TimeoutError):
            wire.receive(theirs)
    finally:
        stop.set()
        sender.join()
    assert theirs.gettimeout() == 0.3


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
