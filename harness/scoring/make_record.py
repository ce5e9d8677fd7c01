"""Makes the record of an evaluation: ``evaluate ... --record FILE``.

What can be wrong with it is found before anything runs (``plan_record``); what it says is decided by ``record_of``, a
pure function of the summary and the results.
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
from harness.scoring.benchmarks.benchmark import SampleResult
from harness.scoring.benchmarks.dataset_facts import dataset_facts
from harness.scoring.evaluate import EvaluateOptions, generation_settings, results_path, summary_path
from harness.scoring.model_facts import Told, told_of
from harness.scoring.result_record import (
    OVERALL,
    DatasetFacts,
    Failure,
    GenerationFacts,
    HarnessFacts,
    Record,
    SamplesFacts,
    Status,
    TierScore,
    check_replaceable,
    write_record,
)
from harness.scoring.results import read_results
from harness.scoring.samples.read_samples import read_samples
from harness.scoring.summary import common_errors, sample_counts

TAIL_KEPT = " (tail kept)"
"""At the end of ``harness.rule`` where ``--keep-tail`` was given."""
FAILURES = 6
"""Kinds of failure that a record shows, the commonest first."""
DETAIL, NAME, COMMAND = 200, 200, 2_000
"""The most characters of each."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A record that will be written, once the scores are there."""

    path: Path
    dataset: DatasetFacts
    told: Told
    options: EvaluateOptions


def plan_record(path: Path, facts: Path | None, model: str | None, options: EvaluateOptions) -> Plan:
    """Gather what a record says besides the scores. Nothing runs.

    Args:
        path: The record's file.
        facts: A file of facts about the model: see ``harness.scoring.model_facts``.
        model: Its id; where neither says it, the settings that ``generate`` wrote beside the samples may.
        options: Those of the evaluation.

    Raises:
        InputError: The path cannot be a record's, the facts or the problems cannot be used, or no model is named.
    """
    check_record_path(path, options, facts)
    told = told_of(facts, model, generation_settings(options.samples), options.samples)
    return Plan(path, dataset_facts(options.task, options.data, options.split), told, options)


def check_record_path(path: Path, options: EvaluateOptions, facts: Path | None = None) -> None:
    """Raise InputError where a record cannot be written there, or would replace what is no record."""
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


def write(plan: Plan, summary: Mapping[str, Any]) -> Record:
    """Write the record of an evaluation that has just ended. Raises WorkError where there is none, or no place."""
    options = plan.options
    record = record_of(
        summary,
        read_results(options.out or results_path(options.samples)),
        plan.dataset,
        plan.told,
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
    told: Told,
    *,
    name: str,
    command: str,
    count: int,
    tail_kept: bool = False,
    commit: str | None = None,
    date: datetime.date | None = None,
) -> Record:
    """The record of an evaluation, as its author reports it.

    Args:
        summary: What ``evaluate`` returned.
        results: What it wrote, a result a sample.
        dataset: The problems.
        told: The model, and how the samples were made.
        name: Becomes the record's id.
        command: That gives these scores again.
        count: Lines of the samples file.
        tail_kept: Whether what follows a completion's function was kept, where it usually is not.
        commit: Of the checkout that this toolkit lies in.
        date: When it was measured.

    Raises WorkError where there is no score.
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
        model=told.model,
        generation=_generation(told.generation, problems),
        harness=_harness(summary, samples["rule"] + (TAIL_KEPT if tail_kept else ""), commit),
        scores=scores,
        categories=summary["categories"],
        problems=problems,
        failures=failures_of(results),
        samples=SamplesFacts(file=_name(samples["file"]), sha256=samples["sha256"], count=count),
        command=command[:COMMAND],
        notes=[*told.notes, f"problems from {summary['benchmark']['source']}", *summary["remarks"]],
    )


def id_of(name: str) -> str:
    """A name, made safe for files and addresses."""
    plain = re.sub(r"[^a-z0-9.+_-]+", "-", name.lower())[:120]
    return plain.lstrip("-.+_").rstrip("-._") or "record"


def scores_of(pass_at_k: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[TierScore]:
    """Every number of a summary."""
    return [
        TierScore(tier=tier, k=int(k), value=one["value"], ci95=tuple(one["ci95"]), method=one["method"])
        for tier, its in pass_at_k.items()
        for k, one in its.items()
    ]


def problems_of(results: Sequence[SampleResult], tiers: Sequence[str]) -> dict[str, dict[str, tuple[int, int]]]:
    """For each tier and problem, how many samples were judged and how many passed, in the order of the results."""
    tier_of = {result.task_id: tier_name(result.tier) for result in results}
    counts = sample_counts(results)
    found = {tier: {task_id: n for task_id, n in counts.items() if tier_of[task_id] == tier} for tier in tiers}
    return {tier: its for tier, its in found.items() if its}


def tier_name(tier: str) -> str:
    """A problem's tier as summaries and records call it: ``overall`` is the name of all tiers together."""
    return f"{tier} (tier)" if tier == OVERALL else tier


_QUOTED = re.compile(r" \((line \d+(?: of the tests)?): .*\)$", re.DOTALL)


def failures_of(results: Sequence[SampleResult]) -> list[Failure]:
    """The commonest ways to fail. No line of a program is quoted: a record is no place for what a model wrote."""
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
    """Programs choose the names of their exceptions, people those of their files: any text at all."""
    return one_line(text, NAME) or "?"


def _generation(told: GenerationFacts, problems: Mapping[str, Mapping[str, tuple[int, int]]]) -> GenerationFacts:
    """What was told, with as many samples as there are, where that is the same number for all problems."""
    sizes = {judged for its in problems.values() for judged, _ in its.values()}
    return told.model_copy(update={"samples": sizes.pop()}) if len(sizes) == 1 else told


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
    """The command line that scores these samples so, with the names of files, not where they lie."""
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
    """The commit of the checkout whose root is ``folder``; ``-dirty`` at its end where its code was changed since.

    None where it is no checkout: a package that is installed into some other project's folder is none of that project.
    """
    told = _git(folder, "rev-parse", "--show-toplevel", "HEAD")
    if told is None or Path(told.split("\n")[0]).resolve() != folder.resolve():
        return None
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no", "--", "apps_plus", "harness")
    return told.split("\n")[1] + ("-dirty" if changes else "")


def _git(folder: Path, *words: str) -> str | None:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    command = ["git", "-C", str(folder), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, env=environment, check=True)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return done.stdout.strip()
