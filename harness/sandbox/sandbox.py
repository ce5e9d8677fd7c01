"""Runs programs in a child process that they can neither harm nor outlive.

    with Sandbox() as sandbox:
        execution, = sandbox.execute(Program("print(input()[::-1])"), ["abc"])

A ``Sandbox`` is one worker: it runs one program at a time and is not shared between threads. Behind it stands a
zygote for each hash seed and size of scratch, with and without the scientific packages, started when first needed, and
a tester for programs that are tested by code.

What a machine offers decides what is in force:

- *all layers*: namespaces, Landlock, seccomp, rlimits;
- *no namespaces* (Docker's default, hardened hosts): Landlock, seccomp, rlimits. Every probe is still blocked;
- *no Landlock*: seccomp, which then also refuses to open any file for writing, and rlimits. A program can read
  what the user who runs it can read;
- *rlimits only*, on a system that is not Linux: no isolation at all, and refused without ``unsafe``.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from apps_plus.errors import SandboxError
from apps_plus.problem import DictKeys, unlimited_digits
from harness.sandbox import machine_limits, probes
from harness.sandbox.cache import ExecutionCache, Setting, key_of
from harness.sandbox.execution import Checks, Ended, Execution, Limits, Program
from harness.sandbox.machine_limits import Shortage
from harness.sandbox.replies import execution_under_tests, executions_of, with_lines
from harness.sandbox.runtime import wire

SANDBOX_VERSION = 3
"""Part of every cache key: raised whenever a change inside may change an execution."""

SCIENCE_PACKAGES = ("networkx", "numpy", "pandas", "scipy", "sympy")
"""What programs may import besides the standard library."""

LAYERS = ("namespaces", "landlock", "seccomp", "rlimits")
"""Every layer, from the outside in."""

_RUNTIME = Path(__file__).parent / "runtime"
_SCIENCE = re.compile(r"\b(?:numpy|scipy|networkx|sympy|mpmath|pandas)\b")
_ANSWER_SLACK = 30.0  # seconds beyond a run's wall cap before the zygote itself is taken for dead
_POLICE_SECONDS = 0.05  # between two counts of a program's threads, where the kernel does not count
_FAREWELL = 0.01  # seconds for a program to end once its tests have
_TESTER_SECONDS = 1.0  # of processor time for a benchmark's own code, on top of what the program may use


@dataclass(frozen=True, slots=True)
class Isolation:
    """How much isolation must be there, and how little may be: the options of every command that runs programs."""

    require_isolation: bool = False
    unsafe: bool = False


USUAL_ISOLATION = Isolation()
"""What every command asks for unless it is told otherwise."""


class Sandbox:
    """One worker that runs untrusted programs. Closing it (or leaving its ``with`` block) ends its processes.

    It runs one program at a time, in the process that made it: threads and forks need one each.

    Args:
        require_isolation: Raise SandboxError on first use unless every probe (``harness.sandbox.probes``) is blocked.
        unsafe: Run programs even where this machine offers no isolation.
        without: Layers to leave out, for tests and measurements.
        cache: Remembers executions across sandboxes and runs.
        trace: Record for every execution which lines of the program ran (``Execution.lines``), so that whatever runs
            programs here, as ``harness.judging.judge`` does, has them too. It changes nothing else but the time: see
            ``benchmarks/tracing.py``.
    """

    def __init__(
        self,
        *,
        require_isolation: bool = False,
        unsafe: bool = False,
        without: Collection[str] = (),
        cache: ExecutionCache | None = None,
        trace: bool = False,
    ) -> None:
        unknown = set(without).difference(LAYERS[:-1])
        if unknown:
            raise ValueError(f"no layer that can be left out: {', '.join(sorted(unknown))}")
        self._require_isolation = require_isolation
        self._unsafe = unsafe
        self._without = tuple(sorted(set(without)))
        self._cache = cache
        self._trace = trace
        self._zygotes: dict[_ZygoteKey, _Zygote] = {}
        self._tester: _Tester | None = None
        self._allowed = machine_limits.hard_limits()
        self._owner: int | None = None
        self._looked = False
        self._lock = threading.RLock()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End every process of this worker and remove its scratch directories."""
        if self._owner in (None, os.getpid()):  # after a fork they are still the parent's
            for zygote in self._zygotes.values():
                zygote.close()
            self._end_tester()
        self._zygotes.clear()
        self._tester = None

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers in force: a subset of ``namespaces``, ``landlock``, ``seccomp``, ``rlimits``."""
        return self._zygote(_ZygoteKey()).layers

    @property
    def missing_layers(self) -> dict[str, str]:
        """For each layer that is not in force: why, and what it would need."""
        return self._zygote(_ZygoteKey()).missing

    @property
    def blocked(self) -> tuple[str, ...]:
        """The names of the probes (``harness.sandbox.probes``) that were tried here and blocked."""
        return tuple(finding.name for finding in probes.findings(self) if finding.blocked)

    def shortages(self, limits: Limits | None = None) -> tuple[Shortage, ...]:
        """What of these limits, and of what the sandbox itself needs, this machine does not allow (``ulimit``)."""
        return machine_limits.shortages(self._allowed, limits or Limits())

    def execute(
        self,
        program: Program,
        inputs: Sequence[Any],
        limits: Limits | None = None,
        *,
        seed: int = 0,
        dict_keys: DictKeys = DictKeys.STR,
        trace: bool | None = None,
    ) -> list[Execution]:
        """Run a program on each input.

        One process runs one input after another, each as if it were the first; a script that leaves something behind
        (a thread, a file) has a new process for the next. An input that fails after others in its process (``alone``
        is false) is worth a second look alone, since state left by an earlier one may be to blame:
        ``harness.judging.judge`` takes it.

        Args:
            program: The program. With an entry point its module is imported and the function called; without one it
                is run as ``python program.py``.
            inputs: For a script the texts of standard input; for an entry point the lists of arguments.
            limits: What one run may use.
            seed: Fixes ``PYTHONHASHSEED`` and the ``random`` (and ``numpy.random``) seeds; 0 to 4294967295.
            dict_keys: ``int`` turns the integer-like string keys of dict arguments back into integers.
            trace: Whether to record the lines that run; None: as the sandbox was told.

        Returns:
            One execution per input, in order. Where the program does not compile, all are ``compile_error``.

        Raises:
            SandboxError: No sandboxed process can be started on this machine, or none that is isolated.
            TypeError, ValueError: What is asked for is no program, no input or no seed.
            RuntimeError: Another thread is using this sandbox, or another process made it.
        """
        limits = limits or Limits()
        _refuse_nonsense(program, seed)
        for number, given in enumerate(inputs):
            if not isinstance(given, str if program.entry_point is None else (list, tuple)):
                takes = (
                    "a script takes a str" if program.entry_point is None else "a function takes a list of arguments"
                )
                raise TypeError(f"inputs[{number}] is of type {type(given).__name__}: {takes}")
        return self._recall(
            lambda: self.execute_anew(program, inputs, limits, seed=seed, dict_keys=dict_keys, trace=trace),
            program,
            inputs,
            limits,
            seed,
            dict_keys,
            trace,
        )

    def execute_anew(
        self,
        program: Program,
        inputs: Sequence[Any],
        limits: Limits | None = None,
        *,
        seed: int = 0,
        dict_keys: DictKeys = DictKeys.STR,
        trace: bool | None = None,
    ) -> list[Execution]:
        """As ``execute``, whatever the cache knows."""
        limits = limits or Limits()
        machine_limits.refuse(self.shortages(limits))
        executions: list[Execution] = []
        key = _ZygoteKey(seed, is_science(program.source), limits.scratch_bytes)
        with self._in_use():
            for _attempt in range(2 if inputs else 0):
                zygote = self._zygote(key)
                executions = zygote.run(program, inputs, limits, dict_keys, self._traces(trace))
                if not any(e.ended is Ended.HARNESS_ERROR for e in executions):
                    return self._not_blamed(executions, limits, zygote)
                self._zygotes.pop(key).close()
        return executions

    def check(
        self,
        program: Program,
        checks: Checks,
        limits: Limits | None = None,
        *,
        seed: int = 0,
        trace: bool | None = None,
    ) -> Execution:
        """Run a program under tests that are code, as HumanEval's and MBPP's are.

        The tests run in another process than the program (``harness/sandbox/runtime/test_runner.py``). There its entry
        point is a proxy: arguments go to the program and a plain value comes back, of exactly the built-in type that it
        has, whatever methods its class overrides. What has no plain form stays with the program and equals nothing.
        Names that the tests use and neither they nor the prelude define are the program's.

        What remains possible: the program sees the arguments of every call and can remember them; it can change those
        that can be changed, as in one process, so that tests which compare with an argument after the call compare
        with what it made of it; and where the tests themselves ask the program what is right (a helper function of
        its own, the attributes of an object that it made), its word counts.

        Args:
            program: The program, with the entry point that the tests call.
            checks: The tests and what they rely on.
            limits: What the program may use over all calls; its memory of earlier calls is its own.
            seed: As for ``execute``; the tests' own ``random`` has it too.
            trace: As for ``execute``: the lines that ran at its import or in any call.

        Returns:
            ``finished`` where the tests ran to their end, ``check_failed`` where they raised on what the program
            answered; otherwise how the program ended. ``harness_error`` where the tests are at fault.

        Raises:
            SandboxError: As for ``execute``.
        """
        limits = limits or Limits()
        _refuse_nonsense(program, seed)
        if not isinstance(checks, Checks) or not (isinstance(checks.source, str) and isinstance(checks.prelude, str)):
            raise TypeError("the tests must be Checks, of str: join MBPP's test_list with newlines")
        return self._recall(
            lambda: [self._check(program, checks, limits, seed, self._traces(trace))],
            program,
            checks,
            limits,
            seed,
            trace=trace,
        )[0]

    def _recall(
        self,
        run: Callable[[], list[Execution]],
        program: Program,
        asked: Sequence[Any] | Checks,
        limits: Limits,
        seed: int,
        dict_keys: DictKeys = DictKeys.STR,
        trace: bool | None = None,
    ) -> list[Execution]:
        """What the cache knows, or else what ``run`` gives."""
        short = any(shortage.to_blame for shortage in self.shortages(limits))
        if self._cache is None or short:  # what runs under less than is promised is not remembered
            return run()
        setting = Setting.here(SANDBOX_VERSION, self.layers, (*SCIENCE_PACKAGES, "mpmath"))
        traces = self._traces(trace)
        key = key_of(setting, program, asked, limits, seed=seed, dict_keys=dict_keys, trace=traces)
        return self._cache.recall(key, run)

    def _traces(self, trace: bool | None) -> bool:
        return self._trace if trace is None else trace

    def _check(self, program: Program, checks: Checks, limits: Limits, seed: int, trace: bool) -> Execution:
        machine_limits.refuse(self.shortages(limits))
        execution = Execution(Ended.HARNESS_ERROR)
        key = _ZygoteKey(seed, is_science(program.source), limits.scratch_bytes)
        with self._in_use():
            for _attempt in range(2):
                zygote = self._zygote(key)
                if self._tester is None:
                    self._tester = _Tester(self._without)
                execution = zygote.check(program, checks, limits, self._tester, trace)
                if execution.ended is not Ended.HARNESS_ERROR or execution.exception:  # the tests are no tests
                    [execution] = self._not_blamed([execution], limits, zygote)
                    break
                self._zygotes.pop(key).close()
                self._end_tester()
            if self._tester is not None and not self._tester.usable:
                self._end_tester()
        return execution

    def _not_blamed(self, executions: list[Execution], limits: Limits, zygote: _Zygote) -> list[Execution]:
        """The executions; a fault of the harness for each that ran into a limit of the machine below its own."""
        found = machine_limits.shortages(self._allowed, limits, zygote.baseline)
        return [machine_limits.not_blamed(execution, found) for execution in executions] if found else executions

    @contextlib.contextmanager
    def _in_use(self) -> Iterator[None]:
        """One program at a time; and no answer of an interrupted one is ever taken for the next one's."""
        if self._owner is None:
            self._owner = os.getpid()
        if self._owner != os.getpid():
            raise RuntimeError("this Sandbox belongs to the process that made it: make another after a fork")
        if not self._lock.acquire(blocking=False):
            raise RuntimeError("this Sandbox is in use by another thread: give each thread one of its own")
        try:
            yield
        except BaseException:
            self.close()
            raise
        finally:
            self._lock.release()

    def _end_tester(self) -> None:
        if self._tester is not None:
            self._tester.close()
            self._tester = None

    def _zygote(self, key: _ZygoteKey) -> _Zygote:
        if key not in self._zygotes:
            machine_limits.refuse(shortage for shortage in self.shortages() if shortage.option != "t")
            zygote = self._zygotes[key] = _Zygote(key, self._without)
            if not self._looked:
                self._looked = True  # before: the probes run programs here
                self._insist(zygote)
        return self._zygotes[key]

    def _insist(self, zygote: _Zygote) -> None:
        """Raise SandboxError where what is in force is less than what must be."""
        reason = ""
        if "seccomp" not in zygote.layers and not {"namespaces", "landlock"} <= set(zygote.layers):
            if not self._unsafe:
                why = "; ".join(f"{name}: {text}" for name, text in zygote.missing.items())
                reason = f"programs would run without isolation ({why}); --unsafe accepts that"
        elif not self._unsafe or self._require_isolation:
            open_probes = [finding for finding in probes.findings(self) if not finding.blocked]
            broken = [finding for finding in open_probes if finding.claimed]
            if broken or (self._require_isolation and open_probes):
                reason = "a program could " + ", ".join(f.what for f in (broken or open_probes))
        if self._require_isolation and not reason and "seccomp" not in zygote.layers:
            reason = "isolation is required, and this machine offers none"
        if reason:
            self._looked = False
            self.close()
            raise SandboxError(f"the sandbox is not safe here: {reason}; `apps-plus doctor` tells more")


