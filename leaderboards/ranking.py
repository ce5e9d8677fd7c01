"""Ranks, and the ranks that the data allow: a bootstrap over problems. Pure functions.

Rows that tell the outcome of each problem are resampled over problems, all with the *same* problems in a replicate: a
problem that is hard for all of them moves none past another. Where only the number is known, a replicate draws it from
Jeffreys' posterior of the binomial, Beta(passed + 1/2, failed + 1/2), independently of all others; so 0 of 140 is not
certain to be 0. A row's rank range holds 95% of its ranks over the replicates.

In a replicate, rows that are equal may stand in either order: the best and the worst rank of each are counted. The
ranges are of one row at a time; that all of a board's ranges hold together is less likely than 95%.
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
from leaderboards.score_difference import Z, difference_interval, mean_difference, of_other_tests
from leaderboards.scores import FROM_NUMBER, usable_outcomes, values_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from leaderboards.scores import Floats

    Ints = NDArray[np.int64]
    Random = np.random.Generator

MOST, FEWEST, DRAWS = 2_000, 400, 4_000_000
"""Replicates: at most, at least, and how many scores all of them together draw in between."""
SAME = 1e-9
"""Far below any difference of scores."""
EDGE = (0.005, 0.12)
"""Where this share of replicates has the other sign, the interval of the difference itself decides."""
EDGES_DECIDED = 200


@dataclass(frozen=True, slots=True)
class Ranked:
    """A row's place; see ``leaderboards.board.Row``."""

    rank: int
    range: tuple[int, int]
    tied_with_best: bool


def rank(records: Sequence[Record], scores: Sequence[Interval], tier: str, k: int, seed: int = SEED) -> list[Ranked]:
    """The place of each record among all of them.

    Args:
        records: Of one board.
        scores: One for each record.
        tier: What the scores are of.
        k: Of pass@k.
        seed: The same one gives the same ranges.

    A problem that a record has no outcome of is left out of that record's replicates, not of the others'. A record of
    other tests than most, by their hash, is compared by its number.
    """
    import numpy as np

    if not records:
        return []
    each = [(record, usable_outcomes(record, tier, k)) for record in records]
    draws = replicates(scores, _of_usual_tests(each), k, seed)
    ranges = zip(*rank_ranges(draws), strict=True)
    own = zip(*(ranks[0] for ranks in placed(np.array([[score.value for score in scores]]))), strict=True)
    best = int(np.argmax([score.value for score in scores]))
    paired = [counts if not of_other_tests(records[best], record) else {} for record, counts in each]
    tied = _tied_with_best(best, scores, paired, draws, k)
    return [
        Ranked(int(first), (min(int(low), int(first)), max(int(high), int(last))), tie)
        for (first, last), (low, high), tie in zip(own, ranges, tied, strict=True)
    ]


def _of_usual_tests(each: Sequence[tuple[Record, Counts]]) -> list[Counts]:
    """The outcomes of each row; none where its tests are not those that most rows are of, by the dataset's hash."""
    hashes = Counter(record.dataset.sha256 for record, counts in each if counts and record.dataset.sha256)
    usual = {None, *(sha256 for sha256, _ in hashes.most_common(1))}
    return [counts if record.dataset.sha256 in usual else {} for record, counts in each]


# ---- replicates


def replicates(scores: Sequence[Interval], outcomes: Sequence[Counts], k: int, seed: int = SEED) -> Floats:
    """Scores as they might have been, ``(replicates, rows)``: fewer replicates where there are thousands of rows.

    ``outcomes`` has a row's counts by problem; where it is empty, only the row's interval is known.
    """
    import numpy as np

    random = np.random.default_rng(seed)
    n = min(max(DRAWS // len(scores), FEWEST), MOST)
    draws = np.empty((n, len(scores)))
    told = [i for i, counts in enumerate(outcomes) if counts]
    untold = [i for i, counts in enumerate(outcomes) if not counts]
    if told:
        draws[:, told] = _resampled([outcomes[i] for i in told], k, n, random)
    if untold:
        draws[:, untold] = _drawn([scores[i] for i in untold], n, random)
    return draws


def _resampled(outcomes: Sequence[Counts], k: int, n: int, random: Random) -> Floats:
    """Means over problems drawn with replacement, the same ones for every row; ``(n, rows)``."""
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
    """Where all problems have one value a resample has it too, and would claim certainty: some problems may be others.

    None of ``n_problems`` is; by Jeffreys a share Beta(1/2, n + 1/2) of all may be. As the interval of such a score
    (``harness.scoring.pass_at_k``), those lie at the far end, above or below.
    """
    import numpy as np

    others = random.beta(0.5, n_problems + 0.5, size=n)
    up = random.random(n) < (value < 1) / ((value < 1) + (value > 0))
    return np.asarray(np.where(up, value + others * (1 - value), value - others * value))


def _drawn(scores: Sequence[Interval], n: int, random: Random) -> Floats:
    """From Jeffreys' posterior of each score, ``(n, rows)``, of as many problems as its interval is worth."""
    import numpy as np

    values = np.array([score.value for score in scores])
    worth = np.array([_worth(score) for score in scores])
    draws: Floats = random.beta(values * worth + 0.5, (1 - values) * worth + 0.5, size=(n, len(scores)))
    return draws


def _worth(score: Interval) -> float:
    """The number of noughts and ones whose mean is as uncertain as the score: the problems, where no more is known."""
    if score.method == FROM_NUMBER or not 0 < score.value < 1:
        return score.n_problems
    error = (score.high - score.low) / (2 * Z)
    return min(max(score.value * (1 - score.value) / error**2, 1.0), 1e9)


# ---- ranks


def placed(draws: Floats) -> tuple[Ints, Ints]:
    """Best and worst rank of each row in each replicate, ``(replicates, rows)``; they differ where rows are equal."""
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
    """For each row the best and the worst rank, ``(rows,)``, that at most 2.5% of the replicates go beyond."""
    import numpy as np

    best, worst = placed(draws)
    beyond = int(len(draws) * (1 - CONFIDENCE) / 2)
    low = np.partition(best, beyond, axis=0)[beyond]
    high = np.partition(worst, len(draws) - 1 - beyond, axis=0)[len(draws) - 1 - beyond]
    return low, high


def _tied_with_best(
    best: int, scores: Sequence[Interval], outcomes: Sequence[Counts], draws: Floats, k: int
) -> list[bool]:
    """Whether the 95% interval of what the best is ahead of each row by is not all above 0, as ``compare`` has it.

    The interval of paired rows takes a bootstrap each: only where the replicates leave it open is it computed.
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
