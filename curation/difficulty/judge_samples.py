"""Count the samples of each model that pass the tests of a build: judged as ``apps-plus evaluate apps+`` does.

Every file is judged by ``harness.scoring.evaluate`` itself. Its results are kept in ``DIR/.build/solve_rates``, so that
an interrupted run resumes; results that ``evaluate`` left beside the samples are used where they are of the same tests.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from apps_plus.printable import one_line
from apps_plus.problem import Problem, load_json
from apps_plus.storage import output_error
from curation.difficulty.solve_rates import ModelSamples, repeated
from harness.scoring.benchmarks.load import ALL
from harness.scoring.evaluate import evaluate
from harness.scoring.model_facts import from_settings
from harness.scoring.options import EvaluateOptions
from harness.scoring.output_paths import results_path, summary_path
from harness.scoring.prepare import generation_settings
from harness.scoring.results import read_results
from harness.scoring.run_samples import ReportProgress
from harness.scoring.samples.read_samples import digest_of_samples, name_of_samples
from harness.scoring.summary import last_results, named, sample_counts

RESULTS_FOLDER = "solve_rates"
"""In ``.build``: the results of each file of samples."""
FEW_SAMPLES = 4
"""With fewer samples of a problem its rate says little: DAPO (arXiv 2503.14476) samples 16."""


@dataclass(frozen=True, slots=True)
class SampleFile:
    """A file that ``--samples`` or ``--results`` names."""

    model: str
    path: Path
    is_results: bool = False
    """True if it holds results of ``evaluate`` in place of samples."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The counted samples of every model, and notes for people."""

    models: list[ModelSamples]
    notes: list[str] = field(default_factory=list)


def named_files(samples: Sequence[str], results: Sequence[str]) -> list[SampleFile]:
    """Return the files with the names of their models: ``NAME=FILE``, the settings of ``generate``, or the file's name.

    Raises:
        InputError: A file does not exist, is given twice, or two of them are of one model.
    """
    files = [_sample_file(text, False) for text in samples] + [_sample_file(text, True) for text in results]
    digests: dict[str, Path] = {}
    for file in files:
        same = digests.setdefault(digest_of_samples(file.path), file.path)
        if same is not file.path:
            raise InputError(f"{same} and {file.path} hold the same samples, which would count twice: leave one out")
    if twice := repeated(file.model for file in files):
        paths = ", ".join(str(file.path) for file in files if file.model == twice[0])
        raise InputError(f"several files are of the model {twice[0]} ({paths}): name each with NAME=FILE")
    return files


def _sample_file(text: str, is_results: bool) -> SampleFile:
    name, equals, path = text.partition("=")
    if not equals or Path(text).exists():
        name, path = "", text
    if equals and not (name or Path(text).exists()):
        raise InputError(f"{text!r} does not name a model: write NAME=FILE")
    if not Path(path).exists():
        raise InputError(f"cannot read {path}: there is no such file")
    return SampleFile(one_line(name or _model_of(Path(path), is_results)), Path(path), is_results)


def _model_of(path: Path, is_results: bool) -> str:
    if is_results:
        generation = _summary_of(path).get("generation")
        return from_settings(generation or {})[0].get("id") or name_of_samples(path).removesuffix(".results")
    return from_settings(generation_settings(path) or {})[0].get("id") or name_of_samples(path)


def judge_files(
    folder: Path,
    problems: Sequence[Problem],
    files: Sequence[SampleFile],
    options: EvaluateOptions,
    report: ReportProgress,
) -> Judged:
    """Count the samples of every file.

    Args:
        folder: The build.
        problems: Its released problems.
        files: One for each model.
        options: How to judge; the paths in it are replaced.
        report: Called with the progress.

    Raises:
        InputError: A file cannot be read, or answers no problem of the build.
        WorkError: The results cannot be written, or the sandbox does not start. Finished results are kept.
    """
    judged = Judged([])
    for file in files:
        results, notes = (
            (file.path, _check_results(file.path, problems))
            if file.is_results
            else _judge(folder, file, options, report)
        )
        judged.notes.extend(f"{file.model}: {note}" for note in notes)
        known = {problem.problem_id for problem in problems}
        last = [result for result in last_results(read_results(results)) if result.task_id in known]
        counts = sample_counts(last)
        if not counts:
            raise InputError(f"{file.path}: none of its samples could be judged: apps-plus errors {results} says why")
        if (most := max(samples for samples, _ in counts.values())) < FEW_SAMPLES:
            samples = "one sample" if most == 1 else f"{most} samples"
            judged.notes.append(f"{file.model}: at most {samples} a problem: a rate is coarse, see its interval")
        judged.models.append(ModelSamples(file.model, file.path.name, digest_of_samples(file.path), counts))
    return judged


def _judge(folder: Path, file: SampleFile, options: EvaluateOptions, report: ReportProgress) -> tuple[Path, list[str]]:
    """Judge a file of samples; return its results and the remarks of the evaluation."""
    from dataclasses import replace

    out = _own_results(folder, file.path)
    if not options.fresh:
        _take_over(results_path(file.path), out)
    summary = evaluate(replace(options, task="apps+", samples=file.path, data=folder, split=ALL, out=out), report)
    return out, list(summary["remarks"])


def _own_results(folder: Path, samples: Path) -> Path:
    """Return the path of the results of a file: by its name, and by its place, so that two of one name are two."""
    place = hashlib.sha256(str(samples.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    name = re.sub(r"[^\w.+-]", "_", name_of_samples(samples))[:80]
    return folder / ".build" / RESULTS_FOLDER / f"{name}-{place}.results.jsonl"


def _take_over(finished: Path, out: Path) -> None:
    """Copy the results that ``evaluate`` left beside the samples, if there are none yet: only what they lack runs."""
    if out.exists() or not finished.is_file():
        return
    try:
        read_results(finished)
    except InputError:  # something else of that name
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(finished, out)
    except OSError as error:
        raise output_error(out, error) from error


# ---- finished results


def _check_results(path: Path, problems: Sequence[Problem]) -> list[str]:
    """Check that results are of the tests of these problems; return notes. Raises InputError."""
    task = _summary_of(path).get("task", "apps+")
    if task != "apps+":
        raise InputError(f"{path} has results of {task}, not of apps+: give --samples, which are judged on this build")
    results = last_results(read_results(path))
    if not results:
        raise InputError(f"{path} holds no results: write some with apps-plus evaluate")
    sizes = {problem.problem_id: len(problem.tests) for problem in problems}
    unknown = list(dict.fromkeys(result.task_id for result in results if result.task_id not in sizes))
    if len(unknown) == len({result.task_id for result in results}):
        raise InputError(f"{path}: no result is of a problem of this build ({one_line(named(unknown), 200)})")
    for result in results:
        if result.tests_total and sizes.get(result.task_id, result.tests_total) != result.tests_total:
            raise InputError(
                f"{path}: results of other tests: {result.task_id} had {result.tests_total}, this build has "
                f"{sizes[result.task_id]}: give --samples, which are judged on this build"
            )
    return [f"results left out, the build has no problem {one_line(named(unknown), 200)}"] if unknown else []


def _summary_of(results: Path) -> Mapping[str, Any]:
    """Return the summary that ``evaluate`` wrote beside results; empty if there is none."""
    try:
        summary = load_json(summary_path(results).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return summary if isinstance(summary, dict) else {}
