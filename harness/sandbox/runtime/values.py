"""The closed grammar in which values cross between a program and the tests that call it.

``encode`` turns a value into something that JSON has, ``decode`` turns that back into a value of exactly the same
type. Nothing else has a form: no class, no code, no object of the other side. A value with no form in the grammar
crosses as a *handle*, a number that means something to its owner only.

Standard library only: both processes run untrusted code or talk to one that does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Handle = Callable[[Any], int]
    """Gives the number of a value that has no form in the grammar."""
    Remote = Callable[[Any], Any]
    """Gives the object for a number, which was not checked."""
    Writer = Callable[[Any, Handle, int], Any]
    Reader = Callable[[Any, Remote, int], Any]

ENTRY = -1
"""The number of the entry point among the program's objects."""
MAX_DEPTH = 200
"""Levels of nesting."""
_SMALL = 1 << 64
"""Integers beyond cross in hexadecimal: reading decimal digits takes time that grows with their square."""


def encode(value: Any, handle: Handle, depth: int = 0) -> Any:
    """Write a value in the grammar.

    A value of a subclass of a built-in type crosses as that type, read through it: no method of the subclass runs.
    Raises ValueError for a value that is nested too deep.
    """
    kind = type(value)
    if value is None or kind is bool or kind is str or kind is float:
        return value
    if kind is int:
        return value if -_SMALL < value < _SMALL else {"int": hex(value)}
    if depth > MAX_DEPTH:
        raise ValueError("a value that is nested too deep")
    depth += 1
    if kind is list:
        return _encode_all(value, handle, depth)
    writer = _WRITERS.get(kind)
    if writer is not None:
        return writer(value, handle, depth)
    if kind.__module__ in _KNOWN:
        known = _KNOWN[kind.__module__](value, handle, depth)
        if known is not None:
            return known
    for base in (int, float, str, list, tuple, dict, set, frozenset, bytes, bytearray, complex):
        if issubclass(kind, base):  # isinstance would ask the value itself
            return encode(_AS_BASE[base](value), handle, depth)
    return {"handle": handle(value)}


def decode(data: Any, remote: Remote, depth: int = 0) -> Any:
    """Read a value in the grammar; the data may be forged.

    Raises ValueError or TypeError for data that is not in the grammar.
    """
    kind = type(data)
    if data is None or kind in (bool, str, float):
        return data
    if kind is int:
        if not -_SMALL < data < _SMALL:
            raise ValueError("a large integer in decimal")
        return data
    if depth > 2 * MAX_DEPTH + 2:  # of a dict each level is two here
        raise ValueError("a value that is nested too deep")
    depth += 1
    if kind is list:
        return _decode_all(data, remote, depth)
    if kind is not dict or len(data) != 1:
        raise ValueError("not a value")
    ((tag, body),) = data.items()
    reader = _READERS.get(tag)
    if reader is None:
        raise ValueError("not a value")
    return reader(body, remote, depth)


def parse_int(digits: str) -> int:
    """Read an integer for ``json.loads``. Raises ValueError for one with more digits than the grammar allows."""
    if len(digits) > 25:
        raise ValueError("a large integer in decimal")
    return int(digits)


_PLAIN = {type(None), bool, str, float}
"""Types of which every value crosses unchanged."""


def _is_plain(items: list[Any]) -> bool:
    """Return whether all items cross unchanged; fast, since long lists of numbers are common."""
    kinds = set(map(type, items))
    if kinds <= _PLAIN:
        return True
    return kinds == {int} and min(items) > -_SMALL and max(items) < _SMALL


def _encode_all(items: list[Any], handle: Handle, depth: int) -> list[Any]:
    return list(items) if _is_plain(items) else [encode(item, handle, depth) for item in items]


def _decode_all(items: list[Any], remote: Remote, depth: int) -> list[Any]:
    return list(items) if _is_plain(items) else [decode(item, remote, depth) for item in items]


