"""What a person who waits is told."""

from __future__ import annotations

import pytest

from harness.generation.console import Pace, progress_bar, say
from harness.generation.generate import Progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("harness.generation.console.time.monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize(
    "progress, words, left",
    [
        (Progress(0, 40, 0, 0), "", ""),
        (Progress(8, 40, 8, 0), "8 from before", ""),
        (Progress(20, 40, 0, 5000), "2 samples/s, 500 tokens/s", ", 10 s left"),
        (Progress(30, 3030, 10, 0), "2 samples/s", ", 25 min left"),
        (Progress(40, 40, 10, 0), "3 samples/s", ""),
    ],
)
def test_samples_from_before_count_neither_for_speed_nor_for_time_left(clock, progress, words, left):
    pace = Pace()
    clock[0] += 10
    assert (pace.words(progress), pace.left(progress)) == (words, left)


def test_where_no_terminal_is_each_tenth_is_a_line(capsys):
    with progress_bar() as report:
        for done in range(201):
            report(Progress(done, 200, 0, 0))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 11
    assert lines[-1].startswith("generate: 200 of 200")


def test_what_a_server_says_cannot_colour_the_screen(capsys):
    say("\x1b[31mred\nsecond")
    assert capsys.readouterr().err == "\\x1b[31mred second\n"
