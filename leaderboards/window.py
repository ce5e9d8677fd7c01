"""Restrict records to the problems of a window of days. Pure functions.

Needs the outcomes and the days of a record's problems; a record without them is left out, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable

from apps_plus.errors import InputError
from harness.scoring.benchmarks.livecodebench import Window, window_of
from harness.scoring.result_record import Record, TierScore
from leaderboards.board_notes import listed
from leaderboards.scores import usable_outcomes, values_of


def in_window(records: Iterable[Record], since: str | None, until: str | None) -> tuple[list[Record], list[str]]:
    """Restrict records to the problems from one day to another.

    Args:
        records: Records of any boards.
        since: The first day, as ``2024-08-01``; None: no limit.
        until: The last day.

    Returns:
        The records that have problems in the window, with their scores on these, and a note for each reason for which
        others are left out.

    Raises:
        InputError: A day is invalid, or no record is left.
    """
    window = window_of(since, until)
    kept: list[Record] = []
    left_out: dict[str, list[str]] = {}
    for record in records:
        found = restricted(record, window)
        if isinstance(found, Record):
            kept.append(found)
        else:
            left_out.setdefault(found, []).append(record.id)
    notes = [f"left out, {reason}: {listed(ids)}" for reason, ids in left_out.items()]
    if not kept:
        raise InputError("no record has results from that window: " + "; ".join(notes))
    return kept, notes


def restricted(record: Record, window: Window) -> Record | str:
    """Return a record of the problems in a window, or the reason why there is none.

    Its tiers have the sizes of the answered problems in the window. What is known of all problems only is dropped:
    categories, failures and cost.
    """
    days = record.dataset.days
    if not days:
        return "the days of their problems are not known"
    if not record.problems:
        return "it is not known which problems they solve"
    problems = {
        tier: inside
        for tier, its in record.problems.items()
        if (inside := {task_id: n for task_id, n in its.items() if task_id in days and days[task_id] in window})
    }
    if not problems:
        return "none of their problems is in the window"
    tiers = {tier: len(its) for tier, its in problems.items()}
    dataset = record.dataset.model_copy(update={"tiers": tiers, "split": window.name})
    changes = {"dataset": dataset, "problems": problems, "categories": {}, "failures": [], "cost": None}
    part = record.model_copy(update=changes)
    scores = [score for one in record.scores if (score := _score(part, one.tier, one.k)) is not None]
    return part.model_copy(update={"scores": scores}) if scores else "their problems have too few samples"


def _score(record: Record, tier: str, k: int) -> TierScore | None:
    counts = usable_outcomes(record, tier, k)
    return TierScore(tier=tier, k=k, value=float(values_of([*counts.values()], k).mean())) if counts else None
