"""Sample programs from the policy: in batches, with the KV cache, each sample from its own random stream.

How it differs from transformers' ``generate``: a sample depends on its own prompt and seed alone, not on the batch, the
number of processes or the device's generator, so a resumed run draws the same samples as an uninterrupted one; each row
has its own limit of new tokens, which the model's context may lower; finished rows leave the batch; the
log-probabilities of the drawn tokens are returned too.

The tokens are drawn at ``temperature`` from the ``top_p`` nucleus. Their ``logprobs`` are at that temperature too, over
the whole vocabulary, as PPO's ratio and the KL to the reference need them: at temperature 1 they would belong to a
policy that was not sampled, and tokens without an alternative in the nucleus would be slowly unlearned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from apps_plus.errors import WorkError
from harness.generation.decoding import left_pad
from harness.generation.nucleus import NucleusSampler, torch_stream
from harness.generation.tokenization import continuation
from harness.generation.transformers_backend import context_length, end_tokens
from stepcoder.config import RolloutConfig
from stepcoder.records import Rollout, RolloutRequest

COMPACT_BELOW = 0.75
"""Remove finished rows from the batch and its KV cache when fewer than this share of the rows are unfinished."""


@dataclass(frozen=True, slots=True)
class RolloutSampling:
    """Settings of nucleus sampling."""

    temperature: float
    """0 is greedy decoding."""
    top_p: float
    max_tokens: int
    """The most new tokens of a response."""

    @classmethod
    def of(cls, config: RolloutConfig) -> RolloutSampling:
        """Return the sampling settings of training."""
        return cls(config.temperature, config.top_p, config.max_tokens)


def sample(
    policy: Any,
    tokenizer: Any,
    requests: Sequence[RolloutRequest],
    sampling: RolloutSampling,
    batch_size: int,
    deliver: Callable[[int, Rollout], None] | None = None,
) -> list[Rollout]:
    """Draw every sample, in batches of prompts of similar length.

    Args:
        policy: A causal language model, in evaluation mode.
        tokenizer: Its tokenizer.
        requests: One for each sample. Their prompts are shorter than the model's context; responses end where it does.
        sampling: Temperature, top-p and the limit of new tokens.
        batch_size: Sequences in one batch.
        deliver: Called with each roll-out and its number as soon as its batch is done, so that judging can begin.

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


def by_length(requests: Sequence[RolloutRequest], size: int) -> Iterator[list[int]]:
    """Yield the numbers of the requests in batches, longest prompts first: so memory runs out early, if at all."""
    order = sorted(range(len(requests)), key=lambda i: -len(requests[i].prompt_ids))
    return (order[at : at + size] for at in range(0, len(order), size))


def _sample_batch(
    policy: Any, tokenizer: Any, requests: Sequence[RolloutRequest], sampling: RolloutSampling
) -> list[Rollout]:
    ends = end_tokens(policy, tokenizer)
    context = context_length(policy)  # positions past it raise an error with some models, and are wrong with others
    limits = [
        sampling.max_tokens if context is None else min(sampling.max_tokens, context - len(request.prompt_ids))
        for request in requests
    ]
    streams = [torch_stream(request.seed, sampling.max_tokens) for request in requests]
    sampler = NucleusSampler(streams, limits, sampling.temperature, sampling.top_p)
    ids, logprobs = generate(policy, [request.prompt_ids for request in requests], sampler, ends)
    return [_rollout(tokenizer, r, i, p, ends) for r, i, p in zip(requests, ids, logprobs, strict=True)]


def _rollout(tokenizer: Any, request: RolloutRequest, ids: list[int], logprobs: list[float], ends: set[int]) -> Rollout:
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
        group=request.group,
    )


@torch.no_grad()  # type: ignore[untyped-decorator]
def generate(
    policy: Any, prompts: Sequence[Sequence[int]], sampler: NucleusSampler, ends: set[int]
) -> tuple[list[list[int]], list[list[float]]]:
    """Continue each prompt until an end token or its limit.

    Args:
        policy: A causal language model, in evaluation mode.
        prompts: Token ids.
        sampler: Draws the tokens; its limits are at least 1.
        ends: The tokens that end a response.

    Returns:
        For each prompt the tokens drawn, at least one, the end token included; and log pi of each.

    Raises:
        WorkError: The model computes NaN.
    """
    device = policy.device
    tokens: list[list[int]] = [[] for _ in prompts]
    logprobs: list[list[float]] = [[] for _ in prompts]
    end = torch.tensor(sorted(ends), device=device)
    ids, mask = left_pad(prompts, 0, device)
    rows = list(range(len(prompts)))  # the prompt of each row of the batch
    alive = torch.ones(len(prompts), dtype=torch.bool, device=device)
    cache = None
    for length in range(1, max(sampler.limits) + 1):
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
        drawn = sampler.draw(logits, rows)
        drawn_logprobs = (logits / (sampler.temperature or 1.0)).log_softmax(-1).gather(-1, drawn[:, None])[:, 0]
        for row, token, logprob, on in zip(rows, drawn.tolist(), drawn_logprobs.tolist(), alive.tolist(), strict=True):
            if on:
                tokens[row].append(token)
                logprobs[row].append(logprob)
        alive &= ~(torch.isin(drawn, end) | torch.tensor(sampler.at_limit(length, rows), device=device))
        writing = int(alive.sum())
        if not writing:
            break
        if writing < COMPACT_BELOW * len(alive):
            cache.batch_select_indices(alive)
            rows = [row for row, on in zip(rows, alive.tolist(), strict=True) if on]
            mask, drawn, alive = mask[alive], drawn[alive], alive[alive]
        ids = drawn[:, None]
        # Finished rows that are still in the batch hide their next token, so that their positions stay in the context.
        mask = torch.cat([mask, alive[:, None].to(mask.dtype)], dim=-1)
    return tokens, logprobs
