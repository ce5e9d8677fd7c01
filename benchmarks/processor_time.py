"""The processor time of this process and of everything below it, the living included."""

from __future__ import annotations

import os
import resource
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def processor_seconds() -> float:
    """User and system time of this process, of the children it has waited for, and of all living descendants.

    A worker that stays alive between programs is in no ``RUSAGE_CHILDREN``. Linux only; to 10 ms a living process.
    """
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        total += usage.ru_utime + usage.ru_stime
    return total + sum(_times(pid) for pid in descendants())


def processor_seconds_by_process() -> dict[str, float]:
    """The same by whose it was: this process, each living script below it, and the children that those waited for."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    times = {"this process": usage.ru_utime + usage.ru_stime}
    for pid in descendants():
        name, fields = _script_of(pid), _fields(pid)
        if fields:
            own, waited_for = (sum(map(int, fields[start : start + 2])) / _TICK for start in (11, 13))
            times[name] = times.get(name, 0.0) + own
            times[f"forks of {name}"] = times.get(f"forks of {name}", 0.0) + waited_for
    return times


def _script_of(pid: int) -> str:
    """The name of the Python script that a process runs."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return "gone"
    return next((Path(argument).name for argument in arguments if argument.endswith(".py")), arguments[0])


def descendants(root: int | None = None) -> list[int]:
    """The living processes below this one, or below ``root``."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _fields(int(entry.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    below = list(children.get(root or os.getpid(), []))
    while below:
        pid = below.pop()
        found.append(pid)
        below.extend(children.get(pid, []))
    return found


def _times(pid: int) -> float:
    """``utime``, ``stime``, and those of the children that it has waited for."""
    return sum(map(int, _fields(pid)[11:15])) / _TICK


def _fields(pid: int) -> list[str]:
    """``/proc/PID/stat`` from the state on; empty where the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
