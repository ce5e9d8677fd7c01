"""The files of a build, safe against crashes: each is whole or absent, and what a killed run finished is kept.

A file is written beside its place and renamed into it. A run's progress is a ``Journal``, which survives ``kill -9`` at
any byte. A full disk is one clear ``OutputError``, after which the same command can run again.
"""

from __future__ import annotations

import errno
import fcntl
import io
import json
import os
import time
from collections.abc import Iterable, Iterator, KeysView
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from apps_plus.errors import BuildFolderError, BusyError, OutputError
from apps_plus.problem import Dataset, Problem, dump_json, load_json

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

SPLITS = ("train", "validation", "test")

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_SYNC_EVERY = 1.0


# ---- what to say


def output_error(path: Path, error: OSError) -> OutputError:
    """What a person is told when ``path`` cannot be written: what, why, and what to do."""
    if error.errno in _FULL:
        advice = "free some space and run the same command again"
    elif error.errno in _FORBIDDEN:
        advice = "choose a place where you may write, or change its permissions"
    else:
        advice = "check the path and the disk, then run the same command again"
    return OutputError(f"cannot write {path}: {error.strerror or error}: {advice}")


def json_fault(error: Exception) -> str:
    """Why a line is not JSON, in a few words. (The line that ``json`` counts is always 1: it saw one line.)"""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at column {error.colno}"
    return "nested too deep" if isinstance(error, RecursionError) else str(error)


# ---- whole files


@contextmanager
def write_atomically(path: Path) -> Iterator[TextIO]:
    """A text file that takes ``path``'s place when the block ends; after an error the old file stands as it was.

    UTF-8, line ends as written. Half of a surrogate pair is written as its JSON escape, which JSON reads back.

    Raises:
        OutputError: the file cannot be written.
        BusyError: another process is writing it.
    """
    with _replacement(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="\n")
        yield text
        text.flush()


def write_json_lines(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write one JSON object a line, atomically, and say how many. Raises what ``write_atomically`` does."""
    count = 0
    with write_atomically(path) as file:
        for row in rows:
            file.write(dump_json(row) + "\n")
            count += 1
    return count


def read_json_lines(path: Path, torn_tail_ok: bool = False) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-lines file, one at a time; blank lines are passed over.

    With ``torn_tail_ok`` a last line that a crash cut short is left out.

    Raises:
        BuildFolderError: the file cannot be read, or a line is not a JSON object; names the file and the line.
    """
    for _, row in numbered_rows(path, torn_tail_ok):
        yield row


def write_parquet(path: Path, rows: Iterable[dict[str, Any]], batch: int = 100) -> int:
    """Write rows of ``Problem.to_row`` as parquet, atomically, ``batch`` rows a row group, and say how many.

    The schema is fixed, so that an empty split has the columns of a full one; the same rows give the same bytes.
    Raises what ``write_atomically`` does.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _parquet_schema()
    remaining = iter(rows)
    count = 0
    with _replacement(path) as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while group := [_encodable(row) for row in islice(remaining, batch)]:
            writer.write_batch(pa.RecordBatch.from_pylist(group, schema=schema))
            count += len(group)
    return count


def load(folder: Path) -> Dataset:
    """Read a build back: its released problems by split.

    Raises:
        BuildFolderError: it is not a build, has not finished, or holds a row that is not a problem.
    """
    if not (folder / "manifest.json").is_file():
        raise BuildFolderError(
            f"{folder} is not a build: no manifest.json; make one with apps-plus build RAW --out {folder}"
        )
    return Dataset(**{split: list(_problems(folder / f"{split}.jsonl")) for split in SPLITS})


def _problems(path: Path) -> Iterator[Problem]:
    for number, row in numbered_rows(path):
        try:
            yield Problem.from_row(row)
        except (KeyError, ValueError, TypeError, RecursionError) as error:
            raise BuildFolderError(
                f"{path}:{number}: not a problem of APPS+ ({type(error).__name__}: {error}): build again"
            ) from error


def numbered_rows(path: Path, torn_tail_ok: bool = False) -> Iterator[tuple[int, dict[str, Any]]]:
    """What ``read_json_lines`` gives, each with the number of its line, from 1."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                try:
                    row = _object(line)
                except (ValueError, RecursionError) as error:
                    # A last line without its "\n" that reads as an object is whole: only what does not is torn.
                    if torn_tail_ok and not line.endswith(b"\n"):
                        return
                    raise BuildFolderError(
                        f"{path}:{number}: not a JSON object ({json_fault(error)}): fix or remove the line, "
                        "or make the file again"
                    ) from error
                yield number, row
    except OSError as error:
        raise BuildFolderError(f"cannot read {path}: {error.strerror}: make it again") from error


def _object(line: bytes) -> dict[str, Any]:
    value = load_json(line.decode())
    if not isinstance(value, dict):
        raise ValueError(f"it is a {type(value).__name__}")
    return value


def _parquet_schema() -> Any:
    """Arrow's types for the columns of ``Problem.to_row``, in their order."""
    import pyarrow as pa

    text = pa.string()
    conditional = pa.struct(
        [(name, pa.int32()) for name in ("start_line", "start_col", "end_line", "end_col")] + [("kind", text)]
    )
    return pa.schema(
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
        ]
    )


def _encodable(row: dict[str, Any]) -> dict[str, Any]:
    """The row with half surrogate pairs as JSON escapes, as in the JSON lines: Arrow refuses them."""
    return {name: _escaped(value) if isinstance(value, str) else value for name, value in row.items()}


