"""Builds without processes of their own: a test of ``curation`` runs them in its own process, in the shared sandbox."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from typing import Any

import pytest

from curation import build, journaled_work
from harness.sandbox import USUAL_ISOLATION, Sandbox
from harness.sandbox.cache import CacheUse, ExecutionCache
from harness.sandbox.pool import Done, run_all


@pytest.fixture(autouse=True)
def _one_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the workers of a build, unless the test is marked ``worker_processes``.

    Builds with a cache or another isolation than the usual one keep their processes.
    """
    if request.node.get_closest_marker("worker_processes"):
        return

    def run_here(
        work: Any, jobs: Iterable[Any], workers: int, cache: ExecutionCache | None, isolation: Any
    ) -> Iterator[Done[Any]]:
        if cache is not None or isolation != USUAL_ISOLATION:
            yield from run_all(work, jobs, workers, cache, isolation)
            return
        for job in jobs:
            yield Done(work(request.getfixturevalue("sandbox"), job), CacheUse())

    def shared_sandbox(**isolation: Any) -> AbstractContextManager[Sandbox]:
        if isolation != asdict(USUAL_ISOLATION):
            return Sandbox(**isolation)
        return nullcontext(request.getfixturevalue("sandbox"))

    monkeypatch.setattr(journaled_work, "run_all", run_here)
    monkeypatch.setattr(build, "Sandbox", shared_sandbox)
