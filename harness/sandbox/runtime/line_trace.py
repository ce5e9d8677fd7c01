"""Record which lines of a program run, in memory that the run shares with the zygote.

A *unit* is what runs or does not run as a whole: a simple statement; the header of a compound one with its decorators
and, for ``def`` and ``class``, its docstring; an ``except`` or ``case`` clause; and a *part* of an expression that may
be skipped (a branch of a ternary, a right operand of ``and`` or ``or``, a later comparator of a chain, the body of a
lambda, the elements, conditions and inner iterables of a comprehension, the message of an ``assert``) where it has
lines to itself. A line ran if a unit that covers it began to run. The lines of a unit:

- all its physical lines but blank ones and comments, less the lines that a part of it has to itself;
- a line belongs to the innermost part that holds every name and value on it; one of brackets, operators and keywords
  alone to the part around it; the first line always to the statement;
- ``else:``, ``try:``, ``finally:``, a bare ``except:`` and a ``case`` that takes everything are no code: they belong to
  the first unit of their block, as the module's docstring and future imports belong to its first;
- an ``except`` or ``case`` ran where it was tried, whether or not it matched.

Nothing in this depends on the version of Python: units come from the syntax tree and the text, not from bytecode, and
what the compiler drops (``if 0:``, code after ``return``) is code that did not run.

A probe marks that a unit begins. On CPython 3.11, ``text_units`` finds the units of most programs in the text, and
``bytecode_probes`` inserts the probes into the compiled code. ``instrument`` does both on the syntax tree, for every
program and version, at several times the cost. Standard library only; nothing is imported before a program is traced.
"""

from __future__ import annotations

import contextlib
import functools
import os
import struct
from typing import TYPE_CHECKING, Any

from harness.sandbox.runtime import bytecode_probes
from harness.sandbox.runtime.instrument import Instrumenter, lines_of
from harness.sandbox.runtime.line_markers import MEMORY, PENDING, SET_MEMORY, SET_PENDING, with_constants
from harness.sandbox.runtime.memory_file import memory_file
from harness.sandbox.runtime.text_units import find_units

if TYPE_CHECKING:
    import types

LONGEST_SOURCE = 1 << 16
"""Characters of a program; longer ones are not traced, since that would take seconds."""


@functools.cache
def _mapping() -> Any:
    import mmap

    return mmap.mmap


_HEADER = struct.Struct("<5I")
"""Behind the marks: whether the program is traced, its units, the bytes of their text, the number (from 1) of
the present or last input, and the number of inputs saved."""


def recording_bytes(source: str, inputs: int) -> int:
    """Return the size of the memory for a run of this program on so many inputs; 0 where it is not traced."""
    return sum(_layout(source, inputs)) if len(source) <= LONGEST_SOURCE else 0


def _layout(source: str, inputs: int) -> tuple[int, int, int, int]:
    """Return the most units, and the bytes of the further marks, of the header and of the text of the units."""
    lines = source.count("\n") + source.count("\r") + 1
    units = 2 * lines + 16  # of units that share a line each has other lines
    return units, (units + 1) * (inputs + 1) - units, _HEADER.size, 64 * lines + 1024


def recording_in(fd: int, source: str, inputs: int) -> Recording | None:
    """Return the recording in a file of ``recording_bytes``; None where there is no memory to map it."""
    try:
        return Recording(fd, source, inputs)
    except (OSError, ValueError):
        return None


def prepare() -> None:
    """Import what both kinds of probes need, and warm up the one that few programs take."""
    source = "def f(x):\n    while x:\n        x = [\n            1 for y in x]\n"
    memory = memory_file("lines", size=recording_bytes(source, 1))
    for _ in range(8):
        recording = Recording(memory, source, 1)
        recording.code_of(source, "")
        recording.close()
    os.close(memory)


