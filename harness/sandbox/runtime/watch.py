"""Watch a run from the zygote: its processor time, its wall-clock time, its exit and the size of its scratch.

Standard library only.
"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

from harness.sandbox.isolation import libc
from harness.sandbox.runtime import wire
from harness.sandbox.runtime.confine import COMPILE_SECONDS
from harness.sandbox.runtime.report import read_report
from harness.sandbox.runtime.scratch import scratch_size

if TYPE_CHECKING:
    import _socket
    from collections.abc import Callable

_POLL_SECONDS = 0.05
"""Between two looks at what sends no event: a scratch directory that is not a mount, an exit without a pidfd."""
_SHORTEST_WAIT = 0.002
_NOT_STARTED, _COMPILING = -2, -1
"""Places of a run before its first input, which is 0."""
_OWN_SHARE, _OWN_SECONDS = 1.25, 0.5
"""Wall-clock time of a run that has a processor to itself: at most this multiple of its processor time, plus these
seconds."""
_LOOK_SECONDS = 0.1
"""Between two looks at the report of a run that has timed out."""


class Doubt:
    """Ways in which the machine may have caused a timeout (``docs/timeouts.md``)."""

    NONE = ""
    SHARED = "shared"
    """Its processor time may have grown, since it shared the processor; whether it ends soon is not known."""
    ENDED = "ended"
    """Likewise, and it ended soon after its limit."""
    WAITED = "waited"
    """It reached its limit of wall-clock time: it slept, or waited for a processor."""


class Watch:
    """Watches one run until it has exited or reached a limit."""

    def __init__(self, pid: int, limits: dict[str, Any], polls_scratch: bool, has_ended: Callable[[], bool]) -> None:
        """Watch a process; ``has_ended`` tells whether it has exited, where the system has no pidfd."""
        self.pid = pid
        self.limits = limits
        self.timeout = self.scratch_full = False
        self._polls_scratch = polls_scratch
        self._has_exited = has_ended
        self._clock = process_clock(pid)
        self._process = open_process(pid)
        self._started = time.monotonic()
        self._deadline = self._started + limits["wall_seconds"]
        self.doubt = Doubt.SHARED
        """The way in which the machine may have caused a timeout (``Doubt``); set by ``look_on``."""
        self.last: int | None = None
        """The input that timed out where the run went on to others meanwhile, from 0."""
        self._ready: list[Any] = []

    def until_reported(self, report: int, inputs: int, seconds_left: float) -> None:
        """Watch a run that reports on several inputs.

        Each input has its own time limit, and so has the compiler before the first. Which one the run is at is read
        from its report, and only when a limit may have been reached. The report may be forged: the limit moves on once
        for the compiler and once for each input, to at most one limit from now, so that no report can hold it back.

        Args:
            report: Descriptor of the report.
            inputs: Number of inputs.
            seconds_left: Processor time of all inputs together; the last one may exceed it by its own limit.
        """
        limits, seen, granted = self.limits, 0, _NOT_STARTED
        allowed = limits["cpu_seconds"]
        while True:
            left = self._time_left(min(allowed, seconds_left + limits["cpu_seconds"]))
            if left <= 0:
                read, now = read_report(report, inputs), time.monotonic()
                limit = limits["cpu_seconds"] if read.compiled else COMPILE_SECONDS
                limit += min(read.used / 1e6, _read_clock(self._clock))
                done = len(read.lines)
                reached = done if read.compiled else _COMPILING
                is_late = now >= self._deadline
                moves_on = reached > granted and limit > allowed
                if done >= inputs or (is_late and done <= seen) or not (is_late or moves_on):
                    self.timeout = True
                    return
                if is_late:
                    seen, self._deadline = done, now + limits["wall_seconds"]
                if moves_on:
                    granted, allowed = reached, limit
            elif self._has_ended(left):
                return

    def until_stopped(self, connection: _socket.socket) -> bool:
        """Watch a run that tests call, until the parent says that they are done. Returns whether the parent is gone."""
        while True:
            left = self._time_left(self.limits["cpu_seconds"])
            if left <= 0:
                self.timeout = True
                return False
            if self._has_ended(left, connection):
                return connection in self._ready and wire.receive(connection) is None

    def look_on(self, overrun: float, report: int | None, inputs: int, *others: _socket.socket) -> None:
        """Find out how the machine may have caused the timeout of this run (``docs/timeouts.md``).

        A run that reached its limit of processor time, and had to share the processor, is watched a while longer:
        whether it ends then decides. It has timed out in any case.

        Args:
            overrun: How long to watch it, in multiples of the limits of one input: 1 is no longer.
            report: Descriptor of the report; None where tests call the run.
            inputs: Number of inputs.
            others: Connections that are ready once tests are done.
        """
        used, now = _read_clock(self._clock), time.monotonic()
        if now >= self._deadline:
            self.doubt = Doubt.WAITED
            return
        if had_processor(now - self._started, used):
            self.doubt = Doubt.NONE
            return
        read = None if report is None else read_report(report, inputs)
        if overrun <= 1 or not (read is None or read.compiled):
            return
        allowed, done = used + (overrun - 1) * self.limits["cpu_seconds"], 0 if read is None else len(read.lines)
        self._deadline += (overrun - 1) * self.limits["wall_seconds"]
        while (left := self._time_left(allowed)) > 0:
            has_ended = self._has_ended(min(left, _LOOK_SECONDS), *others)
            if has_ended or (report is not None and len(read_report(report, inputs).lines) > done):
                self.doubt, self.last = Doubt.ENDED, done
                return
        if time.monotonic() < self._deadline:
            self.doubt = Doubt.NONE

    def end(self) -> None:
        """Kill the run; it is a zombie then."""
        os.kill(self.pid, signal.SIGKILL)
        if self._process is not None:
            os.close(self._process)

    def _time_left(self, seconds: float) -> float:
        """Return the seconds until so much processor time or the wall-clock time may be used up, the first of them."""
        left: float = min(seconds - _read_clock(self._clock), self._deadline - time.monotonic())
        return left

    def _has_ended(self, left: float, *others: _socket.socket) -> bool:
        """Wait so many seconds at most. Returns whether the run exited or filled its scratch, or others are ready."""
        sources: list[Any] = [*others] if self._process is None else [*others, self._process]
        wait = max(left, _SHORTEST_WAIT)
        if self._polls_scratch or self._process is None:
            wait = min(wait, _POLL_SECONDS)
        import select  # here, since runs are forked from a process that has no need of it

        self._ready = select.select(sources, [], [], wait)[0]
        if self._ready or (self._process is None and self._has_exited()):
            return True
        if self._polls_scratch and scratch_size(self.limits["scratch_bytes"]) > self.limits["scratch_bytes"]:
            self.scratch_full = True
        return self.scratch_full


def had_processor(wall: float, used: float) -> bool:
    """Return whether a run that took so many seconds, and used so many of a processor, had one to itself."""
    return wall <= _OWN_SHARE * used + _OWN_SECONDS


def process_clock(pid: int) -> int | None:
    """Return the clock of a process's time over all its threads, as clock_getcpuclockid(3) does; None off Linux."""
    return (~pid << 3) | 2 if libc.LINUX else None


def _read_clock(clock: int | None) -> float:
    return 0.0 if clock is None else time.clock_gettime(clock)


def open_process(pid: int) -> int | None:
    """Return a descriptor that is ready once a process has exited; None where the system has none."""
    return os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
