"""A session of one reviewer on a queue: read the items, decide, undo.

Every decision is on disk before ``decide`` returns. Decisions of other reviewers are read again when a file changes.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType

from apps_plus.errors import BuildFolderError, BusyError, InputError, OutputError, WorkError
from apps_plus.storage import lock
from curation.checkers.proposal import CheckerProposal
from curation.records import Reason, Suggestion
from curation.review.assignment import Assignment
from curation.review.changes import normalize_changes
from curation.review.queue import Queue, QueueRow, State, by_problem_id
from curation.review_decisions import (
    Action,
    Changes,
    Decision,
    append_decision,
    check_reviewer,
    decision_files,
    encode_line,
    read_decisions,
    sort_key,
    standing_decisions,
)

LAST_YEAR = 9999
"""The last year that ``datetime`` supports."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The decision that "apply the suggestion" would write."""

    action: Action
    changes: Changes
    reason: str
    text: str
    """The evidence, in one sentence."""


def proposal_of(suggestion: Suggestion | None) -> Proposal | None:
    """Turn a suggestion into a proposal; None if it only asks a person to look."""
    if suggestion is None or suggestion.kind == "look":
        return None
    if suggestion.kind == "drop":
        return Proposal(Action.DROP, Changes(), str(Reason.MULTIPLE_OUTPUTS), suggestion.text)
    changes = Changes(outputs=dict(suggestion.outputs), comparison=suggestion.comparison)
    return Proposal(Action.CORRECT, changes, "", suggestion.text)


