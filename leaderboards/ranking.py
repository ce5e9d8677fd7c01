"""Rank records, with a 95% range of ranks from a bootstrap over problems. Pure functions.

Rows with the outcomes of their problems are resampled over problems, all with the *same* problems in a replicate: a
problem that is hard for all rows changes no rank. Where only the score is known, a replicate draws it from Jeffreys'
posterior of the binomial, Beta(passed + 1/2, failed + 1/2), independently of the other rows: a score of 0 varies, too.
A row's rank range holds 95% of its ranks over the replicates.

Equal rows of a replicate may be in either order: both the best and the worst rank of each are counted. Each range holds
for one row with 95% confidence; that all ranges of a board hold together is less likely.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.scoring.paired_comparison import ROUNDING
from harness.scoring.pass_at_k import CONFIDENCE, SEED, Counts
from harness.scoring.result_record import Record
from leaderboards.board import Interval
from leaderboards.score_difference import Z, difference_interval, have_different_tests, mean_difference
from leaderboards.scores import FROM_NUMBER, usable_outcomes, values_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from leaderboards.scores import Floats

    Ints = NDArray[np.int64]
    Random = np.random.Generator

MOST, FEWEST, DRAWS = 2_000, 400, 4_000_000
"""Replicates at most, at least, and the total number of scores drawn that decides in between."""
SAME = 1e-9
"""Difference below which two scores are equal."""
EDGE = (0.005, 0.12)
"""Shares of replicates with the other sign between which the interval of the difference is computed."""
EDGES_DECIDED = 200
"""Intervals of differences computed for a board at most: each takes a bootstrap."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """The rank of a row; the fields are those of ``leaderboards.board.Row``."""

    rank: int
    range: tuple[int, int]
    tied_with_best: bool


def rank(records: Sequence[Record], scores: Sequence[Interval], tier: str, k: int, seed: int = SEED) -> list[Ranked]:
    """Rank the records of one board.

    Args:
        records: Records of one board.
        scores: The score of each record.
        tier: Tier of the scores.
        k: The k of pass@k.
        seed: Seed of the replicates; the same seed gives the same ranges.

    A problem without an outcome in a record is left out of that record's replicates only. A record whose dataset hash
    differs from that of most records (other tests) is compared by its score alone.
    """
    import numpy as np

    if not records:
        return []
    each = [(record, usable_outcomes(record, tier, k)) for record in records]
    draws = replicates(scores, _with_usual_tests(each), k, seed)
    ranges = zip(*rank_ranges(draws), strict=True)
    own = zip(*(ranks[0] for ranks in placed(np.array([[score.value for score in scores]]))), strict=True)
    best = int(np.argmax([score.value for score in scores]))
    paired = [counts if not have_different_tests(records[best], record) else {} for record, counts in each]
    tied = _tied_with_best(best, scores, paired, draws, k)
    return [
        Ranked(int(first), (min(int(low), int(first)), max(int(high), int(last))), tie)
        for (first, last), (low, high), tie in zip(own, ranges, tied, strict=True)
    ]


def _with_usual_tests(each: Sequence[tuple[Record, Counts]]) -> list[Counts]:
    """Return the outcomes of each row; empty where its dataset hash is not the most common one."""
    hashes = Counter(record.dataset.sha256 for record, counts in each if counts and record.dataset.sha256)
    usual = {None, *(sha256 for sha256, _ in hashes.most_common(1))}
    return [counts if record.dataset.sha256 in usual else {} for record, counts in each]


# ---- replicates


def replicates(scores: Sequence[Interval], outcomes: Sequence[Counts], k: int, seed: int = SEED) -> Floats:
    """Draw bootstrap replicates of the scores, ``(replicates, rows)``; fewer replicates for thousands of rows.

    ``outcomes`` holds each row's counts by problem; empty where only the row's interval is known.
    """
    import numpy as np

    random = np.random.default_rng(seed)
    n = min(max(DRAWS // len(scores), FEWEST), MOST)
    draws = np.empty((n, len(scores)))
    with_outcomes = [i for i, counts in enumerate(outcomes) if counts]
    score_only = [i for i, counts in enumerate(outcomes) if not counts]
    if with_outcomes:
        draws[:, with_outcomes] = _resampled([outcomes[i] for i in with_outcomes], k, n, random)
    if score_only:
        draws[:, score_only] = _drawn([scores[i] for i in score_only], n, random)
    return draws


def _resampled(outcomes: Sequence[Counts], k: int, n: int, random: Random) -> Floats:
    """Return means over problems drawn with replacement, the same problems for every row; ``(n, rows)``."""
    import numpy as np

    place = {task_id: i for i, task_id in enumerate(dict.fromkeys(task_id for its in outcomes for task_id in its))}
    values, has = (np.zeros((len(place), len(outcomes))) for _ in range(2))
    for row, counts in enumerate(outcomes):
        problems = [place[task_id] for task_id in counts]
        values[problems, row], has[problems, row] = values_of(list(counts.values()), k), 1
    drawn = random.integers(len(place), size=(n, len(place))) + len(place) * np.arange(n)[:, None]
    times = np.bincount(drawn.ravel(), minlength=n * len(place)).reshape(n, -1).astype(float)
    weights = np.full((1, 1), float(len(place))) if has.all() else times @ has
    means = values.sum(axis=0) / has.sum(axis=0)
    draws: Floats = np.where(weights > 0, times @ values / np.maximum(weights, 1), means)
    for row, mean in enumerate(means.tolist()):
        of_row = values[has[:, row] > 0, row]
        if np.ptp(of_row) < SAME:
            draws[:, row] = _around(mean, len(of_row), n, random)
    return draws


def _around(value: float, n_problems: int, n: int, random: Random) -> Floats:
    """Draw scores around a value that all problems share, ``(n,)``: resampling would give that value without spread.

    None of ``n_problems`` differs from the value; by Jeffreys a share Beta(1/2, n + 1/2) of all problems may. As in the
    interval of such a score (``harness.scoring.pass_at_k``), these have the greatest or the least possible value.
    """
    import numpy as np

    others = random.beta(0.5, n_problems + 0.5, size=n)
    up = random.random(n) < (value < 1) / ((value < 1) + (value > 0))
    return np.asarray(np.where(up, value + others * (1 - value), value - others * value))


def _drawn(scores: Sequence[Interval], n: int, random: Random) -> Floats:
    """Draw from Jeffreys' posterior of each score, ``(n, rows)``, with the sample size of ``_effective_size``."""
    import numpy as np

    values = np.array([score.value for score in scores])
    sizes = np.array([_effective_size(score) for score in scores])
    draws: Floats = random.beta(values * sizes + 0.5, (1 - values) * sizes + 0.5, size=(n, len(scores)))
    return draws


