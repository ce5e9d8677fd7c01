"""The decisions of reviewers: one append-only file per reviewer, and the rules by which decisions apply.

``DIR/decisions/<reviewer>.jsonl`` holds one decision a line; no line is ever changed. A decision names the digest of
the item that was reviewed: if the item has changed since, the decision is stale and the item returns to the queue. A
*portable* decision also names the digest of the raw problem, and holds wherever that is the same: votes may differ
between machines and versions of Python. A decision is taken back by appending a retraction.

Decisions are ordered by time, not by line: the files of one reviewer on two machines, merged by git line by line (see
``GIT_ATTRIBUTES``), give the same result in either order of merging.
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
from curation.pipeline.shorten import shorten
from curation.records import Reason

_REVIEWER = re.compile(r"\w(?:[\w.@+ -]{0,58}\w)?")
"""Names that are safe as a file name on any system: no separators, no leading dot."""
GIT_ATTRIBUTES = "*.jsonl merge=union\n"
"""Content of ``.gitattributes``: git merges reviewers' files by keeping the lines of both sides, without a conflict."""


class Action(StrEnum):
    """The kinds of decisions on an item."""

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
    """The changes of a ``correct`` decision."""

    outputs: dict[str, str] = field(default_factory=dict)
    """New expected outputs by test number: texts, or values as JSON text."""
    comparison: str = ""
    canonical: int | None = None
    """Index of the solution to release; it must pass the changed tests."""
    checker: str = ""
    """Source of ``check(input, expected, actual) -> bool``, with ``comparison`` set to ``checker``."""
    inputs: dict[str, str] = field(default_factory=dict)
    """New inputs by test number: texts, or lists of arguments as JSON text."""
    dropped_tests: tuple[int, ...] = ()
    """Numbers of the tests to leave out. All numbers here are those of the item, with every test in it."""

    @property
    def repairs_inputs(self) -> bool:
        """True if a test's input is changed, or a test left out: the reason is ``bad_input``."""
        return bool(self.inputs or self.dropped_tests)

    @property
    def changes_tests(self) -> bool:
        """True if it names tests by their number, so that it fits this problem only."""
        return bool(self.outputs) or self.repairs_inputs

    def number_after(self, test: int) -> int | None:
        """Return the number of a test once the dropped ones are left out; None for one of these."""
        return None if test in self.dropped_tests else test - sum(left_out < test for left_out in self.dropped_tests)

    def number_before(self, test: int) -> int:
        """Return the number that a test has in the item, from the one it has once the dropped ones are left out."""
        for left_out in self.dropped_tests:
            test += left_out <= test
        return test

    def to_json(self) -> dict[str, Any]:
        """Return the fields; ``inputs`` and ``dropped_tests`` only where given: ids of earlier decisions stay."""
        fields = asdict(self)
        if not self.inputs:
            del fields["inputs"]
        if self.dropped_tests:
            fields["dropped_tests"] = list(self.dropped_tests)
        else:
            del fields["dropped_tests"]
        return fields

    def describe(self) -> list[str]:
        """Name each change in a few words: ``checker``, ``comparison unordered``, ``output of test 0``."""
        by_checker = self.comparison == Comparison.CHECKER
        return [
            *(["checker"] if by_checker else []),
            *([f"comparison {self.comparison}"] if self.comparison and not by_checker else []),
            *([] if self.canonical is None else [f"canonical solution {self.canonical}"]),
            *(f"input of test {test}" for test in sorted(self.inputs, key=int)),
            *(f"output of test {test}" for test in sorted(self.outputs, key=int)),
            *(f"without test {test}" for test in self.dropped_tests),
        ]


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of a reviewer's file."""

    problem_id: str
    item_digest: str
    """``VerifiedProblem.digest()`` of the item that was reviewed."""
    action: Action
    reviewer: str
    time: str
    """ISO 8601, UTC; decisions are sorted by it."""
    reason: str = ""
    """For ``drop``: the Reason code. For ``correct``: ``bad_input`` if an input is changed or a test left out."""
    note: str = ""
    changes: Changes = field(default_factory=Changes)
    retracts: str = ""
    """For ``retract``: the id of the retracted decision."""
    raw_digest: str = ""
    """``VerifiedProblem.raw_digest``, for a decision that holds wherever the raw problem is the same."""

    @property
    def decision_id(self) -> str:
        """The digest of the whole line: the same decision has the same id in every copy."""
        return sha256_of(self._fields())[:16]

    def _fields(self) -> dict[str, Any]:
        """Return the fields; ``raw_digest`` only where it is given, so that ids of earlier decisions stay."""
        fields = {**asdict(self), "changes": self.changes.to_json()}
        if not self.raw_digest:
            del fields["raw_digest"]
        return fields

    def is_about(self, item_digest: str, raw_digest: str = "") -> bool:
        """Return whether the decision is about an item as it is now: the same item, or the same raw problem."""
        return self.item_digest == item_digest or (self.raw_digest != "" and self.raw_digest == raw_digest)

    def has_statement_of(self, raw_digest: str) -> bool:
        """Return whether a portable decision is about a problem with the same statement, whatever its tests."""
        return self.raw_digest.partition("-")[0] == raw_digest.partition("-")[0]

    @property
    def when(self) -> datetime:
        """``time`` in UTC, also if it has no offset. Raises ValueError if it is not a time."""
        moment = datetime.fromisoformat(self.time)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

    @property
    def summary(self) -> str:
        """The action with its details: ``keep``, ``drop (multiple_outputs)``, ``correct (output of test 1)``."""
        if self.action is Action.CORRECT:
            what = shorten(", ".join(self.changes.describe()))
        else:
            what = self.reason if self.action is Action.DROP else ""
        return f"{self.action} ({what})" if what else str(self.action)

    def to_row(self) -> dict[str, Any]:
        """Return the row of the reviewer's file."""
        return {"decision_id": self.decision_id, **self._fields()}


