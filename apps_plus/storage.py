"""Read and write the files of a build so that a crash never leaves a partial file.

A file is written to a temporary file, which is then renamed. A full disk is an ``OutputError``, after which the same
command can run again. See ``apps_plus.journal`` for the progress of a run.
"""

from __future__ import annotations

import errno
import fcntl
import io
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from apps_plus.errors import BuildFolderError, BusyError, OutputError
from apps_plus.problem import MEASURED_COLUMNS, Dataset, Problem, dump_json, load_json

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

SPLITS = ("train", "validation", "test")

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


# ---- messages


def output_error(path: Path, error: OSError) -> OutputError:
    """Return the error for a ``path`` that cannot be written, with the reason and what to do."""
    if error.errno in _FULL:
        advice = "free some space and run the same command again"
    elif error.errno in _FORBIDDEN:
        advice = "choose a path where you may write, or change its permissions"
    else:
        advice = "check the path and the disk, then run the same command again"
    return OutputError(f"cannot write {path}: {error.strerror or error}: {advice}")


def look_at(path: Path) -> os.stat_result | None:
    """Return the status of the file or folder at ``path``; None if there is none.

    Raises OSError if the status cannot be read, as in a folder without search permission, where ``Path.exists``
    returns False since Python 3.14.
    """
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def json_fault(error: Exception) -> str:
    """Say why a line is not JSON. (Without ``json``'s line number, which is always 1 for a single line.)"""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at column {error.colno}"
    return "nested too deep" if isinstance(error, RecursionError) else str(error)


# ---- whole files


@contextmanager
def write_atomically(path: Path) -> Iterator[TextIO]:
    """Open a text file that replaces ``path`` when the block ends; after an error the old file is unchanged.

    UTF-8, line ends as written. Half of a surrogate pair is written as its JSON escape, which JSON reads back.

    Raises:
        OutputError: The file cannot be written.
        BusyError: Another process is writing it.
    """
    with _replacement(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="\n")
        yield text
        text.flush()


