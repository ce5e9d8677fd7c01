"""PPO as StepCoder trains with it, top to bottom: score the batch, compute advantages, the losses, the update.

    J = E[ min(r_t A_t m_t, clip(r_t, 1 - eps, 1 + eps) A_t m_t) ]      (StepCoder, section 3.2; m: FGO's mask)
    R = r(x, y) - kl_coef * (log pi - log pi_ref), at every token       (section 3.3, equation 3)

Other updates differ in four settings (``stepcoder.methods`` says which method takes which): the estimator of the
advantages, whether the KL is in the reward or in the loss, what the sums over tokens are divided by, and a clip range
of its own for ratios above 1.

Sums and means are over all processes: two processes with half of the batch each compute what one computes with all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from apps_plus.errors import WorkError
from harness.generation.continuous_batching import bare_model
from stepcoder.advantages import explained_variance, gae, group_advantages, whiten
from stepcoder.batch import Batch
from stepcoder.config import PPOConfig
from stepcoder.models import Models, body_of, trainable
from stepcoder.processes import Processes
from stepcoder.response_logprobs import logprobs_of_logits, logprobs_of_states, output_layer, response_states

Optimizers = Mapping[str, torch.optim.Optimizer]
"""By name: ``policy`` and, with a critic, ``critic``."""

# ---- 1. log pi of the policy and the reference, and V


@torch.no_grad()  # type: ignore[untyped-decorator]
def score(models: Models, batch: Batch, micro_batch: int) -> None:
    """Fill in ``ref_logprobs`` and ``values``, before any update.

    ``logprobs`` are those of the sampling. In bfloat16 they are computed again: there a pass over the whole sequence
    differs from a pass token by token by more than an update changes.
    """
    parts: list[tuple[Tensor, ...]] = []
    for part in batch.micro_batches(micro_batch):
        with models.forward_dtype():
            again = models.dtype is not torch.float32
            logprobs, _, values = policy_pass(models, part) if again else (part.logprobs, None, None)
            if models.critic is None:
                values = torch.zeros_like(part.scores)
            elif values is None:
                values = token_values(models, part)
            with models.as_reference() as reference:
                ref_logprobs, _ = token_logprobs(reference, part)
        parts.append((logprobs, ref_logprobs, values))
    batch.logprobs, batch.ref_logprobs, batch.values = (torch.cat(column) for column in zip(*parts, strict=True))


def policy_pass(
    models: Models, batch: Batch, *, entropy: bool = False, entropy_gradient: bool = False
) -> tuple[Tensor, Tensor | None, Tensor | None]:
    """Compute log pi, the entropy and V in one pass of the policy, which a shared critic reads without a gradient.

    Returns ``token_logprobs``, and ``token_values`` if the critic is shared, else None.
    """
    body = body_of(models.policy)
    head = output_layer(bare_model(models.policy), body)
    reader = models.critic if models.critic is not None and models.critic.backbone is None else None
    if head is None:
        found = token_logprobs(models.policy, batch, entropy=entropy, entropy_gradient=entropy_gradient)
        return *found, token_values(models, batch) if reader is not None else None
    states = response_states(body, batch)
    chosen, spread = _of_states(head, states, batch, entropy, entropy_gradient)
    return chosen, spread, _placed(reader.values(states.detach()), batch) if reader is not None else None


def token_logprobs(
    model: Any, batch: Batch, *, entropy: bool = False, entropy_gradient: bool = False
) -> tuple[Tensor, Tensor | None]:
    """Compute log pi of every token given those before it, and the entropy; both 0 outside the response.

    The entropy has a gradient only if asked.
    """
    body = body_of(model)
    head = output_layer(bare_model(model), body)
    if head is not None:
        return _of_states(head, response_states(body, batch), batch, entropy, entropy_gradient)
    logits = model(input_ids=batch.ids, attention_mask=batch.attention_mask, use_cache=False).logits[:, :-1]
    written = batch.response_mask[:, 1:].bool()
    chosen, spread = logprobs_of_logits(
        logits[written], _written(batch), batch.temperature, entropy=entropy, entropy_gradient=entropy_gradient
    )
    return _placed(chosen, batch), _placed(spread, batch) if entropy else None


def token_values(models: Models, batch: Batch) -> Tensor:
    """Compute V of the state before every response token; 0 outside the response."""
    assert models.critic is not None
    if models.critic.backbone is not None:
        return _placed(models.critic.values(response_states(models.critic.backbone, batch)), batch)
    with torch.no_grad():
        states = response_states(body_of(models.policy), batch)
    return _placed(models.critic.values(states), batch)


def _of_states(
    head: Any, states: Tensor, batch: Batch, entropy: bool, entropy_gradient: bool
) -> tuple[Tensor, Tensor | None]:
    chosen, spread = logprobs_of_states(
        head, states, _written(batch), batch.temperature, entropy=entropy, entropy_gradient=entropy_gradient
    )
    return _placed(chosen, batch), _placed(spread, batch) if entropy else None


def _written(batch: Batch) -> Tensor:
    """Return the response tokens, one sequence after the other."""
    return batch.ids[batch.response_mask.bool()]


def _placed(values: Tensor, batch: Batch) -> Tensor:
    """Put a number of each response token at the token's index, 0 elsewhere."""
    return torch.zeros_like(batch.response_mask).masked_scatter(batch.response_mask.bool(), values.float())