def _effective_size(score: Interval) -> float:
    """Return the number of 0/1 trials whose mean is as uncertain as the score: the problems, if only it is known."""
    if score.method == FROM_NUMBER or not 0 < score.value < 1:
        return score.n_problems
    error = (score.high - score.low) / (2 * Z)
    return min(max(score.value * (1 - score.value) / error**2, 1.0), 1e9)


# ---- ranks


def placed(draws: Floats) -> tuple[Ints, Ints]:
    """Return the best and worst rank of each row in each replicate, ``(replicates, rows)``.

    The two differ where rows are equal.
    """
    import numpy as np

    order = np.argsort(-draws, axis=1)
    inside = np.take_along_axis(draws, order, axis=1)
    place = np.arange(1, draws.shape[1] + 1)
    step = inside[:, :-1] - inside[:, 1:] > SAME
    edge = np.ones((len(draws), 1), dtype=bool)
    firsts = np.maximum.accumulate(np.where(np.hstack([edge, step]), place, 0), axis=1)
    lasts = np.where(np.hstack([step, edge]), place, len(place))
    lasts = np.minimum.accumulate(lasts[:, ::-1], axis=1)[:, ::-1]
    best, worst = np.empty_like(order), np.empty_like(order)
    np.put_along_axis(best, order, firsts, axis=1)
    np.put_along_axis(worst, order, lasts, axis=1)
    return best, worst


def rank_ranges(draws: Floats) -> tuple[Ints, Ints]:
    """Return for each row the best and worst rank, ``(rows,)``, that at most 2.5% of the replicates exceed."""
    import numpy as np

    best, worst = placed(draws)
    beyond = int(len(draws) * (1 - CONFIDENCE) / 2)
    low = np.partition(best, beyond, axis=0)[beyond]
    high = np.partition(worst, len(draws) - 1 - beyond, axis=0)[len(draws) - 1 - beyond]
    return low, high


def _tied_with_best(
    best: int, scores: Sequence[Interval], outcomes: Sequence[Counts], draws: Floats, k: int
) -> list[bool]:
    """Return for each row whether the 95% interval of its difference to the best row contains 0, as in ``compare``.

    The interval of paired rows takes a bootstrap each, so it is computed only where the replicates do not decide.
    """
    ahead = (draws > draws[:, [best]] + SAME).mean(axis=0)
    level = (draws >= draws[:, [best]] - SAME).mean(axis=0)
    tied, decided = [], 0
    for i, score in enumerate(scores):
        common = [task_id for task_id in outcomes[best] if task_id in outcomes[i]]
        if scores[best].value - score.value < SAME:
            tied.append(True)
        elif not common:
            low, _ = difference_interval(score, scores[best])
            tied.append(low <= ROUNDING)
        elif level[i] < EDGE[0] or ahead[i] > EDGE[1] or decided == EDGES_DECIDED:
            tied.append(bool(level[i] > (1 - CONFIDENCE) / 2))
        else:
            decided += 1
            ours, its = (values_of([outcomes[row][task_id] for task_id in common], k) for row in (i, best))
            _, low, _ = mean_difference(its - ours)
            tied.append(low <= ROUNDING)
    return tied
