"""The review queue of a build: every problem that waits for a person, read when it is asked for.

    open_queue(DIR) -> Queue -> item(id), rows(decisions, reviewer)

A row is what a list shows of an item, its state included; ``rows`` makes and filters them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from apps_plus.errors import BuildFolderError, InputError
from apps_plus.problem import load_json
from apps_plus.problem_ids import find_problem
from apps_plus.storage import json_fault, read_json_lines
from curation.records import VerifiedProblem
from curation.review.assignment import Assignment
from curation.review.item_header import Header, read_header
from curation.review.rows import JUDGED, QueueRow, State, by_problem_id, matches, row_of, state_of
from curation.review_decisions import Decision
from harness.sandbox.execution import Limits

__all__ = [
    "JUDGED",
    "Item",
    "Queue",
    "QueueRow",
    "State",
    "by_problem_id",
    "matches",
    "open_queue",
    "parse_item",
    "require_build",
    "state_of",
]


@dataclass(frozen=True, slots=True)
class Item:
    """Everything that a reviewer sees of one problem."""

    problem: VerifiedProblem
    """Without the canonical source and its conditionals, which no reviewer needs."""
    digest: str
    """What a decision about it names."""
    reasons: tuple[str, ...]


class Queue:
    """The items of one build, in the ledger's order. The file stays open: a later build does not change what is read.

    It can be used from several threads.
    """

    def __init__(
        self,
        folder: Path,
        file: BinaryIO,
        headers: Mapping[str, Header],
        places: Mapping[str, tuple[int, int]],
        unapplied: frozenset[str],
    ) -> None:
        self.folder = folder
        self.ids: tuple[str, ...] = tuple(headers)
        self.headers = headers
        self.unapplied = unapplied
        """Ids of the decisions that the last build could not apply."""
        self._file = file
        self._places = places

    def __len__(self) -> int:
        return len(self.ids)

    def __enter__(self) -> Queue:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def decisions_folder(self) -> Path:
        """Where the reviewers' files lie."""
        return self.folder / "decisions"

    @property
    def outdated(self) -> bool:
        """Whether a later build has put another queue in this one's place: open it again to see that."""
        try:
            now = (self.folder / "review.jsonl").stat()
        except OSError:
            return True
        return not os.path.samestat(os.fstat(self._file.fileno()), now)

    def item(self, problem_id: str) -> Item:
        """One item, read from the file. Raises BuildFolderError where its line is broken, KeyError for another id."""
        offset, length = self._places[problem_id]
        line = os.pread(self._file.fileno(), length, offset)
        try:
            return parse_item(load_json(line.decode()))
        except (KeyError, TypeError, ValueError, RecursionError, AttributeError) as error:
            where = f"{self.folder / 'review.jsonl'}: the line of {problem_id}"
            raise BuildFolderError(f"{where} is no review item ({_told(error)}): build again") from error

    def find(self, wanted: str, settled_too: bool = False) -> str:
        """The id of the item that a person means by ``42`` or ``train/42``.

        Args:
            wanted: What the person wrote.
            settled_too: Any problem of the build will do, not only those that need review.

        Raises:
            InputError: There is no such item; where the build has the problem, it says how that ended.
        """
        try:
            return find_problem(self.ids, wanted)
        except InputError:
            path = self.folder / "ledger.jsonl"
            outcomes = {str(row.get("problem_id")): row.get("outcome") for row in read_json_lines(path)}
            known = find_problem(outcomes, wanted)  # says what comes close where there is no such problem
            if settled_too or known in self.headers:
                return known
            told = f"{known} waits for no review, it is {outcomes[known]}"
            raise InputError(f"{told}: apps-plus explain {self.folder} {known} says why") from None

    def limits(self) -> Limits:
        """The limits that the build ran its programs with. Raises BuildFolderError where the manifest lacks them."""
        path = self.folder / "manifest.json"
        try:
            return Limits(**load_json(path.read_text(encoding="utf-8"))["setting"]["limits"])
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise BuildFolderError(
                f"{path}: no limits that this version knows ({_told(error)}): build again"
            ) from error

    def rows(
        self, decisions: Iterable[Decision], reviewer: str = "", assignment: Assignment | None = None
    ) -> list[QueueRow]:
        """A row for every item.

        Args:
            decisions: Everyone's, oldest first.
            reviewer: Who asks.
            assignment: Who is to judge what; None: everybody everything.
        """
        by_problem = by_problem_id(decisions)
        return [self.row(i, by_problem.get(i, ()), reviewer, assignment) for i in self.ids]

    def row(
        self, problem_id: str, decisions: Sequence[Decision], reviewer: str = "", assignment: Assignment | None = None
    ) -> QueueRow:
        """The row of one item, given the decisions about it."""
        return row_of(self.headers[problem_id], decisions, reviewer, assignment, self.unapplied)


def open_queue(folder: Path) -> Queue:
    """Open the review queue of a build.

    Raises BuildFolderError: the folder is not a whole build, or its review.jsonl is missing or broken.
    """
    path = require_build(folder) / "review.jsonl"
    try:
        file = path.open("rb")
    except OSError as error:
        raise BuildFolderError(f"cannot read {path}: {error.strerror}: build {folder} again") from error
    headers: dict[str, Header] = {}
    places: dict[str, tuple[int, int]] = {}
    try:
        for number, offset, line in _lines(file):
            header = _header(path, number, line)
            headers[header.problem_id] = header
            places[header.problem_id] = (offset, len(line))
        return Queue(folder, file, headers, places, _unapplied(folder / "findings.jsonl"))
    except BaseException:
        file.close()
        raise


def require_build(folder: Path) -> Path:
    """The folder. Raises BuildFolderError where it is not a whole build."""
    if not (folder / "manifest.json").is_file():
        raise BuildFolderError(f"{folder} is not a whole build: make or finish it with apps-plus build --out {folder}")
    return folder


def _lines(file: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    offset = 0
    for number, line in enumerate(file, 1):
        if line.strip():
            yield number, offset, line
        offset += len(line)


def _header(path: Path, number: int, line: bytes) -> Header:
    try:
        return read_header(line)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise BuildFolderError(f"{path}:{number}: not a review item ({_told(error)}): build again") from error


def _told(error: Exception) -> str:
    return f"no field {error}" if isinstance(error, KeyError) else json_fault(error)


def _unapplied(findings: Path) -> frozenset[str]:
    """The decisions that the build's *decide* stage could not apply. Few lines are parsed: the file is long."""
    ids: set[str] = set()
    try:
        with findings.open("rb") as file:
            for line in file:
                if b'"stale_decision"' in line and isinstance(row := load_json(line.decode()), dict):
                    ids.update(map(str, row.get("evidence", {}).get("decisions", ())))
    except (OSError, ValueError, RecursionError, AttributeError, TypeError) as error:
        raise BuildFolderError(f"cannot read {findings} ({_told(error)}): build again") from error
    return frozenset(ids)


def parse_item(row: dict[str, Any]) -> Item:
    """A line of review.jsonl. Raises KeyError, TypeError or ValueError where it is none."""
    fields = {name: value for name, value in row.items() if name not in ("item_digest", "reasons")}
    problem = VerifiedProblem.from_json({**fields, "conditionals": ()})
    return Item(problem, str(row["item_digest"]), tuple(row["reasons"]))
