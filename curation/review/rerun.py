"""Run solutions, or a checker, on the tests of an item as they are now: what a reviewer sees before deciding."""

from __future__ import annotations

from dataclasses import dataclass

from apps_plus.errors import InputError, WorkError
from apps_plus.problem import load_json
from curation.pipeline.run_solutions import HarnessFaultError
from curation.records import VerifiedProblem
from curation.review.changes import number_range
from curation.review.queue import Item
from curation.review.solution_answers import RerunResult, tests_of
from curation.review.trial import TRIAL_LIMITS, make_runner
from harness.judging.verdict import expect, is_same, value_of
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Execution, Limits, Program

CHECKED_TESTS = 20
"""Tests on whose expected output a new checker is called."""
ENDED_CHARACTERS = 80
"""Longest text about how a run ended."""


@dataclass(frozen=True, slots=True)
class SolutionOutput:
    """The answer of one solution on one test."""

    text: str | None
    """The printed output, or the returned value as JSON text; None if there is none."""
    ended: Ended
    detail: str = ""
    """The exception and its message, if one was raised."""


def run_solution(
    sandbox: Sandbox, item: Item, solution: int, test: int | None = None, limits: Limits = TRIAL_LIMITS
) -> list[SolutionOutput]:
    """Run one solution on one test, or on every test if ``test`` is None.

    Raises:
        InputError: There is no such solution or test, or the build kept no sources.
        WorkError: The sandbox does not start, or failed.
    """
    problem = item.problem
    source = solution_source(problem, solution)
    runner, _ = make_runner(sandbox, problem, limits)
    if test is not None:
        require_test(problem, test)
    inputs = runner.inputs if test is None else [runner.inputs[test]]
    try:
        executions = runner.run_on(source, inputs)
    except HarnessFaultError as error:
        raise WorkError(f"{problem.problem_id} could not be run: harness error ({error}): try again") from error
    return [_output_of(execution, problem.entry_point is not None) for execution in executions]


def _output_of(execution: Execution, call_based: bool) -> SolutionOutput:
    detail = f"{execution.exception}: {execution.message}".strip(": ")
    if call_based:
        text = execution.result
    else:
        text = execution.output if execution.ended is Ended.FINISHED or execution.output else None
    return SolutionOutput(text, execution.ended, detail)


def require_test(problem: VerifiedProblem, test: int) -> int:
    """Return the number of a test. Raises InputError if the problem has no test with that number."""
    count = len(load_json(problem.tests)["inputs"]) if problem.tests else 0
    if not 0 <= test < count:
        raise InputError(f"{problem.problem_id} has no test {test}: {number_range(count, 'test')}")
    return test


def solution_source(problem: VerifiedProblem, solution: int) -> str:
    """Return the source of a solution; a copy has that of the first. Raises InputError if the build kept none."""
    result = next((result for result in problem.solutions if result.index == solution), None)
    key = str(solution if result is None or result.same_as is None else result.same_as)
    if result is None or key not in problem.sources:
        raise InputError(f"{problem.problem_id}: the build kept no source of a solution {solution}")
    return problem.sources[key]


def rerun_solutions(sandbox: Sandbox, item: Item, test: int, limits: Limits) -> dict[int, RerunResult]:
    """Run every solution except copies on one test; return the results by solution number."""
    results = [result for result in item.problem.solutions if result.same_as is None]
    return {
        result.index: judge_output(item.problem, test, run_solution(sandbox, item, result.index, test, limits)[0])
        for result in results
    }


def judge_output(problem: VerifiedProblem, test: int, output: SolutionOutput) -> RerunResult:
    """Compare what a solution gives on a test with the expected output."""
    if output.ended is not Ended.FINISHED or output.text is None:
        detail = f": {output.detail}" if output.detail else ""
        return RerunResult(None, False, f"{str(output.ended).replace('_', ' ')}{detail}"[:ENDED_CHARACTERS])
    call_based = problem.entry_point is not None
    expected = expect(tests_of(problem).outputs, call_based, problem.rule)[test]
    return RerunResult(output.text, is_same(expected, load_json(output.text) if call_based else output.text))


def checker_warning(sandbox: Sandbox, item: Item, checker: str, limits: Limits) -> str:
    """Return a warning if a checker rejects, or raises on, the expected outputs themselves; else an empty text.

    In a build and in a trial a checker that raises counts as False, so that its author would not see the exception.
    """
    tests = tests_of(item.problem)
    calls = [[given, output, output] for given, output in zip(tests.inputs, tests.outputs, strict=True)]
    for test, execution in enumerate(sandbox.execute(Program(checker, "check"), calls[:CHECKED_TESTS], limits)):
        if execution.ended is not Ended.FINISHED:
            error = f"{execution.exception}: {execution.message}".strip(": ") or str(execution.ended)
            line = f", line {execution.line}" if execution.line else ""
            return f"called on test {test}'s own expected output, the checker ends with {error}{line}"
        value = value_of(execution)
        if value is None or value.value is not True:
            return f"the checker does not return True for test {test}'s own expected output"
    return ""
