"""Compute the boards of one set of problems for every tier and k, with contaminated rows ranked and unranked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from harness.scoring.result_record import OVERALL, Record
from leaderboards.board import Board, BoardKey, Interval, Row

Cut = tuple[str, int]
"""Key of a board on a page: (tier, k)."""


@dataclass(frozen=True, slots=True)
class BoardScores:
    """All boards of one set of problems."""

    key: BoardKey
    records: tuple[Record, ...]
    """Records in the order of the main board, then those without a row on it."""
    tiers: tuple[str, ...]
    """Tiers, ``overall`` first."""
    ks: tuple[int, ...]
    boards: dict[Cut, Board]
    """Boards that the page shows first."""
    others: dict[Cut, Board]
    """The boards with the opposite treatment of contaminated rows; empty if no row is known to be contaminated."""
    contaminated_ranked: bool
    """True if ``boards`` ranks contaminated rows."""
    rows: dict[Cut, dict[str, Row]] = field(repr=False)
    """Rows of ``boards``, by record id."""

    @property
    def main(self) -> Cut:
        """Return the tier and k that the page shows first: overall and the least k, if that board exists."""
        return next(cut for cut in ((tier, k) for k in self.ks for tier in self.tiers) if cut in self.boards)

    @property
    def board(self) -> Board:
        """Return the main board."""
        return self.boards[self.main]

    def interval(self, record: Record, tier: str, k: int) -> Interval | None:
        """Return the score of a record at a tier and k, or None."""
        row = self.rows.get((tier, k), {}).get(record.id)
        return row.score if row else None

    def tiers_with(self, record: Record, k: int) -> list[str]:
        """Return the tiers in which the record has a score at k."""
        return [tier for tier in self.tiers if self.interval(record, tier, k)]

    def methods(self, record: Record, tier: str) -> list[str]:
        """Return the distinct methods of the intervals of a record's scores in a tier."""
        found = (self.interval(record, tier, k) for k in self.ks)
        return list(dict.fromkeys(one.method for one in found if one))

    def row(self, record: Record) -> Row | None:
        """Return the record's row on the main board, or None."""
        return self.rows[self.main].get(record.id)

    def n_problems(self, tier: str) -> int:
        """Return the number of problems in a tier."""
        facts = self.records[0].dataset
        return facts.n_problems if tier == OVERALL else facts.tiers.get(tier, 0)

    def notes(self) -> list[tuple[Cut, tuple[str, ...]]]:
        """Return the notes of each board that has some."""
        return [(cut, board.notes) for cut, board in self.boards.items() if board.notes]


def all_board_scores(records: Iterable[Record], unrank_contaminated: bool = False) -> Iterator[BoardScores]:
    """Yield the boards of each set of problems, sorted by key."""
    from leaderboards.assemble_boards import boards_of

    for key, of_key in sorted(boards_of(records).items()):
        yield board_scores(key, of_key, unrank_contaminated)


def board_scores(key: BoardKey, records: Sequence[Record], unrank_contaminated: bool = False) -> BoardScores:
    """Compute all boards of one set of problems."""
    from leaderboards.assemble_boards import ks_of, make_board, tiers_of
    from leaderboards.contamination import known

    tiers = tiers_of(records)
    cuts = [(tier, k) for tier in tiers for k in ks_of(records, tier)]
    boards = {cut: make_board(key, records, *cut, unrank_contaminated) for cut in cuts}
    differs = any(known(record) for record in records)
    others = {cut: make_board(key, records, *cut, not unrank_contaminated) for cut in cuts} if differs else {}
    rows = {cut: {row.record.id: row for row in board.rows} for cut, board in boards.items()}
    ks = tuple(sorted({k for _, k in cuts}))
    main = next(cut for cut in ((tier, k) for k in ks for tier in tiers) if cut in boards)
    best_first = [row.record for row in boards[main].rows]
    left_out = [record for record in records if record.id not in rows[main]]
    kept_tiers = tuple(tier for tier in tiers if any(cut[0] == tier for cut in cuts))
    return BoardScores(key, (*best_first, *left_out), kept_tiers, ks, boards, others, not unrank_contaminated, rows)
