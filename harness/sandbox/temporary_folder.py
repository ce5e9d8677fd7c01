"""Make and remove the temporary folders of the sandbox's processes, from the parent.

Each folder is named after its owner and locked (flock(2)) while the owner lives. The lock goes with the process, even
one that was killed, so that a later sandbox can tell which folders nobody owns any more, and removes them.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import re
import tempfile
import time
from pathlib import Path

_PREFIX = "apps-plus-sandbox-"
_NAME = re.compile(_PREFIX + r"[0-9]+-[a-z0-9_]{8}")
_REMOVE_SECONDS = 2.0
"""For what is being written by a process that is about to die."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class TemporaryFolder:
    """A folder below ``tempfile.gettempdir()`` of this process's own. Raises OSError where none can be made."""

    def __init__(self) -> None:
        parent = tempfile.gettempdir()
        _remove_stale_once(parent)
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))
            with contextlib.suppress(FileNotFoundError):  # another process took it for a stale one
                self._lock = os.open(self.path, _FOLDER)
                with contextlib.suppress(OSError):  # a file system without locks: nothing there counts as stale
                    fcntl.flock(self._lock, fcntl.LOCK_EX)
                if self.path.exists():
                    return
                os.close(self._lock)

    def remove(self) -> None:
        """Remove the folder and everything in it, whatever its depth and permissions. Never raises OSError."""
        lock, self._lock = self._lock, -1
        if lock == -1:
            return
        deadline = time.monotonic() + _REMOVE_SECONDS
        while not _removed(self.path, lock) and time.monotonic() < deadline:
            time.sleep(0.01)
        os.close(lock)


def temporary_folder() -> TemporaryFolder | None:
    """Make a folder; None where this user can write nowhere: a process that needs one fails to start then."""
    try:
        return TemporaryFolder()
    except OSError:
        return None


def remove_stale(parent: str) -> None:
    """Remove the folders of this user whose owner is dead."""
    with contextlib.suppress(OSError):
        for path in Path(parent).iterdir():
            if _NAME.fullmatch(path.name):
                _remove_if_stale(path)


_remove_stale_once = functools.cache(remove_stale)
"""Once in each process for each folder: listing /tmp may take long."""


def _remove_if_stale(path: Path) -> None:
    with contextlib.suppress(OSError):
        lock = os.open(path, _FOLDER)
        try:
            if os.fstat(lock).st_uid == os.geteuid():
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises OSError where the owner lives
                _removed(path, lock)
        finally:
            os.close(lock)


def _removed(path: Path, folder: int) -> bool:
    """Empty a folder and remove it. Returns whether it is gone."""
    try:
        _empty(folder)
        path.rmdir()
    except FileNotFoundError:
        return not path.exists()
    except OSError:
        return False
    return True


def _empty(top: int) -> None:
    """Remove everything in a folder. Raises OSError.

    A folder that holds others hands them to the top before it is removed, so that neither paths nor descriptors nor
    this function's frames grow with their depth. No link is followed.
    """
    moved, prefix = 0, os.urandom(8).hex()
    _remove_files(top)
    while names := os.listdir(top):
        for name in names:
            folder = _open_anyhow(name, top)
            try:
                for inner in _remove_files(folder):
                    os.close(_open_anyhow(inner, folder))  # to move a folder takes the right to write to it
                    moved += 1
                    os.rename(inner, f"{prefix}-{moved}", src_dir_fd=folder, dst_dir_fd=top)
            finally:
                os.close(folder)
            os.rmdir(name, dir_fd=top)


def _remove_files(folder: int) -> list[str]:
    """Remove the files in a folder. Returns the names of the folders in it."""
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_folder in found:
        if not is_folder:
            os.unlink(name, dir_fd=folder)
    return [name for name, is_folder in found if is_folder]


def _open_anyhow(name: str, parent: int) -> int:
    """Open a folder after giving this user every right to it."""
    if hasattr(os, "O_PATH"):  # Linux, where chmod(2) of the name would follow a link
        handle = os.open(name, _FOLDER | os.O_PATH, dir_fd=parent)
        try:
            with contextlib.suppress(OSError):
                Path(f"/proc/self/fd/{handle}").chmod(0o700)
        finally:
            os.close(handle)
    return os.open(name, _FOLDER, dir_fd=parent)
