"""Open the review queue of a build: the problems that need review; an item is read from the file on demand.

    open_queue(DIR) -> Queue -> item(id), rows(decisions, reviewer)

A row is one line of the list, with the item's state (``queue_rows``).
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
from curation.checkers.proposal import CheckerProposal
from curation.records import VerifiedProblem
from curation.review.assignment import Assignment
from curation.review.item_header import ItemHeader, read_header
from curation.review.queue_rows import JUDGED, QueueRow, State, by_problem_id, make_row, matches, state_of
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
    """One problem of the queue, with all that a reviewer needs."""

    problem: VerifiedProblem
    """Without the canonical source and its conditionals."""
    digest: str
    """The digest that a decision about the item refers to."""
    reasons: tuple[str, ...]
    checker: CheckerProposal | None = None
    """The proposed checker, if there is one."""


class Queue:
    """The items of one build, in the order of the ledger. Usable from several threads.

    The file stays open, so that a later build, which replaces it, does not change what is read.
    """

    def __init__(
        self,
        folder: Path,
        file: BinaryIO,
        headers: Mapping[str, ItemHeader],
        positions: Mapping[str, tuple[int, int]],
        unapplied: frozenset[str],
    ) -> None:
        self.folder = folder
        self.ids: tuple[str, ...] = tuple(headers)
        self.headers = headers
        self.unapplied = unapplied
        """Ids of the decisions that the last build could not apply."""
        self._file = file
        self._positions = positions

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
        """The folder of the reviewers' files."""
        return self.folder / "decisions"

    @property
    def outdated(self) -> bool:
        """True if a later build has replaced the file: open the queue again to read the new one."""
        try:
            now = (self.folder / "review.jsonl").stat()
        except OSError:
            return True
        return not os.path.samestat(os.fstat(self._file.fileno()), now)

    def item(self, problem_id: str) -> Item:
        """Read one item. Raises BuildFolderError if its line is invalid, KeyError for an unknown id."""
        offset, length = self._positions[problem_id]
        line = os.pread(self._file.fileno(), length, offset)
        try:
            return parse_item(load_json(line.decode()))
        except (KeyError, TypeError, ValueError, RecursionError, AttributeError) as error:
            where = f"{self.folder / 'review.jsonl'}: the line of {problem_id}"
            raise BuildFolderError(f"{where} is not a review item ({_error_text(error)}): build again") from error

    def find(self, wanted: str, settled_too: bool = False) -> str:
        """Return the full id of an item, given as ``42`` or ``train/42``.

        Args:
            wanted: The id as the person wrote it.
            settled_too: Accept any problem of the build, not only those that need review.

        Raises:
            InputError: There is no such item; if the build has the problem, the message has its outcome.
        """
        try:
            return find_problem(self.ids, wanted)
        except InputError:
            path = self.folder / "ledger.jsonl"
            outcomes = {str(row.get("problem_id")): row.get("outcome") for row in read_json_lines(path)}
            known = find_problem(outcomes, wanted)  # raises InputError with similar ids if there is no such problem
            if settled_too or known in self.headers:
                return known
            message = f"{known} does not need review, it is {outcomes[known]}"
            raise InputError(f"{message}: apps-plus explain {self.folder} {known} says why") from None

    def limits(self) -> Limits:
        """Return the limits of the build's runs. Raises BuildFolderError if the manifest has none."""
        path = self.folder / "manifest.json"
        try:
            return Limits(**load_json(path.read_text(encoding="utf-8"))["setting"]["limits"])
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise BuildFolderError(
                f"{path}: no limits that this version can read ({_error_text(error)}): build again"
            ) from error

    def rows(
        self, decisions: Iterable[Decision], reviewer: str = "", assignment: Assignment | None = None
    ) -> list[QueueRow]:
        """Return a row for every item.

        Args:
            decisions: Those of all reviewers, oldest first.
            reviewer: The name of the current reviewer.
            assignment: The items of each reviewer; None: everyone has every item.
        """
        by_problem = by_problem_id(decisions)
        return [self.row(i, by_problem.get(i, ()), reviewer, assignment) for i in self.ids]

    def row(
        self, problem_id: str, decisions: Sequence[Decision], reviewer: str = "", assignment: Assignment | None = None
    ) -> QueueRow:
        """Return the row of one item, given the decisions about it."""
        return make_row(self.headers[problem_id], decisions, reviewer, assignment, self.unapplied)


def open_queue(folder: Path) -> Queue:
    """Open the review queue of a build.

    Raises BuildFolderError if the folder is not a whole build, or its review.jsonl is missing or invalid.
    """
    path = require_build(folder) / "review.jsonl"
    try:
        file = path.open("rb")
    except OSError as error:
        raise BuildFolderError(f"cannot read {path}: {error.strerror}: build {folder} again") from error
    headers: dict[str, ItemHeader] = {}
    positions: dict[str, tuple[int, int]] = {}
    try:
        for number, offset, line in _lines(file):
            header = _header(path, number, line)
            headers[header.problem_id] = header
            positions[header.problem_id] = (offset, len(line))
        return Queue(folder, file, headers, positions, _unapplied(folder / "findings.jsonl"))
    except BaseException:  # also ctrl+c: only a queue that was returned can be closed by the caller
        file.close()
        raise


def require_build(folder: Path) -> Path:
    """Return the folder. Raises BuildFolderError if it is not a whole build."""
    if not (folder / "manifest.json").is_file():
        raise BuildFolderError.unfinished(folder)
    return folder


def _lines(file: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    offset = 0
    for number, line in enumerate(file, 1):
        if line.strip():
            yield number, offset, line
        offset += len(line)


def _header(path: Path, number: int, line: bytes) -> ItemHeader:
    try:
        return read_header(line)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise BuildFolderError(f"{path}:{number}: not a review item ({_error_text(error)}): build again") from error


def _error_text(error: Exception) -> str:
    return f"no field {error}" if isinstance(error, KeyError) else json_fault(error)


def _unapplied(findings: Path) -> frozenset[str]:
    """Return the ids of the decisions that the build could not apply; of the long file, only their lines are parsed."""
    ids: set[str] = set()
    try:
        with findings.open("rb") as file:
            for line in file:
                if b'"stale_decision"' in line and isinstance(row := load_json(line.decode()), dict):
                    ids.update(map(str, row.get("evidence", {}).get("decisions", ())))
    except (OSError, ValueError, RecursionError, AttributeError, TypeError) as error:
        raise BuildFolderError(f"cannot read {findings} ({_error_text(error)}): build again") from error
    return frozenset(ids)


def parse_item(row: dict[str, Any]) -> Item:
    """Parse a line of review.jsonl. Raises KeyError, TypeError or ValueError if it is not a review item."""
    fields = {name: value for name, value in row.items() if name not in _NOT_PROBLEM}
    problem = VerifiedProblem.from_json({**fields, "conditionals": ()})
    checker = CheckerProposal.from_json(row.get("checker_proposal"))
    return Item(problem, str(row["item_digest"]), tuple(row["reasons"]), checker)


_NOT_PROBLEM = ("item_digest", "reasons", "checker_proposal")
"""The fields of a line that are no part of the problem."""
