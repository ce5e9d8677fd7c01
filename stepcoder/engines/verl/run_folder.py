"""The folder that ``prepare`` writes and every process of a run reads: settings, rows, agent loops."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from apps_plus.storage import read_json_lines
from stepcoder.config import TrainConfig
from stepcoder.config_files import load_config
from stepcoder.curriculum import Curriculum
from stepcoder.methods import Method, method_named
from stepcoder.records import Task
from stepcoder.tasks import load_splits

CONFIG, TRAIN, HELD_OUT, LOOPS = "config.toml", "train.jsonl", "held_out.jsonl", "agent_loops.yaml"
"""Names of its files."""


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
            InputError: A file is missing or damaged, or the build has changed.
        """
        config = load_config(str(folder / CONFIG))
        train, held_out = load_splits(config)
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


def _selected(rows: Path, tasks: list[Task]) -> dict[str, Task]:
    """Return the tasks that the rows name. Raises InputError."""
    by_id = {task.task_id: task for task in tasks}
    ids = [str(row.get("task_id")) for row in read_json_lines(rows)]
    for task_id in ids:
        if task_id not in by_id:
            raise InputError(f"{rows}: problem {task_id} is not in the data: run stepcoder.engines.verl.prepare again")
    return {task_id: by_id[task_id] for task_id in ids}
