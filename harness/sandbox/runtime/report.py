"""The report of a run: written by the process of the program, read by the zygote.

The first line holds the processor time in microseconds and ``compiled``; each further line is that of one input: the
processor time so far, where its output ends, whether the run exits now by itself, and JSON. A program that does not
compile has one line, of the second kind.

The file is in the program's hands: ``read_report`` takes every byte of it for forged. A program that forges its report
gains no more than one that prints or returns the same.

Standard library only.
"""

from __future__ import annotations

import errno
import json
import os
import re
import resource
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.sandbox.runtime import wire
from harness.sandbox.runtime.confine import OUTPUT_FD, REPORT_FD

if TYPE_CHECKING:
    from harness.sandbox.runtime.program import Run

PROGRAM_FILE = "<program>"
"""The file name of the program's code on tracebacks."""
OUTPUT_LIMIT = {"exception": "OutputLimit", "message": "", "line": None}
LONGEST_FAULT = 4096
"""Bytes of a line that holds no result."""
REPORT_BYTES = 256 << 20
"""Most bytes of a report that are read; no honest one is as long."""
_COMPILED = b"compiled"
_VARYING = re.compile(r" at 0x[0-9a-fA-F]{4,}| \(/[^()]*\)")
"""Addresses and paths of this machine in messages: removed, so that a program has the same message everywhere."""

# Taken before any program runs, so that one that patches ``json`` or ``resource`` fools only itself.
_to_json, _getrusage, _SELF = json.dumps, resource.getrusage, resource.RUSAGE_SELF

# --- writing, in the run -------------------------------------------------------------------------------------------


def used_microseconds() -> int:
    """Return the processor time of this process so far.

    Not from its clock: where RLIMIT_CPU is set, the kernel updates that once a tick only.
    """
    usage = _getrusage(_SELF)
    return int(1e6 * (usage.ru_utime + usage.ru_stime))


def report_compiled() -> None:
    """Write the first line, before anything of the program has run."""
    wire.write(REPORT_FD, b"%d %s\n" % (used_microseconds(), _COMPILED))


def report_input(run: Run, report: dict[str, Any], used: int, end: int = 0, leaves: bool = True, full: int = 0) -> int:
    """Write the line of one input. Returns its length.

    Args:
        run: The run.
        report: What to report, JSON.
        used: Processor time so far, in microseconds.
        end: Where the output of this input ends.
        leaves: Whether the run exits after this line.
        full: Size limit of standard output for the next input, in bytes.
    """
    data = b"%d %d %d %s\n" % (used, end, leaves, _to_json(report).encode())
    resource.setrlimit(resource.RLIMIT_FSIZE, (run.file_bytes, run.file_bytes))
    wire.write(REPORT_FD, data)
    if not leaves:
        resource.setrlimit(resource.RLIMIT_FSIZE, (full, run.file_bytes))
    return len(data)


def describe(error: BaseException, full: int) -> dict[str, Any]:
    """Return the report of an uncaught exception: its type, message and the deepest line of the program.

    ``full`` is the size of standard output at its limit, in bytes.
    """
    trace, line = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == PROGRAM_FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    try:
        message = _VARYING.sub("", str(error)[:2000])[:500]
    except BaseException:  # the message is the program's code too
        message = ""
    name = _limit_behind(error, message, full) or type.__dict__["__name__"].__get__(type(error))
    return {"exception": name, "message": message, "line": line}


def _limit_behind(error: BaseException, message: str, full: int) -> str | None:
    """Return the name of the harness's limit that raised an exception; None for one of the program's own."""
    if isinstance(error, MemoryError):
        return "MemoryError"  # numpy has one of its own
    if isinstance(error, RuntimeError) and message == "can't start new thread":
        return "ThreadLimit"
    if not isinstance(error, OSError):
        return None
    if error.errno == errno.EFBIG:  # RLIMIT_FSIZE
        return "OutputLimit" if os.fstat(OUTPUT_FD).st_size >= full else "ScratchLimit"
    if error.errno == errno.ENOSPC:
        return "ScratchLimit"
    return "ProcessLimit" if isinstance(error, BlockingIOError) and error.errno == errno.EAGAIN else None


# --- reading, in the zygote ----------------------------------------------------------------------------------------

_INPUT_LINE = re.compile(rb"([0-9]{1,15}) ([0-9]{1,12}) ([01]) (?=\{)")
_FORGED = b"forged"


class Line(NamedTuple):
    """The line of one input."""

    seconds: float
    """Processor time."""
    end: int
    """The end of its output, in bytes."""
    text: bytes
    """The report, JSON."""


class RunReport(NamedTuple):
    """A report that was read."""

    compiled: bool
    """True if the program compiles."""
    used: int = 0
    """Processor time up to the last line, in microseconds."""
    compile_time: int = 0
    """Of that, for compiling."""
    lines: tuple[Line, ...] = ()
    left: bool = False
    """True if the run exited by itself after its last line."""


def read_report(report: int, inputs: int, longest: int = REPORT_BYTES) -> RunReport:
    """Read a report as far as it is written.

    A malformed line ends it, and stands as the report of its input.

    Args:
        report: Descriptor of the file.
        inputs: Number of inputs: further lines are ignored.
        longest: Bytes that a line may have.
    """
    data = os.pread(report, min(os.fstat(report).st_size, REPORT_BYTES), 0)
    first, _, rest = data.partition(b"\n")
    used, _, word = first.partition(b" ")
    if word != _COMPILED:
        return _read_uncompiled(data, first[: LONGEST_FAULT + 1])
    lines: list[Line] = []
    left = False
    begun = compile_time = int(used) if used.isdigit() and len(used) < 16 else 0
    for text in rest.split(b"\n", inputs)[:-1]:
        match = _INPUT_LINE.match(text)
        if match is None or len(text) > longest:
            lines.append(Line(0.0, REPORT_BYTES, _FORGED))
            return RunReport(True, begun, compile_time, tuple(lines), True)
        now = max(begun, int(match[1]))
        lines.append(Line((now - begun) / 1e6, int(match[2]), text[match.end() :]))
        begun, left = now, match[3] == b"1"
    return RunReport(True, begun, compile_time, tuple(lines), left)


def _read_uncompiled(data: bytes, first: bytes) -> RunReport:
    """Read a report whose first line does not say that the program compiles."""
    match = _INPUT_LINE.match(first)
    if match and b'"column"' in first and len(first) <= LONGEST_FAULT:
        return RunReport(False, lines=(Line(0.0, 0, first[match.end() :]),))
    if data:
        return RunReport(True, lines=(Line(0.0, REPORT_BYTES, _FORGED),), left=True)
    return RunReport(False)
