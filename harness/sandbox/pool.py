"""Run jobs on several processes, each with a sandbox of its own.

Results come back in the order in which they are finished.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import pickle
import selectors
import signal
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from apps_plus.errors import WorkError
from harness.doctor import available_cores
from harness.sandbox import USUAL_ISOLATION, Isolation, Sandbox, machine_limits
from harness.sandbox.cache import CacheUse, ExecutionCache
from harness.sandbox.temporary_folder import temporary_folder
from harness.sandbox.worker import descendants, wait_for_end

if TYPE_CHECKING:
    from concurrent.futures import Future

_log = logging.getLogger(__name__)

QUEUED_PER_WORKER = 2
"""Jobs handed out ahead, so that no worker waits for the parent; few, so that memory stays flat."""
_SENT_AHEAD_BYTES = 32 << 10
"""Longest job that is sent to a worker that is busy: the socket holds several of these, so that sending never waits."""

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

    Raises as ``SandboxPool.run`` does.
    """
    with closing(SandboxPool(workers, cache, isolation)) as pool:
        yield from pool.run(work, jobs)


class SandboxPool:
    """Processes with a sandbox each, which take jobs from one caller. A sandbox starts with the first job."""

    def __init__(self, count: int, cache: ExecutionCache | None = None, isolation: Isolation = USUAL_ISOLATION) -> None:
        """Start the processes.

        Programs whose executions are cached are not run; each worker opens the cache's file itself.
        """
        for text in machine_limits.prepare():
            _log.warning("note: %s", text)
        self._folder = temporary_folder()
        folder = None if self._folder is None else str(self._folder.path)
        self._workers: list[_Worker] = []
        try:
            method = start_method()
            # a worker that is interrupted while it imports prints a traceback
            with _held_back(signal.SIGINT, spawned=method == "spawn"):
                for _ in range(count):
                    inherited = [worker.connection for worker in self._workers] if method == "fork" else []
                    self._workers.append(_Worker(method, inherited, (folder, cache, isolation)))
        except BaseException:
            self.close()
            raise

    def run(
        self,
        work: Callable[[Sandbox, Job], Answer],
        jobs: Iterable[Job],
        *,
        alone: bool = False,
        shared: tuple[type, ...] = (),
    ) -> Iterator[Done[Answer]]:
        """Hand out the first jobs, and return an iterator that hands out the others and yields the answers.

        A second run may begin once the iterator is exhausted; leaving it early closes the pool.

        Args:
            work: A function of a module, since the workers get only its name.
            jobs: The jobs; each is taken when a worker is about to be free.
            alone: Use one process only, so that no job is slowed down by another.
            shared: Not used here (``Executor.run``): a job is copied to a worker through memory.

        The iterator raises:
            WorkError: A worker process died (out of memory, killed).
            Exception: What ``work`` raised.
        """
        used = self._workers[: 1 if alone else None]
        waiting = iter(jobs)
        for most in range(1, QUEUED_PER_WORKER + 1):
            for worker in used:
                worker.take_from(work, waiting, most)
        return self._answers(used, work, waiting)

    def _answers(
        self, used: Sequence[_Worker], work: Callable[[Sandbox, Job], Answer], waiting: Iterator[Job]
    ) -> Iterator[Done[Answer]]:
        try:
            with selectors.DefaultSelector() as selector:
                for worker in used:
                    selector.register(worker.connection, selectors.EVENT_READ, worker)
                while any(worker.unanswered for worker in used):
                    for key, _ in selector.select():
                        yield self._next_answer(key.data, work, waiting)
        except BaseException:  # also where the iterator is left: what is unanswered would be taken for the next run's
            self.close()
            raise

    def _next_answer(self, worker: _Worker, work: Callable[..., Any], waiting: Iterator[Any]) -> Done[Any]:
        try:
            done: Done[Any] = worker.receive()
            worker.take_from(work, waiting, QUEUED_PER_WORKER)
            return done
        except (EOFError, ConnectionError) as error:
            raise WorkError(
                f"a worker process died ({machine_limits.likely_cause_of_death()}): finished jobs are kept, run the "
                "same command again, with fewer --workers if it happens twice"
            ) from error

    def is_alive(self) -> bool:
        """Return whether all workers live."""
        return bool(self._workers) and all(worker.is_alive() for worker in self._workers)

    def kill(self) -> None:
        """Kill the workers, and wait until their sandboxes have ended. Any thread may call it.

        A run of another thread then raises WorkError, which closes the pool.
        """
        workers = list(self._workers)
        below = [pid for worker in workers for pid in descendants(worker.pid)]
        for worker in workers:
            worker.kill_process()
        wait_for_end(below)

    def close(self) -> None:
        """Kill the workers, and wait until they and their sandboxes have ended. Remove their temporary files."""
        below = [pid for worker in self._workers for pid in descendants(worker.pid)]
        for worker in self._workers:
            worker.kill()
        self._workers.clear()
        wait_for_end(below)
        if self._folder is not None:
            self._folder.remove()

    def __enter__(self) -> SandboxPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def start_method() -> str:
    """Return how worker processes start: by ``fork`` where that is safe, which takes no time, else by ``spawn``.

    A lock that another thread holds while a process forks is never released in the child.
    """
    try:
        threads = sum(1 for _ in Path("/proc/self/task").iterdir())
    except OSError:  # not Linux
        return "spawn"
    return "fork" if threads == 1 else "spawn"


