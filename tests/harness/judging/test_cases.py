"""Unordered comparison: lines may change places within a case, not across cases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.judging.cases import BLOCKS, COUNTED, ONE_LINE, UNKNOWN, WHOLE, is_label, same_unordered

DIVISIONS = "2\n1 4\n4 1\n1\n4 2\n0\n0\n1\n2 10\n0\n"
"""Six cases: each is a number of pairs, then the pairs."""


def accepted(expected: str, cases: str, *answers: str) -> list[str]:
    return [answer for answer in answers if same_unordered(expected, answer, cases)]


def test_counted_cases_keep_their_counts_and_their_pairs() -> None:
    swapped = "2\n4 1\n1 4\n1\n4 2\n0\n0\n1\n2 10\n0"
    assert same_unordered(DIVISIONS, DIVISIONS, COUNTED)
    assert same_unordered(DIVISIONS, swapped, COUNTED)
    wrong = [
        "\n".join(sorted(DIVISIONS.split("\n"))),
        swapped.replace("4 2", "2 4"),  # within a pair
        "2\n4 2\n1 4\n1\n4 1\n0\n0\n1\n2 10\n0",  # between cases
        "1 4\n2\n4 1\n1\n4 2\n0\n0\n1\n2 10\n0",  # the count is not first
        swapped + "\n0",
        "2\n4 1\n4 1\n1\n4 2\n0\n0\n1\n2 10\n0",
    ]
    assert accepted(DIVISIONS, COUNTED, *wrong) == []


def test_where_each_case_is_a_line_its_words_are_free() -> None:
    assert accepted("3 1 2\n5 4", ONE_LINE, "1 2 3\n4 5", "5 4\n3 1 2", "3 1\n2 5 4", "1 2\n4 5") == ["1 2 3\n4 5"]


def test_where_each_case_has_so_many_lines_they_are_free_among_themselves() -> None:
    expected = "a b\nc\nd\ne f"
    answers = ["c\na b\nd\ne f", "a b\nd\nc\ne f", "b a\nc\nd\ne f", "d\ne f\na b\nc"]
    assert accepted(expected, "2", *answers) == ["c\na b\nd\ne f"]


@pytest.mark.parametrize(
    ("expected", "good", "bad"),
    [
        ("b\na\n\nd\nc", "a\nb\n\nc\nd", "d\nc\n\nb\na"),
        ("b\na\n\nd\nc", "a\nb\nc\nd", "a\nd\n\nb\nc"),
        ("Case #1:\nb\na\nCase #2:\nd", "Case #1:\na\nb\nCase #2:\nd", "Case #1:\nd\na\nCase #2:\nb"),
        ("Case #1:\nb\na\nCase #2:\nd", "Case #1:\na\nb\nCase #2:\nd", "Case #2:\nb\na\nCase #1:\nd"),
    ],
)
def test_blank_lines_and_labels_part_cases(expected: str, good: str, bad: str) -> None:
    for cases in (BLOCKS, ""):
        assert accepted(expected, cases, good, bad) == [good]


def test_labels_with_their_answer_behind_them_keep_their_place() -> None:
    assert accepted("Case #1: 2 1\nCase #2: 3", ONE_LINE, "Case #1: 1 2\nCase #2: 3", "Case #2: 3\nCase #1: 2 1") == [
        "Case #1: 1 2\nCase #2: 3"
    ]


def test_one_case_is_all_lines() -> None:
    assert accepted("1 2\n3 4", WHOLE, "3 4\n1 2", "2 1\n3 4") == ["3 4\n1 2"]
    assert accepted("1 2", WHOLE, "1  2", "2 1") == ["1  2"]


def test_where_cases_cannot_be_told_apart_nothing_may_change_places() -> None:
    assert accepted("1 2\n3", UNKNOWN, "1  2\n\n3\n", "3\n1 2", "2 1\n3") == ["1  2\n\n3\n"]
    assert accepted("1\n2\n3", "2", "1\n2\n3", "2\n1\n3") == ["1\n2\n3"]  # does not fit
    assert accepted("1\n5", COUNTED, "1\n5", "5\n1") == ["1\n5"]
    assert accepted("x\n5", COUNTED, "x\n5", "5\nx") == ["x\n5"]


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=3), min_size=1, max_size=4), st.randoms())
def test_counted_cases_in_any_order_within(cases: list[list[str]], chance: object) -> None:
    def text(cases: list[list[str]]) -> str:
        return "\n".join(line for case in cases for line in [str(len(case)), *case])

    shuffled = [sorted(case, key=lambda _: chance.random()) for case in cases]  # type: ignore[attr-defined]
    assert same_unordered(text(cases), text(shuffled), COUNTED)


@pytest.mark.parametrize(
    "line", ["Case #1:", "Case 1: 5", "case #12", "Test 3", "Test case 2:", "Scenario #1", "Data Set 4"]
)
def test_labels(line: str) -> None:
    assert is_label(line)


@pytest.mark.parametrize("line", ["Case", "5", "Casey 1", "YES 1", "testing 5", "in case 5"])
def test_no_labels(line: str) -> None:
    assert not is_label(line)
