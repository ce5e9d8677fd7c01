"""Every board that a page can show: one set of problems at each tier, each k, with and without contaminated rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from harness.scoring.result_record import OVERALL, Record
from leaderboards.board import Board, BoardKey, Interval, Row

Cut = tuple[str, int]
"""A tier and a k."""


@dataclass(frozen=True, slots=True)
class Scores:
    """All boards over one set of problems."""

    key: BoardKey
    records: tuple[Record, ...]
    """Best first, by the main board; then those that it leaves out."""
    tiers: tuple[str, ...]
    """``overall`` first."""
    ks: tuple[int, ...]
    boards: dict[Cut, Board]
    """As the page shows them at first."""
    others: dict[Cut, Board]
    """With contaminated rows ranked where ``boards`` leaves them unranked, and the other way round; empty where none is
    known to be contaminated."""
    contaminated_ranked: bool
    """Whether ``boards`` ranks contaminated rows."""
    rows: dict[Cut, dict[str, Row]] = field(repr=False)
    """Of ``boards``, by the record's id."""

    @property
    def main(self) -> Cut:
        """What the page shows first, and all that it shows without JavaScript in full: overall, the least k."""
        return next(cut for cut in ((tier, k) for k in self.ks for tier in self.tiers) if cut in self.boards)

    @property
    def board(self) -> Board:
        """The main one."""
        return self.boards[self.main]

    def interval(self, record: Record, tier: str, k: int) -> Interval | None:
        """The score of a record at a tier and k, or None."""
        row = self.rows.get((tier, k), {}).get(record.id)
        return row.score if row else None

    def tiers_with(self, record: Record, k: int) -> list[str]:
        """Tiers in which the record has a score at k."""
        return [tier for tier in self.tiers if self.interval(record, tier, k)]

    def methods(self, record: Record, tier: str) -> list[str]:
        """How the intervals of its scores of a tier came about, each once; none where it has no score."""
        found = (self.interval(record, tier, k) for k in self.ks)
        return list(dict.fromkeys(one.method for one in found if one))

    def row(self, record: Record) -> Row | None:
        """Its row on the main board, or None."""
        return self.rows[self.main].get(record.id)

    def n_problems(self, tier: str) -> int:
        """Problems of a tier, as the data set has them."""
        facts = self.records[0].dataset
        return facts.n_problems if tier == OVERALL else facts.tiers.get(tier, 0)

    def remarks(self) -> list[tuple[Cut, tuple[str, ...]]]:
        """What a reader must know about each tier and k, where there is anything."""
        return [(cut, board.remarks) for cut, board in self.boards.items() if board.remarks]


def all_scores(records: Iterable[Record], unrank_contaminated: bool = False) -> Iterator[Scores]:
    """One for each set of problems, in the order of their keys."""
    from leaderboards.assemble_boards import boards_of

    for key, of_key in sorted(boards_of(records).items()):
        yield scores_of(key, of_key, unrank_contaminated)


def scores_of(key: BoardKey, records: Sequence[Record], unrank_contaminated: bool = False) -> Scores:
    """All boards over one set of problems."""
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
    return Scores(key, (*best_first, *left_out), kept_tiers, ks, boards, others, not unrank_contaminated, rows)
