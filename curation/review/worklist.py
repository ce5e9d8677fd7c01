"""The state behind the review screens: the session, the filtered rows, undecided notes and drafts.

It does not import Textual, so that tests can use it without a terminal.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from apps_plus.problem import DIFFICULTIES
from curation.review.queue import QueueRow, State, matches
from curation.review.session import Proposal, Session
from curation.review.session_summary import SessionSummary, summarize_session
from curation.review_decisions import Action, Changes, Decision


@dataclass(frozen=True, slots=True)
class RowFilter:
    """The filter of the queue; an empty field accepts every row."""

    state: str = ""
    """A State, or ``mine`` for undecided items assigned to the current reviewer."""
    tier: str = ""
    reason: str = ""
    text: str = ""

    def accepts(self, row: QueueRow) -> bool:
        """Return whether the filter accepts a row."""
        if self.state == MINE and (not row.mine or row.state is State.DONE):
            return False
        state = "" if self.state == MINE else self.state
        return matches(row, tier=self.tier, reason=self.reason, state=state, text=self.text)

    def describe(self) -> str:
        """Describe the filter in words; empty if it accepts every row."""
        parts = [self.state, self.tier, self.reason, f'"{self.text}"' if self.text else ""]
        return " · ".join(part for part in parts if part)


MINE = "mine"


@dataclass(frozen=True, slots=True)
class QueueProgress:
    """Counts of done and undone items."""

    total: int
    done: int
    others: tuple[tuple[str, int], ...]
    """The other states with their counts; ``open`` first."""

    def describe(self, width: int) -> str:
        """Return a progress bar with the counts, in one line; where it is narrow, only what is done."""
        done = f"{self.done:,} of {self.total:,} done"
        counts = done + "".join(f" · {count:,} {state}" for state, count in self.others)
        if len(counts) > width:
            return done
        room = min(width - len(counts) - 2, 30)
        if room < 8:
            return counts
        filled = room * self.done // self.total if self.total else room
        return f"{'█' * filled}{'░' * (room - filled)}  {counts}"


@dataclass
class Worklist:
    """A session, the rows that the filter shows, and what is not decided yet."""

    session: Session
    filter: RowFilter = field(default_factory=RowFilter)
    notes: dict[str, str] = field(default_factory=dict)
    """Notes to save with the next decision, by problem id."""
    drafts: dict[str, Changes] = field(default_factory=dict)
    """Changes that are not decided yet, by problem id."""
    rows: list[QueueRow] = field(default_factory=list)
    visible: list[QueueRow] = field(default_factory=list)
    clock: Callable[[], float] = time.monotonic
    seconds: dict[str, float] = field(default_factory=dict)
    """The time that each item has been on the screen, by problem id."""
    _opened: tuple[str, float] | None = None
    """The item that is on the screen, and since when."""
    _mine: dict[str, Decision] = field(default_factory=dict)
    """My last decision about each item, as of ``rows``: the screens count what is left each time they are painted."""

    def __post_init__(self) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Read all decisions again."""
        self.rows = self.session.rows()
        self._mine = self.session.my_decisions()
        self.apply_filter(self.filter)

    def apply_filter(self, row_filter: RowFilter) -> None:
        """Show the rows that a filter accepts."""
        self.filter = row_filter
        self.visible = [row for row in self.rows if row_filter.accepts(row)]

    def position(self, problem_id: str) -> int:
        """Return an item's position among the visible rows; if it is hidden, that of the next visible one."""
        ids = [row.problem_id for row in self.visible]
        if problem_id in ids:
            return ids.index(problem_id)
        order = {known: number for number, known in enumerate(self.session.queue.ids)}
        later = (number for number, known in enumerate(ids) if order[known] > order.get(problem_id, -1))
        return next(later, max(len(ids) - 1, 0))

    def neighbour(self, problem_id: str, step: int) -> str | None:
        """Return the visible item ``step`` rows after (or before) this one; None at the end."""
        place = self.position(problem_id)
        hidden = not self.visible or self.visible[place].problem_id != problem_id
        place += step - 1 if hidden and step > 0 else step
        return self.visible[place].problem_id if 0 <= place < len(self.visible) else None

    def next_open(self, problem_id: str) -> str | None:
        """Return the next visible item that needs my decision, wrapping around at the end; None if there is none."""
        if not self.visible:
            return None
        start = self.position(problem_id)
        around = [*self.visible[start:], *self.visible[:start]]
        return next(
            (row.problem_id for row in around if row.problem_id != problem_id and self.needs_decision(row)), None
        )

    def needs_decision(self, row: QueueRow) -> bool:
        """Return whether an item needs my decision: it is not done, and I have not skipped or flagged this version."""
        if row.state is State.DONE or not row.mine:
            return False
        mine = self.my_decision(row.problem_id)
        header = self.session.queue.headers[row.problem_id]
        return mine is None or not mine.is_about(header.digest, header.raw_digest)

    def my_decision(self, problem_id: str) -> Decision | None:
        """Return my last decision about an item that is not retracted, including ``skip``; None if there is none."""
        return self._mine.get(problem_id)

    def open_item(self, problem_id: str) -> None:
        """Note that an item is on the screen from now on; an empty id: none is."""
        now = self.clock()
        if self._opened is not None:
            before, since = self._opened
            self.seconds[before] = self.seconds.get(before, 0.0) + now - since
        self._opened = (problem_id, now) if problem_id else None

    def seconds_on(self, problem_id: str) -> float | None:
        """Return the seconds that an item has been on the screen; None if it never was."""
        if self._opened is not None and self._opened[0] == problem_id:
            self.open_item(problem_id)
        return self.seconds.get(problem_id)

    def left(self) -> int:
        """Return the number of items that need my decision, whatever the filter shows."""
        return sum(map(self.needs_decision, self.rows))

    def summary(self) -> SessionSummary:
        """Return the summary of this session so far."""
        session = self.session
        last = {decision.problem_id: decision.action for decision in session.made}
        made = [(action, self.seconds_on(problem_id)) for problem_id, action in last.items()]
        disputed = sum(row.state in (State.DISAGREEMENT, State.FLAGGED) for row in self.rows)
        return summarize_session(session.reviewer, session.queue.folder, made, self.left(), disputed)

    def decide(
        self, problem_id: str, action: Action, reason: str = "", changes: Changes | None = None, force: bool = False
    ) -> Decision:
        """Write a decision with the item's note. Raises like ``Session.decide``, keeping note and draft."""
        note = self.notes.get(problem_id, "")
        decision = self.session.decide(problem_id, action, reason=reason, note=note, changes=changes, force=force)
        self.notes.pop(problem_id, None)
        self.drafts.pop(problem_id, None)
        self.refresh()
        return decision

    def progress(self) -> QueueProgress:
        """Return the progress of the whole queue."""
        states = Counter(row.state for row in self.rows)
        others = [(str(state), states[state]) for state in State if state is not State.DONE and states[state]]
        return QueueProgress(len(self.rows), states[State.DONE], tuple(others))

    def same_decision_for(self, like: str, other: str) -> Proposal | None:
        """Return "the same as on ``like``" for another item: my decision or its own proposal; None if neither fits."""
        mine = self.my_decision(like)
        if mine is None or mine.action in (Action.SKIP, Action.FLAG) or mine.changes.changes_tests:
            return self.session.proposal_for(other)
        if mine.action is Action.CORRECT:
            changes = Changes(comparison=mine.changes.comparison, checker=mine.changes.checker)
            return Proposal(Action.CORRECT, changes, "", f"as decided on {like}") if changes != Changes() else None
        if mine.action is Action.KEEP and self.session.why_not_kept(other):
            return None
        return Proposal(mine.action, Changes(), mine.reason, f"as decided on {like}")

    def filter_choices(self) -> list[tuple[str, str, int]]:
        """Return the possible filters: field, value, number of rows."""
        rows = self.rows
        states = Counter(str(row.state) for row in rows)
        tiers = Counter(row.tier for row in rows)
        reasons = Counter(reason for row in rows for reason in row.reasons)
        waiting = sum(row.mine and row.state is not State.DONE for row in rows)
        known = [tier for tier in DIFFICULTIES if tiers[tier]]
        return [
            *(("state", str(state), states[str(state)]) for state in State),
            ("state", MINE, waiting),
            *(("tier", tier, tiers[tier]) for tier in [*known, *sorted(set(tiers) - set(known))]),
            *(("reason", reason, reasons[reason]) for reason in sorted(reasons)),
        ]
