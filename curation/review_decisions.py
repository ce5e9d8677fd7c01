"""What reviewers decided: one append-only file per reviewer, and how the decisions are replayed.

``DIR/decisions/<reviewer>.jsonl`` holds one decision a line; nothing in it is ever changed. A decision names the
digest of the item that it judged: where the item changed since, the decision is stale and the item goes back to the
queue. Taking a decision back appends a retraction.

Their order is that of their times, never that of the lines: the files of one reviewer on two machines, merged by git
line by line (``.gitattributes`` beside them says so), amount to the same whichever side comes first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from apps_plus.errors import BuildFolderError, InputError
from apps_plus.problem import Comparison, dump_json, load_json, sha256_of
from apps_plus.storage import numbered_rows, output_error
from curation.pipeline.evidence import shorten
from curation.records import Reason

_REVIEWER = re.compile(r"\w(?:[\w.@+ -]{0,58}\w)?")
"""Names that are safe as a file name on any system: no separators, no leading dot."""
GIT_ATTRIBUTES = "*.jsonl merge=union\n"
"""How git merges reviewers' files: the lines of both sides, without a conflict."""


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

    def told(self) -> list[str]:
        """What is changed, a few words each: ``checker``, ``comparison unordered``, ``output of test 0``."""
        by_checker = self.comparison == Comparison.CHECKER
        return [
            *(["checker"] if by_checker else []),
            *([f"comparison {self.comparison}"] if self.comparison and not by_checker else []),
            *([] if self.canonical is None else [f"canonical solution {self.canonical}"]),
            *(f"output of test {test}" for test in sorted(self.outputs, key=int)),
        ]


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of a reviewer's file."""

    problem_id: str
    item_digest: str
    """``VerifiedProblem.digest()`` of the item that was judged."""
    action: Action
    reviewer: str
    time: str
    """ISO 8601, UTC; what orders the decisions."""
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

    @property
    def when(self) -> datetime:
        """``time`` in UTC; without an offset it counts as UTC. Raises ValueError where it is no time."""
        moment = datetime.fromisoformat(self.time)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

    @property
    def told(self) -> str:
        """What it wants done: ``keep``, ``drop (multiple_outputs)``, ``correct (checker, canonical solution 1)``."""
        if self.action is Action.CORRECT:
            what = shorten(", ".join(self.changes.told()))
        else:
            what = self.reason if self.action is Action.DROP else ""
        return f"{self.action} ({what})" if what else str(self.action)

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
    """All decisions of all reviewers, oldest first, each once. A torn last line, as a crash leaves it, is ignored.

    The order depends on nothing but the decisions: at the same time reviewer and id decide.

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
    return sorted(decisions.values(), key=in_order)


def in_order(decision: Decision) -> tuple[datetime, str, str]:
    """What decisions are sorted by: their time; at the same time the same in every copy of the files."""
    return decision.when, decision.reviewer, decision.decision_id


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
    if not can_be_reviewer(str(row["reviewer"])):
        raise ValueError(f"{row['reviewer']!r} cannot be a reviewer's name")
    reason = row.get("reason", "")
    if reason:
        Reason(reason)
    decision = Decision(
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
    try:
        _ = decision.when
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{decision.time!r} is no time in ISO 8601") from error
    return decision


def _check_changes(changes: Changes) -> None:
    if changes.comparison:
        Comparison(changes.comparison)
    outputs = changes.outputs
    if not isinstance(outputs, dict) or not all(isinstance(t, str) and test.isdecimal() for test, t in outputs.items()):
        raise ValueError("changes.outputs must map test numbers to texts")
    if type(changes.canonical) not in (int, type(None)) or not isinstance(changes.checker, str):
        raise ValueError("changes.canonical must be a solution's number, changes.checker a text")


def can_be_reviewer(name: str) -> bool:
    """Whether a name can name a reviewer's file on any system."""
    return _REVIEWER.fullmatch(name) is not None


def check_reviewer(name: str) -> str:
    """The name as it was given. Raises InputError where it cannot name a reviewer's file."""
    if not can_be_reviewer(name):
        raise InputError(
            f"{name!r} cannot be a reviewer's name, which names a file: use up to 60 letters, digits, "
            "and . @ + - or spaces between them"
        )
    return name


def append_decision(folder: Path, decision: Decision) -> None:
    """Add a decision to its reviewer's file, on disk before this returns.

    Raises InputError where the reviewer's name cannot be a file name, and OutputError.
    """
    check_reviewer(decision.reviewer)
    path = folder / f"{decision.reviewer}.jsonl"
    line = line_of(decision)
    try:
        _make_folder(folder)
        is_new = not path.exists()
        with path.open("ab+") as file:
            _end_last_line(file)
            file.flush()
            _write_whole(file.fileno(), file.seek(0, os.SEEK_END), line)
        if is_new:  # the file is safe once its name is
            _sync_folder(folder)
    except OSError as error:
        raise output_error(path, error) from error


