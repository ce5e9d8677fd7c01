"""Measure how long the processes of a sandbox waited for a processor, from outside.

The scheduler counts it for each thread (``/proc/PID/task/TID/schedstat``), and the machine counts the time that its
host took away (``steal`` in ``/proc/stat``, proc_pid_stat(5)). A process that sleeps waits for nothing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

FIRST_SECONDS, NEXT_SECONDS = 0.25, 1.0
"""Until the first sample of a program's processes, and between later ones: short programs are not sampled."""
PROC = Path("/proc")


class WaitedTime:
    """The time that the processes of one run waited for a processor, from samples while they live."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._first: dict[Path, float] = {}
        self._last: dict[Path, float] = {}
        self._stolen: tuple[float, float] | None = None
        self._unseen = 0.0
        """Seconds before the first sample, in which they may have waited."""

    def sample(self, pids: Iterable[int]) -> None:
        """Take a sample of these processes, all of their threads; those that are gone keep their last one."""
        if not self._last:
            self._unseen = time.monotonic() - self._started
        for pid in pids:
            with suppress(OSError):
                for thread in (PROC / str(pid) / "task").iterdir():
                    with suppress(OSError, ValueError, IndexError):
                        waited = int((thread / "schedstat").read_text().split()[1]) / 1e9
                        self._first.setdefault(thread, waited if self._stolen is None else 0.0)
                        self._last[thread] = waited
        with suppress(OSError, ValueError, IndexError):
            stolen = _stolen_seconds()
            self._stolen = (stolen if self._stolen is None else self._stolen[0], stolen)

    def most(self) -> float | None:
        """Return the seconds that they waited at most, all threads together; None where the machine does not count."""
        if self._stolen is None or not any(self._last.values()):  # a thread has waited before it first ran
            return None
        waited = sum(self._last[thread] - self._first[thread] for thread in self._last)
        return self._unseen + waited + self._stolen[1] - self._stolen[0]


def _stolen_seconds() -> float:
    """Return the time that the host took away from this machine, all processors together."""
    with (PROC / "stat").open() as file:
        return int(file.readline().split()[8]) / os.sysconf("SC_CLK_TCK")
