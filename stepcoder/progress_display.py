"""Show the progress of a run on stderr: a live table on a terminal, else single lines.

A thread shows what the run is doing while no step ends: loading a model, generating, judging, ...
"""

from __future__ import annotations

import math
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from statistics import fmean
from typing import TYPE_CHECKING, Protocol

from apps_plus.durations import duration
from apps_plus.phases import SECONDS_BETWEEN_LINES, SECONDS_OF_SILENCE

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

RECENT = 20
"""Steps of the table's mean and sparkline, and of the pace."""
STEPS_ENOUGH = 3
"""Steps after which the pace says something about the others; the first one, which sets things up, is not in it."""
SHOWN = (
    "pass_rate",
    "pass_rate/whole",
    "reward",
    "equal_groups",
    "kl",
    "entropy",
    "mask_share",
    "full_generation",
    "loss",
    "policy_loss",
    "value_loss",
    "explained_variance",
    "approx_kl",
    "clipfrac",
    "grad_norm",
    "response_tokens",
)
"""Rows of the table, from top to bottom, after the evaluations; rewards, stages and seconds follow."""
IN_LINES = (*SHOWN[:8], "loss")
"""Metrics of a line without a terminal, if they were measured; evaluations follow."""
BARS = "▁▂▃▄▅▆▇█"

Numbers = Mapping[str, float | int | str]


class ProgressDisplay(Protocol):
    """Shows the rows of a log."""

    def begin(self, total: int, part: str = "") -> None:
        """Begin the steps of a run, or of a part of it with a name of its own: ``total`` in all, 0 if unknown."""

    def doing(self, phase: str, count: str = "") -> None:
        """Show what is being done until the next step ends, and how far it is."""

    def show(self, step: int, row: Numbers) -> None:
        """Show a step's row."""


@contextmanager
def open_display(title: str) -> Iterator[ProgressDisplay]:
    """Open a live table if stderr is a terminal, else lines; nothing if stderr is closed."""
    if sys.stderr is None:
        yield ProgressLines(seconds=float("inf"))
        return
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        with ProgressLines() as lines:
            yield lines
        return
    with ProgressTable(title, console) as table:
        yield table