class Recording:
    """Memory that a run and the zygote share: the marks of the present input, and of those before it.

    Both map one file; no descriptor of it is left in the run. A program that forges it changes nothing but its own
    lines.
    """

    def __init__(self, fd: int, source: str, inputs: int) -> None:
        """Raise OSError or ValueError where there is no memory."""
        self._capacity, further, header, self._text_bytes = layout = _layout(source, inputs)
        self._header_at = self._capacity + further
        self._text_at = self._header_at + header
        self.size = sum(layout)
        self._memory = _mapping()(fd, self.size)
        self._pending: list[int] = []
        self._flags: list[list[int]] = []
        self._base: list[int] = []
        self._traced = self._units = self._text = self._current = self._saved = 0

    # ---- in the run

    def code_of(self, source: str, file: str) -> types.CodeType | None:
        """Return code with probes; None where the program does not compile or is nested too deep."""
        try:
            with_probes, units = self._probe_bytecode(source, file) or self._probe_tree(source, file)
            text = units_text(units).encode()
            too_many = sum(map(len, units)) > most_lines(len(lines_of(source)) - 1)
            if too_many or len(units) > self._capacity or len(text) > self._text_bytes:
                return None
        except Exception:  # the program runs untraced then, and fails with the same error
            return None
        self._base = [1] * (len(units) + 1)
        self._pending[:] = self._base
        self._memory[self._text_at : self._text_at + len(text)] = text
        self._traced, self._units, self._text = 1, len(units), len(text)
        self._write_header()
        return with_probes

    def _probe_bytecode(self, source: str, file: str) -> tuple[types.CodeType, list[tuple[int, ...]]] | None:
        """Return code with probes and the units; None where that takes the syntax tree."""
        found = find_units(source) if bytecode_probes.SUPPORTED else None
        if found is None:
            return None
        code = compile(source, file, "exec", dont_inherit=True)
        prober = bytecode_probes.Prober(found, self._memory, prunes="finally" not in source)
        try:
            with_probes = prober.with_probes(code)
        except bytecode_probes.Unsupported:
            return None
        self._flags = prober.flags
        return None if with_probes is None else (with_probes, found.units)

    def _probe_tree(self, source: str, file: str) -> tuple[types.CodeType, list[tuple[int, ...]]]:
        """Return code with probes and the units, by way of the syntax tree."""
        self._flags = []
        tree: Any = compile(source, file, "exec", 0x400, dont_inherit=True)  # ast.PyCF_ONLY_AST
        units = Instrumenter(tree, source).units
        code = compile(tree, file, "exec", dont_inherit=True)
        setters = {SET_PENDING: self._pending.__setitem__, SET_MEMORY: self._memory.__setitem__}
        return with_constants(code, {PENDING: self._pending, MEMORY: self._memory, **setters}), units

    # A program that finds the list or the memory may have broken them: it has no lines then.

    def begin(self, number: int) -> None:
        """Clear the marks: the input of that number, from 0, begins."""
        if self._traced:
            with contextlib.suppress(Exception):
                self._pending[:] = self._base
                for flag, pending in zip(self._flags, self._base[1:], strict=False):
                    flag[:] = _ONE if pending else ()
                self._memory[: len(self._base)] = bytes(self._base)
            self._current = number + 1
            self._write_header()

    def keep(self) -> None:
        """Count the present marks for every later input too."""
        with contextlib.suppress(ValueError):
            self._base = list(self._memory[: len(self._base)])

    def save(self) -> None:
        """Save the marks of the input that has ended."""
        if self._traced:
            row = len(self._base)
            with contextlib.suppress(Exception):
                self._memory[row * self._current : row * (self._current + 1)] = self._memory[:row]
            self._saved = self._current
            self._write_header()

    def _write_header(self) -> None:
        header = _HEADER.pack(self._traced, self._units, self._text, self._current, self._saved)
        with contextlib.suppress(ValueError):
            self._memory[self._header_at : self._text_at] = header

    # ---- in the zygote

    def read(self, inputs: int) -> tuple[str, list[str]] | None:
        """Return the text of the units, and for each input a text of ``0`` and ``1``; None where not traced."""
        traced, units, text, current, saved = _HEADER.unpack(self._memory[self._header_at : self._text_at])
        if not traced or units > self._capacity or text > self._text_bytes:
            return None
        row, rows = units + 1, []
        for number in range(1, inputs + 1):
            at = row * number if number <= saved else 0 if number == current else None
            data = b"\1" * row if at is None else self._memory[at : at + row]
            rows.append(data[1:].translate(_DIGITS).decode())
        return self._memory[self._text_at : self._text_at + text].decode("ascii", "replace"), rows

    def close(self) -> None:
        """Free the memory."""
        self._memory.close()


_ONE = (1,)
_DIGITS = b"1" + b"0" * 255


def most_lines(lines: int) -> int:
    """Return the most lines that the units of a program of so many lines have together: more are forged."""
    return 8 * lines + 4096


def units_text(units: list[tuple[int, ...]]) -> str:
    """Return the lines of each unit as ranges: ``1-3,5-5;6-6``."""
    return ";".join(
        [
            f"{lines[0]}-{lines[0]}"
            if len(lines) == 1
            else ",".join([f"{first}-{last}" for first, last in _ranges(lines)])
            for lines in units
        ]
    )


def _ranges(lines: tuple[int, ...]) -> list[list[int]]:
    ranges: list[list[int]] = []
    for line in lines:
        if ranges and line == ranges[-1][1] + 1:
            ranges[-1][1] = line
        else:
            ranges.append([line, line])
    return ranges
