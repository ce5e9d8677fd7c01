"""The lines over the tabs of an item: its state, what is suggested, who said what, the tabs. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from apps_plus.printable import one_line, printable
from curation.review.queue import Item, QueueRow
from curation.review.session import Proposal
from curation.review.tui.texts import fit, joined
from curation.review.tui.view import Tab
from curation.review_decisions import Action, Decision, latest_by_reviewer


def headline(row: QueueRow, place: str, note: str, width: int) -> Content:
    """The item and its state in one line."""
    left = f"{printable(row.problem_id)}  {state_text(row)}"
    facts = [row.tier or "no tier", *row.reasons, place]
    right = " · ".join(fact for fact in facts if fact) + (" · note" if note else "")
    room = max(width - cell_len(left) - 2, 0)
    return Content.assemble((left, "bold"), "  ", (fit(one_line(right), room).rjust(room), "dim"))


def state_text(row: QueueRow) -> str:
    """The state, and whose word it is."""
    who = ", ".join(map(one_line, row.reviewers))
    return f"{row.state}: {who}" if who else str(row.state)


ADVICE = ": write a checker, or drop it"
"""How the evidence for a drop ends; the line says it first, where nothing cuts it off."""


def suggestion_line(item: Item, proposal: Proposal | None, keys: tuple[str, str], width: int) -> Content:
    """What the key that applies the suggestion would do, and after it the evidence, in one line.

    Args:
        item: The item.
        proposal: What applying would decide; None where a person must look.
        keys: That which applies, and that which chooses the comparison, as a person writes them.
        width: Cells of the line.
    """
    suggestion = item.problem.suggestion
    if suggestion is None:
        return Content("No suggestion: nothing in the votes questions the tests.")
    told = "Look: " if proposal is None else f"[{keys[0]}] {_told(proposal, keys[1])}: "
    room = max(width - cell_len(told), 0)
    text = one_line(suggestion.text.removesuffix(ADVICE))
    return Content.assemble((told, "bold $text-accent"), fit(text, room).rstrip())


def _told(proposal: Proposal, compare: str) -> str:
    """What applying does; a drop is decided at once, so that the other way is named beside it."""
    if proposal.action is Action.DROP:
        return f"Drop it, or [{compare}] write a checker"
    changes = proposal.changes
    parts = [f"Compare as {changes.comparison}"] if changes.comparison else []
    for test, text in list(changes.outputs.items())[:1]:
        more = f" (and {len(changes.outputs) - 1} more)" if len(changes.outputs) > 1 else ""
        parts.append(f"Correct test {test} to {joined(text[:200], 20) or '(nothing)'}{more}")
    return ", ".join(parts)


def words_line(item: Item, decisions: Sequence[Decision], width: int) -> Content:
    """What every reviewer's last word on an item is; empty where nobody has spoken."""
    words = [
        f"{word.reviewer}: {word.action}"
        + (f" ({word.reason})" if word.reason else "")
        + (" of an earlier version" if word.item_digest != item.digest else "")
        + (f' "{word.note}"' if word.note else "")
        for word in latest_by_reviewer(decisions)
    ]
    return Content(fit(one_line(" · ".join(words)), width).rstrip())


def tab_line(active: Tab) -> Content:
    """The names of the tabs; the one that is shown stands in brackets."""
    parts = []
    for tab in Tab:
        text = f"[{tab + 1} {tab.label}]" if tab is active else f" {tab + 1} {tab.label} "
        parts.append(Content.styled(text, "bold reverse" if tab is active else "dim"))
    return Content(" ").join(parts)


def last_word(decision: Decision) -> str:
    """A decision in a few words, for the line that speaks."""
    told = f"{decision.action}{f' ({decision.reason})' if decision.reason else ''}"
    return f"{decision.problem_id}: {told}" + (", with a note" if decision.note else "")
