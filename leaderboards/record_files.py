"""Read result records from files and folders. Report invalid files; load the valid ones."""

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

RunKey = tuple[str, BoardKey, str]
"""Identity of an evaluated run: hash of the samples, board, model id. Two records of one run are duplicates."""


@dataclass(frozen=True, slots=True)
class LoadedRecords:
    """The valid records, and a message for each invalid file."""

    records: tuple[Record, ...]
    paths: dict[str, Path]
    """File of each record, by record id."""
    faults: tuple[str, ...]
    """One line per invalid file: which file, what is wrong, what to do."""


def shipped_records() -> Path:
    """Return the folder of the records that come with apps-plus."""
    return Path(__file__).parent / "results"


def load(paths: Sequence[Path] = ()) -> LoadedRecords:
    """Read records.

    Args:
        paths: Files, and folders whose ``*.json`` are read recursively; empty: the shipped_records records.

    Raises:
        InputError: A path does not exist, or no file is a valid record.
    """
    records: dict[str, Record] = {}
    paths_by_id: dict[str, Path] = {}
    runs: dict[RunKey, Path] = {}
    faults = []
    for path in record_files(paths or [shipped_records()]):
        try:
            record = read_record(path)
            _refuse_duplicate(record, path, paths_by_id, runs)
        except InputError as error:
            faults.append(str(error))
            continue
        records[record.id], paths_by_id[record.id] = record, path
        if (run := run_key(record)) is not None:
            runs[run] = path
    if not records:
        raise InputError(_no_records(paths, faults))
    return LoadedRecords(tuple(records.values()), paths_by_id, tuple(faults))


def record_files(paths: Iterable[Path]) -> list[Path]:
    """List the files and the ``*.json`` of the folders, each file once, those of a folder sorted by name.

    Raises InputError where a path does not exist, or a folder cannot be read.
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
    """List the ``*.json`` of a folder recursively. Unlike ``rglob`` this fails at a folder that cannot be read."""

    def refuse(error: OSError) -> None:
        raise InputError(f"cannot read the folder {error.filename}: {error.strerror}") from error

    for parent, _, names in os.walk(folder, onerror=refuse):
        found = (Path(parent, name) for name in names if name.endswith(".json"))
        yield from (path for path in found if path.is_file())


def run_key(record: Record) -> RunKey | None:
    """Return the key of a record's run; None if the record names no samples file."""
    return (record.samples.sha256, BoardKey.of(record), record.model.id) if record.samples else None


def _refuse_duplicate(record: Record, path: Path, paths_by_id: dict[str, Path], runs: dict[RunKey, Path]) -> None:
    if record.id in paths_by_id:
        raise InputError(f"{path}: its id {record.id} is that of {paths_by_id[record.id]}: remove one, or change an id")
    run = run_key(record)
    if run is not None and run in runs:
        raise InputError(f"{path}: the same samples of {record.model.id} as in {runs[run]}: keep one of the two")


def _refuse_inconsistent(record: Record, path: Path) -> None:
    wrong = [finding.text for finding in check([record]) if not finding.is_note]
    if wrong:
        raise InputError(f"{path}: its numbers are inconsistent: {wrong[0]}")


def _no_records(paths: Sequence[Path], faults: Sequence[str]) -> str:
    if not faults:
        folders = ", ".join(map(str, paths)) or shipped_records()
        return f"{folders}: no *.json there: make records with apps-plus evaluate --record"
    more = f" (and {len(faults) - 1:,} more files like it)" if len(faults) > 1 else ""
    return faults[0] + more


def find_record(loaded: LoadedRecords, record_id: str) -> Record:
    """Return the record with that id. Raises InputError where there is none, with similar ids."""
    ids = {record.id: record for record in loaded.records}
    if record_id not in ids:
        close = difflib.get_close_matches(record_id, ids, n=5, cutoff=0.4) or [i for i in ids if record_id in i][:5]
        hint = f"did you mean {', '.join(close)}?" if close else f"there are {len(ids):,}, such as {next(iter(ids))}"
        if len(os.fsencode(record_id)) <= 120 and Path(f"{record_id}.json").is_file():  # an id is no longer
            hint = f"did you mean {record_id}.json?"
        raise InputError(f"{record_id} is neither a file nor the id of a record: {hint}")
    return ids[record_id]


def add(sources: Iterable[Path], folder: Path) -> list[Path]:
    """Copy records into a folder, as ``<id>.json``, byte for byte; all of them, or none.

    Raises:
        InputError: A file is not a valid record, its numbers are inconsistent, or the folder has its id or run already.
        OutputError: They cannot be written.
    """
    paths = record_files(sources)
    existing = load([folder]) if folder.exists() and record_files([folder]) else LoadedRecords((), {}, ())
    paths_by_id = dict(existing.paths)
    runs = {run: existing.paths[record.id] for record in existing.records if (run := run_key(record))}
    new: dict[Path, str] = {}
    for path in paths:
        text = read_text(path)  # once: it may be a pipe
        record = parse_record(text, str(path))
        _refuse_duplicate(record, path, paths_by_id, runs)
        _refuse_inconsistent(record, path)
        target = folder / f"{record.id}.json"
        if target.exists():
            raise InputError(f"{target} exists and is not a valid record: remove it")
        paths_by_id[record.id] = path
        if (run := run_key(record)) is not None:
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
