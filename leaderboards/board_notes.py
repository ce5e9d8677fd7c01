"""The notes below a board: which differences may be noise, what is left out, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from apps_plus.wording import plural
from harness.scoring.result_record import OVERALL, Record
from leaderboards.board import Board, Row
from leaderboards.scores import FROM_NUMBER, n_problems_of

NAMED = 8
"""Models that a sentence names at most; more are counted."""
REASONS = 4
"""Reasons that get a sentence each at most; more are summed up in one."""
CONTAMINATED = "its training data may hold the problems"
"""Reason for a row without a rank where contaminated rows are left out of the ranking."""


def percent(share: float) -> str:
    """Format a share in percent with one decimal place: ``36.1``."""
    return f"{100 * share:.1f}"


def notes_of(board: Board, without_score: Sequence[Record] = ()) -> Iterator[str]:
    """Yield the notes of a board, a sentence each.

    Args:
        board: The board with its rows, best first.
        without_score: Records of the same problems that lack this score, and so have no row.
    """
    names = names_of([row.record for row in board.rows] + list(without_score))
    yield from _best(board, names)
    yield from _numbers_only(board, names)
    yield from _partial(board, names)
    yield from _other_problems(board)
    yield from _given_imports(board, names)
    yield from _test_strength(board)
    yield from _unranked(board, names)
    if without_score:
        left_out = listed([names[record.id] for record in without_score])
        yield f"pass@{board.k} of {_tier(board)} is not known for {left_out}."


def names_of(records: Sequence[Record]) -> dict[str, str]:
    """Return a distinct name for each record id: the model's name, with the status or the id where names repeat."""
    titles = Counter(record.model.title for record in records)
    with_status = Counter((record.model.title, record.status) for record in records)
    names = {}
    for record in records:
        title, status = record.model.title, record.status.replace("_", "-")
        if titles[title] == 1:
            names[record.id] = title
        elif with_status[title, record.status] == 1:
            names[record.id] = f"{title} ({status})"
        else:
            names[record.id] = f"{title} ({record.id})"
    return names


def _best(board: Board, names: dict[str, str]) -> Iterator[str]:
    ranked = [row for row in board.rows if row.rank is not None]
    best = [row for row in ranked if row.rank == 1]
    tied = [row for row in ranked if row.tied_with_best and row.rank != 1]
    if len(ranked) < 2:
        return
    who = f"{_named(best, names)} ({percent(best[0].score.value)}%{' each' if len(best) > 1 else ''})"
    size = plural(board.n_problems, "problem")
    if tied:
        others = "1 other" if len(tied) == 1 else f"{len(tied):,} others"
        yield f"{who} cannot be distinguished from {others} at {size}: {_named(tied, names)}."
    elif len(best) > 1:
        yield f"{who} cannot be distinguished at {size}."
    else:
        others = "row" if len(ranked) == len(board.rows) else "ranked row"
        yield f"{who} is better than every other {others}, at {size}."


def _numbers_only(board: Board, names: dict[str, str]) -> Iterator[str]:
    rows = [row for row in board.rows if row.score.method == FROM_NUMBER]
    if not rows:
        return
    all_of_them = "all rows" if len(rows) > 1 else "this row"
    who = all_of_them if len(rows) == len(board.rows) else _named(rows, names)
    yield (
        f"Only the scores are known of {who}, not which problems were solved: the intervals are the widest that such a "
        "score allows, and the row is compared as if it had been scored on different problems, which usually makes "
        "differences look less certain than they are."
    )


def _partial(board: Board, names: dict[str, str]) -> Iterator[str]:
    parts: dict[tuple[int, int], list[Row]] = {}
    for row in board.rows:
        n, of = row.score.n_problems, n_problems_of(row.record.dataset, board.tier)
        if n < of and row.unranked in (None, CONTAMINATED):
            parts.setdefault((n, of), []).append(row)
    for n, of in sorted(parts)[:REASONS]:
        yield f"Scored on {n:,} of {of:,} problems only: {_named(parts[n, of], names)}."


def _other_problems(board: Board) -> Iterator[str]:
    hashes = {row.record.dataset.sha256 for row in board.rows} - {None}
    if len(hashes) > 1:
        yield (
            f"The rows are of {len(hashes)} different sets of problems or tests, by their hashes, under one name: "
            "differences may come from the tests."
        )
    if len({tuple(sorted(row.record.dataset.tiers.items())) for row in board.rows}) > 1:
        yield "The rows disagree on how many problems there are: differences may come from the problems."


def _given_imports(board: Board, names: dict[str, str]) -> Iterator[str]:
    settings = {row.record.harness.given_imports for row in board.rows if row.record.harness} - {None}
    if len(settings) > 1:
        rows = [row for row in board.rows if row.record.harness and row.record.harness.given_imports]
        yield f"Missing imports were added to the programs of these rows, not of the others: {_named(rows, names)}."


def _test_strength(board: Board) -> Iterator[str]:
    strengths = sorted({s for row in board.rows if (s := row.record.dataset.test_strength) is not None})
    if strengths:
        shares = " to ".join(f"{percent(share)}%" for share in dict.fromkeys((strengths[0], strengths[-1])))
        yield (
            f"The tests of a problem reject {shares} of wrong programs in the mean (canonical solutions with one small "
            "change), so some programs that pass are wrong."
        )


def _unranked(board: Board, names: dict[str, str]) -> Iterator[str]:
    reasons: dict[str, list[Row]] = {}
    for row in board.rows:
        if row.unranked:
            reasons.setdefault(row.unranked, []).append(row)
    if contaminated := reasons.pop(CONTAMINATED, None):
        yield f"Not ranked, since their training data may hold the problems: {_named(contaminated, names)}."
    if len(reasons) > REASONS:
        rows = [row for its in reasons.values() for row in its]
        reasons = {"scored on fewer problems than others, or on other ones": rows}
    for reason, rows in reasons.items():
        yield f"Not ranked, being {reason}: {_named(rows, names)}."
    if reasons:
        yield "To compare two of these on their common problems, use apps-plus leaderboard compare."


def _tier(board: Board) -> str:
    return "all problems" if board.tier == OVERALL else f"tier {board.tier}"


def _named(rows: Sequence[Row], names: dict[str, str]) -> str:
    return listed([names[row.record.id] for row in rows])


def listed(names: Sequence[str]) -> str:
    """Join names: ``A``, ``A and B``, ``A, B and 7 more``."""
    if len(names) > NAMED:
        names = [*names[: NAMED - 1], f"{len(names) - NAMED + 1:,} more"]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
