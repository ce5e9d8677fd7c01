"""Run untrusted programs in processes that can neither harm the machine nor outlive the sandbox.

    with Sandbox() as sandbox:
        execution, = sandbox.execute(Program("print(input()[::-1])"), ["abc"])

A ``Sandbox`` is one worker: it runs one program at a time and is not shared between threads. It holds one zygote
(``worker``) for each hash seed and scratch size, with and without the scientific packages, started when first needed,
and one tester for programs that are tested by code.

The layers in force depend on the machine:

- *all layers*: namespaces, Landlock, seccomp, rlimits;
- *no namespaces* (Docker's default, hardened hosts): Landlock, seccomp, rlimits. Every probe is still blocked;
- *no Landlock*: seccomp, which then also refuses to open any file for writing, and rlimits. A program can read the
  files that the user running it can read;
- *rlimits only*, on a system that is not Linux: no isolation at all, and refused without ``unsafe``.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from apps_plus.errors import SandboxError
from apps_plus.problem import DictKeys
from harness.sandbox import machine_limits, probes
from harness.sandbox.cache import ExecutionCache
from harness.sandbox.cache_key import Setting, key_of
from harness.sandbox.execution import Checks, Ended, Execution, Limits, Program
from harness.sandbox.machine_limits import Shortage
from harness.sandbox.probes import ProbeResult
from harness.sandbox.worker import Process, TesterProcess, ZygoteKey, ZygoteProcess, is_science

SANDBOX_VERSION = 4
"""Part of every cache key: raised whenever a change inside may change an execution."""

SCIENCE_PACKAGES = ("networkx", "numpy", "pandas", "scipy", "sympy")
"""The packages that programs may import besides the standard library."""

LAYERS = ("namespaces", "landlock", "seccomp", "rlimits")
"""Every layer, from the outside in."""


@dataclass(frozen=True, slots=True)
class Isolation:
    """The isolation that a command requires or does without: the options of every command that runs programs."""

    require_isolation: bool = False
    unsafe: bool = False


USUAL_ISOLATION = Isolation()
"""The default of every command."""


class Sandbox:
    """One worker that runs untrusted programs. Closing it (or leaving its ``with`` block) ends its processes.

    It runs one program at a time, in the process that made it: each thread and each fork needs its own.

    Args:
        require_isolation: Raise SandboxError on first use unless every probe (``harness.sandbox.probes``) is blocked.
        unsafe: Run programs even where this machine offers no isolation.
        without: Layers to leave out, for tests and measurements.
        cache: Keeps executions across sandboxes and runs.
        trace: Record for every execution which lines of the program ran (``Execution.lines``). It changes nothing else
            but the time: see ``benchmarks/tracing.py``.
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
        self._overrun = 1.0
        self._zygotes: dict[ZygoteKey, ZygoteProcess] = {}
        self._tester: TesterProcess | None = None
        self._allowed = machine_limits.hard_limits()
        self._owner: int | None = None
        self._verified = False
        self._findings: tuple[ProbeResult, ...] | None = None
        self._lock = threading.RLock()
        self._processes = threading.RLock()
        """Held while the processes of this sandbox are entered or taken out, by any thread."""
        self._times_closed = 0

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End every process of this worker and all their descendants; remove its scratch directories.

        Any thread may call it: a program that another one runs ends as ``harness_error``.
        """
        with self._processes:
            ending: list[Process] = [*self._zygotes.values(), *([self._tester] if self._tester else [])]
            self._zygotes.clear()
            self._tester = None
            self._times_closed += 1
        if self._owner in (None, os.getpid()):  # after a fork they are still the parent's
            for process in ending:
                process.close()

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers in force: a subset of ``namespaces``, ``landlock``, ``seccomp``, ``rlimits``."""
        return self._zygote(ZygoteKey()).layers

    @property
    def missing_layers(self) -> dict[str, str]:
        """For each layer that is not in force: the reason, and what it would need."""
        return self._zygote(ZygoteKey()).missing

    @property
    def findings(self) -> tuple[ProbeResult, ...]:
        """The result of every probe in this sandbox, tried on first use."""
        layers = self.layers
        if self._findings is None:
            self._findings = probes.try_all(self._run_probe, layers)
        return self._findings

    @property
    def blocked(self) -> tuple[str, ...]:
        """The names of the probes that were tried here and blocked."""
        return tuple(finding.name for finding in self.findings if finding.blocked)

    def shortages(self, limits: Limits | None = None) -> tuple[Shortage, ...]:
        """Return each limit of this machine (``ulimit``) that is below these limits or the sandbox's own needs."""
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
        cache: ExecutionCache | None = None,
    ) -> list[Execution]:
        """Run a program on each input.

        One process runs one input after another, each as if it were the first; a script that leaves something behind
        (a thread, a file) gets a new process for the next. An input that fails after others in its process (``alone``
        is false) should be run again alone, since state left by an earlier one may be the cause:
        ``harness.judging.judge`` does so.

        Args:
            program: The program. With an entry point its module is imported and the function called; without one it
                is run as ``python program.py``.
            inputs: For a script the texts of standard input; for an entry point the lists of arguments.
            limits: The limits of one run.
            seed: Fixes ``PYTHONHASHSEED`` and the ``random`` (and ``numpy.random``) seeds; 0 to 4294967295.
            dict_keys: ``int`` turns the integer-like string keys of dict arguments back into integers.
            trace: Whether to record the lines that run; None: the sandbox's own setting.
            cache: Keeps the executions where the sandbox has no cache of its own.

        Returns:
            One execution per input, in order. Where the program does not compile, all are ``compile_error``.

        Raises:
            SandboxError: No sandboxed process can be started on this machine, or none that is isolated.
            TypeError, ValueError: An argument is not a program, an input or a seed.
            RuntimeError: Another thread is using this sandbox, or another process made it.
        """
        limits = limits or Limits()
        _check_program(program, seed)
        _check_inputs(program, inputs)
        return self._recall(
            lambda: self.execute_anew(program, inputs, limits, seed=seed, dict_keys=dict_keys, trace=trace),
            program,
            inputs,
            limits,
            seed,
            dict_keys,
            trace,
            cache,
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
        """Run a program like ``execute``, without the cache."""
        limits = limits or Limits()
        machine_limits.refuse(self.shortages(limits))
        executions: list[Execution] = []
        key = ZygoteKey(seed, is_science(program.source), limits.scratch_bytes)
        with self._in_use():
            times_closed = self._times_closed
            for _attempt in range(2 if inputs else 0):
                zygote = self._zygote(key)
                executions = zygote.run(program, inputs, limits, dict_keys, self._traces(trace), self._overrun)
                if not any(e.ended is Ended.HARNESS_ERROR for e in executions):
                    return self._excuse(executions, limits, zygote)
                self._end_zygote(key)
                if self._times_closed != times_closed:
                    break
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
        point is a proxy: arguments go to the program and a plain value comes back, of exactly its built-in type,
        regardless of the methods that its class overrides. A value with no plain form stays with the program and
        equals nothing. Names that the tests use and neither they nor the prelude define are the program's.

        Remaining risks: the program sees the arguments of every call and can remember them; it can change mutable
        arguments, as in one process, so that tests which compare with an argument after the call compare with the
        changed one; and where the tests compute the expected value with the program itself (a helper function of its
        own, the attributes of an object that it made), the program decides the result.

        Args:
            program: The program, with the entry point that the tests call.
            checks: The tests and the code that they need.
            limits: The program's limits over all calls; memory used by earlier calls counts.
            seed: As for ``execute``; the tests' own ``random`` gets it too.
            trace: As for ``execute``: the lines that ran at its import or in any call.

        Returns:
            ``finished`` where all tests passed, ``check_failed`` where they raised on an answer of the program;
            otherwise how the program ended. ``harness_error`` where the tests are at fault.

        Raises:
            SandboxError: As for ``execute``.
        """
        limits = limits or Limits()
        _check_program(program, seed)
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
        given: Sequence[Any] | Checks,
        limits: Limits,
        seed: int,
        dict_keys: DictKeys = DictKeys.STR,
        trace: bool | None = None,
        cache: ExecutionCache | None = None,
    ) -> list[Execution]:
        """Return the cached executions, or else the result of ``run``, which is cached then."""
        short = any(shortage.to_blame for shortage in self.shortages(limits))
        cache = self._cache or cache
        if cache is None or short:  # a run under less than the promised limits is not remembered
            return run()
        setting = Setting.here(SANDBOX_VERSION, self.layers, (*SCIENCE_PACKAGES, "mpmath"))
        traces = self._traces(trace)
        key = key_of(setting, program, given, limits, seed=seed, dict_keys=dict_keys, trace=traces)
        return cache.recall(key, run)

    def _traces(self, trace: bool | None) -> bool:
        return self._trace if trace is None else trace

    def _check(self, program: Program, checks: Checks, limits: Limits, seed: int, trace: bool) -> Execution:
        machine_limits.refuse(self.shortages(limits))
        execution = Execution(Ended.HARNESS_ERROR)
        key = ZygoteKey(seed, is_science(program.source), limits.scratch_bytes)
        with self._in_use():
            times_closed = self._times_closed
            for _attempt in range(2):
                zygote = self._zygote(key)
                tester = self._usable_tester()
                execution = zygote.check(program, checks, limits, tester, trace, self._overrun)
                if execution.ended is not Ended.HARNESS_ERROR or execution.exception:  # the tests are at fault
                    [execution] = self._excuse([execution], limits, zygote)
                    break
                self._end_zygote(key)
                self._end_tester()
                if self._times_closed != times_closed:
                    break
            if not tester.usable:
                self._end_tester()
        return execution

    @contextlib.contextmanager
    def overrunning(self, overrun: float) -> Iterator[None]:
        """Watch programs that reach their limit of processor time a while longer, if they had to share the processor.

        A program that does not end by then has timed out beyond doubt (``Execution.in_doubt``). No verdict changes.

        Args:
            overrun: Processor time, in multiples of the limit.
        """
        before, self._overrun = self._overrun, overrun
        try:
            yield
        finally:
            self._overrun = before

    def _run_probe(self, program: Program) -> Execution:
        [execution] = self.execute_anew(program, [""], probes.LIMITS)
        return execution

    def _excuse(self, executions: list[Execution], limits: Limits, zygote: ZygoteProcess) -> list[Execution]:
        """Turn each execution that ran into a limit of the machine, below its own, into a fault of the harness."""
        found = machine_limits.shortages(self._allowed, limits, zygote.baseline)
        return [machine_limits.excuse(execution, found) for execution in executions] if found else executions

    @contextlib.contextmanager
    def _in_use(self) -> Iterator[None]:
        """Hold the sandbox for one program; close it on an interrupt, so that no later program gets a stale answer."""
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

    # Another thread may close the sandbox at any moment: each process is taken out, and closed, by one thread.

    def _end_zygote(self, key: ZygoteKey) -> None:
        with self._processes:
            zygote = self._zygotes.pop(key, None)
        if zygote is not None:
            zygote.close()

    def _end_tester(self) -> None:
        with self._processes:
            tester, self._tester = self._tester, None
        if tester is not None:
            tester.close()

    def _zygote(self, key: ZygoteKey) -> ZygoteProcess:
        """Return the zygote with these settings, started when first needed; the first one is verified."""
        zygote, times_closed = self._zygotes.get(key), self._times_closed
        if zygote is None:
            machine_limits.refuse(shortage for shortage in self.shortages() if shortage.option != "t")
            zygote = ZygoteProcess(key, self._without)
            with self._processes:
                self._refuse_if_closed(zygote, times_closed)
                self._zygotes[key] = zygote
            if not self._verified:
                self._verified = True  # before: the probes run programs here
                self._verify(zygote)
        return self._zygotes.get(key) or zygote  # the probes may have had to start it again

    def _usable_tester(self) -> TesterProcess:
        """Return the tester, started when first needed."""
        tester, times_closed = self._tester, self._times_closed
        if tester is None:
            tester = TesterProcess(self._without)
            with self._processes:
                self._refuse_if_closed(tester, times_closed)
                self._tester = tester
        return tester

    def _refuse_if_closed(self, process: Process, times_closed: int) -> None:
        """End a new process, and raise SandboxError, where the sandbox was closed while the process was starting."""
        if self._times_closed != times_closed:
            process.close()
            raise SandboxError("the sandbox was closed while a process of it was starting")

    def _verify(self, zygote: ZygoteProcess) -> None:
        """Raise SandboxError where less isolation is in force than required."""
        reason = self._why_unsafe(zygote)
        if reason:
            self._verified = False
            self.close()
            raise SandboxError(f"the sandbox is not safe here: {reason}; `apps-plus doctor` shows the details")

    def _why_unsafe(self, zygote: ZygoteProcess) -> str:
        """Return why the isolation in force is not enough; "" where it is."""
        if "seccomp" not in zygote.layers and not {"namespaces", "landlock"} <= set(zygote.layers):
            if not self._unsafe:
                why = "; ".join(f"{name}: {text}" for name, text in zygote.missing.items())
                return f"programs would run without isolation ({why}); --unsafe accepts that"
        elif not self._unsafe or self._require_isolation:
            not_blocked = [finding for finding in self.findings if not finding.blocked]
            broken = [finding for finding in not_blocked if finding.claimed]
            if broken or (self._require_isolation and not_blocked):
                return "a program could " + ", ".join(f.what for f in (broken or not_blocked))
        if self._require_isolation and "seccomp" not in zygote.layers:
            return "isolation is required, and this machine offers none"
        return ""


def _check_program(program: Program, seed: int) -> None:
    if not isinstance(program.source, str):
        raise TypeError(f"the source of a program is a str, not of type {type(program.source).__name__}")
    if not isinstance(seed, int) or not 0 <= seed < 1 << 32:
        raise ValueError(f"a seed is an int from 0 to 4294967295, not {seed!r}")


def _check_inputs(program: Program, inputs: Sequence[Any]) -> None:
    is_script = program.entry_point is None
    for number, given in enumerate(inputs):
        if not isinstance(given, str if is_script else (list, tuple)):
            takes = "a script takes a str" if is_script else "a function takes a list of arguments"
            raise TypeError(f"inputs[{number}] is of type {type(given).__name__}: {takes}")
