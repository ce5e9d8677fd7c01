"""No program outlives its sandbox, whether it is closed or its owner is killed.

Every program here is harmless: it sleeps or loops.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sandbox_processes import descendants, is_alive, name_of, wait_for
from shares import EVERY_CASE

from harness.sandbox import LAYERS, Sandbox
from harness.sandbox.execution import Ended, Limits, Program
from harness.sandbox.runtime import confine

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

MODES = [(), ("namespaces",), ("landlock",), ("namespaces", "landlock"), ("namespaces", "landlock", "seccomp")]
NOTHING = MODES[-1]
LONG = Limits(cpu_seconds=50, wall_seconds=50)
NAME = "left-over"
DETACH = """
import ctypes, os
libc = ctypes.CDLL(None)
libc.prctl(1, 0, 0, 0, 0)  # PR_SET_PDEATHSIG
libc.setsid()
"""
"""Leaves the session and clears the parent-death signal, where that is not denied."""
FORK = "if os.fork():\n    os._exit(0)\n"
NAMED = f"libc.prctl(15, b{NAME!r}, 0, 0, 0)\n"  # PR_SET_NAME
SLEEP = "import time\ntime.sleep(60)\n"
LOOP = "while True:\n    pass\n"
THREADS = "import threading, time\nfor _ in range(4):\n    threading.Thread(target=time.sleep, args=(60,)).start()\n"
OWNER = """
import json, sys
from harness.sandbox import Sandbox
from harness.sandbox.execution import Limits, Program
without, source = json.loads(sys.argv[1])
with Sandbox(without=without, unsafe=len(without) == 3) as sandbox:
    sandbox.execute(Program(source), [""], Limits(cpu_seconds=50, wall_seconds=50))
"""
in_modes = pytest.mark.parametrize("without", MODES, ids=lambda without: "-".join(["without", *without]))
PROGRAMS = {"sleeps": SLEEP, "loops": LOOP, "has threads": THREADS}
programs_in_modes = pytest.mark.parametrize(
    ("without", "program"),
    [
        pytest.param(without, program, id="-".join(["without", *without, name]))
        for mode, without in enumerate(MODES)
        for number, (name, program) in enumerate(PROGRAMS.items())
        if EVERY_CASE or (mode + number) % len(PROGRAMS) == 0  # each program in some modes, each mode with one
    ],
)


def named(pids: list[int]) -> list[int]:
    return [pid for pid in pids if name_of(pid) == NAME and is_alive(pid)]


@programs_in_modes
def test_a_program_that_runs_is_gone_after_close(without: tuple[str, ...], program: str) -> None:
    found: list[int] = []

    def interrupt_once_it_runs() -> None:
        found.extend(wait_for(lambda: named(descendants(os.getpid()))))
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    watcher = threading.Thread(target=interrupt_once_it_runs)
    with Sandbox(without=without, unsafe=without == NOTHING) as sandbox:
        skip_unless_in_force(sandbox, without)
        watcher.start()
        with pytest.raises(KeyboardInterrupt):  # it closes the sandbox
            sandbox.execute(Program(DETACH + NAMED + program), [""], LONG)
            time.sleep(20)
    watcher.join()
    assert found
    assert wait_for(lambda: not any(map(is_alive, found)), seconds=20)  # less than the program's own limits


@programs_in_modes
def test_a_program_dies_with_the_process_that_owns_the_sandbox(without: tuple[str, ...], program: str) -> None:
    with Sandbox(without=without, unsafe=without == NOTHING) as sandbox:
        skip_unless_in_force(sandbox, without)
    source = DETACH + NAMED + program
    root = Path(__file__).parents[3]
    with subprocess.Popen([sys.executable, "-c", OWNER, json.dumps([without, source])], cwd=root) as owner:
        found = wait_for(lambda: named(descendants(owner.pid)), seconds=60)
        below = descendants(owner.pid)
        owner.kill()
    assert found
    assert wait_for(lambda: not any(map(is_alive, below)), seconds=20)


def test_without_isolation_the_detached_child_of_a_program_dies_with_the_owner_too() -> None:
    source = DETACH + FORK + "os.setsid()\n" + FORK + NAMED + SLEEP
    root = Path(__file__).parents[3]
    keep = "import os, time\nif os.fork():\n    time.sleep(60)\n"  # the program itself goes on, so that it is not over
    with subprocess.Popen([sys.executable, "-c", OWNER, json.dumps([NOTHING, keep + source])], cwd=root) as owner:
        found = wait_for(lambda: named(descendants(owner.pid)), seconds=60)
        owner.kill()
    assert found
    assert wait_for(lambda: not any(map(is_alive, found)), seconds=20)


def skip_unless_in_force(sandbox: Sandbox, without: tuple[str, ...]) -> None:
    if sandbox.layers != tuple(layer for layer in LAYERS if layer not in without):
        pytest.skip("this machine lacks a layer")


# --- the backstop --------------------------------------------------------------------------------------------------


@in_modes
def test_every_program_has_a_limit_of_processor_time_that_it_cannot_raise(without: tuple[str, ...]) -> None:
    source = """
import resource
soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
try:
    resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
except (ValueError, OSError):
    print(soft, hard)
"""
    with Sandbox(without=without, unsafe=without == NOTHING) as sandbox:
        [execution] = sandbox.execute(Program(source), [""], Limits(cpu_seconds=3))
    soft, hard = confine.cpu_limits(3, 1)
    assert execution.output == f"{soft} {hard}\n"


def test_the_backstop_is_above_what_the_clock_allows() -> None:
    """Of a run on many inputs, with the compiler; and it is a number that the kernel takes."""
    for seconds, inputs in ((0.1, 1), (4.0, 1), (4.0, 1000), (1e9, 1000)):
        soft, hard = confine.cpu_limits(seconds, inputs)
        assert soft <= hard <= 1 << 30
        assert soft > min(confine.COMPILE_SECONDS + seconds * inputs, (1 << 30) - 1)


def test_a_program_finds_the_signal_to_terminate_as_the_interpreter_leaves_it() -> None:
    with Sandbox(without=("namespaces",)) as sandbox:
        [execution] = sandbox.execute(Program("import signal\nprint(signal.getsignal(15) is signal.SIG_DFL)"), [""])
    assert execution.output == "True\n"


def test_the_time_of_an_input_is_measured_finer_than_a_tick_of_the_kernel() -> None:
    with Sandbox() as sandbox:
        executions = sandbox.execute(Program("print(sum(range(20000)))"), [""] * 5)
    assert [e.ended for e in executions] == [Ended.FINISHED] * 5
    assert all(e.seconds > 0 for e in executions)
