"""The log of a run: only whole lines, and the rows that a resumed run keeps."""

from __future__ import annotations

import errno
import io
import json
import math
import re
import sys
from collections import deque
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from apps_plus.errors import BuildFolderError, InputError, OutputError
from stepcoder import progress_display as log_screen
from stepcoder.run_log import NoLog, RunLog, read_log


def log(folder: Path, **options: Any) -> RunLog:
    return RunLog(folder, **{"live": False, "tensorboard": False, **options})


def write_steps(folder: Path, *steps: int, **options: Any) -> None:
    with log(folder, **options) as run:
        for step in steps:
            run.write(step, {"reward": step / 2})


def steps(folder: Path) -> list[int]:
    return [row["step"] for row in read_log(folder)]


def test_a_row_is_a_line_of_json_with_its_step_first(tmp_path: Path) -> None:
    with log(tmp_path / "runs" / "a") as run:
        run.write(1, {"reward": -0.3, "stage/1": 4, "note": "ü"})
        assert (tmp_path / "runs" / "a" / "log.jsonl").read_text() == (
            '{"step":1,"reward":-0.3,"stage/1":4,"note":"ü"}\n'
        )


def test_what_json_cannot_say_is_null(tmp_path: Path) -> None:
    with log(tmp_path) as run:
        run.write(1, {"kl": math.nan, "reward": -math.inf})
    assert read_log(tmp_path) == [{"step": 1, "kl": None, "reward": None}]


def test_the_rows_that_a_resumed_run_keeps_are_the_same_bytes(tmp_path: Path) -> None:
    write_steps(tmp_path, 1, 2)
    before = (tmp_path / "log.jsonl").read_bytes()
    write_steps(tmp_path, resume_step=2)
    assert (tmp_path / "log.jsonl").read_bytes() == before


def test_no_log_is_no_rows(tmp_path: Path) -> None:
    assert read_log(tmp_path) == []


@pytest.mark.parametrize("torn", ['{"step": 3, "rew', '{"step": 3', "{"])
def test_a_torn_last_line_is_left_out(tmp_path: Path, torn: str) -> None:
    write_steps(tmp_path, 1, 2)
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write(torn)
    assert steps(tmp_path) == [1, 2]


def test_a_broken_line_in_the_middle_is_named(tmp_path: Path) -> None:
    write_steps(tmp_path, 1)
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write("nonsense\n")
    with pytest.raises(BuildFolderError, match=r"log\.jsonl:2"):
        read_log(tmp_path)


def test_a_new_run_begins_a_new_log(tmp_path: Path) -> None:
    write_steps(tmp_path, 1, 2, 3)
    write_steps(tmp_path, 1)
    assert steps(tmp_path) == [1]


def test_a_resumed_run_drops_what_came_after_its_checkpoint(tmp_path: Path) -> None:
    write_steps(tmp_path, 1, 2, 2, 3, 4)
    write_steps(tmp_path, 3, resume_step=2)
    assert steps(tmp_path) == [1, 2, 2, 3]


def test_a_torn_line_does_not_swallow_the_first_line_after_it(tmp_path: Path) -> None:
    write_steps(tmp_path, 1, 2)
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write('{"step": 3, "rew')
    write_steps(tmp_path, 3, resume_step=2)
    assert steps(tmp_path) == [1, 2, 3]


def test_a_run_that_learns_its_checkpoint_late_rewinds_then(tmp_path: Path) -> None:
    write_steps(tmp_path, 1, 2, 3)
    with log(tmp_path, resume_step=None) as run:
        assert steps(tmp_path) == [1, 2, 3]
        run.rewind(1)
        run.write(2, {})
    assert read_log(tmp_path) == [{"step": 1, "reward": 0.5}, {"step": 2}]


class FullDisk:
    """A file on a disk that takes five more bytes."""

    def __init__(self, file: Any) -> None:
        self._file, self._room = file, 5

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: bytes) -> int:
        if not self._room:
            raise OSError(errno.ENOSPC, "No space left on device")
        room, self._room = self._room, 0
        return self._file.write(data[:room])


def test_a_full_disk_is_said_and_leaves_whole_lines(tmp_path: Path) -> None:
    with log(tmp_path) as run:
        run.write(1, {"reward": 1.0})
        run._file = FullDisk(run._file)
        with pytest.raises(OutputError, match="free some space"):
            run.write(2, {"reward": 2.0})
    assert (tmp_path / "log.jsonl").read_text() == '{"step":1,"reward":1.0}\n'


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"), log(tmp_path / "file" / "run"):
        pass


