"""Run the programs of an evaluation on all workers, reusing earlier results.

Identical programs of one problem run once. A result in the file is reused where the program, the tests, the limits,
the sandbox and the version of this toolkit are the same. A program that the machine may have failed (a timeout under
load, a fault of the harness) runs a second time, alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import NamedTuple

import apps_plus
from apps_plus.problem import Comparison, Tests, sha256_of, unlimited_digits
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.cache_key import Setting
from harness.sandbox.execution import Checks, Limits
from harness.sandbox.pool import run_all, worker_count
from harness.scoring.benchmarks.benchmark import BenchmarkProblem, PlusTests
from harness.scoring.benchmarks.evalplus import literal
from harness.scoring.options import EvaluateOptions
from harness.scoring.results import ResultsFile, SampleResult
from harness.scoring.samples.sample import Sample
from harness.scoring.samples.sample_programs import Programs
from harness.scoring.score import Score, score


@dataclass(frozen=True, slots=True)
class EvaluationProgress:
    """Counts of an evaluation that is running."""

    stage: str
    """``evaluate``, then ``alone``."""
    done: int
    """Samples that have a result."""
    total: int
    reused: int
    """Of ``done``: results of an earlier run of the same command."""
    passed: int
    scored: int
    """Samples that have a verdict; ``passed`` of these passed: the running pass@1."""


ReportProgress = Callable[[EvaluationProgress], None]


class ScoredSample(NamedTuple):
    """One sample to score."""

    problem: BenchmarkProblem
    number: int
    """Among the samples of its problem, from 0."""
    source: str
    digest: str
    """SHA-256 of the program and of everything that decides its verdict."""


def entries_of(
    scorable: Sequence[tuple[BenchmarkProblem, Sample]], programs: Programs, limits: Limits, setting: Setting
) -> list[ScoredSample]:
    """Return one entry for each sample that can be scored, in their order."""
    digests: dict[str, str] = {}
    counts: dict[str, int] = {}
    entries = []
    for (problem, _), source in zip(scorable, programs.sources, strict=True):
        task_id = problem.task_id
        if task_id not in digests:
            ways = [problem.gives_imports, problem.as_apps_judge]
            judged_by = [problem_digest(problem), ways, asdict(limits), asdict(setting), apps_plus.__version__]
            digests[task_id] = sha256_of(judged_by)
        number = counts[task_id] = counts.get(task_id, -1) + 1
        entries.append(ScoredSample(problem, number, source, sha256_of([digests[task_id], source])))
    return entries


def problem_digest(problem: BenchmarkProblem) -> str:
    """Return the SHA-256 of everything in a problem that decides a verdict."""
    with unlimited_digits():
        suites = [(suite.name, _stable_repr(suite.tests)) for suite in problem.suites]
        ways = (problem.comparison, problem.dict_keys, problem.checker, problem.as_apps_judge, problem.gives_imports)
        rule = (problem.rule,) if problem.comparison in (Comparison.FLOAT, Comparison.UNORDERED) else ()
        text = repr((problem.task_id, problem.entry_point, suites, ways, *rule))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _stable_repr(tests: Checks | Tests | PlusTests) -> str:
    """Return the tests as text that is the same in every process (sets are sorted)."""
    if isinstance(tests, PlusTests):
        return f"{literal(tests.inputs)} {tests.reference!r} {tests.atol}"
    return repr(tests)


class ScoreJob(NamedTuple):
    """One program of one problem, for a worker."""

    problem: BenchmarkProblem
    digest: str
    source: str
    limits: Limits


def score_job(sandbox: Sandbox, job: ScoreJob) -> tuple[str, Score]:
    """Score a program in a worker; return its digest and score."""
    return job.digest, score(sandbox, job.problem, job.source, job.limits)


def result_of(entry: ScoredSample, scored: Score, reruns: int = 0) -> SampleResult:
    """Return the result of a sample from the score of its program."""
    fields = {name: value for name, value in asdict(scored).items() if name != "unsure"}
    problem = entry.problem
    return SampleResult(problem.task_id, entry.number, problem.tier, **fields, reruns=reruns, digest=entry.digest)


class SampleRun:
    """Collects the results of all entries: from the file, from the workers, and from second runs, alone."""

    def __init__(
        self,
        entries: Sequence[ScoredSample],
        limits: Limits,
        options: EvaluateOptions,
        file: ResultsFile,
        report: ReportProgress,
    ) -> None:
        self.entries = entries
        self.limits = limits
        self.options = options
        self.file = file
        self.report = report
        self.copies: dict[str, list[ScoredSample]] = {}
        for entry in entries:
            self.copies.setdefault(entry.digest, []).append(entry)
        self.known: dict[str, SampleResult] = {}
        self.done = self.passed = 0
        """Samples that have a result, and those of them that passed."""
        for result in file.earlier:
            if result.digest in self.copies and result.verdict is not Verdict.HARNESS_ERROR:
                self._record(result)
        self.reused = self.done
        self.stale = sum(result.digest not in self.copies for result in file.earlier)
        """Results in the file that no sample of this run can use."""

    def results(self) -> list[SampleResult]:
        """Run the programs without a result; return one result for each entry, in their order."""
        missing = [copies[0] for digest, copies in self.copies.items() if digest not in self.known]
        unsure = []
        self._report("evaluate")
        for entry, scored in self._scores(missing, worker_count(self.options.workers)):
            if scored.unsure:
                unsure.append(entry)
            else:
                self._add(entry, scored, reruns=0)
                self._report("evaluate")
        if unsure:
            self._report("alone")
        for entry, scored in self._scores(unsure, 1):
            self._add(entry, scored, reruns=1)
            self._report("alone")
        return [_copied_to(entry, self.known[entry.digest]) for entry in self.entries]

    def _scores(self, entries: Sequence[ScoredSample], workers: int) -> Iterator[tuple[ScoredSample, Score]]:
        if not entries:
            return
        isolation, cache = self.options.isolation, self.options.cache
        for done in run_all(score_job, self._jobs(entries), min(workers, len(entries)), cache, isolation):
            if cache is not None:
                cache.add_use(done.cache_use)
            digest, scored = done.answer
            yield self.copies[digest][0], scored

    def _jobs(self, entries: Sequence[ScoredSample]) -> Iterator[ScoreJob]:
        """Yield jobs problem by problem, so that a worker prepares each problem's tests once."""
        by_problem: dict[str, list[ScoredSample]] = {}
        for entry in entries:
            by_problem.setdefault(entry.problem.task_id, []).append(entry)
        for group in by_problem.values():
            for entry in group:
                yield ScoreJob(entry.problem, entry.digest, entry.source, self.limits)

    def _add(self, entry: ScoredSample, scored: Score, reruns: int) -> None:
        self._record(result_of(entry, scored, reruns))
        self.file.append(_copied_to(copy, self.known[entry.digest]) for copy in self.copies[entry.digest])

    def _record(self, result: SampleResult) -> None:
        if result.digest not in self.known:
            copies = len(self.copies[result.digest])
            self.done += copies
            self.passed += copies * (result.verdict is Verdict.PASSED)
        self.known[result.digest] = result

    def _report(self, stage: str) -> None:
        self.report(EvaluationProgress(stage, self.done, len(self.entries), self.reused, self.passed, self.done))


def _copied_to(entry: ScoredSample, result: SampleResult) -> SampleResult:
    """Return the result of an entry whose program is the same as that of ``result``."""
    return replace(result, task_id=entry.problem.task_id, sample=entry.number, tier=entry.problem.tier)
