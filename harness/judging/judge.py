"""Run a program on the tests of a problem, and give each test a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from apps_plus.problem import Comparison, DictKeys, Problem
from harness.judging.stateless_scripts import is_stateless
from harness.judging.verdict import Expected, Verdict, expect, value_of, verdict_of, verdict_of_check, worst
from harness.sandbox import Sandbox
from harness.sandbox.execution import MISSING_ENTRY_POINT, Checks, Ended, Execution, Limits, Program


@dataclass(frozen=True, slots=True)
class JudgedTest:
    """The verdict of one test and its execution."""

    verdict: Verdict
    execution: Execution


def judge(
    sandbox: Sandbox, source: str, problem: Problem, limits: Limits | None = None, *, trace: bool | None = None
) -> list[JudgedTest]:
    """Run a program on every test of a released problem; return one verdict for each.

    ``trace`` is as in ``Sandbox.execute``.
    """
    program = Program(source, problem.entry_point)
    call_based = problem.entry_point is not None
    expected = expect(problem.tests.outputs, call_based, problem.rule)
    if problem.comparison is Comparison.CHECKER:
        executions = sandbox.execute(program, problem.tests.inputs, limits, dict_keys=problem.dict_keys, trace=trace)
        return [_judge_by_checker(sandbox, problem, i, execution) for i, execution in enumerate(executions)]
    executions = run_confirmed(
        sandbox,
        program,
        problem.tests.inputs,
        lambda i, execution: verdict_of(execution, expected[i]),
        limits,
        dict_keys=problem.dict_keys,
        trace=trace,
    )
    return [JudgedTest(verdict_of(execution, expected[i]), execution) for i, execution in enumerate(executions)]


def judge_checks(sandbox: Sandbox, program: Program, checks: Checks, limits: Limits | None = None) -> JudgedTest:
    """Run a program with tests that are code, such as HumanEval's and MBPP's."""
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
    trace: bool | None = None,
) -> list[Execution]:
    """Run a program on each input, and confirm that no failure was caused by an earlier input in the same process.

    Of the inputs that failed after others in their process, the first and the worst run again alone. If that changes
    a verdict, every input runs alone. A script that leaves no state (``stateless_scripts``) needs no confirmation where
    it ended by itself.
    """

    def run(given: Sequence[Any], trace: bool | None = trace) -> list[Execution]:
        return sandbox.execute(program, given, limits, seed=seed, dict_keys=dict_keys, trace=trace)

    executions = run(inputs)
    verdicts = [verdict(i, execution) for i, execution in enumerate(executions)]
    suspected = suspects(executions, (i for i, v in enumerate(verdicts) if v is not Verdict.PASSED))
    if suspected and program.entry_point is None and is_stateless(program.source):
        suspected = [i for i in suspected if executions[i].ended not in _BY_ITSELF]
    if suspected:
        worst_verdict = worst(verdicts[i] for i in suspected)
        for i in sorted({suspected[0], next(i for i in suspected if verdicts[i] is worst_verdict)}):
            [again] = run([inputs[i]], trace=False)  # the first run traced the lines
            if verdict(i, again) is not verdicts[i]:
                return [run([given])[0] for given in inputs]
    return executions


_BY_ITSELF = {Ended.FINISHED, Ended.EXCEPTION}
"""Ends that no memory or time causes which earlier inputs took."""


def suspects(executions: Sequence[Execution], failed: Iterable[int]) -> list[int]:
    """Return the failed inputs that ran after others in the same process, which may have caused the failure."""
    return [i for i in failed if not executions[i].alone]


_OVERLOADED = {Ended.TIMEOUT, Ended.MEMORY_LIMIT, Ended.OUTPUT_LIMIT, Ended.SIGNAL}
"""Ends of a checker that may be caused by too large an output."""


def _judge_by_checker(sandbox: Sandbox, problem: Problem, test: int, execution: Execution) -> JudgedTest:
    """Judge an execution with the problem's checker, which runs in the sandbox too."""
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
    if verdict is Verdict.HARNESS_ERROR and answer.ended in _OVERLOADED:
        on_expected = sandbox.execute(checker, [[*question[:2], problem.tests.outputs[test]]])[0]
        if verdict_of_checker(on_expected) is not Verdict.HARNESS_ERROR:  # the program's output overloaded it
            verdict = Verdict.WRONG_ANSWER
    return JudgedTest(verdict, answer if verdict is Verdict.HARNESS_ERROR else execution)


def verdict_of_checker(answer: Execution) -> Verdict:
    """Return the verdict from a checker's run: wrong answer if it raised, harness error if it failed otherwise."""
    if answer.ended is Ended.EXCEPTION and answer.exception != MISSING_ENTRY_POINT:
        return Verdict.WRONG_ANSWER
    if answer.ended is not Ended.FINISHED or answer.result not in ("true", "false"):
        return Verdict.HARNESS_ERROR
    return Verdict.PASSED if answer.result == "true" else Verdict.WRONG_ANSWER