def _write_whole(descriptor: int, end: int, line: bytes) -> None:
    """Write a line to the disk, or nothing of it: who is told that it could not be written has not decided."""
    try:
        done = 0
        while done < len(line):
            done += os.write(descriptor, line[done:])
        os.fsync(descriptor)
    except OSError:
        with suppress(OSError):  # then it is torn, and cut off at the next decision
            os.ftruncate(descriptor, end)
        raise


def line_of(decision: Decision) -> bytes:
    """The line of the reviewer's file, as it is written."""
    return dump_json(decision.to_row()).encode(errors="backslashreplace") + b"\n"


def _make_folder(folder: Path) -> None:
    """Make the folder, and tell git how to merge what will lie in it; a file of the user's own stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError), (folder / ".gitattributes").open("x", encoding="utf-8") as file:
        file.write(GIT_ATTRIBUTES)


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # some file systems refuse it for a folder; the decision is written all the same
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


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


def find_decisions(source: Path) -> Path:
    """The folder of the decisions that ``source`` means: a build's, or ``source`` itself.

    Raises BuildFolderError where there are none: a folder that lacks them, or a build that nobody has reviewed.
    """
    if not source.exists():
        raise BuildFolderError(f"no decisions in {source}, which does not exist: give a build, or a folder of them")
    is_build = any((source / name).exists() for name in ("manifest.json", "ledger.jsonl", ".build"))
    folder = source / "decisions" if is_build or (source / "decisions").is_dir() else source
    if folder.is_dir() and decision_files(folder):
        return folder
    if is_build:
        raise BuildFolderError(f"{source} holds no decisions yet: apps-plus review {source} makes them")
    raise BuildFolderError(f"no decisions in {folder}: give a build, or a folder of <reviewer>.jsonl files")


def import_decisions(source: Path, folder: Path) -> int:
    """Copy the decisions of another build, or of a decisions folder, that this one lacks; returns how many.

    Raises as ``find_decisions``, ``read_decisions`` and ``append_decision`` do.
    """
    theirs = find_decisions(source)
    known = {decision.decision_id for decision in read_decisions(folder)}
    new = [decision for decision in read_decisions(theirs) if decision.decision_id not in known]
    for decision in new:
        append_decision(folder, decision)
    return len(new)


def resolve(decisions: Iterable[Decision], problem_id: str, digest: str) -> Resolution:
    """What the decisions say about one item.

    Of each reviewer the last decision that was not retracted counts; ``skip`` is none. A decision on another digest
    is stale. Two reviewers who want different things disagree; one who flags waits for a second.
    """
    every = latest_by_reviewer([decision for decision in decisions if decision.problem_id == problem_id])
    latest = [decision for decision in every if decision.action is not Action.SKIP]
    current = [decision for decision in latest if decision.item_digest == digest]
    judged = tuple(decision for decision in current if decision.action is not Action.FLAG)
    if not current:
        return Resolution(Standing.STALE if latest else Standing.NONE, tuple(latest))
    if len(judged) > 1 and len({wanted_by(decision) for decision in judged}) > 1:
        return Resolution(Standing.DISAGREEMENT, judged)
    if not judged:
        return Resolution(Standing.FLAGGED, tuple(current))
    return Resolution(Standing.APPLIES, judged)


def latest_by_reviewer(decisions: Sequence[Decision]) -> list[Decision]:
    """Of the decisions on one item, oldest first, each reviewer's last that was not taken back; ``skip`` included."""
    latest: dict[str, Decision] = {}
    for decision in standing_decisions(decisions):
        latest[decision.reviewer] = decision
    return list(latest.values())


def standing_decisions(decisions: Sequence[Decision]) -> list[Decision]:
    """Those that are no retraction and were not taken back; nobody takes back what another decided."""
    retracted = {(decision.reviewer, decision.retracts) for decision in decisions if decision.action is Action.RETRACT}
    made = [decision for decision in decisions if decision.action is not Action.RETRACT]
    if not retracted:  # ids are digests, which a list of thousands of items need not pay for
        return made
    return [decision for decision in made if (decision.reviewer, decision.decision_id) not in retracted]


def wanted_by(decision: Decision) -> str:
    """Digest of what a decision wants done: two reviewers agree where it is the same."""
    reason = decision.reason if decision.action is Action.DROP else ""
    changes = asdict(decision.changes) if decision.action is Action.CORRECT else {}
    return sha256_of([decision.action, reason, changes])
