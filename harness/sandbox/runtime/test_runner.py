"""The process that runs a benchmark's own tests, out of reach of the program that they test.

HumanEval and MBPP define the right answer in code: ``assert candidate(2) == 4``. If that code ran in one process with
the program, the program could change what it does, read what it expects, or end the process before it is done. Here
the tests run in this process, and the program in a sandbox of its own. The tests' ``candidate`` is a *proxy*
(``proxies``) that sends its arguments there over a channel that only plain values (``values``) cross.

One process serves many programs, one after another, so that each benchmark's tests are compiled once. Standard library
only; started by ``harness.sandbox.worker`` as a script.
"""

from __future__ import annotations

import os
import sys

# The package is looked for last: a package that lies next to it in site-packages must not replace a module of the
# standard library.
sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))))
from harness.sandbox.isolation import layers, libc
from harness.sandbox.runtime import values, wire
from harness.sandbox.runtime.compiled_tests import TESTS_FILE, TestCache
from harness.sandbox.runtime.proxies import Channel, NotCrossing, Proxy, handle_of, state

sys.path.pop()

import _socket
import builtins
import json
import random
import re
import resource
import signal
import warnings
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from harness.sandbox.runtime.compiled_tests import CompiledTests

RECURSION_LIMIT = 10 * values.MAX_DEPTH
"""A value at the depth limit is read in seven frames a level."""
MEMORY_BYTES = 2 << 30
"""Limit of the tests themselves, on top of the bare interpreter's."""
MOST_GROWTH_BYTES = 256 << 20
"""Memory that jobs may have added before this process is retired."""
RUNS_RESULTS = re.compile(r"\b(?:eval|exec|compile|pickle|marshal|loads|__import__)\b")
"""Names in tests that may run what a program returned: this process is retired after such tests."""


class NeverCalled(Exception):
    """The tests ended without a request to the program."""

    def __str__(self) -> str:
        return f"they never call the program (HumanEval's need a line `check({self.args[0] or '...'})` at their end)"


class TimeUp(BaseException):
    """The tests used up their own processor time on values of the program's."""


def run_tests(job: dict[str, Any], channel: Channel, tests: TestCache) -> dict[str, Any]:
    """Run the tests of one program. Returns the outcome.

    ``ended`` is ``passed`` or ``failed`` (the tests), ``raised``, ``compile``, ``died`` or ``forged`` (the program),
    ``timeout`` (the tests are busy with what it returned) or ``broken`` (the tests are at fault).
    """
    space: dict[str, Any] = {"__name__": "tests", "__builtins__": builtins}
    random.seed(job["seed"])
    state.time_up, state.not_crossing = False, ""
    part = "prelude"
    try:
        prelude = tests.get(job["prelude"])
        part = "tests"
        compiled = tests.get(job["source"])
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = {"message": f"{part}: {getattr(error, 'msg', error)}", "line": getattr(error, "lineno", None)}
        return exception_outcome("broken", error) | where
    try:
        limit_time(job["seconds"])
        fetch(prelude, space, channel)
        exec(prelude.code, space)
        if job["entry_point"]:  # without one, the tests use the program's functions by name
            space[job["entry_point"]] = Proxy(channel, values.ENTRY)
            if job["entry_point"][0].isupper():
                channel.made_by_tests.add(values.ENTRY)
            space.setdefault("candidate", space[job["entry_point"]])  # HumanEval's name for it
        fetch(compiled, space, channel)
        exec(compiled.code, space)
        ended: dict[str, Any] = {"ended": channel.dead or "passed"}
        if not channel.called:
            ended = exception_outcome("broken", NeverCalled(job["entry_point"]))
    except BaseException as error:  # the tests may raise anything
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        ended = outcome_of(error, channel)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    if state.time_up:
        ended = {"ended": "timeout"}
    elif state.not_crossing:
        ended = exception_outcome("broken", NotCrossing(state.not_crossing))
    return ended | {"report": channel.report}


def fetch(tests: CompiledTests, space: dict[str, Any], channel: Channel) -> None:
    """Define the names that tests use and do not define, by the program's objects of these names.

    A name of a module of the standard library is that module: the tests must not compute with the program's ``math``.
    """
    for name in sorted(tests.names.difference(space, vars(builtins))):
        try:
            space[name] = channel.value(channel.request({"do": "global", "name": name}))
        except KeyError:  # the program has no such name either: code that reads it raises NameError
            continue
        channel.called = channel.called or type(space[name]) is not Proxy  # a plain value or a type is the solution
        if name in tests.modules and type(space[name]) is Proxy:
            space[name] = __import__(name)
        elif name[0].isupper() and type(space[name]) is Proxy:
            channel.made_by_tests.add(handle_of(space[name]))