# ---- 2. rewards with the KL penalty, advantages, returns


def advantages_and_returns(batch: Batch, config: PPOConfig, processes: Processes) -> None:
    """Fill in ``advantages`` and, with a critic, ``returns``."""
    assert batch.ref_logprobs is not None and batch.values is not None
    kl_coef = config.kl_coef if config.kl_in == "reward" else 0.0
    rewards = batch.scores - kl_coef * (batch.logprobs - batch.ref_logprobs)  # equation 3, token by token
    if config.advantages == "gae":
        batch.advantages, batch.returns = gae(rewards, batch.values, batch.response_mask, config.gamma, config.lam)
        if config.whiten:
            batch.advantages = whiten(batch.advantages, batch.response_mask, processes)
    else:
        total = (rewards * batch.response_mask).sum(-1)
        batch.advantages = group_advantages(total, batch.groups, config.advantages)[:, None] * batch.response_mask


# ---- 3. losses: sums over tokens, which the update divides by the number of tokens over all processes


def policy_loss(
    logprobs: Tensor, batch: Batch, clip_range: float, clip_range_high: float = 0.0, *, lengths: bool = False
) -> tuple[Tensor, Tensor, Tensor]:
    """Compute the clipped surrogate over the tokens of FGO's mask.

    Args:
        logprobs: (sequences, tokens): log pi.
        batch: Roll-outs with advantages.
        clip_range: Epsilon: the ratio is clipped at 1 - epsilon and 1 + epsilon.
        clip_range_high: Epsilon above 1; 0: ``clip_range``.
        lengths: Divide the loss of each response by its number of tokens that count.

    Returns:
        Three sums over tokens: the loss; the clipped ratios; and ratio - 1 - log ratio, which estimates the KL to the
        policy that sampled (k3).
    """
    assert batch.advantages is not None
    log_ratio = (logprobs - batch.logprobs) * batch.response_mask
    ratio = log_ratio.exp()
    unclipped = -batch.advantages * ratio
    clipped = -batch.advantages * ratio.clamp(1 - clip_range, 1 + (clip_range_high or clip_range))
    loss = (torch.max(unclipped, clipped) * _weights(batch.loss_mask, lengths)).sum()
    clipfrac = ((clipped > unclipped).float() * batch.loss_mask).sum()
    approx_kl = ((ratio - 1 - log_ratio) * batch.response_mask).sum()
    return loss, clipfrac.detach(), approx_kl.detach()


