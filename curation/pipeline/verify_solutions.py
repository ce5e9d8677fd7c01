"""Steps that run the solutions of a problem, judge them, and draw conclusions.

Each step fills in its part of the ``ProblemState``. The work is done in the modules imported here: ``run_solutions``
and ``run_again`` run programs, the others are pure functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from apps_plus.conditionals import find_conditionals
from apps_plus.problem import Comparison, DictKeys
from curation.pipeline.canonical import canonical_finding, choose_canonical
from curation.pipeline.case_structure import detect_cases
from curation.pipeline.choose_comparison import choose_rule, rule_for
from curation.pipeline.consensus import count_votes, suggest, vote_findings
from curation.pipeline.correct_tests import corrected_inputs, corrected_outputs
from curation.pipeline.describe_runs import describe_runs, failure_findings, repair_findings
from curation.pipeline.judge_runs import judge_by_checker, judge_by_comparison, judge_runs
from curation.pipeline.normalize import has_integer_like_keys, resolve_wrapping
from curation.pipeline.problem_state import ProblemState
from curation.pipeline.run_again import check_second_run, confirm_exactly, finish_one
from curation.pipeline.run_solutions import Runner, SolutionRun, run_solutions
from curation.records import Finding, Note
from harness.judging.comparison import same_value
from harness.judging.verdict import value_of
from harness.sandbox.execution import Ended

STAGE = "verify"


# ---- run


def correct_inputs(state: ProblemState) -> None:
    """Put the inputs that a reviewer changed in place, and leave out the tests that a reviewer dropped."""
    changes = state.changes
    if changes is not None and changes.repairs_inputs:
        inputs, state.outputs = corrected_inputs(
            state.problem.problem_id, state.runner.inputs, state.outputs, changes, state.call_based
        )
        state.runner = replace(state.runner, inputs=inputs)


def run_on_tests(state: ProblemState) -> None:
    """Run every solution on every test; where dict keys may have been integers, read the tests both ways."""
    reading = read_and_run(state.runner, state.solutions, state.outputs)
    if state.call_based and has_integer_like_keys(state.runner.inputs):
        other = read_and_run(replace(state.runner, dict_keys=DictKeys.INT), state.solutions, state.outputs)
        gained = other.count_passing() - reading.count_passing()
        if gained > 0:
            detail = f"{gained} more solutions pass when keys of dict arguments are integers again"
            reading = other
            reading.findings.append(Finding("normalize", Note.INTEGER_KEYS, detail))
    state.runner, state.runs, state.outputs = reading.runner, reading.runs, reading.outputs
    state.findings += reading.findings


@dataclass(slots=True)
class Reading:
    """One way to read the tests, and the executions of the solutions on them."""

    runner: Runner
    runs: list[SolutionRun]
    outputs: list[Any]
    findings: list[Finding] = field(default_factory=list)

    def count_passing(self) -> int:
        """Return the number of solutions that pass every test, copies included."""
        return sum(run.passed for run in self.runs)


def read_and_run(runner: Runner, solutions: Sequence[str], outputs: Sequence[Any]) -> Reading:
    """Run the solutions, settle which outputs are wrapped in a list, and judge exactly."""
    runs = run_solutions(runner, solutions)
    reading = Reading(runner, runs, list(outputs))
    if runner.entry_point is not None:
        reading.outputs, finding = resolve_wrapping(outputs, lambda test, value: count_returning(runs, test, value))
        reading.findings += [finding] if finding else []
    confirm_exactly(runner, runs, reading.outputs)
    return reading


def count_returning(runs: Sequence[SolutionRun], test: int, value: Any) -> int:
    """Count the solutions, copies aside, that return this value on this test (floats within the tolerance)."""
    count = 0
    for run in runs:
        execution = run.executions[test]
        if run.same_as is None and execution.ended is Ended.FINISHED:
            returned = value_of(execution)
            count += returned is not None and same_value(value, returned.value, Comparison.FLOAT)
    return count


# ---- judge


def correct_outputs(state: ProblemState) -> None:
    """Put the outputs that a reviewer corrected in place of the raw ones."""
    if state.changes is not None:
        state.outputs = corrected_outputs(state.problem.problem_id, state.outputs, state.changes, state.call_based)


def choose_comparison(state: ProblemState) -> None:
    """Choose how outputs are compared: as a reviewer decided, else by the statement and the outputs."""
    question, inputs, outputs = state.problem.question, state.runner.inputs, state.outputs
    if state.changes is not None and state.changes.comparison:
        state.rule = rule_for(Comparison(state.changes.comparison), question, inputs, outputs, state.call_based)
    else:
        state.rule, state.rule_finding = choose_rule(question, state.runs, outputs, state.call_based)


def judge_solutions(state: ProblemState) -> None:
    """Give every solution a verdict on every test, by the chosen comparison or a reviewer's checker."""
    if state.changes is not None and state.rule.comparison is Comparison.CHECKER:
        checker = state.changes.checker
        state.judge = judge_by_checker(state.problem.problem_id, state.runner, state.outputs, checker)
    else:
        state.judge = judge_by_comparison(state.outputs, state.call_based, state.rule)
    judge_runs(state.runs, state.judge)


def finish_one_solution(state: ProblemState) -> None:
    """If no solution passes, and some only lacked time, run these with no limit on their total until one passes."""
    finish_one(state.runner, state.runs, state.judge)


def check_determinism(state: ProblemState) -> None:
    """Run the solutions with other seeds; mark those whose answers change."""
    check_second_run(state.runner, state.runs, state.judge)


# ---- conclude


def describe_solutions(state: ProblemState) -> None:
    """Give the reason for which each solution failed, and report repairs and failures."""
    state.results = describe_runs(state.runs, state.outputs)
    state.findings += repair_findings(state.results)
    state.findings += failure_findings(state.results, state.runs, state.runner.inputs, state.outputs)


def vote_on_tests(state: ProblemState) -> None:
    """Count the votes of the solutions on each disputed test; report them, and the comparison they depend on."""
    state.votes = count_votes(state.runs, state.outputs, state.call_based, state.rule)
    state.findings += [state.rule_finding] if state.rule_finding else []
    state.findings += vote_findings(state.votes, state.runner.inputs)


def suggest_correction(state: ProblemState) -> None:
    """Suggest to the reviewer what to do about the votes; nothing is suggested once a reviewer made changes."""
    if state.changes is None:
        question, inputs, call_based = state.problem.question, state.runner.inputs, state.call_based
        cases = "" if call_based else detect_cases(question, inputs, state.outputs)
        state.suggestion = suggest(question, state.votes, state.runs, inputs, call_based, cases)


def pick_canonical(state: ProblemState) -> None:
    """Choose the canonical solution: the reviewer's choice if it passes, else the first that does."""
    state.canonical = choose_canonical(state.runs)
    if state.changes is not None and state.changes.canonical is not None:
        chosen = state.changes.canonical
        state.canonical = next((run for run in state.runs if run.index == chosen and run.passed), None)
    if state.canonical is not None:
        state.findings.append(canonical_finding(state.canonical))


def locate_conditionals(state: ProblemState) -> None:
    """Find the conditional statements of the canonical solution; note a program that ``ast`` cannot parse."""
    if state.canonical is None:
        return
    try:
        found = find_conditionals(state.canonical.source.removeprefix("\ufeff"))
        state.conditionals = tuple(asdict(conditional) for conditional in found)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        state.findings.append(Finding(STAGE, Note.NO_CONDITIONALS, f"{type(error).__name__}: {error}"))
