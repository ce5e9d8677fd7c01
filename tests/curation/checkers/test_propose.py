"""Proposals of a checker: the strictest that accepts the solutions' outputs and rejects mutated ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from apps_plus.problem import dump_json
from curation.checkers.answered_tests import AnsweredTest
from curation.checkers.catalogue import load_check
from curation.checkers.proposal import CheckerProposal
from curation.checkers.propose import propose, propose_for_item
from curation.records import Option, SolutionResult, Suggestion, VerifiedProblem, Vote
from curation.review_decisions import Changes

ANY_ORDER = "Print the boats on the lake in any order."
ANY_ANSWER = "Print the least cost, then a plan. If there are several plans, print any of them."
ONE_ANSWER = "Print the names of the boats."


def answered(expected: Any, *others: Any, given: Any = "7 x\n") -> list[AnsweredTest]:
    """One test: solution 0 gives the expected output, the others what they are given."""
    return [AnsweredTest(given, expected, dict(enumerate((expected, *others))))]


def proposed(question: str, tests: list[AnsweredTest], call_based: bool = False, **more: Any) -> CheckerProposal:
    found = propose(question, tests, call_based, **more)
    assert found is not None
    return found


CASES: dict[str, tuple[str, list[AnsweredTest], str]] = {
    "white space": (ONE_ANSWER, answered("ann bob\n3", "ann\nbob\n3", "ann bob 3"), "tokens"),
    "yes in any case": (ONE_ANSWER, answered("Yes Ann", "YES Ann", "yes Ann"), "yes_or_no_in_any_case"),
    "letters in any case": (ONE_ANSWER, answered("Ann 3\nBob 4", "ANN 3\nBOB 4", "ann 3\nbob 4"), "case"),
    "a tolerance": (ONE_ANSWER, answered("2.5", "2.5000000001", "2.50000000001"), "numbers_within_tolerance"),
    "a usual tolerance": (ONE_ANSWER, answered("ann 2.5", "ann 2.5000001", "ann 2.50000001"), "float"),
    "rounding": (ONE_ANSWER, answered("ann 2.35 7", "ann 2.349 7", "ann 2.3512 7"), "numbers_rounded_as_expected"),
    "any order": (ANY_ORDER, answered("ann 3\nbob 5\ncat 9", "cat 9\nbob 5\nann 3"), "unordered"),
    "words of lines": (
        ANY_ORDER + " Each lake is on a line.",
        answered("ann bob\ncat dan\neve", "bob ann\ndan cat\neve", "bob ann\ncat dan\neve"),
        "any_order_of_words_in_lines",
    ),
    "lines and words": (
        ANY_ORDER,
        answered("ann bob\ncat dan\neve", "eve\ndan cat\nbob ann", "cat dan\neve\nbob ann"),
        "any_order_of_lines_and_words",
    ),
    "the objective": (ANY_ANSWER, answered("3\n10 20 30", "3\n11 22 33", "3\n9 8 7", "3\n1 5 6"), "same_first_line"),
    "the counts": (ANY_ANSWER, answered("11 12\n13", "21 27\n23", "31 99\n33", "1 4\n6"), "same_number_of_words"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_strictest_checker_that_fits_is_proposed(name: str) -> None:
    question, tests, expected = CASES[name]
    found = proposed(question, tests)
    assert found.name == expected
    assert (found.accepted, found.solutions, found.passing) == (len(tests[0].answers), len(tests[0].answers), 1)
    assert found.rejected <= found.mutated
    assert bool(found.source) == (found.comparison == "checker")


def test_lists_in_any_order_at_every_level() -> None:
    groups = [["ann", "bob"], ["cat"], ["dan", "eve"]]
    tests = answered(
        groups, [["cat"], ["bob", "ann"], ["eve", "dan"]], [["eve", "dan"], ["cat"], ["ann", "bob"]], given=[7]
    )
    assert proposed(ANY_ORDER, tests, call_based=True).name == "any_order_at_every_level"
    tests = answered(groups, [["cat"], ["ann", "bob"], ["dan", "eve"]], given=[7])
    assert proposed(ANY_ORDER, tests, call_based=True).comparison == "unordered"


def test_the_evidence_in_a_sentence() -> None:
    lines = ["ann 3", "bob 5", "cat 9", "dan 4"]
    tests = answered("\n".join(lines), "\n".join(lines[::-1]), "\n".join(sorted(lines, key=len)[1:] + lines[:1]))
    found = proposed(ANY_ORDER, tests, unknown=2)
    swaps = found.mutated - found.rejected
    assert swaps > 0
    assert found.evidence == (
        f"accepts 3 of 3 solutions' outputs, rejects {found.rejected} of {found.mutated} mutated ones "
        f"(not: {swaps} swapped); outputs of 2 more solutions were not kept"
    )
    assert found.because == "the statement allows any order, and 2 of 3 solutions give other outputs than expected"
    assert found.changes == Changes(comparison="unordered")


def test_a_solution_that_stands_alone_may_be_wrong_but_two_that_agree_may_not() -> None:
    right = ["cat 9\nbob 5\nann 3", "bob 5\nann 3\ncat 9"] * 6
    found = proposed(ANY_ORDER, answered("ann 3\nbob 5\ncat 9", *right, "cat 9"))
    assert (found.accepted, found.solutions) == (13, 14)
    assert propose(ANY_ORDER, answered("ann 3\nbob 5\ncat 9", *right, "cat 9", "cat 9"), False) is None


def test_nothing_is_proposed_without_a_sign_of_several_answers() -> None:
    assert propose(ONE_ANSWER, answered("ann 3", "ann 3", "ann 3"), False) is None
    assert propose(ONE_ANSWER, answered("ann 3", "ann 4", "ann 4"), False) is None
    assert propose(ONE_ANSWER, answered("3\n10 20 30", "3\n11 22 33", "3\n9 8 7"), False) is None
    assert proposed(ONE_ANSWER, answered("3\n10 20 30", "3\n11 22 33", "3\n9 8 7"), several=True).caution
    assert propose(ONE_ANSWER, [], False) is None
    assert propose(ANY_ORDER, answered("ann 3\nbob 4"), False) is None  # one solution proves nothing


def test_the_words_alone_free_the_order() -> None:
    found = proposed(ANY_ORDER, answered("ann 3\nbob 5\ncat 9", "ann 3\nbob 5\ncat 9"))
    assert found.comparison == "unordered"
    assert found.because == "the statement allows any order"


def test_the_order_is_not_freed_where_it_is_the_answer() -> None:
    tests = answered("3 1 2 4", "4 3 1 2", "2 1 3 4", given="4\n")
    assert propose("Print how the boats leave.", tests, False) is None
    assert proposed(ANY_ANSWER, tests).caution
    assert proposed("Print how the boats leave.", tests, several=True).caution == "the order seems to be the answer"
    assert proposed("Print the boats in any order.", tests).caution == ""


def test_any_such_permutation_is_only_a_start() -> None:
    tests = answered("ann bob cat dan", "dan bob ann cat", "cat ann dan bob", "bob cat dan ann")
    found = proposed("If there are several orders of the boats, print any of them.", tests)
    assert found.caution == "the statement allows several answers, but not any order"
    assert found.title.endswith("(caution: the statement allows several answers, but not any order)")


def test_known_answers_need_two_solutions_each() -> None:
    others = ("left", "left", "right", "right")
    found = proposed("If several sides are right, print any of them.", answered("mid", *others))
    assert found.name == "any_known_answer"
    assert found.caution == "it refuses right answers that no two solutions give"
    check = load_check(found.source)
    assert [check("7 x\n", "mid", side) for side in ("left", "right", "mid", "up")] == [True, True, True, False]
    assert proposed("If several sides are right, print any of them.", answered("mid", *others, "up")).name != found.name


def test_outputs_that_are_too_long_are_left_alone() -> None:
    assert propose(ANY_ORDER, answered("1 " * 400_000, "2 " * 400_000, "3 " * 400_000), False) is None


def item(suggestion: Suggestion | None, **more: Any) -> VerifiedProblem:
    expected, other = "ann 3\nbob 5\ncat 9", "cat 9\nbob 5\nann 3"
    problem = VerifiedProblem(
        problem_id="train/0001",
        raw_split="train",
        difficulty="interview",
        url="",
        question=ANY_ORDER,
        starter_code="",
        tests=dump_json({"inputs": ["7 x\n"], "outputs": [expected]}),
        solutions=(SolutionResult(0, "passed"), SolutionResult(1, "output_mismatch", failed_tests=(0,))),
        votes=(Vote(0, expected, 1, (Option(other, (1,)),), 2),),
        suggestion=suggestion,
    )
    return replace(problem, **more)


def test_an_item_of_the_queue() -> None:
    found = propose_for_item(item(Suggestion("look", "several answers", votes="1/2")))
    assert found is not None
    assert (found.comparison, found.accepted) == ("unordered", 2)
    assert propose_for_item(item(Suggestion("comparison", "another order", comparison="unordered"))) is None
    assert propose_for_item(item(None, tests="")) is None
    assert propose_for_item(item(None, blocked_by="missing_tests")) is None


def test_a_proposal_is_no_part_of_the_digest_and_survives_json() -> None:
    problem = item(Suggestion("look", "several answers", votes="1/2"))
    found = propose_for_item(problem)
    assert found is not None
    assert CheckerProposal.from_json(found.to_json()) == found
    assert CheckerProposal.from_json(None) is None
    assert "checker_proposal" not in problem.to_json()
