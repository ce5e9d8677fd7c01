"""What ``generate`` shows: progress on stderr while it works, and what came of it. Nothing is decided here."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from apps_plus.printable import one_line
from apps_plus.terminal import print_json
from harness.generation.generate import Progress, Report


@contextmanager
def progress_bar() -> Iterator[Report]:
    """Samples and tokens a second and time left on stderr; where that is no terminal, a line for each tenth."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines()
        return
    from rich import progress as bars

    shown = (bars.BarColumn(), bars.MofNCompleteColumn(), bars.TextColumn("{task.fields[rate]}"))
    left = (bars.TextColumn("left"), bars.TimeRemainingColumn(elapsed_when_finished=True))
    with bars.Progress("generate", *shown, *left, console=console) as bar:
        pace = Pace()
        task: Any = None

        def report(progress: Progress) -> None:
            nonlocal task
            if task is None:
                task = bar.add_task("generate", total=progress.total, completed=progress.done, rate="")
            bar.update(task, completed=progress.done, rate=pace.words(progress))

        yield report


def say(line: str) -> None:
    """One line on stderr; a bar there moves down."""
    with suppress(OSError):  # nobody listens any more: the work goes on
        print(one_line(line), file=sys.stderr, flush=True)


class Pace:
    """Samples and tokens a second since the first report."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def words(self, progress: Progress) -> str:
        """For people; empty while nothing was written."""
        new, seconds = progress.done - progress.reused, max(time.monotonic() - self._start, 1e-9)
        if not new:
            return f"{progress.reused} from before" if progress.reused else ""
        tokens = f", {progress.tokens / seconds:,.0f} tokens/s" if progress.tokens else ""
        return f"{new / seconds:.3g} samples/s{tokens}"

    def left(self, progress: Progress) -> str:
        """Time left, for people; empty while nothing was written."""
        new = progress.done - progress.reused
        if not new or progress.done == progress.total:
            return ""
        seconds = (time.monotonic() - self._start) * (progress.total - progress.done) / new
        return f", {seconds / 60:.0f} min left" if seconds >= 100 else f", {seconds:.0f} s left"


def _lines() -> Report:
    told: set[int] = set()
    pace = Pace()

    def report(progress: Progress) -> None:
        tenth = 10 * progress.done // max(progress.total, 1)
        if tenth not in told:
            told.add(tenth)
            words = pace.words(progress) + pace.left(progress)
            say(f"generate: {progress.done} of {progress.total}" + (f" ({words})" if words else ""))

    return report


# ---- at the end


def print_summary(summary: dict[str, Any], as_json: bool) -> None:
    """What was written, for a program on stdout, for a person on stderr."""
    if as_json:
        print_json(summary)
        return
    say(
        f"{summary['n_samples']} samples in {summary['out']} ({summary['from_before']} of those wanted were there "
        f"before); settings in {summary['settings']}; programs by the rule {summary['rule']}"
    )
    remarks = list(summary["remarks"])
    if summary["missing"]:
        remarks.append(f"{summary['missing']} samples are still missing: --batch-out writes a batch of these")
    for remark in remarks:
        say(f"note: {remark}")


def print_batch(summary: dict[str, Any], as_json: bool) -> None:
    """Which files of requests were written, and what to do with them."""
    if as_json:
        print_json(summary)
        return
    if not summary["requests"]:
        say(f"no sample is missing in {summary['out']}: no batch was written")
        return
    say(
        f"{summary['requests']} requests in {', '.join(summary['batch'])} ({summary['from_before']} samples were there "
        "before); give what comes back to the same command with --batch-in instead of --batch-out"
    )
    if summary["left_out"]:
        say(f"note: not sent, because the server does not take it: {', '.join(summary['left_out'])}")
