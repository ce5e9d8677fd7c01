"""Make the result record of an evaluation: ``evaluate ... --record FILE``.

``plan_record`` finds errors before anything runs; ``record_of`` is a pure function of the summary and the results.
"""

from __future__ import annotations

import datetime
import os
import re
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError, WorkError
from apps_plus.printable import one_line
from apps_plus.selection import EVERYTHING
from harness.scoring.benchmarks.dataset_facts import dataset_facts
from harness.scoring.model_facts import Provenance, gather_provenance
from harness.scoring.options import EvaluateOptions
from harness.scoring.output_paths import results_path, summary_path
from harness.scoring.prepare import generation_settings
from harness.scoring.result_record import (
    OVERALL,
    CostFacts,
    DatasetFacts,
    Failure,
    GenerationFacts,
    HarnessFacts,
    Record,
    SamplesFacts,
    Status,
    TierScore,
)
from harness.scoring.result_record_files import check_replaceable, write_record
from harness.scoring.results import SampleResult, read_results
from harness.scoring.sample_cost import check_number, check_stated, combine, count_cost
from harness.scoring.samples.read_samples import read_samples
from harness.scoring.summary import common_errors, sample_counts

TAIL_KEPT = " (tail kept)"
"""Suffix of ``harness.rule`` where ``--keep-tail`` was given."""
FAILURES = 6
"""Kinds of failure in a record, the commonest first."""
DETAIL, NAME, COMMAND = 200, 200, 2_000
"""Longest text of each, in characters."""


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """Everything in a record but the scores."""

    path: Path
    dataset: DatasetFacts
    provenance: Provenance
    options: EvaluateOptions


def plan_record(path: Path, facts: Path | None, model: str | None, options: EvaluateOptions) -> RecordPlan:
    """Gather everything in a record but the scores. Nothing runs.

    Args:
        path: The record's file.
        facts: A file of facts about the model: see ``harness.scoring.model_facts``.
        model: The model's id; by default the file of facts or the settings of ``generate`` name it.
        options: The options of the evaluation.

    Raises:
        InputError: The path cannot be a record's, the facts or the problems cannot be used, or no model is named.
    """
    if options.selection != EVERYTHING:
        raise InputError("--record is for all problems of a split: leave out --min-strength and --solve-rate")
    check_record_path(path, options, facts)
    settings = generation_settings(options.samples)
    provenance = gather_provenance(facts, model, settings, options.samples)
    if settings is not None:
        check_stated(provenance.stated_cost, options.samples, facts)
    if "samples" in provenance.stated_cost:
        check_number(provenance.stated_cost["samples"], len(read_samples(options.samples, options.field)), facts)
    return RecordPlan(path, dataset_facts(options.task, options.data, options.split), provenance, options)


def check_record_path(path: Path, options: EvaluateOptions, facts: Path | None = None) -> None:
    """Raise InputError if a record cannot be written there, or would replace something else."""
    if path.suffix != ".json":
        raise InputError(f"--record {path}: the name must end in .json")
    out = options.out or results_path(options.samples)
    others = [options.samples, options.data, facts, out, summary_path(out)]
    try:
        taken = path.resolve() in {other.resolve() for other in others if other is not None}
        folder, parent = path.is_dir(), path.resolve().parent
    except (OSError, RuntimeError) as error:  # RuntimeError: symbolic links in a loop
        raise InputError(
            f"--record {path} cannot be a file ({getattr(error, 'strerror', None) or error}): choose another"
        ) from error
    if taken:
        raise InputError(f"--record {path} would overwrite another file of this evaluation: choose another")
    if folder:
        raise InputError(f"--record {path} is a folder: give a file, such as {path / 'record.json'}")
    if parent.exists() and not os.access(parent, os.W_OK):
        raise InputError(f"--record {path}: its folder cannot be written: choose another")
    check_replaceable(path, "--record")


def write(plan: RecordPlan, summary: Mapping[str, Any]) -> Record:
    """Write the record of an evaluation that has ended. Raises WorkError without scores, or if writing fails."""
    options = plan.options
    results = read_results(options.out or results_path(options.samples))
    generated = generation_settings(options.samples) is not None
    counted = count_cost(options.samples, {result.task_id for result in results}) if generated else None
    record = record_of(
        summary,
        results,
        plan.dataset,
        plan.provenance,
        cost=combine(counted, plan.provenance.stated_cost, len(results)),
        name=plan.path.stem,
        command=command_of(options),
        count=len(read_samples(options.samples, options.field)),
        tail_kept=options.cut is False,
        commit=commit_of(Path(__file__).parents[2]),
        date=datetime.date.today(),
    )
    write_record(record, plan.path)
    return record


# ---- pure


