"""Run a random part of a record's samples again, and compare the results with the record.

    record + samples -> contradictions? refused -> draw problems -> run all their samples -> compare counts

All samples of a drawn problem run, so that the number that passed can be compared problem by problem. For a record
without outcomes of problems only the score is compared, with one random sample of each drawn problem: pass@1 is the
probability that such a sample passes. That test is weaker: it misses small differences.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any

import apps_plus
from apps_plus.errors import InputError
from harness.sandbox import USUAL_ISOLATION, Isolation
from harness.scoring.benchmarks.dataset_facts import dataset_facts
from harness.scoring.evaluate import evaluate_part
from harness.scoring.make_result_record import tier_name
from harness.scoring.options import EvaluateOptions
from harness.scoring.pass_at_k import Counts
from harness.scoring.prepare import prepare
from harness.scoring.result_record import DatasetFacts, HarnessFacts, Record, Reproduction, Status
from harness.scoring.run_samples import ReportProgress
from harness.scoring.samples.read_samples import digest_of_samples, read_samples
from harness.scoring.summary import sample_counts
from leaderboards.verify.contradictions import dataset_faults, faults_inside, file_faults, sample_faults
from leaderboards.verify.rerun_settings import limits_of_record, notes_on_limits, notes_on_version, options_of_record
from leaderboards.verify.statistics import binomial_p, most_wrong

LEAST_P = 0.01
"""Least p-value at which a score agrees."""

Selected = Callable[[str, int], bool]
"""Predicate: does the sample with this task id and number run?"""


class VerificationResult(StrEnum):
    """Result of a verification."""

    AGREES = "agrees"
    DIFFERS = "differs"
    REFUSED = "refused"
    """The record contradicts itself or its samples; nothing ran."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """A problem whose counts of judged and passed samples differ from the record's."""

    task_id: str
    judged: int
    """Samples judged, by the record."""
    passed: int
    """Samples passed, by the record."""
    judged_here: int
    passed_here: int

    @property
    def samples(self) -> int:
        """Return the least number of samples that ran with another result than recorded."""
        failed, failed_here = self.judged - self.passed, self.judged_here - self.passed_here
        return self.judged_here - min(self.passed, self.passed_here) - min(failed, failed_here)


@dataclass(frozen=True, slots=True)
class Verification:
    """Result of verifying a record."""

    record: str
    """Id of the record."""
    outcome: VerificationResult
    reasons: tuple[str, ...] = ()
    """Contradictions for which the record is refused."""
    by_problem: bool = True
    """True if compared problem by problem, False if only the score was compared."""
    n_problems: int = 0
    """Problems with samples."""
    problems_ran: int = 0
    samples_ran: int = 0
    samples_agreed: int | None = None
    deviations: tuple[Deviation, ...] = ()
    most_wrong: int | None = None
    """Upper 95% confidence bound of the record's problems with wrong counts (by problem only)."""
    passed_here: int = 0
    expected: float | None = None
    """Samples that the record's pass@1 predicts to pass (by score only)."""
    p_value: float | None = None
    """Binomial test of ``passed_here`` against the record's pass@1 (by score only)."""
    seed: int | None = None
    dataset: DatasetFacts | None = None
    """The problems found here; None if refused before they were loaded."""
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the object of ``--json``."""
        facts = asdict(self)
        facts["dataset"] = self.dataset and self.dataset.model_dump(mode="json", exclude_none=True)
        facts["remarks"] = facts.pop("notes")
        return facts


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """Options of a verification."""

    samples: Path
    data: Path | None = None
    """File or folder of the problems; None: those that come with apps-plus."""
    fraction: float = 0.2
    """Share of the problems to run."""
    seed: int = 0
    workers: int = 0
    timeout: float | None = None
    """Seconds of CPU time per test; None: as in the record."""
    isolation: Isolation = USUAL_ISOLATION
    field: str | None = None
    """Field of the samples' rows that holds the text; None: detected."""


