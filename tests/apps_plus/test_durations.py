"""Durations in words, and the time left: nothing is said until the estimate means something."""

from __future__ import annotations

import pytest

from apps_plus.durations import TimeLeft, duration


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


def after(left: TimeLeft, clock: Clock, seconds: float, done: float, total: float) -> str:
    clock.now += seconds
    return left.text(done, total)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (720, "12 min"),
        (3599, "1 h"),
        (11_520, "3 h 12 min"),
        (9104, "2 h 32 min"),
    ],
)
def test_beyond_two_minutes_a_duration_has_no_seconds(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_slow_start_gives_no_estimate() -> None:
    clock = Clock()
    left = TimeLeft(clock=clock)
    assert after(left, clock, 60.0, 1, 164) == ""  # workers started: at this pace it would be hours
    assert after(left, clock, 1.0, 6, 164) == ""
    assert after(left, clock, 5.0, 31, 164) == "27 s left"


def test_few_results_give_no_estimate_however_long_they_took() -> None:
    clock = Clock()
    left = TimeLeft(clock=clock)
    assert [after(left, clock, 10.0, done, 1000) for done in (1, 5, 9)] == ["", "", ""]
    assert after(left, clock, 10.0, 13, 1000) == "41 min left"


def test_of_few_the_second_is_enough() -> None:
    clock = Clock()
    left = TimeLeft(clock=clock)
    assert [after(left, clock, 60.0, done, 4) for done in (1, 2, 3, 4)] == ["", "2 min left", "60 s left", ""]


def test_the_pace_is_that_of_the_later_half() -> None:
    clock = Clock()
    left = TimeLeft(clock=clock)
    for done in range(1, 101):  # the long ones first
        after(left, clock, 10.0, done, 1000)
    for done in range(101, 800):
        shown = after(left, clock, 1.0, done, 1000)
    clock.now += 1.0
    assert shown == "4 min left"
    assert left.seconds(800, 1000) == pytest.approx(232, abs=20)


def test_a_count_that_begins_anew_has_a_pace_of_its_own() -> None:
    clock = Clock()
    left = TimeLeft(clock=clock)
    for done in range(1, 21):
        after(left, clock, 1.0, done, 100)
    assert after(left, clock, 1.0, 1, 40) == ""
