"""Samples in a statement and their outputs."""

from __future__ import annotations

import pytest

from curation.pipeline.statement_samples import sample_outputs, shows_output

STATEMENT = "-----Sample Input 1:-----\n5\n\nRG\n-----Sample Input 2:-----\n2\n\n-----Sample Output 1:-----\n-1\n4\n"


@pytest.mark.parametrize(
    ("given", "output", "shown"),
    [
        ("5\nRG\n", "-1 4", True),
        ("5 RG", "-1", True),
        ("5 RG", "1 4", False),
        ("5 RG", "-1 45", False),
        ("RG", "-1 4", False),
        ("", "-1 4", False),
        ("5 RG", "", False),
    ],
    ids=["whole", "beginning", "without the sign", "longer", "half an input", "no input", "no output"],
)
def test_a_samples_output_stands_after_its_input(given: str, output: str, shown: bool) -> None:
    samples = sample_outputs(STATEMENT, given, False)
    assert any(shows_output(sample, output, False) for sample in samples) is shown


@pytest.mark.parametrize("digit", ["3", "(", "1 1 1"])
def test_a_number_in_the_text_is_no_sample(digit: str) -> None:
    assert sample_outputs(f"Given {digit} numbers.\n-----Output-----\nPrint {digit}.", digit, False) == []


@pytest.mark.parametrize(
    ("question", "arguments", "output", "shown"),
    [
        ("Input: a = [1, 2], s = 'x'\nOutput: 3", [[1, 2], "x"], "3", True),
        ('f([1,2], "x") # => [ 3, True ]', [[1, 2], "x"], "[3,true]", True),
        ("f(2) returns -3", [2], "3", False),
        ("f(2) returns 35", [2], "3", False),
        ("f(12) returns 3", [2], "3", False),
        ("f(2) is large. " + "Words. " * 20 + "It returns 3", [2], "3", False),
        ("f() returns 3", [], "3", False),
    ],
)
def test_a_call_in_the_statement_shows_what_it_returns(
    question: str, arguments: list[object], output: str, shown: bool
) -> None:
    samples = sample_outputs(question, arguments, True)
    assert any(shows_output(sample, output, True) for sample in samples) is shown
