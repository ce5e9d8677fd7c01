"""Progress and messages of ``generate``."""

from __future__ import annotations

import pytest

from harness.generation.console import Rate, notify, progress_bar
from harness.generation.generate import GenerationProgress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("harness.generation.console.time.monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize(
    "reports, text",
    [
        ([GenerationProgress(0, 40, 0, 0)], ""),
        ([GenerationProgress(8, 40, 8, 0)], "8 from before"),
        ([GenerationProgress(10, 40, 10, 0, 9000)], "10 from before"),
        ([GenerationProgress(20, 40, 0, 5000)], "2 samples/s, 500 tokens/s"),  # one report has no pace
        (
            [GenerationProgress(10, 40, 0, 1), GenerationProgress(30, 40, 0, 5000)],
            "1.5 samples/s, 250 tokens/s, 5 s left",
        ),
        ([GenerationProgress(11, 3030, 10, 0), GenerationProgress(41, 3030, 10, 0)], "1.55 samples/s, 17 min left"),
        ([GenerationProgress(20, 40, 10, 0), GenerationProgress(40, 40, 10, 0)], "1.5 samples/s"),
        (
            [GenerationProgress(10, 40, 10, 500, 2000), GenerationProgress(10, 40, 10, 1000, 2000)],
            "50 tokens/s, at most 20 s left",
        ),
        ([GenerationProgress(0, 40, 0, 500, 400)], "50 tokens/s"),
    ],
)
def test_reused_samples_do_not_count_for_rate_and_time_left(clock, reports, text):
    rate = Rate()
    for progress in reports:
        clock[0] += 10
        shown = rate.text(progress)
    assert shown == text


def test_without_a_terminal_each_tenth_is_a_line(capsys):
    with progress_bar() as report:
        for done in range(201):
            report(GenerationProgress(done, 200, 0, 0))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 11
    assert lines[-1].startswith("generate: 200 of 200")


def test_without_a_terminal_a_minute_without_a_sample_is_a_line_too(clock, capsys):
    with progress_bar() as report:
        for tokens in range(0, 2000, 10):  # a second each
            report(GenerationProgress(0, 16, 0, tokens, 40_000))
            clock[0] += 1
    first, *others = capsys.readouterr().err.splitlines()
    assert first == "generate: 0 of 16"
    assert [line.partition("(")[2].partition(",")[0] for line in others] == ["10 tokens/s"] * 3
    left = ["1 h 6 min left)", "1 h 5 min left)", "1 h 4 min left)"]
    assert [line.partition("at most ")[2] for line in others] == left


def test_messages_of_a_server_cannot_colour_the_screen(capsys):
    notify("\x1b[31mred\nsecond")
    assert capsys.readouterr().err == "\\x1b[31mred second\n"