class _Worker:
    """The parent's end of a worker process."""

    def __init__(self, method: str, inherited: list[Connection], setting: tuple[Any, ...]) -> None:
        context: Any = multiprocessing.get_context(method)
        self.connection, theirs = context.Pipe()
        if method == "fork":
            inherited = [*inherited, self.connection]
        with theirs:
            self._process = context.Process(target=_serve, args=(theirs, inherited, os.getpid(), *setting), daemon=True)
            self._process.start()
        self.unanswered = 0
        self._held = b""
        """A job that is too long to be sent before the others are answered."""

    @property
    def pid(self) -> int:
        return int(self._process.pid)

    def take_from(self, work: Callable[..., Any], jobs: Iterator[Any], most: int) -> None:
        """Take jobs until ``most`` are unanswered, and send them; a long one waits until the others are answered.

        A worker that is sending a long answer reads nothing: both ends would wait for each other.
        """
        while self._send_held() and self.unanswered < most:
            for job in jobs:
                self._held = pickle.dumps((work, job), pickle.HIGHEST_PROTOCOL)
                self.unanswered += 1
                break
            else:
                return

    def _send_held(self) -> bool:
        """Send the job that is held, unless it has to wait. Returns whether none is held now."""
        if self._held:
            if self.unanswered > 1 and len(self._held) > _SENT_AHEAD_BYTES:
                return False
            with suppress(ConnectionError):  # it has died: ``receive`` says so
                self.connection.send_bytes(self._held)
            self._held = b""
        return True

    def receive(self) -> Done[Any]:
        """Return the next answer. Raises what the work raised; EOFError or ConnectionError if the process died."""
        answer = self.connection.recv_bytes()
        self.unanswered -= 1
        return read_answer(answer)

    def is_alive(self) -> bool:
        """Return whether the process lives."""
        return bool(self._process.is_alive())

    def kill_process(self) -> None:
        """Kill the process; whoever waits for its answer finds the connection closed."""
        self._process.kill()

    def kill(self) -> None:
        self.connection.close()
        self._process.kill()
        self._process.join()


