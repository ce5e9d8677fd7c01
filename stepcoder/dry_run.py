"""Plan a run without running it: ``apps-plus train CONFIG --dry-run``.

Only the model's configuration and tokenizer are loaded, and data that is on this machine.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from apps_plus.errors import InputError
from stepcoder.config import TOY_MODEL, TrainConfig
from stepcoder.memory_estimate import MemoryEstimate, estimate
from stepcoder.methods import METHODS, Method
from stepcoder.sharded_estimate import ShardedEstimate, estimate_fitting

if TYPE_CHECKING:
    from stepcoder.records import Task

    Tasks = tuple[list[Task], list[Task]]
    """To train on, to evaluate on."""
T = TypeVar("T")

PROGRAMS = 100
"""Programs per task to train a toy model's tokenizer on; a run uses more, which changes one or two merges."""


@dataclass(frozen=True, slots=True)
class DataPlan:
    """The data of a run."""

    problems: int
    """Problems to train on."""
    left_out: int
    """Problems that are too long for ``data.max_prompt_tokens`` or the model's context."""
    evaluated: int
    """Problems to evaluate on."""
    stages: dict[int, int]
    """Number of problems by number of curriculum stages; 1 stage is full generation from the first step."""
    prompt_tokens: tuple[int, int]
    """Length of the median and of the longest prompt to train on."""
    longest_start: int
    """Length of the longest prompt with the prefix of its first stage, in tokens."""
    context: int | None
    """Length of the model's context in tokens; None: unlimited."""
    tokenizer_warnings: tuple[str, ...]
    """Faults of the tokenizer that show on the problems (``harness.generation.tokenizer_warnings``)."""


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """The plan of a run."""

    config: TrainConfig
    out: Path
    data: DataPlan | None
    memory: MemoryEstimate | None
    faults: tuple[str, ...]
    """Errors that would stop the run."""
    warnings: tuple[str, ...]
    """Reasons for which programs would be cut short or changed."""

    @property
    def method(self) -> Method:
        """The row of ``METHODS``."""
        return METHODS[self.config.method]

    @property
    def batches(self) -> int:
        """Batches of roll-outs until ``ppo.steps`` or ``ppo.max_rollouts`` ends the run, if no group is replaced."""
        ppo = self.config.ppo
        return min(ppo.steps, ceil(ppo.max_rollouts / self.config.rollout.per_step) if ppo.max_rollouts else ppo.steps)

    @property
    def steps(self) -> int | None:
        """Optimiser steps; None if it depends on data that cannot be read."""
        config = self.config
        if not self.method.fine_tunes:
            return self.batches * config.ppo.epochs * config.ppo.minibatches
        if self.data is None:
            return None
        from stepcoder.sft import Schedule

        return Schedule.of(config.sft, self.data.problems, config.seed).steps

    @property
    def rollouts(self) -> int:
        """Programs that would be generated and judged in training."""
        return 0 if self.method.fine_tunes else self.batches * self.config.rollout.per_step

    @property
    def sharded(self) -> ShardedEstimate | None:
        """The run on verl, on as many devices as it needs; None if it is not full reinforcement learning."""
        if self.memory is None or self.method.fine_tunes or self.config.model.lora_rank:
            return None
        return estimate_fitting(self.memory.size, critic=self.config.update.advantages == "gae")

    def to_json(self) -> dict[str, Any]:
        """Return JSON values for ``--json``."""
        data, memory, sharded = self.data, self.memory, self.sharded
        return {
            "method": self.config.method,
            "out": str(self.out),
            "steps": self.steps,
            "rollouts": self.rollouts,
            "data": data
            and {name: getattr(data, name) for name in data.__dataclass_fields__ if name != "tokenizer_warnings"},
            "parameters": memory and memory.size.parameters,
            "trained_parameters": memory and memory.size.trained,
            "memory_bytes": memory and {**dict(memory.rows()), "peak": memory.peak},
            "sharded_bytes": sharded and {"devices": sharded.devices, **dict(sharded.rows())},
            "faults": list(self.faults),
            "warnings": list(self.warnings),
        }


def make_plan(config: TrainConfig, out: Path) -> TrainingPlan:
    """Plan a run. Errors are collected in the plan, not raised."""
    faults: list[str] = []
    data = memory = None
    with tempfile.TemporaryDirectory() as scratch:
        tasks = _attempt(lambda: _load_splits(config), faults)
        model = _model_folder(config, tasks, Path(scratch))
        shape = None if model == TOY_MODEL else _attempt(lambda: model_config(config, model), faults)
        if tasks is not None:
            data = _attempt(lambda: _data_plan(config, model, shape, *tasks), faults)
        if shape is not None:
            memory = _attempt(lambda: estimate(shape, config), faults)
    warnings = () if data is None else (*_cut_short(config, data), *data.tokenizer_warnings)
    return TrainingPlan(config, out, data, memory, tuple(faults), warnings)


def _attempt(work: Callable[[], T], faults: list[str]) -> T | None:
    try:
        return work()
    except InputError as error:
        if str(error) not in faults:  # a model that is not there lacks its tokenizer, too
            faults.append(str(error))
        return None


def _load_splits(config: TrainConfig) -> tuple[list[Task], list[Task]]:
    from stepcoder.tasks import load_splits

    return load_splits(config)


