"""Tries a reviewer's changes before they are decided: every solution runs again, on the tests as changed.

The steps are those of a build (``curation.pipeline.steps.JUDGE_STEPS``), on the tests and repaired sources in its
folder: the result of a trial is that of the next build.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from apps_plus.errors import InputError, WorkError
from apps_plus.problem import DictKeys, load_json
from curation.pipeline.problem_state import ProblemState
from curation.pipeline.run_again import confirm_exactly
from curation.pipeline.run_solutions import HarnessFaultError, Runner, SolutionRun
from curation.pipeline.steps import JUDGE_STEPS
from curation.records import SolutionResult, VerifiedProblem
from curation.review.accepted_outputs import Accepted, accepted_example, explain_none
from curation.review.changes import fit_changes, numbered
from curation.review.queue import Item
from curation.review_decisions import Changes
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Execution, Limits, Program

TRIAL_LIMITS = Limits(program_seconds=6.0)
"""Those of a build, unless the build was told others (``Queue.limits``)."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What the solutions make of the tests as changed."""

    before: tuple[SolutionResult, ...]
    """As the build found them."""
    after: tuple[SolutionResult, ...]
    """On the tests as changed; empty where nothing could be run."""
    canonical: int | None
    """The solution that would be released."""
    problem: VerifiedProblem
    """With the changes; the problem as it was where nothing could be run."""
    changes: Changes
    """As they would be decided (``fit_changes``)."""
    error: str = ""
    """Why no build can apply the changes, in one line; empty where one can."""
    accepted: Accepted | None = None
    """Where the comparison is changed: an output that it accepts besides the expected one."""
    accepts_no_other: str = ""
    """Why it accepts none, where that is worth saying."""

    @property
    def passed_before(self) -> int:
        """How many solutions passed, copies aside."""
        return count_passing(self.before)

    @property
    def passed_after(self) -> int:
        """How many solutions pass now, copies aside."""
        return count_passing(self.after)


def count_passing(results: Sequence[SolutionResult]) -> int:
    """How many solutions pass, copies aside."""
    return sum(result.code == "passed" and result.same_as is None for result in results)


def count_different(results: Sequence[SolutionResult]) -> int:
    """How many solutions there are, copies aside."""
    return sum(result.same_as is None for result in results)


def try_changes(sandbox: Sandbox, item: Item, changes: Changes, limits: Limits = TRIAL_LIMITS) -> Trial:
    """Run every solution of an item again, on its tests as changed. Nothing is decided.

    What does not fit the problem, and what no solution passes, is the trial's ``error``.

    Raises:
        WorkError: The sandbox does not start, or failed.
    """
    before = item.problem.solutions
    failed = Trial(before, (), None, item.problem, changes)
    try:
        fitted = fit_changes(item.problem, changes)
        problem = run_changed(sandbox, item.problem, fitted, limits)
    except InputError as error:
        told = str(error).removesuffix(": retract it")  # nothing is decided that could be
        return replace(failed, error=told + _where_it_fails(sandbox, changes.checker, limits))
    except HarnessFaultError as error:
        raise WorkError(
            f"{item.problem.problem_id} could not be run, for a fault of ours ({error}): try again"
        ) from error
    trial = Trial(before, problem.solutions, problem.canonical, problem, fitted, _why_not(problem, fitted))
    if not fitted.comparison:
        return trial
    accepted = accepted_example(problem, problem.rule)
    return replace(trial, accepted=accepted, accepts_no_other="" if accepted else explain_none(problem.rule))


def _where_it_fails(sandbox: Sandbox, checker: str, limits: Limits) -> str:
    """The line of a checker that is no Python; empty where it is, or there is none."""
    if not checker.strip():
        return ""
    execution = sandbox.execute(Program(checker, "check"), [[None, None, None]], limits)[0]
    return f", line {execution.line}" if execution.ended is Ended.COMPILE_ERROR and execution.line else ""


def _why_not(problem: VerifiedProblem, changes: Changes) -> str:
    if problem.canonical is not None:
        return ""
    if changes.canonical is not None and count_passing(problem.solutions):
        result = problem.solutions[changes.canonical]
        return (
            f"solution {changes.canonical} does not pass the tests of {problem.problem_id} as changed: {result.detail}"
        )
    return f"no solution passes the tests of {problem.problem_id} as changed: no build can release it"


