"""Optimisers and learning-rate schedules."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import nn


def adamw(parameters: Iterable[nn.Parameter], lr: float, weight_decay: float, beta2: float = 0.95) -> torch.optim.AdamW:
    """Make an AdamW optimiser."""
    return torch.optim.AdamW(list(parameters), lr=lr, betas=(0.9, beta2), weight_decay=weight_decay)


def set_lr(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """Set the learning rate of the next step."""
    for group in optimizer.param_groups:
        group["lr"] = lr


def warm_up(step: int, warmup_steps: int) -> float:
    """Return the share of the full learning rate in step 0, 1, ...: linear up to 1 at the end of the warm-up."""
    return min(1.0, (step + 1) / warmup_steps) if warmup_steps else 1.0


def warm_up_and_cosine(step: int, warmup_steps: int, steps: int) -> float:
    """Return the share of the full learning rate: ``warm_up``, then a half cosine to 0 at the last step."""
    if step < warmup_steps:
        return warm_up(step, warmup_steps)
    return 0.5 * (1 + math.cos(math.pi * (step - warmup_steps) / max(1, steps - warmup_steps)))
