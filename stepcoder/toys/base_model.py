"""Make the base model of a run from scratch, if ``model.name`` is ``toy``.

For generated tasks it is fine-tuned on noisy programs: fluent line by line, and nearly always wrong, as the start of
reinforcement learning. For a build it has random weights; ``train --method sft`` is the next step.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from stepcoder.checkpoint import checkpoints
from stepcoder.config import TrainConfig
from stepcoder.interrupt import Interrupt
from stepcoder.models import load_models, save_model
from stepcoder.processes import Processes
from stepcoder.records import Task
from stepcoder.run_folder import CHECKPOINTS, unfinished_base
from stepcoder.run_log import Log
from stepcoder.sft import fit
from stepcoder.toys.tasks import noisy_programs
from stepcoder.toys.tiny_model import make_toy_model
from stepcoder.training_prompts import encode_example

USUAL_SIZE: Mapping[str, int] = MappingProxyType({})
"""The sizes that ``make_toy_model`` has by default."""

PROGRAMS = 800
"""Noisy programs per task to fine-tune on."""

BUILD_VOCABULARY, BUILD_CONTEXT = 2000, 4096
"""Vocabulary and context, in tokens, of a model for a build, whose statements are varied and may be long."""


CHECKPOINT_STEPS = 20
"""Steps between checkpoints of the fine-tuning, about ten seconds."""


def toy_base(
    config: TrainConfig,
    tasks: Sequence[Task],
    folder: Path,
    processes: Processes,
    say: Callable[[str], None],
    log: Log,
    stop: Interrupt | None = None,
) -> TrainConfig:
    """Make a toy model in ``folder`` unless it exists; return the configuration with that model.

    Raises:
        InputError: A checkpoint that an earlier call left is damaged.
        KeyboardInterrupt: Ctrl-C; the next call with the same settings resumes from the last step.
    """
    if processes.main and not (folder / "config.json").is_file():
        say(f"making a model from scratch: {folder}")
        with log.part("base model") as part:
            make_base(config, tasks, folder, Processes(processes.device), say, part, stop or Interrupt())
    processes.wait()
    return replace(config, model=replace(config.model, name=str(folder)))


def make_base(
    config: TrainConfig,
    tasks: Sequence[Task],
    folder: Path,
    processes: Processes,
    say: Callable[[str], None],
    log: Log,
    stop: Interrupt,
    size: Mapping[str, int] = USUAL_SIZE,
) -> None:
    """Make the model; the folder is complete or absent. Raises as ``toy_base``.

    ``size`` is what ``make_toy_model`` takes; for a build it is fixed.
    """
    log.doing("making a tokenizer and random weights")
    half = unfinished_base(folder)
    if config.data.toy_family:
        _for_toys(config, tasks, half, processes, say, log, stop, size).rename(folder)
    else:
        _for_a_build(config, tasks, half).rename(folder)
    shutil.rmtree(half, ignore_errors=True)


def _for_a_build(config: TrainConfig, tasks: Sequence[Task], half: Path) -> Path:
    texts = [task.prompt + task.solution for task in tasks]
    make_toy_model(half, texts, vocab=BUILD_VOCABULARY, context=BUILD_CONTEXT, seed=config.seed)
    return half


def _for_toys(
    config: TrainConfig,
    tasks: Sequence[Task],
    half: Path,
    processes: Processes,
    say: Callable[[str], None],
    log: Log,
    stop: Interrupt,
    size: Mapping[str, int],
) -> Path:
    written = [(task, text) for task in tasks for text in noisy_programs(task, PROGRAMS, config.seed)]
    steps = half / CHECKPOINTS
    if not checkpoints(steps):
        make_toy_model(half / "untrained", [task.prompt + text for task, text in written], seed=config.seed, **size)
    models = load_models(replace(config.model, name=str(half / "untrained")), None, processes.device)
    log.doing("encoding the noisy programs")
    examples = [encode_example(models.tokenizer, task.prompt, text) for task, text in written]
    often = replace(config, save_every=min(config.save_every, CHECKPOINT_STEPS))
    fit(often, models, examples, processes, steps, True, log, stop, lambda line: say(f"base model: {line}"))
    save_model(models, half / "trained")
    return half / "trained"
