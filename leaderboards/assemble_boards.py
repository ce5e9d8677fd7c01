"""Puts records together on boards: which stand side by side, in what order, and what a reader must be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from apps_plus.errors import InputError
from harness.scoring.result_record import OVERALL, Record
from leaderboards.board import Board, BoardKey, Interval, Row
from leaderboards.board_notes import SEEN, remarks
from leaderboards.contamination import known, warnings
from leaderboards.ranking import Ranked, rank
from leaderboards.score_difference import compare
from leaderboards.scores import ks_of, n_problems_of, score_of, tiers_of, usable_outcomes

__all__ = ["boards_of", "compare", "ks_of", "make_board", "tiers_of"]


def boards_of(records: Iterable[Record]) -> dict[BoardKey, list[Record]]:
    """The records of each board, boards by their names, records by their ids."""
    boards: dict[BoardKey, list[Record]] = {}
    for record in records:
        boards.setdefault(BoardKey.of(record), []).append(record)
    return {key: sorted(boards[key], key=lambda record: record.id) for key in sorted(boards)}


def make_board(
    key: BoardKey, records: Iterable[Record], tier: str = OVERALL, k: int = 1, unrank_contaminated: bool = False
) -> Board:
    """The board of pass@k of a tier.

    Ranked are the rows of the same problems: one that is scored on fewer than the others, or on others, is shown
    without a rank, since nobody knows what it would score on theirs.

    Args:
        key: Which board; records of others are passed over.
        records: In any order.
        tier: A tier of the dataset, or ``overall``.
        k: Of pass@k.
        unrank_contaminated: Leave out of the ranking what is *known* to have been trained on data that may hold the
            problems. Where nobody says when the training data ends, a row keeps its rank, with a warning.

    Raises:
        InputError: No record has such a score; the message says which there are.
    """
    members = [record for record in records if BoardKey.of(record) == key]
    scores = [(record, score_of(record, tier, k)) for record in members]
    scored = [(record, score) for record, score in scores if score is not None]
    if not scored:
        raise InputError(_nothing(key, members, tier, k))
    scored.sort(key=lambda pair: (-pair[1].value, pair[0].model.title.lower(), pair[0].id))
    footing = _footing(scored, tier, k)
    reasons = [_unranked(*pair, footing, tier, k, unrank_contaminated) for pair in scored]
    ranked = [pair for pair, reason in zip(scored, reasons, strict=True) if reason is None]
    places = rank([record for record, _ in ranked], [score for _, score in ranked], tier, k)
    rows = [_row(record, score, place) for (record, score), place in zip(ranked, places, strict=True)]
    rows += [_row(*pair, None, reason) for pair, reason in zip(scored, reasons, strict=True) if reason]
    board = Board(key, tier, k, tuple(rows), footing.n_problems)
    return replace(board, remarks=tuple(remarks(board, [record for record, score in scores if score is None])))


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is shown together: the boards of several tiers of one pass@k, the one that gives the order first."""

    boards: dict[str, Board]
    """By tier."""
    rows: dict[str, dict[str, Row]]
    """By tier and the record's id."""

    @property
    def main(self) -> Board:
        """The board whose ranks are shown."""
        return next(iter(self.boards.values()))

    def row(self, record: Record, tier: str) -> Row | None:
        """A record's row on the board of a tier, or None."""
        return self.rows[tier].get(record.id)


def make_sheet(
    key: BoardKey, records: Sequence[Record], tiers: Sequence[str], k: int = 1, unrank_contaminated: bool = False
) -> Sheet:
    """The boards of several tiers; those without pass@k are left out. Raises InputError where the first has none."""
    there = [tier for tier in tiers if tier == tiers[0] or k in ks_of(records, tier)]
    boards = {tier: make_board(key, records, tier, k, unrank_contaminated) for tier in there}
    return Sheet(boards, {tier: {row.record.id: row for row in board.rows} for tier, board in boards.items()})


@dataclass(frozen=True, slots=True)
class _Footing:
    """What problems a row must be scored on to be ranked."""

    whole: int
    """So many there are, as most records say."""
    n_problems: int
    """The most of them that a row is scored on."""
    task_ids: frozenset[str] | None
    """Which; None: all of them, or nobody tells."""


def _footing(scored: Sequence[tuple[Record, Interval]], tier: str, k: int) -> _Footing:
    sizes = Counter(n_problems_of(record.dataset, tier) for record, _ in scored)
    whole = max(sizes, key=lambda n: (sizes[n], n))
    there = [(record, score.n_problems) for record, score in scored if n_problems_of(record.dataset, tier) == whole]
    most = max(n for _, n in there)
    if most == whole:
        return _Footing(whole, most, None)
    sets = Counter(frozenset(usable_outcomes(record, tier, k)) for record, n in there if n == most)
    usual = min(sets, key=lambda task_ids: (-sets[task_ids], sorted(task_ids)))
    return _Footing(whole, most, usual or None)


def _unranked(
    record: Record, score: Interval, footing: _Footing, tier: str, k: int, unrank_contaminated: bool
) -> str | None:
    """Why a row is not ranked among the others, as a clause; None where it is."""
    if unrank_contaminated and known(record):
        return SEEN
    if (size := n_problems_of(record.dataset, tier)) != footing.whole:
        return f"of {size:,} problems, where most rows are of {footing.whole:,}"
    if score.n_problems < footing.n_problems:
        return f"scored on {score.n_problems:,} of {footing.whole:,} problems, others on {footing.n_problems:,}"
    if footing.task_ids is not None and frozenset(usable_outcomes(record, tier, k)) != footing.task_ids:
        return f"scored on {score.n_problems:,} other problems than most rows"
    return None


def _row(record: Record, score: Interval, place: Ranked | None, unranked: str | None = None) -> Row:
    if place is None:
        return Row(record, score, None, None, False, warnings(record), unranked)
    return Row(record, score, place.rank, place.range, place.tied_with_best, warnings(record))


def _nothing(key: BoardKey, members: Sequence[Record], tier: str, k: int) -> str:
    if not members:
        return f"no record is of {key.title}"
    tiers = tiers_of(members)
    if tier not in tiers:
        return f"{key.title} has no tier {tier}: choose one of {', '.join(name or '(no tier)' for name in tiers)}"
    return f"{key.title}, {tier}, has no pass@{k}: there is k = {', '.join(map(str, ks_of(members, tier)))}"
