"""Advantage estimators: GAE with a critic; GRPO, Dr. GRPO and RLOO within a problem's roll-outs, without one."""

from __future__ import annotations

import torch
from torch import Tensor

from stepcoder.processes import Processes

EQUAL = 1e-8
"""Returns with a smaller variance are equal but for rounding and a KL of nearly nothing."""


def gae(rewards: Tensor, values: Tensor, mask: Tensor, gamma: float, lam: float) -> tuple[Tensor, Tensor]:
    """Compute generalised advantage estimates (Schulman et al. 2016, equation 16).

    Args:
        rewards: (sequences, tokens).
        values: (sequences, tokens): V of the state before each token.
        mask: 1 at the response tokens, which are consecutive in each sequence.
        gamma: Discount.
        lam: Lambda.

    Returns:
        Advantages and returns (advantages + values), 0 outside the mask.
    """
    advantages = torch.zeros_like(rewards)
    advantage = next_value = torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        delta = rewards[:, t] + gamma * next_value - values[:, t]
        advantage = (delta + gamma * lam * advantage) * mask[:, t]
        next_value = values[:, t] * mask[:, t]
        advantages[:, t] = advantage
    return advantages, (advantages + values) * mask


def group_advantages(total: Tensor, groups: Tensor, kind: str) -> Tensor:
    """Compare each roll-out's return with those of the same problem's roll-outs.

    Args:
        total: (sequences,): the undiscounted return of each.
        groups: (sequences,): the number of its problem.
        kind: ``grpo``: (r - mean) / std (arXiv 2402.03300, section 4.1.2); ``dr_grpo``: r - mean (arXiv 2503.20783,
            section 3.2); ``rloo``: r - mean of the others (arXiv 2402.14740).
    """
    same = (groups[:, None] == groups[None, :]).float()
    size = same.sum(-1)
    mean = same @ total / size
    if kind == "rloo":
        return (total - mean) * size / (size - 1).clamp(min=1)
    if kind == "dr_grpo":
        return total - mean
    variance = (same * (total[None, :] - mean[:, None]) ** 2).sum(-1) / (size - 1).clamp(min=1)
    return (total - mean) / (variance.sqrt() + 1e-6)


def whiten(values: Tensor, mask: Tensor, processes: Processes) -> Tensor:
    """Scale to mean 0 and variance 1 over the mask, over all processes; 0 outside the mask."""
    count = processes.sum(mask.sum())
    mean = processes.sum((values * mask).sum()) / count
    variance = processes.sum(((values - mean) ** 2 * mask).sum()) / (count - 1).clamp(min=1)
    return (values - mean) * torch.rsqrt(variance + 1e-8) * mask


def explained_variance(values: Tensor, returns: Tensor, mask: Tensor, processes: Processes) -> float:
    """Compute 1 - Var(returns - values) / Var(returns) over the mask; NaN if the returns are equal.

    Where every program passes they differ by rounding, and dividing by that variance gives numbers without a meaning.
    """
    count = processes.sum(mask.sum())
    total = _variance(returns, mask, count, processes)
    residual = _variance((returns - values) * mask, mask, count, processes)
    return float(1 - residual / total) if total > EQUAL else float("nan")


def _variance(values: Tensor, mask: Tensor, count: Tensor, processes: Processes) -> Tensor:
    mean = processes.sum((values * mask).sum()) / count
    return processes.sum(((values - mean) ** 2 * mask).sum()) / count
