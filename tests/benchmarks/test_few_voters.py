"""Test the report on tests that few voters elect."""

from __future__ import annotations

from apps_plus.problem import GeneratedTest, Tests
from benchmarks.few_voters import report
from curation.generated_tests.strengthened import HeldOutFailure, StrengthenedProblem


def strengthened(problem_id: str, held_out: int, *failures: tuple[int, int]) -> StrengthenedProblem:
    """Return a problem with two generated tests, 5 and 6; each failure is a solution and a test."""
    generated = tuple(GeneratedTest(test, "small", "seen", 0, 2, 2) for test in (5, 6))
    return StrengthenedProblem(
        problem_id,
        tests=Tests(([1], [2]), (3, 4), generated),
        held_out=tuple(range(held_out)),
        failures=tuple(HeldOutFailure(solution, test, "") for solution, test in failures),
    )


def test_the_report_counts_solutions_once_and_shows_the_input_that_most_fail():
    results = [
        strengthened("a", 10, (3, 5)),
        strengthened("b", 6),
        strengthened("c", 4, (0, 5), (0, 6), (1, 6)),
        StrengthenedProblem("d"),
    ]
    totals, share, *problems = report(results)
    assert totals == "3 of 4 problems got tests"
    assert share == "3 of 20 held-out solutions fail one (15.00%)"
    assert problems == [
        "c 2 of 4 solutions fail 2 of 2 tests; 2 fail '[2]'",
        "a 1 of 10 solutions fail 1 of 2 tests; 1 fail '[1]'",
    ]