def _refuse_nonsense(program: Program, seed: int) -> None:
    if not isinstance(program.source, str):
        raise TypeError(f"the source of a program is a str, not of type {type(program.source).__name__}")
    if not isinstance(seed, int) or not 0 <= seed < 1 << 32:
        raise ValueError(f"a seed is an int from 0 to 4294967295, not {seed!r}")


class _ZygoteKey(NamedTuple):
    """What is fixed when a zygote starts."""

    seed: int = 0
    science: bool = False
    scratch_bytes: int = Limits().scratch_bytes


class _Process:
    """The parent's end of a process that serves it: a zygote or a tester."""

    def __init__(self, script: str, settings: dict[str, Any], seed: int) -> None:
        self._connection, theirs = socket.socketpair()
        with theirs:
            settings = {**settings, "fd": theirs.fileno(), "packages": science_paths()}
            try:
                self._process = _start(script, settings, seed)
            except OSError as error:
                self._connection.close()
                raise _did_not_start(error, settings) from error
        self._connection.settimeout(60)
        self._scratch = ""  # a directory to remove, where the process could not mount a private one
        try:
            self.hello = self.receive()
        except (OSError, ValueError) as error:
            stderr = self.close()
            raise _did_not_start(stderr.splitlines()[-1] if stderr else error, settings) from error
        self._scratch = self.hello["scratch"]

    def close(self) -> str:
        """End the process and everything below it; what it wrote on standard error."""
        self._connection.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        _, stderr = self._process.communicate()
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)
        return stderr.decode(errors="replace").strip()

    def fileno(self) -> int:
        """For select."""
        return self._connection.fileno()

    def send(self, message: dict[str, Any], fd: int | None = None) -> None:
        """Send a message. Raises OSError."""
        with unlimited_digits():
            wire.send(self._connection, message, fd)

    def receive(self, timeout: float | None = None) -> dict[str, Any]:
        """The next message. Raises OSError where none comes, ValueError where it is none."""
        if timeout is not None:
            self._connection.settimeout(timeout)
        received = wire.receive(self._connection)
        if received is None:
            raise ConnectionError("the sandbox process died")
        if not isinstance(received[0], dict):
            raise ValueError("the sandbox sent something else than a message")
        return received[0]


