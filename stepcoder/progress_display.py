"""Shows a person how a run goes, on stderr: a table that changes in place, or a line now and then."""

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
"""Steps that the table's mean and its little curve are over."""
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
    """What shows the rows of a log."""

    def show(self, step: int, row: Numbers) -> None:
        """Show a step's row."""


@contextmanager
def open_display(title: str, total: int) -> Iterator[ProgressDisplay]:
    """A live table where stderr is a terminal, else lines; nothing where stderr is closed."""
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
    """A line for the first step, for each evaluation, for the last step, and one every ten seconds."""

    def __init__(self, total: int, seconds: float = SECONDS_BETWEEN_LINES) -> None:
        self._total, self._seconds = total, seconds
        self._told = -float("inf")

    def show(self, step: int, row: Numbers) -> None:
        """Print the line where it is time for one."""
        now = time.monotonic()
        if now - self._told < self._seconds and step != self._total and not any(map(_evaluates, row)):
            return
        if self._seconds == float("inf"):
            return
        self._told = now
        with suppress(OSError):  # nobody listens any more: the work goes on
            print(f"train: {line(step, self._total, row)}", file=sys.stderr, flush=True)


def line(step: int, total: int, row: Numbers) -> str:
    """A row in one line: ``step 12 of 320: pass_rate 0.12, reward -0.31, kl 0.004``."""
    names = [name for name in (*SHOWN[:6], "loss") if name in row] + [name for name in row if _evaluates(name)]
    told = ", ".join(f"{name} {number(row[name])}" for name in names)
    return f"step {step}{f' of {total}' if total else ''}: {told}"


class ProgressTable:
    """The newest value of each metric, its mean over recent steps, and a little curve of them."""

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
        """Take the row in and draw the table again."""
        for name, value in row.items():
            if isinstance(value, (int, float)):
                self._recent.setdefault(name, deque(maxlen=RECENT)).append(float(value))
        if not self._steps or step > self._steps[-1][1]:
            self._steps.append((time.monotonic(), step))
        self._live.update(table(f"{self._title} {self._pace(step)}".strip(), self._recent), refresh=True)

    def _pace(self, step: int) -> str:
        told = f"step {step}{f' of {self._total}' if self._total else ''}"
        (began, first), (now, last) = self._steps[0], self._steps[-1]
        if last == first:
            return told
        seconds = (now - began) / (last - first)
        left = f", {seconds * (self._total - step) / 60:.0f} min left" if self._total > step else ""
        return f"{told}, {seconds:.3g} s a step{left}"


def table(title: str, recent: Mapping[str, deque[float]]) -> Table:
    """The table of the newest values."""
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
    """The metrics of the table that there are, in its order."""
    return [name for name in SHOWN if name in row] + [
        name for name in row if _evaluates(name) or name.startswith(("reward/", "stage/", "seconds/"))
    ]


def sparkline(values: deque[float]) -> str:
    """The values as bars between their least and their greatest; a NaN is a blank."""
    finite = [value for value in values if abs(value) < float("inf")]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(BARS[round((value - low) * scale)] if abs(value) < float("inf") else " " for value in values)


def number(value: float | int | str) -> str:
    """For people: three digits that count."""
    if isinstance(value, float):
        return f"{value:.3f}" if 0.01 <= abs(value) < 1000 or value == 0 else f"{value:.2e}"
    return f"{value:,}" if isinstance(value, int) else value


def _evaluates(name: str) -> bool:
    return name.startswith("eval/")
