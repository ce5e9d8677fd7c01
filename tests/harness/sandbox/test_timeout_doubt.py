"""Check which timeouts count as caused by a busy machine (docs/timeouts.md)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.sandbox import Sandbox, waited_time
from harness.sandbox.cache_key import FIELDS
from harness.sandbox.execution import Checks, Ended, Execution, Limits, Program
from harness.sandbox.runtime.watch import Doubt, had_processor
from harness.sandbox.waited_time import WaitedTime
from harness.sandbox.worker import _doubted

LIMITS = Limits(cpu_seconds=0.2, wall_seconds=60.0)
CHECKS = Checks("for x in range(4): assert f(x) == x")
WAITS = "import time\nreached = time.process_time\ntime.sleep(0.9)\n"
"""Waits for so long that its processor time is no longer most of its time, as on a busy machine."""


def function(seconds: str, after: str = "") -> str:
    """Return a function that uses so much processor time on the input 2, and then runs ``after``."""
    return (
        f"{WAITS}def f(x):\n    if x == 2:\n        while reached() < {seconds}: pass\n        {after}\n    return x\n"
    )


def script(seconds: str) -> str:
    """Return a script that uses so much processor time on the input 2."""
    begin = "import time\n    time.sleep(0.9)\n    begun = time.process_time()"
    loop = f"{begin}\n    while time.process_time() < begun + {seconds}: pass"
    return f"x = input()\nif x == '2':\n    {loop}\nprint(x)\n"


def run_function(sandbox: Sandbox, source: str) -> list[Execution]:
    return sandbox.execute(Program(source, "f"), [[x] for x in range(4)], LIMITS)


def check_function(sandbox: Sandbox, source: str) -> list[Execution]:
    return [sandbox.check(Program(source, "f"), CHECKS, LIMITS)]


def test_how_long_a_run_that_has_a_processor_takes() -> None:
    assert had_processor(4.1, 4.0)
    assert had_processor(0.4, 0.0)
    assert not had_processor(8.0, 4.0)


@pytest.mark.parametrize("run", [run_function, check_function])
@pytest.mark.parametrize(("seconds", "in_doubt"), [("0.3", True), ("60", False)])
def test_a_program_that_ends_soon_after_its_limit_is_doubted_and_one_that_does_not_is_not(
    sandbox: Sandbox, run: Callable[[Sandbox, str], list[Execution]], seconds: str, in_doubt: bool
) -> None:
    with sandbox.overrunning(4.0):
        late = next(e for e in run(sandbox, function(seconds)) if e.ended is not Ended.FINISHED)
    assert (late.ended, late.in_doubt) == (Ended.TIMEOUT, in_doubt)


def test_an_input_that_ends_after_its_limit_has_timed_out_and_none_is_run_after_it(sandbox: Sandbox) -> None:
    with sandbox.overrunning(4.0):
        executions = sandbox.execute(Program(script("0.3")), list("0123"), LIMITS)
        further = run_function(sandbox, function("0.3"))
    for found in (executions, further):
        assert [e.ended for e in found] == [Ended.FINISHED, Ended.FINISHED, Ended.TIMEOUT, Ended.NOT_RUN]
        assert [e.in_doubt for e in found] == [False, False, True, False]
    assert [e.output for e in executions[:2]] == ["0\n", "1\n"]


@pytest.mark.parametrize("after", ["raise ValueError", "import os; os._exit(0)", "return 'wrong'"])
def test_however_a_program_ends_after_its_limit_it_has_timed_out(sandbox: Sandbox, after: str) -> None:
    with sandbox.overrunning(4.0):
        [execution] = check_function(sandbox, function("0.3", after))
        assert (execution.ended, execution.in_doubt) == (Ended.TIMEOUT, True)
        assert check_function(sandbox, "def f(x): return x")[0].ended is Ended.FINISHED


def test_nobody_watches_a_program_longer_without_being_asked(sandbox: Sandbox) -> None:
    for execution in (run_function(sandbox, function("60"))[2], check_function(sandbox, function("60"))[0]):
        assert (execution.ended, execution.in_doubt) == (Ended.TIMEOUT, True)
        assert execution.seconds < 4 * LIMITS.cpu_seconds


@pytest.mark.parametrize(
    ("doubt", "waited", "in_doubt"),
    [
        (Doubt.NONE, None, False),
        (Doubt.SHARED, 0.0, True),
        (Doubt.ENDED, 0.0, True),
        (Doubt.WAITED, 0.0, False),  # it slept
        (Doubt.WAITED, 2.9, False),
        (Doubt.WAITED, 3.1, True),
        (Doubt.WAITED, None, True),
    ],
)
def test_at_the_limit_of_wall_clock_time_what_it_waited_for_a_processor_decides(
    doubt: str, waited: float | None, in_doubt: bool
) -> None:
    def doubted(ended: Ended, timeout: bool = True) -> bool:
        return _doubted(Execution(ended), {"timeout": timeout, "doubt": doubt}, waited, LIMITS).in_doubt

    assert doubted(Ended.TIMEOUT) is in_doubt
    assert not doubted(Ended.CHECK_FAILED)
    if doubt == Doubt.NONE:
        assert doubted(Ended.TIMEOUT, timeout=False)  # the tests were busy with its values


def test_doubt_is_no_part_of_what_a_cache_keeps() -> None:
    assert "in_doubt" not in FIELDS
    assert Execution(Ended.TIMEOUT, in_doubt=True) == Execution(Ended.TIMEOUT)


# --- the time that processes waited for a processor ----------------------------------------------------------------


class Machine:
    """A folder like /proc."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.steal(0)

    def steal(self, ticks: int) -> None:
        (self.folder / "stat").write_text(f"cpu  1 2 3 4 5 6 7 {ticks} 0 0\ncpu0 1 2 3 4 5 6 7 0 0 0\n")

    def waited(self, pid: int, **threads: float) -> None:
        for thread, seconds in threads.items():
            folder = self.folder / str(pid) / "task" / thread
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "schedstat").write_text(f"1000 {int(seconds * 1e9)} 3\n")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(waited_time, "PROC", tmp_path)
    return Machine(tmp_path)


