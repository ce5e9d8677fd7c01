"""Measure the signal-to-noise ratio of the policy gradient with all tokens, with FGO's, and with random ones.

At fixed prompts the gradient of one roll-out is a random vector. PPO's first step estimates its mean; its variance is
the noise of that step. If tokens that no test executes do not affect the reward, masking them keeps the mean and lowers
the variance (StepCoder, section 3.2); masking as many tokens at random loses signal, too.

    signal-to-noise ratio = |E g|^2 / tr Cov(mean of the roll-outs' g)

|mean of g|^2 overestimates |E g|^2 by exactly the noise. So the products of *different* roll-outs are used: they are
unbiased, and may be negative if there is little signal. A constant factor (how the loss is normalised) does not change
the ratio.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from stepcoder.loss_mask import all_tokens, random_tokens
from stepcoder.records import Rollout

SKETCH = 1 << 16
"""Longer gradients are hashed to this many numbers: inner products are unbiased, to about 0.6%."""

RESAMPLES = 1000
_TAIL = 0.025  # on either side of a 95% interval


@dataclass(frozen=True, slots=True)
class SNR:
    """A signal-to-noise ratio with its interval and its terms."""

    ratio: float
    """Signal over noise of the mean over all roll-outs. It is proportional to their number."""
    low: float
    """Lower end of the 95% interval of ``ratio``, by bootstrap over the roll-outs of each prompt."""
    high: float
    """Upper end of the interval."""
    signal: float
    """|E g|^2: an unbiased estimate, which may be negative."""
    noise: float
    """Trace of the covariance of the mean."""
    rollouts: int
    """Number of roll-outs."""


def signal_to_noise(
    gradients: Tensor, prompts: Sequence[int] | None = None, *, resamples: int = RESAMPLES, seed: int = 0
) -> SNR:
    """Compute the signal-to-noise ratio of the mean of roll-outs' gradients.

    The prompts are fixed: a difference between two prompts' mean gradients is not noise. Each prompt weighs the same.

    Args:
        gradients: (roll-outs, parameters).
        prompts: The prompt of each roll-out, by number; by default all have the same.
        resamples: Number of bootstrap samples.
        seed: Seed of the bootstrap.

    Raises:
        ValueError: A prompt has a single roll-out, from which no variance can be estimated.
    """
    numbers = torch.tensor(list(prompts) if prompts is not None else [0] * len(gradients))
    if len(numbers) != len(gradients):
        raise ValueError(f"{len(numbers)} prompts for {len(gradients)} gradients")
    groups = [torch.nonzero(numbers == number)[:, 0] for number in numbers.unique().tolist()]
    if any(len(group) < 2 for group in groups):
        raise ValueError("a prompt with one roll-out: the scatter of its gradients cannot be known")
    wide = gradients.detach().double().cpu()
    gram = wide @ wide.T
    signal, noise = _estimate(gram, groups, torch.ones(1, len(gradients), dtype=gram.dtype))
    drawn = _estimate(gram, groups, _resampled(groups, len(gradients), resamples, seed))
    ratios = (drawn[0] / drawn[1]).nan_to_num(nan=float(signal / noise))
    low, high = ratios.quantile(_TAIL).item(), ratios.quantile(1 - _TAIL).item()
    return SNR((signal / noise).item(), low, high, signal.item(), noise.item(), len(gradients))


def _estimate(gram: Tensor, groups: Sequence[Tensor], counts: Tensor) -> tuple[Tensor, Tensor]:
    """Compute signal and noise from the inner products of all pairs of gradients.

    Args:
        gram: (roll-outs, roll-outs).
        groups: For each prompt the indices of its roll-outs.
        counts: (resamples, roll-outs): how often each roll-out was drawn. A roll-out drawn twice is not paired with
            itself: such a pair would count noise as signal.
    """
    weights = torch.zeros_like(counts)
    for group in groups:
        weights[:, group] = counts[:, group] / len(group)
    signal = _products(gram, weights)  # of the whole mean; the pairs within a prompt are corrected below
    noise = torch.zeros_like(signal)
    for group in groups:
        block, weight = gram[group][:, group], weights[:, group]
        together = _products(block, weight)
        alone = (weight**2) @ block.diagonal()
        mean_squared = (together - alone) / (1 - (weight**2).sum(-1))
        signal = signal - together + mean_squared
        noise = noise + (weight @ block.diagonal() - mean_squared) / len(group)
    return signal / len(groups) ** 2, noise / len(groups) ** 2


def _products(gram: Tensor, weights: Tensor) -> Tensor:
    """Compute |sum of w g|^2 for each row of weights."""
    return ((weights @ gram) * weights).sum(-1)


def _resampled(groups: Sequence[Tensor], count: int, resamples: int, seed: int) -> Tensor:
    """Draw each prompt's roll-outs with replacement; return counts (resamples, roll-outs)."""
    generator = torch.Generator().manual_seed(seed)
    counts = torch.zeros(resamples, count, dtype=torch.double)
    for group in groups:
        drawn = torch.randint(len(group), (resamples, len(group)), generator=generator)
        counts.scatter_add_(1, group[drawn], torch.ones_like(drawn, dtype=counts.dtype))
    return counts


