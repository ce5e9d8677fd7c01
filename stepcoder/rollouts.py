"""Sample programs from the policy, each from its own random stream.

``harness.generation.continuous_batching`` decodes, as for ``generate``: a sample depends on its own prompt and seed
alone, not on the batch, the number of processes or the device's generator, so a resumed run draws the same samples as
an uninterrupted one; each row has its own limit of new tokens, which the model's context may lower; the
log-probabilities of the drawn tokens are returned too.

The tokens are drawn at ``temperature`` from the ``top_p`` nucleus. Their ``logprobs`` are at that temperature too, over
the whole vocabulary, as PPO's ratio and the KL to the reference need them: at temperature 1 they would belong to a
policy that was not sampled, and tokens without an alternative in the nucleus would be slowly unlearned.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from harness.generation.continuous_batching import decode
from harness.generation.nucleus import NucleusSampler, torch_stream
from harness.generation.transformers_backend import context_length, end_tokens
from stepcoder.config import RolloutConfig
from stepcoder.environment import complete
from stepcoder.records import Rollout, RolloutRequest


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
    count: Callable[[int], None] = lambda tokens: None,
) -> list[Rollout]:
    """Draw every sample.

    Args:
        policy: A causal language model, in evaluation mode.
        tokenizer: Its tokenizer.
        requests: One for each sample. Their prompts are shorter than the model's context; responses end where it does.
        sampling: Temperature, top-p and the limit of new tokens.
        batch_size: The most sequences at once.
        deliver: Called with each roll-out and its number as soon as it ends, so that judging can begin.
        count: Called after each pass with the number of tokens drawn.

    Returns:
        The roll-outs, in the order of the requests.
    """
    rollouts: dict[int, Rollout] = {}
    order = by_length(requests)
    ends, context = end_tokens(policy, tokenizer), context_length(policy)
    chosen = [requests[number] for number in order]
    # Positions past the context raise an error with some models, and are wrong with others.
    limits = [min(sampling.max_tokens, (context or sys.maxsize) - len(request.prompt_ids)) for request in chosen]
    streams = [torch_stream(request.seed, sampling.max_tokens) for request in chosen]

    def finish(place: int, ids: list[int], logprobs: list[float]) -> None:
        rollouts[order[place]] = rollout = complete(tokenizer, chosen[place], ids, ends, logprobs)
        if deliver is not None:
            deliver(order[place], rollout)

    decode(
        policy,
        [request.prompt_ids for request in chosen],
        NucleusSampler(streams, limits, sampling.temperature, sampling.top_p),
        ends,
        batch_size,
        finish,
        logprobs=True,
        count=count,
    )
    return [rollouts[number] for number in range(len(requests))]


def by_length(requests: Sequence[RolloutRequest]) -> list[int]:
    """Return the numbers of the requests, longest prompts first: so memory runs out early, if at all.

    Those of one group follow each other: their prompt is computed once.
    """
    return sorted(range(len(requests)), key=lambda i: (-len(requests[i].prompt_ids), requests[i].group, i))
