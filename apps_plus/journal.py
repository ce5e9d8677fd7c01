"""Keep the results of a run in an append-only file that survives ``kill -9`` at any byte."""

from __future__ import annotations

import os
import time
from collections.abc import KeysView
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from apps_plus.problem import dump_json
from apps_plus.storage import escape_surrogates, json_object, output_error

_SYNC_EVERY = 1.0
"""Seconds between two ``fsync`` calls at least."""


class Journal:
    """An append-only map from keys to JSON objects in a file of JSON lines; the last entry of a key counts.

    Opening it truncates a torn last line. A line that cannot be read is skipped, and its work is done again. The keys
    are in memory, the values on disk. One process may use it at a time (see ``apps_plus.storage.lock``).
    """

    def __init__(self, path: Path) -> None:
        """Open or create ``path``. Raises OutputError."""
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
        """Append an entry to the file. Raises OutputError, and then leaves the journal unchanged."""
        line = escape_surrogates(dump_json({"key": key, "value": value}) + "\n").encode()
        try:
            done = 0
            while done < len(line):
                done += os.pwrite(self._file.fileno(), line[done:], self._end + done)
        except BaseException as error:  # an interrupt may leave half a line, as a full disk does
            with suppress(OSError):  # the rest is overwritten by the next entry, or truncated at the next opening
                self._file.truncate(self._end)
            if isinstance(error, OSError):
                raise output_error(self.path, error) from error
            raise
        start = self._end
        self._end += len(line)  # first: an interrupt between the two lines may lose this entry, but not mix two
        self._index[key] = (start, len(line))
        if time.monotonic() - self._synced >= _SYNC_EVERY:
            self._sync()

    def __contains__(self, key: object) -> bool:
        return key in self._index

    def __len__(self) -> int:
        return len(self._index)

    def __getitem__(self, key: str) -> dict[str, Any]:
        offset, length = self._index[key]
        value: dict[str, Any] = json_object(os.pread(self._file.fileno(), length, offset))["value"]
        return value

    def keys(self) -> KeysView[str]:
        """Return the keys in the order of their first entries."""
        return self._index.keys()

    def close(self) -> None:
        """Sync the file to disk and close it; closing twice is harmless. Raises OutputError."""
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
                    return  # torn: the caller truncates it
                key = _entry_key(line)
                if key is not None:
                    self._index[key] = (self._end, len(line))
                self._end += len(line)

    def _sync(self) -> None:
        """Sync the file to disk, which is slow: needed for a crash of the machine, not for one of the process."""
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise output_error(self.path, error) from error
        self._synced = time.monotonic()


def _entry_key(line: bytes) -> str | None:
    try:
        entry = json_object(line)
    except (ValueError, RecursionError):
        return None
    key = entry.get("key")
    return key if isinstance(key, str) and isinstance(entry.get("value"), dict) else None
