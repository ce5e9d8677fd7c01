"""Collect what a build recorded about one problem: its ledger line, its findings, its statement."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from apps_plus.errors import BuildFolderError
from apps_plus.problem_ids import find_problem
from apps_plus.storage import SPLITS, read_json_lines


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that a build recorded about one problem."""

    ledger: dict[str, Any]
    findings: list[dict[str, Any]]
    """Lines of findings.jsonl, in the order of the stages."""
    problem: dict[str, Any] | None
    """The released row, or the review item; None for a dropped problem."""

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
        raise BuildFolderError(f"{folder} is not a whole build: make or finish it with apps-plus build --out {folder}")
    try:
        ledger = read_ledger(folder)
        problem_id = find_problem(ledger, wanted)
        findings = [row for row in read_json_lines(folder / "findings.jsonl") if row["problem_id"] == problem_id]
        return Explanation(ledger[problem_id], findings, _find_problem_row(folder, ledger[problem_id]))
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
