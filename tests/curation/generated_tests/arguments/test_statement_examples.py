"""The inputs of a statement's examples, as further inputs to learn from."""

import pytest

from curation.generated_tests.arguments.infer import infer
from curation.generated_tests.arguments.statement_examples import example_inputs

NAMED = "Fill the jars.\n\nExample 1:\n\nInput: jars = {}, k = {}\nOutput: 3\nExplanation: two are full.\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (NAMED.format("[3, 1]", "2"), [[[3, 1], 2]]),
        (NAMED.format("[3, 1]", "2") + NAMED.format("[]", "7"), [[[3, 1], 2], [[], 7]]),
        ("Example 1:\nInput: [4,5], 6\nOutput: 1\n", [[[4, 5], 6]]),
        ("Example 1:\n**Input:**\n[\n [4],\n [5]\n], 6\n**Output:** 1\n", []),
        (NAMED.format("[3, 1]", '"two"'), []),
        (NAMED.format("[3, 1", "2"), []),
        (NAMED.format("[3.5, 1]", "2"), []),
        ("Input: k = 2, jars = [1]\nOutput: 1\n", []),
        ("Input: jars = [1]\nOutput: 1\n", []),
        ("-----Input-----\nThe first line has k.\n-----Output-----\nOne number.\n", []),
    ],
)
def test_examples_that_fit_the_signature_are_read(text, expected):
    assert example_inputs(text, ["jars", "k"], [[[1, 2, 5], 4]]) == expected


def test_an_example_widens_what_is_seen_and_ends_relations_that_it_breaks():
    given = [[[1, 2, 5], 3]]
    alone = infer("Count.", given, "solve", "def solve(jars, k):")
    assert alone is not None
    assert not alone.accepts([[5, 2], 9])
    model = infer("Count.\n\n" + NAMED.format("[8, 4]", "9"), given, "solve", "def solve(jars, k):")
    assert model is not None
    assert model.risk([[8, 4], 9]) == "seen"
    assert model.risk([[7, 2, 6], 5]) == "seen"
    assert model.accepts(given[0])


def test_an_example_is_not_proposed_and_where_enough_is_given_none_is_read():
    text = "Count.\n\n" + NAMED.format("[8, 4]", "9")
    model = infer(text, [[[1, 2, 5], 3]], "solve", "def solve(jars, k):")
    assert model is not None
    assert [[8, 4], 9] in model.given
    several = infer(text, [[[1, 2, 5], 3], [[1], 1], [[2], 1]], "solve", "def solve(jars, k):")
    assert several is not None
    assert [[8, 4], 9] not in several.given


def test_a_list_that_examples_repeat_is_no_further_evidence():
    text = "Count.\n\n" + NAMED.format("[1, 2, 3, 4]", "2") + NAMED.format("[1, 2, 3, 4]", "3")
    model = infer(text, [[[1, 2, 3, 4], 1]], "solve", "def solve(jars, k):")
    assert model is not None
    assert model.accepts([[4, 2, 3, 2], 2])
