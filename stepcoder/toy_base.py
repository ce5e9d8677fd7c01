"""The model that toy runs begin with: made from scratch, fine-tuned on noisy programs until it is fluent and wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from stepcoder.config import TrainConfig
from stepcoder.interrupt import Interrupt
from stepcoder.models import load_models, save_model
from stepcoder.prefixes import encode_example
from stepcoder.processes import Processes
from stepcoder.records import Task
from stepcoder.run_log import NoLog
from stepcoder.sft import fit
from stepcoder.toy_model import make_toy_model
from stepcoder.toy_tasks import noisy_programs

TOY = "toy"
"""``model.name`` of a model that is made where it is needed."""

PROGRAMS = 800
"""Noisy programs of each task to learn from."""


def is_toy(config: TrainConfig) -> bool:
    """Whether the run makes its own model."""
    return config.model.name == TOY


def toy_base(
    config: TrainConfig,
    tasks: Sequence[Task],
    folder: Path,
    processes: Processes,
    say: Callable[[str], None],
    stop: Interrupt | None = None,
) -> TrainConfig:
    """The configuration with a toy model in ``folder``, which is made unless it is there already."""
    if processes.main and not (folder / "config.json").is_file():
        say(f"making a model from scratch: {folder}")
        make_base(config, tasks, folder, Processes(processes.device), stop or Interrupt())
    processes.wait()
    return replace(config, model=replace(config.model, name=str(folder)))


def make_base(config: TrainConfig, tasks: Sequence[Task], folder: Path, processes: Processes, stop: Interrupt) -> None:
    """Make the model and fine-tune it on noisy programs; the folder appears whole or not at all."""
    texts = {task.task_id: noisy_programs(task, PROGRAMS, config.seed) for task in tasks}
    half = folder.with_name(f".{folder.name}.part")
    made = half / "untrained"
    make_toy_model(made, [task.prompt + text for task in tasks for text in texts[task.task_id]], seed=config.seed)
    models = load_models(replace(config.model, name=str(made)), None, processes.device)
    examples = [encode_example(models.tokenizer, task.prompt, text) for task in tasks for text in texts[task.task_id]]
    fit(config, models, examples, processes, half / "checkpoints", False, NoLog(), stop)
    save_model(models, half / "trained")
    (half / "trained").rename(folder)