class _Tester(_Process):
    """The process that runs a benchmark's own tests."""

    def __init__(self, without: Sequence[str]) -> None:
        super().__init__("test_runner.py", {"without": without}, seed=0)
        self.usable = True

    def outcome(self, patience: float) -> dict[str, Any]:
        """What became of the tests. A tester that used up its time is lost to what the program gave it.

        Raises OSError where it died of something else.
        """
        try:
            outcome = self.receive(patience)
            self.usable = not outcome.get("worn")
            return outcome
        except (TimeoutError, ConnectionError) as error:
            self.usable = False
            if not isinstance(error, TimeoutError) and not self._ran_out():
                raise
            return {"ended": "time", "report": None}

    def _ran_out(self) -> bool:
        """Whether the kernel ended the process at its limit of processor time."""
        try:
            return self._process.wait(5) in (-signal.SIGXCPU, -signal.SIGXCPU & 0xFF)
        except subprocess.TimeoutExpired:
            return False


class _Zygote(_Process):
    """The process that forks a run for each program."""

    def __init__(self, key: _ZygoteKey, without: Sequence[str]) -> None:
        super().__init__("zygote.py", {**key._asdict(), "without": without}, key.seed)
        self.seed = key.seed
        self.layers: tuple[str, ...] = tuple(self.hello["layers"])
        self.missing: dict[str, str] = self.hello["missing"]
        self.baseline: int = self.hello["baseline"]
        """Address space of the interpreter that runs programs, in bytes."""
        self._polices = not self.hello["bounded"] and sys.platform == "linux"

    def run(
        self, program: Program, inputs: Sequence[Any], limits: Limits, dict_keys: DictKeys, trace: bool
    ) -> list[Execution]:
        """Run one program; what cannot be learnt because the zygote failed is ``harness_error``."""
        if program.entry_point is None and (too_long := machine_limits.too_long(inputs)):
            return [Execution(Ended.HARNESS_ERROR, message=too_long)] * len(inputs)
        job = self._job(program, limits, trace) | {"inputs": list(inputs), "dict_keys": str(dict_keys)}
        patience = (limits.wall_seconds + _ANSWER_SLACK) * max(len(inputs), 1)
        try:
            self.send(job)
            patience = min(patience, 24 * 3600)
            stopped = self._polices and self._police(limits.threads, patience)
            reply = self.receive(patience)
            for answer in reply["answers"] if stopped else ():
                answer["crowded"] = answer["status"] == -signal.SIGKILL and not answer["timeout"]
            answers = reply["answers"]
            executions = executions_of(answers, reply["stopped"], len(inputs), program.entry_point is not None)
            return with_lines(executions, answers, program.source) if trace else executions
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            return [_fault(error)] * len(inputs)

    def check(self, program: Program, checks: Checks, limits: Limits, tester: _Tester, trace: bool) -> Execution:
        """Run one program under its tests."""
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
                self.send(self._job(program, limits, trace), ours.fileno())
                tester.send(tests, theirs.fileno())
            patience = limits.wall_seconds + _ANSWER_SLACK
            crowded = self._polices and self._police(limits.threads, patience, tester)
            if tester in select.select([self, tester], [], [], patience)[0]:
                outcome = tester.outcome(patience)
                if not select.select([self], [], [], _FAREWELL)[0]:  # it ends by itself, unless it is hostile
                    self.send({"stop": True})
                answer = self.receive(patience)
                execution = execution_under_tests(answer, outcome)
                return with_lines([execution], [answer], program.source)[0]
            answer = self.receive(patience)
            execution = execution_under_tests(answer, tester.outcome(limits.cpu_seconds + _TESTER_SECONDS + 5))
            execution = with_lines([execution], [answer], program.source)[0]
            return replace(execution, ended=Ended.THREAD_LIMIT, exception="") if crowded else execution
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            return _fault(error)

    def _police(self, threads: int, patience: float, *others: _Process) -> bool:
        """Wait for news, and end a run that has more threads than it may: no limit of the kernel's holds for it.

        Returns whether one was ended.
        """
        stopped, deadline = False, time.monotonic() + patience
        while time.monotonic() < deadline and not select.select([self, *others], [], [], _POLICE_SECONDS)[0]:
            for pid in _descendants(self._process.pid):
                if _threads_of(pid) > threads + 1:
                    with contextlib.suppress(OSError):
                        os.kill(pid, signal.SIGKILL)
                    stopped = True
        return stopped

    def _job(self, program: Program, limits: Limits, trace: bool) -> dict[str, Any]:
        asked = {"source": program.source, "entry_point": program.entry_point, "limits": asdict(limits)}
        return asked | ({"trace": True} if trace else {})


