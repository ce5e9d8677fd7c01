"""The jobs that a server's workers do in their sandboxes, besides judging (``harness.judging.judge_answer``)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from harness.sandbox import Sandbox
from harness.sandbox.execution import Execution, Limits, Program


@dataclass(frozen=True, slots=True)
class RunJob:
    """One program to run on one standard input."""

    source: str
    stdin: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class Ran:
    """An execution, and the wall-clock time that it took."""

    execution: Execution
    wall_seconds: float


def warm_up(sandbox: Sandbox, _: None) -> tuple[str, ...]:
    """Start the sandbox and verify its isolation; return its layers. Raises SandboxError."""
    sandbox.execute(Program("print(1)"), [""])
    return sandbox.layers


def run_program(sandbox: Sandbox, job: RunJob) -> Ran:
    """Run a program on its input."""
    started = time.perf_counter()
    [execution] = sandbox.execute(Program(job.source), [job.stdin], job.limits)
    return Ran(execution, time.perf_counter() - started)
