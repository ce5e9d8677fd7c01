"""Judge a program, or the program in a model's answer, on the tests of a problem: one job for a sandbox."""

from __future__ import annotations

from dataclasses import dataclass

from apps_plus.problem import Problem
from harness.judging.extraction.answer import Question
from harness.judging.extraction.extract import extract
from harness.judging.judge import judge
from harness.judging.judged_program import JudgedProgram, summarize_tests
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.execution import Limits


@dataclass(frozen=True, slots=True)
class JudgeJob:
    """One program, or one answer with a program in it, to judge on the tests of a problem."""

    problem: Problem
    text: str
    is_answer: bool
    limits: Limits
    trace: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """The summary of a judged program. It holds neither outputs nor expected outputs."""

    outcome: JudgedProgram
    failures: tuple[tuple[int, Verdict], ...]
    """The tests that did not pass, from 0, each with its verdict."""
    program: str
    """The program that was judged: of an answer, the one that was extracted."""


def judge_text(sandbox: Sandbox, job: JudgeJob) -> Judged:
    """Judge a program on every test of its problem."""
    source = job.text
    if job.is_answer:
        source = extract(source, Question(job.problem.entry_point)).source
    judged = judge(sandbox, source, job.problem, job.limits, trace=job.trace)
    failures = tuple((i, test.verdict) for i, test in enumerate(judged) if test.verdict is not Verdict.PASSED)
    return Judged(summarize_tests(judged), failures, source)
