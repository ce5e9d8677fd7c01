"""Runs a random part of a record's samples again, and says whether it agrees.

    record + samples -> contradictions? refused -> whole problems at random -> run again -> counts beside counts

Problems are drawn whole, so that how many of their samples passed can be compared one by one. A record that says
nothing of single problems can only have its score compared, with one random sample of each drawn problem: pass@1 is the
chance that such a sample passes. That is the weaker test: it cannot see a small lie.
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
from harness.scoring.benchmarks.load import TASKS
from harness.scoring.evaluate import evaluate_part
from harness.scoring.make_result_record import tier_name
from harness.scoring.options import EvaluateOptions
from harness.scoring.prepare import prepare
from harness.scoring.result_record import DatasetFacts, HarnessFacts, Record, Reproduction, Status
from harness.scoring.run_samples import ReportProgress
from harness.scoring.samples.read_samples import digest_of_samples, read_samples
from harness.scoring.summary import sample_counts
from leaderboards.verify.binomial import binomial_p, most_wrong
from leaderboards.verify.contradictions import dataset_faults, faults_inside, file_faults, sample_faults
from leaderboards.verify.rerun_setting import limits_of_record, remarks_on_limits, remarks_on_version, rule_of

LEAST_P = 0.01
"""A score does not agree where a part like ours would be less likely than this."""

Wanted = Callable[[str, int], bool]
"""Whether a sample runs, by the id of its problem and its number."""
Counts = Mapping[str, tuple[int, int]]
"""For each problem: how many samples were judged, how many of them passed."""


class Outcome(StrEnum):
    """What came of it."""

    AGREES = "agrees"
    DIFFERS = "differs"
    REFUSED = "refused"
    """The record contradicts itself or its samples: nothing ran."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """A problem of which other samples passed here than the record says."""

    task_id: str
    judged: int
    passed: int
    """By the record."""
    judged_here: int
    passed_here: int

    @property
    def samples(self) -> int:
        """Of those that ran: how many did otherwise, at least."""
        failed, failed_here = self.judged - self.passed, self.judged_here - self.passed_here
        return self.judged_here - min(self.passed, self.passed_here) - min(failed, failed_here)


@dataclass(frozen=True, slots=True)
class Verification:
    """What is to be said of a record."""

    record: str
    """Its id."""
    outcome: Outcome
    reasons: tuple[str, ...] = ()
    """Why it is refused."""
    by_problem: bool = True
    """Whether outcomes were compared problem by problem; else the score alone was."""
    n_problems: int = 0
    """That the samples answer."""
    problems_ran: int = 0
    samples_ran: int = 0
    samples_agreed: int | None = None
    deviations: tuple[Deviation, ...] = ()
    most_wrong: int | None = None
    """By problem: with 95% confidence no more of the record's problems than this have a wrong number."""
    passed_here: int = 0
    expected: float | None = None
    """By score: how many of the samples that ran the record's pass@1 expects to pass."""
    p_value: float | None = None
    seed: int | None = None
    dataset: DatasetFacts | None = None
    """The problems here; None where it was refused before they were looked at."""
    remarks: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return asdict(self) | {"dataset": self.dataset and self.dataset.model_dump(mode="json", exclude_none=True)}


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """What a verification is told."""

    samples: Path
    data: Path | None = None
    fraction: float = 0.2
    """Of the problems."""
    seed: int = 0
    workers: int = 0
    timeout: float | None = None
    """Seconds of processor time for each test; None: as the record says."""
    isolation: Isolation = USUAL_ISOLATION
    field: str | None = None
    """In which field of the samples' rows the text stands; None: it is looked for."""


def verify(record: Record, options: VerifyOptions, report: ReportProgress = lambda progress: None) -> Verification:
    """Check a record against its samples, and run a random part of them again.

    Raises:
        InputError: It cannot be verified: it names no samples or an unknown benchmark, or the problems here are others.
        WorkError: The sandbox does not start.
    """
    how = _evaluate_options(record, options)
    count = len(read_samples(options.samples, options.field))
    faults = [*file_faults(record, digest_of_samples(options.samples), count)]
    if faults:
        return Verification(record.id, Outcome.REFUSED, tuple(faults))
    limits = limits_of_record(record.harness, options.timeout)
    remarks = [*remarks_on_version(record.harness), *remarks_on_limits(record.harness, options.timeout)]
    given, found = prepare(how), dataset_facts(how.task, how.data, how.split)
    remarks += _told_of_problems(record.dataset, record.harness, found)
    tiers = {p.task_id: tier_name(p.tier) for p in given.benchmark.problems}
    sizes = Counter(problem.task_id for problem, _ in given.scorable)
    faults = [*faults_inside(record), *dataset_faults(record.dataset, found), *sample_faults(record, sizes, tiers)]
    if faults:
        return Verification(record.id, Outcome.REFUSED, tuple(faults), dataset=found, remarks=tuple(remarks))

    def run(wanted: Wanted) -> Counts:
        return sample_counts(evaluate_part(given, wanted, limits, how, report))

    told = (_by_problem if record.problems else _by_score)(record, sizes, run, options)
    return replace(told, dataset=found, remarks=(*remarks, *told.remarks))


def _evaluate_options(record: Record, options: VerifyOptions) -> EvaluateOptions:
    """The evaluation that the record is of. Raises InputError where that cannot be told."""
    if record.samples is None:
        raise InputError(f"{record.id} names no samples file: there is nothing to run again")
    if record.dataset.name not in TASKS:
        raise InputError(f"{record.id} is of {record.dataset.name}, which apps-plus cannot run: {', '.join(TASKS)}")
    if not record.problems and record.score() is None:
        raise InputError(f"{record.id} has neither outcomes of problems nor pass@1: there is nothing to compare with")
    rule, kept = rule_of(record.harness)
    return EvaluateOptions(
        record.dataset.name,
        options.samples,
        options.data,
        record.dataset.split,
        workers=options.workers,
        rule=rule,
        cut=False if kept else None,
        reasoning_end=record.harness.reasoning_end if record.harness else None,
        isolation=options.isolation,
        give_imports=record.harness.given_imports if record.harness else None,
        field=options.field or (record.harness.field if record.harness else None),
    )


