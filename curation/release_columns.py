"""Add columns to the released problems of a finished build: what was measured of them afterwards.

The new files are written beside the old ones first, and then renamed one after another, the manifest last: a build that
is interrupted in between still loads, and the same command completes it.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from apps_plus.errors import BuildFolderError
from apps_plus.problem import Problem, dump_json, load_json
from apps_plus.storage import (
    SPLITS,
    has_split,
    numbered_rows,
    output_error,
    read_json_lines,
    released_row,
    write_atomically,
    write_json_lines,
    write_parquet,
)
from curation.pipeline.card import write_card
from curation.pipeline.publish import file_digest
from curation.stats import read_counts

STAGING_FOLDER = "columns"
"""In ``.build``: the new files, until all of them are complete."""
Columns = Mapping[str, Mapping[str, Any]]
"""Values by name of the column, then by problem id. A problem without one gets None."""


def add_columns(out: Path, columns: Columns, counts: Mapping[str, Any]) -> dict[str, Any]:
    """Write columns into the released files of a build, and counts into its manifest and card; return the manifest.

    Existing columns of these names are replaced. The caller holds the lock of the folder (``take_locks``).

    Args:
        out: The folder of the build.
        columns: Columns of ``Problem.to_row``.
        counts: Entries of ``counts`` in the manifest.

    Raises:
        BuildFolderError: The folder is not a finished build, or a line is not a problem.
        OutputError: The folder or disk cannot be written; the old files then stand.
    """
    manifest = read_manifest(out)
    staging = out / ".build" / STAGING_FOLDER
    try:
        shutil.rmtree(staging, ignore_errors=True)  # of an interrupted run
        staging.mkdir(parents=True)
        names = list(_stage_problems(out, staging, columns))
        manifest["counts"] = {**manifest["counts"], **counts}
        manifest["files"] = {**manifest.get("files", {}), **{name: file_digest(staging / name) for name in names}}
        write_card(staging / "README.md", manifest)
        with write_atomically(staging / "manifest.json") as file:
            file.write(dump_json(manifest) + "\n")
        _put_in_place(staging, out, [*names, "README.md", "manifest.json"])
    except OSError as error:
        raise output_error(out, error) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return manifest


def read_manifest(out: Path) -> dict[str, Any]:
    """Read the manifest of a finished build. Raises BuildFolderError."""
    read_counts(out)  # with the better messages
    manifest: dict[str, Any] = load_json((out / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def _stage_problems(out: Path, staging: Path, columns: Columns) -> Iterator[str]:
    """Write the released files with the new columns; yield their names."""
    splits = [split for split in SPLITS if has_split(out, split)]
    for split in splits:
        name = f"{split}.jsonl"
        write_json_lines(staging / name, _rows(out / name, columns))
        yield name
    for split in splits:
        name = f"{split}.parquet"
        write_parquet(staging / name, read_json_lines(staging / f"{split}.jsonl"))
        yield name


def _rows(path: Path, columns: Columns) -> Iterator[dict[str, Any]]:
    """Yield the rows of a released file with the new columns, and those that an earlier version did not write."""
    for number, row in numbered_rows(path):
        try:
            whole = Problem.from_row(row).to_row()
        except (KeyError, ValueError, TypeError, RecursionError) as error:
            raise BuildFolderError(
                f"{path}:{number}: not a problem of APPS+ ({type(error).__name__}: {error}): build again"
            ) from error
        new = {name: values.get(row["problem_id"]) for name, values in columns.items()}
        complete = {**released_row(whole, ()), **row, **new}
        yield {name: complete[name] for name in dict.fromkeys((*whole, *complete)) if name in complete}


def _put_in_place(staging: Path, out: Path, names: list[str]) -> None:
    """Rename the new files over the old ones; Ctrl-C waits until all are renamed."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        for name in names:
            (staging / name).replace(out / name)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
