"""Verifies problems on several processes, each with a sandbox of its own.

Results come back in the order in which they are finished; whoever journals them does not care.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from apps_plus.errors import AppsPlusError
from apps_plus.problem import RawProblem
from curation.pipeline.run_solutions import HarnessFaultError
from curation.pipeline.verify_problem import verify_problem
from curation.records import VerifiedProblem
from curation.review_decisions import Changes
from harness.sandbox import USUAL_ISOLATION, Isolation, Sandbox
from harness.sandbox.cache import CacheUse, ExecutionCache
from harness.sandbox.execution import Limits
from harness.sandbox.pool import run_all


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

    Raises what ``harness.sandbox.pool.run_all`` does.
    """
    for done in run_all(_verify, jobs, workers, cache, isolation):
        yield replace(done.answer, cache_use=done.cache_use)


def _verify(sandbox: Sandbox, job: Job) -> Result:
    try:
        problem = verify_problem(job.raw, sandbox, job.limits, job.changes)
    except AppsPlusError:
        raise
    except HarnessFaultError as error:
        return Result(job.key, job.raw.problem_id, None, str(error))
    except Exception as error:  # one problem that trips us must not stop the others; it is named, and tried again
        return Result(job.key, job.raw.problem_id, None, f"{type(error).__name__}: {error}")
    return Result(job.key, job.raw.problem_id, problem)