class Pace:
    """The pace of the recent steps, and the time left."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._began = time.monotonic()
        self._steps: deque[tuple[float, int]] = deque(maxlen=RECENT)

    @property
    def step(self) -> int | None:
        """The last step; None before the first."""
        return self._steps[-1][1] if self._steps else None

    def add(self, step: int) -> None:
        """Record the end of a step; a later row of the same step changes nothing."""
        if not self._steps:
            self._steps.append((self._began, step - 1))
        if step > self._steps[-1][1]:
            self._steps.append((time.monotonic(), step))

    def seconds(self) -> float:
        """Return the seconds of a step; 0 before the first."""
        if len(self._steps) < 2:
            return 0.0
        (began, first), (ended, last) = self._steps[len(self._steps) > STEPS_ENOUGH], self._steps[-1]
        return (ended - began) / (last - first)

    def left(self) -> str:
        """Return the time left as text; empty in the first steps, if it is unknown, or under a second."""
        if self.step is None or self.step >= self.total or len(self._steps) <= STEPS_ENOUGH:
            return ""
        seconds = self.seconds() * (self.total - self.step)
        return f"{duration(seconds)} left" if seconds >= 1 else ""

    def next_step(self) -> str:
        """Return ``step 13 of 320 (4 min left): `` after step 12; empty before the first and after the last."""
        if self.step is None or 0 < self.total <= self.step:
            return ""
        return f"{self.with_time_left(self.step + 1)}: "

    def of_total(self, step: int) -> str:
        """Return ``step 12 of 320``."""
        return f"step {step}{f' of {self.total}' if self.total else ''}"

    def with_time_left(self, step: int) -> str:
        """Return ``step 12 of 320 (4 min left)``."""
        left = self.left()
        return f"{self.of_total(step)}{f' ({left})' if left else ''}"


class Activity:
    """The present part of a step, its count, and the time at which it began."""

    def __init__(self) -> None:
        self._phase = self._count = ""
        self._began = time.monotonic()

    def set(self, phase: str, count: str = "") -> None:
        """Begin a phase, or change the count of the same one; an empty phase ends it."""
        if phase != self._phase:
            self._began = time.monotonic()
        self._phase, self._count = phase, count

    def seconds(self) -> float:
        """Return for how long it has been done; 0 if nothing is."""
        return time.monotonic() - self._began if self._phase else 0.0

    def text(self) -> str:
        """Return ``generating, 3 of 32 roll-outs (14 s)``; empty if nothing is done."""
        if not self._phase:
            return ""
        return f"{self._phase}{f', {self._count}' if self._count else ''} ({duration(self.seconds())})"


class ProgressLines:
    """Prints a line for the first step, each evaluation, the last step, and every ten seconds.

    While no step ends for that long, the line says what is being done.
    """

    def __init__(self, seconds: float = SECONDS_BETWEEN_LINES) -> None:
        self._seconds = seconds
        self._part, self._pace, self._activity = "", Pace(0), Activity()
        self._printed = self._step_printed = self._step_ended = -float("inf")
        self._printing, self._closed = threading.Lock(), threading.Event()

    def __enter__(self) -> ProgressLines:
        threading.Thread(target=self._watch, name="progress", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()

    def begin(self, total: int, part: str = "") -> None:
        """Begin a run or a part of it."""
        self._part, self._pace = part, Pace(total)

    def doing(self, phase: str, count: str = "") -> None:
        """Change what is being done; it is printed if it lasts."""
        self._activity.set(phase, count)

    def show(self, step: int, row: Numbers) -> None:
        """Print the row as a line, if one is due."""
        self._pace.add(step)
        self._activity.set("")
        self._step_ended = now = time.monotonic()
        if now - self._step_printed < self._seconds and step != self._pace.total and not any(map(_evaluates, row)):
            return
        self._step_printed = now
        self._print(line(self._pace, step, row))

    def _watch(self) -> None:
        while not self._closed.wait(SECONDS_OF_SILENCE / 2):
            self.print_activity()

    def print_activity(self) -> None:
        """Print what is being done if it lasts, and nothing was printed and no step ended for long."""
        quiet = time.monotonic() - max(self._printed, self._step_ended)
        if self._activity.seconds() < SECONDS_OF_SILENCE or quiet < self._seconds:
            return
        if text := self._activity.text():
            self._print(self._pace.next_step() + text)

    def _print(self, text: str) -> None:
        if self._seconds == float("inf"):
            return
        with self._printing:
            self._printed = time.monotonic()
            with suppress(OSError, ValueError):  # stderr is closed: the run continues
                print(f"train: {f'{self._part}, ' if self._part else ''}{text}", file=sys.stderr, flush=True)


def line(pace: Pace, step: int, row: Numbers) -> str:
    """Format a row as a line: ``step 12 of 320 (4 min left): pass_rate 0.12, reward -0.31, kl 0.004``."""
    names = [name for name in IN_LINES if name in row] + [name for name in row if _evaluates(name)]
    metrics = ", ".join(f"{name} {number(row[name])}" for name in names)
    return f"{pace.with_time_left(step)}: {metrics}"


class ProgressTable:
    """A live table: the newest value of each metric, its mean over recent steps, and a sparkline."""

    def __init__(self, title: str, console: Console) -> None:
        from rich.live import Live

        self._title = self._run = title
        self._pace, self._activity = Pace(0), Activity()
        self._recent: dict[str, deque[float]] = {}
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=2, transient=False)

    def __enter__(self) -> ProgressTable:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._activity.set("")
        self._live.stop()

    def begin(self, total: int, part: str = "") -> None:
        """Begin a run or a part of it, with an empty table."""
        self._title, self._pace, self._recent = part or self._run, Pace(total), {}

    def doing(self, phase: str, count: str = "") -> None:
        """Change the line below the heading."""
        self._activity.set(phase, count)

    def show(self, step: int, row: Numbers) -> None:
        """Add the row and redraw the table."""
        recent = {name: deque(values, maxlen=RECENT) for name, values in self._recent.items()}
        numbers = {name: float(value) for name, value in row.items() if isinstance(value, (int, float))}
        if not all(map(_evaluates, numbers)):  # the final evaluation has a row of its own, after the last step's
            numbers |= {name: _absent(name) for name in recent if name not in numbers and not _evaluates(name)}
        for name, value in numbers.items():
            recent.setdefault(name, deque(maxlen=RECENT)).append(value)
        self._recent = recent  # as a whole: the thread that redraws may be reading the one before
        self._pace.add(step)
        self._activity.set("")
        self._live.refresh()

    def _render(self) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        # Not the table's title, which would be folded to the table's width.
        heading = "\n".join(filter(None, (self._heading(), self._activity.text())))
        shown = [Text(heading, style="bold")] if heading else []
        return Group(*shown, *([table(self._recent)] if self._recent else []))

    def _heading(self) -> str:
        pace = self._pace
        if pace.step is None:
            return self._title if self._activity.text() else ""
        each = pace.seconds()
        parts = [pace.of_total(pace.step), f"{each:.3g} s a step" if each else "", pace.left()]
        return f"{self._title} {', '.join(filter(None, parts))}".strip()


def table(recent: Mapping[str, deque[float]]) -> Table:
    """Build the table of the newest values."""
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, padding=(0, 2, 0, 0))
    drawn.add_column("")
    for name in ("now", f"mean of {RECENT}"):
        drawn.add_column(name, justify="right")
    drawn.add_column(f"last {RECENT}")
    for name in shown_names(recent):
        values = recent[name]
        measured = [value for value in values if not math.isnan(value)]
        drawn.add_row(Text(name), number(values[-1]), number(fmean(measured)) if measured else "-", sparkline(values))
    return drawn


def shown_names(row: Mapping[str, object]) -> list[str]:
    """Return the metrics of the table that have values, in its order."""
    found = [name for name in row if _evaluates(name)] + [name for name in SHOWN if name in row]
    for prefix in ("reward/", "stage/", "seconds/"):
        part = [name for name in row if name.startswith(prefix)]
        found += sorted(part, key=_stage) if prefix == "stage/" else part
    return found


def sparkline(values: deque[float]) -> str:
    """Draw values as bars between their minimum and maximum; NaN is a blank."""
    finite = [value for value in values if abs(value) < float("inf")]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(BARS[round((value - low) * scale)] if abs(value) < float("inf") else " " for value in values)


def number(value: float | int | str) -> str:
    """Format a number with three significant digits; NaN, which was not measured, is a dash."""
    if isinstance(value, float):
        if math.isnan(value):
            return "-"
        return f"{value:.3f}" if 0.01 <= abs(value) < 1000 or value == 0 else f"{value:.2e}"
    return f"{value:,}" if isinstance(value, int) else value


def _evaluates(name: str) -> bool:
    return name.startswith("eval/")


def _stage(name: str) -> int:
    return int(name.removeprefix("stage/"))


def _absent(name: str) -> float:
    """Return the value of a metric that a step's row does not have: no problem is at that stage, else not measured."""
    return 0.0 if name.startswith("stage/") else math.nan
