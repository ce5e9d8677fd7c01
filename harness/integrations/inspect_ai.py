"""APPS+ as a task of inspect_ai: prompts of ``generate``, programs scored in our sandbox. For inspect-ai 0.3.285.

No Docker and no sandbox of inspect_ai are needed. The names by which inspect_ai finds the task and the scorer are in
``apps_plus.inspect_tasks``.
"""

from __future__ import annotations

from collections.abc import Mapping

import anyio.to_thread
from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageUser
from inspect_ai.scorer import CORRECT, INCORRECT, Score, Scorer, Target
from inspect_ai.solver import TaskState, generate

from harness.integrations.questions import question_of
from harness.integrations.scored_build import (
    is_fault,
    of_difficulty,
    problems_of,
    program_of,
    score_program,
)
from harness.judging.verdict import CATEGORIES, Verdict
from harness.scoring.benchmarks.benchmark import BenchmarkProblem


def make_task(build: str, split: str | None, difficulty: str | None, scorer: Scorer) -> Task:
    """Return the task: one sample a problem, with its id. Raises InputError and BuildFolderError for such a build."""
    problems = of_difficulty(problems_of(build, split), difficulty)
    samples = [
        Sample(
            id=problem.task_id,
            input=[ChatMessageUser(content=question_of(problem))],
            metadata={"difficulty": problem.tier},
        )
        for problem in problems.values()
    ]
    return Task(dataset=MemoryDataset(samples, name="apps+"), solver=generate(), scorer=scorer)


def make_scorer(build: str, split: str | None, timeout: float | None) -> Scorer:
    """Return a scorer that runs programs on the tests of the build, which are in neither the samples nor the log."""

    async def score(state: TaskState, target: Target) -> Score:
        problem = _problem(problems_of(build, split), str(state.sample_id))
        return await anyio.to_thread.run_sync(score_answer, problem, state.output.completion, timeout)

    return score


def score_answer(problem: BenchmarkProblem, answer: str, timeout: float | None) -> Score:
    """Score an answer. Raises RuntimeError after a fault of the harness: inspect_ai counts such samples apart."""
    program = program_of(problem, answer)
    scored = score_program(problem, program, timeout)
    if is_fault(scored):
        raise RuntimeError(f"{problem.task_id}: the harness failed twice ({scored.detail}): evaluate it again")
    return Score(
        value=CORRECT if scored.verdict is Verdict.PASSED else INCORRECT,
        answer=program,
        explanation=scored.detail or str(scored.verdict),
        metadata={
            "verdict": str(scored.verdict),
            "category": CATEGORIES[scored.verdict],
            "tests_passed": scored.tests_passed,
            "tests_total": scored.tests_total,
        },
    )


def _problem(problems: Mapping[str, BenchmarkProblem], name: str) -> BenchmarkProblem:
    if name not in problems:
        raise RuntimeError(f"{name}: no problem of this split of the build: score with the build and split of the log")
    return problems[name]