class Standing(StrEnum):
    """The combined state of the decisions on one item."""

    NONE = "none"
    APPLIES = "applies"
    STALE = "stale"
    DISAGREEMENT = "disagreement"
    FLAGGED = "flagged"


@dataclass(frozen=True, slots=True)
class Resolution:
    """The decisions that count for one item, one per reviewer, and their combined state."""

    standing: Standing
    decisions: tuple[Decision, ...] = ()
    ships: bool = False
    """True for decisions that ship with this package (``curation.decisions``)."""


def read_decisions(folder: Path) -> list[Decision]:
    """Read all decisions of all reviewers, oldest first, each once; skip a torn last line, as a crash leaves it.

    Raises BuildFolderError with the file and line if a line is not a decision.
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
    return sorted(decisions.values(), key=sort_key)


def sort_key(decision: Decision) -> tuple[datetime, str, str]:
    """Return the sort key of a decision: time, then reviewer and id, so that the order is the same in every copy."""
    return decision.when, decision.reviewer, decision.decision_id


def decision_files(folder: Path) -> list[Path]:
    """Return the reviewers' files; none without a folder. Raises BuildFolderError if it cannot be read."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".jsonl")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise BuildFolderError(f"cannot read the decisions in {folder} ({error.strerror}): make it readable") from error


def parse_decision(row: dict[str, Any]) -> Decision:
    """Validate a line and return its decision. Raises KeyError, TypeError or ValueError."""
    given = row.get("changes", {})
    changes = Changes(**{**given, "dropped_tests": tuple(given.get("dropped_tests", ()))})
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
        raw_digest=str(row.get("raw_digest", "")),
    )
    try:
        _ = decision.when
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{decision.time!r} is no time in ISO 8601") from error
    return decision


def _check_changes(changes: Changes) -> None:
    if changes.comparison:
        Comparison(changes.comparison)
    for name, texts in (("outputs", changes.outputs), ("inputs", changes.inputs)):
        if not isinstance(texts, dict) or not all(isinstance(t, str) and test.isdecimal() for test, t in texts.items()):
            raise ValueError(f"changes.{name} must map test numbers to texts")
    if not all(type(test) is int and test >= 0 for test in changes.dropped_tests):
        raise ValueError("changes.dropped_tests must be a list of test numbers")
    if type(changes.canonical) not in (int, type(None)) or not isinstance(changes.checker, str):
        raise ValueError("changes.canonical must be a solution's number, changes.checker a text")


def can_be_reviewer(name: str) -> bool:
    """Return whether a name is valid as the name of a reviewer's file on any system."""
    return _REVIEWER.fullmatch(name) is not None


def check_reviewer(name: str) -> str:
    """Return the name. Raises InputError if it is not valid as a file name."""
    if not can_be_reviewer(name):
        raise InputError(
            f"{name!r} cannot be a reviewer's name, which names a file: use up to 60 letters, digits, "
            "and . @ + - or spaces between them"
        )
    return name


