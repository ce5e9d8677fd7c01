"""Confine a run before the first line of its program: its descriptors, its limits, its filter of system calls.

Standard library only.
"""

from __future__ import annotations

import os
import resource
import signal
from typing import TYPE_CHECKING

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
    limits, set_limit = run.limits, layers.lower_limit
    address_space, files = run.baseline + limits["memory_bytes"], limits["open_files"]
    if run.recording is not None:
        address_space += run.recording.size
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the zygote has a handler of its own
    if libc.LINUX:
        libc.die_with_parent()
        if run.own_users:  # elsewhere all processes of the user count, the harness's own among them
            threads = limits["threads"] + _EXTRA_PROCESSES
            set_limit(resource.RLIMIT_NPROC, threads, threads)
    set_limit(resource.RLIMIT_CPU, *cpu_limits(limits["cpu_seconds"], len(run.inputs)))
    set_limit(resource.RLIMIT_AS, address_space, address_space)
    set_limit(resource.RLIMIT_NOFILE, files, files)
    # The hard limit is higher: the run raises its own between inputs, since their outputs follow one another in a file.
    set_limit(resource.RLIMIT_FSIZE, limits["output_bytes"], run.file_bytes)
    if run.filter is not None:
        run.filter.install()


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
