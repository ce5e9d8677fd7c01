"""The parent's end of the sandbox's processes: messages that it refuses, a process that is gone, closing."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox_processes import descendants, wait_for

from apps_plus.errors import SandboxError
from harness.sandbox import Sandbox, machine_limits, worker
from harness.sandbox.execution import Checks, Ended, Limits, Program
from harness.sandbox.runtime import wire
from harness.sandbox.worker import Process, longest_reply

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


class FakeProcess(Process):
    """A process whose messages the test sends."""

    def __init__(self) -> None:
        self._connection, self.theirs = socket.socketpair()
        self._folder = None

    def close(self) -> str:
        self._connection.close()
        self.theirs.close()
        return ""


def descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


@pytest.fixture
def fake() -> Iterator[FakeProcess]:
    process = FakeProcess()
    yield process
    process.close()


def test_a_descriptor_from_a_sandbox_process_is_closed_and_refused(fake: FakeProcess) -> None:
    before = descriptors()
    wire.send(fake.theirs, {}, 0)
    with pytest.raises(ValueError, match="a descriptor"):
        fake.receive(5)
    assert descriptors() == before


def test_a_first_message_is_short(fake: FakeProcess) -> None:
    fake.theirs.sendall((1 << 30).to_bytes(8, "big"))
    with pytest.raises(ValueError, match="too long"):
        fake.receive(5)


@pytest.mark.parametrize("character", ["x", '"', "\\0", "\\xff"])
@pytest.mark.parametrize("entry_point", [None, "f"])
def test_the_longest_outputs_are_within_the_bound_of_a_reply(character: str, entry_point: str | None) -> None:
    limits = Limits(output_bytes=1 << 20)
    size = limits.output_bytes - 64
    source = f"import sys\nsys.stdout.buffer.write(b'{character}' * {size})"
    if entry_point:
        source = f"def f(): return '{character}' * {size // 6}"
    with Sandbox() as sandbox:
        executions = sandbox.execute(Program(source, entry_point), [[] if entry_point else ""] * 3, limits)
    assert [execution.ended for execution in executions] == [Ended.FINISHED] * 3


def test_the_bound_of_a_reply_grows_with_the_limits_only() -> None:
    usual = longest_reply(Limits(), 1, "", trace=False)
    assert usual < 6 * (200 << 20)
    assert longest_reply(Limits(output_bytes=1 << 30), 1, "", trace=False) > 6 << 30
    assert longest_reply(Limits(), 100, "x\n" * 1000, trace=True) > usual + 100 * 66 * 1000


def test_a_process_that_was_reaped_is_not_signalled(monkeypatch: pytest.MonkeyPatch) -> None:
    tester = worker.TesterProcess(())
    os.killpg(tester._process.pid, signal.SIGKILL)
    tester._process.wait(10)
    signalled: list[int] = []
    monkeypatch.setattr(os, "killpg", lambda pid, _: signalled.append(pid))
    monkeypatch.setattr(worker, "_kill_descendants", signalled.append)
    tester.close()
    assert signalled == []


# --- closing from another thread -----------------------------------------------------------------------------------


@pytest.mark.parametrize("without", [(), ("namespaces",)], ids=["all", "no namespaces"])
def test_another_thread_may_close_a_sandbox_that_runs_a_program(without: tuple[str, ...]) -> None:
    before = set(descendants(os.getpid()))
    sandbox = Sandbox(without=without)
    sandbox.execute(Program("print(1)"), [""])
    ended: list[Ended] = []

    def run() -> None:
        [execution] = sandbox.execute(Program("import time\ntime.sleep(30)"), [""], Limits(wall_seconds=40))
        ended.append(execution.ended)

    runner = threading.Thread(target=run)
    quiet = len(set(descendants(os.getpid())) - before)
    runner.start()
    assert wait_for(lambda: len(set(descendants(os.getpid())) - before) > quiet)
    sandbox.close()
    runner.join(20)
    assert ended == [Ended.HARNESS_ERROR]
    assert wait_for(lambda: set(descendants(os.getpid())) <= before)


def test_closing_while_processes_are_started_and_ended_raises_nothing() -> None:
    """Each process is closed once, by one of the threads."""
    sandbox, stop, faults = Sandbox(), threading.Event(), []

    class Ending:
        def __init__(self) -> None:
            self.times = 0

        def close(self) -> str:
            self.times += 1
            return ""

    made: list[Ending] = []

    def close() -> None:
        while not stop.is_set():
            try:
                sandbox.close()
            except RuntimeError as error:
                faults.append(error)

    closer = threading.Thread(target=close)
    closer.start()
    for number in range(20_000):
        made.append(Ending())
        sandbox._zygotes[number] = made[-1]  # type: ignore[index, assignment]
    stop.set()
    closer.join()
    sandbox.close()
    assert faults == []
    assert all(process.times == 1 for process in made)


def test_a_process_that_was_starting_when_the_sandbox_closed_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(descendants(os.getpid()))
    sandbox = Sandbox()

    def start_and_close(*arguments: object) -> worker.TesterProcess:
        process = worker.TesterProcess(())
        sandbox.close()
        return process

    monkeypatch.setattr("harness.sandbox.sandbox.TesterProcess", start_and_close)
    with sandbox, pytest.raises(SandboxError, match="closed while"):
        sandbox.check(Program("def f(): return 1", "f"), Checks("assert f() == 1"))
    assert wait_for(lambda: set(descendants(os.getpid())) <= before)


def test_starting_a_process_leaves_the_limits_of_this_one() -> None:
    before = resource.getrlimit(resource.RLIMIT_STACK)
    process = worker.TesterProcess(())
    stack = next(row for row in Path(f"/proc/{process._process.pid}/limits").read_text().splitlines() if "stack" in row)
    process.close()
    assert resource.getrlimit(resource.RLIMIT_STACK) == before
    most = before[1] if before[1] != resource.RLIM_INFINITY else machine_limits.STACK_BYTES
    assert int(stack.split()[3]) == min(most, machine_limits.STACK_BYTES)
