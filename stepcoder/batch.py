"""Roll-outs as tensors, for the update in ``stepcoder.ppo``.

All tensors are (sequences, tokens). A sequence is prompt, curriculum prefix and response, padded on the right. What
belongs to a token (``logprobs``, ``values``, ``scores``) is at that token's index: ``values[:, t]`` is V of the state
*before* token t.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

from stepcoder.records import RewardedRollout, Rollout


@dataclass
class Batch:
    """Roll-outs, their rewards, and what the models compute of them."""

    ids: Tensor
    attention_mask: Tensor
    response_mask: Tensor
    """1 at the tokens that the policy wrote."""
    loss_mask: Tensor
    """1 at the response tokens that count in the policy loss (FGO's m)."""
    scores: Tensor
    """The program's reward at its tokens, mostly the last; 0 elsewhere."""
    groups: Tensor
    """(sequences,): the number of the sequence's problem within the step."""
    logprobs: Tensor
    """log pi of the policy that wrote the token."""
    temperature: float = 1.0
    """Sampling temperature. pi is the distribution that is sampled from: all logits are divided by it."""
    max_tokens: int = 1
    """The limit of a response's tokens, ``rollout.max_tokens``."""
    ref_logprobs: Tensor | None = None
    values: Tensor | None = None
    advantages: Tensor | None = None
    returns: Tensor | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, rows: Tensor | slice) -> Batch:
        return replace(self, **{name: tensor[rows] for name, tensor in self._tensors()})

    def with_rewards(self, rollouts: Sequence[RewardedRollout]) -> Batch:
        """Fill in ``scores`` and ``loss_mask`` from the same roll-outs, rewarded; drop those that are not usable."""
        scores, counts = torch.zeros(self.ids.shape), torch.zeros(self.ids.shape)
        starts = self.response_mask.argmax(-1).tolist()
        for row, (start, rollout) in enumerate(zip(starts, rollouts, strict=True)):
            mask = torch.tensor(rollout.loss_mask, dtype=torch.float)
            counts[row, start : start + len(mask)] = mask
            for token, score in rollout.token_scores.items():
                scores[row, start + token] += score
        device = self.ids.device
        whole = replace(self, scores=scores.to(device), loss_mask=counts.to(device))
        return whole[torch.tensor([rollout.usable for rollout in rollouts], device=device)]

    def without(self, groups: Collection[int]) -> Batch:
        """Drop the sequences of some groups."""
        return self[
            torch.tensor([group not in groups for group in self.groups.tolist()], device=self.groups.device).bool()
        ]

    def micro_batches(self, size: int) -> Iterator[Batch]:
        """Split into parts of at most ``size`` sequences."""
        return (self[at : at + size] for at in range(0, len(self), size))

    def trimmed(self) -> Batch:
        """Remove the columns that are padding in every sequence."""
        width = int(self.attention_mask.sum(-1).max())
        return replace(self, **{name: tensor[:, :width] for name, tensor in self._tensors() if tensor.dim() == 2})

    def _tensors(self) -> Iterator[tuple[str, Tensor]]:
        parts = ((f.name, getattr(self, f.name)) for f in fields(self))
        return ((name, part) for name, part in parts if isinstance(part, Tensor))


def make_batch(
    rollouts: Sequence[Rollout], device: torch.device, temperature: float = 1.0, max_tokens: int = 1
) -> Batch:
    """Pad roll-outs into a batch without rewards, in which every response token counts.

    Args:
        rollouts: The sampled completions.
        device: Device of the tensors.
        temperature: Sampling temperature.
        max_tokens: The limit of a response's tokens.
    """
    width = max(len(r.prompt_ids) + len(r.response_ids) for r in rollouts)
    ids = torch.zeros((len(rollouts), width), dtype=torch.long)
    attention, response = torch.zeros_like(ids), torch.zeros((len(rollouts), width))
    for row, rollout in enumerate(rollouts):
        start, end = len(rollout.prompt_ids), len(rollout.prompt_ids) + len(rollout.response_ids)
        ids[row, :end] = torch.tensor(rollout.prompt_ids + rollout.response_ids)
        attention[row, :end] = 1
        response[row, start:end] = 1
    logprobs = torch.zeros_like(response)
    logprobs[response.bool()] = torch.tensor([logprob for rollout in rollouts for logprob in rollout.logprobs])
    return Batch(
        ids.to(device),
        attention.to(device),
        response.to(device),
        loss_mask=response.to(device),
        scores=torch.zeros_like(response, device=device),
        groups=torch.tensor([rollout.group for rollout in rollouts], device=device),
        logprobs=logprobs.to(device),
        temperature=temperature,
        max_tokens=max_tokens,
    )
