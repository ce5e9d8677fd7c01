"""The processes that hold untrusted programs, seen from the parent: starting them, talking to them, ending them.

A *zygote* forks one process for each program. A *tester* runs the tests of a benchmark that are code. Both are scripts
in ``runtime``, started in a fresh interpreter, and answer one message at a time.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

from apps_plus.errors import SandboxError
from apps_plus.problem import DictKeys, unlimited_digits
from harness.sandbox import machine_limits
from harness.sandbox.execution import Checks, Ended, Execution, Limits, Program
from harness.sandbox.read_answers import execution_under_tests, executions_of, with_lines
from harness.sandbox.runtime import wire
from harness.sandbox.runtime.watch import Doubt
from harness.sandbox.start_process import start_process
from harness.sandbox.temporary_folder import temporary_folder
from harness.sandbox.waited_time import FIRST_SECONDS, NEXT_SECONDS, WaitedTime

_SCIENCE = ("numpy", "scipy", "networkx", "sympy", "mpmath", "pandas")
_SCIENCE_WORD = re.compile(rf"\b(?:{'|'.join(_SCIENCE)})\b")
_START_SECONDS = 60  # for a process to say that it is ready
_ANSWER_SLACK = 30.0  # seconds beyond a run's wall-clock limit before the zygote itself counts as dead
_POLICE_SECONDS = 0.05  # between two counts of a program's threads, where the kernel does not limit them
_EXIT_SECONDS = 0.01  # for a program to exit by itself after its tests
_TESTER_SECONDS = 1.0  # of processor time for a benchmark's own code, on top of the program's limit
_WAITED_SHARE = 0.05  # of its wall-clock limit, that a program may have waited for a processor without any effect
_CLOSE_SECONDS = 2.0  # for the descendants of a closed process to die
_SHORT_BYTES = 1 << 20
"""Limit of a message that holds no output of a program: the first of a process, the outcome of tests."""
_JSON_GROWTH = 6
"""Most bytes of JSON for a byte of output: ``\\ufffd`` stands for one that is not UTF-8."""
_FAULTS = (OSError, ValueError, KeyError, TypeError, RecursionError)
"""Exceptions of a broken process and of a message that cannot be sent or read."""


class ZygoteKey(NamedTuple):
    """The settings that are fixed when a zygote starts."""

    seed: int = 0
    science: bool = False
    scratch_bytes: int = Limits().scratch_bytes


class Process:
    """The parent's end of a zygote or tester."""

    def __init__(self, script: str, settings: dict[str, Any], seed: int) -> None:
        """Start it and wait until it is ready. Raises SandboxError where that fails."""
        self._connection, theirs = socket.socketpair()
        with theirs:
            settings = {**settings, "fd": theirs.fileno(), "packages": science_paths()}
            try:
                self._folder = temporary_folder()  # in case it can mount no private scratch directory
                self._process = start_process(script, settings, seed, self._folder)
            except OSError as error:
                self._connection.close()
                self._remove_folder()
                raise _start_error(error, settings) from error
        try:
            self.hello = self.receive()
        except (OSError, ValueError) as error:
            stderr = self.close()
            raise _start_error(stderr.splitlines()[-1] if stderr else error, settings) from error
        if not self.hello["scratch"]:  # a private mount, or none
            self._remove_folder()

    def close(self) -> str:
        """End the process and all of its descendants. Returns what it wrote on standard error."""
        self._connection.close()
        if self._process.returncode is None:  # once the process is reaped, its number may be another's
            _kill_descendants(self._process.pid)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        _, stderr = self._process.communicate()
        self._remove_folder()
        return stderr.decode(errors="replace").strip()

    def _remove_folder(self) -> None:
        if self._folder is not None:
            self._folder.remove()
            self._folder = None

    def fileno(self) -> int:
        """Return the descriptor of the connection, for ``select``."""
        return self._connection.fileno()

    def send(self, message: dict[str, Any], fd: int | None = None) -> None:
        """Send a message. Raises OSError."""
        with unlimited_digits():
            wire.send(self._connection, message, fd)

    def receive(self, timeout: float = _START_SECONDS, longest: int = _SHORT_BYTES) -> dict[str, Any]:
        """Return the next message.

        Args:
            timeout: Seconds for the whole message.
            longest: Bytes that it may have.

        Raises:
            OSError: None comes in time.
            ValueError: It is malformed or too long, or brings a descriptor.
        """
        self._connection.settimeout(timeout)
        received = wire.receive(self._connection, longest)
        if received is None:
            raise ConnectionError("the sandbox process died")
        if received[1] is not None:
            os.close(received[1])
            raise ValueError("the sandbox process sent a descriptor")
        if not isinstance(received[0], dict):
            raise ValueError("the sandbox process sent something that is not a JSON object")
        return received[0]


