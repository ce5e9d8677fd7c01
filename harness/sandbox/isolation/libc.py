"""Call the kernel through the C library, and set the attributes of this process (Linux).

Standard library only: this runs in the process that runs untrusted code. Each function raises OSError where the kernel
refuses. References: capabilities(7), prctl(2), close_range(2).
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from typing import Any

LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True)
if LINUX:
    _libc.prctl.argtypes = [ctypes.c_int, *4 * [ctypes.c_ulong]]

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 36, 38
_CLOSE_RANGE = 436  # on every architecture, since Linux 5.9
_CAPABILITY_VERSION_3 = 0x20080522


def call(name: str, *args: Any) -> int:
    """Call a function of the C library by name. Raises OSError where it returns -1."""
    result: int = getattr(_libc, name)(*args)
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


def syscall(number: int, *args: Any) -> int:
    """Make a system call by number. Integer arguments are ctypes values of their width. Raises OSError."""
    return call("syscall", ctypes.c_long(number), *args)


def prctl(option: int, value: int, address: int = 0) -> None:
    """Set an attribute of this process."""
    call("prctl", option, value, address, 0, 0)


def die_with_parent(number: int = 9) -> None:
    """Let the kernel send this process a signal when its parent dies. Lost on every change of credentials."""
    if LINUX:
        prctl(PR_SET_PDEATHSIG, number)


def adopt_orphans() -> None:
    """Become the parent of every orphaned descendant, so that all of them can be found and killed."""
    if LINUX:
        prctl(PR_SET_CHILD_SUBREAPER, 1)


def no_new_privileges() -> None:
    """Make set-user-id programs powerless; Landlock and seccomp require it of unprivileged processes."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def hide_memory() -> None:
    """Close this process's memory, descriptors and environment in /proc to others of the same user."""
    prctl(PR_SET_DUMPABLE, 0)


def drop_capabilities() -> None:
    """Give up every capability, those of the user namespace too."""
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    call("capset", header, struct.pack("IIIIII", 0, 0, 0, 0, 0, 0))


def close_from(first: int) -> None:
    """Close every descriptor from this number on."""
    try:
        if not LINUX:
            raise OSError
        syscall(_CLOSE_RANGE, ctypes.c_uint(first), ctypes.c_uint(0xFFFFFFFF), ctypes.c_uint(0))
    except OSError:  # before Linux 5.9; a descriptor may be open above a limit that was lowered since
        os.closerange(first, 1 << 16)
