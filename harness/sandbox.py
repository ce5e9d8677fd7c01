"""Runs programs in a child process that they can neither harm nor outlive.

    with Sandbox() as sandbox:
        execution, = sandbox.execute(Program("print(input()[::-1])"), ["abc"])

A ``Sandbox`` is one worker: it runs one program at a time and is not shared between threads. Behind it stands a
zygote for each hash seed and size of scratch, with and without the scientific packages, started when first needed.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from apps_plus.errors import SandboxError
from apps_plus.problem import DictKeys, unlimited_digits
from harness.execution import Ended, Execution, Limits, Program

SANDBOX_VERSION = 1
"""Part of every cache key: raised whenever a change inside may change an execution."""

SCIENCE_PACKAGES = ("networkx", "numpy", "pandas", "scipy", "sympy")
"""What programs may import besides the standard library."""

_ZYGOTE = Path(__file__).with_name("_zygote.py")
_SCIENCE = re.compile(r"\b(?:numpy|scipy|networkx|sympy|mpmath|pandas)\b")
_HEADER = struct.Struct(">Q")
_ANSWER_SLACK = 30.0  # seconds beyond a run's wall cap before the zygote itself is taken for dead


class Sandbox:
    """One worker that runs untrusted programs. Closing it (or leaving its ``with`` block) ends its processes."""

    def __init__(self) -> None:
        self._zygotes: dict[_ZygoteKey, _Zygote] = {}

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End every process of this worker and remove its scratch directories."""
        for zygote in self._zygotes.values():
            zygote.close()
        self._zygotes.clear()

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers in force: a subset of ``namespaces``, ``landlock``, ``seccomp``, ``rlimits``."""
        return self._zygote(_ZygoteKey()).layers

    @property
    def missing_layers(self) -> dict[str, str]:
        """For each layer that is not in force: why, and what it would need."""
        return self._zygote(_ZygoteKey()).missing

    def execute(
        self,
        program: Program,
        inputs: Sequence[Any],
        limits: Limits | None = None,
        *,
        seed: int = 0,
        dict_keys: DictKeys = DictKeys.STR,
    ) -> list[Execution]:
        """Run a program on each input.

        A script runs in a process of its own for each input. A function is called on one input after another in one
        process, as on the sites that these problems come from; an input that fails there is worth a second look
        alone, since state left by an earlier call may be to blame (``harness.judge`` takes it).

        Args:
            program: The program. With an entry point its module is imported and the function called; without one it
                is run as ``python program.py``.
            inputs: For a script the texts of standard input; for an entry point the lists of arguments.
            limits: What one run may use.
            seed: Fixes ``PYTHONHASHSEED`` and the ``random`` (and ``numpy.random``) seeds.
            dict_keys: ``int`` turns the integer-like string keys of dict arguments back into integers.

        Returns:
            One execution per input, in order. Where the program does not compile, all are ``compile_error``.

        Raises:
            SandboxError: No sandboxed process can be started on this machine.
        """
        limits = limits or Limits()
        key = _ZygoteKey(seed, bool(_SCIENCE.search(program.source)), limits.scratch_bytes)
        executions: list[Execution] = []
        for _attempt in range(2 if inputs else 0):
            executions = self._zygote(key).run(program, inputs, limits, seed, dict_keys)
            if not any(e.ended is Ended.HARNESS_ERROR for e in executions):
                break
            self._zygotes.pop(key).close()
        return executions

    def _zygote(self, key: _ZygoteKey) -> _Zygote:
        if key not in self._zygotes:
            self._zygotes[key] = _Zygote(key)
        return self._zygotes[key]


class _ZygoteKey(NamedTuple):
    """What is fixed when a zygote starts."""

    seed: int = 0
    science: bool = False
    scratch_bytes: int = Limits().scratch_bytes


class _Zygote:
    """The parent's end of one zygote process."""

    def __init__(self, key: _ZygoteKey) -> None:
        self._connection, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = _start(key, theirs.fileno())
            except OSError as error:
                self._connection.close()
                raise _did_not_start(error) from error
        self._connection.settimeout(60)
        self._scratch = ""  # a directory to remove, where the zygote could not mount a private one
        try:
            hello = self._receive()
        except (OSError, ValueError) as error:
            stderr = self.close()
            raise _did_not_start(stderr.splitlines()[-1] if stderr else error) from error
        self.layers: tuple[str, ...] = tuple(hello["layers"])
        self.missing: dict[str, str] = hello["missing"]
        self._scratch = hello["scratch"]

    def close(self) -> str:
        """End the process and everything below it; what it wrote on standard error."""
        self._connection.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        _, stderr = self._process.communicate()
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)
        return stderr.decode(errors="replace").strip()

    def run(
        self, program: Program, inputs: Sequence[Any], limits: Limits, seed: int, dict_keys: DictKeys
    ) -> list[Execution]:
        """Run one program; what cannot be learnt because the zygote failed is ``harness_error``."""
        patience = (limits.wall_seconds + _ANSWER_SLACK) * max(len(inputs), 1)
        self._connection.settimeout(min(patience, 24 * 3600))
        job = {
            "source": program.source,
            "entry_point": program.entry_point,
            "inputs": list(inputs),
            "limits": asdict(limits),
            "seed": seed,
            "dict_keys": str(dict_keys),
            "seccomp": "seccomp" in self.layers,
        }
        try:
            self._send(job)
            reply = self._receive()
            return _executions(reply["answers"], reply["stopped"], len(inputs), program.entry_point is not None)
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            return [Execution(Ended.HARNESS_ERROR, message=f"{type(error).__name__}: {error}")] * len(inputs)

    def _send(self, message: dict[str, Any]) -> None:
        with unlimited_digits():
            data = json.dumps(message).encode()
        self._connection.sendall(_HEADER.pack(len(data)) + data)

    def _receive(self) -> dict[str, Any]:
        (size,) = _HEADER.unpack(self._receive_exactly(_HEADER.size))
        message = json.loads(self._receive_exactly(size))
        if not isinstance(message, dict):
            raise ValueError("the sandbox sent something else than a message")
        return message

    def _receive_exactly(self, size: int) -> bytes:
        chunks = []
        while size:
            chunk = self._connection.recv(min(size, 1 << 20))
            if not chunk:
                raise ConnectionError("the sandbox process died")
            chunks.append(chunk)
            size -= len(chunk)
        return b"".join(chunks)


