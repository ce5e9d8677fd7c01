"""What lies on a reviewer's desk: the session, the rows in sight, notes and drafts that are not decided yet.

No Textual here: the screens ask the desk, and tests can too.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from apps_plus.problem import DIFFICULTIES
from curation.review.queue import QueueRow, State, matches
from curation.review.session import Proposal, Session
from curation.review_decisions import Action, Changes, Decision


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows are in sight; an empty field lets all through."""

    state: str = ""
    """A State, or ``mine`` for what is assigned to the reviewer and waits for a decision."""
    tier: str = ""
    reason: str = ""
    text: str = ""

    def lets(self, row: QueueRow) -> bool:
        """Whether a row is in sight."""
        if self.state == MINE and (not row.mine or row.state is State.DONE):
            return False
        state = "" if self.state == MINE else self.state
        return matches(row, tier=self.tier, reason=self.reason, state=state, text=self.text)

    def told(self) -> str:
        """The filter in words; empty where it lets all through."""
        parts = [self.state, self.tier, self.reason, f'"{self.text}"' if self.text else ""]
        return " · ".join(part for part in parts if part)


MINE = "mine"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a queue is."""

    total: int
    done: int
    others: tuple[tuple[str, int], ...]
    """The other states that need a person, with their counts; ``open`` first."""

    def told(self, width: int) -> str:
        """One line: a bar, and the counts."""
        counts = f"{self.done:,} of {self.total:,} done"
        counts += "".join(f" · {count:,} {state}" for state, count in self.others)
        room = min(width - len(counts) - 2, 30)
        if room < 8:
            return counts
        filled = room * self.done // self.total if self.total else room
        return f"{'█' * filled}{'░' * (room - filled)}  {counts}"


@dataclass
class Desk:
    """A session and what is on the screen of it."""

    session: Session
    filter: Filter = field(default_factory=Filter)
    notes: dict[str, str] = field(default_factory=dict)
    """Notes that wait for their item's decision."""
    drafts: dict[str, Changes] = field(default_factory=dict)
    """Changes that are not decided yet."""
    rows: list[QueueRow] = field(default_factory=list)
    visible: list[QueueRow] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Look at everyone's decisions again."""
        self.rows = self.session.rows()
        self.show(self.filter)

    def show(self, wanted: Filter) -> None:
        """Show the rows that a filter lets through."""
        self.filter = wanted
        self.visible = [row for row in self.rows if wanted.lets(row)]

    def place(self, problem_id: str) -> int:
        """Where an item stands among the rows in sight; where it would, if the filter hides it."""
        ids = [row.problem_id for row in self.visible]
        if problem_id in ids:
            return ids.index(problem_id)
        order = {known: number for number, known in enumerate(self.session.queue.ids)}
        later = (number for number, known in enumerate(ids) if order[known] > order.get(problem_id, -1))
        return next(later, max(len(ids) - 1, 0))

    def step(self, problem_id: str, step: int) -> str | None:
        """The item before or after in sight; None at the end."""
        place = self.place(problem_id)
        hidden = not self.visible or self.visible[place].problem_id != problem_id
        place += step - 1 if hidden and step > 0 else step
        return self.visible[place].problem_id if 0 <= place < len(self.visible) else None

    def next_open(self, problem_id: str) -> str | None:
        """The next item in sight that waits and was not skipped, from here around; None: none is left."""
        if not self.visible:
            return None
        start = self.place(problem_id)
        around = [*self.visible[start:], *self.visible[:start]]
        return next((row.problem_id for row in around if row.problem_id != problem_id and self.waits(row)), None)

    def waits(self, row: QueueRow) -> bool:
        """Whether a row still needs this reviewer: it is not done, and this reviewer has not just passed it on."""
        if row.state is State.DONE or not row.mine:
            return False
        mine = self.mine(row.problem_id)
        return mine is None or mine.item_digest != self.session.queue.headers[row.problem_id].digest

    def mine(self, problem_id: str) -> Decision | None:
        """This reviewer's last word on an item, skipping included, unless it was taken back."""
        history = [d for d in self.session.history(problem_id) if d.reviewer == self.session.reviewer]
        retracted = {decision.retracts for decision in history}
        words = [d for d in history if d.action is not Action.RETRACT and d.decision_id not in retracted]
        return words[-1] if words else None

    def decide(
        self, problem_id: str, action: Action, reason: str = "", changes: Changes | None = None, force: bool = False
    ) -> Decision:
        """Decide, with the note that waits for it. Raises what ``Session.decide`` does; nothing is lost then."""
        note = self.notes.get(problem_id, "")
        decision = self.session.decide(problem_id, action, reason=reason, note=note, changes=changes, force=force)
        self.notes.pop(problem_id, None)
        self.drafts.pop(problem_id, None)
        self.refresh()
        return decision

    def progress(self) -> Progress:
        """How far the whole queue is."""
        states = Counter(row.state for row in self.rows)
        others = [(str(state), states[state]) for state in State if state is not State.DONE and states[state]]
        return Progress(len(self.rows), states[State.DONE], tuple(others))

    def same_for(self, like: str, other: str) -> Proposal | None:
        """What "the same" as on one item would be on another: my decision where it fits, or the other's suggestion."""
        mine = self.mine(like)
        if mine is None or mine.action in (Action.SKIP, Action.FLAG) or mine.changes.outputs:
            return self.session.suggested(other)
        if mine.action is Action.CORRECT:
            changes = Changes(comparison=mine.changes.comparison, checker=mine.changes.checker)
            return Proposal(Action.CORRECT, changes, "", f"as decided on {like}") if changes != Changes() else None
        if mine.action is Action.KEEP and self.session.why_not_kept(other):
            return None
        return Proposal(mine.action, Changes(), mine.reason, f"as decided on {like}")

    def choices(self) -> list[tuple[str, str, int]]:
        """What can be filtered by: the field, the value, how many rows have it."""
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
