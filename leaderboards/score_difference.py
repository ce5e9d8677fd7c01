"""Test whether the scores of two records differ by more than noise. Pure functions; differences are B minus A.

Where both records have the outcomes of their problems, they are compared problem by problem, as in ``apps-plus
compare``. Otherwise the two scores and their intervals are compared as if they were of different problems. The same
problems are hard for both, so that interval is usually too wide and the p-value too large, by an unknown amount.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

from apps_plus.errors import InputError
from harness.scoring.paired_comparison import ROUNDING, mcnemar, sign_flip
from harness.scoring.pass_at_k import CONFIDENCE, mean_estimates
from harness.scoring.result_record import OVERALL, Record
from leaderboards.board import BoardKey, Difference, Interval
from leaderboards.scores import FROM_NUMBER, interval_of, ks_of, score_of, tiers_of, usable_outcomes, values_of

if TYPE_CHECKING:
    from leaderboards.scores import Floats

Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


def compare(a: Record, b: Record, tier: str = OVERALL, k: int = 1) -> Difference:
    """Compute the difference of two records of one board, with its 95% interval and a two-sided p-value.

    Raises:
        InputError: The records are of different boards, or one lacks the score.
    """
    key_a, key_b = BoardKey.of(a), BoardKey.of(b)
    if key_a != key_b:
        raise InputError(f"{a.id} is of {key_a.title}, {b.id} of {key_b.title}: give two records of one board")
    score_a, score_b = (_required_score(record, tier, k) for record in (a, b))
    in_a, in_b = usable_outcomes(a, tier, k), usable_outcomes(b, tier, k)
    common = [task_id for task_id in in_a if task_id in in_b]
    if common and not have_different_tests(a, b):
        return _paired(a, b, tier, k, common)
    return _unpaired(a, b, tier, k, score_a, score_b)


def have_different_tests(a: Record, b: Record) -> bool:
    """Return whether the dataset hashes of two records differ: then one task id may name two different problems."""
    ours, its = a.dataset.sha256, b.dataset.sha256
    return ours is not None and its is not None and ours != its


def _required_score(record: Record, tier: str, k: int) -> Interval:
    score = score_of(record, tier, k)
    if score is None:
        there = "; ".join(f"{name}: pass@{', '.join(map(str, ks_of([record], name)))}" for name in tiers_of([record]))
        raise InputError(f"{record.id} has no pass@{k} of tier {tier}: it has {there}")
    return score


def _paired(a: Record, b: Record, tier: str, k: int, common: list[str]) -> Difference:
    import numpy as np

    in_a, in_b = ({i: outcomes[i] for i in common} for outcomes in (a.outcomes(tier), b.outcomes(tier)))
    differences = values_of([*in_b.values()], k) - values_of([*in_a.values()], k)
    value, low, high = mean_difference(differences)
    a_only = tuple(common[i] for i in np.flatnonzero(differences < -ROUNDING))
    b_only = tuple(common[i] for i in np.flatnonzero(differences > ROUNDING))
    single = all(in_a[i][0] == in_b[i][0] == 1 for i in common)
    p_value = mcnemar(len(a_only), len(b_only)) if single else sign_flip(differences.tolist())
    on_common = interval_of(in_a, k), interval_of(in_b, k)
    return Difference(a, b, tier, k, value, low, high, p_value, True, len(common), a_only, b_only, on_common, single)


def mean_difference(differences: Floats) -> tuple[float, float, float]:
    """Return the mean of ``(n,)`` differences from -1 to 1, and the two ends of its 95% interval."""
    import numpy as np

    values, frequencies = np.unique(np.round(differences, 12), return_counts=True)
    [found] = mean_estimates(values[:, None], frequencies, -1.0, 1.0)
    return found.value, found.low, found.high


def _unpaired(a: Record, b: Record, tier: str, k: int, in_a: Interval, in_b: Interval) -> Difference:
    low, high = difference_interval(in_a, in_b)
    p_value = two_proportions(in_a, in_b)
    n = min(in_a.n_problems, in_b.n_problems)
    return Difference(a, b, tier, k, in_b.value - in_a.value, low, high, p_value, False, n)


def difference_interval(a: Interval, b: Interval) -> tuple[float, float]:
    """Compute the 95% interval of B minus A from those of A and of B (Newcombe 1998, method 10)."""
    difference = b.value - a.value
    below = math.hypot(b.value - b.low, a.high - a.value)
    above = math.hypot(b.high - b.value, a.value - a.low)
    return max(difference - below, -1.0), min(difference + above, 1.0)


def two_proportions(a: Interval, b: Interval) -> float:
    """Return the two-sided p of the two-proportion z-test, with the standard errors of the intervals if known."""
    difference = b.value - a.value
    if a.method == b.method == FROM_NUMBER:
        pooled = (a.value * a.n_problems + b.value * b.n_problems) / (a.n_problems + b.n_problems)
        error = math.sqrt(pooled * (1 - pooled) * (1 / a.n_problems + 1 / b.n_problems))
    else:
        error = math.hypot(a.high - a.low, b.high - b.low) / (2 * Z)
    return math.erfc(abs(difference) / error / math.sqrt(2)) if error else 1.0


# ---- in words


def conclusion(it: Difference) -> str:
    """Say in a few words whether the difference may be noise."""
    if it.is_noise:
        return "it may be noise: the interval contains 0"
    if it.p_value > 0.05:
        return "on the edge: the interval does not contain 0, but p is above 0.05"
    return f"{'B' if it.difference > 0 else 'A'} is better: the interval does not contain 0"


def how_compared(it: Difference) -> str:
    """Say in a sentence how the two were compared, and what that means for the interval."""
    if it.paired:
        return f"Compared problem by problem, on the {it.n_problems:,} problems that both have outcomes of."
    if have_different_tests(it.a, it.b):
        return (
            "The two are of different sets of problems or tests, by their hashes, under one name: compared by their "
            "scores alone, and the difference may come from the tests."
        )
    return (
        f"Compared by their scores alone, at {it.n_problems:,} problems: which problems were solved is not known for "
        "both. As the problems are the same for both, the interval is usually wider than necessary."
    )
