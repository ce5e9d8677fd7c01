"""Turn the policy on system calls into seccomp filters, and install them (Linux on x86-64 and aarch64).

Standard library only: this runs in the process that runs untrusted code. Reference: seccomp(2).

A filter is a program of classic BPF: a list of ``struct sock_filter {u16 code; u8 jt; u8 jf; u32 k}`` that loads words
of ``struct seccomp_data {int nr; u32 arch; u64 instruction_pointer; u64 args[6]}``, compares them and returns an
action.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from typing import TYPE_CHECKING

from harness.sandbox.isolation.libc import PR_SET_SECCOMP, prctl
from harness.sandbox.isolation.syscall_policy import MACHINES, OWN_PID, RULES, TABLE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_JUMP, _JUMP_IF_EQUAL, _JUMP_IF_GREATER_OR_EQUAL = 0x05, 0x15, 0x35
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16
"""Offsets in ``struct seccomp_data``."""
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_MODE_FILTER = 2
_LONGEST_JUMP = 255


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _error(code: int) -> bytes:
    return _instruction(_RETURN, 0x00050000 | code)


_ALLOW = _instruction(_RETURN, 0x7FFF0000)
_KILL = _instruction(_RETURN, 0x80000000)
_REFUSE = _error(errno.EPERM)


def filter_for(machine: str, conditions: Collection[str], installed: Collection[str] | None = None) -> bytes:
    """Return the filter that allows what the policy allows on a machine under some of its conditions.

    Args:
        machine: The machine.
        conditions: The conditions that hold.
        installed: The conditions of a filter that is in force already: the new one leaves to it every call that both
            would answer alike. It is smaller, and faster to install.

    Raises:
        ValueError: The policy does not cover the machine.
    """
    column = 1 + MACHINES.index(machine)
    answers = {}
    for line in TABLE.splitlines():
        fields = line.split(maxsplit=5)
        if fields and fields[0] != "#" and fields[column] != "-":
            rest = fields[0], fields[3].split(","), fields[4]
            answer = _answer(*rest, conditions)
            if installed is None or answer != _answer(*rest, installed):
                answers[int(fields[column])] = answer
    body = _instruction(_LOAD, _NUMBER) + _search(_ranges(answers, _REFUSE if installed is None else _ALLOW))
    return _instruction(_LOAD, _ARCH) + _if_any((_AUDIT_ARCH[machine],), body, _KILL)


def _answer(name: str, allowed: Collection[str], otherwise: str, conditions: Collection[str]) -> bytes:
    """Return the part of a filter that answers one call."""
    refuse = _error(getattr(errno, otherwise, 0))
    if "always" not in allowed and not set(allowed).intersection(conditions):
        return refuse
    body = _ALLOW
    for rule in reversed(RULES.get(name, ())):
        if rule.unless not in conditions:
            load = _instruction(_LOAD, _ARGUMENTS + 8 * rule.argument)  # the low half: both machines are little-endian
            load += _instruction(_AND, rule.mask)
            body = load + _if_any(rule.values, body, refuse)
    return body


def _if_any(values: Collection[int], body: bytes, otherwise: bytes) -> bytes:
    """Return code that continues with ``body`` if the loaded word is one of the values, else with one instruction."""
    tests = [_instruction(_JUMP_IF_EQUAL, value, if_true=len(values) - at) for at, value in enumerate(values)]
    return b"".join(tests) + otherwise + body


def _ranges(answers: Mapping[int, bytes], otherwise: bytes) -> list[tuple[int, bytes]]:
    """Return ranges of numbers that have one answer: the first number of each, and the answer."""
    ranges = [(0, otherwise)]
    for number in sorted(answers):
        for first, answer in ((number, answers[number]), (number + 1, otherwise)):
            if ranges[-1][0] == first:
                ranges.pop()
            if not ranges or ranges[-1][1] != answer:
                ranges.append((first, answer))
    return ranges


def _search(ranges: list[tuple[int, bytes]]) -> bytes:
    """Return a binary search among the ranges for the number that is loaded, with the answer of each range."""
    if len(ranges) == 1:
        return ranges[0][1]
    middle = len(ranges) // 2
    first = ranges[middle][0]
    low, high = _search(ranges[:middle]), _search(ranges[middle:])
    distance = len(low) // 8
    if distance <= _LONGEST_JUMP:
        return _instruction(_JUMP_IF_GREATER_OR_EQUAL, first, if_true=distance) + low + high
    jump = _instruction(_JUMP_IF_GREATER_OR_EQUAL, first, if_false=1) + _instruction(_JUMP, distance)
    return jump + low + high


class Filter:
    """A seccomp filter for this machine: built once, installed by each process that it shall restrict.

    Installing writes the process's own pid over ``OWN_PID``. A filter cannot be removed, and restricts later children
    too; where several are installed, a call must pass all of them.
    """

    def __init__(self, conditions: Collection[str], installed: Collection[str] | None = None) -> None:
        """Prepare a filter (``filter_for``). Raises OSError where there is none for this machine."""
        machine = os.uname().machine
        if machine not in MACHINES:
            raise OSError(errno.ENOSYS, f"no system call numbers for {machine}")
        program = filter_for(machine, conditions, installed)
        self._program = ctypes.create_string_buffer(program, len(program))
        self._places = [at for at in range(4, len(program), 8) if program[at : at + 4] == struct.pack("=I", OWN_PID)]
        header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(self._program))
        self._header = ctypes.create_string_buffer(header, len(header))
        self._address = ctypes.addressof(self._header)

    def install(self) -> None:
        """Install the filter in this process. Raises OSError."""
        pid = os.getpid()
        for place in self._places:
            struct.pack_into("=I", self._program, place, pid)
        prctl(PR_SET_SECCOMP, _MODE_FILTER, self._address)


def require() -> None:
    """Raise OSError where the kernel has no filters; one that has them fails to read a filter at address 0."""
    try:
        prctl(PR_SET_SECCOMP, _MODE_FILTER, 0)
    except OSError as error:
        if error.errno != errno.EFAULT:
            raise