def verify(record: Record, options: VerifyOptions, report: ReportProgress = lambda progress: None) -> Verification:
    """Check a record against its samples, and run a random part of them again.

    Raises:
        InputError: It cannot be verified: it names no samples or an unknown benchmark, or the problems here differ.
        WorkError: The sandbox does not start.
    """
    evaluate_options = _evaluate_options(record, options)
    count = len(read_samples(options.samples, options.field))
    faults = [*file_faults(record, digest_of_samples(options.samples), count)]
    if faults:
        return Verification(record.id, VerificationResult.REFUSED, tuple(faults))
    limits = limits_of_record(record.harness, options.timeout)
    notes = [*notes_on_version(record.harness), *notes_on_limits(record.harness, options.timeout)]
    prepared = prepare(evaluate_options)
    found = dataset_facts(evaluate_options.task, evaluate_options.data, evaluate_options.split)
    notes += _notes_on_problems(record.dataset, record.harness, found)
    tiers = {p.task_id: tier_name(p.tier) for p in prepared.benchmark.problems}
    sizes = Counter(problem.task_id for problem, _ in prepared.scorable)
    faults = [*faults_inside(record), *dataset_faults(record.dataset, found), *sample_faults(record, sizes, tiers)]
    if faults:
        return Verification(record.id, VerificationResult.REFUSED, tuple(faults), dataset=found, notes=tuple(notes))

    def run(selected: Selected) -> Counts:
        return sample_counts(evaluate_part(prepared, selected, limits, evaluate_options, report))

    result = (_by_problem if record.problems else _by_score)(record, sizes, run, options)
    return replace(result, dataset=found, notes=(*notes, *result.notes))


def _evaluate_options(record: Record, options: VerifyOptions) -> EvaluateOptions:
    """Return the options of the evaluation that made the record. Raises InputError where it cannot be repeated."""
    if record.samples is None:
        raise InputError(f"{record.id} names no samples file: there is nothing to run again")
    evaluate_options = options_of_record(record, options.samples, options.data)
    if not record.problems and record.score() is None:
        raise InputError(f"{record.id} has neither outcomes of problems nor pass@1: there is nothing to compare with")
    return replace(
        evaluate_options,
        workers=options.workers,
        isolation=options.isolation,
        field=options.field or evaluate_options.field,
    )


def _notes_on_problems(stated: DatasetFacts, harness: HarnessFacts | None, found: DatasetFacts) -> list[str]:
    """Return a note where the hash of the problems is missing or differs.

    Raises InputError where it differs and this version made the record; another version may hash the same problems
    differently.
    """
    if stated.sha256 is None:
        return ["the record does not say which problems it is of (dataset.sha256)"]
    if stated.sha256 == found.sha256:
        return []
    others = "the problems here are not those of the record (dataset.sha256)"
    version = harness.version if harness else None
    if version == apps_plus.__version__:
        raise InputError(f"{others}: give the same problems with --data")
    here = apps_plus.__version__
    return [f"{others}, or apps-plus {version or '(unknown)'} hashed them differently than {here} does"]


# ---- draw, run, compare


def draw(task_ids: Sequence[str], fraction: float, seed: int) -> list[str]:
    """Draw a random part of the problems, at least one."""
    ids = sorted(task_ids)
    return Random(seed).sample(ids, max(1, math.ceil(fraction * len(ids) - 1e-9)))  # noqa: S311 - the seed is printed


