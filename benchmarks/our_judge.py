"""Our sandbox as a contender: each worker has one, with all layers."""

from __future__ import annotations

import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

from apps_plus.problem import Comparison, Problem, Tests
from benchmarks.contenders import CHUNK
from benchmarks.peers import WORKERS, Judge
from benchmarks.workloads import HumanEvalTask, Task
from harness.judging.judge import judge, judge_checks
from harness.judging.verdict import Verdict, worst
from harness.sandbox import Sandbox
from harness.sandbox.execution import Checks, Limits, Program

_sandboxes = threading.local()
"""The sandbox of each worker (a process or a thread)."""


def _start_worker() -> None:
    _sandboxes.own = Sandbox(require_isolation=True)


def passes(task: Task) -> bool:
    """Return whether a task's program passes in our sandbox with all layers."""
    return judge_task(_sandboxes.own, task)


def judge_task(sandbox: Sandbox, task: Task) -> bool:
    """Judge one program with the public functions."""
    if isinstance(task, HumanEvalTask):
        checks = Checks(task.checks, prelude=task.prompt)
        judged = judge_checks(sandbox, Program(task.source, task.entry_point), checks, Limits())
        return judged.verdict is Verdict.PASSED
    return worst(j.verdict for j in judge(sandbox, task.source, as_problem(task))) is Verdict.PASSED


def as_problem(task: Any) -> Problem:
    """Convert a standard-input problem of the benchmark to one of the dataset."""
    return Problem(
        problem_id=task.name,
        question="",
        canonical_solution=task.source,
        entry_point=None,
        tests=Tests(task.inputs, task.outputs),
        starter_code="",
        conditionals=(),
        comparison=Comparison.EXACT,
        difficulty="introductory",
        url="",
    )


def ours() -> Judge:
    """Judge in two long-lived processes with a sandbox each, as ``apps-plus build`` does."""
    pool = ProcessPoolExecutor(WORKERS, initializer=_start_worker)
    return lambda tasks: list(pool.map(passes, tasks, chunksize=CHUNK))


def ours_in_threads() -> Judge:
    """Judge in two threads with a sandbox each; one process compares the outputs of both."""
    pool = ThreadPoolExecutor(WORKERS, initializer=_start_worker)
    return lambda tasks: list(pool.map(passes, tasks))
