"""Watch the memory of a command: of its first process, and of all those below it together."""

from __future__ import annotations

import re
from pathlib import Path
from statistics import median

from benchmarks.processor_time import descendants

_KIB = 1024


class MemoryWatch:
    """Samples a command's memory each time it is called with the command's process id; an observer of ``run_command``.

    A worker's share is the proportional set size of everything below the parent (workers, their sandboxes, the programs
    of that moment), divided by the number of workers: pages that processes share count once.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._parent: list[int] = []
        self._below: list[int] = []
        self._all: list[int] = []

    def __call__(self, pid: int) -> bool:
        """Take a sample; never end the command."""
        peak = field_bytes(Path(f"/proc/{pid}/status"), "VmHWM")
        own = field_bytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss")
        below = sum(field_bytes(Path(f"/proc/{one}/smaps_rollup"), "Pss") for one in descendants(pid))
        if peak and own:
            self._parent.append(peak)
            self._below.append(below)
            self._all.append(own + below)
        return False

    @property
    def parent_peak(self) -> float:
        """The most resident memory of the first process, in MiB."""
        return max(self._parent) / 2**20

    @property
    def worker_peak(self) -> float:
        """The most memory of a worker with its sandbox, in MiB."""
        return max(self._below) / self._workers / 2**20

    @property
    def growth(self) -> float:
        """The memory of all processes in the last quarter of the run, over that in the second: 1 if it is flat."""
        return growth(self._all)


def growth(samples: list[int]) -> float:
    """Divide the median of the last quarter of samples by that of the second quarter."""
    quarter = max(1, len(samples) // 4)
    return median(samples[-quarter:]) / median(samples[quarter : 2 * quarter] or samples[:1])


def field_bytes(path: Path, name: str) -> int:
    """Return a field in KiB of a file of ``/proc`` as bytes; 0 if the process has ended or has no memory."""
    try:
        found = re.search(rf"^{name}:\s+(\d+) kB$", path.read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) * _KIB if found else 0
