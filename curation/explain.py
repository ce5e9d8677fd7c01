"""Collect what a build recorded about one problem: its ledger line, its findings, its statement."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from apps_plus.errors import BuildFolderError
from apps_plus.problem_ids import find_problem
from apps_plus.storage import SPLITS, read_json_lines

STRENGTH_FILE = "strength.jsonl"
"""In the folder of a build that ``apps-plus strength`` measured: one line a released problem."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that a build recorded about one problem."""

    ledger: dict[str, Any]
    findings: list[dict[str, Any]]
    """Lines of findings.jsonl, in the order of the stages."""
    problem: dict[str, Any] | None
    """The released row, or the review item; None for a dropped problem."""
    survivors: list[dict[str, Any]] = field(default_factory=list)
    """Mutants that pass every test, where ``apps-plus strength`` measured the problem and they are not equivalent."""

    def to_json(self) -> dict[str, Any]:
        """Return the object of ``--json``."""
        return asdict(self)


def explain_problem(folder: Path, wanted: str) -> Explanation:
    """Collect the records of a problem, by its id or the end of it (``find_problem``).

    Raises:
        BuildFolderError: The folder is not a finished build.
        InputError: No problem, or more than one, has that id.
    """
    if not (folder / "manifest.json").is_file():
        raise BuildFolderError.unfinished(folder)
    try:
        ledger = read_ledger(folder)
        problem_id = find_problem(ledger, wanted)
        findings = [row for row in read_json_lines(folder / "findings.jsonl") if row["problem_id"] == problem_id]
        row = _find_problem_row(folder, ledger[problem_id])
        return Explanation(ledger[problem_id], findings, row, _find_survivors(folder, row))
    except KeyError as error:
        raise BuildFolderError(f"a file in {folder} has a line without {error}: build again") from error


def read_ledger(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the lines of the ledger by problem id. Raises BuildFolderError, or KeyError for a line without an id."""
    return {row["problem_id"]: row for row in read_json_lines(folder / "ledger.jsonl")}


def _find_problem_row(folder: Path, ledger: dict[str, Any]) -> dict[str, Any] | None:
    name = ledger["released_in"] if ledger["released_in"] in SPLITS else "review"
    if ledger["outcome"] == "dropped":
        return None
    rows = read_json_lines(folder / f"{name}.jsonl")
    return next((row for row in rows if row["problem_id"] == ledger["problem_id"]), None)


def _find_survivors(folder: Path, row: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the mutants that pass, unless the build was made again since they were measured."""
    path = folder / STRENGTH_FILE
    strength = (row or {}).get("test_strength")
    if row is None or strength is None or not path.is_file():
        return []
    measured = [line for line in read_json_lines(path) if line["problem_id"] == row["problem_id"]]
    survivors = [survivor for line in measured if line["test_strength"] == strength for survivor in line["survivors"]]
    return [survivor for survivor in survivors if not survivor["equivalent"]]
