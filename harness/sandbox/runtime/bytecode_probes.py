"""Put probes into the bytecode of a program: CPython 3.11.

A probe is ``if FLAG: MEMORY[i] = 0; del FLAG[0]`` with a list of one element for each unit, which is empty once the
unit has run: after the first time a probe costs two instructions. It calls nothing, and has no line.

Standard library only; nothing is imported before a program is traced.
"""

from __future__ import annotations

import functools
import re
import sys
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import types

    from harness.sandbox.runtime.text_units import TextUnits

SUPPORTED = sys.implementation.name == "cpython" and sys.version_info[:2] == (3, 11)
_LINE_CHANGE = re.compile(rb"[\xd8-\xff][\x00-\x7f]*")
"""An entry of a location table (Objects/locations.md of CPython) with another line than the last one, or none."""
_UNITS_OF_ENTRY = bytes((byte & 7) + 1 if byte > 127 else 0 for byte in range(256))
"""The code units that an entry covers, by its first byte; the other bytes cover none."""
_SHORT, _NONE = 13, 15
_FLAG, _INDEX = -1, -2
"""Stand for constants of a probe."""
_NO_LOCATION = 0xF8
_EXTENDED = 0xFFFF


class Unsupported(Exception):
    """The bytecode has a form that is not handled here."""


class _Opcodes:
    """The numbers of the instructions that are needed."""

    def __init__(self) -> None:
        import opcode

        number = opcode.opmap
        self.extended_arg = number["EXTENDED_ARG"]
        self.load_const = number["LOAD_CONST"]
        self.jump_if_false = number["POP_JUMP_FORWARD_IF_FALSE"]
        self.store, self.delete = number["STORE_SUBSCR"], number["DELETE_SUBSCR"]
        self.jump = re.compile(b"[" + re.escape(bytes(opcode.hasjrel)) + b"]")
        self.backward = frozenset(code for name, code in number.items() if "BACKWARD" in name)


@functools.cache
def _opcodes() -> _Opcodes:
    return _Opcodes()


class Prober:
    """Puts the probes of one program; ``flags`` are their lists, one for each unit."""

    def __init__(self, found: TextUnits, memory: Any, prunes: bool) -> None:
        """Take the units, and the memory in which byte ``unit + 1`` is set to 0 when it runs.

        Args:
            found: The units.
            memory: Any object with subscripts.
            prunes: True if no code is compiled more than once in a code object, as ``finally`` is: the header of a loop
                then needs one probe, at its first code.
        """
        self._found, self._memory, self._prunes = found, memory, prunes
        self.flags = [[1] for _ in found.units]
        self._probed: set[int] = set()

    def with_probes(self, code: types.CodeType) -> types.CodeType | None:
        """Return a module's code with probes; None where a unit has no code of its own.

        Raises Unsupported.
        """
        probed = self._with_probes(code, -1)
        return probed if len(self._probed) == len(self.flags) else None

    def _inner(self, constant: Any) -> Any:
        is_code = hasattr(constant, "co_firstlineno")
        return self._with_probes(constant, self._unit_of(constant.co_firstlineno)) if is_code else constant

    def _unit_of(self, line: int | None) -> int:
        return self._found.unit_of[line] if line and line > 0 else -1

    def _with_probes(self, code: types.CodeType, own: int) -> types.CodeType:
        """Return code with probes for all units but ``own``, in which the code object is made."""
        constants = [self._inner(constant) for constant in code.co_consts]
        starts, units = self._starts(code)
        if not {own, -1}.issuperset(units):
            rewriter = _Rewriter(code)
            places = self._places(starts, units, rewriter, own)
            self._probed.update(places.values())
            return rewriter.rewrite(places, constants, self.flags, self._memory)
        changed = any(new is not old for new, old in zip(constants, code.co_consts, strict=True))
        return code.replace(co_consts=tuple(constants)) if changed else code

    def _starts(self, code: types.CodeType) -> tuple[list[int], list[int]]:
        """Return where the code of another unit begins, and that unit."""
        starts, units = [], []
        unit_of = self._found.unit_of
        last = -2
        for start, line in _line_starts(code.co_linetable, code.co_firstlineno).items():
            unit = unit_of[line]
            if unit != last:
                last = unit
                starts.append(start)
                units.append(unit)
        return starts, units

    def _places(self, starts: list[int], units: list[int], rewriter: _Rewriter, own: int) -> dict[int, int]:
        """Return where probes must stand: the unit of each, by its position.

        Where the code of a unit begins, and where a jump from another unit or an exception leads into its middle.
        """
        loops = self._found.loops if self._prunes else ()
        places: dict[int, int] = {}
        seen: set[int] = set()
        for start, unit in zip(starts, units, strict=True):
            if unit not in (own, -1) and not (unit in loops and unit in seen):
                places[start] = unit
                seen.add(unit)
        for source, target in rewriter.entries():
            if target not in places:
                unit = units[bisect_right(starts, target) - 1]
                if unit in (own, -1) or (unit in loops and unit in seen):
                    continue
                if source is None or units[bisect_right(starts, source) - 1] != unit:
                    places[target] = unit
        return places