def _model_folder(config: TrainConfig, tasks: Tasks | None, scratch: Path) -> str:
    """Return the folder of the model's configuration and tokenizer; make a toy model's in ``scratch``, untrained."""
    if not config.model.is_toy or tasks is None:
        return config.model.name
    from stepcoder.toys.base_model import BUILD_CONTEXT, BUILD_VOCABULARY
    from stepcoder.toys.tasks import noisy_programs
    from stepcoder.toys.tiny_model import make_toy_model

    if config.data.toy_family:
        texts = [task.prompt + text for task in tasks[0] for text in noisy_programs(task, PROGRAMS, config.seed)]
        make_toy_model(scratch, texts, seed=config.seed)
    else:
        texts = [task.prompt + task.solution for task in tasks[0]]
        make_toy_model(scratch, texts, vocab=BUILD_VOCABULARY, context=BUILD_CONTEXT, seed=config.seed)
    return str(scratch)


def model_config(config: TrainConfig, name: str) -> Any:
    """Load a model's transformers configuration; that of a bundled config's model is here. Raises InputError."""
    from transformers import AutoConfig

    from harness.generation.tokenization import check_local_folder, hub_retries_unsaid, load_error
    from stepcoder.bundled_shapes import bundled_shape

    if (shape := bundled_shape(name, config.model.revision)) is not None:
        return shape
    check_local_folder(name)
    try:
        with hub_retries_unsaid():
            return AutoConfig.from_pretrained(name, revision=config.model.revision)
    except Exception as error:  # the libraries below raise many types
        raise load_error("the configuration of ", name, error) from error


class _Prompt(NamedTuple):
    """The length of a problem's prompt in tokens."""

    alone: int
    start: int
    """With the prefix of its first stage, the longest."""
    stages: int


def _data_plan(
    config: TrainConfig, model: str, shape: Any | None, tasks: Sequence[Task], evaluated: Sequence[Task]
) -> DataPlan:
    from harness.generation.tokenization import load_tokenizer
    from harness.generation.transformers_backend import context_of
    from stepcoder.training_prompts import warnings_of_tasks

    tokenizer = load_tokenizer(model, config.model.revision, trust_remote_code=False)
    tokenizer.model_max_length = sys.maxsize  # no warnings: the plan reports what is too long
    warnings = warnings_of_tasks(tokenizer, model, config.model.revision, tasks)
    prompts = [_prompt(tokenizer, METHODS[config.method], task, config.model.chat) for task in tasks]
    context = None if shape is None else context_of(shape)
    fit = _filter_by_length(prompts, config.data.max_prompt_tokens, context)
    lengths = sorted(prompt.alone for prompt in fit)
    return DataPlan(
        problems=len(fit),
        left_out=len(tasks) - len(fit),
        evaluated=len(evaluated),
        stages=dict(sorted(Counter(prompt.stages for prompt in fit).items())),
        prompt_tokens=(lengths[len(lengths) // 2], lengths[-1]),
        longest_start=max(prompt.start for prompt in fit),
        context=context,
        tokenizer_warnings=tuple(warnings),
    )


def _prompt(tokenizer: Any, method: Method, task: Task, chat: bool) -> _Prompt:
    from stepcoder.training_prompts import prompt_lengths

    curriculum = method.curriculum([task], 0.5, 1, 0)
    alone, start = prompt_lengths(tokenizer, task, curriculum.longest_start(task.task_id), chat=chat)
    return _Prompt(alone, start, curriculum.stages(task.task_id))


def _filter_by_length(prompts: Sequence[_Prompt], longest: int, context: int | None) -> list[_Prompt]:
    """Drop the prompts that are too long, as a run does. Raises InputError if none is left."""
    short = [prompt for prompt in prompts if prompt.alone <= longest]
    if not short:
        raise InputError(
            f"no problem has a prompt of {longest} tokens or fewer (the shortest has "
            f"{min(prompt.alone for prompt in prompts)}): raise data.max_prompt_tokens"
        )
    fit = [prompt for prompt in short if context is None or prompt.start < context]
    if not fit:
        raise InputError(
            f"no problem leaves room in the model's context of {context} tokens (the shortest prompt with its "
            f"curriculum prefix has {min(prompt.start for prompt in short)}): take another model"
        )
    return fit


def _cut_short(config: TrainConfig, data: DataPlan) -> Iterator[str]:
    """Warn of roll-outs that the model's context would cut short."""
    room = config.rollout.max_tokens
    if METHODS[config.method].fine_tunes or data.context is None or data.longest_start + room <= data.context:
        return
    prefix = " with its curriculum prefix" if data.longest_start > data.prompt_tokens[1] else ""
    yield (
        f"the longest prompt{prefix} ({data.longest_start} tokens) and rollout.max_tokens ({room}) make "
        f"{data.longest_start + room} tokens, and the model's context holds {data.context}: lower rollout.max_tokens "
        f"to {data.context - data.longest_start}, or data.max_prompt_tokens"
    )


def device_memory(device: str) -> tuple[str, int]:
    """Return the name of the device to train on, and its memory in bytes."""
    import torch

    if device != "cpu" and torch.cuda.is_available():
        found = torch.cuda.get_device_properties(0)
        return f"of {found.name}", int(found.total_memory)
    return "of this machine", os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