def test_the_other_processes_write_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    NoLog().rewind(0)
    NoLog().write(1, {"reward": 1.0})
    with NoLog().part("base model") as part:
        part.write(1, {"loss": 1.0})
    assert list(tmp_path.iterdir()) == []


# ---- TensorBoard


def test_without_tensorboard_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(InputError, match="pip install tensorboard"):
        RunLog(tmp_path, live=False, tensorboard=True)


class Events:
    """Stands for TensorBoard's writer."""

    made: list[Events] = []  # noqa: RUF012

    def __init__(self, folder: str, purge_step: int | None) -> None:
        self.folder, self.purge_step, self.scalars, self.closed = folder, purge_step, [], False
        Events.made.append(self)

    def add_scalar(self, name: str, value: float, step: int) -> None:
        self.scalars.append((name, value, step))

    def close(self) -> None:
        self.closed = True


def test_tensorboard_gets_the_numbers_and_forgets_what_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Events, "made", [])
    monkeypatch.setitem(sys.modules, "tensorboard", ModuleType("tensorboard"))
    stub = ModuleType("torch.utils.tensorboard")
    stub.SummaryWriter = Events  # type: ignore[attr-defined]
    for name in ("torch", "torch.utils"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", stub)
    with log(tmp_path, tensorboard=True, resume_step=4) as run:
        run.write(5, {"reward": 0.5, "note": "text"})
    [events] = Events.made
    assert (events.folder, events.purge_step, events.closed) == (str(tmp_path / "tensorboard"), 5, True)
    assert events.scalars == [("reward", 0.5, 5)]


# ---- what a person sees


def test_a_line_for_the_first_step_for_evaluations_and_for_the_last(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with log(tmp_path, live=True) as run:
        run.expect(5)
        for step in range(1, 6):
            row = {"pass_rate": 0.125, "kl": 0.0001}
            run.write(step, row | ({"eval/pass@1": 0.5} if step == 3 else {}))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "train: step 1 of 5: pass_rate 0.125, kl 1.00e-04",
        "train: step 3 of 5: pass_rate 0.125, kl 1.00e-04, eval/pass@1 0.500",
        "train: step 5 of 5: pass_rate 0.125, kl 1.00e-04",
    ]


class Clock:
    """Stands for ``time``: the test moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(log_screen, "time", clock)
    return clock


def test_lines_have_the_time_left_at_the_pace_of_the_recent_steps(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = log_screen.ProgressLines()
    lines.begin(500)
    # Resumed from step 40. The first step is slow, and not in the pace; the fifth is too soon for a line.
    for step, seconds in [(41, 90.0), (42, 20.0), (43, 20.0), (44, 20.0), (45, 2.0)]:
        clock.now += seconds
        lines.show(step, {"loss": 0.5})
    clock.now += 30.0
    lines.show(500, {"loss": 0.25})
    assert capsys.readouterr().err.splitlines() == [
        "train: step 41 of 500: loss 0.500",
        "train: step 42 of 500: loss 0.500",
        "train: step 43 of 500 (2 h 32 min left): loss 0.500",
        "train: step 44 of 500 (2 h 32 min left): loss 0.500",
        "train: step 500 of 500: loss 0.250",
    ]


def test_a_part_of_a_run_is_shown_by_its_name_and_not_kept(
    tmp_path: Path, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with log(tmp_path, live=True) as run:
        with run.part("base model") as part:
            part.expect(10)
            for step in (1, 2, 3):
                clock.now += 20.0
                part.write(step, {"loss": 2.0})
        run.expect(2)
        clock.now += 30.0
        run.write(1, {"pass_rate": 0.5})
    assert capsys.readouterr().err.splitlines() == [
        "train: base model, step 1 of 10: loss 2.000",
        "train: base model, step 2 of 10: loss 2.000",
        "train: base model, step 3 of 10 (2 min left): loss 2.000",
        "train: step 1 of 2: pass_rate 0.500",
    ]
    assert read_log(tmp_path) == [{"step": 1, "pass_rate": 0.5}]


def test_what_lasts_is_shown_while_no_step_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(log_screen, "SECONDS_OF_SILENCE", 0.02)
    lines = log_screen.ProgressLines()
    lines.begin(8)
    lines.show(3, {"reward": 1.0})
    assert "step 3" in capsys.readouterr().err
    lines._printed = lines._step_ended = -math.inf  # long ago
    lines.doing("generating", "3 of 32 programs")
    with lines:
        shown = ""
        while not shown:
            shown = capsys.readouterr().err
    assert re.fullmatch(r"(train: step 4 of 8: generating, 3 of 32 programs \(\d+ s\)\n)+", shown)


def test_steps_that_end_often_enough_leave_no_line_for_their_parts(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = log_screen.ProgressLines()
    lines.begin(100)
    for step in range(1, 13):  # three seconds each, of which the last 2.5 are the update: the thread looks in then
        clock.now += 0.5
        lines.doing("updating")
        clock.now += 2.5
        lines.print_activity()
        lines.show(step, {"loss": 0.5})
    assert capsys.readouterr().err.splitlines() == [
        "train: updating (2 s)",
        "train: step 1 of 100: loss 0.500",
        "train: step 5 of 100 (5 min left): loss 0.500",
        "train: step 9 of 100 (5 min left): loss 0.500",
    ]
    lines.doing("generating", "3 of 32 programs")
    clock.now += 12.0
    lines.print_activity()
    assert capsys.readouterr().err == "train: step 13 of 100 (4 min left): generating, 3 of 32 programs (12 s)\n"


def test_after_the_last_step_there_is_no_next_one() -> None:
    pace = log_screen.Pace(8)
    assert pace.next_step() == ""
    pace.add(7)
    assert pace.next_step() == "step 8 of 8: "
    pace.add(8)
    assert pace.next_step() == ""
    unknown = log_screen.Pace(0)
    unknown.add(8)
    assert unknown.next_step() == "step 9: "


def test_the_heading_of_the_table_says_what_is_done_and_how_long_it_takes(clock: Clock) -> None:
    from rich.console import Console

    console = Console(record=True, width=100, force_terminal=True, color_system=None, file=io.StringIO())
    table = log_screen.ProgressTable("stepcoder", console)
    table.begin(150, "base model")
    for step in (1, 2, 3):
        clock.now += 3.0
        table.show(step, {"loss": 1.0})
    table.doing("updating")
    clock.now += 12.0
    console.print(table._render())
    table.begin(20)
    console.print(table._render())
    shown = console.export_text()
    assert "base model step 3 of 150, 3 s a step, 7 min left\nupdating (12 s)" in "\n".join(
        row.rstrip() for row in shown.splitlines()
    )
    assert [row.rstrip() for row in shown.splitlines()][-2:] == ["stepcoder", "updating (12 s)"]


def test_silence_where_nobody_waits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_steps(tmp_path, 1, 2)
    assert capsys.readouterr() == ("", "")


def test_a_closed_stderr_is_no_reason_to_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    write_steps(tmp_path, 1, live=True)
    assert steps(tmp_path) == [1]


def test_the_live_table_has_now_the_mean_and_a_curve() -> None:
    from rich.console import Console

    console = Console(record=True, width=100, force_terminal=True, color_system=None, file=io.StringIO())
    with log_screen.ProgressTable("stepcoder", console) as table:
        table.begin(3)
        for step, reward in enumerate([0.0, 0.5, 1.0], 1):
            table.show(step, {"reward": reward, "kl": math.nan, "stage/1": 4, "seconds/generate": 2.0})
    last = console.export_text().rpartition("stepcoder step 3 of 3")[2]
    assert [line.split() for line in last.splitlines() if line.strip()][1:] == [
        ["now", "mean", "of", "20", "last", "20"],
        ["reward", "1.000", "0.500", "▁▅█"],
        ["kl", "-", "-"],
        ["stage/1", "4.000", "4.000", "▁▁▁"],
        ["seconds/generate", "2.000", "2.000", "▁▁▁"],
    ]


@pytest.mark.parametrize(
    ("values", "bars"),
    [([], ""), ([1.0], "▁"), ([0.0, 7.0], "▁█"), ([math.nan], ""), ([0.0, math.nan, 7.0], "▁ █"), ([2, 2], "▁▁")],
)
def test_a_little_curve(values: list[float], bars: str) -> None:
    assert log_screen.sparkline(deque(values)) == bars


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0.000"), (0.25, "0.250"), (-0.0004, "-4.00e-04"), (12345.6, "1.23e+04"), (12345, "12,345"), ("x", "x")],
)
def test_numbers_for_people(value: float | int | str, text: str) -> None:
    assert log_screen.number(value) == text


def test_rows_are_json_that_other_tools_read(tmp_path: Path) -> None:
    with log(tmp_path) as run:
        run.write(1, {"kl": math.inf})
    json.loads((tmp_path / "log.jsonl").read_text(), parse_constant=pytest.fail)
