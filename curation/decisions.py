"""What reviewers decided: one append-only file per reviewer, and how the decisions are replayed.

``DIR/decisions/<reviewer>.jsonl`` holds one decision a line; nothing in it is ever changed. A decision names the
digest of the item that it judged: where the item changed since, the decision is stale and the item goes back to the
queue. Taking a decision back appends a retraction.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from apps_plus.errors import BuildFolderError, InputError
from apps_plus.problem import Comparison, dump_json, load_json, sha256_of
from apps_plus.storage import numbered_rows, output_error
from curation.records import Reason

_REVIEWER = re.compile(r"\w(?:[\w.@+ -]{0,58}\w)?")
"""Names that are safe as a file name on any system: no separators, no leading dot."""


class Action(StrEnum):
    """What a reviewer can decide about an item."""

    KEEP = "keep"
    """The tests are right as they are."""
    CORRECT = "correct"
    """Release it with the changes that the decision holds."""
    DROP = "drop"
    SKIP = "skip"
    """No opinion."""
    FLAG = "flag"
    """A second reviewer should look."""
    RETRACT = "retract"
    """Take an earlier decision back."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a ``correct`` decision changes."""

    outputs: dict[str, str] = field(default_factory=dict)
    """New expected outputs by test number: texts, or values as JSON text."""
    comparison: str = ""
    canonical: int | None = None
    """Index of the solution to release; it must pass the changed tests."""
    checker: str = ""
    """Source of ``check(input, expected, actual) -> bool``, with ``comparison`` set to ``checker``."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of a reviewer's file."""

    problem_id: str
    item_digest: str
    """``VerifiedProblem.digest()`` of the item that was judged."""
    action: Action
    reviewer: str
    time: str
    """ISO 8601, UTC."""
    reason: str = ""
    """For ``drop``: the Reason code."""
    note: str = ""
    changes: Changes = field(default_factory=Changes)
    retracts: str = ""
    """For ``retract``: the id of the decision that is taken back."""

    @property
    def decision_id(self) -> str:
        """Digest of the whole line: the same decision has the same id in every copy."""
        return sha256_of(asdict(self))[:16]

    def to_row(self) -> dict[str, Any]:
        """The line of the reviewer's file."""
        return {"decision_id": self.decision_id, **asdict(self)}


class Standing(StrEnum):
    """What the decisions on one item amount to."""

    NONE = "none"
    APPLIES = "applies"
    STALE = "stale"
    DISAGREEMENT = "disagreement"
    FLAGGED = "flagged"


@dataclass(frozen=True, slots=True)
class Resolution:
    """The decisions that count for one item, one per reviewer, and where they leave it."""

    standing: Standing
    decisions: tuple[Decision, ...] = ()


def read_decisions(folder: Path) -> list[Decision]:
    """All decisions of all reviewers, oldest first. A torn last line, as a crash leaves it, is ignored.

    Raises BuildFolderError naming the file where a line is not a decision.
    """
    decisions: dict[str, Decision] = {}
    for path in decision_files(folder):
        for number, row in numbered_rows(path, torn_tail_ok=True):
            try:
                decision = parse_decision(row)
            except (KeyError, TypeError, ValueError) as error:
                what = f"no field {error}" if isinstance(error, KeyError) else str(error)
                raise BuildFolderError(f"{path}:{number}: not a decision ({what}): fix or remove the line") from error
            decisions[decision.decision_id] = decision
    # Of one reviewer's decisions at the same time, the one further down the file is the later one.
    return sorted(decisions.values(), key=lambda decision: (decision.time, decision.reviewer))


