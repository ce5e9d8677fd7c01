"""``POST /run_code``: the request and the response of SandboxFusion, answered by this sandbox. Pure functions.

Field for field those of ``sandbox/server/sandbox_api.py`` of bytedance/SandboxFusion at commit 469de084 (July 2026),
which verl 0.9.1 (``verl/utils/reward_score/sandbox_fusion``) and the client ``sandbox-fusion`` 0.3.7 call.
"""

from __future__ import annotations

import re
import signal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

from harness.sandbox.execution import Ended, Execution, Limits
from harness.serving.jobs import Ran, RunJob
from harness.serving.refusal import Refusal

LANGUAGE = "python"
"""The only language of this sandbox."""
WALL_FACTOR = 2.0
"""Wall-clock limit over ``run_timeout``, which bounds processor time here;
verl waits twice ``run_timeout`` and 10 s."""

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class RunCodeRequest(BaseModel):
    """A program to run. Unknown fields are ignored, as SandboxFusion does."""

    code: str
    language: str
    stdin: str | None = None
    run_timeout: Seconds = 10.0
    compile_timeout: Seconds = 10.0
    """Without effect: Python programs are compiled when they run, there as here."""
    memory_limit_MB: int = Field(default=-1, le=1 << 30)  # noqa: N815  # SandboxFusion's name
    files: dict[str, str | None] = {}
    fetch_files: list[str] = []


class RunStatus(StrEnum):
    """The status of a response."""

    SUCCESS = "Success"
    FAILED = "Failed"
    """The program exited with another status than 0, or reached a limit."""
    SANDBOX_ERROR = "SandboxError"


class CommandRunStatus(StrEnum):
    """The status of the program's process."""

    FINISHED = "Finished"
    ERROR = "Error"
    TIME_LIMIT_EXCEEDED = "TimeLimitExceeded"


class CommandRunResult(BaseModel):
    """The result of the program's process."""

    status: CommandRunStatus
    execution_time: float | None = None
    """Wall-clock seconds."""
    return_code: int | None = None
    stdout: str | None = None
    stderr: str | None = None


class RunCodeResponse(BaseModel):
    """The response."""

    status: RunStatus
    message: str = ""
    compile_result: CommandRunResult | None = None
    run_result: CommandRunResult | None = None
    executor_pod_name: str | None = None
    files: dict[str, str] = {}


def run_job(request: RunCodeRequest, max_seconds: float, max_memory_bytes: int) -> RunJob:
    """Return the job of a request. Raises Refusal for what this sandbox does not offer."""
    if request.language != LANGUAGE:
        raise Refusal(422, "unsupported", f"language {request.language[:40]!r}: this server runs python only")
    if request.files or request.fetch_files:
        field = "files" if request.files else "fetch_files"
        raise Refusal(422, "unsupported", f"{field}: this server takes and returns no files; pass the input as stdin")
    if request.run_timeout > max_seconds:
        raise Refusal(422, "invalid_request", f"run_timeout: at most {max_seconds:g} s on this server")
    memory = Limits().memory_bytes
    if request.memory_limit_MB > 0:
        memory = request.memory_limit_MB << 20
    if memory > max_memory_bytes:
        raise Refusal(422, "invalid_request", f"memory_limit_MB: at most {max_memory_bytes >> 20} on this server")
    limits = Limits(
        cpu_seconds=request.run_timeout, wall_seconds=WALL_FACTOR * request.run_timeout, memory_bytes=memory
    )
    return RunJob(request.code, request.stdin or "", limits)


def run_response(ran: Ran) -> RunCodeResponse:
    """Return the response for a program that ran."""
    execution = ran.execution
    if execution.ended is Ended.HARNESS_ERROR:
        return sandbox_error(execution.message)
    status = CommandRunStatus.FINISHED
    if execution.ended is Ended.TIMEOUT:
        status = CommandRunStatus.TIME_LIMIT_EXCEEDED
    result = CommandRunResult(
        status=status,
        execution_time=round(ran.wall_seconds, 4),
        return_code=return_code_of(execution),
        stdout=execution.output,
        stderr=stderr_of(execution),
    )
    success = execution.ended is Ended.FINISHED
    return RunCodeResponse(status=RunStatus.SUCCESS if success else RunStatus.FAILED, run_result=result)


def sandbox_error(message: str) -> RunCodeResponse:
    """Return the response for a fault that is not the program's."""
    result = CommandRunResult(status=CommandRunStatus.ERROR, stderr=message)
    return RunCodeResponse(status=RunStatus.SANDBOX_ERROR, message=message, run_result=result)


def return_code_of(execution: Execution) -> int | None:
    """Return the exit status that ``python program.py`` would have had; None after a timeout."""
    match execution.ended:
        case Ended.FINISHED:
            return 0
        case Ended.TIMEOUT:
            return None
        case Ended.SIGNAL:
            return -_signal_number(execution.exception)
        case Ended.OUTPUT_LIMIT:
            return -signal.SIGXFSZ
    if execution.exception == "SystemExit" and _STATUS.fullmatch(execution.message):
        return int(execution.message) & 0xFF or 1
    return 1


_STATUS = re.compile("-?[0-9]{1,18}")
"""The argument of ``exit`` if it is a status; any other is a message, with status 1."""


_LIMITS = {
    Ended.OUTPUT_LIMIT: "output limit exceeded",
    Ended.MEMORY_LIMIT: "memory limit exceeded",
    Ended.SCRATCH_LIMIT: "limit of files in the scratch directory exceeded",
    Ended.THREAD_LIMIT: "thread limit exceeded",
    Ended.PROCESS_LIMIT: "a program may start no process",
    Ended.TIMEOUT: "time limit exceeded",
}


def stderr_of(execution: Execution) -> str:
    """Describe how the program failed, as the end of a traceback does; "" where it finished.

    The sandbox does not keep what a program writes on standard error.
    """
    if execution.ended in _LIMITS:
        return f"{_LIMITS[execution.ended]}\n"
    if execution.ended is Ended.SIGNAL:
        return f"killed by {execution.exception}\n"
    if not execution.exception:
        return ""
    if execution.exception == "SystemExit":
        return "" if _STATUS.fullmatch(execution.message) else f"{execution.message}\n"
    place = "" if execution.line is None else f'  File "<program>", line {execution.line}\n'
    traceback = "" if execution.ended is Ended.COMPILE_ERROR else "Traceback (most recent call last):\n"
    return f"{traceback}{place}{execution.exception}: {execution.message}\n"


def _signal_number(name: str) -> int:
    try:
        return int(signal.Signals[name])
    except KeyError:  # a real-time signal: SIG and its number
        number = name.removeprefix("SIG")
        return int(number) if number.isdigit() else signal.SIGKILL