class _Rewriter:
    """Inserts instructions into one code object. Positions count code units of two bytes."""

    def __init__(self, code: types.CodeType) -> None:
        self._code = code
        self._bytes = bytearray(code.co_code)
        self._jumps = self._read_jumps()
        self._handlers = _read_exception_table(code.co_exceptiontable)
        self._high: dict[int, int] = {}  # arguments of the prefixes that are added, by the position of the jump

    def entries(self) -> list[tuple[int | None, int]]:
        """Return where code is entered by a jump forward, with the position of the jump, or by an exception."""
        forward: list[tuple[int | None, int]] = [(at, target) for at, target, _ in self._jumps if target > at]
        return forward + [(None, handler[2]) for handler in self._handlers]

    def _read_jumps(self) -> list[tuple[int, int, bool]]:
        """Return position, target and whether it has a prefix, of each jump."""
        code, opcodes = self._bytes, _opcodes()
        jumps = []
        for match in opcodes.jump.finditer(code[::2]):
            at = match.start()
            argument, prefixed = code[2 * at + 1], at > 0 and code[2 * at - 2] == opcodes.extended_arg
            if prefixed:
                argument |= code[2 * at - 1] << 8
                if at > 1 and code[2 * at - 4] == opcodes.extended_arg:
                    raise Unsupported("a jump over more than 65,535 instructions")
            jumps.append((at, at + 1 + (-argument if code[2 * at] in opcodes.backward else argument), prefixed))
        return jumps

    def rewrite(
        self, units: dict[int, int], constants: list[Any], flags: list[list[int]], memory: Any
    ) -> types.CodeType:
        """Return the code with a probe of a unit at each of these positions."""
        places = sorted(units)
        probes, size = _make_probes([units[place] for place in places], constants, flags, memory)
        prefixes = self._move_jumps(places, size)

        def moved(at: int) -> int:
            """Return the new position of a label."""
            return at + size * bisect_left(places, at) + bisect_left(prefixes, at)

        inserted: list[tuple[int, int, bytes | bytearray]] = [*self._prefixes(prefixes)]
        inserted += zip(places, [0] * len(places), probes, strict=True)
        inserted.sort()
        pieces: list[bytes | bytearray] = []
        last = 0
        for at, _, instructions in inserted:
            pieces += [self._bytes[2 * last : 2 * at], instructions]
            last = at
        pieces.append(self._bytes[2 * last :])
        handlers = [
            (moved(start), moved(start + length) - moved(start), moved(target), depth)
            for start, length, target, depth in self._handlers
        ]
        return self._code.replace(
            co_code=b"".join(pieces),
            co_consts=tuple(constants),
            co_stacksize=self._code.co_stacksize + 3,
            co_linetable=_insert_locations(self._code.co_linetable, places, size, prefixes),
            co_exceptiontable=_write_exception_table(handlers) if handlers else b"",
        )

    def _move_jumps(self, places: list[int], size: int) -> list[int]:
        """Set the arguments of all jumps; returns the positions of those that need a prefix which they had not."""
        prefixes: list[int] = []
        while True:
            needed = set(prefixes)
            for at, target, prefixed in self._jumps:
                here = at + size * bisect_right(places, at) + bisect_right(prefixes, at)
                there = target + size * bisect_left(places, target) + bisect_left(prefixes, target)
                argument = abs(there - here - 1)
                if argument > 255 and not prefixed:
                    needed.add(at)
                if argument > _EXTENDED:
                    raise Unsupported("a jump over more than 65,535 instructions")
                self._bytes[2 * at + 1] = argument & 255
                if prefixed:
                    self._bytes[2 * at - 1] = argument >> 8
                elif at in needed:
                    self._high[at] = argument >> 8
            if len(needed) == len(prefixes):
                return prefixes
            prefixes = sorted(needed)

    def _prefixes(self, positions: list[int]) -> list[tuple[int, int, bytes]]:
        return [(at, 1, bytes((_opcodes().extended_arg, self._high[at]))) for at in positions]


