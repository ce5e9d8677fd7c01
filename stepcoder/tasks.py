"""Load a run's tasks, with their prompts: a build's split, or generated toy tasks.

The prompts are those of ``apps-plus generate apps+``, so that the trained model is evaluated with the prompts that it
was trained on.
"""

from __future__ import annotations

from pathlib import Path

from apps_plus.errors import BuildFolderError, InputError
from apps_plus.problem import MEASURED_COLUMNS, sha256_of
from apps_plus.selection import EVERYTHING, Selection, select
from apps_plus.storage import load, require_build
from harness.generation.prompts import default_template
from harness.generation.tokenization import check_local_folder
from harness.scoring.benchmarks.load import load_benchmark
from stepcoder.config import DataConfig, TrainConfig
from stepcoder.records import Task

TOY_TASKS = 4
"""Problems of a toy family: few enough that every step samples each."""


def check_sources(config: TrainConfig) -> None:
    """Check, before anything heavy is loaded, that model and data are there; what is on the hub is not looked up.

    Raises:
        InputError: There is no such folder, or it is not a build.
    """
    if not config.model.is_toy:
        check_local_folder(config.model.name)
    if not config.data.toy_family:
        try:
            require_build(Path(config.data.path))
        except BuildFolderError as error:
            raise InputError(f"{error}, or name yours with --set data.path=DIR") from error


def load_splits(config: TrainConfig) -> tuple[list[Task], list[Task]]:
    """Load the tasks to train on and to evaluate on; generated tasks are evaluated on themselves. Raises InputError."""
    data, chat, seed = config.data, config.model.chat, config.seed
    if not data.path:
        raise InputError("data.path is not set: name a build (apps-plus build --out DIR), or toy:nested")
    tasks = load_tasks(data, data.split, data.limit, chat=chat, seed=seed, selection=data.selection)
    if data.toy_family:
        return tasks, tasks
    return tasks, load_tasks(data, data.eval_split, data.eval_limit, chat=chat, seed=seed)


def load_tasks(
    config: DataConfig, split: str, limit: int, *, chat: bool, seed: int, selection: Selection = EVERYTHING
) -> list[Task]:
    """Load the tasks of a split, of the problems that are selected.

    Raises:
        InputError: ``config.path`` is not a build, was not measured for the selection, or no problem is left.
    """
    if family := config.toy_family:
        from stepcoder.toys.tasks import make_tasks

        return make_tasks(family, limit or TOY_TASKS, seed)
    folder = Path(config.path)
    dataset = load(folder)
    if not dataset[split]:
        raise InputError(f"{folder}: its split {split} is empty; choose another with data.split or data.eval_split")
    problems = {problem.problem_id: problem for problem in select(dataset, selection, folder)[split]}
    if not problems:
        raise InputError(
            f"{folder}: no problem of its split {split} is selected: widen data.solve_rate, or lower data.min_strength"
        )
    template = default_template("apps+", chat)
    prompted = [p for p in load_benchmark("apps+", folder, split).problems if p.task_id in problems]
    tasks = [Task(problems[problem.task_id], str(_text(template.prompt(problem)))) for problem in prompted]
    return tasks[:limit] if limit else tasks


def data_digest(tasks: list[Task]) -> str:
    """Return the SHA-256, in hex, of the problems and the prompts; measurements of the problems are not part of it."""
    rows = ((task.prompt, task.problem.to_row()) for task in tasks)
    return sha256_of([[prompt, {k: v for k, v in row.items() if k not in MEASURED_COLUMNS}] for prompt, row in rows])


def _text(prompt: object) -> str:
    """Return the user's text of a chat prompt; ``training_prompts`` applies the chat template."""
    return prompt if isinstance(prompt, str) else str(prompt[0]["content"])  # type: ignore[index]
