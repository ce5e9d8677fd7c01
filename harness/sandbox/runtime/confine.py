"""Confine a run before the first line of its program: its descriptors, its limits, its filter of system calls.

Standard library only.
"""

from __future__ import annotations

import os
import resource
import signal
from typing import TYPE_CHECKING, Any

from harness.sandbox.isolation import layers, libc

if TYPE_CHECKING:
    from harness.sandbox.runtime.program import Run

REPORT_FD, OUTPUT_FD, INPUT_FD = 3, 4, 5
"""The report (or the channel to the tests), and copies of output and input for later inputs."""
COMPILE_SECONDS = 10.0
"""Limit of processor time for the compiler."""
_EXTRA_PROCESSES = 8
"""Threads beyond the limit of a program that a run may have: those of libraries."""


def arrange_descriptors(stdin: int, output: int, report: int, null: int) -> None:
    """Make 0, 1 and 2 what a program expects, 3 to 5 the run's own, and close all others.

    The zygote uses these six numbers for files of its own, so that none of the sources is among them.
    """
    for source, targets in ((null, (2,)), (report, (REPORT_FD,)), (output, (OUTPUT_FD, 1)), (stdin, (INPUT_FD, 0))):
        for target in targets:
            os.dup2(source, target)
    libc.close_from(INPUT_FD + 1)


def confine(run: Run) -> None:
    """Set the limits of one run, then install its filter."""
    if not run.own_pids:  # the kernel ends a pid namespace with its init
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the forker has a handler of its own
        libc.die_with_parent()
    for kind, soft, hard in run.resource_limits:
        resource.setrlimit(kind, (soft, hard))
    if run.filter is not None:
        run.filter.install()


def resource_limits(
    limits: dict[str, Any], inputs: int, address_space: int, file_bytes: int, own_pids: bool
) -> list[tuple[int, int, int]]:
    """Return what a run's limits are for the kernel: kind, soft and hard limit, the machine's own where that is lower.

    Args:
        limits: The fields of ``Limits``.
        inputs: The number of inputs.
        address_space: Bytes that the run has before it begins: the limit of its memory comes on top.
        file_bytes: The largest file, in bytes. The soft limit is lower: the run raises it between inputs, since their
            outputs follow one another in a file.
        own_pids: Whether the processes have a namespace of their own. Elsewhere all processes of the user count, the
            harness's own among them, and their number is not limited.
    """
    memory, threads = address_space + limits["memory_bytes"], limits["threads"] + _EXTRA_PROCESSES
    wanted = {
        resource.RLIMIT_CPU: cpu_limits(limits["cpu_seconds"], inputs),
        resource.RLIMIT_AS: (memory, memory),
        resource.RLIMIT_NOFILE: (limits["open_files"],) * 2,
        resource.RLIMIT_FSIZE: (limits["output_bytes"], file_bytes),
    } | ({resource.RLIMIT_NPROC: (threads, threads)} if own_pids else {})
    return [(kind, *layers.within_allowed(kind, *limit)) for kind, limit in wanted.items()]


def cpu_limits(seconds: float, inputs: int) -> tuple[int, int]:
    """Return the soft and the hard limit of processor time (RLIMIT_CPU) of a run with so many inputs, in seconds.

    On Linux the zygote's clock decides a timeout. The limit of the kernel is a backstop, for a program whose zygote is
    gone: so far above that it changes no verdict, since the kernel may count in ticks of 10 ms. Elsewhere no clock can
    be read from outside, and the soft limit decides.
    """
    allowed = seconds * inputs
    if libc.LINUX:
        backstop = min(int(2 * (COMPILE_SECONDS + allowed)) + 10, 1 << 30)
        return backstop, backstop
    return int(allowed) + 2, int(allowed) + 4
