"""Reads the one text that a pickle holds, without unpickling.

``pickle.loads`` runs whatever a file says: a data file must not be given to it. Here the opcodes are read one by one;
all that may occur is a text (or bytes) with the bookkeeping around it. Any opcode that imports, calls, or builds
something is refused by its name.
"""

from __future__ import annotations

import pickletools
import zlib

MOST_BYTES = 1 << 30
"""Of a compressed text when it is unpacked."""

_TEXTS = {"UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"}
_BOOKKEEPING = {"PROTO", "FRAME", "MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT", "STOP"}


def text_in_pickle(data: bytes) -> str:
    """The text. Raises ValueError where the pickle holds anything else, or is no whole pickle."""
    found: list[str | bytes] = []
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name in _TEXTS and isinstance(argument, str | bytes):
            found.append(argument)
        elif opcode.name not in _BOOKKEEPING:
            raise ValueError(f"a pickle that is no plain text: it has the opcode {opcode.name}")
    if len(found) != 1:
        raise ValueError(f"a pickle of {len(found)} texts, not one")
    return found[0].decode() if isinstance(found[0], bytes) else found[0]


def unpacked(data: bytes, most: int = MOST_BYTES) -> bytes:
    """What zlib packed. Raises ValueError where it is damaged, cut short, or larger than ``most`` bytes."""
    unpacking = zlib.decompressobj()
    try:
        plain = unpacking.decompress(data, most)
    except zlib.error as error:
        raise ValueError(f"not what zlib packed ({error})") from error
    if unpacking.eof:
        return plain
    raise ValueError(f"more than {most:,} bytes when unpacked" if len(plain) >= most else "cut short")
