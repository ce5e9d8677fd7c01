"""Runs a program on a problem's tests and says what each one's verdict is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from apps_plus.problem import Comparison, DictKeys, Problem
from harness.judging.verdict import Expected, Verdict, expect, value_of, verdict_of, verdict_of_check, worst
from harness.sandbox import Sandbox
from harness.sandbox.execution import MISSING_ENTRY_POINT, Checks, Ended, Execution, Limits, Program


@dataclass(frozen=True, slots=True)
class JudgedTest:
    """One test's verdict and the execution that it was read from."""

    verdict: Verdict
    execution: Execution


def judge(sandbox: Sandbox, source: str, problem: Problem, limits: Limits | None = None) -> list[JudgedTest]:
    """Run a program on every test of a released problem; one verdict per test."""
    program = Program(source, problem.entry_point)
    call_based = problem.entry_point is not None
    expected = expect(problem.tests.outputs, call_based, problem.rule)
    if problem.comparison is Comparison.CHECKER:
        executions = sandbox.execute(program, problem.tests.inputs, limits, dict_keys=problem.dict_keys)
        return [_checked(sandbox, problem, i, execution) for i, execution in enumerate(executions)]
    executions = run_confirmed(
        sandbox,
        program,
        problem.tests.inputs,
        lambda i, execution: verdict_of(execution, expected[i]),
        limits,
        dict_keys=problem.dict_keys,
    )
    return [JudgedTest(verdict_of(execution, expected[i]), execution) for i, execution in enumerate(executions)]


def judge_checks(sandbox: Sandbox, program: Program, checks: Checks, limits: Limits | None = None) -> JudgedTest:
    """Run a program under tests that are code, as HumanEval's and MBPP's are."""
    execution = sandbox.check(program, checks, limits)
    return JudgedTest(verdict_of_check(execution), execution)


def run_confirmed(
    sandbox: Sandbox,
    program: Program,
    inputs: Sequence[Any],
    verdict: Callable[[int, Execution], Verdict],
    limits: Limits | None = None,
    *,
    seed: int = 0,
    dict_keys: DictKeys = DictKeys.STR,
) -> list[Execution]:
    """Run a program on each input such that no verdict over all of them hangs on what an earlier input left behind.

    Of the inputs that failed after others in their process, the first and the one that failed worst are run again
    alone. Where that changes a verdict, every input is run alone.
    """

    def run(given: Sequence[Any], trace: bool | None = None) -> list[Execution]:
        return sandbox.execute(program, given, limits, seed=seed, dict_keys=dict_keys, trace=trace)

    executions = run(inputs)
    verdicts = [verdict(i, execution) for i, execution in enumerate(executions)]
    suspected = suspects(executions, (i for i, v in enumerate(verdicts) if v is not Verdict.PASSED))
    if suspected:
        gravest = worst(verdicts[i] for i in suspected)
        for i in sorted({suspected[0], next(i for i in suspected if verdicts[i] is gravest)}):
            [again] = run([inputs[i]], trace=False)  # which lines run is known already
            if verdict(i, again) is not verdicts[i]:
                return [run([given])[0] for given in inputs]
    return executions


def suspects(executions: Sequence[Execution], failed: Iterable[int]) -> list[int]:
    """Those of the failed inputs that others ran before in the same process: these may be to blame."""
    return [i for i in failed if not executions[i].alone]


_OVERCOME = {Ended.TIMEOUT, Ended.MEMORY_LIMIT, Ended.OUTPUT_LIMIT, Ended.SIGNAL}
"""How a checker ends that was given more than it can take."""


def _checked(sandbox: Sandbox, problem: Problem, test: int, execution: Execution) -> JudgedTest:
    """Ask the problem's checker, itself a program in the sandbox."""
    if execution.ended is not Ended.FINISHED:
        return JudgedTest(verdict_of(execution, Expected(None, False)), execution)
    value = value_of(execution) if problem.entry_point is not None else None
    if problem.entry_point is not None and value is None:
        return JudgedTest(Verdict.WRONG_ANSWER, execution)
    actual = execution.output if value is None else value.value
    question = [problem.tests.inputs[test], problem.tests.outputs[test], actual]
    checker = Program(problem.checker, "check")
    answer = sandbox.execute(checker, [question])[0]
    verdict = verdict_of_checker(answer)
    if verdict is Verdict.HARNESS_ERROR and answer.ended in _OVERCOME:
        right = sandbox.execute(checker, [[*question[:2], problem.tests.outputs[test]]])[0]
        if verdict_of_checker(right) is not Verdict.HARNESS_ERROR:  # it is the output that is too much for it
            verdict = Verdict.WRONG_ANSWER
    return JudgedTest(verdict, answer if verdict is Verdict.HARNESS_ERROR else execution)


def verdict_of_checker(answer: Execution) -> Verdict:
    """What a checker's run says: an output that makes it raise is not acceptable; what else goes wrong is its fault."""
    if answer.ended is Ended.EXCEPTION and answer.exception != MISSING_ENTRY_POINT:
        return Verdict.WRONG_ANSWER
    if answer.ended is not Ended.FINISHED or answer.result not in ("true", "false"):
        return Verdict.HARNESS_ERROR
    return Verdict.PASSED if answer.result == "true" else Verdict.WRONG_ANSWER