def _told_of_problems(told: DatasetFacts, harness: HarnessFacts | None, found: DatasetFacts) -> list[str]:
    """Other problems are a remark where another version of this toolkit may have hashed the same ones otherwise."""
    if told.sha256 is None:
        return ["the record does not say which problems it is of (dataset.sha256)"]
    if told.sha256 == found.sha256:
        return []
    others = "the problems here are not those of the record (dataset.sha256)"
    version = harness.version if harness else None
    if version == apps_plus.__version__:
        raise InputError(f"{others}: give the very same with --data")
    return [f"{others}, or apps-plus {version or '(unknown)'} hashed them otherwise than {apps_plus.__version__} does"]


# ---- which part, and what came of it


def draw(task_ids: Sequence[str], fraction: float, seed: int) -> list[str]:
    """A random part of the problems, at least one."""
    ids = sorted(task_ids)
    return Random(seed).sample(ids, max(1, math.ceil(fraction * len(ids) - 1e-9)))  # noqa: S311 - the seed is told


def _by_problem(
    record: Record, sizes: Mapping[str, int], run: Callable[[Wanted], Counts], options: VerifyOptions
) -> Verification:
    """Of all problems that the samples answer: those that a record leaves out are the ones to doubt."""
    outcomes = record.outcomes()
    chosen = dict.fromkeys(draw(list(sizes), options.fraction, options.seed))
    counts = run(lambda task_id, _: task_id in chosen)
    told, here = ({task_id: of.get(task_id, (0, 0)) for task_id in chosen} for of in (outcomes, counts))
    compared = [task_id for task_id in chosen if here[task_id][0] >= max(told[task_id][0], 1)]
    deviations = deviations_of({task_id: told[task_id] for task_id in sorted(compared)}, here)
    ran = sum(here[task_id][0] for task_id in compared)
    return Verification(
        record.id,
        Outcome.DIFFERS if deviations or not compared else Outcome.AGREES,
        n_problems=len(sizes),
        problems_ran=len(compared),
        samples_ran=ran,
        samples_agreed=ran - sum(one.samples for one in deviations),
        deviations=tuple(deviations),
        most_wrong=most_wrong(len(sizes), len(compared), len(deviations)),
        passed_here=sum(here[task_id][1] for task_id in compared),
        seed=options.seed,
        remarks=(*_left_out(outcomes, sizes), *_unjudged(len(chosen) - len(compared))),
    )


def deviations_of(told: Counts, here: Counts) -> list[Deviation]:
    """Problems of which not as many samples were judged, or passed, here as the record says.

    A sample that the record calls a ``harness_error`` and that is judged here is no agreement: else a record could
    leave out whatever failed.
    """
    return [Deviation(task_id, *counts, *here[task_id]) for task_id, counts in told.items() if counts != here[task_id]]


def _left_out(outcomes: Counts, sizes: Mapping[str, int]) -> tuple[str, ...]:
    total = sum(sizes.values())
    missing = total - sum(judged for judged, _ in outcomes.values())
    return (f"the record leaves {missing:,} of {total:,} samples unjudged (harness_error)",) if missing else ()


def _by_score(
    record: Record, sizes: Mapping[str, int], run: Callable[[Wanted], Counts], options: VerifyOptions
) -> Verification:
    random = Random(options.seed)  # noqa: S311 - the seed is told
    drawn = draw(list(sizes), options.fraction, options.seed)
    chosen = {task_id: random.randrange(sizes[task_id]) for task_id in drawn}
    counts = run(lambda task_id, number: chosen.get(task_id) == number)
    score = record.score()
    assert score is not None, "whoever has neither outcomes nor pass@1 was refused"
    ran, passed = len(counts), sum(passed for _, passed in counts.values())
    p = binomial_p(passed, ran, score.value)
    return Verification(
        record.id,
        Outcome.AGREES if p >= LEAST_P and ran else Outcome.DIFFERS,
        by_problem=False,
        n_problems=len(sizes),
        problems_ran=ran,
        samples_ran=ran,
        passed_here=passed,
        expected=ran * score.value,
        p_value=p,
        seed=options.seed,
        remarks=_unjudged(len(chosen) - ran),
    )


def _unjudged(count: int) -> tuple[str, ...]:
    return (f"{count} of the problems could not be judged here (harness_error): not compared",) if count else ()


def reproduced(record: Record, verification: Verification, today: date) -> Record:
    """The record of which a part, or all, ran again and agreed; of the problems it says what was found here.

    Raises InputError where it did not agree, or only its score could be compared.
    """
    if verification.outcome is not Outcome.AGREES or verification.samples_agreed is None:
        raise InputError(f"{record.id} was not reproduced")
    ran, total = verification.problems_ran, verification.n_problems
    part = "all" if ran == total else f"{ran} of {total} problems, drawn at random with seed {verification.seed}"
    note = f"{part}, run again with apps-plus {apps_plus.__version__}"
    dataset = verification.dataset or record.dataset
    if dataset != record.dataset:
        note += "; dataset is of the problems that it ran on"
    facts = Reproduction(samples=verification.samples_ran, agreed=verification.samples_agreed, date=today, note=note)
    return record.model_copy(update={"status": Status.REPRODUCED, "dataset": dataset, "reproduction": facts})