def kl_loss(logprobs: Tensor, batch: Batch, *, lengths: bool = False) -> Tensor:
    """Sum GRPO's estimate of the KL to the reference over *all* response tokens (arXiv 2402.03300, equation 4).

    k3 = pi_ref / pi - log(pi_ref / pi) - 1 is never negative, and its gradient is 0 where pi = pi_ref.

    Args:
        logprobs: (sequences, tokens): log pi.
        batch: Roll-outs that the reference has scored.
        lengths: Divide the sum of each response by its number of tokens.
    """
    assert batch.ref_logprobs is not None
    log_ratio = (batch.ref_logprobs - logprobs) * batch.response_mask
    return ((log_ratio.exp() - 1 - log_ratio) * _weights(batch.response_mask, lengths)).sum()


def _weights(mask: Tensor, lengths: bool) -> Tensor:
    """Return the weight of each token: its mask, with ``lengths`` divided by the response's tokens in the mask."""
    return mask / mask.sum(-1, keepdim=True).clamp(min=1) if lengths else mask


def value_loss(values: Tensor, batch: Batch, clip_range: float) -> Tensor:
    """Compute the clipped value loss over *all* response tokens: V is also of code that no test executed."""
    assert batch.values is not None and batch.returns is not None
    clipped = batch.values + (values - batch.values).clamp(-clip_range, clip_range)
    error = torch.max((values - batch.returns) ** 2, (clipped - batch.returns) ** 2)
    return 0.5 * (error * batch.response_mask).sum()


@dataclass(frozen=True, slots=True)
class Counts:
    """The divisors of the sums over a minibatch, over all processes."""

    counted: Tensor
    """Tokens that count in the policy loss."""
    written: Tensor
    """Tokens of the responses."""
    responses: Tensor

    def divisors(self, divide_by: str, max_tokens: int) -> tuple[Tensor, Tensor]:
        """Return the divisors of the policy loss and of the KL in the loss (``PPOConfig.divide_by``)."""
        if divide_by == "tokens":
            return self.counted, self.written
        divisor = self.responses * max_tokens if divide_by == "max_tokens" else self.responses
        return divisor, divisor


def policy_objective(
    logprobs: Tensor, batch: Batch, config: PPOConfig, counts: Counts
) -> tuple[Tensor, dict[str, Tensor]]:
    """Compute the policy's loss without an entropy bonus: the clipped surrogate, with ``kl_in = loss`` also the KL.

    Args:
        logprobs: (sequences, tokens): log pi.
        batch: A micro-batch with advantages.
        config: The update's settings.
        counts: Of the whole minibatch.

    Returns:
        The micro-batch's share of the loss, and of the diagnostics.
    """
    lengths = config.divide_by == "lengths"
    divisor, kl_divisor = counts.divisors(config.divide_by, batch.max_tokens)
    surrogate, clipfrac, approx_kl = policy_loss(
        logprobs, batch, config.clip_range, config.clip_range_high, lengths=lengths
    )
    loss = surrogate / divisor
    found = {
        "policy_loss": loss.detach(),
        "clipfrac": clipfrac / counts.counted,
        "approx_kl": approx_kl / counts.written,
    }
    if config.kl_in == "loss":
        kl = kl_loss(logprobs, batch, lengths=lengths) / kl_divisor
        loss = loss + config.kl_coef * kl
        found["kl_loss"] = kl.detach()
    return loss, found


# ---- 4. the update


def update(
    models: Models, optimizers: Optimizers, batch: Batch, config: PPOConfig, processes: Processes, seed: int
) -> dict[str, float]:
    """Do one PPO update on a batch with advantages: every epoch, every minibatch, in micro-batches.

    Returns:
        Diagnostics under their usual names, means over the optimiser's steps.

    Raises:
        WorkError: A gradient is not finite. The parameters are those of the step before.
    """
    rows: list[dict[str, float]] = []
    order = torch.Generator().manual_seed(seed)
    with models.learning():
        for _epoch in range(config.epochs):
            for chosen in processes.minibatches(batch.groups.tolist(), config.minibatches, order):
                ordered = chosen.sort().values  # a group's sequences side by side share the pass over their prompt
                rows.append(_minibatch(models, optimizers, batch[ordered.to(batch.ids.device)], config, processes))
    if not rows:  # no roll-out is left on any process
        return {}
    names = dict.fromkeys(name for row in rows for name in row)
    means = {name: sum(row[name] for row in rows) / len(rows) for name in names}
    return means | _batch_diagnostics(batch, processes)


