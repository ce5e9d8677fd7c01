"""Show how far the jobs of a comparison are: their processes count steps, the parent shows a bar and the time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from apps_plus.durations import TimeLeft
from stepcoder.run_log import Log, LogRow, NoLog

SECONDS_BETWEEN_LINES = 30.0
"""Without a terminal, so often a line is printed."""

_share: Any = None
"""In the process of a job: the jobs that are done, fractions included, shared with the parent."""


def connect(counter: Any) -> None:
    """Count the steps of this process's job in a ``multiprocessing.Value``."""
    global _share
    _share = counter


class CountedLog(NoLog):
    """Counts the steps of a job, and passes them on to the job's own log."""

    def __init__(self, log: Log | None = None) -> None:
        self._log = log or NoLog()
        self._steps, self._counted = 0, 0.0

    def write(self, step: int, row: LogRow) -> None:
        """Count the step and write the row."""
        self._log.write(step, row)
        self._count(min(1.0, step / self._steps) if self._steps else 0.0)

    def rewind(self, step: int) -> None:
        """Drop the rows after ``step``."""
        self._log.rewind(step)

    def expect(self, steps: int) -> None:
        """Take note of the number of steps."""
        self._steps = steps

    @contextmanager
    def part(self, name: str) -> Iterator[Log]:
        """Count the steps of the part."""
        yield self

    def finish(self) -> None:
        """Count the whole job: it may have ended before its last step."""
        self._count(1.0)

    def _count(self, done: float) -> None:
        if _share is not None and done > self._counted:
            with _share.get_lock():
                _share.value += done - self._counted
            self._counted = done


@contextmanager
def progress_of_jobs(name: str, total: int) -> Iterator[Callable[[float], None]]:
    """Show progress on stderr: a bar on a terminal, else lines. Give a function to call with the jobs that are done."""
    from rich.console import Console

    console = Console(stderr=True)
    if sys.stderr is None or not console.is_terminal:
        yield _Lines(name, total).show
        return
    from rich import progress as bars

    shown = (bars.BarColumn(), bars.TaskProgressColumn(), bars.TextColumn("{task.fields[text]}"))
    left = TimeLeft()
    with bars.Progress("{task.description}", *shown, bars.TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task(name, total=total, text="")
        yield lambda done: bar.update(task, completed=done, text=_text(done, total, left))


class _Lines:
    def __init__(self, name: str, total: int) -> None:
        self._name, self._total = name, total
        self._printed, self._left = time.monotonic(), TimeLeft()

    def show(self, done: float) -> None:
        """Print a line, if one is due."""
        now, text = time.monotonic(), _text(done, self._total, self._left)
        if sys.stderr is None or now - self._printed < SECONDS_BETWEEN_LINES:
            return
        self._printed = now
        with suppress(OSError):  # stderr is closed: the work continues
            print(f"{self._name}: {done / self._total:.0%}, {text}", file=sys.stderr, flush=True)


def _text(done: float, total: int, estimate: TimeLeft) -> str:
    left = estimate.text(done, total)
    return f"{int(done + 1e-6)} of {total}{f', {left}' if left else ''}"
