"""The plain features of inputs that may explain why voters dissent."""

from __future__ import annotations

import pytest

from curation.generated_tests.input_features import features_of


@pytest.mark.parametrize(
    ("arguments", "feature"),
    [
        ([[]], "empty"),
        ([[7]], "one element"),
        ([[[7], [8, 9]]], "one element"),
        ([[2, 2, 2]], "all equal"),
        ([[2, 3, 2]], "equal elements"),
        ([[1, 4]], "sorted"),
        ([[4, 1]], "unsorted"),
        (["x"], "one character"),
        ([" ab"], "spare spaces"),
        ([0], "zero"),
        ([1], "up to one"),
        ([-4], "negative"),
        ([2.5], "decimal"),
        ([49], "digit 4"),
        ([[1, 2], 0], "zero in argument 2"),
        ([3, 3], "equal arguments"),
        ([5, 3], "falling arguments"),
        ([{"a": [0]}], "zero"),
    ],
)
def test_feature_of_arguments(arguments, feature):
    assert feature in features_of(arguments)
    assert feature not in features_of([["ab", "cd"], "ef"])


def test_features_of_a_text_for_standard_input():
    assert features_of("3\n1 5 5\n0\n") == {"equal elements", "up to one", "zero"}
    assert features_of("2\n8 9\n") == frozenset()


def test_truth_values_are_no_numbers():
    assert features_of([True, False]) == {"different arguments"}


def test_features_tell_the_arguments_apart():
    assert features_of(["aba", "bc"]) >= {"equal characters in argument 1", "even length in argument 2"}
    assert "equal characters in argument 2" not in features_of(["aba", "bc"])
