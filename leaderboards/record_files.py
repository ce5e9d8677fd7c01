"""Reads result records from files and folders. What is no good is told, and the rest is there."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from apps_plus.errors import InputError
from apps_plus.storage import output_error, write_atomically
from harness.scoring.result_record import Record
from harness.scoring.result_record_files import parse_record, read_record, read_text
from leaderboards.board import BoardKey
from leaderboards.consistency import check

Run = tuple[str, BoardKey, str]
"""What makes two records ones of the same run: the samples' hash, the board, the model."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Records, and what was wrong with the files that gave none."""

    records: tuple[Record, ...]
    paths: dict[str, Path]
    """Each record's file, by the record's id."""
    faults: tuple[str, ...]
    """A line each: which file, what is wrong, what to do."""


def shipped() -> Path:
    """The folder of the records that come with apps-plus."""
    return Path(__file__).parent / "results"


def load(paths: Sequence[Path] = ()) -> Loaded:
    """Read records.

    Args:
        paths: Files, and folders, whose ``*.json`` are read however deep they are; none: the shipped records.

    Raises:
        InputError: A path does not exist, or there is not one good record.
    """
    records: dict[str, Record] = {}
    places: dict[str, Path] = {}
    runs: dict[Run, Path] = {}
    faults = []
    for path in record_files(paths or [shipped()]):
        try:
            record = read_record(path)
            _refuse_twin(record, path, places, runs)
        except InputError as error:
            faults.append(str(error))
            continue
        records[record.id], places[record.id] = record, path
        if (run := run_of(record)) is not None:
            runs[run] = path
    if not records:
        raise InputError(_nothing(paths, faults))
    return Loaded(tuple(records.values()), places, tuple(faults))


def record_files(paths: Iterable[Path]) -> list[Path]:
    """The files that are meant, each once, those of a folder in order of their names.

    Raises InputError where a path does not exist, or a folder cannot be looked into.
    """
    files: dict[Path, Path] = {}
    for path in paths:
        if not path.exists():
            raise InputError(f"{path} does not exist: give files of records, or folders that hold some")
        members = sorted(_members(path)) if path.is_dir() else [path]
        for member in members:
            files.setdefault(member.resolve(), member)
    return list(files.values())


def _members(folder: Path) -> Iterator[Path]:
    """Its ``*.json``, however deep. Unlike ``rglob`` this does not pass over what it may not read."""

    def refuse(error: OSError) -> None:
        raise InputError(f"cannot look into {error.filename}: {error.strerror}") from error

    for place, _, names in os.walk(folder, onerror=refuse):
        found = (Path(place, name) for name in names if name.endswith(".json"))
        yield from (path for path in found if path.is_file())


def run_of(record: Record) -> Run | None:
    """What two records of one run have in common; None where the record does not name its samples."""
    return (record.samples.sha256, BoardKey.of(record), record.model.id) if record.samples else None


def _refuse_twin(record: Record, path: Path, places: dict[str, Path], runs: dict[Run, Path]) -> None:
    if record.id in places:
        raise InputError(f"{path}: its id {record.id} is that of {places[record.id]}: change one of the two")
    run = run_of(record)
    if run is not None and run in runs:
        raise InputError(f"{path}: the same samples of {record.model.id} as in {runs[run]}: keep one of the two")


def _refuse_wrong(record: Record, path: Path) -> None:
    wrong = [finding.text for finding in check([record]) if not finding.remark]
    if wrong:
        raise InputError(f"{path}: its numbers do not fit: {wrong[0]}")


def _nothing(paths: Sequence[Path], faults: Sequence[str]) -> str:
    if not faults:
        return (
            f"{', '.join(map(str, paths)) or shipped()}: no *.json there: make records with apps-plus evaluate --record"
        )
    more = f" (and {len(faults) - 1:,} more files like it)" if len(faults) > 1 else ""
    return faults[0] + more


def by_id(loaded: Loaded, record_id: str) -> Record:
    """The record of that id. Raises InputError where there is none, with those that are called alike."""
    ids = {record.id: record for record in loaded.records}
    if record_id not in ids:
        like = difflib.get_close_matches(record_id, ids, n=5, cutoff=0.4) or [i for i in ids if record_id in i][:5]
        hint = f"did you mean {', '.join(like)}?" if like else f"there are {len(ids):,}, such as {next(iter(ids))}"
        raise InputError(f"no record is called {record_id}, and no file: {hint}")
    return ids[record_id]


def add(sources: Iterable[Path], folder: Path) -> list[Path]:
    """Copy records into a folder, as ``<id>.json``, byte for byte; all of them, or none.

    Raises:
        InputError: One is no good record, its numbers contradict each other, or its id or run is there already.
        OutputError: They cannot be written.
    """
    paths = record_files(sources)
    there = load([folder]) if folder.exists() and record_files([folder]) else Loaded((), {}, ())
    places = dict(there.paths)
    runs = {run: there.paths[record.id] for record in there.records if (run := run_of(record))}
    new: dict[Path, str] = {}
    for path in paths:
        text = read_text(path)  # once: it may be a pipe
        record = parse_record(text, str(path))
        _refuse_twin(record, path, places, runs)
        _refuse_wrong(record, path)
        target = folder / f"{record.id}.json"
        if target.exists():
            raise InputError(f"{target} is there already, and no good record: remove it")
        places[record.id] = path
        if (run := run_of(record)) is not None:
            runs[run] = path
        new[target] = text
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error
    for target, text in new.items():
        with write_atomically(target) as file:
            file.write(text)
    return list(new)
