"""The answers that the votes of a build hold."""

from __future__ import annotations

from dataclasses import replace

from apps_plus.problem import dump_json
from curation.checkers.answered_tests import answers_in_votes
from curation.records import Option, SolutionResult, VerifiedProblem, Vote

PROBLEM = VerifiedProblem(
    problem_id="train/0001",
    raw_split="train",
    difficulty="interview",
    url="",
    question="Print the numbers.",
    starter_code="",
    tests=dump_json({"inputs": ["a", "b"], "outputs": ["1\n", "2 3\n"]}),
    solutions=(
        SolutionResult(0, "passed"),
        SolutionResult(1, "output_mismatch", failed_tests=(1,)),
        SolutionResult(2, "output_mismatch", failed_tests=(1,), same_as=1),
        SolutionResult(3, "output_mismatch", failed_tests=(0, 1)),
        SolutionResult(4, "runtime_error", failed_tests=(0, 1)),
    ),
    votes=(Vote(1, "2 3\n", 1, (Option("3 2", (1, 3)),), 3),),
)


def test_solutions_answer_what_the_votes_say_else_what_is_expected() -> None:
    tests, unknown = answers_in_votes(PROBLEM)
    assert [(test.given, test.expected, test.answers) for test in tests] == [
        ("a", "1\n", {0: "1\n", 1: "1\n"}),
        ("b", "2 3\n", {0: "2 3\n", 1: "3 2"}),
    ]
    assert unknown == 1  # the output of solution 3 for test 0 was not kept


def test_values_are_parsed() -> None:
    tests = dump_json({"inputs": [[1], [2]], "outputs": [1, [2, 3]]})
    votes = (Vote(1, "[2,3]", 1, (Option("[3,2]", (1,)),), 2),)
    answered, _ = answers_in_votes(replace(PROBLEM, entry_point="f", tests=tests, votes=votes))
    assert answered[1].answers == {0: [2, 3], 1: [3, 2]}


def test_a_problem_without_tests() -> None:
    assert answers_in_votes(replace(PROBLEM, tests="", solutions=(), votes=())) == ([], 0)
