"""Fixtures of the scoring tests: a shared sandbox, and workers without processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from typing import Any

import pytest

from harness.sandbox import Sandbox
from harness.sandbox.cache import CacheUse
from harness.sandbox.pool import Done
from harness.scoring import evaluate, selfcheck
from harness.scoring.run_samples import ScoreJob
from harness.scoring.score import Score


class PoolHere:
    """A ``SandboxPool`` without processes."""

    def __init__(self, sandbox: Sandbox, programs: list[str]) -> None:
        self.sandbox = sandbox
        self.programs = programs

    def run(self, work: Any, jobs: Iterable[Any], workers: int | None = None) -> Iterator[Done[Any]]:
        for job in jobs:
            if isinstance(job, ScoreJob):
                self.programs.append(job.source)
            yield Done(work(self.sandbox, job), CacheUse())


@pytest.fixture
def ran(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run programs in this process's sandbox instead of worker processes; return the list of programs, in order."""
    programs: list[str] = []

    def run_here(work, jobs: Iterable[ScoreJob], workers: int, *_, **__) -> Iterator[Done[tuple[str, Score]]]:
        for job in jobs:
            programs.append(job.source)
            yield Done(work(sandbox, job), CacheUse())

    monkeypatch.setattr(selfcheck, "run_all", run_here)
    monkeypatch.setattr(evaluate, "SandboxPool", lambda *_: nullcontext(PoolHere(sandbox, programs)))
    return programs
