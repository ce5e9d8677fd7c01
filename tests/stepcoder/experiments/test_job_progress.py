"""The progress of a comparison: steps that processes count, and the lines of the parent."""

import multiprocessing

import pytest

from apps_plus import durations
from stepcoder.experiments import job_progress
from stepcoder.experiments.job_progress import CountedLog, connect, progress_of_jobs
from stepcoder.run_log import NoLog


class Rows(NoLog):
    def __init__(self):
        self.rows = []

    def write(self, step, row):
        self.rows.append(step)


@pytest.fixture
def counter():
    counter = multiprocessing.Value("d", 0.0)
    connect(counter)
    yield counter
    connect(None)


def test_the_steps_of_a_job_are_parts_of_one(counter):
    kept = Rows()
    log = CountedLog(kept)
    log.write(0, {})  # before it is known how many steps there are
    log.expect(4)
    log.write(1, {})
    log.write(1, {"eval/pass@1": 0.5})
    assert counter.value == 0.25
    log.write(3, {})
    assert counter.value == 0.75
    log.finish()
    log.finish()
    assert counter.value == 1.0
    assert kept.rows == [0, 1, 1, 3]


def test_a_part_counts_too(counter):
    with CountedLog().part("base model") as part:
        part.expect(2)
        part.write(1, {})
    assert counter.value == 0.5


def test_without_a_parent_nothing_is_counted():
    log = CountedLog()
    log.expect(1)
    log.write(1, {})
    log.finish()


def test_a_line_says_how_much_is_done_and_the_time_left(monkeypatch, capsys):
    class Clock:
        now = 0.0

        @classmethod
        def monotonic(cls):
            return cls.now

    monkeypatch.setattr(job_progress, "time", Clock)
    monkeypatch.setattr(durations, "time", Clock)
    with progress_of_jobs("runs", 8) as show:
        show(0.0)
        for now, done in [(20.0, 0.1), (31.0, 0.2), (60.0, 1.3), (61.0, 1.6), (400.0, 8.0)]:
            Clock.now = now
            show(done)
    assert capsys.readouterr().err.splitlines() == [
        "runs: 2%, 0 of 8",
        "runs: 20%, 1 of 8, 2 min left",
        "runs: 100%, 8 of 8",
    ]
