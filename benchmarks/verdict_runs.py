"""Judge the solutions of a build's problems again and again, under several loads, into one journal.

The verdicts are those of ``apps-plus evaluate apps``: its problems, its limits, and its policy for what the machine may
have caused (``harness.scoring.run_samples``). Every verdict is journaled when it is there; the same command resumes.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from apps_plus.durations import duration
from apps_plus.errors import SandboxError
from apps_plus.journal import Journal
from apps_plus.problem import DictKeys
from benchmarks.verdict_causes import Judged, Repeats
from benchmarks.verdict_changes import Run, changes
from benchmarks.verdict_solutions import Chosen
from harness.judging.verdict import Verdict
from harness.sandbox import USUAL_ISOLATION, Sandbox
from harness.sandbox.execution import Ended, Execution, Limits, Program
from harness.sandbox.pool import SandboxPool, worker_count
from harness.scoring.run_samples import ScoreJob, choose_reruns, score_job
from harness.scoring.score import OVERRUN, Score

DETAIL_CHARACTERS = 160
"""Longest detail of a verdict in the journal."""
_REPORT_SECONDS = 10.0
"""Between two lines of progress."""


@dataclass(frozen=True, slots=True)
class Load:
    """The load of a run: number of workers, and of busy loops beside them."""

    workers: int
    loops: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse ``2`` or ``2+2``. Raises ValueError."""
        found = re.fullmatch(r"([1-9]\d*)(?:\+(\d+))?", text)
        if found is None:
            raise ValueError(f"{text!r} is no load: write WORKERS or WORKERS+LOOPS, such as 2+2")
        load = cls(int(found[1]), int(found[2] or 0))
        most = worker_count(load.workers)
        if most < load.workers:
            raise ValueError(f"{text!r}: this machine takes at most {most} workers")
        return load

    def __str__(self) -> str:
        """Describe it in words, for a table."""
        workers = f"{self.workers} worker{'s' if self.workers > 1 else ''}"
        loops = f" beside {self.loops} busy loop{'s' if self.loops > 1 else ''}" if self.loops else ""
        return workers + loops

    @contextmanager
    def burning(self) -> Iterator[None]:
        """Keep the busy loops running."""
        loops = [multiprocessing.Process(target=burn, args=(os.getpid(),), daemon=True) for _ in range(self.loops)]
        try:
            for loop in loops:
                loop.start()
            yield
        finally:
            for loop in loops:
                loop.kill()
                loop.join()


def burn(parent: int) -> None:
    """Keep a core busy until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    while os.getppid() == parent:
        for _ in range(1_000_000):
            pass


# --- one verdict -----------------------------------------------------------------------------------------------------


class WatchedSandbox(Sandbox):
    """A sandbox that keeps all executions, and their time by the clock, until they are taken."""

    def __init__(self) -> None:
        super().__init__(**asdict(USUAL_ISOLATION))
        self.executions: list[Execution] = []
        self.wall = 0.0

    def execute_anew(
        self,
        program: Program,
        inputs: Sequence[Any],
        limits: Limits | None = None,
        *,
        seed: int = 0,
        dict_keys: DictKeys = DictKeys.STR,
        trace: bool | None = None,
    ) -> list[Execution]:
        """Run a program as ``Sandbox.execute_anew`` does, and keep what it did."""
        started = time.monotonic()
        executions = super().execute_anew(program, inputs, limits, seed=seed, dict_keys=dict_keys, trace=trace)
        self.wall += time.monotonic() - started
        self.executions += executions
        return executions


_watched: WatchedSandbox | None = None
"""This worker's sandbox; it starts with the first job."""


def judge_job(_: Sandbox, job: ScoreJob) -> tuple[str, Judged]:
    """Score a program in a worker, as ``score_job`` does; return its key, and the verdict with what was measured.

    An exception of our own code is a fault of ours, and what this looks for: it is returned, not raised.

    Raises SandboxError where no sandbox starts at all.
    """
    global _watched
    if _watched is None:
        sandbox = WatchedSandbox()
        sandbox.layers  # noqa: B018  # starts it, and runs its probes
        _watched = sandbox
    _watched.executions, _watched.wall = [], 0.0
    try:
        key, score = score_job(_watched, job)
    except SandboxError as error:
        return job.digest, Judged(str(Verdict.HARNESS_ERROR), str(error)[:DETAIL_CHARACTERS])
    except Exception as error:
        return job.digest, Judged("", fault=f"{type(error).__name__}: {error}"[:DETAIL_CHARACTERS])
    return key, judged(score, _watched.executions, _watched.wall)


def judged(score: Score, executions: Sequence[Execution], wall: float) -> Judged:
    """Return a verdict with what its executions measured."""
    late = [execution.seconds for execution in executions if execution.ended is Ended.TIMEOUT]
    in_time = [execution.seconds for execution in executions if execution.ended is not Ended.TIMEOUT]
    answers = hashlib.sha256()
    for execution in executions:
        answers.update(repr((execution.ended, execution.output, execution.result, execution.exception)).encode())
    return Judged(
        str(score.verdict),
        score.detail[:DETAIL_CHARACTERS],
        score.exception,
        score.seconds,
        round(wall, 4),
        max(in_time, default=0.0),
        min(late, default=None),
        max((execution.peak_memory for execution in executions), default=0),
        answers.hexdigest()[:16],
        score.unsure,
    )