def _minibatch(
    models: Models, optimizers: Optimizers, batch: Batch, config: PPOConfig, processes: Processes
) -> dict[str, float]:
    """Take one optimiser step; return the diagnostics of its tokens."""
    counted = processes.sum(batch.loss_mask.sum()).clamp(min=1)  # FGO normalises by the tokens that count
    written = processes.sum(batch.response_mask.sum()).clamp(min=1)
    responses = processes.sum(torch.tensor(float(len(batch)), device=batch.ids.device)).clamp(min=1)
    names = ["policy_loss", "clipfrac", "approx_kl", "entropy"]
    names += ["value_loss"] * (models.critic is not None) + ["kl_loss"] * (config.kl_in == "loss")
    sums = dict.fromkeys(names, torch.zeros((), device=batch.ids.device))
    for part in map(Batch.trimmed, batch.micro_batches(config.micro_batch)):
        found, values = _policy_backward(models, part, config, Counts(counted, written, responses))
        if models.critic is not None:
            if values is None:
                with models.forward_dtype():
                    values = token_values(models, part)
            loss = value_loss(values, part, config.value_clip_range) / written
            loss.backward()
            found["value_loss"] = loss.detach()
        sums = {name: value + found.get(name, 0.0) for name, value in sums.items()}
    norms = _optimizer_step(models, optimizers, config.max_grad_norm, processes)
    return {name: float(processes.sum(value)) for name, value in sums.items()} | norms


def _policy_backward(
    models: Models, part: Batch, config: PPOConfig, counts: Counts
) -> tuple[dict[str, Tensor], Tensor | None]:
    """Add the gradient of the policy loss of a micro-batch; return its share of the diagnostics.

    Also return V if the critic is shared, else None.
    """
    with models.forward_dtype():
        bonus = config.entropy_coef > 0
        logprobs, entropy, values = policy_pass(models, part, entropy=True, entropy_gradient=bonus)
    assert entropy is not None
    loss, found = policy_objective(logprobs, part, config, counts)
    if bonus:
        loss = loss - config.entropy_coef * (entropy * part.loss_mask).sum() / counts.counted
    loss.backward()
    return found | {"entropy": entropy.detach().sum() / counts.written}, values


def _optimizer_step(
    models: Models, optimizers: Optimizers, max_grad_norm: float, processes: Processes
) -> dict[str, float]:
    """Add up the gradients of all processes, clip them, and step policy and critic, or neither if one is not finite."""
    norms: dict[str, float] = {}
    modules = {"grad_norm": models.policy} | ({"critic_grad_norm": models.critic} if models.critic is not None else {})
    for name, module in modules.items():
        processes.sum_gradients(trainable(module))
        norms[name] = float(torch.nn.utils.clip_grad_norm_(trainable(module), max_grad_norm))
    finite = all(norm < float("inf") for norm in norms.values())  # NaN is not below infinity
    for optimizer in optimizers.values():
        if finite:
            optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    if not finite:
        wrong = ", ".join(f"{name} {norm}" for name, norm in norms.items())
        raise WorkError(
            f"the gradients are not finite ({wrong}): lower ppo.lr, or use float32; no step was taken with them"
        )
    return norms


def _batch_diagnostics(batch: Batch, processes: Processes) -> dict[str, float]:
    """Compute ``kl``, the mean over sequences of their log pi - log pi_ref, and the critic's explained variance."""
    assert batch.ref_logprobs is not None and batch.values is not None
    found = {"kl": float(processes.mean((batch.logprobs - batch.ref_logprobs).sum(-1)))}
    if batch.returns is not None:
        found["explained_variance"] = explained_variance(batch.values, batch.returns, batch.response_mask, processes)
    return found
