"""Run programs in the background: one thread with its own sandbox, one job at a time.

The result of a job is posted as a message to the screen that submitted it; the screens stay responsive meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from queue import SimpleQueue
from typing import Any

from textual.message import Message
from textual.message_pump import MessagePump

from apps_plus.errors import AppsPlusError
from harness.sandbox import USUAL_ISOLATION, Isolation, Sandbox
from harness.sandbox.execution import Execution

SandboxJob = Callable[[Sandbox], Any]
"""A function to run in the background, given the sandbox."""


class JobFinished(Message):
    """A job has ended, with a result or an error."""

    def __init__(self, job_id: int, result: Any, error: str = "") -> None:
        self.job_id = job_id
        self.result = result
        """The return value of the job; None after an error."""
        self.error = error
        """The error in one line; empty without one."""
        super().__init__()


class JobCancelled(Exception):  # noqa: N818  (no error: the screen that submitted the job was closed)
    """The running job has been cancelled."""


class _CancellableSandbox(Sandbox):
    """A sandbox that starts no further program for a cancelled job."""

    def __init__(self, isolation: Isolation) -> None:
        super().__init__(**asdict(isolation))
        self.is_cancelled: Callable[[], bool] = lambda: False

    def execute(self, *args: Any, **options: Any) -> list[Execution]:
        if self.is_cancelled():
            raise JobCancelled
        return super().execute(*args, **options)


class BackgroundRunner:
    """The background thread and its sandbox; both start with the first job.

    Where the machine cannot isolate programs as ``isolation`` requires, every ``JobFinished`` has that error.
    """

    def __init__(self, isolation: Isolation = USUAL_ISOLATION) -> None:
        self._isolation = isolation
        self._jobs: SimpleQueue[tuple[int, SandboxJob, MessagePump] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._last_id = 0
        self._cancelled_up_to = 0

    def submit(self, job: SandboxJob, receiver: MessagePump) -> int:
        """Queue a job and return its id; ``receiver`` gets a ``JobFinished`` with that id."""
        self._last_id += 1
        self._jobs.put((self._last_id, job, receiver))
        if self._thread is None:
            # A daemon thread: quitting must not wait for a program that uses all of its time limit.
            self._thread = threading.Thread(target=self._work, name="background-runner", daemon=True)
            self._thread.start()
        return self._last_id

    def cancel_all(self) -> None:
        """Cancel every job so far, without a message; a running job ends before its next program."""
        self._cancelled_up_to = self._last_id

    def close(self) -> None:
        """End the thread and its processes; a program that is running may end after this returns."""
        self.cancel_all()
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join(timeout=1.0)

    def _is_cancelled(self, job_id: int) -> bool:
        return job_id <= self._cancelled_up_to

    def _work(self) -> None:
        sandbox = _CancellableSandbox(self._isolation)
        with sandbox:
            while (queued := self._jobs.get()) is not None:
                job_id, job, receiver = queued
                sandbox.is_cancelled = partial(self._is_cancelled, job_id)
                if self._is_cancelled(job_id):
                    continue
                try:
                    receiver.post_message(JobFinished(job_id, job(sandbox)))
                except JobCancelled:
                    continue
                except AppsPlusError as error:
                    receiver.post_message(JobFinished(job_id, None, str(error)))
                except Exception as error:  # a bug in one job must not end the thread; the screen shows it
                    receiver.post_message(JobFinished(job_id, None, f"{type(error).__name__}: {error}"))
