"""Verdicts, their categories and rewards, and the verdict of an execution. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from apps_plus.problem import USUAL_TOLERANCE, Comparison, ComparisonRule, Tolerance, load_json
from harness.judging.comparison import same_text, same_value
from harness.judging.numbers import NOWHERE, Places, real_places
from harness.sandbox.execution import Ended, Execution


class Verdict(StrEnum):
    """The verdict of a program on one test or over all tests."""

    PASSED = "passed"
    WRONG_ANSWER = "wrong_answer"
    OUTPUT_LIMIT = "output_limit"
    RUNTIME_ERROR = "runtime_error"
    TIMEOUT = "timeout"
    MEMORY_LIMIT = "memory_limit"
    SCRATCH_LIMIT = "scratch_limit"
    THREAD_LIMIT = "thread_limit"
    PROCESS_LIMIT = "process_limit"
    COMPILE_ERROR = "compile_error"
    HARNESS_ERROR = "harness_error"


CATEGORIES = {
    Verdict.PASSED: "passed",
    Verdict.WRONG_ANSWER: "failure",
    Verdict.OUTPUT_LIMIT: "failure",
    Verdict.RUNTIME_ERROR: "runtime_error",
    Verdict.TIMEOUT: "runtime_error",
    Verdict.MEMORY_LIMIT: "runtime_error",
    Verdict.SCRATCH_LIMIT: "runtime_error",
    Verdict.THREAD_LIMIT: "runtime_error",
    Verdict.PROCESS_LIMIT: "runtime_error",
    Verdict.COMPILE_ERROR: "compile_error",
    Verdict.HARNESS_ERROR: "harness_error",
}
"""The paper's error categories (StepCoder, figure 4)."""

REWARDS: dict[Verdict, float | None] = {
    Verdict.PASSED: 1.0,
    Verdict.WRONG_ANSWER: -0.3,
    Verdict.OUTPUT_LIMIT: -0.3,
    Verdict.RUNTIME_ERROR: -0.6,
    Verdict.TIMEOUT: -0.6,
    Verdict.MEMORY_LIMIT: -0.6,
    Verdict.SCRATCH_LIMIT: -0.6,
    Verdict.THREAD_LIMIT: -0.6,
    Verdict.PROCESS_LIMIT: -0.6,
    Verdict.COMPILE_ERROR: -1.0,
    Verdict.HARNESS_ERROR: None,
}
"""StepCoder, equation 3; a fault of the harness gives no reward."""

_ENDED = {
    Ended.CHECK_FAILED: Verdict.WRONG_ANSWER,
    Ended.COMPILE_ERROR: Verdict.COMPILE_ERROR,
    Ended.EXCEPTION: Verdict.RUNTIME_ERROR,
    Ended.SIGNAL: Verdict.RUNTIME_ERROR,
    Ended.TIMEOUT: Verdict.TIMEOUT,
    Ended.NOT_RUN: Verdict.TIMEOUT,
    Ended.OUT_OF_BUDGET: Verdict.TIMEOUT,
    Ended.MEMORY_LIMIT: Verdict.MEMORY_LIMIT,
    Ended.OUTPUT_LIMIT: Verdict.OUTPUT_LIMIT,
    Ended.SCRATCH_LIMIT: Verdict.SCRATCH_LIMIT,
    Ended.THREAD_LIMIT: Verdict.THREAD_LIMIT,
    Ended.PROCESS_LIMIT: Verdict.PROCESS_LIMIT,
    Ended.HARNESS_ERROR: Verdict.HARNESS_ERROR,
}


@dataclass(frozen=True, slots=True)
class Expected:
    """The expected output of one test, and how to compare with it."""

    output: Any
    """The standard output as text, or the returned value."""
    call_based: bool
    comparison: Comparison = Comparison.EXACT
    tolerance: Tolerance = USUAL_TOLERANCE
    cases: str = ""
    real: Places | None = NOWHERE
    """Places where an expected integer stands for a real number, found from all outputs of the problem."""


def expect(outputs: Sequence[Any], call_based: bool, rule: ComparisonRule) -> list[Expected]:
    """Return the expected output of each test of a problem, all compared by one rule."""
    real: Places | None = NOWHERE
    if rule.comparison is Comparison.FLOAT and rule.tolerance.is_stated:
        real = real_places(outputs, call_based)
    return [Expected(output, call_based, rule.comparison, rule.tolerance, rule.cases, real) for output in outputs]


def verdict_of(execution: Execution, expected: Expected) -> Verdict:
    """Return the verdict of one execution on one test (``harness.judging.judge`` judges ``checker`` problems)."""
    if execution.ended is not Ended.FINISHED:
        return _ENDED[execution.ended]
    if not expected.call_based:
        same = is_same(expected, execution.output)
    else:
        value = value_of(execution)
        same = value is not None and is_same(expected, value.value)
    return Verdict.PASSED if same else Verdict.WRONG_ANSWER


def is_same(expected: Expected, answer: Any) -> bool:
    """Return whether an answer (text or value) equals the expected one, by the test's rule."""
    mode, tolerance, real = expected.comparison, expected.tolerance, expected.real
    if expected.call_based:
        return same_value(expected.output, answer, mode, tolerance, real)
    return same_text(expected.output, answer, mode, tolerance, expected.cases, real)


def verdict_of_check(execution: Execution) -> Verdict:
    """Return the verdict of a program whose tests are code (``Sandbox.check``): passed if they ran to the end."""
    return _ENDED.get(execution.ended, Verdict.PASSED)


@dataclass(frozen=True, slots=True)
class Value:
    """Wrapper of a returned value, since None is a value."""

    value: Any


def value_of(execution: Execution) -> Value | None:
    """Return the value that an entry point returned; None if it is not JSON-like."""
    if execution.result is None:
        return None
    try:
        return Value(load_json(execution.result))
    except (ValueError, RecursionError):
        return None


_SEVERITY = {verdict: -(REWARDS[verdict] or 0.0) for verdict in Verdict} | {Verdict.HARNESS_ERROR: 2.0}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst verdict, in the order of the rewards; of equally bad ones the first."""
    return max(verdicts, key=_SEVERITY.__getitem__, default=Verdict.PASSED)