# --- all runs --------------------------------------------------------------------------------------------------------


class Progress:
    """Reports how many verdicts are there, and about how long the others take."""

    def __init__(self, total: int, done: int) -> None:
        """Start the clock; ``done`` verdicts of ``total`` are there from earlier commands."""
        self.total, self.done, self.new = total, done, 0
        self._started = self._reported = time.monotonic()
        if done:
            print(f"{done:,} of {total:,} verdicts are there", file=sys.stderr)

    def step(self, where: str) -> None:
        """Count one new verdict; print a line now and then."""
        self.done, self.new = self.done + 1, self.new + 1
        now = time.monotonic()
        if now - self._reported >= _REPORT_SECONDS:
            self._reported = now
            left = (now - self._started) / self.new * (self.total - self.done)
            print(f"{where}: {self.done:,} of {self.total:,} verdicts, about {duration(left)} left", file=sys.stderr)


def run_name(round_: int, load: Load) -> str:
    """Return the name of a run, as in the table."""
    return f"round {round_}, {load}"


class Soak:
    """Runs over the same solutions, and their journal."""

    def __init__(self, chosen: Chosen, journal: Journal, limits: Limits) -> None:
        self.solutions = {one.key: one for one in chosen.solutions}
        self.journal = journal
        self.limits = limits

    def run_all(self, loads: Sequence[Load], rounds: int) -> list[Run]:
        """Judge all solutions under each load, round by round; return the runs in their order.

        Raises WorkError where a worker died; what is finished is kept.
        """
        wanted = [(run_name(round_, load), load) for round_ in range(1, rounds + 1) for load in loads]
        done = sum(f"{name}|first|{key}" in self.journal for name, _ in wanted for key in self.solutions)
        progress = Progress(len(wanted) * len(self.solutions), done)
        return [self._run(name, load, progress) for name, load in wanted]

    def _run(self, name: str, load: Load, progress: Progress) -> Run:
        """Judge what is not in the journal, then again what the policy says; return the whole run."""
        first = self._judge(f"{name}|first", load, self.solutions, OVERRUN, lambda: progress.step(name))
        unsure = {key: row.as_score() for key, row in first.items() if row.unsure}
        again = choose_reruns(unsure, len(first))
        if again:
            print(f"{name}: {len(again):,} solutions run again, alone", file=sys.stderr)
        # Alone among the programs of this run: the busy loops go on, as other work on a machine would.
        one_worker = replace(load, workers=1)
        second = self._judge(f"{name}|alone", one_worker, [key for key in first if key in again], 1.0, lambda: None)
        seconds = sum(self._seconds(f"{name}|{stage}") for stage in ("first", "alone"))
        in_doubt = sum(row.unsure for row in second.values())
        left = len(unsure) - len(again)
        return Run(name, str(load), first, {**first, **second}, len(second), left, in_doubt, seconds)

    def repeat(self, runs: Sequence[Run], load: Load, times: int) -> dict[str, Repeats]:
        """Repeat what changed between the first and another run: alone on the machine, and under a load."""
        first, *others = runs
        pairs = [(first.before, run.before) for run in others] + [(first.after, run.after) for run in others]
        keys = list(dict.fromkeys(change.key for pair in pairs for change in changes(*pair)))
        alone: dict[str, list[Judged]] = {key: [] for key in keys}
        loaded: dict[str, list[Judged]] = {key: [] for key in keys}
        for kind, under, rows in (("alone", Load(1), alone), ("loaded", load, loaded)):
            for number in range(1, times + 1):
                if keys:
                    print(f"repeat {len(keys)} solutions under {under}: {number} of {times}", file=sys.stderr)
                for key, row in self._judge(f"{kind} {number}", under, keys, OVERRUN, lambda: None).items():
                    rows[key].append(row)
        return {key: Repeats(alone[key], loaded[key]) for key in keys}

    def _judge(
        self, stage: str, load: Load, keys: Iterable[str], overrun: float, step: Callable[[], None]
    ) -> dict[str, Judged]:
        """Return the verdicts of a stage, in the order of the keys; those that the journal lacks are judged first."""
        keys = list(keys)
        missing = [self.solutions[key] for key in keys if f"{stage}|{key}" not in self.journal]
        jobs = (ScoreJob(one.problem, one.key, one.source, self.limits, overrun) for one in missing)
        if missing:
            before, started = self._seconds(stage), time.monotonic()
            try:
                with load.burning(), SandboxPool(load.workers) as pool:
                    for done in pool.run(judge_job, jobs):
                        key, row = done.answer
                        self.journal.append(f"{stage}|{key}", row.to_row())
                        step()
            finally:
                self.journal.append(_seconds_key(stage), {"seconds": before + time.monotonic() - started})
        return {key: Judged.from_row(self.journal[f"{stage}|{key}"]) for key in keys}

    def _seconds(self, stage: str) -> float:
        """Return how long a stage has taken, by the clock, over all commands."""
        key = _seconds_key(stage)
        return float(self.journal[key]["seconds"]) if key in self.journal else 0.0


def _seconds_key(stage: str) -> str:
    return f"{stage}|seconds"
