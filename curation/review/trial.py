"""Try a reviewer's changes before they are decided: run every solution on the changed tests.

The steps are those of a build (``curation.pipeline.steps.JUDGE_STEPS``), on the tests and repaired sources in its
folder: the result of a trial is that of the next build.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from apps_plus.errors import InputError, WorkError
from apps_plus.problem import DictKeys, Tests, load_json
from curation.pipeline.problem_state import ProblemState
from curation.pipeline.run_again import confirm_exactly
from curation.pipeline.run_solutions import HarnessFaultError, Runner, SolutionRun
from curation.pipeline.shorten import shorten
from curation.pipeline.steps import JUDGE_STEPS
from curation.pipeline.verify_solutions import correct_inputs
from curation.records import SolutionResult, VerifiedProblem
from curation.review.accepted_outputs import AcceptedOutput, accepted_example, explain_no_example
from curation.review.changes import normalize_changes
from curation.review.checker_choices import try_mutated_outputs
from curation.review.queue import Item
from curation.review.solution_answers import answers_on, vote_on
from curation.review_decisions import Changes
from harness.judging.verdict import value_of
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Limits, Program

TRIAL_LIMITS = Limits(program_seconds=6.0)
"""The default limits of a build; those of a given build are ``Queue.limits``."""


@dataclass(frozen=True, slots=True)
class NewInput:
    """The most frequent answer of the solutions to a changed input."""

    test: int
    """Its number in the item."""
    answer: str
    """A text, or a value as JSON text; empty if no solution answers."""
    solutions: int
    """Solutions that give the answer."""
    voters: int
    """Solutions that give any."""
    is_expected: bool
    """True if it is the expected output."""

    @property
    def description(self) -> str:
        """The answer and its votes, in one line."""
        if not self.voters:
            return f"no solution answers the changed input of test {self.test}"
        given = f"{self.solutions} of {self.voters} solutions answer the changed input of test {self.test}"
        if self.is_expected:
            return f"{given} with the expected output"
        return f"{given} with {shorten(self.answer.strip(), 60)!r}, not with the expected output: change that, too"


@dataclass(frozen=True, slots=True)
class Trial:
    """The results of all solutions before and after the changes."""

    before: tuple[SolutionResult, ...]
    """The results in the build."""
    after: tuple[SolutionResult, ...]
    """The results on the changed tests; empty if nothing could be run."""
    canonical: int | None
    """The solution that would be released."""
    problem: VerifiedProblem
    """The problem with the changes; without them if nothing could be run."""
    changes: Changes
    """The changes as they would be saved (``normalize_changes``)."""
    error: str = ""
    """The reason why no build can apply the changes, in one line; empty if one can."""
    accepted: AcceptedOutput | None = None
    """If the comparison is changed: an output that it accepts besides the expected one."""
    accepts_no_other: str = ""
    """The reason why the comparison accepts no other output, if the reviewer should know."""
    mutations: str = ""
    """If a checker decides: how many outputs with one small change it rejects, in words."""
    new_inputs: tuple[NewInput, ...] = ()
    """The solutions' answers to each changed input."""

    @property
    def passed_before(self) -> int:
        """Number of solutions that passed before, without copies."""
        return count_passing(self.before)

    @property
    def passed_after(self) -> int:
        """Number of solutions that pass now, without copies."""
        return count_passing(self.after)


def count_passing(results: Sequence[SolutionResult]) -> int:
    """Count the solutions that pass, without copies."""
    return sum(result.code == "passed" and result.same_as is None for result in results)


def count_different(results: Sequence[SolutionResult]) -> int:
    """Count the solutions, without copies."""
    return sum(result.same_as is None for result in results)


def try_changes(sandbox: Sandbox, item: Item, changes: Changes, limits: Limits = TRIAL_LIMITS) -> Trial:
    """Run every solution of an item on its changed tests; write no decision.

    Changes that do not fit the problem, or that no solution passes, are the trial's ``error``.

    Raises:
        WorkError: The sandbox does not start, or failed.
    """
    before = item.problem.solutions
    failed = Trial(before, (), None, item.problem, changes)
    try:
        fitted = normalize_changes(item.problem, changes)
        problem = verify_changed(sandbox, item.problem, fitted, limits)
    except InputError as error:
        message = str(error).removesuffix(": retract it")  # there is no decision to retract yet
        return replace(failed, error=message + _checker_error_line(sandbox, changes.checker, limits))
    except HarnessFaultError as error:
        raise WorkError(f"{item.problem.problem_id} could not be run: harness error ({error}): try again") from error
    trial = Trial(before, problem.solutions, problem.canonical, problem, fitted, _explain_failure(problem, fitted))
    trial = replace(trial, new_inputs=_answers_to_new_inputs(problem, fitted))
    if fitted.checker:
        accepted, mutations = try_mutated_outputs(sandbox, problem, fitted.checker, limits)
        return replace(trial, accepted=_numbered_as_before(accepted, fitted), mutations=mutations)
    if not fitted.comparison:
        return trial
    accepted = _numbered_as_before(accepted_example(problem, problem.rule), fitted)
    return replace(trial, accepted=accepted, accepts_no_other="" if accepted else explain_no_example(problem.rule))


