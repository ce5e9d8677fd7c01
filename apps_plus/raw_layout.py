"""Recognise folders and files of raw APPS by their names, and explain why a folder is not raw APPS."""

from __future__ import annotations

import re
from pathlib import Path

from apps_plus.errors import RawDataError
from apps_plus.storage import SPLITS

LAYOUT = "<split>/<NNNN>/question.txt, or train.jsonl and test.jsonl (or .parquet)"
ROW_SUFFIX = re.compile(r"\.(jsonl|json|jsonl\.gz|json\.gz|parquet)$", re.IGNORECASE)
_SHARD = re.compile(r"-\d+-of-\d+$")  # a shard on the hub: train-00000-of-00002.parquet


def stem(path: Path) -> str:
    """Strip suffix and shard number: ``train`` for train.jsonl.gz and train-00000-of-00002.parquet."""
    return _SHARD.sub("", ROW_SUFFIX.sub("", path.name)).lower()


def entries(path: Path) -> list[Path]:
    """List a folder, sorted, without hidden entries. Raises RawDataError where it cannot be read."""
    try:
        return sorted(p for p in path.iterdir() if not p.name.startswith("."))
    except OSError as error:
        raise RawDataError(f"cannot read {path}: {error.strerror}: give a folder that you may read") from error


def row_files(path: Path) -> list[Path]:
    """List the files of rows in a folder that are named after a split. Raises RawDataError as ``entries``."""
    return [p for p in entries(path) if ROW_SUFFIX.search(p.name) and stem(p) in ("train", "test") and p.is_file()]


def holds_problem_files(path: Path) -> bool:
    """Return whether a folder has a file that only problems of APPS have."""
    return any((path / name).is_file() for name in ("question.txt", "input_output.json", "solutions.json"))


def no_problems(path: Path) -> str:
    """Explain why a folder is not raw APPS: its contents, and the folder to give instead, or the expected layout."""
    if (path / "ledger.jsonl").is_file() or (path / ".build").is_dir():
        return f"no problems in {path}: it is a build, not raw APPS: give the raw data of the build"
    if holds_problem_files(path):
        split = path.resolve().parent
        whole = split.parent if split.name in SPLITS else split
        return f"no problems in {path}: it is a single problem: give the folder of all problems, {whole}"
    nearby = next((p for p in entries(path)[:_SEARCHED] if p.is_dir() and _looks_raw(p)), None)
    advice = f"give {nearby}" if nearby else f"expected {LAYOUT}"
    return f"no problems in {path}, which holds {_inventory(path)}: {advice}"


_SEARCHED = 100
"""Entries of a folder that are searched for raw APPS at most."""


def _looks_raw(path: Path) -> bool:
    try:
        folders = [p for p in entries(path)[:_SEARCHED] if p.is_dir()]
        nested = [q for p in folders if p.name in SPLITS for q in entries(p)[:_SEARCHED]]
        return bool(row_files(path)) or any(map(holds_problem_files, [*folders, *nested]))
    except (RawDataError, OSError):  # unreadable: do not suggest it
        return False


def _inventory(path: Path) -> str:
    """Summarise the contents of a folder: ``2 files (a.txt, b.csv) and 1 folder (c)``."""
    found = entries(path)
    folders = [p.name for p in found if p.is_dir()]
    files = [p.name for p in found if p.name not in set(folders)]
    parts = [
        f"{len(names):,} {kind}{'s' if len(names) > 1 else ''} ({_first(names)})"
        for kind, names in (("file", files), ("folder", folders))
        if names
    ]
    return " and ".join(parts) or "nothing"


def _first(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
