"""Check the values that cross between a program and the tests that call it, and those that cannot be sent."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import fractions
import json
import math
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sandbox.runtime import values


def no_handle(value: object) -> int:
    raise AssertionError(f"{value!r} has a form of its own")


def no_remote(number: object) -> object:
    raise AssertionError(f"there is no handle {number!r}")


def over_the_wire(data: Any) -> Any:
    """Return the value as the other side reads it: the two talk in JSON."""
    return json.loads(json.dumps(data), parse_int=values.parse_int)


def crossed(value: Any, handle: Callable[[Any], int] = no_handle, remote: Callable[[Any], Any] = no_remote) -> Any:
    """The value as it arrives at the other side."""
    return values.decode(over_the_wire(values.encode(value, handle)), remote)


def same(one: Any, other: Any) -> bool:
    """Equal, of the same types all the way down; NaN is NaN, and -0.0 is not 0.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return repr(one) == repr(other)
    if isinstance(one, complex):
        return same(one.real, other.real) and same(one.imag, other.imag)
    if isinstance(one, (list, tuple, collections.deque)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, (set, frozenset)):
        return one == other and sorted(map(typed, one)) == sorted(map(typed, other))
    if isinstance(one, dict):
        return len(one) == len(other) and all(map(same, one.items(), other.items()))
    if isinstance(one, (datetime.datetime, datetime.time)):
        return one == other and one.fold == other.fold
    if isinstance(one, decimal.Decimal):
        return str(one) == str(other)
    return bool(one == other)


def typed(value: Any) -> str:
    """A text by which the members of two sets can be put in the same order."""
    if isinstance(value, frozenset):
        return f"frozenset({sorted(map(typed, value))})"
    if isinstance(value, tuple):
        return f"tuple({[typed(item) for item in value]})"
    return f"{type(value).__name__} {value!r}"


TEXT = st.text(st.characters(exclude_categories=()), max_size=20)  # half surrogate pairs among them
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=-(1 << 400), max_value=1 << 400),
    st.sampled_from([(1 << 64) - 1, 1 << 64, -(1 << 64) + 1, -(1 << 64)]),
    st.floats(),
    TEXT,
    st.binary(max_size=20),
    st.complex_numbers(),
    st.fractions(),
    st.decimals(allow_nan=False),
    st.datetimes(allow_imaginary=False),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.sampled_from([int, str, list, dict, object, type, ValueError, KeyError, BaseException, range]),
    st.builds(range, st.integers(), st.integers(), st.integers(min_value=1)),
)
# NaN is unequal to itself: two sets that hold it cannot be compared here.
KEYS = st.recursive(
    SCALARS.filter(lambda value: value == value),
    lambda inner: st.one_of(st.lists(inner, max_size=3).map(tuple), st.frozensets(inner, max_size=3)),
    max_leaves=4,
)
VALUES = st.recursive(
    st.one_of(SCALARS, st.binary(max_size=20).map(bytearray)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.lists(inner, max_size=4).map(collections.deque),
        st.dictionaries(KEYS, inner, max_size=4),
        st.dictionaries(KEYS, inner, max_size=4).map(collections.OrderedDict),
        st.sets(KEYS, max_size=4),
        st.frozensets(KEYS, max_size=4),
    ),
    max_leaves=15,
)


# --- there and back ------------------------------------------------------------------------------------------------


@given(VALUES)
def test_every_value_of_the_grammar_arrives_as_it_was(value: Any) -> None:
    assert same(crossed(value), value)


@pytest.mark.parametrize("value", ["NaN", "sNaN", "-NaN123", "-0", "0E+7", "Infinity", "1E+999999", "1." + "0" * 99])
def test_a_decimal_arrives_to_its_last_digit(value: str) -> None:
    assert str(crossed(decimal.Decimal(value))) == value


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -0.0, complex(math.nan, -0.0), 5e-324])
def test_odd_floats_arrive(value: complex) -> None:
    assert same(crossed([value]), [value])


def test_a_time_that_comes_twice_keeps_its_fold() -> None:
    assert crossed(datetime.datetime(2024, 10, 27, 2, 30, fold=1)).fold == 1


