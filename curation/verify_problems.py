"""Verify the problems of a build with all its workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps_plus.problem import RawProblem, sha256_of
from apps_plus.raw import RawSource
from curation.build_folder import VerifiedJournal, journal_key
from curation.build_options import BuildOptions, ReportProgress
from curation.journaled_work import Attempt, JournaledWork, attempt
from curation.pipeline.steps import verify_problem
from curation.records import VerifiedProblem
from curation.review_decisions import Changes
from harness.sandbox import Sandbox
from harness.sandbox.execution import Limits
from harness.sandbox.executor import Executor


@dataclass(frozen=True, slots=True)
class VerifyJob:
    """One problem to verify."""

    key: str
    """Of its entry in the journal."""
    raw: RawProblem
    limits: Limits
    changes: Changes | None = None

    @property
    def problem_id(self) -> str:
        """The id of the problem."""
        return self.raw.problem_id


@dataclass(frozen=True, slots=True)
class Verifier:
    """Verifies problems of a build with all its workers."""

    raw: RawSource
    options: BuildOptions
    journal: VerifiedJournal
    report: ReportProgress
    executor: Executor

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
        """Verify and journal what is not in the journal yet. Raises WorkError."""
        journal = self.journal
        work = JournaledWork(stage, "verified", _verify, lambda job: job.key in journal, journal.add)
        work.run(jobs, total, self.executor, self.options.cache, self.report)


def _verify(sandbox: Sandbox, job: VerifyJob) -> Attempt[VerifiedProblem]:
    return attempt(job, lambda: verify_problem(job.raw, sandbox, job.limits, job.changes))
