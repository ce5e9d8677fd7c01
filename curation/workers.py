"""Verifies problems on several processes, each with a sandbox of its own.

Results come back in the order in which they are finished; whoever journals them does not care.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice

from apps_plus.errors import AppsPlusError, WorkError
from apps_plus.problem import RawProblem
from curation.decisions import Changes
from curation.records import VerifiedProblem
from harness.cache import CacheUse, ExecutionCache
from harness.execution import Limits
from harness.sandbox import USUAL_ISOLATION, Isolation, Sandbox

QUEUED_PER_WORKER = 2
"""Jobs handed out ahead, so that no worker waits for the parent; few, so that memory stays flat."""


@dataclass(frozen=True, slots=True)
class Job:
    """One problem to verify."""

    key: str
    raw: RawProblem
    limits: Limits
    changes: Changes | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One job done: the verified problem, or what went wrong in the harness."""

    job_key: str
    problem_id: str
    problem: VerifiedProblem | None
    fault: str = ""
    cache_use: CacheUse = field(default_factory=CacheUse)
    """What the worker's cache was good for since its last result."""


def verify_all(
    jobs: Iterable[Job], workers: int, cache: ExecutionCache | None = None, isolation: Isolation = USUAL_ISOLATION
) -> Iterator[Result]:
    """Verify every job. Leaving the iterator early stops the workers; what they had begun is lost.

    What a program does that the cache knows is not run; each worker opens the cache's file itself.

    Raises WorkError where a worker process dies (out of memory, killed).
    """
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_start, initargs=(os.getpid(), cache, isolation)
    )
    waiting = iter(jobs)
    running: set[Future[Result]] = set()
    try:
        with _held_back(signal.SIGINT):  # a worker that is interrupted while it imports would say so at length
            running = {pool.submit(_verify, job) for job in islice(waiting, workers * QUEUED_PER_WORKER)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            running |= {pool.submit(_verify, job) for job in islice(waiting, len(done))}
            for future in done:
                yield future.result()
    except BrokenProcessPool as error:
        raise WorkError(
            "a worker process died (out of memory?): what was finished is kept, run the same command again, "
            "with fewer --workers if it happens twice"
        ) from error
    finally:
        _stop(pool)


def _stop(pool: ProcessPoolExecutor) -> None:
    """End the workers now, whatever they are doing: their sandboxes die with them."""
    for process in list((pool._processes or {}).values()):
        process.kill()
    pool.shutdown(wait=True)


@contextmanager
def _held_back(number: signal.Signals) -> Iterator[None]:
    """Deliver a signal after the block; processes started in it do not get it before they say so."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})


_sandbox: Sandbox | None = None
"""This worker's sandbox; None in every process that is not a worker."""
_cache: ExecutionCache | None = None
"""This worker's own handle of the cache, where there is one."""


def _start(parent: int, cache: ExecutionCache | None, isolation: Isolation) -> None:
    """Set a worker process up. Ctrl-C is the parent's to handle; a worker whose parent is gone ends itself."""
    global _sandbox, _cache
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    logging.getLogger(ExecutionCache.__module__).disabled = True  # the parent tells what went wrong, once for all
    _cache = cache
    _sandbox = Sandbox(cache=cache, **asdict(isolation))


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _verify(job: Job) -> Result:
    from curation.pipeline import verify_problem
    from curation.verify import HarnessFaultError

    assert _sandbox is not None, "jobs run in workers only"
    try:
        problem = verify_problem(job.raw, _sandbox, job.limits, job.changes)
    except AppsPlusError:
        raise
    except HarnessFaultError as error:
        return Result(job.key, job.raw.problem_id, None, str(error), _cache_use())
    except Exception as error:  # one problem that trips us must not stop the others; it is named, and tried again
        return Result(job.key, job.raw.problem_id, None, f"{type(error).__name__}: {error}", _cache_use())
    return Result(job.key, job.raw.problem_id, problem, cache_use=_cache_use())


def _cache_use() -> CacheUse:
    return _cache.take_use() if _cache is not None else CacheUse()
