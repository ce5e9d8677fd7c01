"""Summarise judged tests as one outcome."""

from __future__ import annotations

from harness.judging.judge import JudgedTest
from harness.judging.judged_program import summarize_tests
from harness.judging.verdict import Verdict
from harness.sandbox.execution import Ended, Execution


def judged(verdict: Verdict, lines: frozenset[int] | None = None, **fields: object) -> JudgedTest:
    return JudgedTest(verdict, Execution(Ended.FINISHED, seconds=0.25, lines=lines, **fields))  # type: ignore[arg-type]


PASSED = judged(Verdict.PASSED, frozenset({1}))
WRONG = judged(Verdict.WRONG_ANSWER, frozenset({1, 2}))
RAISED = judged(Verdict.RUNTIME_ERROR, frozenset({1, 3}), exception="ValueError", line=3)


def test_the_worst_verdict_counts_and_its_test_gives_the_error() -> None:
    outcome = summarize_tests([PASSED, WRONG, RAISED, RAISED])
    assert (outcome.verdict, outcome.passed, outcome.worst_test) == (Verdict.RUNTIME_ERROR, False, 2)
    assert (outcome.error_type, outcome.error_line) == ("ValueError", 3)


def test_failed_tests_are_listed_in_order_and_counted() -> None:
    outcome = summarize_tests([PASSED, WRONG, PASSED, RAISED])
    assert (outcome.tests_passed, outcome.tests_total, outcome.failed_tests) == (2, 4, (1, 3))


def test_seconds_and_executed_lines_are_those_of_all_tests() -> None:
    outcome = summarize_tests([PASSED, WRONG, RAISED])
    assert (outcome.seconds, outcome.executed) == (0.75, frozenset({1, 2, 3}))


def test_executed_lines_are_unknown_where_one_test_was_not_traced() -> None:
    assert summarize_tests([PASSED, judged(Verdict.PASSED)]).executed is None


def test_a_program_that_passes_everything_has_no_error() -> None:
    outcome = summarize_tests([PASSED, PASSED])
    assert (outcome.passed, outcome.failed_tests, outcome.error_type, outcome.error_line) == (True, (), "", None)


def test_no_tests_are_passed() -> None:
    outcome = summarize_tests([])
    assert (outcome.verdict, outcome.tests_total, outcome.seconds) == (Verdict.PASSED, 0, 0)
