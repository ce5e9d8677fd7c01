"""Test the limits of a parameter that are read from a statement's prose."""

from __future__ import annotations

import pytest

from curation.generated_tests.arguments.stated_facts import facts_of_parameters


@pytest.mark.parametrize(
    ("sentence", "limits"),
    [
        ("The input range is from `1` to `1,000,000`.", (1, 1_000_000)),
        ("n is an integer in the range [0, 50,000].", (0, 50_000)),
        ("The number is between 1 and 10^9.", (1, 10**9)),
        ("The integer is between 5 and 10**3.", (5, 1000)),
        ("The value is between -20 and 20.", (-20, 20)),
        ("The value is in the range from -9 to -3.", (-9, -3)),
        ("The number is in range 1-6.", (1, 6)),
    ],
)
def test_limits_are_read_as_numbers_are_written(sentence, limits):
    [facts] = facts_of_parameters(f"Return the sum of digits. {sentence}", ["n"])
    assert facts.spoken == limits


@pytest.mark.parametrize(
    ("sentence", "least"),
    [
        ("You are given a non-negative integer.", 0),
        ("You are given a positive integer.", 1),
        ("Given a positive integer n, find a number `a**b` below it, where a is any non-negative integer.", 1),
        ("All numbers are positive or zero.", 0),
        ("You are given positive and negative integers.", None),
    ],
)
def test_the_least_number_is_that_of_the_parameter(sentence, least):
    [facts] = facts_of_parameters(sentence, ["n"])
    assert facts.least == least