def record_of(
    summary: Mapping[str, Any],
    results: Sequence[SampleResult],
    dataset: DatasetFacts,
    provenance: Provenance,
    *,
    name: str,
    command: str,
    count: int,
    cost: CostFacts | None = None,
    tail_kept: bool = False,
    commit: str | None = None,
    date: datetime.date | None = None,
) -> Record:
    """Return the self-reported record of an evaluation.

    Args:
        summary: The summary that ``evaluate`` returned.
        results: The results that it wrote, one for each sample.
        dataset: The problems.
        provenance: The model, and how the samples were generated.
        name: Becomes the record's id.
        command: The command that reproduces the scores.
        count: Lines of the samples file.
        cost: What the samples cost.
        tail_kept: Whether ``--keep-tail`` was given.
        commit: The commit of this toolkit's checkout.
        date: Day of the measurement.

    Raises:
        WorkError: There is no score.
    """
    scores = scores_of(summary["pass_at_k"])
    if not scores:
        raise WorkError(f"there is no score to record: {'; '.join(summary['remarks'])}; the verdicts are kept")
    tiers = list(dataset.tiers)
    samples = summary["samples"]
    problems = problems_of(results, tiers)
    return Record(
        id=id_of(name),
        status=Status.SELF_REPORTED,
        date=date,
        dataset=dataset,
        model=provenance.model,
        generation=_with_sample_count(provenance.generation, problems),
        harness=_harness(summary, samples["rule"] + (TAIL_KEPT if tail_kept else ""), commit),
        scores=scores,
        categories=summary["categories"],
        problems=problems,
        failures=failures_of(results),
        samples=SamplesFacts(file=_name(samples["file"]), sha256=samples["sha256"], count=count),
        cost=cost,
        command=command[:COMMAND],
        notes=[*provenance.notes, f"problems from {summary['benchmark']['source']}", *summary["remarks"]],
    )


def id_of(name: str) -> str:
    """Turn a name into an id that is safe in file names and URLs."""
    plain = re.sub(r"[^a-z0-9.+_-]+", "-", name.lower())[:120]
    return plain.lstrip("-.+_").rstrip("-._") or "record"


def scores_of(pass_at_k: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[TierScore]:
    """Return every score of a summary."""
    return [
        TierScore(tier=tier, k=int(k), value=one["value"], ci95=tuple(one["ci95"]), method=one["method"])
        for tier, its in pass_at_k.items()
        for k, one in its.items()
    ]


def problems_of(results: Sequence[SampleResult], tiers: Sequence[str]) -> dict[str, dict[str, tuple[int, int]]]:
    """Return samples judged and samples passed by tier and problem, in the order of the results."""
    tier_of = {result.task_id: tier_name(result.tier) for result in results}
    counts = sample_counts(results)
    found = {tier: {task_id: n for task_id, n in counts.items() if tier_of[task_id] == tier} for tier in tiers}
    return {tier: its for tier, its in found.items() if its}


def tier_name(tier: str) -> str:
    """Return the name of a tier in summaries and records, where ``overall`` means all tiers together."""
    return f"{tier} (tier)" if tier == OVERALL else tier


_QUOTED = re.compile(r" \((line \d+(?: of the tests)?): .*\)$", re.DOTALL)


def failures_of(results: Sequence[SampleResult]) -> list[Failure]:
    """Return the commonest failures, without the lines of programs that their details quote."""
    return [
        Failure(
            error=_name(error.error),
            category=error.category,
            count=error.count,
            task_id=_name(error.task_id),
            detail=one_line(_QUOTED.sub(r" (\1)", error.detail), DETAIL),
        )
        for error in common_errors(results, FAILURES)
    ]


def _name(text: str) -> str:
    """Shorten a name of any content: programs name their exceptions, people their files."""
    return one_line(text, NAME) or "?"


def _with_sample_count(
    facts: GenerationFacts, problems: Mapping[str, Mapping[str, tuple[int, int]]]
) -> GenerationFacts:
    """Set the number of samples of each problem, where it is the same for all problems."""
    sizes = {judged for its in problems.values() for judged, _ in its.values()}
    return facts.model_copy(update={"samples": sizes.pop()}) if len(sizes) == 1 else facts


def _harness(summary: Mapping[str, Any], rule: str, commit: str | None) -> HarnessFacts:
    limits = {name: float(value) for name, value in summary["limits"].items() if type(value) in (int, float)}
    return HarnessFacts(
        version=summary["setting"]["apps_plus"],
        commit=commit,
        python=" ".join(summary["setting"]["python"].split()[:2]),
        rule=rule,
        reasoning_end=summary["samples"].get("reasoning_end"),
        field=summary["samples"].get("field"),
        given_imports=summary["samples"].get("given_imports"),
        limits=limits,
        isolation=summary["sandbox"]["layers"],
    )


def command_of(options: EvaluateOptions) -> str:
    """Return the command line that reproduces the scores, with file names instead of paths."""
    words = ["apps-plus", "evaluate", options.task, options.samples.name or options.samples.resolve().name]
    if options.data is not None:
        words += ["--data", options.data.resolve().name]
    if options.split is not None:
        words += ["--split", options.split]
    if options.ks is not None:
        words += ["--k", ",".join(map(str, options.ks))]
    if options.timeout is not None:
        words += ["--timeout", f"{options.timeout:g}"]
    if options.field is not None:
        words += ["--field", options.field]
    if options.rule is not None:
        words += ["--rule", str(options.rule)]
    if options.reasoning_end is not None:
        words += ["--reasoning-end", options.reasoning_end]
    if options.cut is not None:
        words.append("--cut-tail" if options.cut else "--keep-tail")
    if options.give_imports is not None:
        words.append("--give-imports" if options.give_imports else "--no-imports")
    return one_line(shlex.join(words))


# ---- the checkout


def commit_of(folder: Path) -> str | None:
    """Return the commit of the checkout whose root is ``folder``, with ``-dirty`` appended if its code was changed.

    None if ``folder`` is not the root of a checkout (the package is installed inside another project).
    """
    answer = _git(folder, "rev-parse", "--show-toplevel", "HEAD")
    if answer is None or Path(answer.split("\n")[0]).resolve() != folder.resolve():
        return None
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no", "--", "apps_plus", "harness")
    return answer.split("\n")[1] + ("-dirty" if changes else "")


def _git(folder: Path, *words: str) -> str | None:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    command = ["git", "-C", str(folder), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, env=environment, check=True)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return done.stdout.strip()
