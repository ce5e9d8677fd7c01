"""Threads with a sandbox each, for a caller that is a library in somebody else's process: a trainer, an evaluator.

``harness.sandbox.pool`` starts processes, which import the caller's main module again. A trainer's takes seconds and
gigabytes to import; a thread takes neither, and waits for its sandbox without holding the interpreter's lock.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from typing import TypeVar

from harness.sandbox import USUAL_ISOLATION, Isolation, Sandbox
from harness.sandbox.pool import worker_count

Job = TypeVar("Job")
Answer = TypeVar("Answer")


class SandboxThreads:
    """Threads that take jobs one by one, from any thread. They start with the first job, and again after a fork.

    Args:
        count: Sandboxes that run at the same time, at most 4 per core; 0: one per core.
        isolation: Layers that the sandboxes must have.
    """

    def __init__(self, count: int = 0, isolation: Isolation = USUAL_ISOLATION) -> None:
        self._wanted = count
        self._isolation = isolation
        self._lock = threading.Lock()
        self._threads: ThreadPoolExecutor | None = None
        self._sandboxes: list[Sandbox] = []
        self._own = threading.local()
        os.register_at_fork(after_in_child=self._forget)
        atexit.register(self.close)

    def submit(self, work: Callable[[Sandbox, Job], Answer], job: Job) -> Future[Answer]:
        """Start a job. The future raises what ``work`` raises: SandboxError where programs cannot be run safely."""
        with self._lock:
            if self._threads is None:
                count = worker_count(self._wanted)
                self._threads = ThreadPoolExecutor(count, "sandbox", initializer=self._start)
            return self._threads.submit(self._do, work, job)

    def close(self) -> None:
        """End the sandboxes; a job that runs ends with a harness error, one that waits is cancelled."""
        with self._lock:
            threads, self._threads = self._threads, None
            sandboxes, self._sandboxes = self._sandboxes, []
        if threads is not None:
            threads.shutdown(wait=False, cancel_futures=True)
        for sandbox in sandboxes:
            sandbox.close()

    def _forget(self) -> None:
        """Forget the threads and sandboxes, which a fork leaves with the parent."""
        self._lock = threading.Lock()
        self._threads, self._sandboxes, self._own = None, [], threading.local()

    def _start(self) -> None:
        self._own.sandbox = Sandbox(**asdict(self._isolation))
        self._sandboxes.append(self._own.sandbox)

    def _do(self, work: Callable[[Sandbox, Job], Answer], job: Job) -> Answer:
        return work(self._own.sandbox, job)
