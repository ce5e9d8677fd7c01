"""Measure what a command costs: wall time, processor time of all its processes, peak memory of the largest one."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.control_group import ControlGroup, control_group
from benchmarks.processor_time import descendants

_PR_SET_CHILD_SUBREAPER = 36
ORPHANS_SECONDS = 30.0
"""Processes that outlive their command by more than this are killed."""

Observer = Callable[[int], bool]
"""Is called repeatedly with the command's process id while it runs; true ends the command."""


class CommandFailedError(Exception):
    """A measured command ended with an error."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one run of a command."""

    wall_seconds: float
    """Until the command itself ended."""
    processor_seconds: float
    """User and system time of the command and all its descendants, with those that outlived it. Without a control
    group it lacks the processes that no parent waited for (``benchmarks.control_group``)."""
    peak_bytes: int
    """Most resident memory of any one of these processes."""


def run_command(
    command: Sequence[str],
    folder: Path,
    variables: Mapping[str, str],
    observe: Observer | None = None,
    every: float = 0.05,
) -> Cost:
    """Run a command in a folder and measure it.

    A fresh process, in a control group of its own where one can be made, starts it and adopts what it leaves behind, so
    that the kernel adds up exactly these processes.

    Args:
        command: The program and its arguments.
        folder: The working directory; ``output.txt`` in it gets what the command prints.
        variables: Environment variables besides the present ones.
        observe: Watches the command, and may end it.
        every: Seconds between two calls of ``observe``.

    Raises CommandFailedError unless the command ends with 0 or by ``observe``.
    """
    output = folder / "output.txt"
    read_end, write_end = os.pipe()
    group = control_group()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        _start_and_adopt(command, folder, os.environ | variables, output, write_end, group)
    os.close(write_end)
    stopped = False
    try:
        with os.fdopen(read_end) as messages:
            answer = json.loads(messages.readline())
            pid = answer.get("pid", 0)
            while pid and observe and not stopped and not select.select([messages], [], [], every)[0]:
                if observe(pid):
                    stopped = True
                    _kill([pid, *descendants(pid)])
            answer |= json.loads(messages.readline() if pid else "{}")
    except BaseException:  # Ctrl-C and faults alike: no process of the command may live on
        _kill([*descendants(child), child])
        raise
    finally:
        os.waitpid(child, 0)
        if group is not None:
            group.remove()
    if "error" in answer:
        raise CommandFailedError(f"{Path(command[0]).name} could not be measured: {answer['error']}")
    if answer["status"] and not stopped:
        last = [text for text in output.read_text(errors="replace").splitlines() if text.strip()][-1:]
        raise CommandFailedError(f"{' '.join(command)[:200]} ended with {answer['status']}: {' '.join(last)}")
    return Cost(answer["wall"], answer["processor"], answer["peak"])


def _start_and_adopt(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    output: Path,
    answers: int,
    group: ControlGroup | None,
) -> None:
    """Run the command in this fresh process, wait for it and for its orphans, send the cost, and exit."""
    try:
        os.setsid()  # so that Ctrl-C reaches the parent alone, which then ends all
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        if group is not None:
            group.join()
        before = group.processor_seconds() if group is not None else 0.0
        start = time.perf_counter()
        with output.open("wb") as file:
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file
            )
        _send(answers, {"pid": process.pid})
        status = process.wait()
        wall = time.perf_counter() - start
        _wait_for_orphans()
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
        if group is not None:
            spent = group.processor_seconds() - before
        _send(answers, {"status": status, "wall": wall, "processor": spent, "peak": peak})
    except BaseException as error:  # nothing may go on in this fork: the parent reports it
        _send(answers, {"error": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(0)


def _send(answers: int, message: dict[str, Any]) -> None:
    os.write(answers, (json.dumps(message) + "\n").encode())


def _kill(pids: Sequence[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _wait_for_orphans() -> None:
    deadline = time.monotonic() + ORPHANS_SECONDS
    with suppress(ChildProcessError):
        while True:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                if time.monotonic() > deadline:
                    _kill(descendants())
                time.sleep(0.01)