class TesterProcess(Process):
    """The process that runs a benchmark's own tests."""

    def __init__(self, without: Sequence[str]) -> None:
        super().__init__("test_runner.py", {"without": without}, seed=0)
        self.usable = True
        """True if it may run further tests."""

    def outcome(self, timeout: float, longest: int = _SHORT_BYTES) -> dict[str, Any]:
        """Return the result of the tests. A tester that used up its time was kept busy by the program's values.

        Raises OSError where it died of something else.
        """
        try:
            outcome = self.receive(timeout, longest)
            self.usable = not outcome.get("retired")
            return outcome
        except (TimeoutError, ConnectionError) as error:
            self.usable = False
            if not isinstance(error, TimeoutError) and not self._hit_cpu_limit():
                raise
            return {"ended": "timeout", "report": None}

    def _hit_cpu_limit(self) -> bool:
        """Return whether the kernel ended the process at its limit of processor time."""
        try:
            return self._process.wait(5) in (-signal.SIGXCPU, -signal.SIGXCPU & 0xFF)
        except subprocess.TimeoutExpired:
            return False


class ZygoteProcess(Process):
    """The process that forks a run for each program."""

    def __init__(self, key: ZygoteKey, without: Sequence[str]) -> None:
        super().__init__("zygote.py", {**key._asdict(), "without": without}, key.seed)
        self.seed = key.seed
        self.layers: tuple[str, ...] = tuple(self.hello["layers"])
        self.missing: dict[str, str] = self.hello["missing"]
        self.baseline: int = self.hello["baseline"]
        """Address space of the interpreter that runs programs, in bytes."""
        self._polices = not self.hello["bounded"] and sys.platform == "linux"

    def run(
        self,
        program: Program,
        inputs: Sequence[Any],
        limits: Limits,
        dict_keys: DictKeys,
        trace: bool,
        overrun: float = 1.0,
    ) -> list[Execution]:
        """Run one program on each input; all executions are ``harness_error`` where the zygote failed.

        ``overrun`` is as in ``Watch.look_on``.
        """
        if program.entry_point is None and (too_long := machine_limits.too_long(inputs)):
            return [Execution(Ended.HARNESS_ERROR, message=too_long)] * len(inputs)
        job = _job(program, limits, trace, overrun) | {"inputs": list(inputs), "dict_keys": str(dict_keys)}
        timeout = min((overrun * limits.wall_seconds + _ANSWER_SLACK) * max(len(inputs), 1), 24 * 3600)
        try:
            self.send(job)
            stopped, waited = self._wait(limits.threads, timeout)
            reply = self.receive(timeout, longest_reply(limits, len(inputs), program.source, trace))
            answers = reply["answers"]
            for answer in answers if stopped else ():
                answer["crowded"] = answer["status"] == -signal.SIGKILL and not answer["timeout"]
            executions = executions_of(answers, reply["stopped"], len(inputs), program.entry_point is not None)
            for number, answer in enumerate(answers[: len(executions)]):
                executions[number] = _doubted(executions[number], answer, waited, limits)
            return with_lines(executions, answers, program.source) if trace else executions
        except _FAULTS as error:
            return [_fault(error)] * len(inputs)

    def check(
        self,
        program: Program,
        checks: Checks,
        limits: Limits,
        tester: TesterProcess,
        trace: bool,
        overrun: float = 1.0,
    ) -> Execution:
        """Run one program under its tests. ``overrun`` is as in ``Watch.look_on``."""
        tests = {
            "source": checks.source,
            "prelude": checks.prelude,
            "entry_point": program.entry_point,
            "seed": self.seed,
            "seconds": limits.cpu_seconds + _TESTER_SECONDS,
            "longest": 2 * limits.output_bytes + 4096,
        }
        try:
            ours, theirs = socket.socketpair()
            with ours, theirs:
                self.send(_job(program, limits, trace, overrun), ours.fileno())
                tester.send(tests, theirs.fileno())
            longest = longest_reply(limits, 1, program.source, trace)
            answer, outcome, crowded, waited = self._wait_for_both(
                tester, limits, longest, overrun * limits.wall_seconds + _ANSWER_SLACK
            )
            if answer["timeout"] and answer["doubt"] == Doubt.ENDED:  # its tests ended after it had timed out
                outcome = {"ended": "timeout"}
            execution = _doubted(execution_under_tests(answer, outcome), answer, waited, limits)
            execution = with_lines([execution], [answer], program.source)[0]
            return replace(execution, ended=Ended.THREAD_LIMIT, exception="") if crowded else execution
        except _FAULTS as error:
            return _fault(error)

    def _wait_for_both(
        self, tester: TesterProcess, limits: Limits, longest: int, timeout: float
    ) -> tuple[dict[str, Any], dict[str, Any], bool, float | None]:
        """Return the zygote's answer, the tester's outcome, and both results of ``_wait``."""
        crowded, waited = self._wait(limits.threads, timeout, tester)
        if tester in select.select([self, tester], [], [], timeout)[0]:
            outcome = tester.outcome(timeout, longest)
            if not select.select([self], [], [], _EXIT_SECONDS)[0]:
                self.send({"stop": True})
            return self.receive(timeout, longest), outcome, False, waited
        answer = self.receive(timeout, longest)
        return answer, tester.outcome(limits.cpu_seconds + _TESTER_SECONDS + 5, longest), crowded, waited

    def _wait(self, threads: int, timeout: float, *others: Process) -> tuple[bool, float | None]:
        """Wait for an answer. Where no limit of the kernel does, kill a run that has more threads than allowed.

        Returns whether a run was killed, and the seconds that the processes waited for a processor at most; None where
        that is not known.
        """
        stopped, waited, started = False, WaitedTime(), time.monotonic()
        due = started + FIRST_SECONDS
        while (now := time.monotonic()) < started + timeout:
            pause = min(max(due - now, 0.0), _POLICE_SECONDS) if self._polices else max(due - now, 0.0)
            if select.select([self, *others], [], [], pause)[0]:
                break
            below = descendants(self._process.pid)
            if time.monotonic() >= due:
                waited.sample([self._process.pid, *below, *(other._process.pid for other in others)])
                due = time.monotonic() + NEXT_SECONDS
            for pid in below if self._polices else ():
                if len(_threads_of(pid)) > threads + 1:
                    _signal(pid, signal.SIGKILL)
                    stopped = True
        return stopped, waited.most()


