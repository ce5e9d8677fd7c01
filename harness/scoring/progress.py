"""Show the progress of an evaluation on stderr: a bar, or a line every few seconds."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Any

from apps_plus.durations import TimeLeft
from harness.scoring.run_samples import EvaluationProgress, ReportProgress

SECONDS_BETWEEN_LINES = 10.0
STAGES = {"evaluate": "evaluate", "alone": "again, alone"}


@contextmanager
def progress_bar() -> Iterator[ReportProgress]:
    """Show samples a second, time left and the running pass@1 on stderr; plain lines if it is not a terminal."""
    if sys.stderr is None:  # closed: rich would print to stdout
        yield lambda progress: None
    elif not _is_terminal():
        yield _print_lines()
    else:
        with ExitStack() as shown:
            yield _draw_bar(shown)


def _is_terminal() -> bool:
    """Return whether rich takes stderr for a terminal; without importing it where nothing speaks for one."""
    if not sys.stderr.isatty() and not any(name in os.environ for name in ("FORCE_COLOR", "TTY_COMPATIBLE")):
        return False
    from rich.console import Console

    return Console(stderr=True).is_terminal


def _draw_bar(shown: ExitStack) -> ReportProgress:
    """Return a function that draws the bar, from its first call until ``shown`` is closed.

    The bar has a thread of its own; it starts after the workers, which can then be forked.
    """
    started, left = time.monotonic(), TimeLeft()
    update: Callable[..., None] | None = None

    def report(progress: EvaluationProgress) -> None:
        nonlocal update
        if update is None:
            from rich import progress as bars
            from rich.console import Console

            columns = (
                bars.BarColumn(),
                bars.MofNCompleteColumn(),
                bars.TextColumn("{task.fields[rates]}", markup=False),
            )
            console = Console(stderr=True)
            bar = bars.Progress("{task.description}", *columns, console=console)
            shown.enter_context(bar)
            update = partial(bar.update, bar.add_task("evaluate", rates=""))
        rates = describe(progress, time.monotonic() - started, left)
        fields: dict[str, Any] = {"completed": progress.done, "total": progress.total, "rates": rates}
        update(description=STAGES[progress.stage], **fields)

    return report


def describe(progress: EvaluationProgress, seconds: float, left: TimeLeft) -> str:
    """Describe the rates of a run after so many seconds: samples a second, share passed, time left once it is known."""
    speed = (progress.done - progress.reused) / seconds if seconds > 0 else 0.0
    rates = [] if progress.reused and progress.done == progress.reused else [f"{speed:.1f}/s"]
    if progress.scored:
        rates.append(f"passed {100 * progress.passed / progress.scored:.1f}%")
    if progress.reused:
        rates.append(f"{progress.reused} from before")
    rates.append(left.text(progress.done - progress.reused, progress.total - progress.reused))
    return ", ".join(filter(None, rates))


def _print_lines() -> ReportProgress:
    started = printed = time.monotonic()
    left = TimeLeft()
    last: tuple[str, bool] | None = None

    def report(progress: EvaluationProgress) -> None:
        nonlocal printed, last
        now, at = time.monotonic(), (progress.stage, progress.done == progress.total)
        rates = describe(progress, now - started, left)
        if at == last and now - printed < SECONDS_BETWEEN_LINES:
            return
        printed, last = now, at
        with suppress(OSError):  # stderr was closed: continue without it
            count = f"{progress.done} of {progress.total}"
            print(f"{STAGES[progress.stage]}: {count}, {rates}", file=sys.stderr, flush=True)

    return report
