"""Runs programs beside the screens: a thread of its own with a sandbox of its own, one job at a time.

The answer of a job comes back as a message to the screen that asked, and the screen stays alive meanwhile.
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
from apps_plus.problem import load_json
from curation.records import VerifiedProblem
from curation.review.queue import Item
from curation.review.solution_answers import Reply, tests_of
from curation.review.trial import Answer, outputs_of
from harness.judging.verdict import expect, is_same, value_of
from harness.sandbox import USUAL_ISOLATION, Isolation, Sandbox
from harness.sandbox.execution import Ended, Execution, Limits, Program

Job = Callable[[Sandbox], Any]
"""What to run: it is given the sandbox, and its answer is whatever it returns."""


class Finished(Message):
    """A job is done."""

    def __init__(self, ticket: int, answer: Any, error: str = "") -> None:
        self.ticket = ticket
        self.answer = answer
        self.error = error
        """What went wrong, in one line; empty where nothing did."""
        super().__init__()


class Stopped(Exception):  # noqa: N818  (no error: somebody has left the screen that asked)
    """The job that is running is not wanted any more."""


class _StoppableSandbox(Sandbox):
    """A sandbox that begins no other program once it is told to stop."""

    def __init__(self, isolation: Isolation) -> None:
        super().__init__(**asdict(isolation))
        self.wanted: Callable[[], bool] = lambda: True

    def execute(self, *args: Any, **options: Any) -> list[Execution]:
        if not self.wanted():
            raise Stopped
        return super().execute(*args, **options)


class Laboratory:
    """The thread and its sandbox; both begin with the first job.

    On a machine that cannot isolate programs as much as ``isolation`` asks for, every job's ``Finished`` says so.
    """

    def __init__(self, isolation: Isolation = USUAL_ISOLATION) -> None:
        self._isolation = isolation
        self._jobs: SimpleQueue[tuple[int, Job, MessagePump] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._last = 0
        self._stopped_up_to = 0

    def run(self, job: Job, asker: MessagePump) -> int:
        """Have a job run; a ``Finished`` with the ticket that is returned goes to ``asker``."""
        self._last += 1
        self._jobs.put((self._last, job, asker))
        if self._thread is None:
            # A daemon: a program that takes its whole time must not keep the person who quits waiting.
            self._thread = threading.Thread(target=self._work, name="laboratory", daemon=True)
            self._thread.start()
        return self._last

    def stop(self) -> None:
        """Forget every job so far; one that is running ends before its next program, and nobody hears of it."""
        self._stopped_up_to = self._last

    def close(self) -> None:
        """End the thread and its processes; a program that is running may end after this returns."""
        self.stop()
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join(timeout=1.0)

    def _is_wanted(self, ticket: int) -> bool:
        return ticket > self._stopped_up_to

    def _work(self) -> None:
        sandbox = _StoppableSandbox(self._isolation)
        with sandbox:
            while (order := self._jobs.get()) is not None:
                ticket, job, asker = order
                sandbox.wanted = partial(self._is_wanted, ticket)
                if not self._is_wanted(ticket):
                    continue
                try:
                    asker.post_message(Finished(ticket, job(sandbox)))
                except Stopped:
                    continue
                except AppsPlusError as error:
                    asker.post_message(Finished(ticket, None, str(error)))
                except Exception as error:  # one job that trips us must not end the thread; the screen names it
                    asker.post_message(Finished(ticket, None, f"{type(error).__name__}: {error}"))


def replies_on(sandbox: Sandbox, item: Item, test: int, limits: Limits) -> dict[int, Reply]:
    """What every solution, copies aside, does on one test now."""
    results = [result for result in item.problem.solutions if result.same_as is None]
    return {
        result.index: reply_of(item.problem, test, outputs_of(sandbox, item, result.index, test, limits)[0])
        for result in results
    }


def reply_of(problem: VerifiedProblem, test: int, answer: Answer) -> Reply:
    """What a run amounts to beside the expected output."""
    if answer.ended is not Ended.FINISHED or answer.text is None:
        detail = f": {answer.detail}" if answer.detail else ""
        return Reply(None, False, f"{str(answer.ended).replace('_', ' ')}{detail}"[:80])
    call_based = problem.entry_point is not None
    expected = expect(tests_of(problem).outputs, call_based, problem.rule)[test]
    return Reply(answer.text, is_same(expected, load_json(answer.text) if call_based else answer.text))


ASKED_TESTS = 20
"""Tests whose own expected output a new checker is asked about."""


def trouble_with(sandbox: Sandbox, item: Item, checker: str, limits: Limits) -> str:
    """What a checker says of the expected outputs themselves, where that is not yes; empty where it is.

    A checker that raises only says no, in a build as in a trial: whoever writes it must be told that it raises.
    """
    tests = tests_of(item.problem)
    asked = [[given, output, output] for given, output in zip(tests.inputs, tests.outputs, strict=True)][:ASKED_TESTS]
    for test, execution in enumerate(sandbox.execute(Program(checker, "check"), asked, limits)):
        if execution.ended is not Ended.FINISHED:
            told = f"{execution.exception}: {execution.message}".strip(": ") or str(execution.ended)
            line = f", line {execution.line}" if execution.line else ""
            return f"asked about test {test}'s own expected output, the checker ends with {told}{line}"
        value = value_of(execution)
        if value is None or value.value is not True:
            return f"the checker does not say True to test {test}'s own expected output"
    return ""