def _numbered_as_before(accepted: AcceptedOutput | None, changes: Changes) -> AcceptedOutput | None:
    return None if accepted is None else replace(accepted, test=changes.number_before(accepted.test))


def _answers_to_new_inputs(problem: VerifiedProblem, changes: Changes) -> tuple[NewInput, ...]:
    """Return the most frequent answer to each changed input, from the votes on the changed tests."""
    found = []
    for test in sorted(map(int, changes.inputs)):
        place = changes.number_after(test)
        if place is None:
            continue
        vote = vote_on(problem, place)
        if vote is None:
            expected = next((a for a in answers_on(problem, place) if a.is_expected), None)
            count = len(expected.solutions) if expected is not None else 0
            found.append(NewInput(test, (expected and expected.output) or "", count, count, True))
            continue
        option = vote.options[0] if vote.options else None
        if option is None or len(option.solutions) <= vote.for_expected:
            found.append(NewInput(test, vote.expected, vote.for_expected, vote.voters, True))
        else:
            found.append(NewInput(test, option.output, len(option.solutions), vote.voters, False))
    return tuple(found)


def _checker_error_line(sandbox: Sandbox, checker: str, limits: Limits) -> str:
    """Return the line of a checker's syntax error, for the message; empty without one."""
    if not checker.strip():
        return ""
    execution = sandbox.execute(Program(checker, "check"), [[None, None, None]], limits)[0]
    return f", line {execution.line}" if execution.ended is Ended.COMPILE_ERROR and execution.line else ""


def _explain_failure(problem: VerifiedProblem, changes: Changes) -> str:
    if problem.canonical is not None:
        return ""
    if changes.canonical is not None and count_passing(problem.solutions):
        result = problem.solutions[changes.canonical]
        return (
            f"solution {changes.canonical} does not pass the tests of {problem.problem_id} as changed: {result.detail}"
        )
    return f"no solution passes the tests of {problem.problem_id} as changed: no build can release it"


def verify_changed(sandbox: Sandbox, problem: VerifiedProblem, changes: Changes, limits: Limits) -> VerifiedProblem:
    """Return the problem with the changes, verified again; ``suggestion`` is None.

    Raises InputError if the checker does not run or the build kept no sources; HarnessFaultError.
    """
    runner, outputs = make_runner(sandbox, problem, limits)
    state = ProblemState(problem, runner, changes, has_tests=True, outputs=outputs)
    correct_inputs(state)
    state.runs = run_sources(state.runner, problem)
    if changes.canonical is not None:
        _expect_answers_of_canonical(state, changes, changes.canonical)
    confirm_exactly(state.runner, state.runs, state.outputs)
    for step in JUDGE_STEPS:
        step(state)
    return replace(
        state.to_verified(), findings=problem.findings, conditionals=problem.conditionals, sources=problem.sources
    )


def _expect_answers_of_canonical(state: ProblemState, changes: Changes, canonical: int) -> None:
    """Let the generated inputs on which solutions part expect the answers of the solution that is to be released.

    They are no tests of the problem, and a build runs none of them: what they expected was the old one's answers.
    """
    executions = state.runs[canonical].executions
    for generated in Tests.from_json(state.problem.tests).generated:
        place = changes.number_after(generated.test)
        if place is None or executions[place].ended is not Ended.FINISHED:
            continue
        if state.problem.entry_point is None:
            state.outputs[place] = executions[place].output
        elif (value := value_of(executions[place])) is not None:
            state.outputs[place] = value.value


def make_runner(sandbox: Sandbox, problem: VerifiedProblem, limits: Limits) -> tuple[Runner, list[Any]]:
    """Return the runner of a problem's solutions, and the expected outputs of its tests."""
    tests = load_json(problem.tests)
    runner = Runner(sandbox, problem.entry_point, tests["inputs"], limits, DictKeys(problem.dict_keys))
    return runner, list(tests["outputs"])


def run_sources(runner: Runner, problem: VerifiedProblem) -> list[SolutionRun]:
    """Run each solution once on every test; copies share the run of the first. Raises InputError without sources."""
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
