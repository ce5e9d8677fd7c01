"""Make the compact JSON that pages embed for their scripts, escaped so that no text can end the script element."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from harness.scoring.result_record import Record
from leaderboards.board import Board, Interval
from leaderboards.board_notes import percent
from leaderboards.contamination import known
from leaderboards.cost import solved_per_1000_tokens, tokens_of
from leaderboards.scores import FROM_NUMBER
from leaderboards.site.charts import TOPS
from leaderboards.site.descriptions import settings, size_band
from leaderboards.site.pages import BoardPage, Entry, days_of_outcomes
from leaderboards.site.wording import STATUSES, size

PLACES = 6
"""Decimal places of a share in the JSON."""


def board_payload(page: BoardPage) -> dict[str, Any]:
    """Return the data of ``board.js`` and ``compare.js``: the scores and ranks of each model, tier and k."""
    scores = page.scores
    ranked, unranked = (scores.boards, scores.others) if scores.contaminated_ranked else (scores.others, scores.boards)
    return {
        "tiers": scores.tiers,
        "ks": scores.ks,
        "main": scores.main,
        "tops": TOPS,
        "groups": page.groups,
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
    costs = (("tokens", tokens_of(record)), ("solved", solved_per_1000_tokens(record)))
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
        **_window_facts(record),
        **{name: round(value, 6) for name, value in costs if value is not None},
        "facts": [("Size", size(facts.parameters)), ("Status", STATUSES[record.status].name), *settings(record)],
    }


def _window_facts(record: Record) -> dict[str, Any]:
    """Return what ``window.js`` must know of a record; empty if no window can be applied to it."""
    if not days_of_outcomes(record):
        return {}
    return {"dated": True, "contaminated": bool(known(record)), "tests": (record.dataset.sha256 or "")[:12]}


def _scores(page: BoardPage, board: Board) -> list[Any]:
    """Return for each model of the page: value, low, high, number of problems; 0 if it lacks the score.

    The number is negative where the interval was not computed from the score alone.
    """
    by_id = {row.record.id: row.score for row in board.rows}
    found = (by_id.get(entry.record.id) for entry in page.entries)
    return [_score(one) if one else 0 for one in found]


def _score(one: Interval) -> list[float]:
    n = one.n_problems if one.method == FROM_NUMBER else -one.n_problems
    return [*(_short(share) for share in (one.value, one.low, one.high)), n]


def _short(share: float) -> float:
    """Round a share to ``PLACES``, unless that changes the displayed percentage."""
    short = round(share, PLACES)
    return short if percent(short) == percent(share) else share


def _ranks(page: BoardPage, board: Board) -> list[Any]:
    """Return for each model of the page: rank, best rank, worst rank; 0 if it is not ranked."""
    by_id = {row.record.id: row for row in board.rows}
    found = (by_id.get(entry.record.id) for entry in page.entries)
    return [[row.rank, *(row.rank_range or (row.rank, row.rank))] if row and row.rank else 0 for row in found]


def outcomes_script(record: Record) -> str:
    """Return the script that ``problems.js`` loads: by tier, each problem with its counts, and its day if it has one.

    The counts are the numbers of judged and passed samples.

    A script, since a page opened from a disk can load no other kind of file. Lists, not an object: a problem may be
    called ``__proto__``.
    """
    days = {task_id: [day.isoformat()] for task_id, day in days_of_outcomes(record).items()}
    tiers = [
        [tier, [[task_id, *counts, *days.get(task_id, [])] for task_id, counts in its.items()]]
        for tier, its in record.problems.items()
    ]
    return f"leaderboard.outcomes({_dump(record.id)}, {_dump(tiers)});\n"


def embedded(value: Any) -> Markup:
    """Return JSON for a script element, escaped so that nothing can end the element."""
    return Markup(_dump(value))  # noqa: S704 - escaped just below


def _dump(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    # In JSON these characters occur in strings only, where the escapes mean the same.
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
