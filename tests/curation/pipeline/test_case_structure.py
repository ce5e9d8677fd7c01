"""Detect how an output divides into cases, from the statement and all tests."""

from __future__ import annotations

import pytest

from curation.pipeline.case_structure import detect_cases, has_several_cases

CASES = "The first line holds $t$, the number of test cases."
ONE = "Print the numbers."


@pytest.mark.parametrize(
    ("question", "tests", "cases"),
    [
        (CASES, [("2\n..", "2\n1 4\n4 1\n1\n4 2\n")], "counted"),
        (CASES, [("6\n..", "2\n1 4\n4 1\n1\n4 2\n0\n0\n1\n2 10\n0\n")], "counted"),
        (CASES, [("2\n..", "3 1 2\n5\n"), ("1\n..", "7 8\n")], "1"),
        (CASES, [("2\n..", "YES\n1 2\nNO\n3 4\n"), ("1\n..", "NO\n5 6\n")], "2"),
        (CASES, [("2\n..", "Case #1: 1 2\nCase #2: 3\n")], "1"),
        (CASES, [("2\n..", "Case #1:\n1\n2\nCase #2:\n3\n")], "blocks"),
        (CASES, [("2\n..", "1 2\n3 4\n5 6\n\n7 8\n")], "blocks"),
        (CASES, [("2\n..", "1 2\n3 4\n5 6\n")], "unknown"),
        (CASES, [("2\n..", "YES\n1 2\n3 4\nNO\n")], "unknown"),  # as many lines for each, but not alike
        (CASES, [("1\n..", "1 2\n3 4\n")], "blocks"),
        (CASES, [("3 5\n..", "1\n2\n3\n")], "unknown"),
        (CASES, [("2\n..", "2 1 0\n")], "unknown"),
        (CASES, [("2\n..", "3 1 2\n5\n"), ("2\n..", "1\n2\n3\n")], "unknown"),
        (CASES, [], "unknown"),
        (ONE, [("3\n..", "1 2\n3 4\n5 6\n")], "whole"),
        (ONE, [("3\n..", "1 2 3\n"), ("0\n", "")], "1"),
        (ONE, [("3\n..", "1 2\n3 4\n\n5 6\n")], "blocks"),
        (ONE, [("3\n..", "1 2\n"), ("3\n..", "1 2\n3 4\n")], "whole"),
    ],
)
def test_only_what_all_tests_agree_on_tells_cases_apart(
    question: str, tests: list[tuple[str, str]], cases: str
) -> None:
    assert detect_cases(question, [test[0] for test in tests], [test[1] for test in tests]) == cases


@pytest.mark.parametrize(
    "question",
    [
        CASES,
        "The first line contains a single integer $T$ denoting the number of testcases.",
        "The input contains several test cases.",
        "T test cases follow.",
        "For each query, print the answer.",
        "The first line of the input contains an integer T. Each of the next T lines is a graph.",
        "There are multiple data sets.",
    ],
)
def test_several_cases(question: str) -> None:
    assert has_several_cases(question)


@pytest.mark.parametrize(
    "question", ["", ONE, "The first line contains n, the number of edges.", "In the first test case 3 is right."]
)
def test_one_case(question: str) -> None:
    assert not has_several_cases(question)
