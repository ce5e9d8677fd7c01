"""Cache executions, so that the same program does not run twice on the same inputs.

    cache = ExecutionCache(Path("executions.sqlite"))
    with Sandbox(cache=cache) as sandbox:
        ...

The cache is one SQLite file that many threads and processes use at once. It survives ``kill -9``, and may be deleted at
any time: only time is lost. It never fails a run: where it cannot be used any more, the run continues without it and
warns once. Results that a busy or broken machine may have caused (a timeout, a fault of the harness) are not cached.
The file is trusted: a person who can write it can change results.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
import time
import weakref
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from apps_plus.errors import InputError
from harness.sandbox.cache_key import FIELDS
from harness.sandbox.execution import Ended, Execution

MAX_BYTES = 1 << 30
"""Default of the largest size of the file, in bytes."""

_APPLICATION = 0x41505043  # "APPC": marks the database as a cache of executions
_FORMAT = 1
_PATIENCE = 20.0  # seconds to wait for others that write; a write takes a tenth of a millisecond
_KEPT = 0.9  # share of max_bytes that is left after a removal: so removals are few, and large
_LARGEST = 16 << 20  # characters of one entry: to remember more takes longer than to run it again
_STEP = 3600  # seconds; the last use is known to the hour, so that reading seldom writes

_log = logging.getLogger(__name__)


# ---- entries

_NOT_CACHED = frozenset(
    {
        Ended.HARNESS_ERROR,
        Ended.TIMEOUT,
        Ended.NOT_RUN,
        Ended.OUT_OF_BUDGET,
        Ended.SCRATCH_LIMIT,  # without namespaces, the disk may be full
        Ended.THREAD_LIMIT,  # or the system short of threads
        Ended.PROCESS_LIMIT,
    }
)
_MAY_BE_THE_MACHINES = frozenset({"SIGKILL", "SIGXCPU", "CompilerCrash"})
"""Exceptions behind which a machine short of memory or time may stand."""


def is_worth_remembering(executions: Sequence[Execution]) -> bool:
    """Return whether the program alone determined every result, and the results are not too long."""
    if any(e.ended in _NOT_CACHED or e.exception in _MAY_BE_THE_MACHINES for e in executions):
        return False
    return bool(executions) and sum(len(e.output) + len(e.result or "") for e in executions) <= _LARGEST


def _encode(key: str, executions: Sequence[Execution]) -> bytes:
    # With the key inside, and zlib's checksum around it, a damaged file never gives one program's outputs to another.
    rows = [[getattr(e, name) for name in FIELDS] + ([] if e.lines is None else [sorted(e.lines)]) for e in executions]
    text = json.dumps([key, *rows], separators=(",", ":"))
    return zlib.compress(text.encode(), 1)


def _decode(key: str, data: bytes) -> list[Execution] | None:
    try:
        its_key, *rows = json.loads(zlib.decompress(data))
        return [_executed(row) for row in rows] if its_key == key else None
    except (zlib.error, ValueError, TypeError, KeyError, IndexError, RecursionError):
        return None


def _executed(row: list[Any]) -> Execution:
    values: dict[str, Any] = dict(zip(FIELDS, row, strict=False))
    lines = frozenset(row[len(FIELDS)]) if len(row) > len(FIELDS) else None
    return Execution(**values | {"ended": Ended(values["ended"]), "lines": lines})


# ---- the cache


@dataclass(frozen=True, slots=True)
class CacheUse:
    """Hits and misses of a cache."""

    hits: int = 0
    misses: int = 0
    trouble: str = ""
    """The reason for which the cache is not used; "" while it is."""


class ExecutionCache:
    """Executions by key, in one file. Threads may share it; in another process it opens the file anew.

    It can be handed to a worker process: pickling takes the path along, and nothing that is open.
    """

    def __init__(self, path: Path | str, max_bytes: int = MAX_BYTES) -> None:
        """Open ``path``, or make it.

        Raises:
            InputError: There is something else, or a damaged cache. (One that cannot be written is no error.)
        """
        self._set_up(Path(path).absolute(), max_bytes)
        try:
            self._opened()
        except (sqlite3.Error, OSError) as error:
            self._give_up(error)

    def _set_up(self, path: Path, max_bytes: int) -> None:
        self.path = path
        self.max_bytes = max_bytes
        self._use = CacheUse()
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._reads = self._writes = True
        with _forking:
            _caches.add(self)

    def __getstate__(self) -> tuple[Path, int]:
        return self.path, self.max_bytes

    def __setstate__(self, state: tuple[Path, int]) -> None:
        self._set_up(*state)

    def recall(self, key: str | None, run: Callable[[], list[Execution]]) -> list[Execution]:
        """Return the executions cached under ``key``; else the result of ``run``, which is cached then."""
        if key is None:
            return run()
        executions = self.get(key)
        if executions is None:
            executions = run()
            self.put(key, executions)
        return executions

    def get(self, key: str) -> list[Execution] | None:
        """Return the executions cached under ``key``, or None."""
        with self._lock:
            data = self._read(key)
            executions = _decode(key, data) if data else None
            self._count(CacheUse(hits=executions is not None, misses=executions is None))
        return executions

    def put(self, key: str, executions: Sequence[Execution]) -> None:
        """Cache executions, where that is worth it: they are in the file when this returns."""
        if not self._writes or not is_worth_remembering(executions):
            return
        data = _encode(key, executions)
        with self._lock:
            try:
                connection = self._opened()
                if connection is not None and self._writes:
                    self._write(connection, key, data)
            except (sqlite3.Error, OSError, InputError) as error:
                self._stop_writing(error)

    @property
    def use(self) -> CacheUse:
        """Hits and misses so far, and why the cache failed."""
        return self._use

    def take_use(self) -> CacheUse:
        """Return the hits and misses since the last call."""
        with self._lock:
            use, self._use = self._use, CacheUse(trouble=self._use.trouble)
        return use

    def add_use(self, use: CacheUse) -> None:
        """Add the hits and misses of another process that uses the same file."""
        with self._lock:
            self._count(use)
            if use.trouble:
                self._say(use.trouble)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            self._drop()

    def __enter__(self) -> ExecutionCache:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- the file

    def _opened(self) -> sqlite3.Connection | None:
        """Return the connection to the file that is at the path now; None where it cannot be used."""
        if not self._reads:
            return None
        file = _identity(self.path)
        if self._connection is None or file is None or file != self._file:  # deleted, or never opened by this process
            self._drop()
            with suppress(OSError):
                self.path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = _connect(self.path)
            self._file = _identity(self.path)
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _read(self, key: str) -> bytes | None:
        try:
            connection = self._opened()
            if connection is None:
                return None
            found = connection.execute("SELECT data, used FROM executions WHERE key = ?", (_blob(key),)).fetchone()
        except (sqlite3.Error, OSError, InputError) as error:
            self._give_up(error)
            return None
        if found is None:
            return None
        data, used = found
        if self._writes and used != _now():
            try:
                connection.execute("UPDATE executions SET used = ? WHERE key = ?", (_now(), _blob(key)))
            except sqlite3.Error as error:
                self._stop_writing(error)
        return data if isinstance(data, bytes) else None

    def _write(self, connection: sqlite3.Connection, key: str, data: bytes) -> None:
        if len(data) > self.max_bytes * (1 - _KEPT):  # it would push too much out
            return
        with _transaction(connection):
            connection.execute("INSERT OR REPLACE INTO executions VALUES (?, ?, ?)", (_blob(key), _now(), data))
            excess = _size(connection) - self.max_bytes
            if excess > 0:
                _remove_oldest(connection, excess + int(self.max_bytes * (1 - _KEPT)))

    # ---- trouble

    def _give_up(self, error: Exception) -> None:
        self._reads = self._writes = False
        self._drop()
        self._say(f"cannot use the cache {self.path}: {_in_words(error)}: continuing without it")

    def _stop_writing(self, error: Exception) -> None:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_DBMOVED:
            return  # deleted this very moment: the next use makes a new one
        self._writes = False
        self._say(f"cannot write the cache {self.path}: {_in_words(error)}: continuing without adding to it")

    def _say(self, trouble: str) -> None:
        if not self._use.trouble:
            self._use = CacheUse(self._use.hits, self._use.misses, trouble)
            _log.warning("%s", trouble)

    def _count(self, use: CacheUse) -> None:
        self._use = CacheUse(self._use.hits + use.hits, self._use.misses + use.misses, self._use.trouble)


def _connect(path: Path) -> sqlite3.Connection:
    """Open the file, and make its tables. Raises InputError, sqlite3.Error or OSError."""
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is not a regular file: choose another one for the cache")
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        # SQLite's own journal keeps the file whole through kill -9. Only a power cut may damage it, which is noticed:
        # no reason to wait for the disk at every write. (A write-ahead log would be as fast, but does not work on
        # network file systems, and its files beside the database make it dangerous to delete during a run.)
        connection.execute("PRAGMA synchronous = OFF")
        if not _is_ours(connection, path):
            with _transaction(connection):
                if not _is_ours(connection, path):  # another process may have made it since
                    _make(connection)
        connection.execute("SELECT used FROM executions LIMIT 1")
    except BaseException as error:
        connection.close()
        if _kind(error) == sqlite3.SQLITE_NOTADB:
            raise InputError(
                f"{path} is no cache of executions: choose another file, or delete it if it was one"
            ) from error
        if _kind(error) == sqlite3.SQLITE_CORRUPT or "no such" in str(error):
            raise InputError(f"the cache {path} is damaged ({error}): delete it; only time is lost") from error
        raise
    return connection


def _is_ours(connection: sqlite3.Connection, path: Path) -> bool:
    """Return whether the database is a cache; False where it is empty. Raises InputError where it is another's."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if (application, version) == (_APPLICATION, _FORMAT):
        return True
    if application == _APPLICATION:
        raise InputError(f"the cache {path} is another version's: delete it, or choose another file")
    if application or version or connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise InputError(f"{path} is another program's database: choose another file for the cache")
    return False


