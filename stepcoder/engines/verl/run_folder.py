"""The folder that ``prepare`` writes and every process of a run reads: settings, rows, agent loops."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from stepcoder.config import TrainConfig
from stepcoder.config_files import load_config
from stepcoder.curriculum import Curriculum
from stepcoder.methods import Method, method_named
from stepcoder.records import Task
from stepcoder.tasks import load_tasks

CONFIG, TRAIN, HELD_OUT, LOOPS = "config.toml", "train.jsonl", "held_out.jsonl", "agent_loops.yaml"
"""Its files."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run's settings and its tasks by id."""

    config: TrainConfig
    tasks: dict[str, Task]
    """To train on."""
    held_out: dict[str, Task]

    @classmethod
    def read(cls, folder: Path) -> RunFolder:
        """Read a run's folder, and the build that it names.

        Raises:
            InputError: A file is missing, or the build has changed.
        """
        config = load_config(str(folder / CONFIG))
        train, held_out = load_split(config, held_out=False), load_split(config, held_out=True)
        return cls(config, _selected(folder / TRAIN, train), _selected(folder / HELD_OUT, held_out))

    @classmethod
    def named_by(cls, verl_config: Any) -> RunFolder:
        """Read the folder of ``agent_loop_config_path``. Raises InputError."""
        path = verl_config.actor_rollout_ref.rollout.agent.agent_loop_config_path
        if not path:
            raise InputError(
                f"actor_rollout_ref.rollout.agent.agent_loop_config_path is not set: give FOLDER/{LOOPS} of "
                "python -m stepcoder.engines.verl.prepare"
            )
        return cls.read(Path(path).parent)

    @property
    def method(self) -> Method:
        """The row of ``METHODS``."""
        return method_named(self.config.method)

    def curriculum(self) -> Curriculum:
        """Return the method's curriculum, with every problem at its first stage."""
        ppo, samples = self.config.ppo, self.config.rollout.samples
        return self.method.curriculum(list(self.tasks.values()), ppo.rho, samples, ppo.rho_groups)

    def task(self, task_id: str, *, held_out: bool) -> Task:
        """Return a task by id. Raises InputError."""
        tasks = self.held_out if held_out else self.tasks
        if task_id not in tasks:
            raise InputError(f"problem {task_id} is not in the run's folder: give verl the rows that prepare wrote")
        return tasks[task_id]


def load_split(config: TrainConfig, *, held_out: bool) -> list[Task]:
    """Load the tasks to train on, or those to evaluate on. Raises InputError."""
    data, chat = config.data, config.model.chat
    if not held_out or data.toy_family:  # generated tasks are evaluated on themselves
        return load_tasks(data, data.split, data.limit, chat=chat, seed=config.seed, selection=data.selection)
    return load_tasks(data, data.eval_split, data.eval_limit, chat=chat, seed=config.seed)


def _selected(rows: Path, tasks: list[Task]) -> dict[str, Task]:
    """Return the tasks that the rows name. Raises InputError."""
    try:
        lines = rows.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(f"cannot read {rows}: {error.strerror}: run stepcoder.engines.verl.prepare again") from error
    by_id = {task.task_id: task for task in tasks}
    ids = [json.loads(line)["task_id"] for line in lines]
    for task_id in ids:
        if task_id not in by_id:
            raise InputError(f"{rows}: problem {task_id} is not in the data: run stepcoder.engines.verl.prepare again")
    return {task_id: by_id[task_id] for task_id in ids}