# --- writing -------------------------------------------------------------------------------------------------------


def _items(tag: str, iterate: Callable[[Any], Iterable[Any]]) -> Writer:
    def write(value: Any, handle: Handle, depth: int) -> Any:
        return {tag: _encode_all(list(iterate(value)), handle, depth)}

    return write


def _pairs(tag: str, items: Callable[[Any], Iterable[Any]]) -> Writer:
    def write(value: Any, handle: Handle, depth: int) -> Any:
        return {tag: [[encode(k, handle, depth), encode(v, handle, depth)] for k, v in items(value)]}

    return write


_WRITERS: dict[type, Writer] = {
    tuple: _items("tuple", tuple.__iter__),
    set: _items("set", set.__iter__),
    frozenset: _items("frozenset", frozenset.__iter__),
    dict: _pairs("dict", dict.items),
    bytes: lambda value, _, __: {"bytes": value.hex()},
    bytearray: lambda value, _, __: {"bytearray": value.hex()},
    complex: lambda value, _, __: {"complex": [value.real, value.imag]},
    range: lambda value, handle, depth: {"range": [encode(n, handle) for n in (value.start, value.stop, value.step)]},
}
_AS_BASE: dict[type, Callable[[Any], Any]] = {
    int: int.__int__,
    float: float.__float__,
    str: str.__str__,
    list: lambda value: list(list.__iter__(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    dict: lambda value: dict(dict.items(value)),
    set: lambda value: set(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    bytearray: lambda value: bytearray(bytearray.__getitem__(value, slice(None))),
    complex: complex.__pos__,
}


def _write_type(value: Any, _: Handle, __: int) -> Any:
    import builtins

    name: str = value.__name__
    return {"type": name} if vars(builtins).get(name) is value else None


def _write_collections(value: Any, handle: Handle, depth: int) -> Any:
    import collections

    if type(value) is collections.deque:
        return {"deque": [encode(item, handle, depth) for item in collections.deque.__iter__(value)]}
    if type(value) is collections.OrderedDict:
        pairs = collections.OrderedDict.items(value)
        return {"OrderedDict": [[encode(k, handle, depth), encode(v, handle, depth)] for k, v in pairs]}
    return None  # Counter and defaultdict are dicts


def _write_number(value: Any, handle: Handle, depth: int) -> Any:
    import decimal
    import fractions

    if type(value) is decimal.Decimal:
        return {"Decimal": decimal.Decimal.__str__(value)}
    if type(value) is fractions.Fraction:
        return {"Fraction": [encode(int(n), handle, depth) for n in (value.numerator, value.denominator)]}
    return None


def _write_date(value: Any, _: Handle, __: int) -> Any:
    import datetime

    kind = type(value)
    if kind is datetime.datetime and value.tzinfo is None:
        return {"datetime": [value.year, value.month, value.day, *_clock(value)]}
    if kind is datetime.date:
        return {"date": [value.year, value.month, value.day]}
    if kind is datetime.time and value.tzinfo is None:
        return {"time": _clock(value)}
    if kind is datetime.timedelta:
        return {"timedelta": [value.days, value.seconds, value.microseconds]}
    return None


def _clock(value: Any) -> list[int]:
    return [value.hour, value.minute, value.second, value.microsecond, value.fold]


def _write_numpy(value: Any, handle: Handle, depth: int) -> Any:
    import sys

    numpy: Any = sys.modules.get("numpy")
    if (
        numpy is None
        or type(value) is not getattr(numpy, type(value).__name__, None)
        or value.__class__ is numpy.ndarray
    ):
        return None
    if isinstance(value, numpy.generic) and not isinstance(value, numpy.void):
        item = value.item()
        return None if isinstance(item, numpy.generic) else encode(item, handle, depth)
    return None


_KNOWN: dict[str, Writer] = {
    "builtins": lambda value, handle, depth: _write_type(value, handle, depth) if type(value) is type else None,
    "collections": _write_collections,
    "decimal": _write_number,
    "fractions": _write_number,
    "datetime": _write_date,
    "numpy": _write_numpy,
}
"""Writers of a module's types, by the module that the type names. It may be forged: each writer checks the type."""


# --- reading -------------------------------------------------------------------------------------------------------


def _list_of(body: Any, remote: Remote, depth: int) -> list[Any]:
    if not isinstance(body, list):  # from JSON: of no subclass
        raise ValueError("not a value")
    return _decode_all(body, remote, depth)


def _pairs_of(body: Any, remote: Remote, depth: int) -> list[Any]:
    pairs = _list_of(body, remote, depth)
    if any(type(pair) is not list or len(pair) != 2 for pair in pairs):
        raise ValueError("not a value")
    return pairs


def _numbers(body: Any, remote: Remote, depth: int, kinds: tuple[type, ...], count: int) -> list[Any]:
    numbers = _list_of(body, remote, depth)
    if len(numbers) != count or any(type(number) not in kinds for number in numbers):
        raise ValueError("not a value")
    return numbers


def _text(body: Any) -> str:
    if not isinstance(body, str):  # from JSON: of no subclass
        raise ValueError("not a value")
    return body


def _read_decimal(body: Any, _: Remote, __: int) -> Any:
    import decimal

    try:
        return decimal.Decimal(_text(body))
    except decimal.InvalidOperation:
        raise ValueError("not a value") from None


def _read_fraction(body: Any, remote: Remote, depth: int) -> Any:
    import fractions

    numerator, denominator = _numbers(body, remote, depth, (int,), 2)
    if denominator == 0:
        raise ValueError("not a value")
    return fractions.Fraction(numerator, denominator)


def _from_module(module: str, name: str, count: int) -> Reader:
    def read(body: Any, remote: Remote, depth: int) -> Any:
        kind = getattr(__import__(module), name)
        numbers = _numbers(body, remote, depth, (int,), count)
        if name in ("datetime", "time"):
            return kind(*numbers[:-1], fold=numbers[-1])
        return kind(*numbers)

    return read


def _read_collection(name: str, of: Reader) -> Reader:
    def read(body: Any, remote: Remote, depth: int) -> Any:
        import collections

        return getattr(collections, name)(of(body, remote, depth))

    return read


def _read_type(body: Any, _: Remote, __: int) -> Any:
    import builtins

    kind: Any = vars(builtins).get(_text(body))
    if type(kind) is not type or kind.__name__ != body:
        raise ValueError("not a value")
    return kind


_READERS: dict[str, Reader] = {
    "type": _read_type,
    "int": lambda body, _, __: int(_text(body), 16),
    "tuple": lambda body, remote, depth: tuple(_list_of(body, remote, depth)),
    "set": lambda body, remote, depth: set(_list_of(body, remote, depth)),
    "frozenset": lambda body, remote, depth: frozenset(_list_of(body, remote, depth)),
    "dict": lambda body, remote, depth: dict(_pairs_of(body, remote, depth)),
    "bytes": lambda body, _, __: bytes.fromhex(_text(body)),
    "bytearray": lambda body, _, __: bytearray.fromhex(_text(body)),
    "complex": lambda body, remote, depth: complex(*_numbers(body, remote, depth, (int, float), 2)),
    "range": lambda body, remote, depth: range(*_numbers(body, remote, depth, (int,), 3)),
    "deque": _read_collection("deque", _list_of),
    "OrderedDict": _read_collection("OrderedDict", _pairs_of),
    "Decimal": _read_decimal,
    "Fraction": _read_fraction,
    "datetime": _from_module("datetime", "datetime", 8),
    "date": _from_module("datetime", "date", 3),
    "time": _from_module("datetime", "time", 5),
    "timedelta": _from_module("datetime", "timedelta", 3),
    "handle": lambda body, remote, _: remote(body),
}
