"""The rows of the review queue: the state of each item, filters and search. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from curation.review.assignment import Assignment
from curation.review.item_header import ItemHeader
from curation.review_decisions import Action, Decision, Resolution, Standing, latest_by_reviewer, resolve


class State(StrEnum):
    """The review state of an item."""

    OPEN = "open"
    DONE = "done"
    """A decision is valid; the next build applies it."""
    STALE = "stale"
    """The decision is about an earlier version of the item, or the last build could not apply it."""
    DISAGREEMENT = "disagreement"
    """Two reviewers decided differently."""
    FLAGGED = "flagged"
    """A reviewer asked for a second one."""


_STATES = {
    Standing.NONE: State.OPEN,
    Standing.APPLIES: State.DONE,
    Standing.STALE: State.STALE,
    Standing.DISAGREEMENT: State.DISAGREEMENT,
    Standing.FLAGGED: State.FLAGGED,
}
JUDGED = (Action.KEEP, Action.CORRECT, Action.DROP)
"""The actions that decide the outcome of a problem."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the list. Its texts come from the data: make them printable before showing them."""

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
    """The reviewers with a valid or stale decision."""
    has_note: bool = False
    mine: bool = True
    """True if the item is assigned to the current reviewer; always, without an assignment."""
    decided_by_me: bool = False
    """True if the current reviewer has kept, corrected or dropped this version of the item."""
    checker: str = ""
    """The proposed checker, in words; empty without one."""
    checker_evidence: str = ""
    """Such as ``accepts 14 of 14 solutions' outputs, rejects 37 of 40 mutated ones``."""


def make_row(
    header: ItemHeader,
    decisions: Sequence[Decision],
    reviewer: str = "",
    assignment: Assignment | None = None,
    unapplied: frozenset[str] = frozenset(),
) -> QueueRow:
    """Make the row of one item.

    Args:
        header: The item's header.
        decisions: The decisions about the item, oldest first.
        reviewer: The name of the current reviewer.
        assignment: The items of each reviewer; None: everyone has every item.
        unapplied: Ids of decisions that the last build could not apply.
    """
    resolution = resolve(decisions, header.problem_id, header.digest, header.raw_digest)
    standing = latest_by_reviewer(decisions)
    is_mine = assignment is None or reviewer in assignment.reviewers_of(header.problem_id)
    mine = [decision for decision in standing if decision.reviewer == reviewer and decision.action in JUDGED]
    decided = any(decision.is_about(header.digest, header.raw_digest) for decision in mine)
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
        checker=header.checker.title if header.checker else "",
        checker_evidence=header.checker.evidence if header.checker else "",
    )


def state_of(resolution: Resolution, unapplied: frozenset[str] = frozenset(), waits_for_me: bool = False) -> State:
    """Return the state of an item.

    Args:
        resolution: The result of combining all decisions about the item.
        unapplied: Ids of decisions that the last build could not apply; they count as stale.
        waits_for_me: The item is assigned to the current reviewer, who has not judged it yet. It then stays open even
            if another reviewer decided it, because agreement is measured on items that both judged.
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
    """Return whether a row passes every given filter; an empty filter passes.

    Args:
        row: The row.
        tier: The row's tier.
        reason: One of the row's reasons.
        state: The row's state.
        text: Words that must all occur in id, title, suggestion, reasons, tier or reviewers, in any letter case.
        mine: Only items assigned to the current reviewer.
    """
    if (tier and row.tier != tier) or (reason and reason not in row.reasons) or (state and row.state != state):
        return False
    if mine and not row.mine:
        return False
    searched = " ".join(
        (row.problem_id, row.title, row.suggestion, row.suggestion_text, row.checker, row.tier, *row.reasons)
    )
    searched = f"{searched} {' '.join(row.reviewers)} {row.votes}".casefold()
    return all(word in searched for word in text.casefold().split())


def by_problem_id(decisions: Iterable[Decision]) -> dict[str, list[Decision]]:
    """Group decisions by problem, keeping their order."""
    grouped: dict[str, list[Decision]] = {}
    for decision in decisions:
        grouped.setdefault(decision.problem_id, []).append(decision)
    return grouped
