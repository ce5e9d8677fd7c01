"""The tab History: all decisions about an item, and the findings of the build. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from apps_plus.printable import one_line
from curation.records import Finding
from curation.review.queue import Item
from curation.review.tui.text_layout import bold
from curation.review_decisions import Action, Decision


def history_pane(item: Item, decisions: Sequence[Decision]) -> Content:
    """Return all decisions, oldest first, then the suggestion, the proposed checker and the findings of the build."""
    lines = [bold("Decisions" if decisions else "No decisions yet.")]
    retracted = {decision.retracts for decision in decisions if decision.action is Action.RETRACT}
    for decision in decisions:
        lines += decision_lines(decision, item, decision.decision_id in retracted)
    lines += _proposal_lines(item)
    lines += [Content(""), bold("Findings of the build" if item.problem.findings else "No findings of the build.")]
    lines += [_finding_line(finding) for finding in item.problem.findings[:200]]
    return Content("\n").join(lines)


def _proposal_lines(item: Item) -> list[Content]:
    """Return the suggestion and the proposed checker in full: above the tabs they may be cut."""
    suggestion, checker = item.problem.suggestion, item.checker
    lines = [Content(""), bold("Suggestion"), Content(f"  {one_line(suggestion.text)}")] if suggestion else []
    if checker is not None:
        lines += [Content(""), bold("Proposed checker"), Content(f"  {one_line(checker.title)}")]
        lines.append(Content(f"  since {one_line(checker.because)}; it {one_line(checker.evidence)}"))
        lines += [Content(f"  ! {one_line(checker.caution)}")] if checker.caution else []
    return lines


def decision_lines(decision: Decision, item: Item, retracted: bool) -> list[Content]:
    """Return one decision in words, with its note and its changes."""
    what = "retracted a decision" if decision.action is Action.RETRACT else str(decision.action)
    what += f" ({decision.reason})" if decision.reason else ""
    flags = [
        text
        for text, holds in (
            ("retracted", retracted),
            ("of an earlier version: stale", not decision.is_about(item.digest, item.problem.raw_digest)),
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
    """Return one line per change of a ``correct``."""
    changes = decision.changes
    lines = [f"test {test}: input {one_line(text[:300], 60) or '(nothing)'}" for test, text in changes.inputs.items()]
    lines += [
        f"test {test}: expect {one_line(text[:300], 60) or '(nothing)'}" for test, text in changes.outputs.items()
    ]
    lines += [f"without test {test}" for test in changes.dropped_tests]
    lines += [f"with a checker of {len(changes.checker.splitlines())} lines"] if changes.checker else []
    lines += [f"compare as {changes.comparison}"] if changes.comparison else []
    lines += [f"canonical: solution {changes.canonical}"] if changes.canonical is not None else []
    return lines


def _finding_line(finding: Finding) -> Content:
    return Content.assemble((f"  {finding.stage}: {finding.code}  ", "$text-muted"), one_line(finding.detail[:400]))
