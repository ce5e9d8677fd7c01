"""Run a benchmark's own solutions on its own tests, to find faults of the sandbox or of a data file."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from harness.judging.verdict import Verdict
from harness.sandbox import Isolation
from harness.sandbox.execution import limits_of
from harness.sandbox.pool import run_all, worker_count
from harness.scoring.benchmarks.benchmark import Benchmark, BenchmarkProblem
from harness.scoring.benchmarks.load import ALL, load_benchmark
from harness.scoring.results import SampleResult
from harness.scoring.run_samples import EvaluationProgress, ReportProgress, ScoredSample, ScoreJob, result_of, score_job
from harness.scoring.score import OVERRUN, Score
from harness.scoring.summary import named


@dataclass(frozen=True, slots=True)
class Selfcheck:
    """The results of a benchmark's solutions."""

    task: str
    source: str
    task_ids: Sequence[str]
    """The ids of all problems."""
    results: Mapping[str, SampleResult]
    """By task id; problems without a solution or tests have none."""
    seconds: float

    @property
    def ok(self) -> bool:
        """True if every problem's solution passes."""
        return not self.failed

    @property
    def failed(self) -> list[str]:
        """The problems whose solution does not pass, or that have none."""
        return [i for i in self.task_ids if i not in self.results or self.results[i].verdict is not Verdict.PASSED]

    def describe_failures(self) -> str:
        """Return one line that counts and names the solutions that do not pass."""
        return f"{len(self.failed)} of {len(self.task_ids)} solutions of {self.task} do not pass: {named(self.failed)}"

    def to_json(self) -> dict[str, Any]:
        """Return the object that ``--json`` prints."""
        failed = {i: self.results[i].to_row() if i in self.results else None for i in self.failed}
        return {
            "task": self.task,
            "benchmark": self.source,
            "n_problems": len(self.task_ids),
            "passed": len(self.task_ids) - len(failed),
            "failed": failed,
            "seconds": round(self.seconds, 2),
        }


def selfcheck(
    task: str,
    data: Path | None,
    split: str | None,
    workers: int,
    timeout: float | None,
    isolation: Isolation,
    report: ReportProgress,
) -> Selfcheck:
    """Run every solution of a benchmark, by default of all its splits.

    Raises:
        InputError: The problems cannot be read.
        WorkError: The sandbox does not start.
    """
    started = time.monotonic()
    benchmark = load_benchmark(task, data, split or (ALL if task != "humaneval" else None))
    if not any(problem.canonical_solution for problem in benchmark.problems):
        raise InputError(_no_solutions(benchmark))
    problems = {p.task_id: p for p in benchmark.problems if p.canonical_solution and p.suites}
    limits = limits_of(timeout)
    scores: dict[str, Score] = {}

    def run(chosen: Sequence[BenchmarkProblem], workers: int, stage: str) -> None:
        overrun = 1.0 if stage == "alone" else OVERRUN
        jobs = (ScoreJob(problem, problem.task_id, problem.canonical_solution, limits, overrun) for problem in chosen)
        for done in run_all(score_job, jobs, workers, isolation=isolation) if chosen else ():
            task_id, scored = done.answer
            scores[task_id] = scored
            passed = sum(one.verdict is Verdict.PASSED for one in scores.values())
            report(EvaluationProgress(stage, len(scores), len(problems), 0, passed, len(scores)))

    run(list(problems.values()), worker_count(workers), "evaluate")
    run([problems[i] for i, one in scores.items() if one.unsure], 1, "alone")
    results = {i: result_of(ScoredSample(p, 0, p.canonical_solution, ""), scores[i]) for i, p in problems.items()}
    return Selfcheck(
        benchmark.name,
        benchmark.source,
        [problem.task_id for problem in benchmark.problems],
        results,
        time.monotonic() - started,
    )


def _no_solutions(benchmark: Benchmark) -> str:
    untested = [problem.task_id for problem in benchmark.problems if not problem.suites]
    tests = f"{len(untested)} lack tests that can be used: {named(untested)}" if untested else "all have tests"
    return (
        f"{benchmark.name} comes without solutions, so none can be run; of its {len(benchmark)} problems "
        f"({benchmark.source}) {tests}"
    )
