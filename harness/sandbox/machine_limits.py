"""Compare this machine's limits (``ulimit``, getrlimit(2)) with the sandbox's own.

The sandbox never exceeds what the machine allows. Where that is less than one of its own limits, it says so, and a
program that ran into the machine's limit has not failed: the execution is a fault of the harness.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from apps_plus.errors import SandboxError
from harness.sandbox.execution import Ended, Execution, Limits

Allowed = Mapping[str, int]
"""The hard limits of this process by the letter of ``ulimit``; without those that are unlimited or do not hold for this
user."""

BARE_BYTES = 64 << 20
"""About the address space of an interpreter that has not imported anything."""
SCIENCE_BYTES = 512 << 20
"""Address space of the scientific packages on top of that; they touch far less."""
STACK_BYTES = 512 << 20
"""Of the main thread; what a deep recursion needs."""
TESTS_BYTES = 2 << 30
"""Memory limit of a benchmark's own tests, on top of the interpreter's."""
JOB_FILE_BYTES = 64 << 20
"""The largest file of the sandbox: the outputs of a program on all of its inputs."""
LONG_RUN_SECONDS = 3600
"""Processor time that a process of the harness reaches only in a long evaluation or build."""
_SPARE_SECONDS = 4
"""Of processor time, beyond a program's: for the tests, and for limits that count in whole seconds."""
_OWN_PROCESSES, _WORKER_PROCESSES = 8, 12
"""Processes and threads of a command, and of each of its workers with its sandbox."""
_OWN_FILES, _WORKER_FILES = 26, 3
"""Descriptors of a command, and more for each of its workers."""
_LEAST = {
    "v": 256 << 20,
    "d": 128 << 20,
    "f": 1 << 20,
    "n": 32,
    "u": _OWN_PROCESSES + _WORKER_PROCESSES,
    "s": 256 << 10,
}
"""With less than this, no program can be run."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """One limit of the machine that is lower than what is needed."""

    option: str
    """The letter of ``ulimit``."""
    text: str
    """The limit, its amount and its effect."""
    fatal: bool = False
    """No program can be run."""
    to_blame: bool = True
    """Programs may run into this limit where their own is not reached."""


def hard_limits() -> dict[str, int]:
    """Return the hard limits of this process and its children."""
    try:
        import resource
    except ImportError:  # no system that has them
        return {}
    kinds = {"t": "CPU", "v": "AS", "d": "DATA", "f": "FSIZE", "n": "NOFILE", "u": "NPROC", "s": "STACK"}
    limits = {}
    for option, kind in kinds.items():
        number = getattr(resource, f"RLIMIT_{kind}", None)
        soft, hard = (resource.RLIM_INFINITY,) * 2 if number is None else resource.getrlimit(number)
        most = soft if option == "u" else hard  # it may hold a fork bomb where there is no sandbox: not ours to raise
        if most != resource.RLIM_INFINITY:
            limits[option] = most
    if os.geteuid() == 0:  # the kernel spares root
        limits.pop("u", None)
    if sys.platform != "linux":  # others have one by default
        limits.pop("s", None)
    return limits


def prepare() -> list[str]:
    """Prepare this process for workers: raise its limit of open files. Returns a sentence for each shortage.

    Raises SandboxError where no program can be run.
    """
    found = list(shortages(hard_limits(), Limits()))
    refuse(shortage for shortage in found if shortage.option != "t")  # how long a program may run is not known here
    _raise_open_files()
    return [shortage.text for shortage in found if not shortage.fatal]


def likely_cause_of_death() -> str:
    """Return the likely cause of the death of a worker."""
    seconds = hard_limits().get("t")
    return (
        "out of memory?" if seconds is None else f"out of memory, or of its {seconds} s of processor time (ulimit -t)?"
    )


def _raise_open_files() -> None:
    """Let this process have as many open files as the machine allows: each worker needs some."""
    try:
        import resource

        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        if hard != resource.RLIM_INFINITY:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ImportError, OSError, ValueError):
        return


def most_workers(wanted: int, allowed: Allowed) -> int:
    """Return the number of workers wanted, or the most that the machine allows: at least one."""
    by_files = (allowed["n"] - _OWN_FILES) // _WORKER_FILES if "n" in allowed else wanted
    by_processes = (allowed["u"] - _OWN_PROCESSES) // _WORKER_PROCESSES if "u" in allowed else wanted
    return max(1, min(wanted, by_files, by_processes))


def shortages(allowed: Allowed, limits: Limits, baseline: int = BARE_BYTES + SCIENCE_BYTES) -> tuple[Shortage, ...]:
    """Return each limit of the machine that is below a program's limits or the sandbox's own needs.

    Args:
        allowed: The hard limits.
        limits: The limits that programs are promised.
        baseline: Address space of the interpreter that runs it.
    """
    return _shortages(tuple(sorted(allowed.items())), limits, baseline)


@cache
def _shortages(allowed: tuple[tuple[str, int], ...], limits: Limits, baseline: int) -> tuple[Shortage, ...]:
    found = (_shortage(option, most, limits, baseline) for option, most in allowed)
    return tuple(shortage for shortage in found if shortage is not None)


def _shortage(option: str, most: int, limits: Limits, baseline: int) -> Shortage | None:
    """Return the shortage behind one limit of the machine; None where it is high enough."""
    fatal = most < _LEAST.get(option, 0)
    if option == "t":
        return _shortage_of_time(most, limits.cpu_seconds)
    needed = {
        "v": baseline + limits.memory_bytes,
        "d": baseline + limits.memory_bytes,
        "f": max(JOB_FILE_BYTES, limits.output_bytes),
        "n": limits.open_files,
        "u": limits.threads + _OWN_PROCESSES + _WORKER_PROCESSES,
        "s": STACK_BYTES,
    }[option]
    if most >= needed:
        return None
    effect, to_blame = "", True
    if option in "vd":
        what = "the address space" if option == "v" else "the data segment"
        science = most >= BARE_BYTES + limits.memory_bytes
        left = in_words(max(most - BARE_BYTES - SCIENCE_BYTES * science, 0))
        who = "programs that use numpy" if science else "programs"
        effect = f"{who} may use {left} of memory beside the interpreter's, not the {in_words(limits.memory_bytes)}"
    elif option == "f":
        what, to_blame = "the size of a file", most < limits.output_bytes
        effect = f"programs may print {in_words(most)}, not the {in_words(limits.output_bytes)}"
    elif option == "n":
        what, effect = "the number of open files", f"programs may open {most}, not the {limits.open_files}"
    elif option == "u":
        what, effect = "the number of processes", f"programs may start fewer threads than the {limits.threads}"
    else:
        what, effect = "the stack", f"programs may recurse less deeply than the {in_words(STACK_BYTES)} allow"
    amount = str(most) if option in "nu" else in_words(most)
    if fatal:
        least = _LEAST[option]
        meaning = f"the sandbox needs at least {least if option in 'nu' else in_words(least)}"
    elif not to_blame:
        meaning = f"a longer input cannot be given to a program; the sandbox uses up to {in_words(needed)}"
    else:
        meaning = effect if option == "s" else f"{effect} that they are promised"
    return Shortage(option, f"{what} is limited to {amount} (ulimit -{option}): {meaning}", fatal, to_blame)


def _shortage_of_time(most: int, seconds: float) -> Shortage | None:
    limited = f"processor time is limited to {most} s a process (ulimit -t)"
    if most < seconds + _SPARE_SECONDS:
        meaning = f"{seconds:g} s for a program on each test need at least {seconds + _SPARE_SECONDS:g} s"
        return Shortage("t", f"{limited}: {meaning}", fatal=True, to_blame=False)
    if most < LONG_RUN_SECONDS:
        meaning = "a long evaluation or build may be ended by that; the same command resumes it"
        return Shortage("t", f"{limited}: {meaning}", to_blame=False)
    return None


def refuse(found: Iterable[Shortage]) -> None:
    """Raise SandboxError for shortages with which no program can be run."""
    fatal = [shortage.text for shortage in found if shortage.fatal]
    if fatal:
        raise SandboxError(f"{'; '.join(fatal)}: raise the limit")


def excuse(execution: Execution, found: Iterable[Shortage]) -> Execution:
    """Return the execution, or a fault of the harness where the program ran into a limit of the machine."""
    for shortage in found:
        if shortage.to_blame and _ran_into(shortage.option, execution):
            return replace(
                Execution(Ended.HARNESS_ERROR, message=f"{shortage.text}; this program ran into it"),
                seconds=execution.seconds,
                peak_memory=execution.peak_memory,
                alone=execution.alone,
            )
    return execution


def _ran_into(option: str, execution: Execution) -> bool:
    """Return whether an execution ended as one that ran into such a limit."""
    match option:
        case "v" | "d":
            return execution.ended in (Ended.MEMORY_LIMIT, Ended.THREAD_LIMIT) or execution.exception == "MemoryError"
        case "f":
            return execution.ended in (Ended.OUTPUT_LIMIT, Ended.SCRATCH_LIMIT)
        case "n":
            return "Errno 24" in execution.message
        case "u":
            return execution.ended is Ended.THREAD_LIMIT
    return execution.ended is Ended.SIGNAL and execution.exception in ("SIGSEGV", "SIGBUS")


def too_long(inputs: Sequence[str]) -> str:
    """Return why an input is too long to be given to a program; "" where none is."""
    most = hard_limits().get("f")
    longest = max((len(text.encode("utf-8", "replace")) for text in inputs), default=0) if most is not None else 0
    if most is None or longest <= most:
        return ""
    limited = f"the size of a file is limited to {in_words(most)} (ulimit -f)"
    return f"{limited}: an input of {in_words(longest)} cannot be given to a program"


def in_words(size: int) -> str:
    """Format a number of bytes for people."""
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if size >= unit:
            return f"{size / unit:.1f}".removesuffix(".0") + f" {name}"
    return f"{size} bytes"
