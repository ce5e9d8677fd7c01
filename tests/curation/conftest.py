"""Builds without processes of their own: a test of ``curation`` runs them in its own process, in the shared sandbox."""

from __future__ import annotations

import pytest
from executor_here import ExecutorHere

from curation import build
from curation.mutation import strength
from harness.sandbox import USUAL_ISOLATION, Isolation
from harness.sandbox.cache import ExecutionCache
from harness.sandbox.executor import HERE, Executor, open_executor


@pytest.fixture(autouse=True)
def _one_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the workers of a build, unless the test is marked ``worker_processes``.

    Builds with a cache or another isolation than the usual one keep their processes.
    """
    if request.node.get_closest_marker("worker_processes"):
        return

    def open_here(workers: int, cache: ExecutionCache | None, isolation: Isolation, on: str = HERE) -> Executor:
        if cache is not None or isolation != USUAL_ISOLATION or on != HERE:
            return open_executor(workers, cache, isolation, on)
        return ExecutorHere(request.getfixturevalue("sandbox"))

    for module in (build, strength):
        monkeypatch.setattr(module, "open_executor", open_here)
