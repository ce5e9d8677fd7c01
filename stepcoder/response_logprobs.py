"""log pi of the response tokens: no pass over a prompt twice, no logits of prompts, never all logits at once.

1. *States.* Only the hidden states before response tokens are kept. Sequences of a batch that have the same prompt, as
   a group's have, share one pass over it: their responses attend to its keys and values, and gradients flow back
   through them. Padding is trimmed.
2. *Logits* are computed for ``CHUNK`` states at a time and computed again in the backward pass, so that the tensor of
   (tokens, vocabulary) never exists.

A model with recurrent layers, or one that checkpoints its activations (which excludes a cache), passes over whole
sequences. One whose logits are not its output layer's product with the states (scaled or capped logits) computes them
itself, for all tokens.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from harness.generation.slot_cache import rows_can_join
from stepcoder.batch import Batch

CHUNK = 256
"""States whose logits exist at once."""
ENLARGED = 1000.0
"""The factor by which logits are enlarged to find a cap on them."""


# ---- hidden states


def response_states(body: Any, batch: Batch) -> Tensor:
    """Compute the hidden states before every response token.

    Args:
        body: A transformer without its output layer.
        batch: Sequences padded on the right.

    Returns:
        (response tokens, width): the sequences' one after the other.
    """
    groups = _by_prompt(batch)
    if len(groups) == len(batch) or _checkpoints(body) or not rows_can_join(body):
        return _whole_pass(body, batch.trimmed())
    found: dict[int, Tensor] = {}
    for rows in groups:
        found |= zip(rows, _shared_pass(body, batch[torch.tensor(rows, device=batch.ids.device)]), strict=True)
    return torch.cat([found[row] for row in range(len(batch))])


def _checkpoints(body: Any) -> bool:
    """Return whether activations are checkpointed, which excludes a cache; transformers' own name for it changed."""
    return any(getattr(module, "gradient_checkpointing", False) for module in body.modules())


def _by_prompt(batch: Batch) -> list[list[int]]:
    """Return the rows that have the same prompt, for each prompt."""
    found: dict[tuple[int, ...], list[int]] = {}
    starts = batch.response_mask.argmax(-1).tolist()
    for row, (ids, start) in enumerate(zip(batch.ids.tolist(), starts, strict=True)):
        found.setdefault(tuple(ids[:start]), []).append(row)
    return list(found.values())


def _whole_pass(body: Any, batch: Batch) -> Tensor:
    hidden = body(input_ids=batch.ids, attention_mask=batch.attention_mask, use_cache=False).last_hidden_state
    states: Tensor = hidden[:, :-1][batch.response_mask[:, 1:].bool()]
    return states


def _shared_pass(body: Any, batch: Batch) -> list[Tensor]:
    """Return the states of each sequence, which all have the same prompt."""
    from transformers.cache_utils import DynamicCache

    start = int(batch.response_mask[0].argmax())
    lengths: list[int] = batch.response_mask.sum(-1).long().tolist()
    cache, longest = DynamicCache(), max(lengths)
    prompt = batch.ids[:1, :start]
    before = body(
        input_ids=prompt, attention_mask=torch.ones_like(prompt), past_key_values=cache, use_cache=True
    ).last_hidden_state[:, -1]
    if longest == 1:
        return [before] * len(batch)
    cache.batch_repeat_interleave(len(batch))
    until = start + longest - 1  # no token is drawn after the last one
    after = body(
        input_ids=batch.ids[:, start:until],
        attention_mask=batch.attention_mask[:, :until],
        position_ids=torch.arange(start, until, device=batch.ids.device)[None],
        past_key_values=cache,
        use_cache=True,
    ).last_hidden_state
    return [torch.cat([before, states[: length - 1]]) for states, length in zip(after, lengths, strict=True)]


# ---- logits


def logprobs_of_states(
    head: Any, states: Tensor, tokens: Tensor, temperature: float, *, entropy: bool, entropy_gradient: bool
) -> tuple[Tensor, Tensor]:
    """Compute log pi of the tokens that follow the states, and the entropy, in chunks.

    Args:
        head: The output layer.
        states: (tokens, width).
        tokens: (tokens,) ids.
        temperature: The logits are divided by it.
        entropy: Compute the entropy too; else it is 0.
        entropy_gradient: Give it a gradient.
    """
    parts = []
    for some, chosen in zip(states.split(CHUNK), tokens.split(CHUNK), strict=True):
        given = (head, some, chosen, temperature, entropy, entropy_gradient)
        parts.append(checkpoint(_chunk, *given, use_reentrant=False, preserve_rng_state=False))
    chosen, spread = (torch.cat(column) for column in zip(*parts, strict=True))
    return chosen, spread


def _chunk(
    head: Any, states: Tensor, tokens: Tensor, temperature: float, entropy: bool, entropy_gradient: bool
) -> tuple[Tensor, Tensor]:
    return logprobs_of_logits(head(states), tokens, temperature, entropy=entropy, entropy_gradient=entropy_gradient)


def logprobs_of_logits(
    logits: Tensor, tokens: Tensor, temperature: float, *, entropy: bool, entropy_gradient: bool
) -> tuple[Tensor, Tensor]:
    """Compute log pi of tokens (tokens,) from logits (tokens, vocabulary), and the entropy or 0."""
    logits = logits.float() / temperature
    log_z = logits.logsumexp(-1)
    chosen = logits.gather(-1, tokens[:, None])[:, 0] - log_z
    if not entropy:
        return chosen, torch.zeros_like(chosen)
    with torch.set_grad_enabled(entropy_gradient and torch.is_grad_enabled()):
        spread = log_z - (logits.softmax(-1) * logits).sum(-1)
    return chosen, spread


def output_layer(model: Any, body: Any) -> Any | None:
    """Return the output layer of a causal language model if it alone makes its logits from the states, else None.

    It is seen on a short input, once for each model.
    """
    known = getattr(model, "_apps_plus_plain_output", None)
    head = model.get_output_embeddings() if hasattr(model, "get_output_embeddings") else None
    if known is None:
        known = head is not None and _is_plain(model, body, head)
        model._apps_plus_plain_output = known
    return head if known else None


@torch.no_grad()  # type: ignore[untyped-decorator]
def _is_plain(model: Any, body: Any, head: Any) -> bool:
    """Compare the logits with the output layer's, which is made to give large ones: a cap hardly changes small ones."""
    given = torch.tensor([[0, 1]], device=model.device)
    mask = torch.ones_like(given)
    with head.register_forward_hook(lambda module, asked, made: made * ENLARGED):
        logits = model(input_ids=given, attention_mask=mask, use_cache=False).logits.float()
        ours = head(body(input_ids=given, attention_mask=mask, use_cache=False).last_hidden_state).float()
    return ours.shape == logits.shape and bool((ours - logits).abs().max() <= 1e-3 * logits.abs().max())
