"""Read the text in a pickle of a single text, without unpickling.

``pickle.loads`` can run code from the file, so it is not used for data files. The opcodes are read one by one; only a
text (or bytes) and the bookkeeping around it are allowed. Any opcode that imports, calls, or builds something is
refused by name.
"""

from __future__ import annotations

import pickletools
import zlib

MOST_BYTES = 1 << 30
"""Most bytes of an unpacked text."""

_TEXTS = {"UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"}
_BOOKKEEPING = {"PROTO", "FRAME", "MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT", "STOP"}


def text_in_pickle(data: bytes) -> str:
    """Return the text. Raises ValueError if the pickle holds anything else, or is incomplete."""
    found: list[str | bytes] = []
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name in _TEXTS and isinstance(argument, str | bytes):
            found.append(argument)
        elif opcode.name not in _BOOKKEEPING:
            raise ValueError(f"a pickle that is not a plain text: it has the opcode {opcode.name}")
    if len(found) != 1:
        raise ValueError(f"a pickle of {len(found)} texts, not one")
    return found[0].decode() if isinstance(found[0], bytes) else found[0]


def unpacked(data: bytes, most: int = MOST_BYTES) -> bytes:
    """Decompress zlib data. Raises ValueError if it is damaged, cut short, or larger than ``most`` bytes."""
    unpacking = zlib.decompressobj()
    try:
        plain = unpacking.decompress(data, most)
    except zlib.error as error:
        raise ValueError(f"not zlib data ({error})") from error
    if unpacking.eof:
        return plain
    raise ValueError(f"more than {most:,} bytes when unpacked" if len(plain) >= most else "cut short")