def _by_problem(
    record: Record, sizes: Mapping[str, int], run: Callable[[Selected], Counts], options: VerifyOptions
) -> Verification:
    """Compare the counts of judged and passed samples problem by problem.

    Problems are drawn from all that have samples, so that a record cannot hide failures by leaving problems out.
    """
    outcomes = record.outcomes()
    chosen = dict.fromkeys(draw(list(sizes), options.fraction, options.seed))
    counts = run(lambda task_id, _: task_id in chosen)
    recorded, here = ({task_id: of.get(task_id, (0, 0)) for task_id in chosen} for of in (outcomes, counts))
    compared = [task_id for task_id in chosen if here[task_id][0] >= max(recorded[task_id][0], 1)]
    deviations = find_deviations({task_id: recorded[task_id] for task_id in sorted(compared)}, here)
    ran = sum(here[task_id][0] for task_id in compared)
    return Verification(
        record.id,
        VerificationResult.DIFFERS if deviations or not compared else VerificationResult.AGREES,
        n_problems=len(sizes),
        problems_ran=len(compared),
        samples_ran=ran,
        samples_agreed=ran - sum(one.samples for one in deviations),
        deviations=tuple(deviations),
        most_wrong=most_wrong(len(sizes), len(compared), len(deviations)),
        passed_here=sum(here[task_id][1] for task_id in compared),
        seed=options.seed,
        notes=(*_left_out(outcomes, sizes), *_unjudged(len(chosen) - len(compared))),
    )


def find_deviations(recorded: Counts, here: Counts) -> list[Deviation]:
    """Return the problems whose counts of judged and passed samples differ between the record and this run.

    A sample that is a ``harness_error`` in the record and judged here counts as a difference: else a record could hide
    its failures as harness errors.
    """
    return [Deviation(i, *counts, *here[i]) for i, counts in recorded.items() if counts != here[i]]


def _left_out(outcomes: Counts, sizes: Mapping[str, int]) -> tuple[str, ...]:
    total = sum(sizes.values())
    missing = total - sum(judged for judged, _ in outcomes.values())
    return (f"the record leaves {missing:,} of {total:,} samples unjudged (harness_error)",) if missing else ()


def _by_score(
    record: Record, sizes: Mapping[str, int], run: Callable[[Selected], Counts], options: VerifyOptions
) -> Verification:
    """Compare pass@1 alone, with one random sample of each drawn problem (two-sided binomial test)."""
    random = Random(options.seed)  # noqa: S311 - the seed is printed
    drawn = draw(list(sizes), options.fraction, options.seed)
    chosen = {task_id: random.randrange(sizes[task_id]) for task_id in drawn}
    counts = run(lambda task_id, number: chosen.get(task_id) == number)
    score = record.score()
    assert score is not None, "records with neither outcomes nor pass@1 were refused"
    ran, passed = len(counts), sum(passed for _, passed in counts.values())
    p = binomial_p(passed, ran, score.value)
    return Verification(
        record.id,
        VerificationResult.AGREES if p >= LEAST_P and ran else VerificationResult.DIFFERS,
        by_problem=False,
        n_problems=len(sizes),
        problems_ran=ran,
        samples_ran=ran,
        passed_here=passed,
        expected=ran * score.value,
        p_value=p,
        seed=options.seed,
        notes=_unjudged(len(chosen) - ran),
    )


def _unjudged(count: int) -> tuple[str, ...]:
    return (f"{count} of the problems could not be judged here (harness_error): not compared",) if count else ()


def reproduced(record: Record, verification: Verification, today: date) -> Record:
    """Return the record with status ``reproduced`` and the dataset that was found here.

    Raises InputError where the results differ, or only the score was compared.
    """
    if verification.outcome is not VerificationResult.AGREES or verification.samples_agreed is None:
        raise InputError(f"{record.id} was not reproduced")
    ran, total = verification.problems_ran, verification.n_problems
    part = "all" if ran == total else f"{ran} of {total} problems, drawn at random with seed {verification.seed}"
    note = f"{part}, run again with apps-plus {apps_plus.__version__}"
    dataset = verification.dataset or record.dataset
    if dataset != record.dataset:
        note += "; dataset describes the problems of that run"
    facts = Reproduction(samples=verification.samples_ran, agreed=verification.samples_agreed, date=today, note=note)
    return record.model_copy(update={"status": Status.REPRODUCED, "dataset": dataset, "reproduction": facts})
