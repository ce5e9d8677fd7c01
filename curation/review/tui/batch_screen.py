"""The same decision for similar items: each is tried first, shown, and can be left out; then all are decided."""

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
from curation.review.tui.background_runner import Finished, Job
from curation.review.tui.page import Bench
from curation.review.tui.row_list import RowList
from curation.review.tui.texts import fit, joined
from curation.review.worklist import Desk
from curation.review_decisions import Action
from harness.sandbox import Sandbox
from harness.sandbox.execution import Limits


@dataclass(frozen=True, slots=True)
class Candidate:
    """One item of the preview."""

    problem_id: str
    proposal: Proposal
    wanted: bool = True
    is_decided: bool = False
    """Whether this reviewer has decided just that: it is only shown."""
    trial: Trial | None = None
    error: str = ""

    @property
    def is_tried(self) -> bool:
        """Whether it is known what would become of it; only a correction needs a trial."""
        needs_run = self.proposal.action is Action.CORRECT and not self.is_decided
        return not needs_run or self.trial is not None or bool(self.error)

    @property
    def fault(self) -> str:
        """What stands against it."""
        return self.error or (self.trial.error if self.trial is not None else "")

    @property
    def can_be_decided(self) -> bool:
        """Whether nothing stands against it."""
        return self.is_tried and not self.is_decided and not self.fault

    @property
    def mark(self) -> str:
        """In, out, waiting for its trial, impossible, or decided already."""
        if self.is_decided:
            return "[=]"
        if self.is_tried and not self.can_be_decided:
            return "[-]"
        return "[ ]" if not self.wanted else "[x]" if self.is_tried else "[.]"

    def told(self) -> str:
        """What would be decided, and what the trial said."""
        changes = self.proposal.changes
        what = str(self.proposal.action) + (f" ({self.proposal.reason})" if self.proposal.reason else "")
        parts = [f"test {test}: expect {joined(text[:80], 24)}" for test, text in changes.outputs.items()]
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


def candidates_like(desk: Desk, like: str) -> list[Candidate]:
    """The item itself, always first, then the similar open ones for which "the same" is anything; empty: none is.

    What this reviewer has decided about the item already stands there as such; what another one has decided about it
    is not decided again unless it is marked.
    """
    row, mine = desk.session.row(like), desk.mine(like)
    if row.decided_by_me and mine is not None:
        own = Candidate(like, Proposal(mine.action, mine.changes, mine.reason, ""), is_decided=True)
    elif (proposal := desk.same_for(like, like)) is not None:
        own = Candidate(like, proposal, wanted=row.state is not State.DONE)
    else:
        return []
    others = ((problem_id, desk.same_for(like, problem_id)) for problem_id in desk.session.similar(like))
    found = [Candidate(problem_id, proposal) for problem_id, proposal in others if proposal is not None]
    return [own, *found] if found or not own.is_decided else []


class Batch(ModalScreen[list[Candidate] | None]):
    """The preview; gives the candidates that are to be decided, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "cancel", "Cancel"),
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("space", "in_or_out", "In or out"),
        Binding("enter", "accept", "Decide"),
    ]

    def __init__(self, bench: Bench, title: str, candidates: Sequence[Candidate]) -> None:
        super().__init__()
        self.bench = bench
        self.candidates = list(candidates)
        self._title = title
        self._tickets: dict[int, int] = {}

    def compose(self) -> ComposeResult:
        """The title over the list."""
        with Vertical(classes="window wide"):
            yield Static(Content(one_line(self._title)), classes="title")
            yield RowList(id="candidates")
            yield Static(id="count")
            yield Static(Content("j k move · space in or out · enter decides all marked · esc leaves"), classes="hint")

    def on_mount(self) -> None:
        """Try every correction, one after another."""
        self.bench.laboratory.stop()
        for place, candidate in enumerate(self.candidates):
            if not candidate.is_tried:
                item = self.bench.desk.session.queue.item(candidate.problem_id)
                self._tickets[self.bench.laboratory.run(_trial(item, candidate, self.bench.limits), self)] = place
        self._count()

    @staticmethod
    def _draw(candidate: Candidate, width: int) -> Content:
        return Content(fit(f"{candidate.mark} {candidate.problem_id:<11} {candidate.told()}", width))

    def on_finished(self, event: Finished) -> None:
        """One has been tried."""
        place = self._tickets.pop(event.ticket, None)
        if place is not None:
            self.candidates[place] = replace(self.candidates[place], trial=event.answer, error=event.error)
            self._count()

    def _count(self) -> None:
        chosen = len(self.chosen())
        running = f", {len(self._tickets)} still running" if self._tickets else ""
        out = sum(c.mark == "[-]" for c in self.candidates)
        waiting = sum(not c.is_decided for c in self.candidates)
        left_out = f", {out} [-] cannot be decided so" if out else ""
        self.query_one("#count", Static).update(Content(f"{chosen} of {waiting} will be decided{running}{left_out}"))
        rows = self.query_one(RowList)
        rows.fill(self.candidates, self._draw, rows.cursor)

    def chosen(self) -> list[Candidate]:
        """Those that would be decided now."""
        return [candidate for candidate in self.candidates if candidate.wanted and candidate.can_be_decided]

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self.query_one(RowList).move(step)

    def action_in_or_out(self) -> None:
        """In or out."""
        place = self.query_one(RowList).cursor
        self.candidates[place] = replace(self.candidates[place], wanted=not self.candidates[place].wanted)
        self._count()

    def action_accept(self) -> None:
        """Decide all that are marked."""
        if any(candidate.mark == "[.]" for candidate in self.candidates):
            text = "! some are still running: wait for them, or take them out with space"
            self.query_one("#count", Static).update(Content.styled(text, "bold"))
        else:
            self.dismiss(self.chosen())

    def action_cancel(self) -> None:
        """Decide nothing."""
        self.bench.laboratory.stop()
        self.dismiss(None)


def _trial(item: Item, candidate: Candidate, limits: Limits) -> Job:
    changes = candidate.proposal.changes

    def job(sandbox: Sandbox) -> Trial:
        return try_changes(sandbox, item, changes, limits)

    return job
