"""Fixtures of the scoring tests: a shared sandbox, and workers without processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from executor_here import ExecutorHere

from harness.sandbox import Sandbox
from harness.sandbox.cache import CacheUse
from harness.sandbox.pool import Done
from harness.scoring import evaluate, selfcheck
from harness.scoring.run_samples import ScoreJob
from harness.scoring.score import Score


@pytest.fixture
def ran(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run programs in this process's sandbox instead of worker processes; return the list of programs, in order."""
    programs: list[str] = []

    def note(job: Any) -> None:
        if isinstance(job, ScoreJob):
            programs.append(job.source)

    def run_here(work, jobs: Iterable[ScoreJob], workers: int, *_, **__) -> Iterator[Done[tuple[str, Score]]]:
        for job in jobs:
            programs.append(job.source)
            yield Done(work(sandbox, job), CacheUse())

    monkeypatch.setattr(selfcheck, "run_all", run_here)
    monkeypatch.setattr(evaluate, "open_executor", lambda *_: ExecutorHere(sandbox, note))
    return programs
