"""The worker processes of a server: one job at a time each, first come, first served; a job can be cancelled.

Cancelling kills the worker, with its sandbox and the program in it, and starts another in its place.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from apps_plus.errors import AppsPlusError, WorkError
from harness.sandbox import USUAL_ISOLATION, Isolation, Sandbox
from harness.sandbox.pool import SandboxPool
from harness.serving.jobs import warm_up

_log = logging.getLogger(__name__)

Job = TypeVar("Job")
Answer = TypeVar("Answer")

TRIES = 2
"""Times that a job is begun, if its worker dies."""
_RESTART_SECONDS = 5.0
"""Pause between two attempts to start a worker, where that fails."""


class QueueFullError(Exception):
    """As many requests are running and waiting as the server admits."""


class ServingWorkers:
    """Worker processes with a sandbox each, and a bounded queue before them. All methods but ``close`` run in one loop.

    Args:
        count: The processes.
        queue: Requests that may wait while all of them are busy.
        isolation: Layers that the sandboxes must have.
    """

    def __init__(self, count: int, queue: int, isolation: Isolation = USUAL_ISOLATION) -> None:
        """Start the processes and their sandboxes. Raises SandboxError where programs cannot be run safely."""
        self.count = count
        self.queue = queue
        self.admitted = 0
        """Requests that are admitted and not answered."""
        self.running = 0
        """Jobs that a worker is doing."""
        self.replaced = 0
        """Workers that were started in the place of killed ones."""
        self.layers: tuple[str, ...] = ()
        self._isolation = isolation
        self._idle: asyncio.Queue[SandboxPool] = asyncio.Queue()
        self._all: set[SandboxPool] = set()
        self._restarts: set[asyncio.Task[None]] = set()
        self._closed = False
        self._threads = ThreadPoolExecutor(2 * count, "worker")  # one waits for an answer while another kills
        try:
            for _ in range(count):  # before any thread starts: a process with one thread can fork, which is fast
                self._all.add(SandboxPool(1, isolation=isolation))
            for started in [pool.run(warm_up, [None]) for pool in self._all]:
                for done in started:
                    self.layers = done.answer
        except BaseException:
            self.close()
            raise
        for pool in self._all:
            self._idle.put_nowait(pool)

    @property
    def waiting(self) -> int:
        """Return the number of requests that are admitted and not running."""
        return self.admitted - self.running

    @contextmanager
    def admission(self) -> Iterator[None]:
        """Hold a place in the server for one request. Raises QueueFullError where there is none."""
        if self.admitted >= self.count + self.queue:
            raise QueueFullError
        self.admitted += 1
        try:
            yield
        finally:
            self.admitted -= 1

    async def do(self, work: Callable[[Sandbox, Job], Answer], job: Job) -> Answer:
        """Do a job on the next worker that is free. A cancelled job's program is killed.

        Raises:
            WorkError: Two workers died of it.
            Exception: What ``work`` raised.
        """
        for tries_left in reversed(range(TRIES)):
            pool = await self._idle.get()
            while not pool.is_alive():  # it died while it was idle
                self._replace_soon(pool)
                pool = await self._idle.get()
            self.running += 1
            try:
                return await self._do_on(pool, work, job)
            except WorkError:
                if not tries_left:
                    raise
            finally:
                self.running -= 1
        raise AssertionError("the last try returns or raises")

    def stop_replacing(self) -> None:
        """Start no more workers: the loop is about to end, and ``close`` will end those that there are."""
        self._closed = True

    def close(self) -> None:
        """Kill the workers and wait until nothing of them is left."""
        self.stop_replacing()
        for pool in list(self._all):
            pool.kill()  # threads that wait for an answer end
        self._threads.shutdown(wait=True)
        for pool in list(self._all):  # also of a worker that was started meanwhile
            pool.close()

    async def _do_on(self, pool: SandboxPool, work: Callable[[Sandbox, Job], Answer], job: Job) -> Answer:
        future = self._threads.submit(_only_answer, pool, work, job)
        try:
            answer = await asyncio.wrap_future(future)
        except BaseException:  # cancelled, the worker died, or the work raised: the pool is closed or must be
            self._replace_soon(pool, future)
            raise
        self._idle.put_nowait(pool)
        return answer

    def _replace_soon(self, pool: SandboxPool, future: Future[Any] | None = None) -> None:
        """End a worker and what it is doing, and start another, while the caller goes on."""
        if self._closed:
            return
        restart = asyncio.get_running_loop().create_task(self._replace(pool, future))
        self._restarts.add(restart)
        restart.add_done_callback(self._restarts.discard)

    async def _replace(self, pool: SandboxPool, future: Future[Any] | None) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, _end, pool, future)
        self._all.discard(pool)
        while not self._closed:
            try:
                new = await loop.run_in_executor(self._threads, self._start)
            except (AppsPlusError, OSError) as error:
                _log.error("a worker does not start: %s", error)
                await asyncio.sleep(_RESTART_SECONDS)
            else:
                self.replaced += 1
                self._idle.put_nowait(new)
                return

    def _start(self) -> SandboxPool:
        """Start a worker and its sandbox. Raises AppsPlusError or OSError."""
        pool = SandboxPool(1, isolation=self._isolation)
        self._all.add(pool)  # before it has started: closing the server kills it, too
        try:
            _only_answer(pool, warm_up, None)
        except BaseException:
            self._all.discard(pool)
            pool.close()
            raise
        return pool


def _only_answer(pool: SandboxPool, work: Callable[[Sandbox, Job], Answer], job: Job) -> Answer:
    """Do one job, and wait for its answer."""
    [done] = pool.run(work, [job])
    return done.answer


def _end(pool: SandboxPool, future: Future[Any] | None) -> None:
    """Kill a worker; wait for the thread that waits for its answer."""
    pool.kill()
    if future is not None:
        with suppress(BaseException):
            future.result()
    pool.close()