def _escaped(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()


# ---- replacing a file


class _Target(io.FileIO):
    """A file being written. A write is whole or an OutputError, so that no other trouble is taken for a full disk."""

    def __init__(self, descriptor: int, path: Path) -> None:
        super().__init__(descriptor, "wb")
        self._path = path

    def write(self, data: ReadableBuffer, /) -> int:
        view = memoryview(data).cast("B")
        done = 0
        try:
            while done < len(view):  # a disk that fills up takes part of a write before it refuses one
                done += super().write(view[done:])
        except OSError as error:
            raise output_error(self._path, error) from error
        return done


@contextmanager
def _replacement(path: Path) -> Iterator[_Target]:
    """A binary file beside ``path`` that takes its place when the block ends without an error.

    Its name is always the same, so that the next run takes over what a killed one left; a lock keeps two runs apart.
    """
    owner = os.getpid()
    try:
        target = path.resolve()  # through a symbolic link: the file is replaced, not the link
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
    with suppress(OSError):  # some file systems refuse it for a folder; the file is whole all the same
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


# ---- one process at a time


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold ``path`` (made where it is missing) as this process's own; the file says which process that is.

    The lock ends with the block, which also removes the file, and with the process, however it dies.

    Raises:
        BusyError: another process holds it.
        OutputError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _open_locked(path)
    except BlockingIOError:
        raise BusyError(
            f"another run is at work in {path.parent} ({_holder(path)}): wait for it or choose another --out"
        ) from None
    except OSError as error:
        raise output_error(path, error) from error
    _held_locks.add(descriptor)
    try:
        _write_holder(descriptor, path)
        yield
    finally:
        if descriptor in _held_locks:  # a forked child that leaves the block holds nothing
            _held_locks.remove(descriptor)
            with suppress(OSError):
                path.unlink()  # before it is let go: after that it may be the next holder's
            os.close(descriptor)


def _open_locked(path: Path) -> int:
    """Open ``path`` and take its lock. Raises BlockingIOError where another process has it."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Its last holder may have renamed or removed the file between those two lines: then this is another file.
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
    except (OSError, ValueError):  # it has not said so yet, or has just gone
        return "a process that has just started"


_held_locks: set[int] = set()


def _forget_locks() -> None:
    """In a forked child: a worker that outlives its parent must not keep the parent's lock."""
    while _held_locks:
        os.close(_held_locks.pop())


os.register_at_fork(after_in_child=_forget_locks)


# ---- progress


class Journal:
    """A map from keys to JSON objects that only grows, in a file of JSON lines; the last entry of a key counts.

    It survives the death of the process at any byte: opening cuts off a torn last line. A line that cannot be read is
    passed over: its key is unknown, and its work is done again. Memory holds the keys, not the values.
    One process uses it at a time (see ``lock``).
    """

    def __init__(self, path: Path) -> None:
        """Open ``path``, or make it. Raises OutputError."""
        self.path = path
        self._index: dict[str, tuple[int, int]] = {}
        self._end = 0
        self._synced = time.monotonic()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("r+b" if path.exists() else "w+b", buffering=0)
            self._scan()
            self._file.truncate(self._end)
        except OSError as error:
            raise output_error(path, error) from error

    def append(self, key: str, value: dict[str, Any]) -> None:
        """Add an entry: it is in the file when this returns. Raises OutputError; the journal then stands as before."""
        line = _escaped(dump_json({"key": key, "value": value}) + "\n").encode()
        try:
            done = 0
            while done < len(line):
                done += os.pwrite(self._file.fileno(), line[done:], self._end + done)
        except BaseException as error:  # an interrupt may leave half a line, as a full disk does
            with suppress(OSError):  # what stays is overwritten by the next entry, or cut off at the next opening
                self._file.truncate(self._end)
            if isinstance(error, OSError):
                raise output_error(self.path, error) from error
            raise
        start = self._end
        self._end += len(line)  # first: an interrupt between the two may lose this entry, never mix two
        self._index[key] = (start, len(line))
        if time.monotonic() - self._synced >= _SYNC_EVERY:
            self._sync()

    def __contains__(self, key: object) -> bool:
        return key in self._index

    def __len__(self) -> int:
        return len(self._index)

    def __getitem__(self, key: str) -> dict[str, Any]:
        offset, length = self._index[key]
        value: dict[str, Any] = _object(os.pread(self._file.fileno(), length, offset))["value"]
        return value

    def keys(self) -> KeysView[str]:
        """Every key, in the order of first entry."""
        return self._index.keys()

    def close(self) -> None:
        """Bring everything to the disk and close; closing again does nothing. Raises OutputError."""
        if self._file.closed:
            return
        try:
            self._sync()
        finally:
            self._file.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _scan(self) -> None:
        with self.path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    return  # torn: the caller cuts it off
                key = _entry_key(line)
                if key is not None:
                    self._index[key] = (self._end, len(line))
                self._end += len(line)

    def _sync(self) -> None:
        """For the death of the machine, and slow; what is written outlives this process without it."""
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise output_error(self.path, error) from error
        self._synced = time.monotonic()


def _entry_key(line: bytes) -> str | None:
    try:
        entry = _object(line)
    except (ValueError, RecursionError):
        return None
    key = entry.get("key")
    return key if isinstance(key, str) and isinstance(entry.get("value"), dict) else None
