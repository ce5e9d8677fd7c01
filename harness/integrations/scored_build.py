"""The problems of a build for another evaluator: the scores of ``evaluate apps+``."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from apps_plus.errors import InputError
from harness.integrations.rewards import judging_threads
from harness.judging.extraction.answer import Question
from harness.judging.extraction.extract import extract
from harness.judging.verdict import Verdict
from harness.sandbox.execution import limits_of
from harness.scoring.benchmarks.benchmark import BenchmarkProblem
from harness.scoring.benchmarks.load import load_benchmark
from harness.scoring.run_samples import ScoreJob, problem_digest, score_job
from harness.scoring.score import Score

FINAL_OVERRUN = 1.0
"""As ``ScoreJob.overrun`` of a program that runs again, whose verdict is final."""


@functools.cache
def problems_of(build: str, split: str | None = None) -> Mapping[str, BenchmarkProblem]:
    """Return the problems of a build's split by id; None: the test split, or all where there is none.

    Raises:
        BuildFolderError: The folder is not a finished build.
        InputError: It has no such split.
    """
    return {problem.task_id: problem for problem in load_benchmark("apps+", Path(build), split).problems}


def of_difficulty(problems: Mapping[str, BenchmarkProblem], difficulty: str | None) -> dict[str, BenchmarkProblem]:
    """Return the problems of a difficulty; None: all. Raises InputError if there are none."""
    chosen = {name: problem for name, problem in problems.items() if difficulty in (None, problem.tier)}
    if not chosen:
        there = ", ".join(dict.fromkeys(problem.tier for problem in problems.values()))
        raise InputError(f"no {difficulty} problem in this split of the build: it has {there}")
    return chosen


def program_of(problem: BenchmarkProblem, answer: str) -> str:
    """Return the program of a model's answer, as the rule ``fenced_block`` of ``evaluate`` finds it."""
    return extract(answer, Question(problem.entry_point)).source


def score_program(problem: BenchmarkProblem, program: str, timeout: float | None = None) -> Score:
    """Score a program as ``evaluate`` does: again where the machine may have caused its verdict.

    Any thread may call it; it waits for one of this process's sandboxes.

    Args:
        problem: The problem.
        program: The program.
        timeout: Processor seconds for each test; None: 4.

    Raises:
        SandboxError: Programs cannot be run safely on this machine.
    """
    job = ScoreJob(problem, problem_digest(problem), program, limits_of(timeout))
    _, scored = judging_threads().submit(score_job, job).result()
    if scored.unsure:
        _, scored = judging_threads().submit(score_job, job._replace(overrun=FINAL_OVERRUN)).result()
    return scored


def is_fault(scored: Score) -> bool:
    """Return whether the harness failed, so that nothing is known of the program."""
    return scored.verdict is Verdict.HARNESS_ERROR
