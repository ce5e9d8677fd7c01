"""Helpers for tests that run solutions: the steps as the pipeline takes them, and runs that were never executed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps_plus.problem import Comparison, ComparisonRule
from curation.pipeline.judge_runs import Judge, judge_by_comparison, judge_runs
from curation.pipeline.run_again import check_second_run, confirm_exactly
from curation.pipeline.run_solutions import Runner, SolutionRun, run_solutions
from harness.judging.verdict import Verdict
from harness.sandbox.execution import Ended, Execution, Limits

ECHO = "print(input())"
LIMITS = Limits(cpu_seconds=1, wall_seconds=5)


def verify(
    runner: Runner, solutions: Sequence[str], outputs: Sequence[Any], judge: Judge | None = None
) -> list[SolutionRun]:
    """Run, judge and run again, as the pipeline does."""
    runs = run_solutions(runner, solutions)
    confirm_exactly(runner, runs, outputs)
    judge = judge or judge_by(Comparison.EXACT, runner, outputs)
    judge_runs(runs, judge)
    check_second_run(runner, runs, judge)
    return runs


def judge_by(comparison: Comparison, runner: Runner, outputs: Sequence[Any]) -> Judge:
    """Return the judge of one comparison mode."""
    return judge_by_comparison(outputs, runner.entry_point is not None, ComparisonRule(comparison))


def run_of(index: int, *verdicts: Verdict, repairs: tuple[str, ...] = (), stable: bool = True) -> SolutionRun:
    """Return a run with these verdicts, without running anything."""
    executions = [Execution(Ended.FINISHED)] * len(verdicts)
    return SolutionRun(index, f"program {index}", executions, repairs, verdicts=list(verdicts), stable=stable)
