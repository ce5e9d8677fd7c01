"""Run a program and record its executed lines, its conditional statements and the result of each run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from apps_plus.conditionals import find_conditionals
from apps_plus.problem import Conditional, Problem
from harness.judging.judge import judge
from harness.judging.verdict import Verdict
from harness.sandbox import USUAL_ISOLATION, Isolation, Sandbox
from harness.sandbox.execution import Ended, Execution, Limits, Program
from harness.sandbox.runtime.instrument import lines_of
from harness.tracing.coverage import executable_lines, runs_of_lines, union


@dataclass(frozen=True, slots=True)
class TracedRun:
    """One run of the program on one input."""

    name: str
    execution: Execution
    verdict: Verdict | None = None
    """None without an expected output."""

    @property
    def outcome(self) -> str:
        """The verdict, or, without one, the status of the run."""
        return str(self.verdict if self.verdict is not None else self.execution.ended)


@dataclass(frozen=True)
class Trace:
    """A program with its runs and their executed lines."""

    name: str
    program: Program
    runs: tuple[TracedRun, ...]
    layers: tuple[str, ...]
    """The sandbox layers that were active."""

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the source, in order."""
        return lines_of(self.program.source.removeprefix("\ufeff"))[1:]

    @cached_property
    def executable(self) -> frozenset[int] | None:
        """The lines with code; None if unknown."""
        return executable_lines(self.program.source)

    @cached_property
    def executed(self) -> frozenset[int] | None:
        """The lines that ran on any input; None if unknown."""
        return union(run.execution for run in self.runs) if self.executable is not None else None

    @cached_property
    def counts(self) -> dict[int, int]:
        """On how many inputs each line ran, by line."""
        return runs_of_lines(run.execution for run in self.runs)

    @cached_property
    def conditionals(self) -> tuple[Conditional, ...]:
        """The conditional statements of the program; empty if it does not compile."""
        try:
            return find_conditionals(self.program.source.removeprefix("\ufeff"))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ()

    @property
    def compile_error(self) -> Execution | None:
        """The execution with the compile error; None if the program compiles."""
        return next((r.execution for r in self.runs if r.execution.ended is Ended.COMPILE_ERROR), None)

    def to_json(self) -> dict[str, Any]:
        """Return the trace as a JSON object; unknown lists of lines are null."""
        executable, executed = self.executable, self.executed
        known = executable is not None and executed is not None
        return {
            "program": self.name,
            "entry_point": self.program.entry_point,
            "source": self.program.source,
            "executable": sorted(executable) if executable is not None else None,
            "executed": sorted(executed) if executed is not None else None,
            "missed": sorted(executable - executed) if known and executable and executed is not None else None,
            "runs_of_lines": {str(line): count for line, count in self.counts.items()},
            "conditionals": [asdict(conditional) for conditional in self.conditionals],
            "runs": [_run_to_json(run) for run in self.runs],
            "sandbox": {"layers": list(self.layers)},
        }


def _run_to_json(run: TracedRun) -> dict[str, Any]:
    execution = run.execution
    return {
        "name": run.name,
        "verdict": run.verdict,
        "ended": execution.ended,
        "exception": execution.exception,
        "message": execution.message,
        "line": execution.line,
        "seconds": execution.seconds,
        "output": execution.output,
        "result": execution.result,
        "executed": sorted(execution.lines) if execution.lines is not None else None,
    }


def trace_program(
    name: str,
    program: Program,
    inputs: Sequence[tuple[str, Any]],
    limits: Limits | None = None,
    isolation: Isolation = USUAL_ISOLATION,
) -> Trace:
    """Run a program on named inputs.

    Raises:
        SandboxError: Programs cannot be run on this machine, or not safely.
    """
    with _sandbox(isolation) as sandbox:
        executions = sandbox.execute(program, [given for _, given in inputs], limits)
        runs = [TracedRun(named, execution) for (named, _), execution in zip(inputs, executions, strict=True)]
        return Trace(name, program, tuple(runs), sandbox.layers)


def trace_problem(
    name: str,
    source: str,
    problem: Problem,
    limits: Limits | None = None,
    isolation: Isolation = USUAL_ISOLATION,
) -> Trace:
    """Run a program on the tests of a problem. Raises like ``trace_program``."""
    with _sandbox(isolation) as sandbox:
        judged = judge(sandbox, source, problem, limits)
        runs = [TracedRun(f"test {number}", one.execution, one.verdict) for number, one in enumerate(judged, 1)]
        return Trace(name, Program(source, problem.entry_point), tuple(runs), sandbox.layers)


def _sandbox(isolation: Isolation) -> Sandbox:
    return Sandbox(require_isolation=isolation.require_isolation, unsafe=isolation.unsafe, trace=True)