def _make(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TABLE executions (key BLOB PRIMARY KEY NOT NULL, used INTEGER NOT NULL, data BLOB NOT NULL)"
    )
    connection.execute("CREATE INDEX executions_by_use ON executions (used)")
    connection.execute(f"PRAGMA application_id = {_APPLICATION}")
    connection.execute(f"PRAGMA user_version = {_FORMAT}")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # after some errors SQLite has rolled back already
            connection.execute("ROLLBACK")
        raise


def _size(connection: sqlite3.Connection) -> int:
    """Return the bytes in use; the file may be larger, since freed pages are used again."""
    page, pages, free = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "page_count", "freelist_count")
    )
    return int(page * (pages - free))


def _remove_oldest(connection: sqlite3.Connection, size: int) -> None:
    """Remove the entries whose last use is longest ago, until ``size`` bytes are free."""
    rows = []
    for row, length in connection.execute("SELECT rowid, length(data) FROM executions ORDER BY used, rowid"):
        rows.append((row,))
        size -= length
        if size <= 0:
            break
    connection.executemany("DELETE FROM executions WHERE rowid = ?", rows)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _blob(key: str) -> bytes:
    return bytes.fromhex(key)


def _now() -> int:
    return int(time.time()) // _STEP


def _kind(error: BaseException) -> int:
    """Return SQLite's primary result code; 0 where the error is not SQLite's."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _in_words(error: Exception) -> str:
    """Describe an error of SQLite or the system; a damaged file can be deleted."""
    damaged = _kind(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return f"{error}; delete it, only time is lost" if damaged else str(error)


# ---- forks

_caches: weakref.WeakSet[ExecutionCache] = weakref.WeakSet()
_forking = threading.Lock()
_at_fork: list[ExecutionCache] = []
_left_to_parent: list[sqlite3.Connection] = []
"""Connections that a forked child must neither use nor close."""


def _hold_all() -> None:
    """Take all locks before a fork: no thread is inside SQLite, and the child inherits no lock held by another."""
    _forking.acquire()
    _at_fork.extend(_caches)
    for cache in _at_fork:
        cache._lock.acquire()


def _release_all() -> None:
    while _at_fork:
        _at_fork.pop()._lock.release()
    _forking.release()


def _release_in_child() -> None:
    for cache in _at_fork:
        if cache._connection is not None:
            _left_to_parent.append(cache._connection)
            cache._connection = None
    _release_all()


os.register_at_fork(before=_hold_all, after_in_parent=_release_all, after_in_child=_release_in_child)
