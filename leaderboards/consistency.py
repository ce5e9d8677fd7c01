"""Check that the numbers of a record are consistent with each other. Pure functions.

A number printed with one decimal place stands for every number that rounds to it: only contradictions that no rounding
explains are reported. Scores of a measured record with outcomes need not be rounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from harness.scoring.result_record import OVERALL, Record, Status, TierScore
from leaderboards.scores import n_of, usable_outcomes, values_of, wilson_of_share
from leaderboards.verify.contradictions import faults_inside

MOST_DECIMALS = 6
"""Decimal places of a rounded percentage at most; a score with more was not rounded."""
EXACT = 1e-9
ROUNDED = 5e-7
"""Tolerance for measured scores: they may be rounded to the sixth decimal place of a share."""
NARROW = 0.5
"""Least width of a plausible interval, as a share of the width of Wilson's."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One inconsistency in a record."""

    record_id: str
    text: str
    is_note: bool
    """True for the figures of a paper: they are reported as published, and are no failure."""

    def to_json(self) -> dict[str, Any]:
        """Return the object of ``leaderboard check --json``."""
        return {"record_id": self.record_id, "text": self.text, "remark": self.is_note}


def check(records: Iterable[Record]) -> list[Contradiction]:
    """Return the inconsistencies of all records, in their order."""
    return [
        Contradiction(record.id, text, record.status is Status.REPORTED)
        for record in records
        for part in (overall_against_tiers, whole_counts, scores_against_outcomes, other_contradictions, intervals)
        for text in part(record)
    ]


def overall_against_tiers(record: Record) -> Iterator[str]:
    """Check that each overall score is the mean of its tiers, weighted by problems, up to rounding.

    With one sample per problem the tiers are whole counts. Where rounding leaves one count for each, their sum decides.
    """
    for overall in (score for score in record.scores if score.tier == OVERALL):
        parts = [
            (score, record.n_problems(tier)) for tier in _tiers(record) if (score := record.score(tier, overall.k))
        ]
        if len(parts) < len(_tiers(record)) or not all(n for _, n in parts):
            continue
        yield from _wrong_overall(record, overall, parts)


def _tiers(record: Record) -> list[str]:
    return [tier for tier in record.dataset.tiers if tier in record.problems or not record.problems]


def _wrong_overall(record: Record, overall: TierScore, parts: Sequence[tuple[TierScore, int]]) -> Iterator[str]:
    total = sum(n for _, n in parts)
    mean = sum(n * score.value for score, n in parts) / total
    stated = f"pass@{overall.k} overall is {_percent(overall.value)}%"
    counts = [possible_counts(score.value, n, unit(record)) for score, n in parts]
    if abs(overall.value - mean) > unit(record) + EXACT:  # half a unit for the overall, as much for the tiers' mean
        yield f"{stated}, the tiers weighted {' : '.join(f'{n:,}' for _, n in parts)} give {100 * mean:.2f}%"
    elif overall.k == 1 and _one_sample(record) and all(counts):
        low, high = sum(its[0] for its in counts), sum(its[-1] for its in counts)
        fitting = possible_counts(overall.value, total, unit(record))
        if low == high and low not in fitting:
            cut = " (cut off, not rounded?)" if 0 < low / total - overall.value < unit(record) else ""
            sums = " + ".join(f"{its[0]:,}" for its in counts)
            share = f"{100 * low / total:.2f}%"
            yield f"{stated}{cut}: with one sample per problem the tiers are {sums} of {total:,}, {share}"


def whole_counts(record: Record) -> Iterator[str]:
    """Check that with one sample per problem each pass@1 is a whole number of problems."""
    for score in record.scores:
        n = record.n_problems(score.tier)
        if score.k == 1 and n and _one_sample(record) and not possible_counts(score.value, n, unit(record)):
            below = int(score.value * n)
            near = " and ".join(f"{count:,} are {_percent(count / n)}%" for count in (below, below + 1))
            yield f"pass@1 of {_name(score)} is {_percent(score.value)}%, not a whole number of {n:,} problems: {near}"