def measure(machine: Machine, *steps: Callable[[], Any]) -> float:
    """Return the seconds that processes 7, 8 and 9 waited at most, beside the time before the first sample."""
    waited = WaitedTime()
    for step in steps:
        step()
        waited.sample([7, 8, 9])
    most = waited.most()
    assert most is not None
    return round(most - waited._unseen, 6)


def test_waited_time_is_that_of_all_threads_since_the_first_sample(machine: Machine) -> None:
    first, second = (lambda: machine.waited(7, a=5.0, b=1.0)), (lambda: machine.waited(7, a=5.5, b=1.25))
    assert measure(machine, first, second) == 0.75


def test_a_process_that_starts_later_counts_from_its_start(machine: Machine) -> None:
    assert measure(machine, lambda: machine.waited(7, a=5.0), lambda: machine.waited(8, b=0.5)) == 0.5


def test_a_process_that_is_gone_keeps_what_it_waited(machine: Machine) -> None:
    def end() -> None:
        (machine.folder / "7/task/a/schedstat").unlink()

    assert measure(machine, lambda: machine.waited(7, a=5.0), lambda: machine.waited(7, a=7.0), end) == 2.0


def test_time_that_the_host_took_counts(machine: Machine) -> None:
    ticks = 200
    seconds = measure(machine, lambda: machine.waited(7, a=5.0), lambda: machine.steal(ticks))
    assert seconds == ticks / waited_time.os.sysconf("SC_CLK_TCK")


def test_without_a_sample_or_a_count_nothing_is_known(machine: Machine) -> None:
    waited = WaitedTime()
    assert waited.most() is None
    machine.waited(7, a=0.0)  # a kernel that does not count
    waited.sample([7, 8])
    assert waited.most() is None
