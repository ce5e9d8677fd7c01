"""Measure the processor time of this process and of all its descendants, including living ones."""

from __future__ import annotations

import os
import resource
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def processor_seconds() -> float:
    """Return user and system time of this process, of its finished children, and of all living descendants.

    ``RUSAGE_CHILDREN`` does not include a worker that is still alive. Linux only; precise to 10 ms per living process.
    """
    total = 0.0
    for scope in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(scope)
        total += usage.ru_utime + usage.ru_stime
    return total + sum(_times(pid) for pid in descendants())


def processor_seconds_by_process() -> dict[str, float]:
    """Return the processor time of this process, each living script below it, and their finished children."""
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
    """Return the name of the Python script that a process runs."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return "gone"
    return next((Path(argument).name for argument in arguments if argument.endswith(".py")), arguments[0])


def descendants(root: int | None = None) -> list[int]:
    """Return the living descendants of this process, or of ``root``."""
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
    """Return the time of a process and of its finished children, in seconds."""
    return sum(map(int, _fields(pid)[11:15])) / _TICK


def _fields(pid: int) -> list[str]:
    """Return the fields of ``/proc/PID/stat`` from the state on; empty if the process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def processor_seconds_of(root: int) -> float:
    """Return user and system time of a process, of its finished children, and of all living descendants."""
    return sum(_times(pid) for pid in (root, *descendants(root)))


def busy_processes(root: int) -> int:
    """Count the processes from ``root`` down that run, or wait for a processor or a disk."""
    states = (_fields(pid)[:1] for pid in (root, *descendants(root)))
    return sum(state in (["R"], ["D"]) for state in states)


def machine_busy_seconds() -> float:
    """Return the time that all processors of the machine have been busy, with what a hypervisor took from them."""
    user, nice, system, _, _, irq, softirq, steal, *_ = map(int, Path("/proc/stat").read_text().split()[1:11])
    return (user + nice + system + irq + softirq + steal) / _TICK
