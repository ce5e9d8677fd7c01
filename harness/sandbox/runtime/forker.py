"""Fork runs from a process that does nothing else.

After a fork, the kernel copies each page that either side writes to. The *forker* is a child of the zygote that does as
little as it can between two forks: it takes an order, forks, and waits for the end of the run. The zygote prepares the
run, watches it and reads what it left, and none of that costs a copied page.

Standard library only.
"""

from __future__ import annotations

import _socket
import os
import signal
import struct
import sys
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from harness.sandbox.isolation import libc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.sandbox.runtime.template import Template

_FORK, _POLL, _REAP = b"f", b"p", b"r"
_DESCRIPTORS = 5
"""Most descriptors that come with an order."""
_FD = struct.Struct("=i")
_ROOM = _socket.CMSG_SPACE(_DESCRIPTORS * _FD.size)
_USAGE = struct.Struct("=idq")


class Usage(NamedTuple):
    """The resources that an ended run has used."""

    status: int
    """Its exit status, as ``os.wait4`` returns it."""
    seconds: float
    """Its processor time."""
    peak_memory: int
    """Its peak of resident memory, in bytes."""


class Forker:
    """The zygote's end of a forker. Each method raises EOFError where the forker has died."""

    def __init__(self, connection: _socket.socket) -> None:
        self.connection = connection
        self._prepared: set[bytes] = set()

    def prepare(self, what: bytes) -> None:
        """Prepare all later runs for something (``Template.prepare``), once."""
        if what not in self._prepared:
            self.connection.send(what)
            self._answer(1)
            self._prepared.add(what)

    def fork(self, *descriptors: int) -> int:
        """Fork a run that gets these descriptors. Returns its pid, which no other process gets before ``reap``."""
        rights = b"".join(map(_FD.pack, descriptors))
        self.connection.sendmsg([_FORK], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])
        pid: int = _FD.unpack(self._answer(_FD.size))[0]
        return pid

    def has_ended(self) -> bool:
        """Return whether the run has ended by itself."""
        self.connection.send(_POLL)
        return self._answer(1) == b"1"

    def reap(self) -> Usage:
        """Wait for the end of the run, and kill all that it has started."""
        self.connection.send(_REAP)
        return Usage(*_USAGE.unpack(self._answer(_USAGE.size)))

    def _answer(self, size: int) -> bytes:
        answer = self.connection.recv(size)
        if len(answer) < size:
            raise EOFError("the forker has died")
        return answer


def start_forker(template: Template, close: Sequence[_socket.socket]) -> Forker:
    """Fork a forker from this process as it is now.

    Args:
        template: What runs are forked from.
        close: Connections of this process that the forker must not keep open.
    """
    ours, theirs = _socket.socketpair()
    if os.fork() == 0:
        for connection in (ours, *close):
            connection.close()
        libc.adopt_orphans()
        die_with_zygote(template.own_pids)
        for name in [name for name in sys.modules if name.split(".")[0] == "harness"]:
            del sys.modules[name]
        serve_orders(theirs, template)
    theirs.close()
    return Forker(ours)


def serve_orders(orders: _socket.socket, template: Template) -> NoReturn:
    """Serve the orders of the zygote until it is gone.

    Every frame up to this one counts against the recursion limit of programs: do not add one.
    """
    pid = 0
    while True:
        order, ancillary, _, _ = orders.recvmsg(1, _ROOM)
        if order == _FORK:
            descriptors = [fd for (fd,) in _FD.iter_unpack(ancillary[0][2])]
            pid = os.fork()
            if pid == 0:
                template.become_run(*descriptors)
            orders.send(_FD.pack(pid))
            for fd in descriptors:
                os.close(fd)
        elif order == _REAP:
            _, status, usage = os.wait4(pid, 0)
            if template.runs_may_fork:
                kill_rest(template.own_pids)
            memory = usage.ru_maxrss * (1024 if libc.LINUX else 1)
            orders.send(_USAGE.pack(status, usage.ru_utime + usage.ru_stime, memory))
        elif order == _POLL:
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
            orders.send(b"%d" % ended)
        elif order:
            template.prepare(order)
            orders.send(order)
        else:
            os._exit(0)


def kill_rest(own_pids: bool) -> None:
    """Kill everything that a run has started. Returns when nothing of it is left.

    Where processes have a namespace of their own, that is every process but this one, and the kernel spares the init of
    the namespace, the zygote: there must be no other forker.
    """
    while True:
        try:
            for pid in (-1,) if own_pids else children():
                os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        try:
            os.wait()
        except ChildProcessError:
            return


def die_with_zygote(own_pids: bool) -> None:
    """End this process, and all that it has started, when its parent dies."""
    if not own_pids:  # the kernel ends a pid namespace with its init
        signal.signal(signal.SIGTERM, _end)
        libc.die_with_parent(signal.SIGTERM)


def _end(_: int, __: object) -> NoReturn:
    """Kill all children and exit.

    Where Landlock hides /proc, no children are found: the kernel kills the run when this process exits, since seccomp
    keeps it from changing its parent-death signal.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while pids := children():
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        os.wait()
    os._exit(0)


def children() -> list[int]:
    """Return the child processes of this process, which has one thread (Linux)."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []
