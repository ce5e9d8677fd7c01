"""Probes: programs that attempt, in a real sandbox, what the layers claim to block.

Each one is tried against a real target (a server, a file, this process), so that a failure shows that it was blocked.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.sandbox.execution import Ended, Execution, Limits, Program

LIMITS = Limits(cpu_seconds=2, wall_seconds=10)
"""The limits of one attempt."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One action that no program must be able to do, and the code that attempts it."""

    name: str
    what: str
    attempt: str
    """Statements that succeed by ending without an OSError. ``{...}`` is filled in from the targets."""
    blocked_by: frozenset[str]
    """The layers of which any one, in force, must block it."""


def _probe(name: str, what: str, attempt: str, *layers: str) -> Probe:
    return Probe(name, what, attempt, frozenset(layers))


_PTRACE = (
    "c = __import__('ctypes').CDLL(None, use_errno=True); "
    "ok = c.ptrace(0x4206, {parent}, None, None) == 0; "  # PTRACE_SEIZE: unlike ATTACH it does not stop the process
    "e = __import__('ctypes').get_errno(); ok or refuse(e)"
)

PROBES = (
    _probe(
        "network",
        "connect to a server on this machine",
        "socket.create_connection(('127.0.0.1', {port}), 2)",
        "namespaces",
        "seccomp",
    ),
    _probe(
        "write",
        "write a file outside its scratch directory",
        "open({folder!r} + '/written', 'w').close()",
        "landlock",
        "seccomp",
    ),
    _probe("read", "read a file of the user's", "open({secret!r}).read()", "landlock"),
    _probe("home", "list the home directory", "os.listdir({home!r})", "landlock"),
    _probe("environment", "read the parent's environment", "open('/proc/{parent}/environ', 'rb').read(1)", "landlock"),
    _probe("processes", "start a process", "os.fork() or os._exit(0)", "seccomp"),
    _probe("signals", "signal the parent", "os.kill({parent}, 0)", "namespaces", "seccomp"),
    _probe("ptrace", "trace the parent", _PTRACE, "namespaces", "seccomp"),
)
"""Every probe, in the order in which they are shown."""

_HEAD = """
import os, socket
def refuse(code):
    raise OSError(code, os.strerror(code))
"""
_ATTEMPT = """
try:
    {attempt}
except OSError as error:
    print("refused:", error.strerror or type(error).__name__)
else:
    print("it could")
"""
_PROGRAM = _HEAD + _ATTEMPT


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """The result of one probe."""

    name: str
    what: str
    blocked: bool
    detail: str
    claimed: bool = True
    """True if a layer in force should block it."""


def try_all(run: Callable[[Program], Execution], layers: Collection[str]) -> tuple[ProbeResult, ...]:
    """Try every probe: all in one program, or each in its own where that one does not come to its end.

    Args:
        run: Runs a script in the sandbox, without input, under ``LIMITS``.
        layers: The layers in force.
    """
    with targets() as given:
        attempts = [_ATTEMPT.format(attempt=probe.attempt.format(**given)) for probe in PROBES]
        together = run(Program(_HEAD + "".join(attempts)))
        lines = together.output.splitlines()
        if together.ended is Ended.FINISHED and len(lines) == len(PROBES):
            executions = [Execution(Ended.FINISHED, output=line) for line in lines]
        else:  # the kernel may have killed it at one of them
            executions = [run(Program(_HEAD + attempt)) for attempt in attempts]
        return tuple(map(read_probe, PROBES, executions, itertools.repeat(layers)))


@contextlib.contextmanager
def targets() -> Iterator[dict[str, object]]:
    """Make the real targets of the probes: a server, a folder and a file."""
    with tempfile.TemporaryDirectory(prefix="apps-plus-probe-") as folder, contextlib.ExitStack() as stack:
        secret = Path(folder, "secret")
        secret.write_text("secret", encoding="utf-8")
        port = 9
        with contextlib.suppress(OSError):  # a machine without a loopback has no server to reach
            server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            port = server.getsockname()[1]
        home = str(Path.home())
        yield {"port": port, "folder": folder, "secret": str(secret), "home": home, "parent": os.getpid()}


def read_probe(probe: Probe, execution: Execution, layers: Collection[str]) -> ProbeResult:
    """Read the result of a probe: blocked where it says so or was killed; one that broke proves nothing."""
    claimed = not probe.blocked_by.isdisjoint(layers)
    output = execution.output.strip()
    if execution.ended is Ended.FINISHED and output.startswith("refused: "):
        return ProbeResult(probe.name, probe.what, True, output.removeprefix("refused: "), claimed)
    if execution.ended is Ended.SIGNAL:
        return ProbeResult(probe.name, probe.what, True, f"killed by {execution.exception}", claimed)
    if execution.ended is Ended.FINISHED:
        return ProbeResult(probe.name, probe.what, False, output or "it gave no answer", claimed)
    why = " ".join(filter(None, [execution.ended, execution.exception, execution.message]))
    return ProbeResult(probe.name, probe.what, False, f"could not be tried: {why}", claimed)
