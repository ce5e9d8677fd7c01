"""Where a run's problems come from: a build's split, or generated toys; and what the model is asked.

The prompts are those of ``apps-plus generate apps+``, so that the trained model is asked later what it was trained on.
"""

from __future__ import annotations

from pathlib import Path

from apps_plus.errors import InputError
from apps_plus.problem import sha256_of
from apps_plus.storage import load
from harness.generation.prompts import default_template
from harness.scoring.benchmarks.load import load_benchmark
from stepcoder.config import DataConfig
from stepcoder.records import Task

TOY_TASKS = 4
"""Problems of a toy family: few enough that each is seen in every step."""


def load_tasks(config: DataConfig, split: str, limit: int, *, chat: bool, seed: int) -> list[Task]:
    """The tasks of a split.

    Raises:
        InputError: It is no build, or has no problem in that split.
    """
    if family := config.toy_family:
        from stepcoder.toys.tasks import make_tasks

        return make_tasks(family, limit or TOY_TASKS, seed)
    folder = Path(config.path)
    problems = {problem.problem_id: problem for problem in load(folder)[split]}
    if not problems:
        raise InputError(f"{folder}: its split {split} is empty; choose another with data.split or data.eval_split")
    template = default_template("apps+", chat)
    asked = load_benchmark("apps+", folder, split).problems
    tasks = [Task(problems[problem.task_id], str(_text(template.prompt(problem)))) for problem in asked]
    return tasks[:limit] if limit else tasks


def data_digest(tasks: list[Task]) -> str:
    """SHA-256, in hex, of the problems and the prompts."""
    return sha256_of([[task.prompt, task.problem.to_row()] for task in tasks])


def _text(prompt: object) -> str:
    """What a user says, of a chat prompt; the chat template is put around it where it is tokenised."""
    return prompt if isinstance(prompt, str) else str(prompt[0]["content"])  # type: ignore[index]