def decision_files(folder: Path) -> list[Path]:
    """The reviewers' files; none where there is no folder. Raises BuildFolderError where it cannot be read."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".jsonl")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise BuildFolderError(f"cannot read the decisions in {folder} ({error.strerror}): make it readable") from error


def parse_decision(row: dict[str, Any]) -> Decision:
    """Check a line and make it a decision. Raises KeyError, TypeError or ValueError where it is none."""
    changes = Changes(**row.get("changes", {}))
    _check_changes(changes)
    if not _REVIEWER.fullmatch(str(row["reviewer"])):
        raise ValueError(f"{row['reviewer']!r} cannot be a reviewer's name")
    reason = row.get("reason", "")
    if reason:
        Reason(reason)
    return Decision(
        problem_id=str(row["problem_id"]),
        item_digest=str(row["item_digest"]),
        action=Action(row["action"]),
        reviewer=str(row["reviewer"]),
        time=str(row["time"]),
        reason=reason,
        note=str(row.get("note", "")),
        changes=changes,
        retracts=str(row.get("retracts", "")),
    )


def _check_changes(changes: Changes) -> None:
    if changes.comparison:
        Comparison(changes.comparison)
    outputs = changes.outputs
    if not isinstance(outputs, dict) or not all(isinstance(t, str) and test.isdecimal() for test, t in outputs.items()):
        raise ValueError("changes.outputs must map test numbers to texts")
    if type(changes.canonical) not in (int, type(None)) or not isinstance(changes.checker, str):
        raise ValueError("changes.canonical must be a solution's number, changes.checker a text")


def append_decision(folder: Path, decision: Decision) -> None:
    """Add a decision to its reviewer's file, on disk before this returns.

    Raises InputError where the reviewer's name cannot be a file name, and OutputError.
    """
    if not _REVIEWER.fullmatch(decision.reviewer):
        raise InputError(
            f"{decision.reviewer!r} cannot be a reviewer's name, which names a file: use up to 60 letters, digits, "
            "and . @ + - or spaces between them"
        )
    path = folder / f"{decision.reviewer}.jsonl"
    line = dump_json(decision.to_row()).encode(errors="backslashreplace") + b"\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            _end_last_line(file)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise output_error(path, error) from error


def _end_last_line(file: BinaryIO) -> None:
    """Cut off what a crash left of a line, which nobody was told is saved; end a whole line that lacks its end."""
    file.seek(0)
    *_, last = [b"", *file]
    if last.endswith(b"\n") or not last:
        return
    try:
        load_json(last.decode())
        file.write(b"\n")
    except ValueError:
        file.truncate(file.tell() - len(last))


def import_decisions(source: Path, folder: Path) -> int:
    """Copy the decisions of another build, or of a decisions folder, that this one lacks; returns how many.

    Raises as ``read_decisions`` and ``append_decision`` do.
    """
    source = source / "decisions" if (source / "decisions").is_dir() else source
    if not source.is_dir() or not decision_files(source):
        raise BuildFolderError(f"no decisions in {source}: give a build, or a folder of <reviewer>.jsonl files")
    known = {decision.decision_id for decision in read_decisions(folder)}
    new = [decision for decision in read_decisions(source) if decision.decision_id not in known]
    for decision in new:
        append_decision(folder, decision)
    return len(new)


def resolve(decisions: Iterable[Decision], problem_id: str, digest: str) -> Resolution:
    """What the decisions say about one item.

    Of each reviewer the last decision that was not retracted counts; ``skip`` is none. A decision on another digest
    is stale. Two reviewers who want different things disagree; one who flags waits for a second.
    """
    latest = _latest_by_reviewer([decision for decision in decisions if decision.problem_id == problem_id])
    current = [decision for decision in latest if decision.item_digest == digest]
    judged = tuple(decision for decision in current if decision.action is not Action.FLAG)
    if not current:
        return Resolution(Standing.STALE if latest else Standing.NONE, tuple(latest))
    if len({_wanted(decision) for decision in judged}) > 1:
        return Resolution(Standing.DISAGREEMENT, judged)
    if not judged:
        return Resolution(Standing.FLAGGED, tuple(current))
    return Resolution(Standing.APPLIES, judged)


def _latest_by_reviewer(decisions: Sequence[Decision]) -> list[Decision]:
    retracted = {(decision.reviewer, decision.retracts) for decision in decisions}
    latest: dict[str, Decision] = {}
    for decision in decisions:
        if (decision.reviewer, decision.decision_id) in retracted or decision.action is Action.RETRACT:
            continue
        latest[decision.reviewer] = decision
    return [decision for decision in latest.values() if decision.action is not Action.SKIP]


def _wanted(decision: Decision) -> str:
    reason = decision.reason if decision.action is Action.DROP else ""
    changes = asdict(decision.changes) if decision.action is Action.CORRECT else {}
    return sha256_of([decision.action, reason, changes])
