"""Samples programs from the policy: batched, with the KV cache, each sample from a random stream of its own.

How it differs from transformers' ``generate``: a sample depends on its own seed alone, not on the batch, the number of
processes or the device's generator, so that a resumed run draws what the unbroken one would have; sequences that have
ended leave the batch; and the log-probabilities of what was drawn come with it.

The tokens are drawn at ``temperature`` from the ``top_p`` nucleus. Their ``logprobs`` are at that temperature too, over
the whole vocabulary, as PPO's ratio and the KL to the reference take them: at temperature 1 they would be those of a
policy that nobody sampled, and tokens without an alternative in the nucleus would be unlearnt bit by bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from apps_plus.errors import WorkError
from harness.generation.tokenization import continuation
from harness.generation.transformers_backend import context_length, end_tokens
from stepcoder.config import RolloutConfig
from stepcoder.records import Request, Rollout

COMPACT_BELOW = 0.75
"""When fewer than this share of a batch's rows are still writing, the others are taken out of the KV cache."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn."""

    temperature: float
    """0 takes the likeliest token."""
    top_p: float
    max_tokens: int

    @classmethod
    def of(cls, config: RolloutConfig) -> Sampling:
        """The sampling of training."""
        return cls(config.temperature, config.top_p, config.max_tokens)


def sample(
    policy: Any,
    tokenizer: Any,
    requests: Sequence[Request],
    sampling: Sampling,
    batch_size: int,
    deliver: Callable[[int, Rollout], None] | None = None,
) -> list[Rollout]:
    """Draw every sample, in batches of prompts of similar length.

    Args:
        policy: A causal language model, in evaluation mode.
        tokenizer: Its tokenizer.
        requests: What to draw. Their prompts are shorter than the model's context; responses end where it does.
        sampling: How.
        batch_size: Sequences at once.
        deliver: Told of each roll-out, with its number, as soon as its batch is done: judging can begin.

    Returns:
        The roll-outs, in the order of the requests.
    """
    rollouts: dict[int, Rollout] = {}
    for batch in by_length(requests, batch_size):
        for number, rollout in zip(
            batch, _sample_batch(policy, tokenizer, [requests[i] for i in batch], sampling), strict=True
        ):
            rollouts[number] = rollout
            if deliver is not None:
                deliver(number, rollout)
    return [rollouts[number] for number in range(len(requests))]


def by_length(requests: Sequence[Request], size: int) -> Iterator[list[int]]:
    """The numbers of the requests in batches, longest prompts first: little padding, and memory fails early."""
    order = sorted(range(len(requests)), key=lambda i: -len(requests[i].prompt_ids))
    return (order[at : at + size] for at in range(0, len(order), size))


def _sample_batch(policy: Any, tokenizer: Any, requests: Sequence[Request], sampling: Sampling) -> list[Rollout]:
    ends = end_tokens(policy, tokenizer)
    context = context_length(policy)
    if context is not None:  # positions that the model does not have are an error, or worse, are none
        room = context - max(len(request.prompt_ids) for request in requests)
        sampling = replace(sampling, max_tokens=min(sampling.max_tokens, room))
    ids, logprobs = generate(policy, [r.prompt_ids for r in requests], [r.seed for r in requests], sampling, ends)
    return [_rollout(tokenizer, r, i, p, ends) for r, i, p in zip(requests, ids, logprobs, strict=True)]


def _rollout(tokenizer: Any, request: Request, ids: list[int], logprobs: list[float], ends: set[int]) -> Rollout:
    finished = ids[-1] in ends
    return Rollout(
        task=request.task,
        stage=request.stage,
        prefix=request.prefix,
        prompt_ids=request.prompt_ids,
        response_ids=tuple(ids),
        logprobs=tuple(logprobs),
        completion=continuation(tokenizer, request.prompt_ids, ids[:-1] if finished else ids),
        finished=finished,
    )


@torch.no_grad()  # type: ignore[untyped-decorator]
def generate(
    policy: Any, prompts: Sequence[Sequence[int]], seeds: Sequence[int], sampling: Sampling, ends: set[int]
) -> tuple[list[list[int]], list[list[float]]]:
    """Continue each prompt until an end token or ``max_tokens``.

    Returns:
        For each prompt the tokens drawn, at least one, the end token included; and log pi of each.

    Raises:
        WorkError: The model computes NaN.
    """
    device = policy.device
    tokens: list[list[int]] = [[] for _ in prompts]
    logprobs: list[list[float]] = [[] for _ in prompts]
    draws = torch.stack([_uniforms(seed, sampling.max_tokens) for seed in seeds]).to(device)
    end = torch.tensor(sorted(ends), device=device)
    ids, mask = left_pad(prompts, device)
    rows = torch.arange(len(prompts), device=device)  # which prompt each row of the batch is
    alive = torch.ones(len(prompts), dtype=torch.bool, device=device)
    cache = None
    for step in range(sampling.max_tokens):
        positions = (mask.cumsum(-1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        answer = policy(
            input_ids=ids,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        cache, logits = answer.past_key_values, answer.logits[:, -1].float()
        if logits.isnan().any():
            raise WorkError("the model's logits are not numbers: its weights are damaged, or have diverged")
        drawn = draw(logits, draws[rows, step], sampling)
        drawn_logprobs = (logits / (sampling.temperature or 1.0)).log_softmax(-1).gather(-1, drawn[:, None])[:, 0]
        for row, token, logprob, on in zip(
            rows.tolist(), drawn.tolist(), drawn_logprobs.tolist(), alive.tolist(), strict=True
        ):
            if on:
                tokens[row].append(token)
                logprobs[row].append(logprob)
        alive = alive & ~torch.isin(drawn, end)
        writing = int(alive.sum())
        if not writing:
            break
        if writing < COMPACT_BELOW * len(alive):
            cache.batch_select_indices(alive)
            rows, mask, drawn, alive = rows[alive], mask[alive], drawn[alive], alive[alive]
        ids = drawn[:, None]
        mask = torch.cat([mask, mask.new_ones(len(mask), 1)], dim=-1)
    return tokens, logprobs


def draw(logits: Tensor, uniforms: Tensor, sampling: Sampling) -> Tensor:
    """One token a row, by inverse-transform sampling in the nucleus.

    Args:
        logits: (rows, vocabulary).
        uniforms: (rows,), in [0, 1): each row's own random number.
        sampling: Temperature and nucleus.

    Returns:
        (rows,) token ids.
    """
    if sampling.temperature == 0:
        return logits.argmax(-1)
    probabilities, order = (logits / sampling.temperature).softmax(-1).sort(dim=-1, descending=True, stable=True)
    cumulative = probabilities.cumsum(-1)
    size = (cumulative - probabilities < sampling.top_p).sum(-1, keepdim=True)  # the nucleus: 1 token at least
    mass = cumulative.gather(-1, size - 1)
    choice = (cumulative <= uniforms[:, None] * mass).sum(-1, keepdim=True).minimum(size - 1)
    return order.gather(-1, choice)[:, 0]


def left_pad(prompts: Sequence[Sequence[int]], device: Any) -> tuple[Tensor, Tensor]:
    """Token ids and attention mask, both (prompts, longest), padded on the left."""
    width = max(map(len, prompts))
    ids = torch.tensor([[0] * (width - len(prompt)) + list(prompt) for prompt in prompts], device=device)
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=device)
    return ids, mask


def _uniforms(seed: int, count: int) -> Tensor:
    return torch.rand(count, generator=torch.Generator().manual_seed(seed))