def possible_counts(value: float, n: int, rounded_to: float) -> range:
    """Return the counts of ``n`` problems whose share rounds to ``value``, a multiple of ``rounded_to``."""
    slack = rounded_to / 2 + EXACT
    return range(max(math.ceil(n * (value - slack)), 0), min(math.floor(n * (value + slack)), n) + 1)


def _one_sample(record: Record) -> bool:
    """Return whether each problem has one sample; assumed for a reported score that does not say."""
    return record.generation.samples == 1 or (record.generation.samples is None and record.status is Status.REPORTED)


def scores_against_outcomes(record: Record) -> Iterator[str]:
    """Check that the scores are those computed from the outcomes of the problems, where the record has these."""
    for score in record.scores:
        computed = _computed(record, score)
        if computed is not None and not _agrees(record, score, computed):
            stated = f"pass@{score.k} of {_name(score)} is {_percent(score.value)}%"
            yield f"{stated}, its problems give {_percent(computed)}%"


def _computed(record: Record, score: TierScore) -> float | None:
    counts = usable_outcomes(record, score.tier, score.k)
    return float(values_of([*counts.values()], score.k).mean()) if counts else None


def _agrees(record: Record, score: TierScore, computed: float) -> bool:
    slack = unit(record) / 2 if record.status is Status.REPORTED else ROUNDED
    return abs(computed - score.value) <= slack + EXACT


def other_contradictions(record: Record) -> Iterator[str]:
    """Yield the contradictions that ``verify`` refuses, but for scores reported by ``scores_against_outcomes``."""
    computed = [(score, _computed(record, score)) for score in record.scores]
    scores = [score for score, value in computed if value is None or _agrees(record, score, value)]
    yield from faults_inside(record.model_copy(update={"scores": scores}))


def intervals(record: Record) -> Iterator[str]:
    """Check that without outcomes no interval is far narrower than the number of problems allows.

    With several samples per problem an interval may be narrower, which the record alone cannot show: not checked.
    """
    for score in record.scores:
        if score.ci95 is None or usable_outcomes(record, score.tier, score.k) or (record.generation.samples or 1) > 1:
            continue
        (low, high), n = score.ci95, n_of(record, score.tier)
        least, most = wilson_of_share(score.value, n)
        if high - low < NARROW * (most - least):
            yield (
                f"the interval of pass@{score.k} of {_name(score)}, {_interval(low, high)}, is narrower than "
                f"{n:,} problems allow: Wilson's is {_interval(least, most)}: add the outcomes, or leave ci95 out"
            )


def unit(record: Record) -> float:
    """Return the unit that a record's scores were rounded to, as a share: 0.001 for percent with one decimal place.

    0 if the scores were not rounded.
    """
    decimals = max(map(_decimals, record.scores))
    return 10.0 ** -(decimals + 2) if decimals <= MOST_DECIMALS else 0.0


def _decimals(score: TierScore) -> int:
    """Count the decimal places of the score in percent; ``MOST_DECIMALS`` + 1 if it was not rounded."""
    scaled = 100 * score.value
    near = (d for d in range(MOST_DECIMALS + 1) if abs(scaled * 10**d - round(scaled * 10**d)) < EXACT * 10**d)
    return next(near, MOST_DECIMALS + 1)


def _name(score: TierScore) -> str:
    return score.tier or "all"


def _interval(low: float, high: float) -> str:
    return f"[{100 * low:.2f}%, {100 * high:.2f}%]"


def _percent(value: float) -> str:
    """Format a share in percent with as many decimal places as it has, from one to four."""
    whole, _, decimals = f"{100 * value:.4f}".partition(".")
    return f"{whole}.{decimals[0]}{decimals[1:].rstrip('0')}"