class Workers:
    """Processes with a sandbox each, for callers that submit jobs one by one, from any thread."""

    def __init__(self, count: int, isolation: Isolation = USUAL_ISOLATION, *, trace: bool = False) -> None:
        from concurrent.futures import ProcessPoolExecutor

        for text in machine_limits.prepare():
            _log.warning("note: %s", text)
        self._folder = temporary_folder()
        folder = None if self._folder is None else str(self._folder.path)
        self._pool = ProcessPoolExecutor(
            count,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=start_worker,
            initargs=(os.getpid(), folder, None, isolation, trace),
        )
        self.broken = False
        """True once a worker has died: no further job is accepted."""

    def submit(self, work: Callable[[Sandbox, Job], Answer], job: Job) -> Future[Answer]:
        """Submit a job. The future raises BrokenProcessPool where a worker died, else what ``work`` raised."""
        from concurrent.futures import Future
        from concurrent.futures.process import BrokenProcessPool

        future: Future[Answer]
        try:
            with _held_back(signal.SIGINT, spawned=True):
                future = self._pool.submit(_do, work, job)
        except BrokenProcessPool as error:
            future = Future()
            future.set_exception(error)
        future.add_done_callback(self._look)
        return future

    def close(self) -> None:
        """Kill the workers at once; their sandboxes die with them. Remove their temporary files."""
        for process in list((self._pool._processes or {}).values()):
            process.kill()
        self._pool.shutdown(wait=True)
        if self._folder is not None:
            self._folder.remove()

    def _look(self, future: Future[Any]) -> None:
        from concurrent.futures.process import BrokenProcessPool

        if not future.cancelled() and isinstance(future.exception(), BrokenProcessPool):
            self.broken = True


@contextmanager
def _held_back(number: signal.Signals, *, spawned: bool) -> Iterator[None]:
    """Deliver a signal after the block; processes started in it block the signal until they unblock it.

    The first process that is spawned starts multiprocessing's resource tracker, and that start unblocks SIGINT: with
    ``spawned``, it comes before the block.
    """
    if spawned:
        resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})


_sandbox: Sandbox | None = None
"""This worker's sandbox; None in every process that is not a worker."""
_cache: ExecutionCache | None = None
"""This worker's own handle of the cache, where there is one."""


def start_worker(
    parent: int, folder: str | None, cache: ExecutionCache | None, isolation: Isolation, trace: bool = False
) -> Sandbox:
    """Set up a worker process; return its sandbox. The parent handles Ctrl-C; a worker whose parent is gone exits.

    All temporary files of a worker are in the parent's folder, which the parent removes: a killed worker cannot.
    """
    global _sandbox, _cache
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    logging.getLogger(ExecutionCache.__module__).disabled = True  # the parent warns once, for all workers
    if folder is not None:
        tempfile.tempdir = folder
    _cache = cache
    _sandbox = Sandbox(cache=cache, trace=trace, **asdict(isolation))
    return _sandbox


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _serve(
    connection: Connection,
    inherited: Sequence[Connection],
    parent: int,
    folder: str | None,
    cache: ExecutionCache | None,
    isolation: Isolation,
) -> None:
    """Answer jobs until the parent closes the connection; ``inherited`` are the parent's ends, copied by a fork."""
    gc.freeze()  # what the parent has made is not looked at by a collection, which would copy its memory
    for other in inherited:
        other.close()
    start_worker(parent, folder, cache, isolation)
    while True:
        try:
            work, job = connection.recv()
            connection.send_bytes(answer_of(work, job))
        except (EOFError, ConnectionError):  # the parent has ended or was killed
            os._exit(0)


def answer_of(work: Callable[[Sandbox, Any], Any], job: Any) -> bytes:
    """Do a job in a worker; return its answer, or what it raised, and the use of the cache, pickled."""
    try:
        succeeded, answer = True, _do(work, job)
    except Exception as error:
        error.add_note(traceback.format_exc())
        succeeded, answer = False, _picklable(error)
    return pickle.dumps((succeeded, answer, _cache.take_use() if _cache is not None else CacheUse()))


def read_answer(pickled: bytes) -> Done[Any]:
    """Return what ``answer_of`` wrote. Raises what the work raised."""
    succeeded, answer, use = pickle.loads(pickled)  # noqa: S301  # a worker's own bytes: no program writes them
    if not succeeded:
        raise answer
    return Done(answer, use)


def _picklable(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
        return error
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")


def _do(work: Callable[[Sandbox, Any], Any], job: Any) -> Any:
    assert _sandbox is not None, "jobs run in workers only"
    return work(_sandbox, job)
