"""Writes what a run measures: a line of JSON a step, a live table for whoever waits, TensorBoard for whoever wants it.

A row of ``log.jsonl`` has ``step`` and any of these, each a number:

    rollouts                    roll-outs of this step, over all processes
    reward, reward/<part>       mean over the step's roll-outs, without the KL penalty
    pass_rate                   share of roll-outs that pass every test
    kl                          log pi - log pi_ref summed over a response, mean over responses
    approx_kl, clipfrac, entropy, policy_loss, value_loss, explained_variance, grad_norm, critic_grad_norm
    mask_share                  share of response tokens that FGO leaves in the policy loss
    response_tokens             mean length of a response
    finished                    share of responses that ended by themselves
    harness_errors              programs on which the sandbox failed: nothing is learnt from them
    stage/<n>                   problems at curriculum stage n
    full_generation             share of problems at which the model writes everything
    seconds/<part>              generate, judge, forward, update
    eval/pass@1, eval/<tier>    on the held-out problems

Several rows may have one step: an evaluation's row stands after the step's own.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
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
    """Where a trainer puts what it measures."""

    def write(self, step: int, row: LogRow) -> None:
        """Add the row of a step. Raises OutputError."""

    def rewind(self, step: int) -> None:
        """Forget the rows after ``step``: a run goes on from there. Raises OutputError."""


class NoLog:
    """Of every process but the main one."""

    def write(self, step: int, row: LogRow) -> None:
        """Nothing."""

    def rewind(self, step: int) -> None:
        """Nothing."""


class RunLog:
    """The log of a run, in its folder. A context manager: leaving it closes the files and the live table."""

    def __init__(
        self,
        folder: Path,
        *,
        live: bool,
        tensorboard: bool,
        resume_step: int | None = 0,
        total: int = 0,
        title: str = "",
    ) -> None:
        """Nothing is written before the log is entered.

        Args:
            folder: The run's; made where it is missing.
            live: Tell how the run goes on stderr: a table that changes in place where that is a terminal, else a line
                now and then.
            tensorboard: Write TensorBoard events to ``folder/tensorboard``.
            resume_step: Rows after this step are dropped; 0 begins a new log, None keeps all until ``rewind``.
            total: Steps of the whole run, where known.
            title: What the table is headed with.

        Raises:
            InputError: TensorBoard is asked for and not installed.
        """
        self.path = folder / LOG
        self._resume_step = resume_step
        self._live, self._title, self._total = live, title, total
        self._events = _events_writer() if tensorboard else None
        self._writer: Any = None
        self._display: ProgressDisplay | None = None
        self._stack = ExitStack()

    def write(self, step: int, row: LogRow) -> None:
        """Add a row: it is in the file when this returns. Raises OutputError; the file then stands as before."""
        self._append({"step": step, **{name: _plain(value) for name, value in row.items()}})
        if self._writer is not None:
            for name, value in row.items():
                if isinstance(value, (int, float)):
                    self._writer.add_scalar(name, value, step)
        if self._display is not None:
            self._display.show(step, row)

    def rewind(self, step: int) -> None:
        """Drop the rows after ``step``, and a last line that a crash cut short. Raises OutputError."""
        self._close_files()
        rows = [row for row in read_log(self.path.parent) if row.get("step", 0) <= step]
        write_json_lines(self.path, rows)
        self._open_files(purge_step=step + 1)

    def __enter__(self) -> RunLog:
        if self._resume_step is None:
            self._open_files(purge_step=None)
        else:
            self.rewind(self._resume_step)
        if self._live:
            self._display = self._stack.enter_context(open_display(self._title, self._total))
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
            while done < len(line):  # a disk that fills up takes part of a write before it refuses one
                done += self._file.write(line[done:])
        except BaseException as error:  # an interrupt may leave half a line, as a full disk does
            with suppress(OSError):
                self._file.truncate(end)
            if isinstance(error, OSError):
                raise output_error(self.path, error) from error
            raise


def read_log(folder: Path) -> list[dict[str, Any]]:
    """The rows of a run, in order; a last line that a crash cut short is left out, and no log is no rows.

    Raises:
        BuildFolderError: The log cannot be read, or an earlier line of it is not a JSON object.
    """
    path = folder / LOG
    return list(read_json_lines(path, torn_tail_ok=True)) if path.exists() else []


def say(line: str) -> None:
    """One line on stderr; a live table there moves down."""
    if sys.stderr is None:
        return
    with suppress(OSError):  # nobody listens any more: the work goes on
        print(line, file=sys.stderr, flush=True)


def say_nothing(line: str) -> None:
    """``say`` of every process but the main one."""


def _plain(value: float | int | str) -> float | int | str | None:
    """JSON has no NaN and no infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _events_writer() -> Any:
    """TensorBoard's writer. Raises InputError where it is not installed."""
    try:
        import_module("tensorboard")
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise InputError("tensorboard = true needs tensorboard: pip install tensorboard") from error
    return SummaryWriter
