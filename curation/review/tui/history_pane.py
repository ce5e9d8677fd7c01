"""The tab History: what everyone decided about an item, and what the build found. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from apps_plus.printable import one_line
from curation.records import Finding
from curation.review.queue import Item
from curation.review.tui.texts import bold
from curation.review_decisions import Action, Decision


def history_pane(item: Item, decisions: Sequence[Decision]) -> Content:
    """Everyone's decisions, oldest first, then what the build found out."""
    lines = [bold("Decisions" if decisions else "Nobody has decided anything about it yet.")]
    retracted = {decision.retracts for decision in decisions if decision.action is Action.RETRACT}
    for decision in decisions:
        lines += decision_lines(decision, item, decision.decision_id in retracted)
    lines += [Content(""), bold("What the build found")]
    lines += [_finding_line(finding) for finding in item.problem.findings[:200]]
    return Content("\n").join(lines)


def decision_lines(decision: Decision, item: Item, retracted: bool) -> list[Content]:
    """One decision in words."""
    what = "took a decision back" if decision.action is Action.RETRACT else str(decision.action)
    what += f" ({decision.reason})" if decision.reason else ""
    flags = [
        text
        for text, holds in (
            ("taken back", retracted),
            ("of an earlier version: stale", decision.item_digest != item.digest),
        )
        if holds
    ]
    when = decision.time[:16].replace("T", " ")
    head = Content.assemble(
        f"  {one_line(when)}  ",
        (one_line(decision.reviewer), "bold"),
        f": {what}",
        f" [{', '.join(flags)}]" if flags else "",
    )
    note = [Content(f"      note: {one_line(decision.note)}")] if decision.note else []
    return [head, *note, *(Content(f"      {text}") for text in change_texts(decision))]


def change_texts(decision: Decision) -> list[str]:
    """What a ``correct`` changes, a line each."""
    changes = decision.changes
    lines = [f"test {test}: expect {one_line(text[:300], 60) or '(nothing)'}" for test, text in changes.outputs.items()]
    lines += [f"compare as {changes.comparison}"] if changes.comparison else []
    lines += [f"canonical: solution {changes.canonical}"] if changes.canonical is not None else []
    return lines


def _finding_line(finding: Finding) -> Content:
    return Content.assemble((f"  {finding.stage}: {finding.code}  ", "dim"), one_line(finding.detail[:400]))
