"""The answers of solutions to the tests of a problem, as far as they are known: what a proposal is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps_plus.problem import load_json
from curation.records import Reason, SolutionResult, VerifiedProblem

PASSED = "passed"


@dataclass(frozen=True, slots=True)
class AnsweredTest:
    """One test and the answers of solutions to it."""

    given: Any
    expected: Any
    answers: Mapping[int, Any]
    """Outputs, texts or values, by the number of the solution; those that give the expected one have it too."""


def answers_in_votes(problem: VerifiedProblem) -> tuple[list[AnsweredTest], int]:
    """Return the tests with the answers that the votes hold, and the number of solutions that are not in them.

    The votes keep the most frequent other outputs of a disputed test. A solution with an output that was not kept is
    not in any test; nor are copies, and solutions that failed for another reason than their output.
    """
    tests = load_json(problem.tests) if problem.tests else {"inputs": [], "outputs": []}
    call_based = problem.entry_point is not None
    kept = {
        (vote.test, index): load_json(option.output) if call_based else option.output
        for vote in problem.votes
        for option in vote.options
        for index in option.solutions
    }
    answering = [result for result in problem.solutions if _answers(result)]
    known = [result for result in answering if all((test, result.index) in kept for test in result.failed_tests)]
    answered = [
        AnsweredTest(given, expected, {result.index: kept.get((test, result.index), expected) for result in known})
        for test, (given, expected) in enumerate(zip(tests["inputs"], tests["outputs"], strict=True))
    ]
    return answered, len(answering) - len(known)


def _answers(result: SolutionResult) -> bool:
    return result.same_as is None and result.code in (PASSED, Reason.OUTPUT_MISMATCH)