@functools.lru_cache(maxsize=64)
def _fields_of(limits: Limits) -> dict[str, Any]:
    """Return the fields of limits, for a message: the same object each time, which no caller changes."""
    return asdict(limits)


def _job(program: Program, limits: Limits, trace: bool, overrun: float) -> dict[str, Any]:
    job = {
        "source": program.source,
        "entry_point": program.entry_point,
        "limits": _fields_of(limits),
        "overrun": overrun,
    }
    return job | ({"trace": True} if trace else {})


def _doubted(execution: Execution, answer: dict[str, Any], waited: float | None, limits: Limits) -> Execution:
    """Return the execution, in doubt if it is a timeout that a busy machine may have caused (``docs/timeouts.md``).

    Args:
        execution: The execution.
        answer: The zygote's answer on it.
        waited: Seconds that the processes of the job waited for a processor at most; None: not known.
        limits: The limits of the execution.
    """
    if execution.ended is not Ended.TIMEOUT:
        return execution
    in_doubt = not answer["timeout"] or answer["doubt"] in (Doubt.SHARED, Doubt.ENDED)  # or the tests' time was up
    if answer["doubt"] == Doubt.WAITED:
        in_doubt = waited is None or waited > _WAITED_SHARE * limits.wall_seconds
    return replace(execution, in_doubt=in_doubt)


