"""Run jobs on several processes, each with a sandbox of its own.

Results come back in the order in which they are finished.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

from apps_plus.errors import WorkError
from harness.doctor import available_cores
from harness.sandbox import USUAL_ISOLATION, Isolation, Sandbox, machine_limits
from harness.sandbox.cache import CacheUse, ExecutionCache
from harness.sandbox.temporary_folder import temporary_folder

_log = logging.getLogger(__name__)

QUEUED_PER_WORKER = 2
"""Jobs handed out ahead, so that no worker waits for the parent; few, so that memory stays flat."""

Job = TypeVar("Job")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Done(Generic[Answer]):
    """The answer of one finished job."""

    answer: Answer
    cache_use: CacheUse
    """Hits and misses of the worker's cache since its last answer."""


def worker_count(wanted: int) -> int:
    """Return the number of workers to start.

    At most four a core: with more, a program waits longer than its wall-clock limit. 0 is one a core. Fewer where the
    machine allows few open files or processes.
    """
    cores = available_cores()
    return machine_limits.most_workers(min(wanted, 4 * cores) if wanted else cores, machine_limits.hard_limits())


def run_all(
    work: Callable[[Sandbox, Job], Answer],
    jobs: Iterable[Job],
    workers: int,
    cache: ExecutionCache | None = None,
    isolation: Isolation = USUAL_ISOLATION,
) -> Iterator[Done[Answer]]:
    """Run every job, on ``workers`` processes. Leaving the iterator early stops them; unfinished jobs are lost.

    ``work`` is a function of a module, since the workers get only its name. Programs whose executions are cached are
    not run; each worker opens the cache's file itself.

    Raises:
        WorkError: A worker process died (out of memory, killed).
        Exception: What ``work`` raised.
    """
    pool = Workers(workers, cache, isolation)
    waiting = iter(jobs)
    running: set[Future[Done[Any]]] = set()
    try:
        with _held_back(signal.SIGINT):  # a worker that is interrupted while it imports prints a traceback
            running = {pool.submit_counted(work, job) for job in islice(waiting, workers * QUEUED_PER_WORKER)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            running |= {pool.submit_counted(work, job) for job in islice(waiting, len(done))}
            for future in done:
                yield future.result()
    except BrokenProcessPool as error:
        raise WorkError(
            f"a worker process died ({machine_limits.likely_cause_of_death()}): finished jobs are kept, run the same "
            "command again, with fewer --workers if it happens twice"
        ) from error
    finally:
        pool.close()


class Workers:
    """Processes with a sandbox each, for callers that submit jobs one by one."""

    def __init__(
        self,
        count: int,
        cache: ExecutionCache | None = None,
        isolation: Isolation = USUAL_ISOLATION,
        *,
        trace: bool = False,
    ) -> None:
        for text in machine_limits.prepare():
            _log.warning("note: %s", text)
        self._folder = temporary_folder()
        self._pool = ProcessPoolExecutor(
            count,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start,
            initargs=(os.getpid(), None if self._folder is None else str(self._folder.path), cache, isolation, trace),
        )
        self.broken = False
        """True once a worker has died: no further job is accepted."""

    def submit_counted(self, work: Callable[[Sandbox, Job], Answer], job: Job) -> Future[Done[Answer]]:
        """Submit a job; its answer comes with the hits and misses of the worker's cache."""
        return self._submit(_do, work, job)

    def submit(self, work: Callable[[Sandbox, Job], Answer], job: Job) -> Future[Answer]:
        """Submit a job. The future raises BrokenProcessPool where a worker died, else what ``work`` raised."""
        with _held_back(signal.SIGINT):
            return self._submit(_do_plainly, work, job)

    def close(self) -> None:
        """Kill the workers at once; their sandboxes die with them. Remove their temporary files."""
        for process in list((self._pool._processes or {}).values()):
            process.kill()
        self._pool.shutdown(wait=True)
        if self._folder is not None:
            self._folder.remove()

    def _submit(self, do: Callable[..., Any], work: Callable[..., Any], job: Any) -> Future[Any]:
        try:
            future = self._pool.submit(do, work, job)
        except BrokenProcessPool as error:
            future = Future()
            future.set_exception(error)
        future.add_done_callback(self._look)
        return future

    def _look(self, future: Future[Any]) -> None:
        if not future.cancelled() and isinstance(future.exception(), BrokenProcessPool):
            self.broken = True


@contextmanager
def _held_back(number: signal.Signals) -> Iterator[None]:
    """Deliver a signal after the block; processes started in it block the signal until they unblock it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})


_sandbox: Sandbox | None = None
"""This worker's sandbox; None in every process that is not a worker."""
_cache: ExecutionCache | None = None
"""This worker's own handle of the cache, where there is one."""


def _start(
    parent: int, folder: str | None, cache: ExecutionCache | None, isolation: Isolation, trace: bool = False
) -> None:
    """Set up a worker process. The parent handles Ctrl-C; a worker whose parent is gone exits.

    All temporary files of a worker are in the parent's folder, which the parent removes: a killed worker cannot.
    """
    global _sandbox, _cache
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    logging.getLogger(ExecutionCache.__module__).disabled = True  # the parent warns once, for all workers
    if folder is not None:
        tempfile.tempdir = folder
    _cache = cache
    _sandbox = Sandbox(cache=cache, trace=trace, **asdict(isolation))


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _do(work: Callable[[Sandbox, Any], Any], job: Any) -> Done[Any]:
    assert _sandbox is not None, "jobs run in workers only"
    answer = work(_sandbox, job)
    return Done(answer, _cache.take_use() if _cache is not None else CacheUse())


def _do_plainly(work: Callable[[Sandbox, Any], Any], job: Any) -> Any:
    return _do(work, job).answer
