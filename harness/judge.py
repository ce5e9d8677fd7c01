"""Runs a program on a problem's tests and says what each one's verdict is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from apps_plus.problem import Comparison, DictKeys, Problem
from harness.execution import MISSING_ENTRY_POINT, Ended, Execution, Limits, Program
from harness.sandbox import Sandbox
from harness.verdict import Expected, Verdict, value_of, verdict_of


@dataclass(frozen=True, slots=True)
class Judged:
    """One test's verdict and the execution that it was read from."""

    verdict: Verdict
    execution: Execution


def judge(sandbox: Sandbox, source: str, problem: Problem, limits: Limits | None = None) -> list[Judged]:
    """Run a program on every test of a released problem; one verdict per test."""
    program = Program(source, problem.entry_point)
    call_based = problem.entry_point is not None
    expected = [Expected(output, call_based, problem.comparison) for output in problem.tests.outputs]
    if problem.comparison is Comparison.CHECKER:
        executions = sandbox.execute(program, problem.tests.inputs, limits, dict_keys=problem.dict_keys)
        return [_checked(sandbox, problem, i, execution) for i, execution in enumerate(executions)]
    executions = run_confirmed(
        sandbox,
        program,
        problem.tests.inputs,
        lambda i, execution: verdict_of(execution, expected[i]) is not Verdict.PASSED,
        limits,
        dict_keys=problem.dict_keys,
    )
    return [Judged(verdict_of(execution, expected[i]), execution) for i, execution in enumerate(executions)]


def run_confirmed(
    sandbox: Sandbox,
    program: Program,
    inputs: Sequence[Any],
    failed: Callable[[int, Execution], bool],
    limits: Limits | None = None,
    *,
    seed: int = 0,
    dict_keys: DictKeys = DictKeys.STR,
) -> list[Execution]:
    """Run a program on each input such that no input fails because of what an earlier call left behind.

    The first input that failed after others is run again alone. Where that changes how it ends, every input is.
    """
    executions = sandbox.execute(program, inputs, limits, seed=seed, dict_keys=dict_keys)
    suspect = first_suspect(program, executions, failed)
    if suspect is None:
        return executions
    alone = sandbox.execute(program, [inputs[suspect]], limits, seed=seed, dict_keys=dict_keys)[0]
    if failed(suspect, alone):
        return executions
    return [sandbox.execute(program, [given], limits, seed=seed, dict_keys=dict_keys)[0] for given in inputs]


def first_suspect(
    program: Program, executions: Sequence[Execution], failed: Callable[[int, Execution], bool]
) -> int | None:
    """The first input whose failure an earlier call may explain: it shared a process with one."""
    if program.entry_point is None or not executions or executions[0].ended is Ended.COMPILE_ERROR:
        return None
    first = next((i for i, execution in enumerate(executions) if failed(i, execution)), 0)
    return first or None  # nothing came before input 0


def _checked(sandbox: Sandbox, problem: Problem, test: int, execution: Execution) -> Judged:
    """Ask the problem's checker, itself a program in the sandbox."""
    if execution.ended is not Ended.FINISHED:
        return Judged(verdict_of(execution, Expected(None, False)), execution)
    value = value_of(execution) if problem.entry_point is not None else None
    if problem.entry_point is not None and value is None:
        return Judged(Verdict.WRONG_ANSWER, execution)
    actual = execution.output if value is None else value.value
    question = [problem.tests.inputs[test], problem.tests.outputs[test], actual]
    answer = sandbox.execute(Program(problem.checker, "check"), [question])[0]
    verdict = verdict_of_checker(answer)
    return Judged(verdict, answer if verdict is Verdict.HARNESS_ERROR else execution)


def verdict_of_checker(answer: Execution) -> Verdict:
    """What a checker's run says: an output that makes it raise is not acceptable; what else goes wrong is its fault."""
    if answer.ended is Ended.EXCEPTION and answer.exception != MISSING_ENTRY_POINT:
        return Verdict.WRONG_ANSWER
    if answer.ended is not Ended.FINISHED or answer.result not in ("true", "false"):
        return Verdict.HARNESS_ERROR
    return Verdict.PASSED if answer.result == "true" else Verdict.WRONG_ANSWER
