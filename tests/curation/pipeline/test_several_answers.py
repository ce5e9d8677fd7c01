"""Signs of several right answers: a statement's words, and its samples; every statement here is invented."""

from __future__ import annotations

import pytest

from curation.pipeline.several_answers import signs_of_several_answers

STATEMENT = (
    "Print how many boats leave, then their order.{}\n\n-----Examples-----\nInput\n4\n\nOutput\n{}\n\nThey float."
)
SHOWS_ANOTHER = "the statement shows another output for the input of test 1"


def signs(expected: str, shown: str, words: str = "") -> list[str]:
    return signs_of_several_answers(STATEMENT.format(words, shown), ["7\n", "4\n"], ["1\n7\n", expected], False)


def test_the_words_of_the_statement() -> None:
    assert signs("3\n1 2 4", "3\n1 2 4") == []
    assert signs("3\n1 2 4", "3\n1 2 4", " If there are several, print any.") == [
        "the statement allows several answers"
    ]
    assert signs("3\n1 2 4", "3\n1 2 4", " Print them in any order.") == ["the statement allows any order"]


def test_a_sample_with_another_output() -> None:
    assert signs("3\n1 2 4\n", "3\n4 2 1") == [SHOWS_ANOTHER]
    assert signs("3\n1 2 4", "3\n2 1 4", " Print any such order.") == [
        "the statement allows several answers",
        SHOWS_ANOTHER,
    ]


@pytest.mark.parametrize(
    ("expected", "shown"),
    [
        ("3\n1 2 4", "3\n1   2 4"),
        ("3\n1 2 4", ":-----\n3\n\n1 2 4"),
        ("3\n1 2 4", "3\n1 2 4Second"),  # no space before what follows
        ("3 0.67", "3 0.66"),  # rounded otherwise
        ("3", "4"),  # one word
        ("-1 3", "-1 3"),
    ],
)
def test_a_sample_that_shows_the_expected_output_or_nearly(expected: str, shown: str) -> None:
    assert signs(expected, shown) == []


def test_an_input_that_is_no_sample() -> None:
    statement = STATEMENT.format("", "3\n1 2 4")
    assert signs_of_several_answers(statement, ["7\n"], ["3\n4 2 1"], False) == []


def test_values_are_not_compared_with_samples() -> None:
    statement = "Return the boats.\n\nExample: f(4) returns [1, 2]"
    assert signs_of_several_answers(statement, [[4]], [[2, 1]], True) == []
