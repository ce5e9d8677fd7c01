"""The lines over the tabs of an item: its state, what is suggested, who said what, the tabs. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from curation.decisions import Decision, latest_by_reviewer
from curation.review.queue import Item, QueueRow
from curation.review.tui.texts import fit
from curation.review.tui.view import Tab
from harness.printable import one_line, printable


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


def suggestion_line(item: Item, can_apply: bool, width: int) -> Content:
    """What is suggested and on what evidence, in one line."""
    suggestion = item.problem.suggestion
    if suggestion is None:
        return Content("No suggestion: nothing in the votes questions the tests.")
    verb = {"expected_output": "Correct", "comparison": "Compare as " + suggestion.comparison, "drop": "Drop"}
    told = verb.get(suggestion.kind, "Look")
    extra = ""
    if suggestion.kind == "expected_output" and len(suggestion.outputs) > 1:
        extra = f" ({len(suggestion.outputs)} tests)"
    key = "  [a]" if can_apply else ""
    text = one_line(suggestion.text + extra)
    room = max(width - cell_len(told) - 2 - len(key), 10)
    return Content.assemble((f"{told}: ", "bold $text-accent"), fit(text, room).rstrip(), (key, "dim"))


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
