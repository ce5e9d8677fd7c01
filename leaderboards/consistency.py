"""Whether a record's numbers can stand together. Pure functions.

A number that was printed with one decimal place stands for any that rounds to it; what is told here is only what no
rounding explains. A record that was measured and tells its outcomes has no need to round.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from harness.scoring.result_record import OVERALL, Record, Status, TierScore
from leaderboards.scores import n_of, usable_outcomes, values_of, wilson_of_share
from leaderboards.verify.contradictions import faults_inside

MOST_DECIMALS = 6
"""Of a percentage; one that has more was not rounded."""
EXACT = 1e-9
ROUNDED = 5e-7
"""Scores that were measured may be rounded to the sixth decimal place of a share."""
NARROW = 0.5
"""An interval of less than this part of Wilson's is narrower than any usual method makes it from the number alone."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not fit, in one record."""

    record_id: str
    text: str
    remark: bool
    """A paper's own figures are told, not refused: they are what it says."""

    def to_json(self) -> dict[str, Any]:
        """As ``leaderboard check --json`` has it."""
        return asdict(self)


def check(records: Iterable[Record]) -> list[Finding]:
    """What does not fit, record by record."""
    return [
        Finding(record.id, text, record.status is Status.REPORTED)
        for record in records
        for part in (overall_against_tiers, whole_counts, scores_against_outcomes, other_contradictions, intervals)
        for text in part(record)
    ]


def overall_against_tiers(record: Record) -> Iterator[str]:
    """Each overall is the mean of its tiers, weighted by their problems, or off by more than rounding explains.

    With one sample a problem the tiers are whole counts, as often known exactly: then the overall is, too.
    """
    for overall in (score for score in record.scores if score.tier == OVERALL):
        parts = [
            (score, record.n_problems(tier)) for tier in _tiers(record) if (score := record.score(tier, overall.k))
        ]
        if len(parts) < len(_tiers(record)) or not all(n for _, n in parts):
            continue
        yield from _off(record, overall, parts)


def _tiers(record: Record) -> list[str]:
    return [tier for tier in record.dataset.tiers if tier in record.problems or not record.problems]


def _off(record: Record, overall: TierScore, parts: Sequence[tuple[TierScore, int]]) -> Iterator[str]:
    total = sum(n for _, n in parts)
    mean = sum(n * score.value for score, n in parts) / total
    told = f"pass@{overall.k} overall is {_percent(overall.value)}%"
    counts = [possible_counts(score.value, n, unit(record)) for score, n in parts]
    if abs(overall.value - mean) > unit(record) + EXACT:  # half a unit for the overall, as much for the tiers' mean
        yield f"{told}, the tiers weighted {' : '.join(f'{n:,}' for _, n in parts)} give {100 * mean:.2f}%"
    elif overall.k == 1 and _one_sample(record) and all(counts):
        low, high = sum(its[0] for its in counts), sum(its[-1] for its in counts)
        fitting = possible_counts(overall.value, total, unit(record))
        if low == high and low not in fitting:
            cut = " (cut off, not rounded?)" if 0 < low / total - overall.value < unit(record) else ""
            sums = " + ".join(f"{its[0]:,}" for its in counts)
            yield f"{told}{cut}: with one sample a problem the tiers are {sums} of {total:,}, {100 * low / total:.2f}%"


def whole_counts(record: Record) -> Iterator[str]:
    """With one sample a problem, each pass@1 is a whole number of problems."""
    for score in record.scores:
        n = record.n_problems(score.tier)
        if score.k == 1 and n and _one_sample(record) and not possible_counts(score.value, n, unit(record)):
            below = int(score.value * n)
            near = " and ".join(f"{count:,} are {_percent(count / n)}%" for count in (below, below + 1))
            yield f"pass@1 of {_name(score)} is {_percent(score.value)}%, no whole number of {n:,} problems: {near}"


def possible_counts(value: float, n: int, rounded_to: float) -> range:
    """How many of ``n`` problems may have been solved, where the share was rounded to a multiple of ``rounded_to``."""
    slack = rounded_to / 2 + EXACT
    return range(max(math.ceil(n * (value - slack)), 0), min(math.floor(n * (value + slack)), n) + 1)


def _one_sample(record: Record) -> bool:
    """Where a reported figure does not say how many samples it is of, it is taken to be one."""
    return record.generation.samples == 1 or (record.generation.samples is None and record.status is Status.REPORTED)


def scores_against_outcomes(record: Record) -> Iterator[str]:
    """Where the outcomes of problems are there, the scores are what they give."""
    for score in record.scores:
        given = _given(record, score)
        if given is not None and not _fits(record, score, given):
            told = f"pass@{score.k} of {_name(score)} is {_percent(score.value)}%"
            yield f"{told}, its problems give {_percent(given)}%"


def _given(record: Record, score: TierScore) -> float | None:
    counts = usable_outcomes(record, score.tier, score.k)
    return float(values_of([*counts.values()], score.k).mean()) if counts else None


def _fits(record: Record, score: TierScore, given: float) -> bool:
    slack = unit(record) / 2 if record.status is Status.REPORTED else ROUNDED
    return abs(given - score.value) <= slack + EXACT


def other_contradictions(record: Record) -> Iterator[str]:
    """Where scores have no outcomes, and intervals, categories and counts do not fit: what ``verify`` refuses too."""
    given = [(score, _given(record, score)) for score in record.scores]
    told = [score for score, its in given if its is None or _fits(record, score, its)]
    yield from faults_inside(record.model_copy(update={"scores": told}))


def intervals(record: Record) -> Iterator[str]:
    """Where no outcomes are told, no interval is far narrower than the number allows.

    With several samples of each problem it may be, and nobody can tell from the record.
    """
    for score in record.scores:
        if score.ci95 is None or usable_outcomes(record, score.tier, score.k) or (record.generation.samples or 1) > 1:
            continue
        (low, high), n = score.ci95, n_of(record, score.tier)
        least, most = wilson_of_share(score.value, n)
        if high - low < NARROW * (most - least):
            yield (
                f"the interval of pass@{score.k} of {_name(score)}, {_interval(low, high)}, is narrower than "
                f"{n:,} problems allow: Wilson's is {_interval(least, most)}: tell the outcomes, or leave ci95 out"
            )


def unit(record: Record) -> float:
    """What the scores of a record were rounded to a multiple of, as a share: 0.001 for percent with one decimal place.

    0 for scores that were not rounded.
    """
    decimals = max(map(_decimals, record.scores))
    return 10.0 ** -(decimals + 2) if decimals <= MOST_DECIMALS else 0.0


def _decimals(score: TierScore) -> int:
    """Decimal places of the score in percent; more than ``MOST_DECIMALS`` where it has no end."""
    scaled = 100 * score.value
    near = (d for d in range(MOST_DECIMALS + 1) if abs(scaled * 10**d - round(scaled * 10**d)) < EXACT * 10**d)
    return next(near, MOST_DECIMALS + 1)


def _name(score: TierScore) -> str:
    return score.tier or "all"


def _interval(low: float, high: float) -> str:
    return f"[{100 * low:.2f}%, {100 * high:.2f}%]"


def _percent(value: float) -> str:
    """In percent, with as many decimal places as it has, from one to four."""
    whole, _, decimals = f"{100 * value:.4f}".partition(".")
    return f"{whole}.{decimals[0]}{decimals[1:].rstrip('0')}"
