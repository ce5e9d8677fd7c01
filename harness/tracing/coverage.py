"""Which lines of a program its tests ran, and which not. Pure functions over executions of a tracing sandbox.

    with Sandbox(trace=True) as sandbox:
        judged = judge(sandbox, source, problem)
    mask = executed_lines(source, [j.execution for j in judged])

Lines count from 1. What a line is, and when it ran, is said in ``harness/sandbox/runtime/line_trace.py``: blank lines
and comments are neither code that ran nor code that did not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from apps_plus.conditionals import parse
from harness.sandbox.execution import Execution
from harness.sandbox.runtime.instrument import Instrumenter, lines_of
from harness.sandbox.runtime.line_trace import LONGEST_SOURCE


def executable_lines(source: str) -> frozenset[int] | None:
    """The lines that hold code; None where the program does not compile, or is too long or too deeply nested."""
    source = source.removeprefix("\ufeff")
    if len(source) > LONGEST_SOURCE:
        return None
    try:
        units = Instrumenter(parse(source), source).units
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return frozenset(line for unit in units for line in unit)


def executed_lines(source: str, executions: Sequence[Execution]) -> frozenset[int]:
    """The lines that ran on any input: those whose tokens count in StepCoder's policy loss (FGO, section 3.2).

    Where it is not known what ran on an input (the program does not compile, or was not traced) every line may have
    run, blank ones and comments too: then all count. A timeout or an exception leaves what ran until then.
    """
    ran = union(executions)
    return frozenset(range(1, len(lines_of(source)))) if ran is None else ran


def missed_lines(source: str, executions: Sequence[Execution]) -> frozenset[int]:
    """The lines of code that ran on no input; none where that is not known.

    The other side of ``executed_lines`` but for blank lines and comments, which are in neither.
    """
    ran, executable = union(executions), executable_lines(source)
    return frozenset() if ran is None or executable is None else executable - ran


def union(executions: Iterable[Execution]) -> frozenset[int] | None:
    """The lines that ran on any input; None where that is not known of one of them."""
    ran: set[int] = set()
    for execution in executions:
        if execution.lines is None:
            return None
        ran |= execution.lines
    return frozenset(ran)


def runs_of_lines(executions: Iterable[Execution]) -> dict[int, int]:
    """On how many inputs each line ran, in the order of the lines; lines that never ran are left out."""
    counts = Counter(line for execution in executions for line in execution.lines or ())
    return dict(sorted(counts.items()))
