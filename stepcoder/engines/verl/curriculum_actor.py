"""The curriculum of a run in a Ray actor: agent loops on every node ask it, the trainer moves and saves it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ray

from apps_plus.errors import InputError
from apps_plus.storage import write_atomically
from stepcoder.engines.group_curriculum import GroupCurriculum
from stepcoder.engines.verl.run_folder import RunFolder

NAME = "stepcoder_curriculum"
"""The actor's name in the run's Ray namespace."""
FILE = "stepcoder_curriculum.json"
"""The curriculum's file in the folder of a checkpoint."""


def start_curriculum(folder: RunFolder) -> Any:
    """Start the actor with every problem at its first stage, and return its handle."""
    actor = ray.remote(GroupCurriculum).options(name=NAME, num_cpus=0)  # it answers at once: no core of its own
    return actor.remote(folder.curriculum(), folder.config.seed)


def find_curriculum() -> Any:
    """Return the actor's handle.

    Raises:
        InputError: It was not started.
    """
    try:
        return ray.get_actor(NAME)
    except ValueError as error:
        raise InputError(
            "no curriculum in this Ray cluster: run verl with trainer.v1.trainer_mode=stepcoder and "
            "VERL_USE_EXTERNAL_MODULES=stepcoder.engines.verl.trainer (docs/verl.md)"
        ) from error


def save_curriculum(actor: Any, folder: Path) -> None:
    """Write the curriculum into the folder of a checkpoint, made if there is none. Raises OutputError, BusyError."""
    with write_atomically(folder / FILE) as file:
        json.dump(ray.get(actor.state.remote()), file)


def load_curriculum(actor: Any, folder: Path) -> None:
    """Restore the curriculum from the folder of a checkpoint.

    Raises:
        InputError: The file is missing or damaged, or of other problems.
    """
    path = folder / FILE
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{folder}: no {FILE}: the checkpoint was written without StepCoder's trainer") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error}): resume from an earlier checkpoint") from error
    try:
        ray.get(actor.restore.remote(state))
    except ray.exceptions.RayTaskError as error:
        raise InputError(f"{path}: {error.cause}") from error
