"""Make files without a path, in memory.

Standard library only.
"""

from __future__ import annotations

import os

from harness.sandbox.runtime import wire


def memory_file(name: str, content: bytes = b"", size: int = 0) -> int:
    """Return a file that holds ``content``, at its start; or ``size`` bytes of 0, which take memory when touched."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create(name, 0)
    else:
        import tempfile

        with tempfile.TemporaryFile(dir=".", buffering=0) as file:
            fd = os.dup(file.fileno())
    if size:
        os.ftruncate(fd, size)
    if content:
        wire.write(fd, content)
        os.lseek(fd, 0, os.SEEK_SET)
    return fd
