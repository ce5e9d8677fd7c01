"""Make the base model of a run from scratch, if ``model.name`` is ``toy``.

For generated tasks it is fine-tuned on noisy programs: fluent line by line, and nearly always wrong, as the start of
reinforcement learning. For a build it has random weights; ``train --method sft`` is the next step.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from stepcoder.config import TrainConfig
from stepcoder.interrupt import Interrupt
from stepcoder.models import load_models, save_model
from stepcoder.processes import Processes
from stepcoder.records import Task
from stepcoder.run_log import NoLog
from stepcoder.sft import fit
from stepcoder.toys.tasks import noisy_programs
from stepcoder.toys.tiny_model import make_toy_model
from stepcoder.training_prompts import encode_example

PROGRAMS = 800
"""Noisy programs per task to fine-tune on."""

BUILD_VOCABULARY, BUILD_CONTEXT = 2000, 4096
"""Vocabulary and context, in tokens, of a model for a build, whose statements are varied and may be long."""


def toy_base(
    config: TrainConfig,
    tasks: Sequence[Task],
    folder: Path,
    processes: Processes,
    say: Callable[[str], None],
    stop: Interrupt | None = None,
) -> TrainConfig:
    """Make a toy model in ``folder`` unless it exists; return the configuration with that model."""
    if processes.main and not (folder / "config.json").is_file():
        say(f"making a model from scratch: {folder}")
        make_base(config, tasks, folder, Processes(processes.device), stop or Interrupt())
    processes.wait()
    return replace(config, model=replace(config.model, name=str(folder)))


def make_base(config: TrainConfig, tasks: Sequence[Task], folder: Path, processes: Processes, stop: Interrupt) -> None:
    """Make the model; the folder is complete or absent. Raises KeyboardInterrupt after Ctrl-C."""
    half = folder.with_name(f".{folder.name}.part")
    made = _for_toys if config.data.toy_family else _for_a_build
    made(config, tasks, half, processes, stop).rename(folder)
    shutil.rmtree(half, ignore_errors=True)


def _for_a_build(config: TrainConfig, tasks: Sequence[Task], half: Path, processes: Processes, stop: Interrupt) -> Path:
    texts = [task.prompt + task.solution for task in tasks]
    make_toy_model(half, texts, vocab=BUILD_VOCABULARY, context=BUILD_CONTEXT, seed=config.seed)
    return half


def _for_toys(config: TrainConfig, tasks: Sequence[Task], half: Path, processes: Processes, stop: Interrupt) -> Path:
    written = [(task, text) for task in tasks for text in noisy_programs(task, PROGRAMS, config.seed)]
    make_toy_model(half / "untrained", [task.prompt + text for task, text in written], seed=config.seed)
    models = load_models(replace(config.model, name=str(half / "untrained")), None, processes.device)
    examples = [encode_example(models.tokenizer, task.prompt, text) for task, text in written]
    fit(config, models, examples, processes, half / "checkpoints", False, NoLog(), stop, lambda line: None)
    save_model(models, half / "trained")
    return half / "trained"
