"""Judge roll-outs in worker processes, while the model generates the next ones.

with Judge(workers=2) as judge:
    futures = [judge.submit(task, source) for ...]
    outcomes = [future.result() for future in futures]
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from types import TracebackType

from apps_plus.errors import WorkError
from apps_plus.problem import Problem, Tests
from harness.judging.judge import judge
from harness.judging.judged_program import JudgedProgram, summarize_tests
from harness.judging.verdict import Verdict
from harness.sandbox import USUAL_ISOLATION, Isolation, Sandbox
from harness.sandbox.execution import Limits
from harness.sandbox.pool import Workers, worker_count
from stepcoder.divergence import locate_error
from stepcoder.records import Task

REMEMBERED = 100_000
"""Number of cached outcomes: a small or a converged policy writes the same programs repeatedly."""


@dataclass(frozen=True, slots=True)
class JudgeJob:
    """One program to judge."""

    problem: Problem
    source: str
    limits: Limits
    locate: bool = False
    """True to compare the trace of a wrong program with the canonical solution's."""


def judge_program(sandbox: Sandbox, job: JudgeJob) -> JudgedProgram:
    """Judge a program on its problem's tests in a tracing sandbox."""
    outcome = summarize_tests(judge(sandbox, job.source, job.problem, job.limits))
    return locate_error(sandbox, job.source, job.problem, outcome, job.limits) if job.locate else outcome


class Judge:
    """A pool of tracing sandboxes, with a cache of outcomes by problem and program.

    Args:
        workers: Sandboxes that run at the same time; 0: one per core.
        test_seconds: Processor seconds per test.
        max_tests: Judge by at most this many tests per problem; 0: all.
        locate: Find the statement at which a wrong program departs from the canonical solution (EGCA).
        remembered: Size of the cache in programs; 0: run every program.
        isolation: Layers that the sandboxes must have.
    """

    def __init__(
        self,
        workers: int = 0,
        *,
        test_seconds: float = 4.0,
        max_tests: int = 0,
        locate: bool = False,
        remembered: int = REMEMBERED,
        isolation: Isolation = USUAL_ISOLATION,
    ) -> None:
        self._count = worker_count(workers)
        self._limits = Limits(cpu_seconds=test_seconds, wall_seconds=10 * test_seconds)
        self._max_tests = max_tests
        self._locate = locate
        self._remembered = remembered
        self._isolation = isolation
        self._workers: Workers | None = None
        self._known: OrderedDict[bytes, Future[JudgedProgram]] = OrderedDict()
        self.judged = 0
        """Number of programs submitted."""
        self.executed = 0
        """Number of programs that were run, not answered from the cache."""

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the workers and their sandboxes."""
        if self._workers is not None:
            self._workers.close()
            self._workers = None

    def submit(self, task: Task, source: str, *, every_test: bool = False) -> Future[JudgedProgram]:
        """Start to judge a program; with ``every_test`` also by the tests beyond ``max_tests``.

        The future raises the errors of ``harness.sandbox.Sandbox``.
        """
        self.judged += 1
        key = hashlib.sha256(f"{every_test}\0{task.task_id}\0{source}".encode("utf-8", "surrogatepass")).digest()
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        self.executed += 1
        future = self._known[key] = self._start(self._job(task.problem, source, every_test))
        if len(self._known) > self._remembered:
            self._known.popitem(last=False)
        return future

    def outcomes(self, programs: Sequence[tuple[Task, str]]) -> list[JudgedProgram]:
        """Judge programs and wait for all of them; retry once after a harness error.

        Raises:
            WorkError: Workers die repeatedly.
        """
        futures = [self.submit(task, source) for task, source in programs]
        return [self.result(task, source, future) for (task, source), future in zip(programs, futures, strict=True)]

    def result(
        self, task: Task, source: str, future: Future[JudgedProgram], *, every_test: bool = False
    ) -> JudgedProgram:
        """Wait for one result; retry once if a worker died or the harness failed. Raises WorkError."""
        try:
            outcome = future.result()
            if outcome.verdict is not Verdict.HARNESS_ERROR:
                return outcome
        except BrokenProcessPool:
            pass
        try:
            self._forget_failures()
            return self.submit(task, source, every_test=every_test).result()
        except BrokenProcessPool as error:
            raise WorkError(
                "a worker that judges programs died twice (out of memory?): lower rollout.workers, and --resume"
            ) from error

    def _forget_failures(self) -> None:
        """Remove failed outcomes from the cache, and close a pool that lost a worker: it accepts no more jobs."""
        broken = [key for key, future in self._known.items() if _failed(future)]
        for key in broken:
            del self._known[key]
        if self._workers is not None and self._workers.broken:
            self.close()

    def _start(self, job: JudgeJob) -> Future[JudgedProgram]:
        if self._workers is None or self._workers.broken:
            self.close()
            self._workers = Workers(self._count, isolation=self._isolation, trace=True)
        return self._workers.submit(judge_program, job)

    def _job(self, problem: Problem, source: str, every_test: bool) -> JudgeJob:
        if self._max_tests and not every_test:
            tests = Tests(problem.tests.inputs[: self._max_tests], problem.tests.outputs[: self._max_tests])
            problem = replace(problem, tests=tests)
        return JudgeJob(problem, source, self._limits, self._locate and not every_test)


def _failed(future: Future[JudgedProgram]) -> bool:
    if not future.done():
        return False
    return future.exception() is not None or future.result().verdict is Verdict.HARNESS_ERROR
