"""How the harness and its processes talk: 8 bytes of length, then JSON; file descriptors may travel along.

Standard library only, and little of it: this is part of every process that runs untrusted code.
"""

from __future__ import annotations

import array
import json
import struct
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket

_HEADER = struct.Struct(">Q")
_SCM_RIGHTS = 1
_SOL_SOCKET = 1 if sys.platform == "linux" else 0xFFFF
_CHUNK = 1 << 20
_FD_BYTES = array.array("i").itemsize


def send(connection: socket.socket, message: object, fd: int | None = None) -> None:
    """Send one message, and a descriptor with it; the sender keeps its own copy. Raises OSError."""
    data = json.dumps(message).encode()
    data = _HEADER.pack(len(data)) + data
    if fd is not None:
        sent = connection.sendmsg([data], [(_SOL_SOCKET, _SCM_RIGHTS, array.array("i", [fd]))])
        data = data[sent:]
    connection.sendall(data)


def receive(connection: socket.socket) -> tuple[Any, int | None] | None:
    """One message and the descriptor that came with it; None where the other side is gone.

    Raises OSError, and ValueError where it is not a message.
    """
    header, ancillary, _, _ = connection.recvmsg(_HEADER.size, 32)  # room for one descriptor
    fds = array.array("i")
    for _, _, data in ancillary:
        fds.frombytes(data[: len(data) - len(data) % _FD_BYTES])
    if len(header) < _HEADER.size:
        rest = _receive_exactly(connection, _HEADER.size - len(header)) if header else None
        if rest is None:
            return None
        header += rest
    body = _receive_exactly(connection, _HEADER.unpack(header)[0])
    return None if body is None else (json.loads(body), fds[0] if fds else None)


def _receive_exactly(connection: socket.socket, size: int) -> bytes | None:
    chunks = []
    while size:
        chunk = connection.recv(min(size, _CHUNK))
        if not chunk:
            return None
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)