def _make_probes(
    units: list[int], constants: list[Any], flags: list[list[int]], memory: Any
) -> tuple[list[bytearray], int]:
    """Return the instructions of each unit's probe, and how many code units each takes; adds its constants."""
    opcodes = _opcodes()
    load, extend, skip = opcodes.load_const, opcodes.extended_arg, opcodes.jump_if_false
    store, delete = opcodes.store, opcodes.delete
    zero = len(constants)
    flag_of = {unit: zero + 2 + 2 * number for number, unit in enumerate(dict.fromkeys(units))}
    constants += [0, memory]
    for unit in flag_of:
        constants += [flags[unit], unit + 1]
    wide = len(constants) > 256
    if len(constants) > _EXTENDED:
        raise Unsupported("more than 65,535 constants")
    template = bytearray()
    flags_at, index_at = [], 0
    for code, argument in (
        (load, _FLAG),
        (skip, 13 if wide else 8),
        (load, zero),
        (load, zero + 1),
        (load, _INDEX),
        (store, 0),
        (0, 0),  # the cache of the one before
        (load, _FLAG),
        (load, zero),
        (delete, 0),
    ):
        if wide and code == load:
            template += bytes((extend, max(argument, 0) >> 8))
        template += bytes((code, max(argument, 0) & 255))
        if argument == _FLAG:
            flags_at.append(len(template) - 1)
        elif argument == _INDEX:
            index_at = len(template) - 1
    made = {}
    for unit, flag in flag_of.items():
        probe = made[unit] = bytearray(template)
        for at, constant in ((flags_at[0], flag), (flags_at[1], flag), (index_at, flag + 1)):
            probe[at] = constant & 255
            if wide:
                probe[at - 2] = constant >> 8
    return [made[unit] for unit in units], len(template) >> 1


def _line_starts(table: bytes, line: int) -> dict[int, int]:
    """Return where the code of another line begins, and the line; 0 where it has none."""
    units = table.translate(_UNITS_OF_ENTRY)
    ends = list(accumulate(units))
    changes = {0: line}
    for match in _LINE_CHANGE.finditer(table):
        first = match.start()
        kind = table[first] >> 3 & 15
        start = ends[first] - units[first]
        if kind == _NONE:
            changes[start] = 0
            changes[ends[first]] = line
            continue
        line += kind - 10 if kind < _SHORT else _signed_number(table, first + 1)
        changes[start] = line
    changes.pop(ends[-1], None)
    return changes


def _signed_number(table: bytes, at: int) -> int:
    shift, number = 0, table[at] & 63
    while table[at] & 64:
        at += 1
        shift += 6
        number |= (table[at] & 63) << shift
    return -(number >> 1) if number & 1 else number >> 1


def _insert_locations(table: bytes, places: list[int], size: int, prefixes: list[int]) -> bytes:
    """Return a location table with instructions without a line at ``places``; prefixes share that of their jump."""
    units = table.translate(_UNITS_OF_ENTRY)
    ends = list(accumulate(units))
    if prefixes:
        longer = bytearray(table)
        for at in prefixes:
            first = bisect_right(ends, at)
            if units[first] == 8:
                raise Unsupported("a jump in a long entry of the location table")
            longer[first] += 1
        table = bytes(longer)
    lines = b"".join([bytes((_NO_LOCATION | (min(8, size - done) - 1),)) for done in range(0, size, 8)])
    pieces, last = [], 0
    for at in places:
        first = bisect_right(ends, at)
        if ends[first] - units[first] != at:
            raise Unsupported("a probe inside an entry of the location table")
        pieces += [table[last:first], lines]
        last = first
    pieces.append(table[last:])
    return b"".join(pieces)


def _read_exception_table(table: bytes) -> list[tuple[int, int, int, int]]:
    """Return start, length, target and depth of each entry (Objects/exception_handling_notes.txt of CPython)."""
    numbers: list[int] = []
    value = 0
    for byte in table:
        value = value << 6 | byte & 63
        if not byte & 64:
            numbers.append(value)
            value = 0
    return list(zip(*[iter(numbers)] * 4, strict=True))


def _write_exception_table(entries: list[tuple[int, int, int, int]]) -> bytes:
    written = bytearray()
    for entry in entries:
        begins = len(written)
        for number in entry:
            shift = 0
            while number >> shift + 6:
                shift += 6
            for place in range(shift, -1, -6):
                written.append((number >> place & 63) | (64 if place else 0))
        written[begins] |= 128
    return bytes(written)
