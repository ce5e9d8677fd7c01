"""The one framing of every message between the harness and its processes: 8 bytes of length, then JSON.

Over a socket between the parent and its zygotes and testers a file descriptor may come with a message (``send``,
``receive``). Over the channel between a program and its tests there are messages only (``write``, ``read``).

Standard library only, and little of it: this is part of every process that runs untrusted code.
"""

from __future__ import annotations

import _socket
import json
import os
import struct
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

LONGEST = 1 << 32
"""Bytes of a message that is read; a longer one is malformed."""
_HEADER = struct.Struct(">Q")
HEADER_BYTES = _HEADER.size
_FIRST_READ = 1 << 16
_CHUNK = 1 << 20
_FD = struct.Struct("=i")
_ONE_DESCRIPTOR = _socket.CMSG_LEN(_FD.size)
"""Room for one: the kernel closes those that find no room."""

# Taken before any program runs, so that one that patches ``json`` or ``os`` breaks only its own side of the channel.
_dumps, _loads, _read, _write = json.dumps, json.loads, os.read, os.write


def frame(message: object) -> bytes:
    """Return a message as bytes. Raises TypeError or ValueError for what JSON cannot hold."""
    data = _dumps(message).encode()
    return _HEADER.pack(len(data)) + data


# --- a channel: two processes that take turns ----------------------------------------------------------------------


def write(fd: int, data: bytes) -> None:
    """Write all bytes to a descriptor. Raises OSError."""
    while data:
        data = data[_write(fd, data) :]


def read(fd: int, longest: int = LONGEST, parse_int: Callable[[str], int] | None = None) -> Any:
    """Return the next message from a descriptor.

    Both sides take turns, so bytes that came with a message and are not part of it are dropped.

    Args:
        fd: The descriptor.
        longest: Bytes, with the header, that the message may have.
        parse_int: As for ``json.loads``.

    Raises:
        EOFError: The other side is gone.
        OSError: It cannot be read.
        ValueError: The message is too long or is not JSON.
        RecursionError: It is nested too deep.
    """
    data = _read_some(fd, _FIRST_READ)
    while len(data) < _HEADER.size:
        data += _read_some(fd, _HEADER.size)
    size = _HEADER.unpack_from(data)[0] + _HEADER.size
    if size > longest:
        raise ValueError("a message that is too long")
    if len(data) < size:
        rest = _read_exactly(lambda most: _read_some(fd, most), size - len(data))
        data += rest
    return _loads(data[_HEADER.size : size], parse_int=parse_int)


def _read_some(fd: int, most: int) -> bytes:
    data = _read(fd, most)
    if not data:
        raise EOFError
    return data


def _read_exactly(read_some: Callable[[int], bytes], size: int) -> bytes:
    """Read so many bytes. ``read_some`` raises EOFError at the end."""
    chunks = []
    while size:
        chunks.append(read_some(min(size, _CHUNK)))
        size -= len(chunks[-1])
    return b"".join(chunks)


# --- a socket: messages with descriptors ---------------------------------------------------------------------------


def send(connection: socket.socket | _socket.socket, message: object, fd: int | None = None) -> None:
    """Send one message, and a descriptor with it; the sender keeps its own copy. Raises OSError."""
    data = frame(message)
    if fd is not None:
        sent = connection.sendmsg([data], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, _FD.pack(fd))])
        data = data[sent:]
    connection.sendall(data)


def receive(connection: socket.socket | _socket.socket, longest: int = LONGEST) -> tuple[Any, int | None] | None:
    """Return the next message and the descriptor that came with it; None where the other side is gone.

    The connection's timeout holds for the whole message.

    Args:
        connection: A socket.
        longest: Bytes, without the header, that the message may have.

    Raises:
        OSError: It cannot be read, or not in time (TimeoutError).
        ValueError: The message is too long or is not JSON, or more than one descriptor came with it.
    """
    timeout, start = connection.gettimeout(), time.monotonic()
    fds: list[int] = []

    def read_some(most: int) -> bytes:
        if timeout is not None:
            left = start + timeout - time.monotonic()
            if left <= 0:
                raise TimeoutError("the message did not come in time")
            connection.settimeout(left)
        data = connection.recv(most)
        if not data:
            raise EOFError
        return data

    try:
        header, ancillary, flags, _ = connection.recvmsg(_HEADER.size, _ONE_DESCRIPTOR)
        for _, _, data in ancillary:
            fds += [fd for (fd,) in _FD.iter_unpack(data[: len(data) - len(data) % _FD.size])]
        if flags & _socket.MSG_CTRUNC or len(fds) > 1:
            raise ValueError("a message with several descriptors")
        header += _read_exactly(read_some, _HEADER.size - len(header))
        size = _HEADER.unpack(header)[0]
        if size > longest:
            raise ValueError("a message that is too long")
        return _loads(_read_exactly(read_some, size)), fds.pop() if fds else None
    except EOFError:
        return None
    finally:
        connection.settimeout(timeout)
        for fd in fds:  # of a message that is not given
            os.close(fd)