# ---- the gradients


def three_masks(executed: Sequence[Sequence[bool]], seed: int = 0) -> dict[str, list[tuple[bool, ...]]]:
    """Return three masks per roll-out: all tokens; FGO's, as given; as many tokens at random."""
    return {
        "all": [all_tokens(len(mask)) for mask in executed],
        "executed": [tuple(mask) for mask in executed],
        "random": [random_tokens(mask, seed + number) for number, mask in enumerate(executed)],
    }


def policy_gradients(
    model: Any,
    rollouts: Sequence[Rollout],
    advantages: Sequence[Sequence[float]],
    masks: Mapping[str, Sequence[Sequence[bool]]],
    *,
    sketch: int = SKETCH,
) -> dict[str, Tensor]:
    """Compute each roll-out's gradient of the sum over its tokens of mask * advantage * log pi, for every mask.

    One roll-out at a time: one forward pass, and one backward pass per mask, without dropout. The model's mode and
    gradients are not changed.

    Args:
        model: A causal language model of ``transformers``; frozen parameters are ignored.
        rollouts: The roll-outs.
        advantages: For each, one number per response token.
        masks: By name; for each roll-out, whether a response token counts.
        sketch: Longer gradients are hashed to this many numbers.

    Returns:
        By the mask's name: (roll-outs, parameters or ``sketch``), on the CPU.
    """
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    shorten = _Sketch(sum(parameter.numel() for parameter in parameters), sketch)
    rows: dict[str, list[Tensor]] = {name: [] for name in masks}
    was_training = model.training
    model.eval()
    try:
        for number, rollout in enumerate(rollouts):
            terms = _response_logprobs(model, rollout)
            terms = terms * torch.tensor(advantages[number], dtype=terms.dtype, device=terms.device)
            for name, mask in masks.items():
                counted = torch.tensor(mask[number], dtype=terms.dtype, device=terms.device)
                parts = torch.autograd.grad(
                    (terms * counted).sum(), parameters, retain_graph=True, materialize_grads=True
                )
                rows[name].append(shorten(torch.cat([part.flatten() for part in parts])).cpu())
    finally:
        model.train(was_training)
    return {name: torch.stack(found) for name, found in rows.items()}


def _response_logprobs(model: Any, rollout: Rollout) -> Tensor:
    """Compute log pi of each response token, with its autograd graph."""
    device = next(model.parameters()).device
    ids = torch.tensor([rollout.prompt_ids + rollout.response_ids], device=device)
    logits = model(input_ids=ids, use_cache=False).logits[0, len(rollout.prompt_ids) - 1 : -1].float()
    return logits.log_softmax(-1).gather(-1, ids[0, len(rollout.prompt_ids) :, None])[:, 0]


class _Sketch:
    """A count sketch (Charikar et al. 2002): each coordinate is added, with a random sign, to one of ``size`` cells.

    Averaged over the signs, inner products of sketches are those of the vectors; here the signs are the same for all
    vectors. Vectors of at most ``size`` numbers are not changed.
    """

    def __init__(self, length: int, size: int) -> None:
        self._size = size
        self._short = length <= size
        if not self._short:
            generator = torch.Generator().manual_seed(0)
            self._cells = torch.randint(size, (length,), generator=generator)
            self._signs = torch.randint(2, (length,), generator=generator).float() * 2 - 1

    def __call__(self, vector: Tensor) -> Tensor:
        if self._short:
            return vector.float()
        self._cells, self._signs = self._cells.to(vector.device), self._signs.to(vector.device)
        return torch.zeros(self._size, device=vector.device).index_add_(0, self._cells, vector.float() * self._signs)
