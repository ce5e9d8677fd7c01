"""The cost of a command: all its processes are counted, also those that outlive it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from benchmarks.command_cost import CommandFailedError, run_command
from benchmarks.control_group import control_group
from benchmarks.process_memory import MemoryWatch, field_bytes, growth

BURN = "import time\nwhile time.process_time() < 0.2: pass\n"


def python(source: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", source]


def test_a_process_that_outlives_its_command_is_counted(tmp_path: Path) -> None:
    orphan = f"import os\nif os.fork() == 0 and os.fork() == 0:\n    exec({BURN!r})\n"
    cost = run_command(python(orphan), tmp_path, {})
    assert cost.processor_seconds >= 0.2  # the orphan ends only after that


def test_a_process_that_nobody_waits_for_is_counted_in_a_control_group(tmp_path: Path) -> None:
    group = control_group()
    if group is None:
        pytest.skip("this user can make no control group")
    group.remove()
    assert not group.folder.exists()
    reaped = (
        f"import os, signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\nif os.fork() == 0:\n    exec({BURN!r})\n"
    )
    cost = run_command(python(f"{reaped}else:\n    try: os.wait()\n    except OSError: pass\n"), tmp_path, {})
    assert cost.processor_seconds >= 0.2


def test_a_command_that_fails_is_told_by_its_last_line(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError, match="ended with 3: no luck"):
        run_command(python("import sys; print('first'); print('no luck'); sys.exit(3)"), tmp_path, {})


def test_a_command_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError, match="missing"):
        run_command([str(tmp_path / "missing")], tmp_path, {})


def test_an_observer_ends_a_command_with_its_children(tmp_path: Path) -> None:
    seen: list[int] = []

    def observe(pid: int) -> bool:
        seen.append(pid)
        return (tmp_path / "child").exists()

    waits = f"import os, time\nif os.fork() == 0: open({str(tmp_path / 'child')!r}, 'w').close()\ntime.sleep(600)\n"
    run_command(python(waits), tmp_path, {}, observe, 0.01)
    assert not Path(f"/proc/{seen[0]}").exists()


def test_variables_reach_the_command(tmp_path: Path) -> None:
    run_command(python("import os; print(os.environ['SPEED'])"), tmp_path, {"SPEED": "fast"})
    assert (tmp_path / "output.txt").read_text() == "fast\n"


def test_memory_is_watched_in_parent_and_children() -> None:
    watch = MemoryWatch(2)
    assert not watch(os.getpid())
    assert 0 < watch.parent_peak * 2**20 <= field_bytes(Path("/proc/self/status"), "VmHWM")
    assert watch.growth == 1.0


def test_growth_compares_the_last_quarter_with_the_second() -> None:
    assert growth([9, 9, 10, 10, 11, 11, 15, 15]) == 1.5
    assert growth([10]) == 1.0


def test_the_memory_of_a_process_that_ended_is_nothing(tmp_path: Path) -> None:
    assert field_bytes(tmp_path / "gone", "Pss") == 0