def _start(key: _ZygoteKey, connection: int) -> subprocess.Popen[bytes]:
    folders = science_folders() if key.science else []
    return subprocess.Popen(
        [sys.executable, "-s", "-S", "-P", _ZYGOTE, str(connection), str(key.scratch_bytes), *folders],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=_environment(key.seed),
        pass_fds=[connection],
        start_new_session=True,
    )


def _did_not_start(reason: object) -> SandboxError:
    return SandboxError(f"the sandbox did not start: {reason}; run `apps-plus doctor`")


def _environment(seed: int) -> dict[str, str]:
    """All that a program may see of the environment: nothing of the user's."""
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {"PYTHONHASHSEED": str(seed), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", **threads}


def science_folders() -> list[str]:
    """The folders where the scientific packages are installed."""
    folders: list[str] = []
    for name in ("numpy", "scipy", "networkx", "sympy", "mpmath", "pandas", "dateutil", "six"):
        spec = importlib.util.find_spec(name)
        if spec and spec.origin:
            origin = Path(spec.origin)
            folder = str(origin.parent.parent if origin.name == "__init__.py" else origin.parent)
            if folder not in folders:
                folders.append(folder)
    return folders


_SKIPPED = {"timeout": Ended.NOT_RUN, "budget": Ended.OUT_OF_BUDGET, "output": Ended.OUTPUT_LIMIT}
"""How the inputs ended that the zygote did not get to, by the reason that it gives."""


def _executions(answers: list[dict[str, Any]], stopped: str, wanted: int, call_based: bool) -> list[Execution]:
    """One execution per input from the zygote's answers, which may stop early."""
    if answers and not answers[0]["compiled"]:
        return [_compile_error(answers[0])] * wanted
    executions = [_execution(answer, call_based) for answer in answers]
    if len(executions) == wanted:
        return executions
    return executions + [Execution(_SKIPPED[stopped])] * (wanted - len(executions))


def _compile_error(answer: dict[str, Any]) -> Execution:
    try:
        report = json.loads(answer["report"])
        name, message, line = _writable(report["exception"], 100), _writable(report["message"], 500), report["line"]
        column = report.get("column")
        where = f" (column {column})" if isinstance(column, int) else ""
        return Execution(Ended.COMPILE_ERROR, exception=name, message=message + where, line=line)
    except (ValueError, TypeError, KeyError):
        reason = "took too long" if answer["timeout"] else "crashed"
        return Execution(Ended.COMPILE_ERROR, exception="CompilerCrash", message=f"the compiler {reason}")


def _execution(answer: dict[str, Any], call_based: bool) -> Execution:
    """Turn the zygote's account, and the run's own report inside it, into a record."""
    measured: dict[str, Any] = {
        "output": answer["output"],
        "seconds": round(answer["seconds"], 4),
        "peak_memory": answer["peak_memory"],
    }
    if answer["timeout"]:
        return Execution(Ended.TIMEOUT, **measured)
    if answer["output_full"]:
        return Execution(Ended.OUTPUT_LIMIT, **measured)
    if answer["report"]:
        try:
            return _reported(json.loads(answer["report"]), call_based, measured)
        except (ValueError, TypeError, KeyError, RecursionError):
            return Execution(Ended.EXCEPTION, exception="InvalidReport", message="wrote on its report", **measured)
    if answer["status"] < 0:
        return Execution(Ended.SIGNAL, exception=_signal_name(-answer["status"]), **measured)
    if answer["status"] or call_based:
        return Execution(Ended.EXCEPTION, exception="SystemExit", message=str(answer["status"]), **measured)
    return Execution(Ended.FINISHED, **measured)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # the real-time signals have no names
        return f"SIG{number}"


def _reported(report: dict[str, Any], call_based: bool, measured: dict[str, Any]) -> Execution:
    """Read a report. Raises ValueError, TypeError or KeyError where it is not one."""
    if "exception" in report:
        name, line = _writable(report["exception"], 100), report["line"]
        if name == "OutputLimit":
            return Execution(Ended.OUTPUT_LIMIT, **measured)
        ended = Ended.MEMORY_LIMIT if name == "MemoryError" else Ended.EXCEPTION
        line = line if isinstance(line, int) else None
        message = _writable(report["message"], 500)
        return Execution(ended, exception=name, message=message, line=line, **measured)
    if not call_based:
        if report:
            raise ValueError("a script reports no value")
        return Execution(Ended.FINISHED, **measured)
    if "result_type" in report:
        return Execution(Ended.FINISHED, result_type=_writable(report["result_type"], 100), **measured)
    if not isinstance(report["result"], str) or not report["result"].isascii():
        raise ValueError("a result is JSON text")
    return Execution(Ended.FINISHED, result=report["result"], **measured)


def _writable(value: object, length: int) -> str:
    """A text of the program's as one that any file takes: half of a surrogate pair becomes ``?``."""
    return str(value)[:length].encode("utf-8", "replace").decode()
