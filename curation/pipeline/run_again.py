"""Decide which solutions run a second time, and run them.

1. ``confirm_exactly``: a failure that an earlier call may have caused runs alone; a broken string is joined.
2. ``finish_one``: where every solution lacks only time, one gets all it needs.
3. ``check_second_run``: with other hash and random seeds, to find programs whose output depends on chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from curation.pipeline.judge_runs import Judge, verdicts_of
from curation.pipeline.run_solutions import Runner, SolutionRun
from curation.pipeline.seed_independence import is_seed_independent
from harness.judging.judge import suspects
from harness.judging.repair_program import has_broken_string, join_broken_strings
from harness.judging.verdict import Expected, Verdict
from harness.sandbox.execution import Ended, Execution

SECOND_SEED = 1
"""Of the second run; the first has 0."""
SECOND_RUN_SECONDS = 1.0
"""Processor time of one program's second run over all tests; the tests it gets to in that time are compared."""


def confirm_exactly(runner: Runner, runs: Sequence[SolutionRun], outputs: Sequence[Any]) -> None:
    """Judge every solution exactly; run again those that an earlier call or a broken string may have spoilt."""
    expected = [Expected(output, runner.entry_point is not None) for output in outputs]
    for run in runs:
        if run.same_as is not None:
            original = runs[run.same_as]
            run.source, run.executions, run.repairs = original.source, original.executions, original.repairs
            run.verdicts = original.verdicts
            continue
        run.verdicts = verdicts_of(run.executions, expected)
        if not run.passed:
            _confirm_alone(runner, run, expected)
        if not run.passed and has_broken_string(run.source):
            _join_strings(runner, run, expected)


def _confirm_alone(runner: Runner, run: SolutionRun, expected: Sequence[Expected]) -> None:
    """Run each input that failed after others alone; if one then ends differently, run every input alone.

    Each output is a vote, so it must not depend on earlier calls.
    """
    for test in suspects(run.executions, run.outcome.failed_tests):
        first = run.executions[test]
        if first.ended in (Ended.TIMEOUT, Ended.OUT_OF_BUDGET):
            continue
        if not _same_answer(first, runner.run_on(run.source, [runner.inputs[test]])[0]):
            run.executions, run.alone = runner.run_alone(run.source), True
            run.verdicts = verdicts_of(run.executions, expected)
            return


def _join_strings(runner: Runner, run: SolutionRun, expected: Sequence[Expected]) -> None:
    """Join strings that a line break splits, if more tests then pass."""
    joined = join_broken_strings(run.source)
    executions = _run_like(run, runner, joined)
    verdicts = verdicts_of(executions, expected)
    if verdicts.count(Verdict.PASSED) > run.outcome.tests_passed:
        run.source, run.executions, run.verdicts = joined, executions, verdicts
        run.repairs += ("broken_string",)


def _run_like(run: SolutionRun, runner: Runner, source: str, seed: int = 0) -> list[Execution]:
    return runner.run_alone(source, seed) if run.alone else runner.run(source, seed)


def finish_one(runner: Runner, runs: Sequence[SolutionRun], judge: Judge) -> None:
    """If no solution passes, run those that only lacked time with no limit on their total, until one passes."""
    if any(run.passed for run in runs):
        return
    unlimited = replace(runner, limits=replace(runner.limits, program_seconds=None))
    candidates = [run for run in runs if run.same_as is None and is_unfinished(run)]
    for run in sorted(candidates, key=lambda run: bool(run.repairs)):
        run.executions = unlimited.run(run.source)
        run.verdicts = judge(run.executions)
        if run.passed:
            return


def is_unfinished(run: SolutionRun) -> bool:
    """Return whether a solution passed every test that it had time for, and lacked time for others."""
    failed = run.outcome.failed_tests
    return bool(failed) and all(run.executions[test].ended is Ended.OUT_OF_BUDGET for test in failed)


def check_second_run(runner: Runner, runs: Sequence[SolutionRun], judge: Judge) -> None:
    """Run every program that finished a test again, with other seeds; mark those whose answers change as unstable.

    A program that timed out has failed already, and would take its whole time again. One that passes, and whose answers
    are proved to depend on no seed, would give them again.
    """
    quick = replace(runner, limits=replace(runner.limits, program_seconds=SECOND_RUN_SECONDS))
    for run in runs:
        if run.same_as is not None:
            run.stable = runs[run.same_as].stable
        elif _may_answer_otherwise(run):
            second = _run_like(run, quick, run.source, SECOND_SEED)
            run.stable = _same_answers(run, second, judge(second))


def _may_answer_otherwise(run: SolutionRun) -> bool:
    if any(execution.ended is Ended.TIMEOUT for execution in run.executions):
        return False
    if not any(execution.ended is Ended.FINISHED for execution in run.executions):
        return False
    return not (run.passed and is_seed_independent(run.source))


_NO_ANSWER = {Ended.TIMEOUT, Ended.NOT_RUN, Ended.OUT_OF_BUDGET}


def _same_answers(run: SolutionRun, second: Sequence[Execution], verdicts: Sequence[Verdict]) -> bool:
    """Return whether two runs agree on every test that both answered: both passed, or both gave the same answer."""
    for first, again, verdict, other in zip(run.executions, second, run.verdicts, verdicts, strict=True):
        if {first.ended, again.ended} & _NO_ANSWER or _same_answer(first, again):
            continue
        if not verdict is other is Verdict.PASSED:
            return False
    return True


def _same_answer(first: Execution, again: Execution) -> bool:
    """Return whether both finished with the same output, or failed in the same way (with any output before it)."""
    if first.ended is not again.ended:
        return False
    return first.ended is not Ended.FINISHED or (first.output, first.result) == (again.output, again.result)
