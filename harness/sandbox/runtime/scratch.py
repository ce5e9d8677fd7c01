"""Measure and empty the scratch directory of a program.

Standard library only.
"""

from __future__ import annotations

import os


def scratch_size(enough: int) -> int:
    """Return the bytes in the current directory and below, counted until there are more than enough."""
    total, folders = 0, ["."]
    while folders and total <= enough:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:  # removed or closed in the meantime
            continue
    return total


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
