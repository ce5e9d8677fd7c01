"""Runs a random part of a record's samples again, and says whether it agrees.

    record + samples -> contradictions? refused -> whole problems at random -> run again -> counts beside counts

Problems are drawn whole, so that how many of their samples passed can be compared one by one. A record that says
nothing of single problems can only have its score compared, with one random sample of each drawn problem: pass@1 is the
chance that such a sample passes. That is the weaker test: it cannot see a small lie.
"""

from __future__ import annotations

import hashlib
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
from harness.execution import Limits
from harness.sandbox import USUAL_ISOLATION, Isolation
from harness.scoring.benchmarks import TASKS
from harness.scoring.dataset_facts import dataset_facts
from harness.scoring.evaluate import EvaluateOptions, Report, evaluate_part, limits_of, prepare
from harness.scoring.record import HarnessFacts, Record, Reproduction, Status
from harness.scoring.recording import TAIL_KEPT, tier_name
from harness.scoring.samples import Rule, read_samples
from harness.scoring.summary import sample_counts
from leaderboards.chances import binomial_p, most_wrong
from leaderboards.verify_faults import dataset_faults, faults_inside, file_faults, sample_faults

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
    remarks: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return asdict(self)


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


def verify(record: Record, options: VerifyOptions, report: Report = lambda progress: None) -> Verification:
    """Check a record against its samples, and run a random part of them again.

    Raises:
        InputError: It cannot be verified: it names no samples or an unknown benchmark, or the problems here are others.
        WorkError: The sandbox does not start.
    """
    how = _evaluate_options(record, options)
    faults = [*file_faults(record, _digest(options.samples), len(read_samples(options.samples)))]
    if faults:
        return Verification(record.id, Outcome.REFUSED, tuple(faults))
    given, remarks = prepare(how), []
    found = dataset_facts(how.task, how.data, how.split)
    if record.dataset.sha256 not in (None, found.sha256):
        remarks.append(_other_problems(record))
    tiers = {p.task_id: tier_name(p.tier) for p in given.benchmark.problems}
    sizes = Counter(problem.task_id for problem, _ in given.scorable)
    faults = [*faults_inside(record), *dataset_faults(record.dataset, found), *sample_faults(record, sizes, tiers)]
    if faults:
        return Verification(record.id, Outcome.REFUSED, tuple(faults), remarks=tuple(remarks))
    limits = limits_of_record(record.harness, options.timeout)
    remarks += _other_circumstances(record, limits)

    def run(wanted: Wanted) -> Counts:
        return sample_counts(evaluate_part(given, wanted, limits, how, report))

    told = _by_problem(record, run, options) if record.problems else _by_score(record, sizes, run, options)
    return replace(told, remarks=(*remarks, *told.remarks))


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
        isolation=options.isolation,
    )


def rule_of(harness: HarnessFacts | None) -> tuple[Rule | None, bool]:
    """By which rule samples become programs (None: find out), and whether their tails are kept. Raises InputError."""
    if harness is None or harness.rule is None:
        return None, False
    name = harness.rule.removesuffix(TAIL_KEPT)
    if name not in list(Rule):
        raise InputError(f"harness.rule: there is no rule {name}: one of {', '.join(Rule)}")
    return Rule(name), harness.rule != name


def limits_of_record(harness: HarnessFacts | None, timeout: float | None) -> Limits:
    """What a program may use on each test: by the record, unless a time is given. Raises InputError."""
    if timeout is not None or harness is None or not harness.limits:
        return limits_of(timeout)
    whole = ("memory_bytes", "output_bytes", "scratch_bytes", "open_files", "threads")
    given: dict[str, Any] = {name: int(n) if name in whole else n for name, n in harness.limits.items()}
    try:
        return Limits(**given)
    except (TypeError, ValueError) as error:
        reason = str(error).removeprefix("Limits.__init__() ")
        raise InputError(f"harness.limits: {reason}: say with --timeout what a program may use") from error


