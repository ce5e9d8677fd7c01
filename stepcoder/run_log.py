"""Write the metrics of a run: a line of JSON per step, a progress display, and optionally TensorBoard events.

A row of ``log.jsonl`` has ``step`` and any of these numbers:

    rollouts                    roll-outs of this step, over all processes
    reward, reward/<part>       mean over the step's roll-outs, without the KL penalty
    pass_rate                   share of roll-outs that pass every test, each from its problem's stage on: the
                                first stages of a curriculum are easy, and may leave nothing to write that a test runs
    pass_rate/whole             the same of the roll-outs without a prefix, if there are any
    kl                          log pi - log pi_ref summed over a response, mean over responses
    approx_kl, clipfrac, entropy, policy_loss, kl_loss, value_loss, explained_variance, grad_norm, critic_grad_norm
    mask_share                  share of response tokens that count in the policy loss
    response_tokens             mean length of a response
    finished                    share of responses that ended with the end of text
    harness_errors              programs that the sandbox failed to judge; they are left out of the update
    equal_groups                share of the update's groups whose roll-outs all have the same reward: without a critic
                                nothing is learnt from these
    prefix_share                share of the canonical solution that a roll-out was given, mean over roll-outs
    redrawn, left_out           groups drawn anew for equal rewards, and left out at last (ppo.redraw)
    stage/<n>                   problems at curriculum stage n
    full_generation             share of problems in full generation
    seconds/<part>              generate, redraw, anchor, judge, forward, update
    eval/pass@1, eval/<tier>    on the held-out problems, overall and by difficulty

Several rows may have the same step: the final evaluation's row comes after the step's own.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from apps_plus.errors import InputError
from apps_plus.problem import dump_json
from apps_plus.storage import output_error, read_json_lines, write_json_lines
from stepcoder.progress_display import ProgressDisplay, open_display

LOG = "log.jsonl"
EVENTS = "tensorboard"

LogRow = Mapping[str, float | int | str]


class Log(Protocol):
    """Receives the metrics of a trainer."""

    def write(self, step: int, row: LogRow) -> None:
        """Add the row of a step. Raises OutputError."""

    def rewind(self, step: int) -> None:
        """Drop the rows after ``step``, from which the run resumes. Raises OutputError."""

    def expect(self, steps: int) -> None:
        """Begin the steps, so many in all: the time left is measured from here."""

    def doing(self, phase: str, count: str = "") -> None:
        """Show what is being done until the next step ends, such as ``generating``, and how far it is."""

    def part(self, name: str) -> AbstractContextManager[Log]:
        """Give the log of a part of the run whose rows are shown and not kept, such as the making of its base model."""


class NoLog:
    """The log of every process but the main one: writes nothing."""

    def write(self, step: int, row: LogRow) -> None:
        """Do nothing."""

    def rewind(self, step: int) -> None:
        """Do nothing."""

    def expect(self, steps: int) -> None:
        """Do nothing."""

    def doing(self, phase: str, count: str = "") -> None:
        """Do nothing."""

    @contextmanager
    def part(self, name: str) -> Iterator[Log]:
        """Give a log that writes nothing."""
        yield NoLog()


class _PartLog(NoLog):
    """The log of a part of a run: shows its rows."""

    def __init__(self, name: str, display: ProgressDisplay) -> None:
        self._name, self._display = name, display

    def write(self, step: int, row: LogRow) -> None:
        """Show the row."""
        self._display.show(step, row)

    def expect(self, steps: int) -> None:
        """Begin the steps of the part."""
        self._display.begin(steps, self._name)

    def doing(self, phase: str, count: str = "") -> None:
        """Show what is being done."""
        self._display.doing(phase, count)


class RunLog:
    """The log in a run's folder: a context manager that closes the files and the progress display."""

    def __init__(
        self,
        folder: Path,
        *,
        live: bool,
        tensorboard: bool,
        resume_step: int | None = 0,
        title: str = "",
    ) -> None:
        """Prepare the log; nothing is written before it is entered.

        Args:
            folder: The run's; created if it is missing.
            live: Show progress on stderr: a live table on a terminal, else single lines.
            tensorboard: Write TensorBoard events to ``folder/tensorboard``.
            resume_step: Rows after this step are dropped; 0 starts a new log, None keeps all until ``rewind``.
            title: Heading of the table.

        Raises:
            InputError: ``tensorboard`` is true, and TensorBoard is not installed.
        """
        self.path = folder / LOG
        self._resume_step = resume_step
        self._live, self._title = live, title
        self._events = _events_writer() if tensorboard else None
        self._writer: Any = None
        self._display: ProgressDisplay | None = None
        self._stack = ExitStack()

    def write(self, step: int, row: LogRow) -> None:
        """Append a row; it is in the file on return. Raises OutputError; the file is then unchanged."""
        self._append({"step": step, **{name: _plain(value) for name, value in row.items()}})
        if self._writer is not None:
            for name, value in row.items():
                if isinstance(value, (int, float)):
                    self._writer.add_scalar(name, value, step)
        if self._display is not None:
            self._display.show(step, row)

    def rewind(self, step: int) -> None:
        """Drop the rows after ``step``, and an incomplete last line. Raises OutputError."""
        self._close_files()
        rows = [row for row in read_log(self.path.parent) if row.get("step", 0) <= step]
        write_json_lines(self.path, rows)
        self._open_files(purge_step=step + 1)

    def expect(self, steps: int) -> None:
        """Begin the steps of the run."""
        if self._display is not None:
            self._display.begin(steps)

    def doing(self, phase: str, count: str = "") -> None:
        """Show what is being done; nothing of it is kept."""
        if self._display is not None:
            self._display.doing(phase, count)

    @contextmanager
    def part(self, name: str) -> Iterator[Log]:
        """Show the rows of a part of the run, then the run's own again."""
        if self._display is None:
            yield NoLog()
            return
        try:
            yield _PartLog(name, self._display)
        finally:
            self._display.begin(0)

    def __enter__(self) -> RunLog:
        if self._resume_step is None:
            self._open_files(purge_step=None)
        else:
            self.rewind(self._resume_step)
        if self._live:
            self._display = self._stack.enter_context(open_display(self._title))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._display = None
        self._stack.close()
        self._close_files()

    def _open_files(self, purge_step: int | None) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("ab", buffering=0)
        except OSError as error:
            raise output_error(self.path, error) from error
        if self._events is not None:
            self._writer = self._events(str(self.path.parent / EVENTS), purge_step=purge_step)

    def _close_files(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _append(self, row: dict[str, Any]) -> None:
        line = (dump_json(row) + "\n").encode("utf-8", "backslashreplace")
        end = os.fstat(self._file.fileno()).st_size
        try:
            done = 0
            while done < len(line):  # a disk that fills up may accept part of a write
                done += self._file.write(line[done:])
        except BaseException as error:  # an interrupt may leave half a line, as a full disk does
            with suppress(OSError):
                self._file.truncate(end)
            if isinstance(error, OSError):
                raise output_error(self.path, error) from error
            raise


def read_log(folder: Path) -> list[dict[str, Any]]:
    """Read the rows of a run, in order, without an incomplete last line; empty if there is no log.

    Raises:
        BuildFolderError: The log cannot be read, or an earlier line of it is not a JSON object.
    """
    path = folder / LOG
    return list(read_json_lines(path, torn_tail_ok=True)) if path.exists() else []


def say(line: str) -> None:
    """Print a line on stderr, above a live table."""
    if sys.stderr is None:
        return
    with suppress(OSError):  # stderr is closed: the run continues
        print(line, file=sys.stderr, flush=True)


def say_nothing(line: str) -> None:
    """Print nothing: ``say`` of every process but the main one."""


def _plain(value: float | int | str) -> float | int | str | None:
    """Replace NaN and infinity, which JSON does not have, by None."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _events_writer() -> Any:
    """Return TensorBoard's writer class. Raises InputError if it is not installed."""
    try:
        import_module("tensorboard")
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise InputError("tensorboard = true needs tensorboard: pip install tensorboard") from error
    return SummaryWriter
