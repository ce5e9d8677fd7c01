"""What a list shows of the items of a queue: their states, filters and search. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from curation.review.assignment import Assignment
from curation.review.item_header import Header
from curation.review_decisions import Action, Decision, Resolution, Standing, latest_by_reviewer, resolve


class State(StrEnum):
    """How far an item is."""

    OPEN = "open"
    DONE = "done"
    """Somebody's decision applies; the next build takes it."""
    STALE = "stale"
    """The decision judged an earlier version of the item, or the last build could not apply it."""
    DISAGREEMENT = "disagreement"
    """Two reviewers want different things."""
    FLAGGED = "flagged"
    """A second reviewer is wanted."""


_STATES = {
    Standing.NONE: State.OPEN,
    Standing.APPLIES: State.DONE,
    Standing.STALE: State.STALE,
    Standing.DISAGREEMENT: State.DISAGREEMENT,
    Standing.FLAGGED: State.FLAGGED,
}
JUDGED = (Action.KEEP, Action.CORRECT, Action.DROP)
"""The actions that say what shall become of a problem."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the list. Its texts are those of the data: make them printable before they are shown."""

    problem_id: str
    tier: str
    reasons: tuple[str, ...]
    title: str
    """The first line of the statement, printable."""
    suggestion: str
    """``expected_output``, ``comparison``, ``drop``, ``look``; empty where there is none."""
    suggestion_text: str
    votes: str
    """Such as ``5/6``."""
    state: State
    reviewers: tuple[str, ...] = ()
    """Whose word counts, or is stale."""
    has_note: bool = False
    mine: bool = True
    """Whether the item is assigned to the reviewer who asks; every item is where nothing is assigned."""
    decided_by_me: bool = False
    """Whether that reviewer has judged the item as it is now (kept, corrected or dropped it)."""


def row_of(
    header: Header,
    decisions: Sequence[Decision],
    reviewer: str = "",
    assignment: Assignment | None = None,
    unapplied: frozenset[str] = frozenset(),
) -> QueueRow:
    """The row of one item.

    Args:
        header: The item's.
        decisions: Those about it, oldest first.
        reviewer: Who asks.
        assignment: Who is to judge what; None: everybody everything.
        unapplied: Ids of decisions that the last build could not apply.
    """
    resolution = resolve(decisions, header.problem_id, header.digest)
    standing = latest_by_reviewer(decisions)
    is_mine = assignment is None or reviewer in assignment.of(header.problem_id)
    decided = any(d.reviewer == reviewer and d.item_digest == header.digest and d.action in JUDGED for d in standing)
    suggestion = header.suggestion
    waits_for_me = assignment is not None and is_mine and not decided
    return QueueRow(
        problem_id=header.problem_id,
        tier=header.tier,
        reasons=header.reasons,
        title=header.title,
        suggestion=suggestion.kind if suggestion else "",
        suggestion_text=suggestion.text if suggestion else "",
        votes=suggestion.votes if suggestion else "",
        state=state_of(resolution, unapplied, waits_for_me),
        reviewers=tuple(sorted({decision.reviewer for decision in resolution.decisions})),
        has_note=any(decision.note for decision in standing),
        mine=is_mine,
        decided_by_me=decided,
    )


def state_of(resolution: Resolution, unapplied: frozenset[str] = frozenset(), waits_for_me: bool = False) -> State:
    """The state of an item.

    Args:
        resolution: What the decisions amount to.
        unapplied: Ids of decisions that the last build could not apply: they are as good as stale.
        waits_for_me: The item is assigned to the reviewer who asks, who has not judged it: another's decision does not
            end it for them, since what both judge tells how far reviewers agree.
    """
    state = _STATES[resolution.standing]
    if state is not State.DONE:
        return state
    if unapplied and any(decision.decision_id in unapplied for decision in resolution.decisions):
        return State.STALE
    return State.OPEN if waits_for_me else State.DONE


def matches(
    row: QueueRow, tier: str = "", reason: str = "", state: str = "", text: str = "", mine: bool = False
) -> bool:
    """Whether a row passes every filter that is given.

    Args:
        row: The row.
        tier: Its tier.
        reason: One of its reasons.
        state: Its state.
        text: Words that its id, title, suggestion, reasons, tier or reviewers hold, in any letter case: all of them.
        mine: Only what is assigned to the reviewer.
    """
    if (tier and row.tier != tier) or (reason and reason not in row.reasons) or (state and row.state != state):
        return False
    if mine and not row.mine:
        return False
    told = " ".join((row.problem_id, row.title, row.suggestion, row.suggestion_text, row.tier, *row.reasons))
    told = f"{told} {' '.join(row.reviewers)} {row.votes}".casefold()
    return all(word in told for word in text.casefold().split())


def by_problem_id(decisions: Iterable[Decision]) -> dict[str, list[Decision]]:
    """The decisions about each problem, in their order."""
    grouped: dict[str, list[Decision]] = {}
    for decision in decisions:
        grouped.setdefault(decision.problem_id, []).append(decision)
    return grouped
