"""Read the journal of a build: the problems that it verified, with the results of their solutions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apps_plus.errors import BuildFolderError
from apps_plus.storage import numbered_rows


def verified_journal(build: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the key and the value of each verified problem; a last line that was cut short is skipped.

    Raises BuildFolderError where there is no journal, or a line is no verified problem.
    """
    path = build / ".build" / "verified.jsonl"
    if not path.is_file():
        raise BuildFolderError(f"{build} is no folder of a build: it has no .build/verified.jsonl")
    for number, line in numbered_rows(path, torn_tail_ok=True):
        if not _is_verified(line):
            raise BuildFolderError(f"{path}:{number}: not a verified problem: remove the line, or build again")
        yield line["key"], line["value"]


def _is_verified(line: dict[str, Any]) -> bool:
    value = line.get("value")
    if not isinstance(line.get("key"), str) or not isinstance(value, dict):
        return False
    solutions = value.get("solutions")
    return isinstance(value.get("problem_id"), str) and isinstance(solutions, list) and all(map(_is_result, solutions))


def _is_result(solution: Any) -> bool:
    return isinstance(solution, dict) and isinstance(solution.get("index"), int) and "same_as" in solution
