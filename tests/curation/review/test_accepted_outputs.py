"""An output that a comparison accepts besides the expected one is found, and shown before the comparison is chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from review_screens import item

from apps_plus.problem import Comparison, ComparisonRule, Tolerance, ToleranceKind, dump_json
from curation.records import VerifiedProblem
from curation.review.accepted_outputs import accepted_example, explain_no_example
from harness.judging.verdict import Expected, expect, is_same

IN_CASES = "the lines of each case in reverse order"
WITHIN = Tolerance(1e-2, ToleranceKind.EITHER)


def problem(*outputs: Any, call_based: bool = False) -> VerifiedProblem:
    tests = dump_json({"inputs": [[0] if call_based else "0\n"] * len(outputs), "outputs": list(outputs)})
    return replace(item("train/0001"), tests=tests, entry_point="f" if call_based else None, votes=(), suggestion=None)


@pytest.mark.parametrize(
    ("rule", "expected", "output", "how"),
    [
        (ComparisonRule(Comparison.UNORDERED), "b 2\na 1\n", "a 1\nb 2", "all lines sorted"),
        (ComparisonRule(Comparison.UNORDERED), "a 1\nb 2\n", "b 2\na 1", "all lines in reverse order"),
        (ComparisonRule(Comparison.UNORDERED, cases="1"), "2 1\n0", "1 2\n0", "the words of each line sorted"),
        (ComparisonRule(Comparison.UNORDERED, cases="counted"), "2\nb\na\n0", "2\na\nb\n0", IN_CASES),
        (ComparisonRule(Comparison.TOKENS), "1 2\n3\n", "1 2 3", "all words on one line"),
        (ComparisonRule(Comparison.TOKENS), "1 2\n", "1\n2", "each word on a line of its own"),
        (ComparisonRule(Comparison.CASE), "Yes 1\n", "yES 1\n", "letters in other case"),
        (ComparisonRule(Comparison.FLOAT, WITHIN), "0.5\n", "0.509\n", "numbers off by 0.9 of the tolerance"),
        (ComparisonRule(Comparison.FLOAT, WITHIN), "200\n", "201.8\n", "numbers off by 0.9 of the tolerance"),
        (ComparisonRule(Comparison.FLOAT), "0.5 x\n", "0.5000009 x\n", "numbers off by 0.9 of the tolerance"),
        (ComparisonRule(Comparison.FLOAT), "12\n", "12.0\n", "integers written with a decimal point"),
    ],
)
def test_a_text_that_would_pass(rule: ComparisonRule, expected: str, output: str, how: str) -> None:
    accepted = accepted_example(problem(expected), rule)
    assert accepted is not None
    assert (accepted.test, accepted.expected, accepted.output, accepted.how) == (0, expected, output, how)
    assert is_same(expect([expected], False, rule)[0], output)
    assert not is_same(Expected(expected, False), output)


@pytest.mark.parametrize(
    ("rule", "expected", "output"),
    [
        (ComparisonRule(Comparison.UNORDERED), [2, 1], "[1,2]"),
        (ComparisonRule(Comparison.CASE), ["Yes", 1], '["yES",1]'),
        (ComparisonRule(Comparison.FLOAT, WITHIN), [0.5, 200], "[0.509,200]"),
        (ComparisonRule(Comparison.FLOAT), {"a": 12, "b": True}, '{"a":12.0,"b":true}'),
    ],
)
def test_a_value_that_would_pass(rule: ComparisonRule, expected: Any, output: str) -> None:
    accepted = accepted_example(problem(expected, call_based=True), rule)
    assert accepted is not None
    assert (accepted.expected, accepted.output) == (dump_json(expected), output)


def test_a_test_with_an_example_is_searched() -> None:
    accepted = accepted_example(problem("1\n", "2\n", "b\na\n"), ComparisonRule(Comparison.UNORDERED))
    assert accepted is not None
    assert accepted.test == 2


@pytest.mark.parametrize("mode", [Comparison.EXACT, Comparison.CHECKER, Comparison.TOKENS, Comparison.UNORDERED])
def test_nothing_is_shown_where_nothing_else_passes(mode: Comparison) -> None:
    assert accepted_example(problem("1\n"), ComparisonRule(mode)) is None


def test_cases_that_cannot_be_separated_are_reported() -> None:
    unknown = ComparisonRule(Comparison.UNORDERED, cases="unknown")
    assert accepted_example(problem("b\na\n"), unknown) is None
    assert "cannot be separated" in explain_no_example(unknown)
    assert explain_no_example(ComparisonRule(Comparison.UNORDERED)) == ""