def append_decision(folder: Path, decision: Decision) -> None:
    """Append a decision to its reviewer's file; it is on disk when this returns.

    Raises InputError if the reviewer's name is not valid as a file name, and OutputError.
    """
    check_reviewer(decision.reviewer)
    path = folder / f"{decision.reviewer}.jsonl"
    line = encode_line(decision)
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
    """Write a whole line to the disk, or nothing: a decision whose write raises an error does not count."""
    try:
        done = 0
        while done < len(line):
            done += os.write(descriptor, line[done:])
        os.fsync(descriptor)
    except OSError:
        with suppress(OSError):  # the torn line is then cut off at the next decision
            os.ftruncate(descriptor, end)
        raise


def encode_line(decision: Decision) -> bytes:
    """Encode a decision as a line of the reviewer's file."""
    return dump_json(decision.to_row()).encode(errors="backslashreplace") + b"\n"


def _make_folder(folder: Path) -> None:
    """Make the folder with its ``.gitattributes``; one that the user wrote is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError), (folder / ".gitattributes").open("x", encoding="utf-8") as file:
        file.write(GIT_ATTRIBUTES)


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # some file systems refuse it for a folder; the decision is written anyway
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _end_last_line(file: BinaryIO) -> None:
    """Cut off a torn last line, which was never reported as saved; complete a whole line that lacks its line end."""
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
    """Return the folder of decisions at ``source``: that of a build, or ``source`` itself.

    Raises BuildFolderError if it holds no decisions, or the build has not been reviewed.
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
    """Copy the decisions of another build or folder that this one lacks, and return their number.

    Raises what ``find_decisions``, ``read_decisions`` and ``append_decision`` do.
    """
    return add_decisions(read_decisions(find_decisions(source)), folder)


def add_decisions(decisions: Iterable[Decision], folder: Path) -> int:
    """Append the decisions that a folder lacks, and return their number. Raises what ``append_decision`` does."""
    known = {decision.decision_id for decision in read_decisions(folder)}
    new = [decision for decision in decisions if decision.decision_id not in known]
    for decision in new:
        append_decision(folder, decision)
    return len(new)


def resolve(decisions: Iterable[Decision], problem_id: str, digest: str, raw_digest: str = "") -> Resolution:
    """Combine the decisions on one item.

    Of each reviewer the last decision that was not retracted counts; ``skip`` does not count. A decision on another
    item (``Decision.is_about``) is stale. Two reviewers with different decisions disagree; ``flag`` waits for a second
    reviewer.
    """
    every = latest_by_reviewer([decision for decision in decisions if decision.problem_id == problem_id])
    latest = [decision for decision in every if decision.action is not Action.SKIP]
    current = [decision for decision in latest if decision.is_about(digest, raw_digest)]
    judged = tuple(decision for decision in current if decision.action is not Action.FLAG)
    if not current:
        return Resolution(Standing.STALE if latest else Standing.NONE, tuple(latest))
    if len(judged) > 1 and len({effect_of(decision) for decision in judged}) > 1:
        return Resolution(Standing.DISAGREEMENT, judged)
    if not judged:
        return Resolution(Standing.FLAGGED, tuple(current))
    return Resolution(Standing.APPLIES, judged)


def latest_by_reviewer(decisions: Sequence[Decision]) -> list[Decision]:
    """Return each reviewer's last decision that was not retracted, ``skip`` included, of those on one item."""
    latest: dict[str, Decision] = {}
    for decision in standing_decisions(decisions):
        latest[decision.reviewer] = decision
    return list(latest.values())


def standing_decisions(decisions: Sequence[Decision]) -> list[Decision]:
    """Return the decisions that are no retraction and were not retracted by the same reviewer."""
    retracted = {(decision.reviewer, decision.retracts) for decision in decisions if decision.action is Action.RETRACT}
    made = [decision for decision in decisions if decision.action is not Action.RETRACT]
    if not retracted:  # skips computing ids, which are digests: the queue has thousands of items
        return made
    return [decision for decision in made if (decision.reviewer, decision.decision_id) not in retracted]


def effect_of(decision: Decision) -> str:
    """Return a digest of the effect of a decision: two reviewers agree if theirs are equal."""
    reason = decision.reason if decision.action is Action.DROP else ""
    changes = decision.changes.to_json() if decision.action is Action.CORRECT else {}
    return sha256_of([decision.action, reason, changes])
