"""An episode of several turns: write a program, see the first test that it fails, mend it. No engine is imported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps_plus.problem import Problem, dump_json
from harness.integrations.rewards import judging_threads
from harness.judging.extraction.answer import Question
from harness.judging.extraction.extract import extract
from harness.judging.judge import JudgedTest, judge
from harness.judging.judged_program import JudgedProgram, summarize_tests
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, limits_of

SHOWN = 2_000
"""Characters of an input, an output or a message that a failed test shows."""


@dataclass(frozen=True, slots=True)
class FailedTest:
    """The first test that a program fails, as a person would want to see it; texts are cut to ``SHOWN``."""

    number: int
    """From 0."""
    verdict: Verdict
    input: str
    expected: str
    output: str
    """What the program printed or returned; empty where it did not end by itself."""
    error: str
    """The exception, with its line in the program; empty where there was none."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one program was worth."""

    outcome: JudgedProgram
    failed: FailedTest | None
    """None if every test passed."""
    program: str
    turns_left: int
    done: bool


class MendingEpisode:
    """One problem, and some turns to solve it.

    Args:
        problem: The problem.
        turns: Programs that may be tried.
        timeout: Processor seconds for each test; None: 4.
    """

    def __init__(self, problem: Problem, turns: int, timeout: float | None = None) -> None:
        self.problem = problem
        self.turns_left = turns
        self._timeout = timeout
        self.done = False

    def step(self, answer: str) -> Turn:
        """Judge the program of an answer. Raises ValueError when the episode is over; SandboxError.

        A fault of the harness takes no turn.
        """
        if self.done:
            raise ValueError("the episode is over: reset it")
        program = extract(answer, Question(self.problem.entry_point)).source
        judged = judging_threads().submit(self._judge, program).result()
        outcome = summarize_tests(judged)
        if outcome.verdict is not Verdict.HARNESS_ERROR:
            self.turns_left -= 1
        self.done = outcome.passed or self.turns_left <= 0
        return Turn(outcome, first_failure(self.problem, judged), program, self.turns_left, self.done)

    def _judge(self, sandbox: Sandbox, program: str) -> list[JudgedTest]:
        return judge(sandbox, program, self.problem, limits_of(self._timeout))


def first_failure(problem: Problem, judged: list[JudgedTest]) -> FailedTest | None:
    """Return the first test that did not pass; None if all passed."""
    for number, test in enumerate(judged):
        if test.verdict is not Verdict.PASSED:
            execution = test.execution
            line = f" (line {execution.line})" if execution.line else ""
            error = ": ".join(part for part in (execution.exception, execution.message) if part)
            answered = execution.ended is Ended.FINISHED
            output = execution.output if problem.entry_point is None else (execution.result or execution.result_type)
            return FailedTest(
                number,
                test.verdict,
                _cut(_text(problem.tests.inputs[number])),
                _cut(_text(problem.tests.outputs[number])),
                _cut(output) if answered else "",
                _cut(f"{error}{line}") if error else "",
            )
    return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else dump_json(value)


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text) - SHOWN} more characters)"
