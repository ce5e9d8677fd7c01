"""Restrict which files this process can reach, with Landlock (Linux 5.13).

Standard library only: this runs in the process that runs untrusted code. Reference: landlock(7).
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable

from harness.sandbox.isolation.libc import syscall

# On every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1

TRUNCATION_ABI = 3
"""The first version that can deny truncation: Linux 6.2."""

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1, 2, 4, 8, 1 << 14
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
"""The rights that a rule for a file, not a directory, can hold."""


def landlock_abi() -> int:
    """Return Landlock's ABI version on this kernel. Raises OSError where it is absent or disabled."""
    return syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_CREATE_RULESET_VERSION))


def restrict_files(readable: Iterable[str], listable: Iterable[str], writable: Iterable[str]) -> None:
    """Deny every access to every file system, but for reading and executing below ``readable``, listing the
    ``listable`` folders and those below them, and everything below ``writable``. Raises OSError.
    """
    abi = landlock_abi()
    ruleset = _ruleset(abi)
    ruleset_fd = syscall(_CREATE_RULESET, ruleset, ctypes.c_size_t(len(ruleset)), ctypes.c_uint32(0))
    try:
        read = _EXECUTE | _READ_FILE | _READ_DIR
        for paths, access in ((readable, read), (listable, _READ_DIR), (writable, _all_rights(abi))):
            for path in paths:
                _allow_beneath(ruleset_fd, path, access)
        syscall(_RESTRICT_SELF, ctypes.c_int(ruleset_fd), ctypes.c_uint32(0))
    finally:
        os.close(ruleset_fd)


def _all_rights(abi: int) -> int:
    """Return every right on files that this version of the ABI can deny."""
    rights = (1 << 13) - 1
    if abi >= 2:
        rights |= 1 << 13  # refer
    if abi >= TRUNCATION_ABI:
        rights |= _TRUNCATE
    if abi >= 5:
        rights |= 1 << 15  # ioctl on devices
    return rights


def _ruleset(abi: int) -> bytes:
    """Return ``struct landlock_ruleset_attr``: everything that this version of the ABI can deny."""
    ruleset = struct.pack("Q", _all_rights(abi))
    if abi >= 4:
        ruleset += struct.pack("Q", 0b11)  # TCP bind and connect
    if abi >= 6:
        ruleset += struct.pack("Q", 0b11)  # abstract sockets and signals stay inside
    return ruleset


def _allow_beneath(ruleset_fd: int, path: str, access: int) -> None:
    """Add a rule for a path; none where the path cannot be opened."""
    try:
        path_fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            access &= _ON_FILES
        rule = struct.pack("=Qi", access, path_fd)
        syscall(_ADD_RULE, ctypes.c_int(ruleset_fd), ctypes.c_int(_RULE_PATH_BENEATH), rule, ctypes.c_uint32(0))
    finally:
        os.close(path_fd)
