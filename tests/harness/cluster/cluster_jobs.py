"""Jobs for the actors of a cluster, which import this module."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from harness.sandbox import Sandbox
from harness.sandbox.execution import Program


def doubled(sandbox: Sandbox, job: int) -> tuple[str, int]:
    """Run a program; return its output, and the process that holds the sandbox."""
    (execution,) = sandbox.execute(Program("print(2 * int(input()))"), [f"{job}\n"])
    return execution.output, os.getpid()


def signals_of(sandbox: Sandbox, job: str) -> str:
    (execution,) = sandbox.execute(Program(job), [""])
    return execution.output


def raising(sandbox: Sandbox, job: int) -> None:
    raise LookupError(f"job {job}")


def dying(sandbox: Sandbox, job: Path) -> str:
    """Kill the worker, unless another one has left the file of the job behind."""
    if job.exists():
        return "done"
    job.touch()
    assert sandbox.layers
    os.kill(os.getpid(), signal.SIGKILL)
    return "dead"


def waiting_for(sandbox: Sandbox, job: tuple[list[Path], Path]) -> str:
    """Wait until all of some files are there, and make another one."""
    awaited, made = job
    while not all(path.exists() for path in awaited):
        time.sleep(0.01)
    made.touch()
    return made.name


def hanging_first(sandbox: Sandbox, job: Path) -> int:
    """Take two minutes, unless another worker has left the file of the job behind; return this worker's process."""
    if not job.exists():
        job.write_text(str(os.getpid()))
        time.sleep(120)
    assert sandbox.layers
    return os.getpid()


def sleeping(sandbox: Sandbox, job: Path) -> None:
    """Write the process of this worker into a file, and sleep."""
    assert sandbox.layers
    job.with_suffix(".new").write_text(str(os.getpid()))
    job.with_suffix(".new").rename(job)
    time.sleep(3600)


def same(sandbox: Sandbox, job: Any) -> int:
    return id(job[0])
