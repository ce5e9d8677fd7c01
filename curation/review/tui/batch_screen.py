"""Decide similar items alike: each is tried and shown first, and can be left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from apps_plus.printable import one_line
from curation.review.queue import Item, State
from curation.review.session import Proposal
from curation.review.trial import Trial, try_changes
from curation.review.tui.background_runner import JobFinished, SandboxJob
from curation.review.tui.base_screen import ScreenContext
from curation.review.tui.row_list import RowList
from curation.review.tui.text_layout import fit, on_one_line
from curation.review.worklist import Worklist
from curation.review_decisions import Action
from harness.sandbox import Sandbox
from harness.sandbox.execution import Limits


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One item of the preview."""

    problem_id: str
    proposal: Proposal
    selected: bool = True
    is_decided: bool = False
    """True if this reviewer has made this decision already: the item is only shown."""
    trial: Trial | None = None
    error: str = ""

    @property
    def is_tried(self) -> bool:
        """True if the result is known; only a correction needs a trial."""
        needs_run = self.proposal.action is Action.CORRECT and not self.is_decided
        return not needs_run or self.trial is not None or bool(self.error)

    @property
    def obstacle(self) -> str:
        """The reason why it cannot be decided; empty if it can."""
        return self.error or (self.trial.error if self.trial is not None else "")

    @property
    def can_be_decided(self) -> bool:
        """True if it can be decided."""
        return self.is_tried and not self.is_decided and not self.obstacle

    @property
    def mark(self) -> str:
        """``[x]`` selected, ``[ ]`` not, ``[.]`` trial is running, ``[-]`` impossible, ``[=]`` decided already."""
        if self.is_decided:
            return "[=]"
        if self.is_tried and not self.can_be_decided:
            return "[-]"
        return "[ ]" if not self.selected else "[x]" if self.is_tried else "[.]"

    def describe(self) -> str:
        """Describe the result of the trial, and the decision."""
        changes = self.proposal.changes
        what = str(self.proposal.action) + (f" ({self.proposal.reason})" if self.proposal.reason else "")
        parts = [f"test {test}: expect {on_one_line(text[:80], 24)}" for test, text in changes.outputs.items()]
        parts += [f"compare as {changes.comparison}"] if changes.comparison else []
        return f"{self._result():<18} {what}  " + "; ".join(parts[:3]) + (" ..." if len(parts) > 3 else "")

    def _result(self) -> str:
        if self.is_decided:
            return "decided already"
        if not self.is_tried:
            return "running ..."
        if self.trial is None:
            return f"! {self.error}" if self.error else "no run needed"
        passing = f"{self.trial.passed_before} → {self.trial.passed_after} pass"
        return f"! {passing}" if self.trial.error else passing


def candidates_like(worklist: Worklist, like: str) -> list[BatchItem]:
    """Return the item itself, then the similar open items with a proposal; an empty list if there are none.

    An item that this reviewer has decided is marked as such; one that another reviewer has decided is not selected.
    """
    row, mine = worklist.session.row(like), worklist.my_decision(like)
    if row.decided_by_me and mine is not None:
        own = BatchItem(like, Proposal(mine.action, mine.changes, mine.reason, ""), is_decided=True)
    elif (proposal := worklist.same_decision_for(like, like)) is not None:
        own = BatchItem(like, proposal, selected=row.state is not State.DONE)
    else:
        return []
    others = (
        (problem_id, worklist.same_decision_for(like, problem_id))
        for problem_id in worklist.session.similar_items(like)
    )
    found = [BatchItem(problem_id, proposal) for problem_id, proposal in others if proposal is not None]
    return [own, *found] if found or not own.is_decided else []


class BatchScreen(ModalScreen[list[BatchItem] | None]):
    """The preview; returns the selected items, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "cancel", "Cancel"),
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("space", "in_or_out", "Select"),
        Binding("enter", "accept", "Decide"),
    ]

    def __init__(self, context: ScreenContext, title: str, candidates: Sequence[BatchItem]) -> None:
        super().__init__()
        self.context = context
        self.candidates = list(candidates)
        self._title = title
        self._job_positions: dict[int, int] = {}

    def compose(self) -> ComposeResult:
        """Create the title, the list and the counts."""
        with Vertical(classes="window wide"):
            yield Static(Content(one_line(self._title)), classes="title")
            yield RowList(id="candidates")
            yield Static(id="count")
            yield Static(
                Content("j k move · space in or out · enter decides all selected · esc cancels"),
                classes="hint",
            )

    def on_mount(self) -> None:
        """Start a trial of every correction."""
        self.context.runner.cancel_all()
        for place, candidate in enumerate(self.candidates):
            if not candidate.is_tried:
                item = self.context.worklist.session.queue.item(candidate.problem_id)
                self._job_positions[self.context.runner.submit(_trial(item, candidate, self.context.limits), self)] = (
                    place
                )
        self._count()

    @staticmethod
    def _draw(candidate: BatchItem, width: int) -> Content:
        return Content(fit(f"{candidate.mark} {candidate.problem_id:<11} {candidate.describe()}", width))

    def on_job_finished(self, event: JobFinished) -> None:
        """Show the result of one trial."""
        place = self._job_positions.pop(event.job_id, None)
        if place is not None:
            self.candidates[place] = replace(self.candidates[place], trial=event.result, error=event.error)
            self._count()

    def _count(self) -> None:
        chosen = len(self.chosen())
        running = f", {len(self._job_positions)} still running" if self._job_positions else ""
        out = sum(c.mark == "[-]" for c in self.candidates)
        waiting = sum(not c.is_decided for c in self.candidates)
        left_out = f", {out} [-] cannot be decided" if out else ""
        self.query_one("#count", Static).update(Content(f"{chosen} of {waiting} will be decided{running}{left_out}"))
        rows = self.query_one(RowList)
        rows.fill(self.candidates, self._draw, rows.cursor)

    def chosen(self) -> list[BatchItem]:
        """Return the items that would be decided now."""
        return [candidate for candidate in self.candidates if candidate.selected and candidate.can_be_decided]

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self.query_one(RowList).move(step)

    def action_in_or_out(self) -> None:
        """Select the item, or leave it out."""
        place = self.query_one(RowList).cursor
        self.candidates[place] = replace(self.candidates[place], selected=not self.candidates[place].selected)
        self._count()

    def action_accept(self) -> None:
        """Decide all selected items."""
        if any(candidate.mark == "[.]" for candidate in self.candidates):
            text = "! some are still running: wait for them, or leave them out with space"
            self.query_one("#count", Static).update(Content.styled(text, "bold"))
        else:
            self.dismiss(self.chosen())

    def action_cancel(self) -> None:
        """Decide nothing."""
        self.context.runner.cancel_all()
        self.dismiss(None)


def _trial(item: Item, candidate: BatchItem, limits: Limits) -> SandboxJob:
    changes = candidate.proposal.changes

    def job(sandbox: Sandbox) -> Trial:
        return try_changes(sandbox, item, changes, limits)

    return job