def longest_reply(limits: Limits, inputs: int, source: str, trace: bool) -> int:
    """Return the bytes that the reply to a job may have, whatever the program writes.

    The zygote begins no input once the outputs and reports of a job exceed JOB_FILE_BYTES together; those of its last
    process come on top, and each of its two files is bounded by RLIMIT_FSIZE (``Zygote.make_run``).
    """
    file_bytes = max(machine_limits.JOB_FILE_BYTES, limits.output_bytes)
    lines = source.count("\n") + source.count("\r") + 1
    traced = inputs * (66 * lines + 4096) if trace else 0  # the memory of ``line_trace.Recording``
    return _JSON_GROWTH * (machine_limits.JOB_FILE_BYTES + 2 * file_bytes + traced) + (inputs + 1) * 4096


# --- descendants (Linux) -------------------------------------------------------------------------------------------


def _kill_descendants(pid: int) -> None:
    """Kill every process below one that is stopped meanwhile, so that it stays the parent that orphans get.

    A process in a session of its own is found too: zygotes and testers are subreapers (prctl(2)).
    """
    if not descendants(pid):
        return
    _signal(pid, signal.SIGSTOP)
    deadline = time.monotonic() + _CLOSE_SECONDS
    while time.monotonic() < deadline:
        alive = [child for child in descendants(pid) if is_alive(child)]
        if not alive:
            return
        for child in alive:
            _signal(child, signal.SIGKILL)
        time.sleep(0.001)


def descendants(pid: int) -> list[int]:
    """Return the processes below one: the children of each of its threads, and theirs."""
    below: list[int] = []
    for thread in _threads_of(pid):
        with contextlib.suppress(OSError, ValueError):
            below += [int(child) for child in (thread / "children").read_text().split()]
    return below + [further for child in below for further in descendants(child)]


def wait_for_end(pids: Sequence[int]) -> None:
    """Wait until none of these processes is alive, at most ``_CLOSE_SECONDS``."""
    deadline = time.monotonic() + _CLOSE_SECONDS
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.001)


def _threads_of(pid: int) -> list[Path]:
    """Return the folders in /proc of a process's threads; none where it has ended or cannot be read."""
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []


def is_alive(pid: int) -> bool:
    """Return whether a process is there and not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (OSError, IndexError):
        return False


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, number)


# --- errors and packages ----------------------------------------------------------------------------------------


def _start_error(reason: object, settings: dict[str, Any]) -> SandboxError:
    loaded = " with the scientific packages loaded" if settings.get("science") else ""
    return SandboxError(f"the sandbox{loaded} did not start: {reason}{_shortages()}; run `apps-plus doctor`")


def _fault(error: Exception) -> Execution:
    return Execution(Ended.HARNESS_ERROR, message=f"{type(error).__name__}: {error}{_shortages()}")


def _shortages() -> str:
    """Return a clause for each limit of the machine that may explain a fault."""
    return "".join(f"; {found.text}" for found in machine_limits.shortages(machine_limits.hard_limits(), Limits()))


def is_science(source: str) -> bool:
    """Return whether a program names a scientific package and numpy is installed: they are loaded beforehand then."""
    names_one = any(name in source for name in _SCIENCE) and _SCIENCE_WORD.search(source)  # the latter alone is slow
    return bool(names_one) and any(Path(path).name == "numpy" for path in science_paths())


@functools.cache
def science_paths() -> list[str]:
    """Return where the scientific packages and the libraries that they need are installed, and no other path."""
    paths: list[str] = []
    for name in ("numpy", "scipy", "networkx", "sympy", "mpmath", "pandas", "dateutil", "pytz", "six", "tzdata"):
        spec = importlib.util.find_spec(name)
        if spec and spec.origin:
            origin = Path(spec.origin)
            package = origin.parent if origin.name == "__init__.py" else origin
            libraries = package.with_name(f"{name}.libs")
            paths += [str(path) for path in (package, libraries) if path.exists()]
    return paths
