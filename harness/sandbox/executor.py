"""Where jobs run: in processes of this machine, or in the actors of a Ray cluster.

    with open_executor(workers, cache, isolation, on) as executor:
        for done in executor.run(work, jobs):
            ...

Whoever has jobs takes an ``Executor`` and knows no more of it. The answers are the same wherever they were found, and
come back in the order in which they are finished.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, Self, TypeVar

from apps_plus.errors import InputError
from harness.sandbox import Isolation, Sandbox
from harness.sandbox.cache import ExecutionCache
from harness.sandbox.pool import Done, SandboxPool, worker_count

HERE = "here"
"""``--on`` of this machine."""
RAY = "ray"
"""``--on`` of the Ray cluster that this machine is in; ``ray://HOST:PORT`` is another."""

Job = TypeVar("Job")
Answer = TypeVar("Answer")


class Executor(Protocol):
    """Workers with a sandbox each."""

    def run(
        self,
        work: Callable[[Sandbox, Job], Answer],
        jobs: Iterable[Job],
        *,
        alone: bool = False,
        shared: tuple[type[Any], ...] = (),
    ) -> Iterator[Done[Answer]]:
        """Begin with the jobs, and return an iterator over their answers.

        A second run may begin once the iterator is exhausted; leaving it early ends the workers.

        Args:
            work: A function of a module, since the workers get only its name. Some job may be done twice where a
                worker is lost, so the function must not leave anything behind.
            jobs: The jobs; each is taken when a worker is about to be free.
            alone: Do one job at a time on each machine, so that none is slowed down by another.
            shared: Types of those parts of jobs that many jobs have in common: each such object travels once.

        The iterator raises:
            WorkError: A worker cannot be started, or died and cannot be replaced.
            Exception: What ``work`` raised.
        """

    def close(self) -> None:
        """End the workers, whatever they do."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


def open_executor(workers: int, cache: ExecutionCache | None, isolation: Isolation, on: str = HERE) -> Executor:
    """Start workers.

    Args:
        workers: Their number; 0: one for each core of the machine or the cluster.
        cache: Known executions; only on this machine.
        isolation: The isolation of their sandboxes.
        on: ``here``, ``ray`` or ``ray://HOST:PORT``.

    Raises:
        InputError: There is no such place, or it has no cache.
        WorkError: The workers or the cluster cannot be reached.
    """
    refuse_place(on, cache)
    if on == HERE:
        return SandboxPool(worker_count(workers), cache, isolation)
    from harness.cluster.ray_pool import RayPool

    return RayPool(on, workers, isolation)


def refuse_place(on: str, cache: ExecutionCache | None) -> None:
    """Raise InputError where ``--on`` names no place, or one that has no cache."""
    if on == HERE:
        return
    if on != RAY and not on.startswith("ray://"):
        raise InputError(f"--on {on}: there is no such place: give {HERE}, {RAY} or ray://HOST:PORT")
    if cache is not None:
        raise InputError(
            f"--cache {cache.path}: the nodes of a cluster cannot share this file: leave --cache out with --on {on} "
            "(finished work is kept in any case)"
        )
