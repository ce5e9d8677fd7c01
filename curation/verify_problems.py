"""Verify problems on several processes, each with a sandbox of its own, and journal each when it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps_plus.errors import AppsPlusError, WorkError
from apps_plus.problem import RawProblem, sha256_of
from apps_plus.raw import RawSource
from curation.build_folder import VerifiedJournal, journal_key
from curation.build_options import BuildOptions, BuildProgress, ReportProgress
from curation.pipeline.run_solutions import HarnessFaultError
from curation.pipeline.steps import verify_problem
from curation.records import VerifiedProblem
from curation.review_decisions import Changes
from harness.sandbox import Sandbox
from harness.sandbox.execution import Limits
from harness.sandbox.pool import run_all, worker_count


@dataclass(frozen=True, slots=True)
class VerifyJob:
    """One problem to verify."""

    key: str
    """Of its entry in the journal."""
    raw: RawProblem
    limits: Limits
    changes: Changes | None = None


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """One finished job: the verified problem, or the fault of the harness."""

    key: str
    problem_id: str
    problem: VerifiedProblem | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Verifier:
    """Verifies problems of a build with all its workers."""

    raw: RawSource
    options: BuildOptions
    journal: VerifiedJournal
    report: ReportProgress

    def verify(self, ids: Sequence[str], setting: Mapping[str, Any]) -> dict[str, str]:
        """Verify every problem that is not in the journal; return the keys of all, by problem id."""
        setting_digest = sha256_of(setting)
        wanted = set(ids)
        keys: dict[str, str] = {}

        def jobs() -> Iterator[VerifyJob]:
            for problem in self.raw:
                if problem.problem_id in wanted:
                    key = keys[problem.problem_id] = journal_key(problem, setting_digest)
                    yield VerifyJob(key, problem, self.options.limits)
                    if len(keys) == len(wanted):
                        return

        self._run("verify", jobs(), len(wanted))
        return {problem_id: keys[problem_id] for problem_id in ids}

    def verify_corrections(self, changes: Mapping[str, Changes], keys: Mapping[str, str]) -> None:
        """Verify problems again with reviewers' changes.

        Args:
            changes: By problem id.
            keys: Of the corrected problems in the journal, by problem id.
        """
        missing = {problem_id for problem_id in changes if keys[problem_id] not in self.journal}
        if missing:
            problems = (problem for problem in self.raw if problem.problem_id in missing)
            limits = self.options.limits
            jobs = (VerifyJob(keys[p.problem_id], p, limits, changes[p.problem_id]) for p in problems)
            self._run("corrections", jobs, len(missing))

    def _run(self, stage: str, jobs: Iterable[VerifyJob], total: int) -> None:
        """Verify and journal what is not in the journal yet; report after each. Raises WorkError."""
        done, reused, faults = 0, 0, []

        def missing() -> Iterator[VerifyJob]:
            nonlocal reused
            for job in jobs:
                if job.key in self.journal:
                    reused += 1
                else:
                    yield job

        for result in self._results(missing()):
            if result.problem is None:
                faults.append(f"{result.problem_id}: {result.fault}")
                continue
            self.journal.add(result.key, result.problem)
            done += 1
            self.report(BuildProgress(stage, reused + done, total, result.problem_id, reused))
        self.report(BuildProgress(stage, total - len(faults), total, reused=reused))
        if faults:
            raise WorkError(
                f"{len(faults)} problems could not be verified for a fault of ours (first: {faults[0]}): "
                "run the same command again, which tries only these"
            )

    def _results(self, jobs: Iterable[VerifyJob]) -> Iterator[VerifyResult]:
        """Yield results in the order in which they are finished. Raises what ``harness.sandbox.pool.run_all`` does."""
        options = self.options
        for done in run_all(_verify, jobs, worker_count(options.workers), options.cache, options.isolation):
            if options.cache is not None:
                options.cache.add_use(done.cache_use)
            yield done.answer


def _verify(sandbox: Sandbox, job: VerifyJob) -> VerifyResult:
    try:
        problem = verify_problem(job.raw, sandbox, job.limits, job.changes)
    except AppsPlusError:
        raise
    except HarnessFaultError as error:
        return VerifyResult(job.key, job.raw.problem_id, None, str(error))
    except Exception as error:  # one problem that fails here must not stop the others; it is reported and tried again
        return VerifyResult(job.key, job.raw.problem_id, None, f"{type(error).__name__}: {error}")
    return VerifyResult(job.key, job.raw.problem_id, problem)
