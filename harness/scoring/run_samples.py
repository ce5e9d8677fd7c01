"""Run the programs of an evaluation on all workers, reusing earlier results.

Identical programs of one problem run once. A result in the file is reused where the program, the tests, the limits,
the sandbox and the version of this toolkit are the same. A program that the machine may have failed (a timeout under
load, a fault of the harness) runs a second time, alone; ``docs/timeouts.md`` says which.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from dataclasses import fields as fields_of
from typing import NamedTuple

import apps_plus
from apps_plus.problem import Comparison, Tests, sha256_of, unlimited_digits
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.cache_key import Setting
from harness.sandbox.execution import Checks, Limits
from harness.sandbox.executor import Executor
from harness.scoring.benchmarks.benchmark import BenchmarkProblem, PlusTests
from harness.scoring.benchmarks.evalplus.inputs import literal
from harness.scoring.options import EvaluateOptions
from harness.scoring.other_judges.judges import OtherJudge
from harness.scoring.results import ResultsFile, SampleResult
from harness.scoring.samples.sample import Sample
from harness.scoring.samples.sample_programs import Programs
from harness.scoring.score import OVERRUN, Score, score

MOST_RERUNS, RERUN_SHARE = 10, 0.1
"""Timeouts that may run again: so many, or this share of the programs that ran, the larger of them."""


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


_LOOP = re.compile(r"\bwhile\b")


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
    judged_by = [asdict(limits), asdict(setting), apps_plus.__version__]
    digests: dict[str, str] = {}
    counts: dict[str, int] = {}
    entries = []
    for (problem, _), source in zip(scorable, programs.sources, strict=True):
        task_id = problem.task_id
        if task_id not in digests:
            ways = [problem.gives_imports, problem.as_apps_judge]
            digests[task_id] = sha256_of([problem_digest(problem), ways, *judged_by])
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
    overrun: float = OVERRUN
    """As for ``Sandbox.overrunning``; 1 for a program that runs again, whose verdict is final."""
    as_judge: OtherJudge | None = None
    """As in ``EvaluateOptions``."""


def score_job(sandbox: Sandbox, job: ScoreJob) -> tuple[str, Score]:
    """Score a program in a worker; return its digest and score."""
    with sandbox.overrunning(job.overrun):
        return job.digest, score(sandbox, job.problem, job.source, job.limits, job.as_judge)


def result_of(entry: ScoredSample, scored: Score, reruns: int = 0, unsure: bool = False) -> SampleResult:
    """Return the result of a sample from the score of its program; ``unsure`` as in ``SampleResult``."""
    fields = {field.name: getattr(scored, field.name) for field in fields_of(Score)}
    fields |= {"unsure": unsure, "reruns": reruns, "digest": entry.digest}
    problem = entry.problem
    return SampleResult(problem.task_id, entry.number, problem.tier, **fields)


def choose_reruns(unsure: Mapping[str, Score], ran: int) -> set[str]:
    """Return which programs run again, by their digests: all but timeouts, and of these the shortest first.

    Args:
        unsure: The scores of the programs that the machine may have failed.
        ran: Number of programs that ran.
    """
    timeouts = [digest for digest, scored in unsure.items() if scored.verdict is Verdict.TIMEOUT]
    timeouts.sort(key=lambda digest: unsure[digest].seconds)
    return set(unsure).difference(timeouts[max(MOST_RERUNS, int(RERUN_SHARE * ran)) :])


class SampleRun:
    """Collects the results of all entries: from the file, from the workers, and from second runs, alone."""

    def __init__(
        self,
        entries: Sequence[ScoredSample],
        limits: Limits,
        options: EvaluateOptions,
        file: ResultsFile,
        report: ReportProgress,
        executor: Executor,
    ) -> None:
        self.entries = entries
        self.limits = limits
        self.options = options
        self.file = file
        self.report = report
        self.executor = executor
        self.copies: dict[str, list[ScoredSample]] = {}
        for entry in entries:
            self.copies.setdefault(entry.digest, []).append(entry)
        self.known: dict[str, SampleResult] = {}
        self.done = self.passed = 0
        """Samples that have a result, and those of them that passed."""
        for result in file.earlier:
            if result.digest in self.copies and self._is_complete(result):
                self._record(result)
        self.reused = self.done
        self.stale = sum(result.digest not in self.copies for result in file.earlier)
        """Results in the file that no sample of this run can use."""

    def _is_complete(self, result: SampleResult) -> bool:
        """Return whether an earlier result is final, and says what this run is asked for."""
        if result.verdict is Verdict.HARNESS_ERROR or result.unsure:
            return False
        return self.options.as_judge in (None, result.as_judge)

    def results(self) -> list[SampleResult]:
        """Run the programs without a result; return one result for each entry, in their order."""
        missing = [copies[0] for digest, copies in self.copies.items() if digest not in self.known]
        unsure: dict[str, Score] = {}
        self._report("evaluate")
        for entry, scored in self._scores(missing):
            if scored.unsure:
                unsure[entry.digest] = scored
            else:
                self._add(result_of(entry, scored))
                self._report("evaluate")
        again = choose_reruns(unsure, len(missing))
        for digest in unsure:
            if digest not in again:
                self._add(result_of(self.copies[digest][0], unsure[digest], unsure=True))
        if again:
            self._report("alone")
        for entry, scored in self._scores([self.copies[digest][0] for digest in unsure if digest in again], alone=True):
            still = scored.unsure and scored.verdict is Verdict.TIMEOUT
            self._add(result_of(entry, scored, reruns=1, unsure=still))
            self._report("alone")
        return [_copied_to(entry, self.known[entry.digest]) for entry in self.entries]

    def _scores(self, entries: Sequence[ScoredSample], *, alone: bool = False) -> Iterator[tuple[ScoredSample, Score]]:
        if not entries:
            return
        cache = self.options.cache
        jobs = self._jobs(entries, 1.0 if alone else OVERRUN)
        for done in self.executor.run(score_job, jobs, alone=alone, shared=(BenchmarkProblem,)):
            if cache is not None:
                cache.add_use(done.cache_use)
            digest, scored = done.answer
            yield self.copies[digest][0], scored

    def _jobs(self, entries: Sequence[ScoredSample], overrun: float) -> Iterator[ScoreJob]:
        """Yield jobs problem by problem, so that a worker prepares each problem's tests once; long ones first.

        At the end no worker then waits for another. How long they take is known from earlier results; of the others,
        those that may loop without end come first.
        """
        by_problem: dict[str, list[ScoredSample]] = {}
        for entry in entries:
            by_problem.setdefault(entry.problem.task_id, []).append(entry)
        seconds: dict[str, float] = {}
        for result in self.file.earlier:
            seconds[result.task_id] = max(result.seconds, seconds.get(result.task_id, 0.0))

        def length(group: Sequence[ScoredSample]) -> tuple[float, bool]:
            return seconds.get(group[0].problem.task_id, 0.0), any(_LOOP.search(entry.source) for entry in group)

        for group in sorted(by_problem.values(), key=length, reverse=True):
            for entry in group:
                yield ScoreJob(entry.problem, entry.digest, entry.source, self.limits, overrun, self.options.as_judge)

    def _add(self, result: SampleResult) -> None:
        self._record(result)
        self.file.append(_copied_to(copy, result) for copy in self.copies[result.digest])

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
