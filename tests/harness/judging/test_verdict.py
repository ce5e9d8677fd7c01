"""Verdicts of executions, and their rewards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_plus.problem import Comparison
from harness.judging.verdict import CATEGORIES, REWARDS, Expected, Value, Verdict, value_of, verdict_of, worst
from harness.sandbox.execution import Ended, Execution

PRINTED = Execution(Ended.FINISHED, output="42\n")
RETURNED = Execution(Ended.FINISHED, result="[1, [2, null]]")


def test_every_verdict_has_a_category_and_a_reward() -> None:
    assert set(CATEGORIES) == set(REWARDS) == set(Verdict)


@pytest.mark.parametrize(
    ("category", "reward"),
    [("passed", 1.0), ("failure", -0.3), ("runtime_error", -0.6), ("compile_error", -1.0), ("harness_error", None)],
)
def test_a_category_has_the_reward_of_the_paper(category: str, reward: float | None) -> None:
    assert {REWARDS[verdict] for verdict in Verdict if CATEGORIES[verdict] == category} == {reward}


def test_the_expected_output_passes() -> None:
    assert verdict_of(PRINTED, Expected("42", call_based=False)) is Verdict.PASSED


def test_another_output_is_a_wrong_answer() -> None:
    assert verdict_of(PRINTED, Expected("43", call_based=False)) is Verdict.WRONG_ANSWER


def test_the_expected_value_passes() -> None:
    assert verdict_of(RETURNED, Expected([1, [2, None]], call_based=True)) is Verdict.PASSED


def test_the_comparison_is_the_problems() -> None:
    assert verdict_of(PRINTED, Expected("42.0", call_based=False)) is Verdict.WRONG_ANSWER
    assert verdict_of(PRINTED, Expected("42.0", False, Comparison.FLOAT)) is Verdict.PASSED


def test_a_function_that_prints_the_answer_has_not_returned_it() -> None:
    execution = Execution(Ended.FINISHED, output="42", result="null")
    assert verdict_of(execution, Expected("42", call_based=True)) is Verdict.WRONG_ANSWER


def test_none_is_a_value_and_no_value_is_not_none() -> None:
    expected = Expected(None, call_based=True)
    assert verdict_of(Execution(Ended.FINISHED, result="null"), expected) is Verdict.PASSED
    assert verdict_of(Execution(Ended.FINISHED, result_type="set"), expected) is Verdict.WRONG_ANSWER


@pytest.mark.parametrize("result", ["", "{", "nul", "[1,]", "[" * 100_000, "'x'"])
def test_a_forged_result_that_is_not_json_is_no_value(result: str) -> None:
    execution = Execution(Ended.FINISHED, result=result)
    assert value_of(execution) is None
    assert verdict_of(execution, Expected(None, call_based=True)) is Verdict.WRONG_ANSWER


def test_a_value_may_have_thousands_of_digits() -> None:
    assert value_of(Execution(Ended.FINISHED, result="1" + "0" * 9_000)) == Value(10**9_000)


@pytest.mark.parametrize(
    ("ended", "verdict"),
    [
        (Ended.COMPILE_ERROR, Verdict.COMPILE_ERROR),
        (Ended.EXCEPTION, Verdict.RUNTIME_ERROR),
        (Ended.SIGNAL, Verdict.RUNTIME_ERROR),
        (Ended.TIMEOUT, Verdict.TIMEOUT),
        (Ended.NOT_RUN, Verdict.TIMEOUT),
        (Ended.MEMORY_LIMIT, Verdict.MEMORY_LIMIT),
        (Ended.OUTPUT_LIMIT, Verdict.OUTPUT_LIMIT),
        (Ended.HARNESS_ERROR, Verdict.HARNESS_ERROR),
    ],
)
@pytest.mark.parametrize("call_based", [False, True])
def test_what_did_not_finish_has_not_passed_whatever_it_printed(
    ended: Ended, verdict: Verdict, call_based: bool
) -> None:
    execution = replace(PRINTED, ended=ended, result="42")
    assert verdict_of(execution, Expected(42 if call_based else "42", call_based)) is verdict


def test_every_way_to_end_has_a_verdict() -> None:
    for ended in Ended:
        assert verdict_of(Execution(ended), Expected("", call_based=False)) in Verdict


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        ("passed passed", "passed"),
        ("passed wrong_answer passed", "wrong_answer"),
        ("wrong_answer output_limit", "wrong_answer"),
        ("output_limit wrong_answer", "output_limit"),
        ("wrong_answer runtime_error", "runtime_error"),
        ("timeout runtime_error", "timeout"),
        ("runtime_error compile_error", "compile_error"),
        ("compile_error harness_error passed", "harness_error"),
        ("", "passed"),
    ],
)
def test_the_verdict_over_several_tests_is_the_worst_and_of_equals_the_first(verdicts: str, verdict: str) -> None:
    assert worst(map(Verdict, verdicts.split())) == verdict


@given(st.lists(st.sampled_from(Verdict), min_size=1))
def test_only_all_passed_is_passed(verdicts: list[Any]) -> None:
    assert (worst(verdicts) is Verdict.PASSED) == (set(verdicts) == {Verdict.PASSED})
    assert worst(verdicts) in verdicts
