"""An executor without processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from harness.sandbox import Sandbox
from harness.sandbox.cache import CacheUse
from harness.sandbox.pool import Done


class ExecutorHere:
    """Does jobs in this process, in a sandbox that many tests share."""

    def __init__(self, sandbox: Sandbox, see: Callable[[Any], None] = lambda job: None) -> None:
        """Take the sandbox, and a function that sees every job before it is done."""
        self.sandbox = sandbox
        self.see = see

    def run(
        self, work: Any, jobs: Iterable[Any], *, alone: bool = False, shared: tuple[type, ...] = ()
    ) -> Iterator[Done[Any]]:
        for job in jobs:
            self.see(job)
            yield Done(work(self.sandbox, job), CacheUse())

    def close(self) -> None:
        """There is nothing to end."""

    def __enter__(self) -> ExecutorHere:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