def write_json_lines(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write one JSON object per line, atomically; return their number. Raises as ``write_atomically``."""
    count = 0
    with write_atomically(path) as file:
        for row in rows:
            file.write(dump_json(row) + "\n")
            count += 1
    return count


def read_json_lines(path: Path, torn_tail_ok: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON-lines file; blank lines are skipped.

    With ``torn_tail_ok`` a last line that a crash cut short is skipped, too.

    Raises:
        BuildFolderError: The file cannot be read, or a line is not a JSON object; names the file and the line.
    """
    for _, row in numbered_rows(path, torn_tail_ok):
        yield row


def write_parquet(path: Path, rows: Iterable[dict[str, Any]], batch: int = 100) -> int:
    """Write rows of ``Problem.to_row`` as parquet, atomically, ``batch`` rows per row group; return their number.

    The types do not depend on the values. All rows have the same columns, those of a measurement or not. The same rows
    give the same bytes. Raises as ``write_atomically``.
    """
    remaining = iter(rows)
    first = list(islice(remaining, 1))
    schema = parquet_schema(first[0] if first else MEASURED_COLUMNS)
    return write_table(path, (encodable_row(row) for row in chain(first, remaining)), schema, batch)


def write_table(path: Path, rows: Iterable[dict[str, Any]], schema: Any, batch: int = 100) -> int:
    """Write rows with the types of an Arrow schema as parquet; else as ``write_parquet``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    remaining = iter(rows)
    count = 0
    with _replacement(path) as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while group := list(islice(remaining, batch)):
            writer.write_batch(pa.RecordBatch.from_pylist(group, schema=schema))
            count += len(group)
    return count


def require_build(folder: Path) -> None:
    """Raise BuildFolderError if a folder has no manifest, which a build writes last."""
    if not (folder / "manifest.json").is_file():
        raise BuildFolderError(
            f"{folder} is not a build: no manifest.json; make one with apps-plus build RAW --out {folder}"
        )


def load(folder: Path) -> Dataset:
    """Load the released problems of a build, by split.

    Raises:
        BuildFolderError: The folder is not a finished build, or holds a row that is not a problem.
    """
    require_build(folder)
    return Dataset(
        **{split: list(_problems(folder / f"{split}.jsonl")) for split in SPLITS if has_split(folder, split)}
    )


def has_split(folder: Path, split: str) -> bool:
    """Return whether a split has problems, and so files: many readers refuse an empty one.

    Raises:
        BuildFolderError: The files are not there, and the manifest, which would name them, cannot be read.
    """
    name = f"{split}.jsonl"
    if (folder / name).exists():
        return True
    manifest = folder / "manifest.json"
    try:
        files = load_json(manifest.read_text(encoding="utf-8")).get("files", {name: ""})
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise BuildFolderError(f"cannot read {manifest}: {json_fault(error)}: build again") from error
    return name in files


def _problems(path: Path) -> Iterator[Problem]:
    for number, row in numbered_rows(path):
        try:
            yield Problem.from_row(row)
        except (KeyError, ValueError, TypeError, RecursionError) as error:
            raise BuildFolderError(
                f"{path}:{number}: not a problem of APPS+ ({type(error).__name__}: {error}): build again"
            ) from error


def numbered_rows(path: Path, torn_tail_ok: bool = False) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of ``read_json_lines`` with their line numbers, from 1."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                try:
                    row = json_object(line)
                except (ValueError, RecursionError) as error:
                    # A last line without "\n" is torn only if it is not an object.
                    if torn_tail_ok and not line.endswith(b"\n"):
                        return
                    raise BuildFolderError(
                        f"{path}:{number}: not a JSON object ({json_fault(error)}): fix or remove the line, "
                        "or make the file again"
                    ) from error
                yield number, row
    except OSError as error:
        raise BuildFolderError(f"cannot read {path}: {error.strerror}: make it again") from error


def json_object(line: bytes) -> dict[str, Any]:
    """Parse a line that holds a JSON object. Raises ValueError or RecursionError where it does not."""
    value = load_json(line.decode())
    if not isinstance(value, dict):
        raise ValueError(f"it is a {type(value).__name__}")
    return value


def parquet_schema(measured: Iterable[str] = MEASURED_COLUMNS) -> Any:
    """Return the Arrow schema of the columns of ``Problem.to_row``, in their order.

    Integers have 64 bits, as readers of the JSON lines infer them.

    Args:
        measured: Names of which those in ``MEASURED_COLUMNS`` are columns, too.
    """
    import pyarrow as pa

    left_out = {*MEASURED_COLUMNS}.difference(measured)
    text = pa.string()
    conditional = pa.struct(
        [(name, pa.int64()) for name in ("start_line", "start_col", "end_line", "end_col")] + [("kind", text)]
    )
    counts = [(name, pa.int64()) for name in ("samples", "passed")]
    solve_rate = pa.struct([("model", text), *counts, *((name, pa.float64()) for name in ("rate", "low", "high"))])
    columns = pa.schema(
        [
            ("problem_id", text),
            ("question", text),
            ("canonical_solution", text),
            ("entry_point", text),
            ("tests", text),
            ("starter_code", text),
            ("conditionals", pa.list_(conditional)),
            ("comparison", text),
            ("difficulty", text),
            ("url", text),
            ("dict_keys", text),
            ("checker", text),
            ("repairs", pa.list_(text)),
            ("outcome", text),
            ("tolerance", pa.float64()),
            ("tolerance_kind", text),
            ("cases", text),
            ("test_strength", pa.float64()),
            *((name, pa.float64()) for name in ("solve_rate", "solve_rate_low", "solve_rate_high")),
            ("solve_rates", pa.list_(solve_rate)),
        ]
    )
    return pa.schema([column for column in columns if column.name not in left_out])


def released_row(row: dict[str, Any], measured: Iterable[str]) -> dict[str, Any]:
    """Return the line of a released file for a row of ``Problem.to_row``.

    A column that was not measured for any problem is left out: readers of JSON lines give a column of nulls no type,
    and some of them lose the values that come later. Half surrogate pairs, which they refuse, are escaped.
    """
    left_out = {*MEASURED_COLUMNS}.difference(measured)
    return encodable_row({name: value for name, value in row.items() if name not in left_out})


def encodable_row(row: dict[str, Any]) -> dict[str, Any]:
    """Escape half surrogate pairs in a row: Arrow and most readers of JSON refuse them."""
    return {name: escape_surrogates(value) if isinstance(value, str) else value for name, value in row.items()}


def escape_surrogates(text: str) -> str:
    """Replace half surrogate pairs, which UTF-8 cannot write, by their JSON escapes."""
    return text.encode(errors="backslashreplace").decode()


# ---- replacing a file


class _Target(io.FileIO):
    """A file being written. A write is complete, or raises OutputError."""

    def __init__(self, descriptor: int, path: Path) -> None:
        super().__init__(descriptor, "wb")
        self._path = path

    def write(self, data: ReadableBuffer, /) -> int:
        view = memoryview(data).cast("B")
        done = 0
        try:
            while done < len(view):  # a full disk accepts a part of a write before it refuses the next
                done += super().write(view[done:])
        except OSError as error:
            raise output_error(self._path, error) from error
        return done


@contextmanager
def _replacement(path: Path) -> Iterator[_Target]:
    """Open a temporary binary file that replaces ``path`` when the block ends without an error.

    Its name is fixed, so that the next run reuses the file of a killed run; a lock excludes other processes.
    """
    owner = os.getpid()
    try:
        target = path.resolve()  # follow a symbolic link: replace the file, not the link
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and not target.is_file():  # /dev/stdout must not become a file
            raise OutputError(f"cannot write {path}: it is not a regular file: choose another path")
        temporary = target.with_name(f".{target.name}.tmp")
        file = _Target(_open_locked(temporary), path)
        file.truncate(0)
    except BlockingIOError:
        raise BusyError(f"another process is writing {path}: wait for it or choose another path") from None
    except (OSError, RuntimeError) as error:  # RuntimeError: symbolic links in a loop
        raise output_error(path, OSError(*error.args)) from error
    try:
        yield file
        _put_in_place(file, temporary, target, path)
    except BaseException:
        if os.getpid() == owner:  # a forked child that leaves the block must not take the file from its parent
            with suppress(OSError):
                temporary.unlink()
        raise
    finally:
        file.close()


def _put_in_place(file: _Target, temporary: Path, target: Path, path: Path) -> None:
    try:
        os.fsync(file.fileno())
        temporary.replace(target)
    except OSError as error:
        raise output_error(path, error) from error
    with suppress(OSError):  # some file systems cannot sync a folder
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


# ---- one process at a time


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on the file ``path``, which is created and contains the process id.

    The lock ends with the block, which also removes the file, or with the process, however it ends.

    Raises:
        BusyError: Another process holds the lock.
        OutputError: The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _open_locked(path)
    except BlockingIOError:
        raise BusyError(
            f"another run is using {path.parent} ({_holder(path)}): wait for it or choose another --out"
        ) from None
    except OSError as error:
        raise output_error(path, error) from error
    _held_locks.add(descriptor)
    try:
        _write_holder(descriptor, path)
        yield
    finally:
        if descriptor in _held_locks:  # a forked child does not hold the lock
            _held_locks.remove(descriptor)
            with suppress(OSError):
                path.unlink()  # before the lock is released: afterwards the file may be the next holder's
            os.close(descriptor)


def _open_locked(path: Path) -> int:
    """Open ``path`` and lock it. Raises BlockingIOError where another process holds the lock."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The last holder may have renamed or removed the file between these two calls: then open it again.
            if _is_at(descriptor, path):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _write_holder(descriptor: int, path: Path) -> None:
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        raise output_error(path, error) from error


def _holder(path: Path) -> str:
    try:
        return f"process {int(path.read_text())}"
    except (OSError, ValueError):  # the id is not written yet, or the file was just removed
        return "a process that has just started"


_held_locks: set[int] = set()


def _forget_locks() -> None:
    """Close the locks in a forked child: a worker that outlives its parent must not keep the parent's lock."""
    while _held_locks:
        os.close(_held_locks.pop())


os.register_at_fork(after_in_child=_forget_locks)
