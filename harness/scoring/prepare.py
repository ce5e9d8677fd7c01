"""Prepare an evaluation: read samples and problems, match them, and make programs. Nothing runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from apps_plus.printable import one_line
from apps_plus.problem import load_json
from apps_plus.selection import EVERYTHING
from harness.scoring.benchmarks.benchmark import Benchmark, BenchmarkProblem
from harness.scoring.benchmarks.load import ALL, TASKS, count_by_split, load_benchmark, require_benchmark
from harness.scoring.options import EvaluateOptions
from harness.scoring.output_paths import settings_path
from harness.scoring.samples.match_problems import NamedTasks, match_samples
from harness.scoring.samples.read_samples import digest_of_samples, read_samples_file
from harness.scoring.samples.sample import Sample
from harness.scoring.samples.sample_programs import ProgramRule, Programs, make_programs


@dataclass(frozen=True, slots=True)
class Prepared:
    """Samples with their problems and programs."""

    benchmark: Benchmark
    samples: list[Sample]
    """All samples of the file."""
    digest: str
    """SHA-256 of the file."""
    known: list[tuple[BenchmarkProblem, Sample]]
    unknown: list[Sample]
    """Samples whose id no problem has."""
    scorable: list[tuple[BenchmarkProblem, Sample]]
    """Those of ``known`` whose problem has tests."""
    programs: Programs
    """One program for each of ``scorable``, in their order."""
    generation: dict[str, Any] | None
    """See ``generation_settings``."""
    unknown_by_split: dict[str, int]
    """Those of ``unknown`` that answer a problem of another split of the build, by split (``apps+``)."""
    shape: str = "JSON lines"
    """The format of the samples file, in words."""
    notes: tuple[str, ...] = ()
    """Notes on reading the file and its ids."""

    @property
    def rule_origin(self) -> str:
        """Return the origin of the rule, if no option gave it: detected, or the settings of ``generate``."""
        return "detected" if rule_of(self.generation) is None else "settings of generate"


def prepare(options: EvaluateOptions) -> Prepared:
    """Read samples and problems, and make programs of the samples.

    Raises:
        InputError: They cannot be read, or do not belong together.
    """
    if options.task not in TASKS and str(options.samples) in TASKS:
        raise InputError(f"TASK comes before SAMPLES: give {options.samples} {options.task}")
    require_benchmark(options.task)  # first: it takes no time, and the samples may be large
    read, digest = read_samples_file(options.samples, options.field), digest_of_samples(options.samples)
    samples = read.samples
    benchmark = load_benchmark(options.task, options.data, options.split, NamedTasks(samples), options.selection)
    benchmark = benchmark.giving_imports(options.give_imports)
    try:
        matched = match_samples(benchmark, samples)
    except InputError as error:
        raise InputError(f"{options.samples}: {error}") from error
    known, unknown = matched.known, matched.unknown
    by_split = _by_split(options, unknown)
    if not known:
        raise InputError(_no_match(options, benchmark, unknown, by_split))
    scorable = [(problem, sample) for problem, sample in known if problem.suites]
    if not scorable:
        raise InputError(f"{options.samples}: none of the problems has tests that can be used")
    generation = generation_settings(options.samples)
    rule = options.rule or rule_of(generation)
    programs = make_programs(benchmark, scorable, rule, options.cut, options.reasoning_end)
    notes = (*read.notes, *matched.notes)
    origin = (generation, by_split, read.shape, notes)
    return Prepared(benchmark, samples, digest, known, unknown, scorable, programs, *origin)


def generation_settings(samples: Path) -> dict[str, Any] | None:
    """Read the settings that ``apps-plus generate`` wrote beside a samples file: model, prompt, sampling.

    Returns None where there are none. Raises InputError where the file exists and cannot be read.
    """
    path = settings_path(samples)
    try:
        settings = load_json(path.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"cannot read {path} ({error}): correct it, or move it away") from error
    return settings if isinstance(settings, dict) else None


def rule_of(generation: dict[str, Any] | None) -> ProgramRule | None:
    """Return the rule that fits the prompt which the samples answer; None where the settings name none."""
    prompt = (generation or {}).get("prompt")
    rule = prompt.get("rule") if isinstance(prompt, dict) else None
    return ProgramRule(rule) if rule in list(ProgramRule) else None


def _by_split(options: EvaluateOptions, unknown: Sequence[Sample]) -> dict[str, int]:
    """Count samples of other splits than the one asked for; with a selection, ids may be unknown for other reasons."""
    if not unknown or options.task != "apps+" or options.data is None or options.split == ALL:
        return {}
    if options.selection != EVERYTHING:
        return {}
    return count_by_split(options.data, [sample.task_id for sample in unknown])


def _no_match(
    options: EvaluateOptions, benchmark: Benchmark, unknown: Sequence[Sample], by_split: Mapping[str, int]
) -> str:
    if by_split:
        split = max(by_split, key=lambda name: by_split[name])
        found = ", ".join(f"{count} are of {name}" for name, count in by_split.items())
        return (
            f"{options.samples}: no sample answers a problem of the split {options.split or 'test'} of "
            f"{benchmark.source}; of {len(unknown)} samples {found}: give --split {split} (the split in an id is "
            "that of raw APPS)"
        )
    theirs, ours = one_line(unknown[0].task_id or "(none)", 60), benchmark.problems[0].task_id
    return (
        f"{options.samples}: no sample answers a problem of {benchmark.name} ({benchmark.source}): their ids look like "
        f"{theirs}, the problems' like {ours}; check TASK, --data and --split"
    )