def run_changed(sandbox: Sandbox, problem: VerifiedProblem, changes: Changes, limits: Limits) -> VerifiedProblem:
    """The problem with the changes, verified; ``suggestion`` is None, as in a build.

    Raises InputError where the checker does not work or the build kept no sources, HarnessFaultError.
    """
    runner, outputs = runner_of(sandbox, problem, limits)
    runs = run_sources(runner, problem)
    confirm_exactly(runner, runs, outputs)
    state = ProblemState(problem, runner, changes, has_tests=True, outputs=outputs, runs=runs)
    for step in JUDGE_STEPS:
        step(state)
    return replace(
        state.to_verified(), findings=problem.findings, conditionals=problem.conditionals, sources=problem.sources
    )


def runner_of(sandbox: Sandbox, problem: VerifiedProblem, limits: Limits) -> tuple[Runner, list[Any]]:
    """What runs a problem's solutions, and the outputs that its tests expect."""
    tests = load_json(problem.tests)
    runner = Runner(sandbox, problem.entry_point, tests["inputs"], limits, DictKeys(problem.dict_keys))
    return runner, list(tests["outputs"])


def run_sources(runner: Runner, problem: VerifiedProblem) -> list[SolutionRun]:
    """Run each solution once on every test; copies share the runs of the first. Raises InputError without sources."""
    if not problem.sources:
        raise InputError(f"{problem.problem_id}: the build kept no sources of its solutions: build again")
    runs: list[SolutionRun] = []
    for result in problem.solutions:
        if result.same_as is not None:
            runs.append(replace(runs[result.same_as], index=result.index, same_as=result.same_as))
            continue
        source = problem.sources[str(result.index)]
        runs.append(SolutionRun(result.index, source, runner.run(source), result.repairs))
    return runs


@dataclass(frozen=True, slots=True)
class Answer:
    """What one solution does on one test."""

    text: str | None
    """What it prints, or the value it returns as JSON text; None where it gave none."""
    ended: Ended
    detail: str = ""
    """The exception and its message, where it raised."""


def outputs_of(
    sandbox: Sandbox, item: Item, solution: int, test: int | None = None, limits: Limits = TRIAL_LIMITS
) -> list[Answer]:
    """What one solution answers on one test, or on every test.

    Raises:
        InputError: There is no such solution or test, or the build kept no sources.
        WorkError: The sandbox does not start, or failed.
    """
    problem = item.problem
    source = source_of(problem, solution)
    runner, _ = runner_of(sandbox, problem, limits)
    if test is not None:
        check_test(problem, test)
    inputs = runner.inputs if test is None else [runner.inputs[test]]
    try:
        executions = runner.run_on(source, inputs)
    except HarnessFaultError as error:
        raise WorkError(f"{problem.problem_id} could not be run, for a fault of ours ({error}): try again") from error
    return [_answer(execution, problem.entry_point is not None) for execution in executions]


def check_test(problem: VerifiedProblem, test: int) -> int:
    """The number of a test. Raises InputError where there is none with it."""
    count = len(load_json(problem.tests)["inputs"]) if problem.tests else 0
    if not 0 <= test < count:
        raise InputError(f"{problem.problem_id} has no test {test}: {numbered(count, 'test')}")
    return test


def source_of(problem: VerifiedProblem, solution: int) -> str:
    """The source of a solution, a copy's being that of the first. Raises InputError where there is none."""
    result = next((result for result in problem.solutions if result.index == solution), None)
    key = str(solution if result is None or result.same_as is None else result.same_as)
    if result is None or key not in problem.sources:
        raise InputError(f"{problem.problem_id}: the build kept no source of a solution {solution}")
    return problem.sources[key]


def _answer(execution: Execution, call_based: bool) -> Answer:
    detail = f"{execution.exception}: {execution.message}".strip(": ")
    if call_based:
        text = execution.result
    else:
        text = execution.output if execution.ended is Ended.FINISHED or execution.output else None
    return Answer(text, execution.ended, detail)
