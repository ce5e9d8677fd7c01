"""Numeric tolerance, and expected integers that stand for real numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_plus.problem import Comparison, ComparisonRule, Tolerance, ToleranceKind
from harness.judging.numbers import EVERYWHERE, real_places, same_number
from harness.judging.verdict import expect, is_same

EITHER, ABSOLUTE, RELATIVE = ToleranceKind.EITHER, ToleranceKind.ABSOLUTE, ToleranceKind.RELATIVE


def passes(outputs: Sequence[Any], answer: Any, tolerance: Tolerance, test: int = 0, call_based: bool = False) -> bool:
    """Return whether an answer to one of a problem's tests passes as ``float``."""
    rule = ComparisonRule(Comparison.FLOAT, tolerance)
    return is_same(expect(outputs, call_based, rule)[test], answer)


@pytest.mark.parametrize(
    ("kind", "expected", "accepted", "refused"),
    [
        (EITHER, "0.5", ["0.50", "0.51", "0.49", "5e-1"], ["0.52", "0.48", "x", ""]),
        (EITHER, "200.5", ["202.4", "198.6"], ["203.0", "198.0"]),
        (ABSOLUTE, "200.5", ["200.51", "200.49"], ["200.52", "202.4"]),
        (RELATIVE, "0.5", ["0.504", "0.496"], ["0.51", "0.49"]),
        (RELATIVE, "200.5", ["202.4"], ["203.0"]),
        (RELATIVE, "0.0", ["0", "-0.0"], ["0.001"]),
    ],
)
def test_the_statement_s_tolerance_is_absolute_or_relative_or_either(
    kind: ToleranceKind, expected: str, accepted: list[str], refused: list[str]
) -> None:
    tolerance = Tolerance(0.01, kind)
    assert [answer for answer in [*accepted, *refused] if passes([expected], answer, tolerance)] == accepted


@given(st.floats(-1e6, 1e6), st.floats(-0.99, 0.99))
def test_a_value_and_its_text_are_judged_alike(value: float, part: float) -> None:
    tolerance = Tolerance(0.01, EITHER)
    near = value + part * 0.01 * max(1.0, abs(value))
    assert passes([value], near, tolerance, call_based=True)
    assert passes([repr(value)], repr(near), tolerance)


# ---- an expected integer


@given(st.integers(), st.integers())
def test_without_a_stated_tolerance_an_integer_must_be_that_integer(expected: int, other: int) -> None:
    usual = Tolerance()
    assert passes([str(expected), "0.5"], f"{expected}.0", usual)
    assert passes([str(expected), "0.5"], f"{other}.0", usual) == (expected == other)
    assert passes([expected, 0.5], float(other), usual, call_based=True) == (expected == float(other))


def test_with_one_an_integer_where_others_have_a_decimal_point_is_a_real_number() -> None:
    tolerance = Tolerance(1e-6, EITHER)
    assert passes(["3", "2.5"], "2.9999999999", tolerance)
    assert passes(["3", "2.5"], "3.0000001", tolerance)
    assert not passes(["3", "2.5"], "3.00001", tolerance)
    assert passes([3, 2.5], 2.9999999999, tolerance, call_based=True)
    assert passes(["100000000\n0.5"], "100000001", tolerance) is False  # a number is missing
    assert passes(["100000000\n0.5"], "100000001\n0.5", tolerance)


def test_where_no_expected_number_has_one_the_statement_wins_but_two_integers_must_be_the_same() -> None:
    tolerance = Tolerance(1e-6, EITHER)
    assert passes(["3", "4"], "2.9999999999", tolerance)
    assert passes(["100000000"], "100000000.5", tolerance)
    assert not passes(["100000000"], "100000001", tolerance)
    assert passes([3], 2.9999999999, tolerance, call_based=True)
    assert not passes([100000000], 100000001, tolerance, call_based=True)


def test_a_count_beside_a_mean_stays_an_integer() -> None:
    tolerance = Tolerance(0.01, EITHER)
    assert passes(["1000 2.5", "7 3"], "7 2.995", tolerance, test=1)
    assert not passes(["1000 2.5", "7 3"], "7.005 3", tolerance, test=1)
    assert not passes(["1000 2.5"], "1001 2.5", tolerance)
    assert passes(["1000 2.5"], "1000.0 2.5", tolerance)
    assert not passes([[1000, 2.5]], [1001, 2.5], tolerance, call_based=True)
    assert not passes([[{"n": 1000, "mean": 2.5}]], [{"n": 1001, "mean": 2.5}], tolerance, call_based=True)
    assert passes([[{"n": 1000, "mean": 2.5}]], [{"n": 1000, "mean": 2.51}], tolerance, call_based=True)


def test_a_count_on_a_line_of_its_own_stays_an_integer_too() -> None:
    tolerance = Tolerance(0.01, EITHER)
    assert passes(["1000\n1.5 2"], "1000\n1.509 2.001 ", tolerance) is False  # the second of two has no decimal point
    assert passes(["1000\n1.5 2", "2\n3 2.5"], "1000\n1.509 2.001", tolerance)
    assert not passes(["1000\n1.5 2", "2\n3 2.5"], "1001\n1.5 2", tolerance)


def test_the_elements_of_a_long_line_or_list_are_of_one_kind() -> None:
    tolerance = Tolerance(0.01, EITHER)
    assert passes(["1 2.5 3 4 5"], "1.001 2.5 2.999 4 5", tolerance)
    assert passes([[1, 2.5, 3, 4]], [1.001, 2.5, 2.999, 4], tolerance, call_based=True)


def test_where_numbers_are_real() -> None:
    assert real_places(["1 2.5", "x"], False) == {(2, 1)}
    assert real_places(["1 2", "3"], False) is EVERYWHERE
    assert real_places([], False) is EVERYWHERE
    assert real_places([[1, 2.5], True], True) == {((2, 1),)}
    assert real_places([1, [2], True, "2.5"], True) is EVERYWHERE


def test_texts_are_no_numbers() -> None:
    tolerance = Tolerance(0.01, EITHER)
    assert not passes(["nan"], "0.0", tolerance)
    assert not passes(["0.0"], "nan", tolerance)
    assert not passes(["YES 0.5"], "NO 0.5", tolerance)
    assert not passes(["0.5"], "0.5" + "0" * 2000, tolerance)
    assert not passes([True], 1.0, tolerance, call_based=True)


def test_a_number_that_no_one_means_costs_no_time() -> None:
    assert not same_number("5", "5e" + "9" * 900, Tolerance())
    assert not same_number("5", "9" * 5000, Tolerance())
