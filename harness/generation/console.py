"""Terminal output of ``generate``: progress and messages on stderr, the summary."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from apps_plus.durations import TimeLeft
from apps_plus.printable import one_line
from apps_plus.terminal import print_json
from harness.generation.backend import Backend
from harness.generation.generate import GenerationPlan, GenerationProgress, ReportProgress

SECONDS_BETWEEN_LINES = 60.0
"""Without a terminal, a line is printed at least so often."""


@contextmanager
def progress_bar() -> Iterator[ReportProgress]:
    """Show samples and tokens per second and time left on stderr; without a terminal, a line for each tenth."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _progress_lines()
        return
    from rich import progress as bars

    shown = (bars.BarColumn(), bars.MofNCompleteColumn(), bars.TextColumn("{task.fields[rate]}"))
    with bars.Progress("generate", *shown, bars.TimeElapsedColumn(), console=console) as bar:
        rate = Rate()
        task: Any = None

        def report(progress: GenerationProgress) -> None:
            nonlocal task
            if task is None:
                task = bar.add_task("generate", total=progress.total, completed=progress.done, rate="")
            bar.update(task, completed=progress.done, rate=rate.text(progress))

        yield report


def notify(line: str) -> None:
    """Print one line on stderr, above a progress bar."""
    with suppress(OSError):  # stderr is closed: the work continues
        print(one_line(line), file=sys.stderr, flush=True)


class Rate:
    """Measure samples and tokens per second since the start, and the time left."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._samples, self._tokens = TimeLeft(), TimeLeft()

    def text(self, progress: GenerationProgress) -> str:
        """Return the rate and, once it is known, the time left; call it at every report.

        Empty if nothing was generated yet and nothing was reused.
        """
        new, seconds = progress.done - progress.reused, max(time.monotonic() - self._start, 1e-9)
        left = self._time_left(progress)
        if not new and not progress.tokens:
            return f"{progress.reused} from before" if progress.reused else ""
        samples = f"{new / seconds:.3g} samples/s" if new else ""
        tokens = f"{progress.tokens / seconds:,.0f} tokens/s" if progress.tokens else ""
        return ", ".join(filter(None, (samples, tokens, left)))

    def _time_left(self, progress: GenerationProgress) -> str:
        """Return the time left as text; before the first samples, the most that the limit of tokens allows."""
        by_samples = self._samples.text(progress.done - progress.reused, progress.total - progress.reused)
        by_tokens = self._tokens.text(progress.tokens, progress.token_limit)
        if by_samples or progress.done > progress.reused:
            return by_samples
        return f"at most {by_tokens}" if by_tokens else ""


def _progress_lines() -> ReportProgress:
    printed: set[int] = set()
    last = time.monotonic()
    rate = Rate()

    def report(progress: GenerationProgress) -> None:
        nonlocal last
        tenth, now = 10 * progress.done // max(progress.total, 1), time.monotonic()
        text = rate.text(progress)
        if tenth not in printed or now - last >= SECONDS_BETWEEN_LINES:
            printed.add(tenth)
            last = now
            notify(f"generate: {progress.done} of {progress.total}" + (f" ({text})" if text else ""))

    return report


# ---- results


def print_prompt(plan: GenerationPlan, source: Backend | None, as_json: bool) -> None:
    """Print the first problem's exact prompt, as the model receives it; without a model, a conversation as JSON."""
    template, [problem, *_] = plan.template, plan.problems()
    prompt = template.prompt(problem, plan.few_shot)
    text = (
        source.preview(prompt, plan.sampling)
        if source
        else prompt
        if isinstance(prompt, str)
        else json.dumps(prompt, indent=2)
    )
    if as_json:
        row = {"task_id": problem.task_id, "prompt": template.name, "rule": str(template.rule)}
        print_json({**row, "stop": list(template.stop), "given": prompt, "text": text})
        return
    stop = ", ".join(map(repr, template.stop)) or "none"
    print(f"{problem.task_id}, prompt {template.name}, rule {template.rule}, stop sequences: {stop}", file=sys.stderr)
    sys.stdout.write(text + ("\n" if sys.stdout.isatty() else ""))


def print_summary(summary: dict[str, Any], as_json: bool) -> None:
    """Print the summary of a run: as JSON on stdout, else as text on stderr."""
    if as_json:
        print_json(summary)
        return
    notify(
        f"{summary['n_samples']} samples in {summary['out']} ({summary['from_before']} of the requested ones from "
        f"before); settings in {summary['settings']}; programs by the rule {summary['rule']}"
    )
    warnings = list(summary["remarks"])
    if summary["missing"]:
        warnings.append(f"{summary['missing']} samples are still missing: --batch-out writes a batch of these")
    for warning in warnings:
        notify(f"note: {warning}")


def print_batch(summary: dict[str, Any], as_json: bool) -> None:
    """Print the files of requests and how to continue: as JSON on stdout, else as text on stderr."""
    if as_json:
        print_json(summary)
        return
    if not summary["requests"]:
        notify(f"no sample is missing in {summary['out']}: no batch was written")
        return
    notify(
        f"{summary['requests']} requests in {', '.join(summary['batch'])} ({summary['from_before']} samples from "
        "before); read the provider's output with the same command and --batch-in instead of --batch-out"
    )
    if summary["left_out"]:
        notify(f"note: not sent, because the server refuses it: {', '.join(summary['left_out'])}")
