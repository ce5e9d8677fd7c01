"""Strengthen problems on several processes, each with a sandbox of its own, and journal each when it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from apps_plus.errors import AppsPlusError, WorkError
from apps_plus.problem import sha256_of
from curation.build_folder import StrengthenedJournal
from curation.build_options import BuildOptions, BuildProgress, ReportProgress
from curation.generated_tests.infer_model import infer_model
from curation.generated_tests.problem_runs import size_of
from curation.generated_tests.strengthen_problem import StrengthenOptions, strengthen_problem
from curation.generated_tests.strengthened import STRENGTHEN_VERSION, StrengthenedProblem
from curation.mutation.mutants import MUTANTS_VERSION
from curation.pipeline.run_solutions import HarnessFaultError
from curation.records import VerifiedProblem
from harness.sandbox import Sandbox
from harness.sandbox.pool import run_all, worker_count


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


@dataclass(frozen=True, slots=True)
class StrengthenResult:
    """One finished job: the strengthened problem, or the fault of the harness."""

    key: str
    problem_id: str
    problem: StrengthenedProblem | None
    fault: str = ""


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

    def run(self, jobs: Iterable[StrengthenJob], total: int) -> None:
        """Strengthen and journal what is not in the journal yet; report after each. Raises WorkError."""
        done, reused, faults = 0, 0, []

        def missing() -> Iterator[StrengthenJob]:
            nonlocal reused
            for job in jobs:
                if self._is_done(job):
                    reused += 1
                else:
                    yield job

        for result in self._results(missing()):
            if result.problem is None:
                faults.append(f"{result.problem_id}: {result.fault}")
                continue
            self.journal.add(result.key, result.problem)
            done += 1
            self.report(BuildProgress("strengthen", reused + done, total, result.problem_id, reused))
        self.report(BuildProgress("strengthen", total - len(faults), total, reused=reused))
        if faults:
            raise WorkError(
                f"{len(faults)} problems could not be strengthened for a fault of ours (first: {faults[0]}): "
                "run the same command again, which tries only these"
            )

    def _is_done(self, job: StrengthenJob) -> bool:
        """Return whether the journal has the problem, with generated tests that keep to the limits on their size."""
        if job.key not in self.journal:
            return False
        tests, options = self.journal[job.key].tests, job.options
        sizes = [size_of(given, expected) for given, expected in zip(tests.inputs, tests.outputs, strict=True)]
        return max(sizes, default=0) <= options.budget.most_bytes and sum(sizes) <= options.most_bytes

    def _results(self, jobs: Iterable[StrengthenJob]) -> Iterator[StrengthenResult]:
        """Yield results in the order in which they are finished. Raises what ``harness.sandbox.pool.run_all`` does."""
        options = self.options
        for done in run_all(_strengthen, jobs, worker_count(options.workers), options.cache, options.isolation):
            if options.cache is not None:
                options.cache.add_use(done.cache_use)
            yield done.answer


def _strengthen(sandbox: Sandbox, job: StrengthenJob) -> StrengthenResult:
    try:
        problem = strengthen_problem(job.problem, sandbox, job.options, infer_model, job.checker, job.is_settled)
    except AppsPlusError:
        raise
    except HarnessFaultError as error:
        return StrengthenResult(job.key, job.problem.problem_id, None, str(error))
    except Exception as error:  # one problem that fails here must not stop the others; it is reported and tried again
        return StrengthenResult(job.key, job.problem.problem_id, None, f"{type(error).__name__}: {error}")
    return StrengthenResult(job.key, job.problem.problem_id, problem)