def _other_problems(record: Record) -> str:
    """Other problems are a remark where another version of this toolkit may have hashed the same ones otherwise."""
    version = record.harness.version if record.harness else None
    told = "the problems here are not those of the record (dataset.sha256)"
    if version == apps_plus.__version__:
        raise InputError(f"{told}: give the very same with --data")
    return f"{told}, or apps-plus {version or '(unknown)'} hashed them otherwise than {apps_plus.__version__} does"


def _other_circumstances(record: Record, limits: Limits) -> list[str]:
    harness = record.harness or HarnessFacts()
    told = []
    if harness.version != apps_plus.__version__:
        told.append(f"the record was made by version {harness.version or '(unknown)'}, not {apps_plus.__version__}")
    usual = limits_of(None)
    others = [f"{name} {value:g}" for name, value in harness.limits.items() if value != getattr(usual, name, value)]
    if others and limits != usual:
        told.append(f"run with the record's limits, which are not the usual ones: {', '.join(others)}")
    if "cpu_seconds" in harness.limits and harness.limits["cpu_seconds"] != limits.cpu_seconds:
        told.append(f"run with {limits.cpu_seconds:g} s a test, the record with {harness.limits['cpu_seconds']:g} s")
    return told


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


# ---- which part, and what came of it


def draw(task_ids: Sequence[str], fraction: float, seed: int) -> list[str]:
    """A random part of the problems, at least one."""
    ids = sorted(task_ids)
    return Random(seed).sample(ids, max(1, math.ceil(fraction * len(ids) - 1e-9)))  # noqa: S311 - the seed is told


def _by_problem(record: Record, run: Callable[[Wanted], Counts], options: VerifyOptions) -> Verification:
    outcomes = record.outcomes()
    chosen = set(draw(list(outcomes), options.fraction, options.seed))
    counts = run(lambda task_id, _: task_id in chosen)
    compared = {task_id for task_id in chosen if counts.get(task_id, (0, 0))[0] >= outcomes[task_id][0]}
    deviations = deviations_of({i: outcomes[i] for i in outcomes if i in compared}, counts)
    ran = sum(outcomes[task_id][0] for task_id in compared)
    return Verification(
        record.id,
        Outcome.DIFFERS if deviations or not compared else Outcome.AGREES,
        n_problems=len(outcomes),
        problems_ran=len(compared),
        samples_ran=ran,
        samples_agreed=ran - sum(abs(one.passed_here - one.passed) for one in deviations),
        deviations=tuple(deviations),
        most_wrong=most_wrong(len(outcomes), len(compared), len(deviations)),
        passed_here=sum(counts[task_id][1] for task_id in compared),
        seed=options.seed,
        remarks=_unjudged(len(chosen) - len(compared)),
    )


def deviations_of(outcomes: Mapping[str, tuple[int, int]], here: Mapping[str, tuple[int, int]]) -> list[Deviation]:
    """Problems whose numbers cannot both be right: samples that the record could not judge may have gone either way."""
    found = []
    for task_id, (judged, passed) in outcomes.items():
        judged_here, passed_here = here[task_id]
        if not passed <= passed_here <= passed + (judged_here - judged):
            found.append(Deviation(task_id, judged, passed, judged_here, passed_here))
    return found


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
    """The record of which a part, or all, ran again and agreed.

    Raises InputError where it did not agree, or only its score could be compared.
    """
    if verification.outcome is not Outcome.AGREES or verification.samples_agreed is None:
        raise InputError(f"{record.id} was not reproduced")
    ran, total = verification.problems_ran, verification.n_problems
    part = "all" if ran == total else f"{ran} of {total} problems, drawn at random with seed {verification.seed}"
    note = f"{part}, run again with apps-plus {apps_plus.__version__}"
    facts = Reproduction(samples=verification.samples_ran, agreed=verification.samples_agreed, date=today, note=note)
    return record.model_copy(update={"status": Status.REPRODUCED, "reproduction": facts})
