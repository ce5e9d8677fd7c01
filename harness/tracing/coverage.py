"""Compute which lines of a program its tests ran. Pure functions over the executions of a tracing sandbox.

    with Sandbox(trace=True) as sandbox:
        judged = judge(sandbox, source, problem)
    mask = executed_lines(source, [j.execution for j in judged])

Lines count from 1. ``harness/sandbox/runtime/line_trace.py`` defines which lines are code and when a line counts as
executed; blank lines and comments are neither executed nor missed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from apps_plus.conditionals import parse
from harness.sandbox.execution import Execution
from harness.sandbox.runtime.instrument import Instrumenter, lines_of
from harness.sandbox.runtime.line_trace import LONGEST_SOURCE


def executable_lines(source: str) -> frozenset[int] | None:
    """Return the lines with code; None if the program does not compile, or is too long or too deeply nested."""
    source = source.removeprefix("\ufeff")
    if len(source) > LONGEST_SOURCE:
        return None
    try:
        units = Instrumenter(parse(source), source).units
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return frozenset(line for unit in units for line in unit)


def executed_lines(source: str, executions: Sequence[Execution]) -> frozenset[int]:
    """Return the lines that ran on any input: their tokens count in StepCoder's policy loss (FGO, section 3.2).

    If the lines of one input are unknown (the program does not compile, or was not traced), all lines are returned,
    including blank ones and comments. After a timeout or an exception, the lines that ran until then count.
    """
    ran = union(executions)
    return frozenset(range(1, len(lines_of(source)))) if ran is None else ran


def missed_lines(source: str, executions: Sequence[Execution]) -> frozenset[int]:
    """Return the lines of code that ran on no input; an empty set if that is unknown.

    This is the complement of ``executed_lines``, except for blank lines and comments, which are in neither.
    """
    ran, executable = union(executions), executable_lines(source)
    return frozenset() if ran is None or executable is None else executable - ran


def union(executions: Iterable[Execution]) -> frozenset[int] | None:
    """Return the lines that ran on any input; None if the lines of one input are unknown."""
    ran: set[int] = set()
    for execution in executions:
        if execution.lines is None:
            return None
        ran |= execution.lines
    return frozenset(ran)


def runs_of_lines(executions: Iterable[Execution]) -> dict[int, int]:
    """Return on how many inputs each line ran, in the order of the lines; lines that never ran are left out."""
    counts = Counter(line for execution in executions for line in execution.lines or ())
    return dict(sorted(counts.items()))