def outcome_of(error: BaseException, channel: Channel) -> dict[str, Any]:
    """Return the outcome of tests that ended with an exception."""
    if channel.dead:
        return {"ended": channel.dead}
    if isinstance(error, TimeUp):
        return {"ended": "timeout"}
    if isinstance(error, NotCrossing) or not channel.requested:  # the program is not at fault
        return exception_outcome("broken", error)
    return {"ended": "raised"} if error is channel.error else exception_outcome("failed", error)


def exception_outcome(ended: str, error: BaseException) -> dict[str, Any]:
    """Return an outcome with the tests' exception: type, message and line. The message may be the program's text."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == TESTS_FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    try:
        message = str(error)[:500].encode("utf-8", "replace").decode()
    except BaseException:  # the message is code of the tests or of the program
        message = ""
    return {"ended": ended, "exception": type(error).__name__, "message": message, "line": line}


def main(settings: dict[str, Any]) -> None:
    """Serve the parent until it closes the connection. ``test_runner.py SETTINGS``: JSON made by the parent."""
    layers.raise_limits()
    connection = _socket.socket(fileno=settings["fd"])
    null = os.open(os.devnull, os.O_WRONLY)  # later, opening a file to write may be denied
    isolation = layers.isolate(1 << 20, settings["packages"], settings["without"])
    serve_as_child()
    os.chdir(isolation.scratch or "/")
    os.environ.clear()
    sys.set_int_max_str_digits(0)
    sys.setrecursionlimit(RECURSION_LIMIT)
    sys.meta_path.append(layers.AllowedPackages(settings["packages"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(
        resource.RLIMIT_AS, layers.within_allowed(resource.RLIMIT_AS, *(isolation.baseline + MEMORY_BYTES,) * 2)
    )
    if (policy := layers.program_filter(isolation)) is not None:
        policy.install()
    signal.signal(signal.SIGVTALRM, time_up)
    wire.send(connection, {"scratch": "" if isolation.private_scratch else isolation.scratch})
    os.dup2(null, 2)  # nothing reads standard error, and a full pipe would block the tests
    warnings.simplefilter("ignore")
    serve(connection)


def serve(connection: _socket.socket) -> None:
    """Run the tests of one program after another until the parent closes the connection."""
    tests, at_first = TestCache(), peak_memory()
    while (received := wire.receive(connection)) is not None:
        job, fd = received
        if fd is None:
            raise ValueError("a job comes with a channel")
        channel = Channel(fd, job["longest"])
        try:
            ended = run_tests(job, channel, tests)
        finally:
            os.close(fd)
        tidy_up(channel)
        ended["retired"] = (
            RUNS_RESULTS.search(job["source"]) is not None
            or peak_memory() > at_first + MOST_GROWTH_BYTES
            or used_seconds() + job["seconds"] + 2 > layers.most_allowed(resource.RLIMIT_CPU)
        )
        wire.send(connection, ended)


_builtins = dict(vars(builtins))


def tidy_up(channel: Channel) -> None:
    """Remove what the program gave and undo what the tests changed, before the next job."""
    channel.proxies.clear()
    channel.error = None
    if vars(builtins) != _builtins:
        vars(builtins).update(_builtins)
        for name in vars(builtins).keys() - _builtins:
            del vars(builtins)[name]
    sys.setrecursionlimit(RECURSION_LIMIT)
    decimal = sys.modules.get("decimal")
    if decimal is not None:
        decimal.setcontext(decimal.Context())


def peak_memory() -> int:
    """Return the peak of resident memory, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1024 if libc.LINUX else 1)


def limit_time(seconds: float) -> None:
    """Limit the processor time of the tests.

    The timer raises an exception; where that cannot be raised, within one operation on a huge value, the kernel ends
    the process.
    """
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]  # the machine's: it cannot be raised, and must not be lowered
    soft = int(used_seconds() + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def used_seconds() -> float:
    """Return the processor time of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def serve_as_child() -> None:
    """Continue in a child: the kernel spares the first process of a pid namespace most signals, those of limits too."""
    child = os.fork()
    if child:
        libc.close_from(3)
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    libc.die_with_parent()


def time_up(_: int, __: object) -> NoReturn:
    """Handle the timer of ``limit_time``. Raises TimeUp."""
    state.time_up = True  # tests may catch everything
    raise TimeUp


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
