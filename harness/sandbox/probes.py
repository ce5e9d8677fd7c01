"""What no program must be able to do, tried for real.

The layers of the sandbox are not believed but tried: a program in a real sandbox attempts each thing, against bait
that is really there.
"""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.sandbox.execution import Ended, Execution, Limits, Program

if TYPE_CHECKING:
    from harness.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing that no program must be able to do, and the program that tries."""

    name: str
    what: str
    attempt: str
    """Statements; those that end without an OSError have succeeded. ``{...}`` is filled in from the bait."""
    blocked_by: frozenset[str]
    """The layers each of which, in force, must block it."""


def _probe(name: str, what: str, attempt: str, *layers: str) -> Probe:
    return Probe(name, what, attempt, frozenset(layers))


_PTRACE = (
    "c = __import__('ctypes').CDLL(None, use_errno=True); "
    "ok = c.ptrace(0x4206, {parent}, None, None) == 0; "  # PTRACE_SEIZE: unlike ATTACH it stops nobody
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

_PROGRAM = """
import os, socket
def refuse(code):
    raise OSError(code, os.strerror(code))
try:
    {attempt}
except OSError as error:
    print("refused:", error.strerror or type(error).__name__)
else:
    print("it could")
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one probe."""

    name: str
    what: str
    blocked: bool
    detail: str
    claimed: bool = True
    """Whether a layer that is in force should block it."""


_tried: dict[tuple[str, ...], tuple[Finding, ...]] = {}
_one_at_a_time = threading.Lock()


def findings(sandbox: Sandbox) -> tuple[Finding, ...]:
    """What became of every probe in such a sandbox. Tried once in each process for each set of layers."""
    layers = sandbox.layers
    with _one_at_a_time:
        if layers not in _tried:
            with bait() as given:
                _tried[layers] = tuple(attempt(sandbox, probe, given) for probe in PROBES)
        return _tried[layers]


@contextlib.contextmanager
def bait() -> Iterator[dict[str, object]]:
    """What the probes reach for: a server, a folder and a file that are really there."""
    with tempfile.TemporaryDirectory(prefix="apps-plus-probe-") as folder, contextlib.ExitStack() as stack:
        secret = Path(folder, "secret")
        secret.write_text("secret", encoding="utf-8")
        port = 9
        with contextlib.suppress(OSError):  # a machine without a loopback has nothing to reach
            server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            port = server.getsockname()[1]
        home = str(Path.home())
        yield {"port": port, "folder": folder, "secret": str(secret), "home": home, "parent": os.getpid()}


def attempt(sandbox: Sandbox, probe: Probe, given: dict[str, object]) -> Finding:
    """Run one probe in the sandbox."""
    source = _PROGRAM.format(attempt=probe.attempt.format(**given))
    (execution,) = sandbox.execute_anew(Program(source), [""], Limits(cpu_seconds=2, wall_seconds=10))
    return read_probe(probe, execution, sandbox.layers)


def read_probe(probe: Probe, execution: Execution, layers: Collection[str]) -> Finding:
    """A probe is blocked where it says so, or was killed for trying; one that broke proves nothing."""
    claimed = not probe.blocked_by.isdisjoint(layers)
    output = execution.output.strip()
    if execution.ended is Ended.FINISHED and output.startswith("refused: "):
        return Finding(probe.name, probe.what, True, output.removeprefix("refused: "), claimed)
    if execution.ended is Ended.SIGNAL:
        return Finding(probe.name, probe.what, True, f"killed by {execution.exception}", claimed)
    if execution.ended is Ended.FINISHED:
        return Finding(probe.name, probe.what, False, output or "it gave no answer", claimed)
    why = " ".join(filter(None, [execution.ended, execution.exception, execution.message]))
    return Finding(probe.name, probe.what, False, f"could not be tried: {why}", claimed)
