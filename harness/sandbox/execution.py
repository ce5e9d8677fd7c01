"""The records that go into the sandbox and come out of it.

A program, a list of inputs and limits go in; one ``Execution`` per input comes out. Expected outputs are not part of
them: they stay in the process that judges.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Program:
    """An untrusted program: its source, and the function to call in it (a script has none)."""

    source: str
    entry_point: str | None = None
    """The function, or method of ``class Solution``, to call; None runs it as ``python program.py`` would."""


@dataclass(frozen=True, slots=True)
class Checks:
    """A benchmark's own test code: trusted, and kept out of the program's reach.

    HumanEval: ``Program(prompt + completion, entry_point)`` with ``Checks(test + f"\\ncheck({entry_point})", prompt)``.
    MBPP: ``Program(completion)`` with ``Checks("\\n".join(test_list), test_setup_code)``.
    """

    source: str
    """Code that raises where the program is wrong: assertions on what the entry point returns."""
    prelude: str = ""
    """Code that the tests may rely on, run before them: a prompt with its helper functions, imports, set-up code."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one test. Sizes in bytes, times in seconds."""

    cpu_seconds: float = 4.0
    """Processor time decides a timeout, so that a busy machine changes no verdict."""
    wall_seconds: float = 40.0
    """The cap for a program that sleeps or waits."""
    memory_bytes: int = 1 << 30
    """Address space on top of the bare interpreter's."""
    output_bytes: int = 8 << 20
    """Standard output, a returned value as JSON, and the largest file in scratch, each."""
    scratch_bytes: int = 64 << 20
    """All files in the scratch directory together, where namespaces are in force."""
    open_files: int = 64
    threads: int = 128
    """Threads of the program, where namespaces are in force and the harness does not run as root; elsewhere memory
    for their stacks bounds them."""
    program_seconds: float | None = None
    """Processor time of all inputs together, after which no other is begun (``out_of_budget``); None: no such limit."""
    stop_after_timeout: bool = True
    """Skip a program's later tests (``not_run``) once one has timed out: it has failed already."""

    def __post_init__(self) -> None:
        """Raise ValueError for a value that cannot be a limit."""
        for name in ("memory_bytes", "output_bytes", "scratch_bytes", "open_files", "threads"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 1 << 60:
                raise ValueError(f"{name} must be a whole number above zero (an int below 2**60), not {value!r}")
        for name in ("cpu_seconds", "wall_seconds", "program_seconds"):
            value = getattr(self, name)
            if value is None and name == "program_seconds":
                continue
            if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 < value < math.inf:
                raise ValueError(f"{name} must be a number of seconds above zero, not {value!r}")


def limits_of(timeout: float | None) -> Limits:
    """Return the limits of one test for a timeout in seconds of processor time; None: the default."""
    seconds = timeout if timeout is not None else Limits().cpu_seconds
    return Limits(cpu_seconds=seconds, wall_seconds=max(10 * seconds, 10.0))


class Ended(StrEnum):
    """The ways in which the run on one input ends."""

    FINISHED = "finished"
    """Returned, or exited with status 0."""
    COMPILE_ERROR = "compile_error"
    CHECK_FAILED = "check_failed"
    """The program answered, and the tests' own code raised an exception on the answer."""
    EXCEPTION = "exception"
    """An uncaught exception, or an exit status other than 0 (``SystemExit``)."""
    SIGNAL = "signal"
    """Killed by a signal of its own making; ``exception`` holds its name."""
    TIMEOUT = "timeout"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    SCRATCH_LIMIT = "scratch_limit"
    THREAD_LIMIT = "thread_limit"
    PROCESS_LIMIT = "process_limit"
    """It needed a process of its own; no program may start one."""
    NOT_RUN = "not_run"
    """Skipped after an earlier timeout."""
    OUT_OF_BUDGET = "out_of_budget"
    """Skipped since the inputs before it used up the program's time; none of them failed because of that."""
    HARNESS_ERROR = "harness_error"
    """A fault of the harness, after retries; never the program's."""


@dataclass(frozen=True, slots=True)
class Execution:
    """The result of a program on one input."""

    ended: Ended
    output: str = ""
    """Standard output, decoded as UTF-8; bytes that are not become U+FFFD."""
    result: str | None = None
    """JSON text of the value that the entry point returned; None where there is none, or it is not JSON-like."""
    result_type: str = ""
    """The type of a returned value that is not JSON-like."""
    exception: str = ""
    """Name of the exception's type (of the signal, for ``signal``)."""
    message: str = ""
    line: int | None = None
    """The deepest line of the program on the exception's traceback, from 1."""
    seconds: float = 0.0
    """Processor time of the process that ran it."""
    peak_memory: int = 0
    """Peak resident memory in bytes, the bare interpreter's included."""
    alone: bool = field(default=True, compare=False)
    """True if it was the first input of its process, so that no other input can have left state behind."""
    in_doubt: bool = field(default=False, compare=False)
    """True for a timeout that a busy machine may have caused (``docs/timeouts.md``): the program should run again."""
    lines: frozenset[int] | None = None
    """The lines of the program, from 1, that ran on this input (defined in ``harness/sandbox/runtime/line_trace.py``).
    Lines that ran at the import of a function's program count for each input. None where the program was not traced,
    does not compile, or is too long (64 Ki characters) or too deeply nested."""


MISSING_ENTRY_POINT = "EntryPointMissing"
"""``Execution.exception`` where the program ran but does not define the function to call."""