class Session:
    """A reviewer's session. Close it, or leave its ``with`` block, before the reviewer opens another.

    If the folder is not writable the session opens read-only: ``read_only`` has the reason, and ``decide`` raises it.
    If a decisions file becomes invalid later (merge conflict marks, say), ``read_error`` has the error until the file
    is repaired.

    Args:
        queue: The build's queue; it stays open when the session ends.
        reviewer: The reviewer's name, which is also the name of the decisions file.
        assignment: The items of each reviewer; None: everyone has every item.
        clock: Returns the current time, in UTC.

    Raises:
        InputError: The reviewer's name cannot be a file name.
        BusyError: The same reviewer has another session on this build.
        BuildFolderError: A decisions file cannot be read, or has an invalid line.
    """

    def __init__(
        self,
        queue: Queue,
        reviewer: str,
        assignment: Assignment | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.queue = queue
        self.reviewer = check_reviewer(reviewer)
        self.assignment = assignment
        self.read_only = ""
        self.read_error = ""
        """The error of reading the decisions again; those read last stay in use. Empty without one."""
        self._clock = clock
        self._undone: list[Decision] = []
        self.made: list[Decision] = []
        """The decisions of this session that stand, oldest first."""
        self._sizes: dict[str, int] = {"": 0}  # never equal to the sizes on disk: the first refresh reads
        self._decisions: list[Decision] = []
        self._by_problem: dict[str, list[Decision]] = {}
        self._opened = False
        self._lock = ExitStack()
        self._take_lock()
        try:
            self._refresh()
        except BaseException:
            self.close()
            raise
        self._opened = True

    def _take_lock(self) -> None:
        # In the decisions folder: a reviewer needs write access only there.
        path = self.queue.decisions_folder / f".{self.reviewer}.lock"
        try:
            self._lock.enter_context(lock(path))
        except BusyError:
            raise BusyError(
                f"{self.reviewer} already has a session on {self.queue.folder} ({_holder(path)}): "
                "close that session, or give another --reviewer"
            ) from None
        except OutputError as error:
            self.read_only = str(error)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Release the lock, so that the reviewer can open another session; can be called twice."""
        self._lock.close()

    def require_writable(self) -> None:
        """Raise OutputError with the reason if the session is read-only."""
        if self.read_only:
            raise OutputError(self.read_only)

    # ---- reading

    def decisions(self) -> Sequence[Decision]:
        """Return the current decisions of all reviewers, oldest first."""
        self._refresh()
        return self._decisions

    def rows(self) -> list[QueueRow]:
        """Return the current row of every item."""
        self._refresh()
        return [self._row(problem_id) for problem_id in self.queue.ids]

    def row(self, problem_id: str) -> QueueRow:
        """Return the current row of one item."""
        self._refresh()
        return self._row(problem_id)

    def _row(self, problem_id: str) -> QueueRow:
        return self.queue.row(problem_id, self._by_problem.get(problem_id, ()), self.reviewer, self.assignment)

    def history(self, problem_id: str) -> list[Decision]:
        """Return all decisions about one item, oldest first, including retracted ones and retractions."""
        self._refresh()
        return list(self._by_problem.get(problem_id, ()))

    def proposal_for(self, problem_id: str) -> Proposal | None:
        """Return the proposal for an item; None if a person must look."""
        return proposal_of(self.queue.headers[problem_id].suggestion)

    def checker_for(self, problem_id: str) -> CheckerProposal | None:
        """Return the proposed checker of an item; None if there is none."""
        return self.queue.headers[problem_id].checker

    def similar_items(self, problem_id: str) -> list[str]:
        """Return the reviewer's other open items with the same kind of suggestion, the same reasons and tier."""
        like = self.row(problem_id)
        return [
            row.problem_id
            for row in self.rows()
            if row.problem_id != problem_id
            and row.state is State.OPEN
            and row.mine
            and (row.suggestion, row.reasons, row.tier) == (like.suggestion, like.reasons, like.tier)
            and self.proposal_for(row.problem_id) is not None
        ]

    def why_not_kept(self, problem_id: str) -> str:
        """Return why no build could apply a ``keep`` of an item; empty if it can."""
        if self.queue.headers[problem_id].can_be_kept:
            return ""
        return f"{problem_id} cannot be kept: no solution passes its tests, so no build can release it"

    # ---- deciding

    def decide(
        self,
        problem_id: str,
        action: Action,
        *,
        reason: str = "",
        note: str = "",
        changes: Changes | None = None,
        force: bool = False,
    ) -> Decision:
        """Write a decision about an item; it is on disk before this returns.

        No solution runs here: try a ``correct`` first (``curation.review.trial``).

        Args:
            problem_id: The item.
            action: Any action except ``retract`` (see ``undo`` and ``retract``).
            reason: The Reason of a ``drop``; default: the item's first.
            note: The reviewer's note.
            changes: The changes of a ``correct``.
            force: Accept a ``keep`` that no build can apply because no solution passes the tests.

        Raises:
            InputError: The item is not in the queue, or the decision does not fit it.
            WorkError: A ``keep`` that no build can apply.
            BuildFolderError: A decisions file is invalid (``read_error``).
            OutputError: The decision could not be written, and is not in force.
        """
        decision = self._decision(problem_id, action, reason, note, changes or Changes(), force)
        self._append(decision)
        self.made.append(decision)
        self._undone.clear()
        return decision

    def _decision(
        self, problem_id: str, action: Action, reason: str, note: str, changes: Changes, force: bool
    ) -> Decision:
        if problem_id not in self.queue.headers:
            problem_id = self.queue.find(problem_id)
        header = self.queue.headers[problem_id]
        if action is Action.KEEP and not force and (why_not := self.why_not_kept(problem_id)):
            raise WorkError(f"{why_not}; correct it, drop it, or force it")
        if action is Action.CORRECT:
            changes = normalize_changes(self.queue.item(problem_id).problem, changes)
            reason = reason_of_correction(changes, reason)
        elif changes != Changes():
            raise InputError(f"only `correct` changes tests, and the action for {problem_id} is `{action}`")
        return Decision(
            problem_id=problem_id,
            item_digest=header.digest,
            action=action,
            reviewer=self.reviewer,
            time=self._next_time(),
            reason=reason if action is Action.CORRECT else _reason_of(action, reason, header.reasons),
            note=note,
            changes=changes,
        )

    def undo(self) -> Decision | None:
        """Retract my last decision about an item of this queue, from any session; return it, or None without one."""
        last = self.last_decision()
        return self._retract(last) if last is not None else None

    def last_decision(self) -> Decision | None:
        """Return my last decision about an item of this queue that was not retracted, from any session."""
        self._refresh()
        mine = [d for d in self._decisions if d.reviewer == self.reviewer and d.problem_id in self.queue.headers]
        standing = standing_decisions(mine)
        return standing[-1] if standing else None

    def my_decisions(self) -> dict[str, Decision]:
        """Return my last decision about each problem that is not retracted, including ``skip``, by problem id."""
        self._refresh()
        mine = [decision for decision in self._decisions if decision.reviewer == self.reviewer]
        return {decision.problem_id: decision for decision in standing_decisions(mine)}

    def retract(self, problem_id: str) -> Decision | None:
        """Retract my last decision about one item; return it, or None without one."""
        mine = [decision for decision in self.history(problem_id) if decision.reviewer == self.reviewer]
        standing = standing_decisions(mine)
        return self._retract(standing[-1]) if standing else None

    def _retract(self, decision: Decision) -> Decision:
        self._append(
            Decision(
                decision.problem_id,
                decision.item_digest,
                Action.RETRACT,
                self.reviewer,
                self._next_time(),
                retracts=decision.decision_id,
            )
        )
        self._undone.append(decision)
        self.made = [made for made in self.made if made.decision_id != decision.decision_id]
        return decision

    def last_undone(self) -> Decision | None:
        """Return the decision that ``redo`` would write again; None if there is none."""
        return self._undone[-1] if self._undone else None

    def redo(self) -> Decision | None:
        """Write the decision that was retracted last again; None if none was retracted since the last decision."""
        if not self._undone:
            return None
        decision = replace(self._undone[-1], time=self._next_time())
        self._append(decision)
        self.made.append(decision)
        self._undone.pop()
        return decision

    # ---- the files

    def _next_time(self) -> str:
        """Return the current time, but always later than this reviewer's last decision: times give the order."""
        self._refresh()
        mine = [decision.when for decision in self._decisions if decision.reviewer == self.reviewer]
        now = self._clock()
        if mine and now <= mine[-1]:
            if mine[-1].year >= LAST_YEAR:
                raise WorkError(f"{self._file} has a decision dated {mine[-1].year}: correct its time first")
            now = mine[-1] + timedelta(microseconds=1)
        return now.isoformat(timespec="microseconds").replace("+00:00", "Z")

    def _append(self, decision: Decision) -> None:
        self.require_writable()
        if self.read_error:
            raise BuildFolderError(self.read_error)
        before = self._sizes
        append_decision(self.queue.decisions_folder, decision)
        insort(self._decisions, decision, key=sort_key)
        insort(self._by_problem.setdefault(decision.problem_id, []), decision, key=sort_key)
        after = self._file_sizes()
        grown = before.get(self._file, 0) + len(encode_line(decision))
        if after == {**before, self._file: grown}:  # otherwise another process wrote too: the next refresh reads all
            self._sizes = after

    def _refresh(self) -> None:
        """Read the decisions again if a file has changed, by another reviewer or a git pull."""
        now = self._file_sizes()
        if now == self._sizes:
            self.read_error = ""
            return
        try:
            self._decisions = read_decisions(self.queue.decisions_folder)
        except BuildFolderError as error:
            if not self._opened:
                raise
            self.read_error = str(error)
            return
        self._by_problem = by_problem_id(self._decisions)
        self._sizes = now
        self.read_error = ""

    @property
    def _file(self) -> str:
        return f"{self.reviewer}.jsonl"

    def _file_sizes(self) -> dict[str, int]:
        """Return the size of every file; files only grow, so that a change shows."""
        sizes = {}
        for path in decision_files(self.queue.decisions_folder):
            with suppress(FileNotFoundError):  # a git checkout may remove a file in between
                sizes[path.name] = path.stat().st_size
        return sizes


def reason_of_correction(changes: Changes, reason: str = "") -> str:
    """Return the reason of a correction: ``bad_input`` if an input is changed or a test left out; else none.

    Raises InputError if another reason was given.
    """
    expected = str(Reason.BAD_INPUT) if changes.repairs_inputs else ""
    if reason and reason != expected:
        only = f"that of this one is {expected}" if expected else "write it in a note"
        raise InputError(f"`drop` has a reason of your choice, `correct` has not: {only}")
    return expected


def _reason_of(action: Action, reason: str, usual: Sequence[str]) -> str:
    """Return the reason of a drop; default: the item's first, so that two reviewers who give none agree."""
    if action is not Action.DROP:
        if reason:
            raise InputError(f"only `drop` has a reason: write it in a note of `{action}`")
        return ""
    reason = reason or next(iter(usual), str(Reason.OUTPUT_MISMATCH))
    if reason not in set(Reason):
        raise InputError(f"{reason!r} is not a reason to drop a problem: give one of {', '.join(Reason)}")
    return reason


def _holder(path: Path) -> str:
    try:
        return f"process {int(path.read_text())}"
    except (OSError, ValueError):
        return "a process that has just started"
