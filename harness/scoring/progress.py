"""Tells a person who waits for an evaluation how far it is: a bar on stderr, or a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from harness.scoring.evaluate import Progress, Report

SECONDS_BETWEEN_LINES = 10.0
WHAT = {"evaluate": "evaluate", "alone": "again, alone"}


@contextmanager
def progress_bar() -> Iterator[Report]:
    """Samples a second, time left and the running pass@1 on stderr; plain lines where that is no terminal."""
    if sys.stderr is None:  # closed; what is printed there would land on stdout
        yield lambda progress: None
        return
    from rich import progress as bars
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _print_lines()
        return
    columns = (bars.BarColumn(), bars.MofNCompleteColumn(), bars.TextColumn("{task.fields[told]}", markup=False))
    with bars.Progress("{task.description}", *columns, bars.TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("evaluate", told="")
        started = time.monotonic()

        def report(progress: Progress) -> None:
            told = describe(progress, time.monotonic() - started)
            fields: dict[str, Any] = {"completed": progress.done, "total": progress.total, "told": told}
            bar.update(task, description=WHAT[progress.stage], **fields)

        yield report


def describe(progress: Progress, seconds: float) -> str:
    """What a bar says beside the count: samples a second, and how many passed so far."""
    speed = (progress.done - progress.reused) / seconds if seconds > 0 else 0.0
    told = [f"{speed:.1f}/s"]
    if progress.scored:
        told.append(f"passed {100 * progress.passed / progress.scored:.1f}%")
    if progress.reused:
        told.append(f"{progress.reused} from before")
    if speed > 0 and progress.done < progress.total:
        told.append(f"{(progress.total - progress.done) / speed:.0f} s left")
    return ", ".join(told)


def _print_lines() -> Report:
    started = told = time.monotonic()
    last: tuple[str, bool] | None = None

    def report(progress: Progress) -> None:
        nonlocal told, last
        now, at = time.monotonic(), (progress.stage, progress.done == progress.total)
        if at == last and now - told < SECONDS_BETWEEN_LINES:
            return
        told, last = now, at
        with suppress(OSError):  # nobody listens any more: the work goes on
            what = describe(progress, now - started)
            print(f"{WHAT[progress.stage]}: {progress.done} of {progress.total}, {what}", file=sys.stderr, flush=True)

    return report
