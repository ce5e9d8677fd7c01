"""The lines above the tabs of an item: state, suggestion, last decisions, names of the tabs. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from apps_plus.printable import one_line, printable
from curation.checkers.proposal import CheckerProposal
from curation.review.queue import Item, QueueRow
from curation.review.session import Proposal
from curation.review.tui.item_view import Tab
from curation.review.tui.text_layout import fit, fold_words, on_one_line
from curation.review_decisions import Action, Decision, latest_by_reviewer


def headline(row: QueueRow, place: str, note: str, width: int) -> Content:
    """Return the item, its state and its facts in one line."""
    left = f"{printable(row.problem_id)}  {state_text(row)}"
    facts = ["✎ note" if note else "", place, row.tier or "no tier", *row.reasons]
    right = " · ".join(fact for fact in facts if fact)
    room = max(width - cell_len(left) - 2, 0)
    return Content.assemble((left, "bold"), "  ", (fit(one_line(right), room).rjust(room), "$text-muted"))


def state_text(row: QueueRow) -> str:
    """Return the state, with the reviewers who decided."""
    who = ", ".join(map(one_line, row.reviewers))
    return f"{row.state}: {who}" if who else str(row.state)


ADVICE = ": write a checker, or drop it"
"""The end of the evidence for a drop; it is removed, as the line begins with the same advice."""


def heading_rows(height: int) -> tuple[int, int]:
    """Return how many rows the suggestion and the proposed checker may take on a screen of this height."""
    return (1, 2) if height < 30 else (3, 4)


def suggestion_line(item: Item, proposal: Proposal | None, keys: tuple[str, str], width: int, rows: int = 1) -> Content:
    """Return the decision that the suggestion proposes, and its evidence; what is cut is on the tab History.

    Args:
        item: The item.
        proposal: The decision that applying would write; None if a person must look.
        keys: The keys for applying and for choosing the comparison, as shown to a person.
        width: Width of the line in cells.
        rows: Number of rows that it may take.
    """
    suggestion = item.problem.suggestion
    if suggestion is None:
        return Content("No suggestion: the votes do not contradict the tests.")
    proposed = "Look: " if proposal is None else f"[{keys[0]}] {_proposal_text(proposal, keys[1])}: "
    text = one_line(suggestion.text.removesuffix(ADVICE))
    return fold_words(Content.assemble((proposed, "bold $text-accent"), text), width, rows)


def checker_line(checker: CheckerProposal | None, key: str, width: int, rows: int = 2) -> Content:
    """Return the proposed checker and its evidence; empty without one.

    Args:
        checker: The proposal.
        key: The key that tries it, as shown to a person.
        width: Width of the line in cells.
        rows: Number of rows that it may take.
    """
    if checker is None:
        return Content("")
    verb = "Edit" if checker.caution else "Try"
    proposed = f"[{key}] {f'{verb} {checker.name}' if checker.source else f'Compare as {checker.comparison}'}: "
    text = f"! {checker.caution}; " if checker.caution else ""
    text = one_line(f"{text}{checker.evidence}; accepts {checker.accepts}")
    return fold_words(Content.assemble((proposed, "bold $text-accent"), text), width, rows)


def _proposal_text(proposal: Proposal, compare: str) -> str:
    """Describe the proposed decision; a drop is written at once, so the alternative is named too."""
    if proposal.action is Action.DROP:
        return f"Drop it, or [{compare}] write a checker"
    changes = proposal.changes
    parts = [f"Compare as {changes.comparison}"] if changes.comparison else []
    for test, text in list(changes.outputs.items())[:1]:
        more = f" (and {len(changes.outputs) - 1} more)" if len(changes.outputs) > 1 else ""
        parts.append(f"Correct test {test} to {on_one_line(text[:200], 20) or '(nothing)'}{more}")
    return ", ".join(parts)


def last_decisions_line(item: Item, decisions: Sequence[Decision], width: int) -> Content:
    """Return each reviewer's latest decision, in one line; empty without decisions."""
    latest = [
        f"{decision.reviewer}: {decision.action}"
        + (f" ({decision.reason})" if decision.reason else "")
        + ("" if decision.is_about(item.digest, item.problem.raw_digest) else " of an earlier version")
        + (f' "{decision.note}"' if decision.note else "")
        for decision in latest_by_reviewer(decisions)
    ]
    return Content(fit(one_line(" · ".join(latest)), width).rstrip())


def tab_line(active: Tab, right: str = "", width: int = 0) -> Content:
    """Return the names of the tabs, with brackets around the active one, and a text at the right end."""
    parts = []
    for tab in Tab:
        text = f"[{tab + 1} {tab.label}]" if tab is active else f" {tab + 1} {tab.label} "
        parts.append(Content.styled(text, "bold reverse" if tab is active else "$text-muted"))
    line = Content(" ").join(parts)
    room = width - line.cell_length - 2
    return (
        Content.assemble(line, "  ", (fit(one_line(right), room).rstrip().rjust(room), "$text-muted"))
        if room > 8
        else line
    )


def decision_summary(decision: Decision) -> str:
    """Describe a decision in a few words, for the status line."""
    action = f"{decision.action}{f' ({decision.reason})' if decision.reason else ''}"
    return f"{decision.problem_id}: {action}" + (", with a note" if decision.note else "")