def _descendants(pid: int) -> list[int]:
    """The processes below one (Linux)."""
    try:
        below = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (OSError, ValueError):
        return []
    return below + [further for child in below for further in _descendants(child)]


def _threads_of(pid: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/task").iterdir())
    except OSError:  # it has ended, or is none of ours to look at
        return 0


def _start(script: str, settings: dict[str, Any], seed: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-s", "-S", "-P", _RUNTIME / script, json.dumps(settings)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=_environment(seed),
        pass_fds=[settings["fd"]],
        start_new_session=True,
    )


def _did_not_start(reason: object, settings: dict[str, Any]) -> SandboxError:
    loaded = " with the scientific packages loaded" if settings.get("science") else ""
    return SandboxError(f"the sandbox{loaded} did not start: {reason}{_perhaps()}; run `apps-plus doctor`")


def _fault(error: Exception) -> Execution:
    return Execution(Ended.HARNESS_ERROR, message=f"{type(error).__name__}: {error}{_perhaps()}")


def _perhaps() -> str:
    """What may be behind a fault: everything of which the machine allows less than we need."""
    return "".join(f"; {found.text}" for found in machine_limits.shortages(machine_limits.hard_limits(), Limits()))


def _environment(seed: int) -> dict[str, str]:
    """All that a program may see of the environment: nothing of the user's."""
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {"PYTHONHASHSEED": str(seed), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", **threads}


def is_science(source: str) -> bool:
    """Whether a program seems to need the scientific packages, and they are there: they are loaded beforehand then."""
    return bool(_SCIENCE.search(source)) and any(Path(path).name == "numpy" for path in science_paths())


@functools.cache
def science_paths() -> list[str]:
    """Where the scientific packages are installed, and the libraries that come with them: these paths, no more."""
    paths: list[str] = []
    for name in ("numpy", "scipy", "networkx", "sympy", "mpmath", "pandas", "dateutil", "pytz", "six", "tzdata"):
        spec = importlib.util.find_spec(name)
        if spec and spec.origin:
            origin = Path(spec.origin)
            package = origin.parent if origin.name == "__init__.py" else origin
            libraries = package.with_name(f"{name}.libs")
            paths += [str(path) for path in (package, libraries) if path.exists()]
    return paths
