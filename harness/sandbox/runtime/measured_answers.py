"""Turn what the zygote measured and read of a run into answers for the parent, one for each input.

Standard library only.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

from harness.sandbox.isolation import libc

if TYPE_CHECKING:
    from harness.sandbox.runtime.forker import Usage
    from harness.sandbox.runtime.line_trace import Recording
    from harness.sandbox.runtime.report import Line, RunReport

    Answer = dict[str, Any]


def answers_of(report: RunReport, inputs: int, usage: Usage) -> list[Answer]:
    """Return one answer for each line of a report, and one for the input during which the run died."""
    spent = usage.seconds  # a line that claims more was forged
    answers = [_answer(report.compiled, line.text, min(line.seconds, spent), usage) for line in report.lines]
    if not answers or (report.compiled and not report.left and len(answers) < inputs):
        seconds = spent - report.used / 1e6
        answers.append(_answer(report.compiled, b"", seconds if seconds >= 0 else spent, usage))
    answers[0]["alone"] = True
    return answers[:inputs]


def _answer(compiled: bool, report: bytes, seconds: float, usage: Usage) -> Answer:
    """Return the answer for an input that ran into no limit of the zygote's."""
    return {
        "compiled": compiled,
        "alone": False,
        "timeout": False,
        "status": 0,
        "report": report.decode("utf-8", "replace"),
        "output": "",
        "output_full": False,
        "scratch_full": False,
        "seconds": seconds,
        "peak_memory": usage.peak_memory,
    }


def add_outputs(output: int, answers: list[Answer], lines: tuple[Line, ...], limit: int) -> None:
    """Give each answer its part of standard output; the last one, if it has no line, the rest.

    Args:
        output: Descriptor of the file.
        answers: Changed here.
        lines: The lines of the report; each says where an output ends.
        limit: Size limit of one output, in bytes.
    """
    start, size = 0, os.fstat(output).st_size
    for number, one in enumerate(answers):
        end = max(start, min(lines[number].end if number < len(lines) else size, size))
        one["output"] = os.pread(output, min(end - start, limit), start).decode("utf-8", "replace")
        one["output_full"] = one["output_full"] or end - start >= limit
        start = end


def lines_that_ran(recording: Recording | None, inputs: int) -> list[dict[str, Any] | None]:
    """Return for each input which units ran, None where that was not recorded.

    The lines of each unit come with the first input only.
    """
    ran = None if recording is None else recording.read(inputs)
    if ran is None:
        return [None] * inputs
    units, begun = ran
    return [{"units": None if number else units, "begun": one} for number, one in enumerate(begun)]


def hit_cpu_limit(status: int) -> bool:
    """Return whether the kernel's limit of processor time decides a timeout and ended a run: not on Linux."""
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU and not libc.LINUX
