"""What the pages hand to their scripts: compact JSON, safe within a page whatever the texts in it are."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from harness.scoring.result_record import Record
from leaderboards.board import Board, Interval
from leaderboards.board_notes import percent
from leaderboards.scores import FROM_NUMBER
from leaderboards.site.charts import TOPS
from leaderboards.site.facts import settings, size_band
from leaderboards.site.pages import BoardPage, Entry
from leaderboards.site.wording import STATUSES, size

PLACES = 6
"""Decimal places of a share."""


def board_payload(page: BoardPage) -> dict[str, Any]:
    """Everything that ``board.js`` and ``compare.js`` choose from: one row of numbers for each model, tier and k."""
    scores = page.scores
    ranked, unranked = (scores.boards, scores.others) if scores.contaminated_ranked else (scores.others, scores.boards)
    return {
        "tiers": scores.tiers,
        "ks": scores.ks,
        "main": scores.main,
        "tops": TOPS,
        "unrank": not scores.contaminated_ranked,
        "models": [_model(entry) for entry in page.entries],
        "scores": {_name(cut): _scores(page, board) for cut, board in scores.boards.items()},
        "ranks": {_name(cut): _ranks(page, board) for cut, board in (ranked or scores.boards).items()},
        "cleanRanks": {_name(cut): _ranks(page, board) for cut, board in unranked.items()},
    }


def _name(cut: tuple[str, int]) -> str:
    tier, k = cut
    return f"{k} {tier}"


def _model(entry: Entry) -> dict[str, Any]:
    record = entry.record
    facts = record.model
    return {
        "id": record.id,
        "title": entry.title,
        "page": entry.page,
        "find": " ".join(filter(None, (facts.id, facts.name, facts.group, entry.group, facts.base, record.id))).lower(),
        "group": entry.group or "",
        "parameters": facts.parameters or 0,
        "band": size_band(facts.parameters),
        "released": str(facts.released or ""),
        "status": record.status,
        "outcomes": bool(record.problems),
        "facts": [("Size", size(facts.parameters)), ("Status", STATUSES[record.status].name), *settings(record)],
    }


def _scores(page: BoardPage, board: Board) -> list[Any]:
    """For each model of the page: value, low, high, number of problems; 0 where it has no such score.

    The number is negative where the interval is of more than the number alone.
    """
    by_id = {row.record.id: row.score for row in board.rows}
    found = (by_id.get(entry.record.id) for entry in page.entries)
    return [_score(one) if one else 0 for one in found]


def _score(one: Interval) -> list[float]:
    n = one.n_problems if one.method == FROM_NUMBER else -one.n_problems
    return [*(_short(share) for share in (one.value, one.low, one.high)), n]


def _short(share: float) -> float:
    """The share with few decimal places, unless it would then be shown as another number."""
    short = round(share, PLACES)
    return short if percent(short) == percent(share) else share


def _ranks(page: BoardPage, board: Board) -> list[Any]:
    """For each model of the page: rank, best and worst that the data allow; 0 where it is not ranked."""
    by_id = {row.record.id: row for row in board.rows}
    found = (by_id.get(entry.record.id) for entry in page.entries)
    return [[row.rank, *(row.rank_range or (row.rank, row.rank))] if row and row.rank else 0 for row in found]


def outcomes_script(record: Record) -> str:
    """The file that ``compare.js`` loads: for each tier its problems, each with samples judged and passed.

    A script, since a page that was opened from a disk may load one, and no other kind of file. Lists rather than an
    object: a problem may be called ``__proto__``.
    """
    tiers = [[tier, [[task_id, *counts] for task_id, counts in its.items()]] for tier, its in record.problems.items()]
    return f"leaderboard.outcomes({_dump(record.id)}, {_dump(tiers)});\n"


def embedded(value: Any) -> Markup:
    """JSON for a script element: nothing in it can end the element."""
    return Markup(_dump(value))  # noqa: S704 - escaped just below


def _dump(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    # Within JSON these stand in strings only; as escapes they mean the same.
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
