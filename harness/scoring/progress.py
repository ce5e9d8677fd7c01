"""Show the progress of an evaluation on stderr: a bar, or a line every few seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from harness.scoring.run_samples import EvaluationProgress, ReportProgress

SECONDS_BETWEEN_LINES = 10.0
STAGES = {"evaluate": "evaluate", "alone": "again, alone"}


@contextmanager
def progress_bar() -> Iterator[ReportProgress]:
    """Show samples a second, time left and the running pass@1 on stderr; plain lines if it is not a terminal."""
    if sys.stderr is None:  # closed: rich would print to stdout
        yield lambda progress: None
        return
    from rich import progress as bars
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _print_lines()
        return
    columns = (bars.BarColumn(), bars.MofNCompleteColumn(), bars.TextColumn("{task.fields[rates]}", markup=False))
    with bars.Progress("{task.description}", *columns, bars.TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("evaluate", rates="")
        started = time.monotonic()

        def report(progress: EvaluationProgress) -> None:
            rates = describe(progress, time.monotonic() - started)
            fields: dict[str, Any] = {"completed": progress.done, "total": progress.total, "rates": rates}
            bar.update(task, description=STAGES[progress.stage], **fields)

        yield report


def describe(progress: EvaluationProgress, seconds: float) -> str:
    """Describe the rates of a run after so many seconds: samples a second, share passed, time left."""
    speed = (progress.done - progress.reused) / seconds if seconds > 0 else 0.0
    rates = [f"{speed:.1f}/s"]
    if progress.scored:
        rates.append(f"passed {100 * progress.passed / progress.scored:.1f}%")
    if progress.reused:
        rates.append(f"{progress.reused} from before")
    if speed > 0 and progress.done < progress.total:
        rates.append(f"{(progress.total - progress.done) / speed:.0f} s left")
    return ", ".join(rates)


def _print_lines() -> ReportProgress:
    started = printed = time.monotonic()
    last: tuple[str, bool] | None = None

    def report(progress: EvaluationProgress) -> None:
        nonlocal printed, last
        now, at = time.monotonic(), (progress.stage, progress.done == progress.total)
        if at == last and now - printed < SECONDS_BETWEEN_LINES:
            return
        printed, last = now, at
        with suppress(OSError):  # stderr was closed: continue without it
            count = f"{progress.done} of {progress.total}"
            rates = describe(progress, now - started)
            print(f"{STAGES[progress.stage]}: {count}, {rates}", file=sys.stderr, flush=True)

    return report
