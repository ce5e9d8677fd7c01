"""Compare each pair of models of a board on their common problems: how often one solves a problem more often.

The win rate of A over B is the share of the common problems on which A's solve rate is above B's; a problem on which
they are equal counts half. Unlike the difference of the scores it says nothing of how large the differences are, and it
needs no problem to be scored for all models. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from harness.scoring.paired_comparison import ROUNDING
from harness.scoring.pass_at_k import mean_estimates
from harness.scoring.result_record import Record
from leaderboards.board import Board, BoardKey
from leaderboards.board_notes import listed, names_of
from leaderboards.score_difference import have_different_tests
from leaderboards.scores import usable_outcomes

EVEN = 0.5
"""Win rate of two models that are equally good."""


@dataclass(frozen=True, slots=True)
class WinRate:
    """The win rate of A over B, with its 95% interval over problems (bootstrap, BCa)."""

    wins: int
    """Common problems that A solves more often."""
    ties: int
    losses: int
    low: float
    high: float

    @property
    def n_problems(self) -> int:
        """The number of common problems."""
        return self.wins + self.ties + self.losses

    @property
    def value(self) -> float:
        """The share of wins, with ties as halves."""
        return (self.wins + EVEN * self.ties) / self.n_problems

    @property
    def is_noise(self) -> bool:
        """True if the interval contains one half."""
        return self.low <= EVEN + ROUNDING and self.high >= EVEN - ROUNDING

    def reversed(self) -> WinRate:
        """Return the win rate of B over A."""
        return WinRate(self.losses, self.ties, self.wins, 1 - self.high, 1 - self.low)


@dataclass(frozen=True, slots=True)
class WinTable:
    """The win rates of the models of one board and tier."""

    key: BoardKey
    tier: str
    title: str
    records: tuple[Record, ...]
    """Records with the outcomes of their problems, in the order of the board."""
    names: dict[str, str]
    """Displayed name by record id."""
    rates: dict[tuple[str, str], WinRate]
    """Win rate of the first over the second record, by their ids; without pairs that have no common problems."""
    notes: tuple[str, ...]
    """Sentences for the reader: which records are left out, and why."""

    def rate(self, a: Record, b: Record) -> WinRate | None:
        """Return the win rate of A over B, or None."""
        return self.rates.get((a.id, b.id))

    def pairs(self) -> Iterator[tuple[Record, Record, WinRate]]:
        """Yield each pair once, the record that stands first on the board as A."""
        for a, b in combinations(self.records, 2):
            if found := self.rate(a, b):
                yield a, b, found


def make_win_table(board: Board, most: int | None = None) -> WinTable:
    """Compute the win rates of a board's rows; of the first ``most`` with outcomes, if given."""
    rows = [row.record for row in board.rows]
    names = names_of(rows)
    with_outcomes = [record for record in rows if usable_outcomes(record, board.tier)]
    records = with_outcomes[:most]
    rates = {}
    for a, b in combinations(records, 2):
        if (found := win_rate(a, b, board.tier)) is not None:
            rates[a.id, b.id], rates[b.id, a.id] = found, found.reversed()
    notes = []
    known = {record.id for record in with_outcomes}
    if bare := [names[record.id] for record in rows if record.id not in known]:
        notes.append(f"Left out, as it is not known which problems they solve: {listed(bare)}.")
    if len(records) < len(with_outcomes):
        notes.append(f"Only the first {len(records):,} of {len(with_outcomes):,} models are compared.")
    if not rates:
        notes.append("No two models can be compared.")
    title = board.title.removesuffix(f": pass@{board.k}")
    return WinTable(board.key, board.tier, title, tuple(records), names, rates, tuple(notes))


def win_rate(a: Record, b: Record, tier: str) -> WinRate | None:
    """Return the win rate of A over B; None if they have no common problems, or their tests differ."""
    in_a, in_b = usable_outcomes(a, tier), usable_outcomes(b, tier)
    common = [task_id for task_id in in_a if task_id in in_b]
    if not common or have_different_tests(a, b):
        return None
    # c/n > d/m where c m > d n: whole numbers compare without rounding.
    signs = [in_a[i][1] * in_b[i][0] - in_b[i][1] * in_a[i][0] for i in common]
    wins, losses = sum(sign > 0 for sign in signs), sum(sign < 0 for sign in signs)
    ties = len(common) - wins - losses
    if wins < losses:  # computed one way, so that both directions have the same interval
        return _rate(losses, ties, wins).reversed()
    return _rate(wins, ties, losses)


@lru_cache(maxsize=20_000)
def _rate(wins: int, ties: int, losses: int) -> WinRate:
    import numpy as np

    counts = [(value, n) for value, n in ((0.0, losses), (EVEN, ties), (1.0, wins)) if n]
    values, frequencies = np.array([[value] for value, _ in counts]), np.array([n for _, n in counts])
    [found] = mean_estimates(values, frequencies, 0.0, 1.0)
    return WinRate(wins, ties, losses, found.low, found.high)