def test_the_order_of_a_dict_arrives() -> None:
    assert list(crossed({"b": 1, "a": 2, 3: 4})) == ["b", "a", 3]


@pytest.mark.parametrize("digits", [19, 20, 25, 4000, 100_000])
@pytest.mark.parametrize("sign", [1, -1])
def test_an_integer_of_any_length_arrives_without_decimal_digits(digits: int, sign: int) -> None:
    value = sign * (10**digits - 1)
    assert crossed(value) == value


def nested(make: Callable[[Any], Any], levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = make(value)
    return value


# A dict takes two levels of what is read for one of its own, and is read here below the frames of pytest.
@pytest.mark.parametrize(
    ("make", "levels"),
    [
        (lambda value: [value], values.MAX_DEPTH + 1),
        (lambda value: (value,), 120),
        (lambda value: {"a": value}, 100),
        (lambda value: frozenset([value]), 120),
    ],
    ids=["list", "tuple", "dict", "frozenset"],
)
def test_what_is_nested_deeply_arrives(make: Callable[[Any], Any], levels: int) -> None:
    value = nested(make, levels)
    assert crossed(value) == value


@pytest.mark.parametrize("make", [lambda value: [value], lambda value: (value,), lambda value: {1: value}])
def test_what_is_nested_too_deep_is_refused(make: Callable[[Any], Any]) -> None:
    with pytest.raises(ValueError, match="nested too deep"):
        values.encode(nested(make, values.MAX_DEPTH + 2), no_handle)


def cyclic_list() -> Any:
    value: list[Any] = []
    value.append(value)
    return value


def cyclic_dict() -> Any:
    value: dict[str, Any] = {}
    value["self"] = [value]
    return value


def test_as_much_nesting_as_is_written_is_read() -> None:
    data: Any = 1
    for _ in range(values.MAX_DEPTH + 1):
        data = {"dict": [[1, data]]}
    read, levels = as_the_tests_read(lambda: values.decode(data, no_remote)), 0
    while read != 1:
        read, levels = read[1], levels + 1
    assert levels == values.MAX_DEPTH + 1


def as_the_tests_read(work: Callable[[], Any]) -> Any:
    """The result of some work, with the recursion limit of the process that the tests are in."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + 10 * values.MAX_DEPTH)
    try:
        return work()
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize("value", [cyclic_list(), cyclic_dict()], ids=["list", "dict"])
def test_a_value_in_itself_is_nested_too_deep(value: Any) -> None:
    with pytest.raises(ValueError, match="nested too deep"):
        values.encode(value, no_handle)


# --- subclasses ----------------------------------------------------------------------------------------------------

_NEEDED_TO_BE_MADE = {"__new__", "__init__", "__init_subclass__", "__subclasshook__", "__class__"}


def trap(base: type) -> type:
    """A subclass each of whose methods says so when it is called; armed once there is an instance."""

    def method(name: str) -> Callable[..., Any]:
        def spring(self: Any, *_: Any, **__: Any) -> Any:
            raise AssertionError(f"{name} was called")

        return spring

    names = [name for name in dir(base) if callable(getattr(base, name)) and name not in _NEEDED_TO_BE_MADE]
    names += ["__eq__", "__hash__", "__bool__", "__int__", "__float__", "__index__", "__iter__", "__getattr__"]
    return type("Trap", (base,), {name: method(name) for name in names})


@pytest.mark.parametrize(
    "value",
    [5, 1 << 100, 0.5, "text", b"bytes", 1j, [1, [2]], (1, 2), {"a": 1}, {1, 2}, frozenset({3}), bytearray(b"x")],
    ids=lambda value: type(value).__name__,
)
def test_a_value_of_a_subclass_arrives_as_its_base_and_none_of_its_methods_runs(value: Any) -> None:
    trapped = make_trapped(value)
    assert type(trapped).__name__ == "Trap"
    assert same(crossed([trapped]), [value])


def make_trapped(value: Any) -> Any:
    """The value as one of a trap."""
    base = type(value)
    made = base.__new__(trap(base), value) if base.__init__ is object.__init__ else base.__new__(trap(base))
    if base.__init__ is not object.__init__:
        base.__init__(made, value)
    return made


class Color(enum.IntEnum):
    RED = 1


class Word(enum.StrEnum):
    YES = "yes"


Point = collections.namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Color.RED, 1),
        (Word.YES, "yes"),
        (Point(1, [2]), (1, [2])),
        (collections.Counter("aab"), {"a": 2, "b": 1}),
        (collections.defaultdict(list, {"a": [1]}), {"a": [1]}),
        ({Color.RED: Word.YES}, {1: "yes"}),
    ],
)
def test_what_the_standard_library_derives_from_a_plain_type_arrives_as_that(value: Any, plain: Any) -> None:
    assert same(crossed(value), plain)


# --- handles -------------------------------------------------------------------------------------------------------


class Opaque:
    """No plain value."""


class PosesAsInt:
    """Says that it is an integer, and is none."""

    __class__ = int  # type: ignore[assignment]

    def __int__(self) -> int:
        return 5


PosesAsDecimal = type("Decimal", (), {"__module__": "decimal", "__str__": lambda self: "1"})
PosesAsType = type("int", (), {"__module__": "builtins"})


@pytest.mark.parametrize(
    "value",
    [
        Opaque(),
        Opaque,
        PosesAsInt(),
        PosesAsDecimal(),
        PosesAsType,
        PosesAsType(),
        enum.Enum("Plain", "A").A,  # type: ignore[attr-defined]
        len,
        lambda: 1,
        iter([1]),
        (n for n in "ab"),
        map(str, []),
        {}.keys(),
        memoryview(b"x"),
        Ellipsis,
        NotImplemented,
        math,
        ValueError("x"),
        datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC),
        datetime.time(1, tzinfo=datetime.UTC),
        datetime.UTC,
        enum.EnumType,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_form_crosses_as_a_handle(value: Any) -> None:
    asked: list[Any] = []
    data = values.encode(["x", value], lambda one: asked.append(one) or 7)
    assert data == ["x", {"handle": 7}]
    assert asked[0] is value
    assert values.decode(over_the_wire(data), lambda number: ("remote", number)) == ["x", ("remote", 7)]


# --- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"tuple": [], "list": []},
        {"list": []},
        {"object": 1},
        {"Tuple": []},
        {"__class__": "int"},
        {"tuple": 5},
        {"tuple": None},
        {"tuple": {"tuple": []}},
        {"set": "ab"},
        {"set": [[]]},
        {"frozenset": [{"set": []}]},
        {"dict": [[[], 1]]},
        {"dict": [[1]]},
        {"dict": [[1, 2, 3]]},
        {"dict": ["ab"]},
        {"dict": [{"tuple": [1, 2]}]},
        {"dict": {"a": 1}},
        {"OrderedDict": [1, 2]},
        {"int": "zz"},
        {"int": ""},
        {"int": 5},
        {"int": ["0x1"]},
        {"bytes": "a"},
        {"bytes": "ž0"},
        {"bytes": 5},
        {"bytearray": None},
        {"complex": [1]},
        {"complex": [1, "2"]},
        {"complex": [True, 2]},
        {"complex": "1+2j"},
        {"range": [1, 2]},
        {"range": [1, 2, 0]},
        {"range": [1.0, 2, 1]},
        {"Decimal": "one"},
        {"Decimal": 1.5},
        {"Decimal": ""},
        {"Decimal": "1e99999999999999999999"},
        {"set": [{"Decimal": "sNaN"}]},
        {"Fraction": [1, 0]},
        {"Fraction": [1.5, 2]},
        {"Fraction": [1]},
        {"datetime": [2024, 13, 1, 0, 0, 0, 0, 0]},
        {"datetime": [2024, 1, 1, 0, 0, 0, 0, 2]},
        {"datetime": [2024, 1, 1]},
        {"datetime": [1 << 63, 1, 1, 0, 0, 0, 0, 0]},
        {"date": [0, 1, 1]},
        {"date": ["2024", 1, 1]},
        {"time": [24, 0, 0, 0, 0]},
        {"timedelta": [10**12, 0, 0]},
        {"timedelta": [True, 0, 0]},
        {"type": "eval"},
        {"type": "__import__"},
        {"type": "__build_class__"},
        {"type": "__loader__"},
        {"type": "nothing"},
        {"type": 5},
        {"type": None},
        1 << 64,
        -(10**30),
    ],
    ids=json.dumps,
)
def test_what_is_not_of_the_grammar_is_refused(data: Any) -> None:
    with pytest.raises((ValueError, TypeError, OverflowError)):
        values.decode(data, no_remote)


@pytest.mark.parametrize("data", [(), {1}, b"x", 1j, object()])
def test_what_is_not_even_json_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match="not a value"):
        values.decode(data, no_remote)


@pytest.mark.parametrize("wrap", [lambda inner: [inner], lambda inner: {"tuple": [inner]}])
def test_what_is_nested_too_deep_is_not_read(wrap: Callable[[Any], Any]) -> None:
    data = nested(wrap, 2 * values.MAX_DEPTH + 5)
    with pytest.raises(ValueError, match="nested too deep"):
        as_the_tests_read(lambda: values.decode(data, no_remote))


@pytest.mark.parametrize("text", ["9" * 26, "-" + "9" * 25, "[1, " + "1" * 10**6 + "]", '{"a": ' + "1" * 30 + "}"])
def test_long_decimal_integers_are_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="a large integer in decimal"):
        json.loads(text, parse_int=values.parse_int)


TAGS = st.one_of(st.sampled_from(sorted(values._READERS)), TEXT)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(0, 60),
    st.floats(),
    TEXT,
    st.sampled_from(["0x1f", "-0xff", "ff", "1e5", "sNaN", "int", "eval"]),
)
FORGED = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=8),
        st.lists(st.lists(inner, min_size=2, max_size=2), max_size=3),
        st.dictionaries(TAGS, inner, min_size=1, max_size=1),
        st.dictionaries(TAGS, inner, max_size=3),
    ),
    max_leaves=20,
)


@given(st.one_of(FORGED, st.dictionaries(st.sampled_from(sorted(values._READERS)), FORGED, min_size=1, max_size=1)))
def test_whatever_is_sent_is_a_value_or_refused(data: Any) -> None:
    try:
        value = values.decode(data, lambda number: ("remote", repr(number)))
    except (ValueError, TypeError, OverflowError):
        return
    assert all(type(part) in PLAIN for part in parts(value))


PLAIN = {
    *(type(None), bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, type),
    *(collections.deque, collections.OrderedDict, decimal.Decimal, fractions.Fraction),
    *(datetime.datetime, datetime.date, datetime.time, datetime.timedelta),
}


def parts(value: Any) -> Iterator[Any]:
    """The value and everything in it."""
    yield value
    if isinstance(value, dict):
        for item in value.items():
            yield from parts(item)
    elif isinstance(value, (list, tuple, set, frozenset, collections.deque)):
        for one in value:
            yield from parts(one)


# --- numpy ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("numpy.int64(7)", 7),
        ("numpy.uint64(2**64 - 1)", 2**64 - 1),
        ("numpy.float64(0.5)", 0.5),
        ("numpy.float32(0.5)", 0.5),
        ("numpy.float64('nan')", math.nan),
        ("numpy.bool_(True)", True),
        ("numpy.str_('x')", "x"),
        ("numpy.bytes_(b'x')", b"x"),
        ("numpy.complex128(1j)", 1j),
        ("[numpy.int8(1), (numpy.int8(2),)]", [1, (2,)]),
        ("{numpy.int64(1): numpy.float64(2)}", {1: 2.0}),
    ],
)
def test_a_numpy_scalar_arrives_as_the_number_that_it_is(expression: str, value: Any) -> None:
    numpy = pytest.importorskip("numpy")
    assert same(crossed(eval(expression, {"numpy": numpy})), value)


@pytest.mark.parametrize(
    "expression", ["numpy.arange(3)", "numpy.array(5)", "numpy.longdouble(1)", "numpy.zeros(1, 'i,i')[0]"]
)
def test_other_numpy_objects_cross_as_handles(expression: str) -> None:
    numpy = pytest.importorskip("numpy")
    assert values.encode(eval(expression, {"numpy": numpy}), lambda _: 3) == {"handle": 3}
