"""Measure the processor time of a group of processes by a control group (cgroup v2) of their own.

``getrusage`` has only the processes that their parents waited for. The kernel reaps the processes of a pid namespace
itself when its init is killed, and drops their time and that of all that they had waited for: what programs took in a
sandbox would be missing. A control group counts every process that was ever in it.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


class ControlGroup:
    """A control group below that of this process. Raises OSError where this user can make none."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="apps-plus-speed-", dir=_own_group()))

    def join(self) -> None:
        """Move this process into the group; its later children are in it, too."""
        (self.folder / "cgroup.procs").write_text("0")

    def processor_seconds(self) -> float:
        """Return user and system time of all processes of the group so far, also of those that are gone."""
        lines = (self.folder / "cpu.stat").read_text().splitlines()
        return int(dict(line.split() for line in lines)["usage_usec"]) / 1e6

    def remove(self) -> None:
        """Remove the group, unless a process is left in it."""
        with suppress(OSError):
            self.folder.rmdir()


def control_group() -> ControlGroup | None:
    """Make a control group; None where this user can make none."""
    try:
        return ControlGroup()
    except OSError:
        return None


def _own_group() -> Path:
    """Return the folder of this process's group. Raises FileNotFoundError without cgroup v2."""
    for mount in Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, kind = mount.partition(" - ")
        if kind.startswith("cgroup2 "):
            _, _, _, root, folder, *_ = fields.split()
            own = Path("/proc/self/cgroup").read_text().rpartition("0::")[2].strip()
            return Path(folder) / os.path.relpath(own, root)
    raise FileNotFoundError("cgroup v2 is not mounted")
