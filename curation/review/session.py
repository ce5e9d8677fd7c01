"""One reviewer at work on a queue: what they see, decide, and take back.

Every decision is on disk before ``decide`` returns. What other reviewers write meanwhile is seen at the next look.
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
from curation.records import Reason, Suggestion
from curation.review.assignment import Assignment
from curation.review.changes import fit_changes
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
"""After which there are no times."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What "apply the suggestion" would decide."""

    action: Action
    changes: Changes
    reason: str
    text: str
    """One sentence with the evidence."""


def proposal_of(suggestion: Suggestion | None) -> Proposal | None:
    """What a suggestion would have one decide; None where it only says that a person must look."""
    if suggestion is None or suggestion.kind == "look":
        return None
    if suggestion.kind == "drop":
        return Proposal(Action.DROP, Changes(), str(Reason.MULTIPLE_OUTPUTS), suggestion.text)
    changes = Changes(outputs=dict(suggestion.outputs), comparison=suggestion.comparison)
    return Proposal(Action.CORRECT, changes, "", suggestion.text)


class Session:
    """A reviewer's session. Close it, or leave its ``with`` block, so that the reviewer can open another.

    Where the folder cannot be written it opens for reading: ``read_only`` says why, and ``decide`` raises it. Where a
    decisions file breaks later (a merge that left its marks), ``trouble`` says so until it is mended.

    Args:
        queue: The build's queue; it stays open when the session ends.
        reviewer: Who reviews; names the file of the decisions.
        assignment: Who is to judge what; None: everybody everything.
        clock: Tells the time, in UTC.

    Raises:
        InputError: The reviewer's name cannot name a file.
        BusyError: The same reviewer has another session on this build.
        BuildFolderError: A decisions file cannot be read, or has a line that is no decision.
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
        self.trouble = ""
        """Why the decisions cannot be read now, where they could be before: what is seen is how they were then."""
        self._clock = clock
        self._undone: list[Decision] = []
        self._seen: dict[str, int] = {"": 0}  # nothing yet
        self._decisions: list[Decision] = []
        self._by_problem: dict[str, list[Decision]] = {}
        self._opened = False
        self._held = ExitStack()
        self._take_lock()
        try:
            self._look()
        except BaseException:
            self.close()
            raise
        self._opened = True

    def _take_lock(self) -> None:
        # Beside the decisions: who may write there may review, whoever made the build.
        path = self.queue.decisions_folder / f".{self.reviewer}.lock"
        try:
            self._held.enter_context(lock(path))
        except BusyError:
            raise BusyError(
                f"{self.reviewer} is reviewing {self.queue.folder} already ({_holder(path)}): "
                "close that session, or give another --reviewer"
            ) from None
        except OutputError as error:
            self.read_only = str(error)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let the reviewer open another session; closing again does nothing."""
        self._held.close()

    def require_writable(self) -> None:
        """Raise OutputError, which says why, where nothing can be decided."""
        if self.read_only:
            raise OutputError(self.read_only)

    # ---- what there is to see

    def decisions(self) -> Sequence[Decision]:
        """Everyone's decisions as they are now, oldest first."""
        self._look()
        return self._decisions

    def rows(self) -> list[QueueRow]:
        """A row for every item, as things are now."""
        self._look()
        return [self._row(problem_id) for problem_id in self.queue.ids]

    def row(self, problem_id: str) -> QueueRow:
        """The row of one item, as things are now."""
        self._look()
        return self._row(problem_id)

    def _row(self, problem_id: str) -> QueueRow:
        return self.queue.row(problem_id, self._by_problem.get(problem_id, ()), self.reviewer, self.assignment)

    def history(self, problem_id: str) -> list[Decision]:
        """Everyone's decisions about one item, oldest first, with what was taken back and the retractions."""
        self._look()
        return list(self._by_problem.get(problem_id, ()))

    def suggested(self, problem_id: str) -> Proposal | None:
        """What the consensus suggests to decide; None where it only says that a person must look."""
        return proposal_of(self.queue.headers[problem_id].suggestion)

    def similar(self, problem_id: str) -> list[str]:
        """The other open items of the reviewer that have a proposal of the same kind, the same reasons and tier."""
        like = self.row(problem_id)
        return [
            row.problem_id
            for row in self.rows()
            if row.problem_id != problem_id
            and row.state is State.OPEN
            and row.mine
            and (row.suggestion, row.reasons, row.tier) == (like.suggestion, like.reasons, like.tier)
            and self.suggested(row.problem_id) is not None
        ]

    def why_not_kept(self, problem_id: str) -> str:
        """Why no build could apply a ``keep`` of an item; empty where one can."""
        if self.queue.headers[problem_id].can_be_kept:
            return ""
        return f"{problem_id} cannot be kept: no solution passes its tests, so no build can release it"

    # ---- what is decided

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
        """Decide about an item; the decision is on disk before this returns.

        A ``correct`` should have been tried before (``curation.review.trial``): nothing runs here.

        Args:
            problem_id: The item.
            action: Anything but ``retract``, which ``undo`` and ``retract`` are for.
            reason: Of a ``drop``: a Reason; without it the item's own.
            note: Whatever the reviewer wants to say.
            changes: What a ``correct`` changes.
            force: Take a ``keep`` that no build can apply, since no solution passes the tests.

        Raises:
            InputError: The item is not in the queue, or what is decided does not fit it.
            WorkError: A ``keep`` that no build can apply.
            BuildFolderError: A decisions file is broken (``trouble``).
            OutputError: It could not be written; nothing is decided then.
        """
        decision = self._decision(problem_id, action, reason, note, changes or Changes(), force)
        self._append(decision)
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
            changes = fit_changes(self.queue.item(problem_id).problem, changes)
        elif changes != Changes():
            raise InputError(f"only `correct` changes tests, and {problem_id} is to be decided as `{action}`")
        return Decision(
            problem_id=problem_id,
            item_digest=header.digest,
            action=action,
            reviewer=self.reviewer,
            time=self._next_time(),
            reason=_reason_of(action, reason, header.reasons),
            note=note,
            changes=changes,
        )

    def undo(self) -> Decision | None:
        """Take back my last decision about this queue's items, with a retraction; returns what was taken back.

        None where there is none. Decisions of earlier sessions can be taken back too.
        """
        self._look()
        mine = [d for d in self._decisions if d.reviewer == self.reviewer and d.problem_id in self.queue.headers]
        standing = standing_decisions(mine)
        return self._retract(standing[-1]) if standing else None

    def retract(self, problem_id: str) -> Decision | None:
        """Take back my last decision about one item; returns what was taken back, None where there is none."""
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
        return decision

    def redo(self) -> Decision | None:
        """Decide anew what this session took back last; None where there is nothing, or something else was decided."""
        if not self._undone:
            return None
        decision = replace(self._undone[-1], time=self._next_time())
        self._append(decision)
        self._undone.pop()
        return decision

    # ---- the files

    def _next_time(self) -> str:
        """Now, or just after this reviewer's last decision where a clock lags behind: times must tell the order."""
        self._look()
        mine = [decision.when for decision in self._decisions if decision.reviewer == self.reviewer]
        now = self._clock()
        if mine and now <= mine[-1]:
            if mine[-1].year >= LAST_YEAR:
                raise WorkError(f"{self._file} has a decision of the year {mine[-1].year}: correct its time first")
            now = mine[-1] + timedelta(microseconds=1)
        return now.isoformat(timespec="microseconds").replace("+00:00", "Z")

    def _append(self, decision: Decision) -> None:
        self.require_writable()
        if self.trouble:
            raise BuildFolderError(self.trouble)
        before = self._seen
        append_decision(self.queue.decisions_folder, decision)
        insort(self._decisions, decision, key=sort_key)
        insort(self._by_problem.setdefault(decision.problem_id, []), decision, key=sort_key)
        after = self._signature()
        grown = before.get(self._file, 0) + len(encode_line(decision))
        if after == {**before, self._file: grown}:  # else somebody else wrote, too: the next look reads it all
            self._seen = after

    def _look(self) -> None:
        """Read the decisions where a file has changed since: another reviewer's, or ours, by a git pull."""
        now = self._signature()
        if now == self._seen:
            self.trouble = ""
            return
        try:
            self._decisions = read_decisions(self.queue.decisions_folder)
        except BuildFolderError as error:
            if not self._opened:
                raise
            self.trouble = str(error)
            return
        self._by_problem = by_problem_id(self._decisions)
        self._seen = now
        self.trouble = ""

    @property
    def _file(self) -> str:
        return f"{self.reviewer}.jsonl"

    def _signature(self) -> dict[str, int]:
        """The size of every file: they only grow."""
        sizes = {}
        for path in decision_files(self.queue.decisions_folder):
            with suppress(FileNotFoundError):  # a git checkout takes files away and puts others there
                sizes[path.name] = path.stat().st_size
        return sizes


def _reason_of(action: Action, reason: str, usual: Sequence[str]) -> str:
    """The reason of a drop. Without one it is the item's own, so that two who drop it for nothing special agree."""
    if action is not Action.DROP:
        if reason:
            raise InputError(f"only `drop` takes a reason: say it in a note of `{action}`")
        return ""
    reason = reason or next(iter(usual), str(Reason.OUTPUT_MISMATCH))
    if reason not in set(Reason):
        raise InputError(f"{reason!r} is no reason to drop a problem: give one of {', '.join(Reason)}")
    return reason


def _holder(path: Path) -> str:
    try:
        return f"process {int(path.read_text())}"
    except (OSError, ValueError):
        return "a process that has just started"
