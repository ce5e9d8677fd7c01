"""Name the cause of a verdict that changed: by what was measured, and by what repeats show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.verdict_causes import Cause, Judged, Repeats, cause_of
from harness.sandbox.execution import Limits

LIMITS = Limits(cpu_seconds=4.0, wall_seconds=40.0)
PASSED = Judged("passed", slowest=0.1, answers="a")
WRONG = Judged("wrong_answer", slowest=0.1, answers="b")
SLOW = replace(PASSED, slowest=3.7)
LATE = Judged("timeout", timed_out=4.01, answers="t")
RAISED = Judged("runtime_error", exception="MemoryError", answers="m")


def cause(first: Judged, other: Judged, repeats: Repeats | None = None) -> Cause:
    """Return the cause of a change, which is the same in both directions."""
    repeats = repeats or Repeats()
    found = cause_of(first, other, repeats, LIMITS)
    assert cause_of(other, first, repeats, LIMITS) is found
    return found


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (replace(LATE, timed_out=0.2), Cause.SLEPT),
        (replace(LATE, timed_out=3.0, unsure=True), Cause.WAITED),
        (Judged("memory_limit"), Cause.MEMORY),
        (RAISED, Cause.MEMORY),
        (Judged("thread_limit"), Cause.SHARED_LIMIT),
        (Judged("process_limit"), Cause.SHARED_LIMIT),
        (Judged("scratch_limit"), Cause.SHARED_LIMIT),
        (Judged("runtime_error", exception="SIGKILL"), Cause.KILLED),
        (Judged("compile_error", exception="CompilerCrash"), Cause.KILLED),
        (Judged("harness_error"), Cause.SANDBOX),
        (Judged("", fault="KeyError: 'x'"), Cause.OURS),
        (WRONG, Cause.UNEXPLAINED),
    ],
)
def test_the_cause_that_two_runs_show(other: Judged, expected: Cause) -> None:
    assert cause(PASSED, other) is expected


def test_processor_time_near_the_limit() -> None:
    assert cause(SLOW, LATE) is Cause.PROCESSOR_TIME
    assert cause(SLOW, LATE, Repeats([SLOW, LATE], [LATE, LATE])) is Cause.PROCESSOR_TIME


def test_processor_time_far_from_the_limit_is_not_near_it() -> None:
    assert cause(PASSED, LATE) is Cause.UNEXPLAINED
    assert cause(PASSED, LATE, Repeats([PASSED, PASSED], [PASSED])) is Cause.UNEXPLAINED


def test_a_program_whose_own_time_varies_is_not_put_down_to_the_limit() -> None:
    assert cause(SLOW, LATE, Repeats([PASSED, LATE])) is Cause.NONDETERMINISM


def test_nondeterminism_is_shown_by_repeats_alone() -> None:
    assert cause(PASSED, WRONG, Repeats([PASSED, WRONG], [PASSED])) is Cause.NONDETERMINISM
    assert cause(PASSED, WRONG, Repeats([WRONG, replace(WRONG, answers="c")], [])) is Cause.NONDETERMINISM


def test_a_program_that_differs_under_load_only() -> None:
    assert cause(PASSED, WRONG, Repeats([PASSED] * 5, [WRONG] * 4 + [PASSED])) is Cause.LOAD


def test_few_differences_under_load_do_not_show_that_load_caused_them() -> None:
    assert cause(PASSED, WRONG, Repeats([PASSED], [WRONG])) is Cause.NONDETERMINISM
    assert cause(PASSED, WRONG, Repeats([PASSED] * 5, [WRONG] * 2 + [PASSED] * 3)) is Cause.NONDETERMINISM


def test_repeats_that_agree_explain_nothing() -> None:
    assert cause(PASSED, WRONG, Repeats([PASSED, PASSED], [PASSED, PASSED])) is Cause.UNEXPLAINED


def test_an_error_of_the_sandbox_among_the_repeats_does_not_make_a_program_nondeterministic() -> None:
    broken = Judged("harness_error", answers="h")
    assert cause(PASSED, WRONG, Repeats([PASSED, broken], [])) is Cause.UNEXPLAINED


def test_a_fault_of_ours_comes_before_every_other_cause() -> None:
    assert cause(Judged("", fault="ValueError: x"), Judged("harness_error")) is Cause.OURS
    assert cause(LATE, Judged("harness_error")) is Cause.SANDBOX


def test_a_row_of_the_journal_comes_back_as_it_was_written() -> None:
    assert Judged.from_row(LATE.to_row()) == LATE


def test_repeats_are_described_with_their_verdicts_and_times() -> None:
    text = str(Repeats([SLOW, LATE], []))
    assert text == "alone 1 passed, 1 timeout (different answers: 2, 3.70 to 4.01 s)"
