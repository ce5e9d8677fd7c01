"""What folders of raw APPS look like from outside, and what to say of one that is none."""

from __future__ import annotations

import re
from pathlib import Path

from apps_plus.errors import RawDataError
from apps_plus.storage import SPLITS

LAYOUT = "<split>/<NNNN>/question.txt, or train.jsonl and test.jsonl (or .parquet)"
ROW_SUFFIX = re.compile(r"\.(jsonl|json|jsonl\.gz|json\.gz|parquet)$", re.IGNORECASE)
_SHARD = re.compile(r"-\d+-of-\d+$")  # the hub's name for a part: train-00000-of-00002.parquet


def stem(path: Path) -> str:
    """``train`` for train.jsonl, train.jsonl.gz and train-00000-of-00002.parquet."""
    return _SHARD.sub("", ROW_SUFFIX.sub("", path.name)).lower()


def entries(path: Path) -> list[Path]:
    """What a folder holds, in order, without what is hidden. Raises RawDataError where it cannot be read."""
    try:
        return sorted(p for p in path.iterdir() if not p.name.startswith("."))
    except OSError as error:
        raise RawDataError(f"cannot read {path}: {error.strerror}: give a folder that you may read") from error


def row_files(path: Path) -> list[Path]:
    """The files of rows in a folder that are named after a split of raw APPS. Raises RawDataError as ``entries``."""
    return [p for p in entries(path) if ROW_SUFFIX.search(p.name) and stem(p) in ("train", "test") and p.is_file()]


def holds_problem_files(path: Path) -> bool:
    """Whether a folder holds what only a problem of APPS has: without one such folder, numbers are only numbers."""
    return any((path / name).is_file() for name in ("question.txt", "input_output.json", "solutions.json"))


def no_problems(path: Path) -> str:
    """Why a folder is not raw APPS: what lies in it, what was expected, and which other folder to give, if any."""
    if (path / "ledger.jsonl").is_file() or (path / ".build").is_dir():
        return f"no problems in {path}: it is the folder of a build, not raw APPS: give what the build was made from"
    if holds_problem_files(path):
        split = path.resolve().parent
        whole = split.parent if split.name in SPLITS else split
        return f"no problems in {path}: it is one problem itself: give the folder that holds them all, {whole}"
    nearby = next((p for p in entries(path)[:_LOOKED_AT] if p.is_dir() and _looks_raw(p)), None)
    advice = f"give {nearby}" if nearby else f"expected {LAYOUT}"
    return f"no problems in {path}, which holds {_inventory(path)}: {advice}"


_LOOKED_AT = 100
"""Folders that are looked into for the raw APPS that somebody may have meant."""


def _looks_raw(path: Path) -> bool:
    try:
        folders = [p for p in entries(path)[:_LOOKED_AT] if p.is_dir()]
        nested = [q for p in folders if p.name in SPLITS for q in entries(p)[:_LOOKED_AT]]
        return bool(row_files(path)) or any(map(holds_problem_files, [*folders, *nested]))
    except (RawDataError, OSError):  # it may not be read, and is not what was given
        return False


def _inventory(path: Path) -> str:
    """What a folder holds, in a few words: ``2 files (a.txt, b.csv) and 1 folder (c)``."""
    there = entries(path)
    folders = [p.name for p in there if p.is_dir()]
    files = [p.name for p in there if p.name not in set(folders)]
    told = [
        f"{len(names):,} {kind}{'s' if len(names) > 1 else ''} ({_first(names)})"
        for kind, names in (("file", files), ("folder", folders))
        if names
    ]
    return " and ".join(told) or "nothing"


def _first(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
