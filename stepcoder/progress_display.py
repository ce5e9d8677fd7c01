"""Show the progress of a run on stderr: a live table on a terminal, else single lines."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from statistics import fmean
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

SECONDS_BETWEEN_LINES = 10.0
RECENT = 20
"""Steps of the table's mean and sparkline."""
SHOWN = (
    "pass_rate",
    "reward",
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
"""Rows of the table, from top to bottom; evaluations and seconds follow."""
BARS = "▁▂▃▄▅▆▇█"

Numbers = Mapping[str, float | int | str]


class ProgressDisplay(Protocol):
    """Shows the rows of a log."""

    def show(self, step: int, row: Numbers) -> None:
        """Show a step's row."""


@contextmanager
def open_display(title: str, total: int) -> Iterator[ProgressDisplay]:
    """Open a live table if stderr is a terminal, else lines; nothing if stderr is closed."""
    if sys.stderr is None:
        yield ProgressLines(total, seconds=float("inf"))
        return
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield ProgressLines(total)
        return
    with ProgressTable(title, total, console) as table:
        yield table


class ProgressLines:
    """Prints a line for the first step, each evaluation, the last step, and every ten seconds."""

    def __init__(self, total: int, seconds: float = SECONDS_BETWEEN_LINES) -> None:
        self._total, self._seconds = total, seconds
        self._printed = -float("inf")

    def show(self, step: int, row: Numbers) -> None:
        """Print the row as a line, if one is due."""
        now = time.monotonic()
        if now - self._printed < self._seconds and step != self._total and not any(map(_evaluates, row)):
            return
        if self._seconds == float("inf"):
            return
        self._printed = now
        with suppress(OSError):  # stderr is closed: the run continues
            print(f"train: {line(step, self._total, row)}", file=sys.stderr, flush=True)


def line(step: int, total: int, row: Numbers) -> str:
    """Format a row as a line: ``step 12 of 320: pass_rate 0.12, reward -0.31, kl 0.004``."""
    names = [name for name in (*SHOWN[:6], "loss") if name in row] + [name for name in row if _evaluates(name)]
    metrics = ", ".join(f"{name} {number(row[name])}" for name in names)
    return f"step {step}{f' of {total}' if total else ''}: {metrics}"


class ProgressTable:
    """A live table: the newest value of each metric, its mean over recent steps, and a sparkline."""

    def __init__(self, title: str, total: int, console: Console) -> None:
        from rich.live import Live

        self._title, self._total = title, total
        self._recent: dict[str, deque[float]] = {}
        self._steps: deque[tuple[float, int]] = deque(maxlen=RECENT)
        self._live = Live(console=console, auto_refresh=False, transient=False)

    def __enter__(self) -> ProgressTable:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, step: int, row: Numbers) -> None:
        """Add the row and redraw the table."""
        for name, value in row.items():
            if isinstance(value, (int, float)):
                self._recent.setdefault(name, deque(maxlen=RECENT)).append(float(value))
        if not self._steps or step > self._steps[-1][1]:
            self._steps.append((time.monotonic(), step))
        self._live.update(table(f"{self._title} {self._pace(step)}".strip(), self._recent), refresh=True)

    def _pace(self, step: int) -> str:
        progress = f"step {step}{f' of {self._total}' if self._total else ''}"
        (began, first), (now, last) = self._steps[0], self._steps[-1]
        if last == first:
            return progress
        seconds = (now - began) / (last - first)
        left = f", {seconds * (self._total - step) / 60:.0f} min left" if self._total > step else ""
        return f"{progress}, {seconds:.3g} s a step{left}"


def table(title: str, recent: Mapping[str, deque[float]]) -> Table:
    """Build the table of the newest values."""
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=Text(title, style="bold"), title_justify="left", box=None, padding=(0, 2, 0, 0))
    drawn.add_column("")
    for name in ("now", f"mean of {RECENT}"):
        drawn.add_column(name, justify="right")
    drawn.add_column(f"last {RECENT}")
    for name in shown_names(recent):
        values = recent[name]
        drawn.add_row(Text(name), number(values[-1]), number(fmean(values)), sparkline(values))
    return drawn


def shown_names(row: Mapping[str, object]) -> list[str]:
    """Return the metrics of the table that have values, in its order."""
    return [name for name in SHOWN if name in row] + [
        name for name in row if _evaluates(name) or name.startswith(("reward/", "stage/", "seconds/"))
    ]


def sparkline(values: deque[float]) -> str:
    """Draw values as bars between their minimum and maximum; NaN is a blank."""
    finite = [value for value in values if abs(value) < float("inf")]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(BARS[round((value - low) * scale)] if abs(value) < float("inf") else " " for value in values)


def number(value: float | int | str) -> str:
    """Format a number with three significant digits."""
    if isinstance(value, float):
        return f"{value:.3f}" if 0.01 <= abs(value) < 1000 or value == 0 else f"{value:.2e}"
    return f"{value:,}" if isinstance(value, int) else value


def _evaluates(name: str) -> bool:
    return name.startswith("eval/")
