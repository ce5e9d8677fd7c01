"""Compare outputs with the expected ones: equal ones, and near misses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_plus.problem import Comparison
from harness.judging.comparison import normalize_text, same_text, same_value

EXACT, TOKENS, CASE = Comparison.EXACT, Comparison.TOKENS, Comparison.CASE
FLOAT, UNORDERED = Comparison.FLOAT, Comparison.UNORDERED
MODES = (EXACT, TOKENS, CASE, FLOAT, UNORDERED)
OF_WORDS = (TOKENS, CASE, FLOAT, UNORDERED)

modes = st.sampled_from(MODES)
texts = st.text(st.sampled_from("ab1.-e \t\n\r"), max_size=12) | st.text(max_size=12)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
)


# --- properties ----------------------------------------------------------------------------------------------------


@given(texts, modes)
def test_every_text_equals_itself(text: str, mode: Comparison) -> None:
    assert same_text(text, text, mode)


@given(texts, texts, st.sampled_from((EXACT, TOKENS, CASE)))
def test_it_does_not_matter_which_text_was_expected(one: str, other: str, mode: Comparison) -> None:
    assert same_text(one, other, mode) == same_text(other, one, mode)


@given(texts, texts, modes)
def test_what_is_exactly_equal_is_equal_in_every_mode(one: str, other: str, mode: Comparison) -> None:
    assert not same_text(one, other, EXACT) or same_text(one, other, mode)


@given(texts, texts)
def test_what_is_equal_as_tokens_is_equal_as_numbers(one: str, other: str) -> None:
    assert not same_text(one, other, TOKENS) or same_text(one, other, FLOAT)
    assert not same_text(one, other, TOKENS) or same_text(one, other, CASE)


@given(texts)
def test_normalizing_twice_is_normalizing_once(text: str) -> None:
    assert normalize_text(normalize_text(text)) == normalize_text(text)


@given(texts, modes)
def test_windows_line_ends_and_a_missing_last_one_change_nothing(text: str, mode: Comparison) -> None:
    text = text.replace("\r", "")
    assert same_text(text, text.replace("\n", "\r\n"), mode)
    assert same_text(text, text + "\n", mode)


@given(st.lists(st.text("abc", min_size=1), max_size=6).flatmap(lambda xs: st.tuples(st.just(xs), st.permutations(xs))))
def test_unordered_is_blind_to_the_order_of_lines(lines: tuple[list[str], list[str]]) -> None:
    one, other = map("\n".join, lines)
    assert same_text(one, other, UNORDERED)


@given(st.integers(), st.integers(), modes)
def test_two_integers_are_equal_only_where_they_are_the_same(one: int, other: int, mode: Comparison) -> None:
    assert same_text(str(one), str(other), mode) == (one == other)
    assert same_value(one, other, mode) == (one == other)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(-0.9, 0.9))
def test_decimals_are_equal_within_the_tolerance(value: float, part: float) -> None:
    near = value + part * 1e-6 * max(abs(value), 1)
    if abs(near) < 1e300:
        assert same_text(f"{value!r}", f"{near!r}", FLOAT)
        assert same_value(value, near, FLOAT)


@given(values, modes)
def test_every_value_equals_itself(value: Any, mode: Comparison) -> None:
    assert same_value(value, value, mode)


@given(values, values, st.sampled_from((EXACT, TOKENS, CASE, UNORDERED)))
def test_it_does_not_matter_which_value_was_expected(one: Any, other: Any, mode: Comparison) -> None:
    assert same_value(one, other, mode) == same_value(other, one, mode)


@given(values, values, modes)
def test_values_that_are_exactly_equal_are_equal_in_every_mode(one: Any, other: Any, mode: Comparison) -> None:
    assert not same_value(one, other, EXACT) or same_value(one, other, mode)


@given(st.lists(values, max_size=5).flatmap(lambda xs: st.tuples(st.just(xs), st.permutations(xs))))
def test_unordered_is_blind_to_the_order_of_elements(lists: tuple[list[Any], list[Any]]) -> None:
    assert same_value(lists[0], lists[1], UNORDERED)


# --- texts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("1 2 3", "1 2"),
        ("1 2", "1 2 3"),
        ("1 2", "1 2 2"),
        ("1 1 2", "1 2 2"),
        ("YES", "YESSIR"),
        ("YES", "YE"),
        ("", "0"),
        ("0", ""),
        ("ab", "a b"),
        ("12", "1 2"),
        ("a\nb", "a\nb\nb"),
        ("1,2", "1, 2"),
        ("[1, 2]", "1 2"),
        ("'a'", "a"),
        ("None", ""),
        ("True", "1"),
        ("1000000", "1000001"),
        ("100000000000000000000", "100000000000000000001"),
        ("007", "7"),
        ("-0", "0"),
        ("1.0", "1.1"),
        ("1.0", "1.00001"),
        ("0", "0.00001"),
        ("0", "0.0000009"),
        ("998244352", "998244353.0"),
        ("998244352", "9.982443e8"),
        ("998244352", "998244352.0000001"),
        ("221643095476699771875", "2.2164309547669977e+20"),
        ("221643095476699771875", "221643095476699771876.0"),
        ("9007199254740993", "9007199254740992.0"),
        ("9007199254740993", "9.007199254740992e15"),
        ("1", "1.0000000000000000000001"),
        ("0", "1e-400"),
        ("5", "5e999999999999999999999"),
        ("007", "7.0"),
        ("0110", "110.0"),
        ("nan", "1"),
        ("nan", "-nan"),
        ("inf", "1e999"),
        ("inf", "Infinity"),
        ("1e400", "1e999"),
        ("1" + "0" * 400, "1e500"),
        ("1000", "1_000"),
        ("1000", "1,000"),
        ("1000", "0x3e8"),
        ("3", "\N{ARABIC-INDIC DIGIT THREE}"),
        ("3.0", "\N{ARABIC-INDIC DIGIT THREE}.0"),
        ("1", "1j"),
        ("1e5", "1e"),
        ("1.5", "1.5.0"),
        ("5", "--5"),
        ("é", "e\N{COMBINING ACUTE ACCENT}"),
    ],
)
def test_no_mode_takes_a_near_miss(expected: str, actual: str, mode: Comparison) -> None:
    assert not same_text(expected, actual, mode)


@pytest.mark.parametrize(
    ("expected", "actual", "in_modes"),
    [
        ("a b\n", "a b", MODES),
        ("a b", "a b   \n\n\n", MODES),
        ("a\r\nb", "a\nb", MODES),
        ("a\rb", "a\nb", MODES),
        ("a  b", "a b", OF_WORDS),
        (" a", "a", OF_WORDS),
        ("\na", "a", OF_WORDS),
        ("a\n\nb", "a\nb", OF_WORDS),
        ("a b", "a\nb", (TOKENS, CASE, FLOAT)),
        ("1 2\n3 4", "1 2 3 4", (TOKENS, CASE, FLOAT)),
        ("YES", "yEs", (CASE,)),
        ("Yes 1.0\nno", "YES  1.0\nNO", (CASE,)),
        ("True", "true", (CASE,)),
        ("nan", "NaN", (CASE,)),
        ("É", "é", (CASE,)),
        ("1 2\n3 4", "3 4\n1 2", (UNORDERED,)),
        ("1 2\n3 4", "2 1\n4 3", ()),
        ("1 2 3", "3 1 2", (UNORDERED,)),
        ("1.0", "1.00", (FLOAT,)),
        ("1", "1.0", (FLOAT,)),
        ("1e5", "100000", (FLOAT,)),
        ("1e5", "100000.0", (FLOAT,)),
        (".5", "0.5", (FLOAT,)),
        ("5.", "5", (FLOAT,)),
        ("+5", "5", (FLOAT,)),
        ("-0.0", "0", (FLOAT,)),
        ("0", "-0.0", (FLOAT,)),
        ("0.0", "0.0000009", (FLOAT,)),
        ("998244352", "998244352.0", (FLOAT,)),
        ("998244352", "9.98244352e8", (FLOAT,)),
        ("998244352.0", "998244352", (FLOAT,)),
        ("9007199254740993", "9007199254740993.000", (FLOAT,)),
        ("1" + "0" * 400, "1e400", (FLOAT,)),
        ("1000000.0", "1000000.9", (FLOAT,)),
        ("x = 0.3333333", "x = 0.33333333", (FLOAT,)),
        ("nan", "nan", MODES),
        ("inf", "inf", MODES),
        ("", "\n \n", MODES),
    ],
)
def test_each_mode_takes_just_its_own(expected: str, actual: str, in_modes: tuple[Comparison, ...]) -> None:
    assert [mode for mode in MODES if same_text(expected, actual, mode)] == list(in_modes)


def test_unordered_counts_repeated_lines() -> None:
    assert same_text("b\na\nb\n", "a\nb\nb", UNORDERED)
    assert not same_text("b\na\nb\n", "a\na\nb", UNORDERED)
    assert same_text("b a b\n", "a b b", UNORDERED)
    assert not same_text("b a b\n", "a a b", UNORDERED)


def test_the_checker_mode_takes_only_what_is_exactly_equal() -> None:
    assert same_text("1 2", "1 2\n", Comparison.CHECKER)
    assert not same_text("1 2", "2 1", Comparison.CHECKER)


# --- values --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (1, True),
        (True, 1),
        (0, False),
        (False, None),
        (0, None),
        ("", None),
        ([], None),
        ([], {}),
        ([], ""),
        (1, "1"),
        ("1", 1),
        (1, [1]),
        ([1], 1),
        ([1, 2], [1]),
        ([1], [1, 2]),
        ([1, [2, 3]], [1, [3, 2]]),
        ([True], [1]),
        ([1, 1, 2], [1, 2, 2]),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, {"a": 1, "b": 1}),
        ("abc", "abc "),
        ("a b", "a  b"),
        ("ab", ["a", "b"]),
        (10**20, 10**20 + 1),
        (1000000, 1000001),
        (998244352, 998244353.0),
        (998244352, 998244352.5),
        (2**53 + 1, float(2**53)),
        (10**23, 1e23),
        (1, 1.0000001),
        (0, 1e-9),
        ([1, 0.5], [1.0000001, 0.5]),
        (10**400, float("inf")),
        (1.0, 1.1),
        (float("inf"), 1e308),
        (float("inf"), -float("inf")),
        (float("nan"), 1.0),
        (float("nan"), float("nan")),
        (10**400, 1.0),
        ("1.0", "1.00"),
    ],
)
def test_no_mode_takes_a_value_that_is_another(expected: Any, actual: Any, mode: Comparison) -> None:
    assert not same_value(expected, actual, mode)


@pytest.mark.parametrize(
    ("expected", "actual", "in_modes"),
    [
        (1, 1.0, MODES),
        ([1, 2], [1.0, 2.0], MODES),
        ({"a": 1, "b": 2}, {"b": 2.0, "a": 1}, MODES),
        ([{"a": 1, "b": 2}], [{"b": 2, "a": 1}], MODES),
        (None, None, MODES),
        (10**400, 10**400, MODES),
        (0.1 + 0.2, 0.3, (FLOAT,)),
        ([0.1 + 0.2], [0.3], (FLOAT,)),
        ({"a": [0.1 + 0.2]}, {"a": [0.3]}, (FLOAT,)),
        (1.0, 1.0000001, (FLOAT,)),
        (998244352, 998244352.0, MODES),
        (2**53, float(2**53), MODES),
        ("abc", "ABC", (CASE,)),
        (["Yes", {"a": "No"}], ["YES", {"a": "NO"}], (CASE,)),
        ({"a": 1}, {"A": 1}, ()),
        ([1, 2], [2, 1], (UNORDERED,)),
        ([1, 2], [2.0, 1.0], (UNORDERED,)),
        ([[1, 2], {"a": 1}, "x", None], [None, "x", {"a": 1.0}, [1, 2]], (UNORDERED,)),
        ("ab", "ba", ()),
    ],
)
def test_each_mode_takes_just_its_own_values(expected: Any, actual: Any, in_modes: tuple[Comparison, ...]) -> None:
    assert [mode for mode in MODES if same_value(expected, actual, mode)] == list(in_modes)


@pytest.mark.parametrize("mode", MODES)
def test_values_nested_beyond_reason_are_different_and_no_error(mode: Comparison) -> None:
    one: Any = []
    other: Any = []
    for _ in range(20_000):
        one, other = [one], [other]
    assert not same_value(one, other, mode)
