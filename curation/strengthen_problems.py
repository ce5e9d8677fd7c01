"""Strengthen the problems of a build with all its workers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from apps_plus.problem import sha256_of
from curation.build_folder import StrengthenedJournal
from curation.build_options import BuildOptions, ReportProgress
from curation.generated_tests.infer_model import infer_model
from curation.generated_tests.problem_runs import size_of
from curation.generated_tests.strengthen_problem import StrengthenOptions, strengthen_problem
from curation.generated_tests.strengthened import STRENGTHEN_VERSION, StrengthenedProblem
from curation.journaled_work import Attempt, JournaledWork, attempt
from curation.mutation.mutants import MUTANTS_VERSION
from curation.records import VerifiedProblem
from harness.sandbox import Sandbox
from harness.sandbox.executor import Executor


@dataclass(frozen=True, slots=True)
class StrengthenJob:
    """One problem to strengthen."""

    key: str
    """Of its entry in the journal."""
    problem: VerifiedProblem
    """As it would be released."""
    checker: str
    options: StrengthenOptions
    is_settled: bool = False
    """True if a decision on it applies."""

    @property
    def problem_id(self) -> str:
        """The id of the problem."""
        return self.problem.problem_id


def settings_of(options: StrengthenOptions) -> dict[str, Any]:
    """Return everything besides the verified problem that its generated tests depend on, for the manifest."""
    return {"version": STRENGTHEN_VERSION, "mutants": MUTANTS_VERSION, **asdict(options)}


def strengthened_key(verified_key: str, options: StrengthenOptions, is_settled: bool = False) -> str:
    """Return the key of a strengthened problem: that of the verified one, and the digest of the settings.

    A problem on which a decision applies has a key of its own: it is strengthened by other rules.
    """
    return f"{verified_key}@{sha256_of(settings_of(options))[:16]}" + ("+decided" if is_settled else "")


@dataclass(frozen=True, slots=True)
class Strengthener:
    """Strengthens the problems of a build with all its workers."""

    options: BuildOptions
    journal: StrengthenedJournal
    report: ReportProgress
    executor: Executor

    def run(self, jobs: Iterable[StrengthenJob], total: int) -> None:
        """Strengthen and journal what is not in the journal yet; report after each. Raises WorkError."""
        work = JournaledWork("strengthen", "strengthened", _strengthen, self._is_done, self.journal.add)
        work.run(jobs, total, self.executor, self.options.cache, self.report)

    def _is_done(self, job: StrengthenJob) -> bool:
        """Return whether the journal has the problem, with generated tests that keep to the limits on their size."""
        if job.key not in self.journal:
            return False
        tests, options = self.journal[job.key].tests, job.options
        sizes = [size_of(given, expected) for given, expected in zip(tests.inputs, tests.outputs, strict=True)]
        return max(sizes, default=0) <= options.budget.most_bytes and sum(sizes) <= options.most_bytes


def _strengthen(sandbox: Sandbox, job: StrengthenJob) -> Attempt[StrengthenedProblem]:
    return attempt(
        job,
        lambda: strengthen_problem(job.problem, sandbox, job.options, infer_model, job.checker, job.is_settled),
    )
