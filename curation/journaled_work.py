"""Do the same work on many problems, on several processes with a sandbox each, and journal each when it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from apps_plus.errors import AppsPlusError, WorkError
from curation.build_options import BuildProgress, ReportProgress
from curation.pipeline.run_solutions import HarnessFaultError
from harness.sandbox import Sandbox
from harness.sandbox.cache import ExecutionCache
from harness.sandbox.executor import Executor


class KeyedJob(Protocol):
    """The work on one problem."""

    @property
    def key(self) -> str:
        """The key of its entry in the journal."""

    @property
    def problem_id(self) -> str:
        """The id of the problem."""


Job = TypeVar("Job", bound=KeyedJob)
Product = TypeVar("Product")


@dataclass(frozen=True, slots=True)
class Attempt(Generic[Product]):
    """One finished job: its product, or the fault of the harness."""

    key: str
    problem_id: str
    product: Product | None
    fault: str = ""


def attempt(job: KeyedJob, work: Callable[[], Product]) -> Attempt[Product]:
    """Do the work of a job in a worker. One problem that fails must not stop the others: its fault is returned.

    Raises:
        AppsPlusError: The user must act, as for a decision that does not fit the problem.
    """
    try:
        return Attempt(job.key, job.problem_id, work())
    except AppsPlusError:
        raise
    except HarnessFaultError as error:
        return Attempt(job.key, job.problem_id, None, str(error))
    except Exception as error:  # reported by ``JournaledWork``, and tried again by the next run
        return Attempt(job.key, job.problem_id, None, f"{type(error).__name__}: {error}")


@dataclass(frozen=True, slots=True)
class JournaledWork(Generic[Job, Product]):
    """One stage of a build, and where its products are kept."""

    stage: str
    """Its name in reports of progress."""
    done: str
    """The participle in an error: ``verified``."""
    work: Callable[[Sandbox, Job], Attempt[Product]]
    """A function at module level, so that workers can load it."""
    is_done: Callable[[Job], bool]
    """True for a job whose product is in the journal."""
    add: Callable[[str, Product], None]
    """Journals a product under its key."""

    def run(
        self,
        jobs: Iterable[Job],
        total: int,
        executor: Executor,
        cache: ExecutionCache | None,
        report: ReportProgress,
    ) -> None:
        """Do and journal what is not in the journal yet; report after each.

        Args:
            jobs: The jobs, each with its key.
            total: Their number.
            executor: Does them.
            cache: Counts the hits and misses of the executor's workers, if they have one.
            report: Called with the progress.

        Raises:
            WorkError: Some problems failed for a fault of the harness. What is finished is kept.
        """
        done, reused, faults = 0, 0, []

        def missing() -> Iterator[Job]:
            nonlocal reused
            for job in jobs:
                if self.is_done(job):
                    reused += 1
                else:
                    yield job

        for finished in executor.run(self.work, missing()):
            if cache is not None:
                cache.add_use(finished.cache_use)
            result = finished.answer
            if result.product is None:
                faults.append(f"{result.problem_id}: {result.fault}")
                continue
            self.add(result.key, result.product)
            done += 1
            report(BuildProgress(self.stage, reused + done, total, result.problem_id, reused))
        report(BuildProgress(self.stage, total - len(faults), total, reused=reused))
        if faults:
            raise WorkError(
                f"{len(faults)} problems could not be {self.done} for a fault of ours (first: {faults[0]}): "
                "run the same command again, which tries only these"
            )
