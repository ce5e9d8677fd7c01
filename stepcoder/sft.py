"""Supervised fine-tuning: cross-entropy of the program's tokens given the prompt (the paper's first stage)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from apps_plus.errors import InputError, WorkError
from harness.generation.transformers_backend import context_length
from stepcoder.checkpoint import checkpoints, load_checkpoint, resumed_from, save_checkpoint
from stepcoder.config import SFTConfig, TrainConfig
from stepcoder.environment import seed_of
from stepcoder.interrupt import Interrupt
from stepcoder.models import Models, trainable
from stepcoder.optimizers import adamw, set_lr, warm_up_and_cosine
from stepcoder.processes import Processes
from stepcoder.records import Task
from stepcoder.run_log import Log
from stepcoder.training_prompts import build_example

Example = tuple[tuple[int, ...], int]
"""Token ids of prompt, program and end of text; and the number of the prompt's tokens."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The number of steps, and the examples of each."""

    examples: int
    steps: int
    warmup_steps: int
    batch_size: int
    seed: int

    @classmethod
    def of(cls, config: SFTConfig, examples: int, seed: int) -> Schedule:
        """Make the schedule for a number of examples; ``epochs`` may have a fraction."""
        per_epoch = math.ceil(examples / config.batch_size)
        steps = max(1, round(config.epochs * per_epoch))
        return cls(examples, steps, round(config.warmup_epochs * per_epoch), config.batch_size, seed)

    def batch(self, step: int) -> list[int]:
        """Return the indices of a step's examples: each epoch shuffled anew, its last batch may be smaller."""
        epoch, at = divmod(step, math.ceil(self.examples / self.batch_size))
        order = torch.randperm(self.examples, generator=torch.Generator().manual_seed(seed_of(self.seed, "sft", epoch)))
        numbers: list[int] = order[at * self.batch_size : (at + 1) * self.batch_size].tolist()
        return numbers


def train_sft(
    config: TrainConfig,
    models: Models,
    tasks: Sequence[Task],
    processes: Processes,
    out: Path,
    resume: bool,
    log: Log,
    stop: Interrupt,
    say: Callable[[str], None],
) -> int:
    """Fine-tune on the canonical solutions. Return the number of steps.

    Raises:
        InputError: No example is short enough.
        WorkError: A gradient is not finite, or the disk is full.
        KeyboardInterrupt: Ctrl-C; the finished steps are in a checkpoint.
    """
    log.doing("encoding the solutions")
    examples = [build_example(models.tokenizer, task, chat=config.model.chat) for task in tasks]
    return fit(config, models, examples, processes, out / "checkpoints", resume, log, stop, say)


def fit(
    config: TrainConfig,
    models: Models,
    examples: Sequence[Example],
    processes: Processes,
    folder: Path,
    resume: bool,
    log: Log,
    stop: Interrupt,
    say: Callable[[str], None],
) -> int:
    """Fine-tune on encoded examples; otherwise as ``train_sft``."""
    settings = config.sft
    count, longest = len(examples), min(settings.max_tokens, context_length(models.policy) or settings.max_tokens)
    examples = [example for example in examples if len(example[0]) <= longest]
    if len(examples) < count:
        say(f"left out {count - len(examples)} examples of over {longest} tokens (sft.max_tokens, or the context)")
    if not examples:
        raise InputError(f"no example has {longest} tokens or fewer: raise sft.max_tokens, or take another model")
    schedule = Schedule.of(settings, len(examples), config.seed)
    optimizer = adamw(trainable(models.policy), settings.lr, settings.weight_decay)
    modules, optimizers = {"policy": models.policy}, {"policy": optimizer}
    step = 0
    if resume and (saved := checkpoints(folder)):
        step = int(load_checkpoint(saved[-1], modules, optimizers)["step"])
        say(resumed_from(step, schedule.steps, "sft.epochs"))
    log.rewind(step)
    log.expect(schedule.steps)
    while step < schedule.steps:
        set_lr(optimizer, settings.lr * warm_up_and_cosine(step, schedule.warmup_steps, schedule.steps))
        log.doing("updating")
        with models.learning():
            row = _step(models, optimizer, [examples[n] for n in schedule.batch(step)], settings, processes)
        step += 1
        log.write(step, row)
        if step == schedule.steps or step % config.save_every == 0 or stop.requested:
            if processes.main:
                log.doing("writing a checkpoint")
                save_checkpoint(folder, step, modules, optimizers, {}, config.keep_checkpoints)
            processes.wait()
        stop.check(processes)
    return step


def _step(
    models: Models, optimizer: torch.optim.Optimizer, batch: Sequence[Example], config: SFTConfig, processes: Processes
) -> dict[str, float]:
    tokens = sum(len(ids) - prompt for ids, prompt in batch)  # of all processes: each has the whole batch's list
    total = torch.zeros((), device=models.device)
    mine = sorted(processes.share(batch), key=lambda example: len(example[0]))
    for at in range(0, len(mine), config.micro_batch):
        with models.forward_dtype():
            loss = summed_loss(models, mine[at : at + config.micro_batch]) / tokens
        loss.backward()
        total += loss.detach()
    processes.sum_gradients(trainable(models.policy))
    norm = float(torch.nn.utils.clip_grad_norm_(trainable(models.policy), config.max_grad_norm))
    if norm < float("inf"):
        optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    if not norm < float("inf"):
        raise WorkError(f"the gradient is not finite ({norm}): lower sft.lr, or use float32; no step was taken with it")
    return {"loss": float(processes.sum(total)), "grad_norm": norm, "tokens": tokens}


def summed_loss(models: Models, examples: Sequence[Example]) -> Tensor:
    """Compute the sum of -log pi over every token after the prompt, over the examples."""
    width = max(len(ids) for ids, _ in examples)
    ids = torch.zeros((len(examples), width), dtype=torch.long)
    attention, labels = torch.zeros_like(ids), torch.full_like(ids, -100)
    for row, (tokens, prompt) in enumerate(examples):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        attention[row, : len(tokens)] = 1
        labels[row, prompt : len(tokens)] = torch.tensor(tokens[prompt:])
    device = models.device
    logits = models.policy(input_ids=ids.to(device), attention_mask=attention.to(device), use_cache=False).logits
    flat = logits[:, :-1].float().flatten(0, 1)
    return torch.nn.functional.cross_entropy(flat, labels[:, 1:].flatten().to(device), reduction="sum")
