"""Measure and empty the scratch directory of a program.

Standard library only.
"""

from __future__ import annotations

import contextlib
import os

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def scratch_size(enough: int) -> int:
    """Return the bytes in the current directory and below, counted until there are more than enough.

    It goes from folder to folder by descriptor, two of them open at most, so that no depth is too much. Where the
    program moves a folder meanwhile, the count ends early; the next one is made soon.

    A file that was removed while it is open is not found. Only the limits of open files and of the size of a file
    (RLIMIT_FSIZE: Limits.output_bytes, which a program may raise to 64 MiB, the hard limit) bound such files.
    """
    folder = os.open(".", _FOLDER)
    try:
        total, names = _files_in(folder)
        levels, above = [names], []
        while levels and total <= enough:
            if levels[-1]:
                name = levels[-1].pop()
                inner = _open_folder(name, folder)
                if inner is None:
                    continue
                above.append(_identity(folder))
                os.close(folder)
                folder = inner
                size, names = _files_in(folder)
                total += size
                levels.append(names)
            else:
                levels.pop()
                if levels:
                    outer = _open_folder("..", folder)
                    if outer is None:
                        break
                    os.close(folder)
                    folder = outer
                    if _identity(folder) != above.pop():
                        break
    finally:
        os.close(folder)
    return total


def _files_in(folder: int) -> tuple[int, list[str]]:
    """Return the bytes of the files in a folder, and the names of its folders."""
    total, names = 0, []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):  # removed in the meantime
                if entry.is_dir(follow_symlinks=False):
                    names.append(entry.name)
                else:
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
    return total, names


def _open_folder(name: str, parent: int) -> int | None:
    """Open a folder; None where it is removed or closed to this user."""
    try:
        return os.open(name, _FOLDER, dir_fd=parent)
    except OSError:
        return None


def _identity(folder: int) -> tuple[int, int]:
    found = os.fstat(folder)
    return found.st_dev, found.st_ino


def empty_scratch(scratch: str) -> None:
    """Remove everything in a directory, whatever its permissions and depth, and stay in it."""
    os.chmod(scratch, 0o700)
    os.chdir(scratch)
    levels, trail = [_clear_files(scratch)], []
    while levels:
        if levels[-1]:
            trail.append(levels[-1].pop())
            levels.append(_clear_files(trail[-1]))
        else:
            levels.pop()
            if trail:
                os.chdir("..")
                os.rmdir(trail.pop())


def _clear_files(directory: str) -> list[str]:
    """Go into a directory and remove its files. Returns the names of the directories in it."""
    os.chmod(directory, 0o700)
    os.chdir(directory)
    with os.scandir(".") as found:
        entries = list(found)
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            os.unlink(entry.name)
    return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
