"""Group records into boards, and rank the records of each board."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from apps_plus.errors import InputError
from harness.scoring.result_record import OVERALL, Record
from leaderboards.board import Board, BoardKey, Interval, Row
from leaderboards.board_notes import CONTAMINATED, notes_of
from leaderboards.contamination import known, warnings
from leaderboards.ranking import Ranked, rank
from leaderboards.score_difference import compare
from leaderboards.scores import ks_of, n_problems_of, score_of, tiers_of, usable_outcomes

__all__ = ["boards_of", "compare", "ks_of", "make_board", "tiers_of"]


def boards_of(records: Iterable[Record]) -> dict[BoardKey, list[Record]]:
    """Group records by board. Boards are sorted by key, the records of each by id."""
    boards: dict[BoardKey, list[Record]] = {}
    for record in records:
        boards.setdefault(BoardKey.of(record), []).append(record)
    return {key: sorted(boards[key], key=lambda record: record.id) for key in sorted(boards)}


def make_board(
    key: BoardKey, records: Iterable[Record], tier: str = OVERALL, k: int = 1, unrank_contaminated: bool = False
) -> Board:
    """Make the board of one tier and one k.

    Only rows that are scored on the same problems are ranked. A row that is scored on fewer or on other problems is
    shown without a rank: its score on the problems of the others is unknown.

    Args:
        key: Key of the board; records of other boards are skipped.
        records: Records in any order.
        tier: A tier of the dataset, or ``overall``.
        k: The k of pass@k.
        unrank_contaminated: Do not rank models that are *known* to be trained on data that may hold the problems.
            A model whose training cutoff is unknown keeps its rank, with a warning.

    Raises:
        InputError: No record has such a score; the message lists the tiers and k that exist.
    """
    members = [record for record in records if BoardKey.of(record) == key]
    scores = [(record, score_of(record, tier, k)) for record in members]
    scored = [(record, score) for record, score in scores if score is not None]
    if not scored:
        raise InputError(_no_score(key, members, tier, k))
    scored.sort(key=lambda pair: (-pair[1].value, pair[0].model.title.lower(), pair[0].id))
    problems = _ranked_problems(scored, tier, k)
    reasons = [_why_unranked(*pair, problems, tier, k, unrank_contaminated) for pair in scored]
    ranked = [pair for pair, reason in zip(scored, reasons, strict=True) if reason is None]
    places = rank([record for record, _ in ranked], [score for _, score in ranked], tier, k)
    rows = [_row(record, score, place) for (record, score), place in zip(ranked, places, strict=True)]
    rows += [_row(*pair, None, reason) for pair, reason in zip(scored, reasons, strict=True) if reason]
    board = Board(key, tier, k, tuple(rows), problems.n_problems)
    return replace(board, notes=tuple(notes_of(board, [record for record, score in scores if score is None])))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The boards of several tiers for one k, shown as one table; the first board gives the order of the rows."""

    boards: dict[str, Board]
    """Boards by tier."""
    rows: dict[str, dict[str, Row]]
    """Rows by tier, then by record id."""

    @property
    def main(self) -> Board:
        """Return the board whose ranks are shown."""
        return next(iter(self.boards.values()))

    def row(self, record: Record, tier: str) -> Row | None:
        """Return a record's row on the board of a tier, or None."""
        return self.rows[tier].get(record.id)


def make_sheet(
    key: BoardKey, records: Sequence[Record], tiers: Sequence[str], k: int = 1, unrank_contaminated: bool = False
) -> Sheet:
    """Make the boards of several tiers, without the tiers that lack pass@k.

    Raises InputError where the first tier lacks it.
    """
    there = [tier for tier in tiers if tier == tiers[0] or k in ks_of(records, tier)]
    boards = {tier: make_board(key, records, tier, k, unrank_contaminated) for tier in there}
    return Sheet(boards, {tier: {row.record.id: row for row in board.rows} for tier, board in boards.items()})


@dataclass(frozen=True, slots=True)
class _RankedProblems:
    """The problems that a row must be scored on to be ranked."""

    total: int
    """Number of problems of the tier, by most records."""
    n_problems: int
    """Largest number of them that a row is scored on."""
    task_ids: frozenset[str] | None
    """Ids of these problems; None: all problems of the tier, or unknown."""


def _ranked_problems(scored: Sequence[tuple[Record, Interval]], tier: str, k: int) -> _RankedProblems:
    """Choose the problems that most rows are scored on."""
    sizes = Counter(n_problems_of(record.dataset, tier) for record, _ in scored)
    total = max(sizes, key=lambda n: (sizes[n], n))
    counts = [(record, score.n_problems) for record, score in scored if n_problems_of(record.dataset, tier) == total]
    most = max(n for _, n in counts)
    if most == total:
        return _RankedProblems(total, most, None)
    sets = Counter(frozenset(usable_outcomes(record, tier, k)) for record, n in counts if n == most)
    usual = min(sets, key=lambda task_ids: (-sets[task_ids], sorted(task_ids)))
    return _RankedProblems(total, most, usual or None)


def _why_unranked(
    record: Record, score: Interval, problems: _RankedProblems, tier: str, k: int, unrank_contaminated: bool
) -> str | None:
    """Return the reason why a row is not ranked, as a clause; None where it is ranked."""
    if unrank_contaminated and known(record):
        return CONTAMINATED
    if (size := n_problems_of(record.dataset, tier)) != problems.total:
        return f"of {size:,} problems, where most rows are of {problems.total:,}"
    if score.n_problems < problems.n_problems:
        return f"scored on {score.n_problems:,} of {problems.total:,} problems, others on {problems.n_problems:,}"
    if problems.task_ids is not None and frozenset(usable_outcomes(record, tier, k)) != problems.task_ids:
        return f"scored on {score.n_problems:,} other problems than most rows"
    return None


def _row(record: Record, score: Interval, place: Ranked | None, unranked: str | None = None) -> Row:
    if place is None:
        return Row(record, score, None, None, False, warnings(record), unranked)
    return Row(record, score, place.rank, place.range, place.tied_with_best, warnings(record))


def _no_score(key: BoardKey, members: Sequence[Record], tier: str, k: int) -> str:
    if not members:
        return f"no record is of {key.title}"
    tiers = tiers_of(members)
    if tier not in tiers:
        return f"{key.title} has no tier {tier}: choose one of {', '.join(name or '(no tier)' for name in tiers)}"
    return f"{key.title}, {tier}, has no pass@{k}: choose k from {', '.join(map(str, ks_of(members, tier)))}"
