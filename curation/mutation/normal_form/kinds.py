"""Kinds of values: integers within a range, texts, and lists of integers; and what operators make of them.

``None`` stands for a value that may be anything.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace

INFINITE = float("inf")
_LARGEST = 10**18
"""Bounds beyond count as infinite: their exact values would grow without end."""
Bound = int | float


@dataclass(frozen=True, slots=True)
class Kind:
    """The type and the range of a value, as far as they are known."""

    name: str
    """``int``, ``str``, or ``ints``: something that yields integers when it is iterated over."""
    low: Bound = -INFINITE
    """The least integer."""
    high: Bound = INFINITE
    plain: bool = True
    """True if no integer is a ``bool``, which prints differently."""

    @property
    def element(self) -> Kind:
        """The kind of what an ``ints`` holds."""
        return Kind("int", self.low, self.high, self.plain)

    @property
    def iterable(self) -> Kind:
        """The kind of a collection of such integers."""
        return Kind("ints", self.low, self.high, self.plain)


INT, TEXT, NATURAL, BOOL = Kind("int"), Kind("str"), Kind("int", 0), Kind("int", 0, 1, plain=False)


def whole(low: Bound, high: Bound, *, plain: bool = True) -> Kind:
    """Return the kind of the integers from low to high."""
    return Kind("int", low if low > -_LARGEST else -INFINITE, high if high < _LARGEST else INFINITE, plain)


def join(first: Kind | None, second: Kind | None) -> Kind | None:
    """Return the kind of a value that has one kind or the other."""
    if first is None or second is None or first.name != second.name:
        return None
    low, high = min(first.low, second.low), max(first.high, second.high)
    return Kind(first.name, low, high, first.plain and second.plain)


def kind_of_operation(op: ast.operator, left: Kind | None, right: Kind | None) -> Kind | None:
    """Return the kind of ``left op right``."""
    if left is None or right is None:
        return None
    if isinstance(op, ast.Mult) and (left.name, right.name) == ("ints", "int"):
        return left
    if isinstance(op, ast.Add) and left.name == right.name == "str":
        return TEXT
    if (left.name, right.name) != ("int", "int"):
        return None
    operation = _OPERATIONS.get(type(op))
    return operation(left, right) if operation else None


def _product(a: Bound, b: Bound) -> Bound:
    return 0 if not a or not b else a * b


def _multiply(a: Kind, b: Kind) -> Kind:
    corners = [_product(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    return whole(min(corners), max(corners))


def _divide(a: Kind, b: Kind) -> Kind:
    if b.low < 0:
        return INT  # 0 raises
    low = -INFINITE if a.low == -INFINITE else min(a.low, 0)
    return whole(0 if a.low >= 0 else low, max(a.high, 0))


def _remainder(a: Kind, b: Kind) -> Kind:
    return whole(0, max(b.high - 1, 0)) if b.low >= 0 else INT  # 0 raises


def _power(a: Kind, b: Kind) -> Kind | None:
    if b.low < 0:
        return None  # a float
    return NATURAL if a.low >= 0 else INT


def _and(a: Kind, b: Kind) -> Kind:
    plain = a.plain or b.plain
    limits = [kind.high for kind in (a, b) if kind.low >= 0]
    return whole(0, min(limits), plain=plain) if limits else replace(INT, plain=plain)


def _or(a: Kind, b: Kind) -> Kind:
    low = 0 if min(a.low, b.low) >= 0 else -INFINITE
    return whole(low, INFINITE, plain=a.plain or b.plain)


def _shift(a: Kind, b: Kind) -> Kind:
    return NATURAL if a.low >= 0 else INT


_OPERATIONS: dict[type[ast.operator], Callable[[Kind, Kind], Kind | None]] = {
    ast.Add: lambda a, b: whole(a.low + b.low, a.high + b.high),
    ast.Sub: lambda a, b: whole(a.low - b.high, a.high - b.low),
    ast.Mult: _multiply,
    ast.FloorDiv: _divide,
    ast.Mod: _remainder,
    ast.Pow: _power,
    ast.BitAnd: _and,
    ast.BitOr: _or,
    ast.BitXor: _or,
    ast.LShift: _shift,
    ast.RShift: _shift,
}
