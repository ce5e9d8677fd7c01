"""Run a problem's checker on many answers in few processes: a process costs more than most answers do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from curation.pipeline.run_solutions import Runner
from harness.sandbox import Sandbox
from harness.sandbox.execution import Execution, Limits

MOST_QUESTIONS = 250
"""Of one process."""


def run_checker(sandbox: Sandbox, checker: str, questions: Sequence[Sequence[Any]]) -> list[Execution]:
    """Return the checker's execution on each question: an input, the expected output and an answer.

    Raises HarnessFaultError where the sandbox failed.
    """
    runner = Runner(sandbox, "check", (), Limits(stop_after_timeout=False))
    parts = (questions[start : start + MOST_QUESTIONS] for start in range(0, len(questions), MOST_QUESTIONS))
    return [execution for part in parts for execution in runner.run_on(checker, part)]
