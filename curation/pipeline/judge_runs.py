"""Give the executions of solutions their verdicts: by comparing outputs, or by a reviewer's checker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import ComparisonRule, DictKeys
from curation.pipeline.run_solutions import Runner, SolutionRun
from harness.judging.judge import verdict_of_checker
from harness.judging.verdict import Expected, Verdict, expect, value_of, verdict_of
from harness.sandbox.execution import Ended, Execution

Judge = Callable[[Sequence[Execution]], list[Verdict]]
"""Returns a verdict for each execution of one program, one per test."""


def judge_by_comparison(outputs: Sequence[Any], call_based: bool, rule: ComparisonRule) -> Judge:
    """Return a judge that compares with the expected outputs."""
    expected = expect(outputs, call_based, rule)
    return lambda executions: verdicts_of(executions, expected)


def verdicts_of(executions: Sequence[Execution], expected: Sequence[Expected]) -> list[Verdict]:
    """Return the verdict of each execution on its test."""
    return [verdict_of(execution, test) for execution, test in zip(executions, expected, strict=True)]


def judge_by_checker(problem_id: str, runner: Runner, outputs: Sequence[Any], checker: str) -> Judge:
    """Return a judge that runs a program: ``check(input, expected, actual) -> bool``.

    The judge raises InputError if the checker itself does not work.
    """
    checker_runner = replace(runner, entry_point="check", inputs=(), dict_keys=DictKeys.STR)

    def verdict(given: Any, output: Any, execution: Execution) -> Verdict:
        value = value_of(execution)
        if execution.ended is not Ended.FINISHED or (runner.entry_point is not None and value is None):
            return verdict_of(execution, Expected(None, call_based=True))
        actual = execution.output if runner.entry_point is None or value is None else value.value
        answer = checker_runner.run_on(checker, [[given, output, actual]])[0]
        verdict = verdict_of_checker(answer)
        if verdict is Verdict.HARNESS_ERROR:
            failure = f"{answer.exception}: {answer.message}".strip(": ") or str(answer.ended)
            raise InputError(f"the checker that a decision gives {problem_id} does not work ({failure}): retract it")
        return verdict

    return lambda executions: list(map(verdict, runner.inputs, outputs, executions))


def judge_runs(runs: Sequence[SolutionRun], judge: Judge) -> None:
    """Give every solution the verdicts of a judge; a copy has those of the original. No solution runs."""
    for run in runs:
        run.verdicts = runs[run.same_as].verdicts if run.same_as is not None else judge(run.executions)
