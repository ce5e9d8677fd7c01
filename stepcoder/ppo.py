"""PPO as StepCoder trains with it, on one page: the batch, the advantages, the losses, the update.

    J = E[ min(r_t A_t m_t, clip(r_t, 1 - eps, 1 + eps) A_t m_t) ]      (StepCoder, section 3.2; m: FGO's mask)
    R = r(x, y) - kl_coef * (log pi - log pi_ref), at every token       (section 3.3, equation 3)

All tensors are (sequences, tokens). A sequence is prompt, curriculum prefix and response, padded on the right; what is
said of a token (``logprobs``, ``values``, ``rewards``) stands at that token's own place: ``values[:, t]`` is V of the
state *before* token t. ``response_mask`` is 1 where the policy wrote the token, ``loss_mask`` where it also counts in
the policy loss. Sums and means run over all processes, so that two with half of the batch do what one does with all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor

from apps_plus.errors import WorkError
from stepcoder.config import PPOConfig
from stepcoder.models import Models, trainable
from stepcoder.processes import Processes
from stepcoder.records import Rollout


@dataclass
class Batch:
    """Roll-outs as tensors."""

    ids: Tensor
    attention_mask: Tensor
    response_mask: Tensor
    loss_mask: Tensor
    scores: Tensor
    """What the program earns, at its tokens (mostly the last); zero elsewhere."""
    groups: Tensor
    """(sequences,): which problem each belongs to."""
    logprobs: Tensor
    """log pi of the policy that wrote the token."""
    temperature: float = 1.0
    """Of the sampling. pi is the distribution that is sampled from: the logits are divided by it everywhere."""
    ref_logprobs: Tensor | None = None
    values: Tensor | None = None
    advantages: Tensor | None = None
    returns: Tensor | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, rows: Tensor | slice) -> Batch:
        return replace(self, **{name: tensor[rows] for name, tensor in self._tensors()})

    def rewarded(
        self,
        token_scores: Sequence[Mapping[int, float]],
        loss_masks: Sequence[Sequence[bool]],
        usable: Sequence[bool],
    ) -> Batch:
        """With what each usable roll-out earns, and which of its tokens count; the others are left out.

        Args:
            token_scores: For each roll-out, what it earns at which response token.
            loss_masks: For each, whether a response token counts in the policy loss.
            usable: For each, whether it is known what it earns.
        """
        scores, counts = torch.zeros(self.ids.shape), torch.zeros(self.ids.shape)
        starts = self.response_mask.argmax(-1).tolist()
        for row, (start, earned, mask) in enumerate(zip(starts, token_scores, loss_masks, strict=True)):
            counts[row, start : start + len(mask)] = torch.tensor(mask, dtype=torch.float)
            for token, score in earned.items():
                scores[row, start + token] += score
        device = self.ids.device
        whole = replace(self, scores=scores.to(device), loss_mask=counts.to(device))
        return whole[torch.tensor(usable, device=device)]

    def trimmed(self) -> Batch:
        """Without the columns that are padding in every sequence."""
        width = int(self.attention_mask.sum(-1).max())
        return replace(self, **{name: tensor[:, :width] for name, tensor in self._tensors() if tensor.dim() == 2})

    def _tensors(self) -> Iterator[tuple[str, Tensor]]:
        parts = ((f.name, getattr(self, f.name)) for f in fields(self))
        return ((name, part) for name, part in parts if isinstance(part, Tensor))


def make_batch(
    rollouts: Sequence[Rollout], groups: Sequence[int], device: torch.device, temperature: float = 1.0
) -> Batch:
    """Pad roll-outs into a batch in which nothing is earned yet and every response token counts.

    Args:
        rollouts: What was sampled.
        groups: For each, the number of its problem.
        device: Where the tensors go.
        temperature: At which they were sampled.
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
        groups=torch.tensor(groups, device=device),
        logprobs=logprobs.to(device),
        temperature=temperature,
    )


# ---- what the models say of the tokens


def token_logprobs(model: Any, batch: Batch, *, entropy: bool = False) -> tuple[Tensor, Tensor | None]:
    """log pi of every token given those before it, and the entropy there; both zero outside the response."""
    logits = model(input_ids=batch.ids, attention_mask=batch.attention_mask, use_cache=False).logits[:, :-1].float()
    logits = logits / batch.temperature
    log_z = logits.logsumexp(-1)
    chosen = logits.gather(-1, batch.ids[:, 1:, None])[..., 0] - log_z
    spread = log_z - (logits.softmax(-1) * logits).sum(-1) if entropy else None
    return _shifted(chosen, batch), None if spread is None else _shifted(spread, batch)


def token_values(models: Models, batch: Batch) -> Tensor:
    """V of the state before every response token; zero outside the response."""
    assert models.critic is not None
    return _shifted(models.critic(models.policy, batch.ids, batch.attention_mask)[:, :-1], batch)


def _shifted(after: Tensor, batch: Batch) -> Tensor:
    """What a model says after token t, at the place of token t + 1."""
    return torch.nn.functional.pad(after, (1, 0)) * batch.response_mask


@torch.no_grad()  # type: ignore[untyped-decorator]
def score(models: Models, batch: Batch, micro_batch: int) -> None:
    """Fill in ``ref_logprobs`` and ``values``, before anything is updated.

    ``logprobs`` are those that the roll-outs came with. In bfloat16 a pass over the whole sequence and one token by
    token differ by more than an update changes, so there they are computed again.
    """
    parts: list[tuple[Tensor, ...]] = []
    for rows in _micro_batches(len(batch), micro_batch):
        part = batch[rows]
        with models.forward_dtype():
            logprobs = part.logprobs if models.dtype is torch.float32 else token_logprobs(models.policy, part)[0]
            values = token_values(models, part) if models.critic is not None else torch.zeros_like(part.scores)
            with models.as_reference() as reference:
                ref_logprobs, _ = token_logprobs(reference, part)
        parts.append((logprobs, ref_logprobs, values))
    batch.logprobs, batch.ref_logprobs, batch.values = (torch.cat(column) for column in zip(*parts, strict=True))


# ---- advantages


def advantages_and_returns(batch: Batch, config: PPOConfig, processes: Processes) -> None:
    """Fill in ``advantages`` and, with a critic, ``returns``."""
    assert batch.ref_logprobs is not None and batch.values is not None
    rewards = batch.scores - config.kl_coef * (batch.logprobs - batch.ref_logprobs)  # equation 3, token by token
    if config.advantages == "gae":
        batch.advantages, batch.returns = gae(rewards, batch.values, batch.response_mask, config.gamma, config.lam)
        if config.whiten:
            batch.advantages = whiten(batch.advantages, batch.response_mask, processes)
    else:
        total = (rewards * batch.response_mask).sum(-1)
        batch.advantages = group_advantages(total, batch.groups, config.advantages)[:, None] * batch.response_mask


def gae(rewards: Tensor, values: Tensor, mask: Tensor, gamma: float, lam: float) -> tuple[Tensor, Tensor]:
    """Generalised advantage estimation (Schulman et al. 2016, equation 16); a response is one stretch of the mask.

    Returns:
        Advantages and returns (advantages + values), zero outside the mask.
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
    """Advantages without a critic, from the roll-outs of the same problem.

    Args:
        total: (sequences,): the whole return of each.
        groups: (sequences,): the number of its problem.
        kind: ``grpo``: (r - mean) / std (Shao et al. 2024); ``rloo``: r - mean of the others (Ahmadian et al. 2024).
    """
    same = (groups[:, None] == groups[None, :]).float()
    size = same.sum(-1)
    mean = same @ total / size
    if kind == "rloo":
        return (total - mean) * size / (size - 1).clamp(min=1)
    variance = (same * (total[None, :] - mean[:, None]) ** 2).sum(-1) / (size - 1).clamp(min=1)
    return (total - mean) / (variance.sqrt() + 1e-6)


def whiten(values: Tensor, mask: Tensor, processes: Processes) -> Tensor:
    """Mean 0 and variance 1 over the mask, over all processes; zero outside it."""
    count = processes.sum(mask.sum())
    mean = processes.sum((values * mask).sum()) / count
    variance = processes.sum(((values - mean) ** 2 * mask).sum()) / (count - 1).clamp(min=1)
    return (values - mean) * torch.rsqrt(variance + 1e-8) * mask


# ---- losses: sums over tokens; the update divides them by the count of all tokens that count


def policy_loss(logprobs: Tensor, batch: Batch, clip_range: float) -> tuple[Tensor, Tensor, Tensor]:
    """The clipped surrogate, where FGO's mask lets a token count.

    Returns:
        The sum of the loss; of the tokens whose ratio was clipped; and of ratio - 1 - log ratio, which estimates the KL
        to the policy that sampled (k3).
    """
    assert batch.advantages is not None
    log_ratio = (logprobs - batch.logprobs) * batch.response_mask
    ratio = log_ratio.exp()
    unclipped = -batch.advantages * ratio
    clipped = -batch.advantages * ratio.clamp(1 - clip_range, 1 + clip_range)
    loss = (torch.max(unclipped, clipped) * batch.loss_mask).sum()
    clipfrac = ((clipped > unclipped).float() * batch.loss_mask).sum()
    approx_kl = ((ratio - 1 - log_ratio) * batch.response_mask).sum()
    return loss, clipfrac.detach(), approx_kl.detach()


def value_loss(values: Tensor, batch: Batch, clip_range: float) -> Tensor:
    """The clipped value loss, summed over *all* response tokens: what did not run is still to be valued."""
    assert batch.values is not None and batch.returns is not None
    clipped = batch.values + (values - batch.values).clamp(-clip_range, clip_range)
    error = torch.max((values - batch.returns) ** 2, (clipped - batch.returns) ** 2)
    return 0.5 * (error * batch.response_mask).sum()


# ---- the update

DIAGNOSTICS = ("policy_loss", "value_loss", "clipfrac", "approx_kl", "entropy")


def update(
    models: Models,
    optimizers: Mapping[str, torch.optim.Optimizer],
    batch: Batch,
    config: PPOConfig,
    processes: Processes,
    seed: int,
) -> dict[str, float]:
    """One PPO update on a scored batch with advantages: every epoch, every minibatch, in micro-batches.

    Returns:
        Diagnostics under their usual names, means over the update.

    Raises:
        WorkError: A loss or gradient is not finite. No parameter has been changed by it.
    """
    rows_seen: list[dict[str, float]] = []
    order = torch.Generator().manual_seed(seed)
    with models.learning():
        for _epoch in range(config.epochs):
            # As many parts on every process, some of them empty: the processes wait for one another in each.
            for rows in torch.randperm(len(batch), generator=order).tensor_split(config.minibatches):
                rows_seen.append(_minibatch(models, optimizers, batch[rows.to(batch.ids.device)], config, processes))
    means = {name: sum(row[name] for row in rows_seen) / len(rows_seen) for name in rows_seen[0]}
    return means | explained(batch, processes)


def _minibatch(
    models: Models,
    optimizers: Mapping[str, torch.optim.Optimizer],
    batch: Batch,
    config: PPOConfig,
    processes: Processes,
) -> dict[str, float]:
    counted = processes.sum(batch.loss_mask.sum()).clamp(min=1)  # FGO normalises by the tokens that count
    written = processes.sum(batch.response_mask.sum()).clamp(min=1)
    sums = dict.fromkeys(DIAGNOSTICS, torch.zeros((), device=batch.ids.device))
    for rows in _micro_batches(len(batch), config.micro_batch):
        part = batch[rows].trimmed()
        with models.forward_dtype():
            logprobs, entropy = token_logprobs(models.policy, part, entropy=True)
        assert entropy is not None
        loss, clipfrac, approx_kl = policy_loss(logprobs, part, config.clip_range)
        bonus = config.entropy_coef * (entropy * part.loss_mask).sum()
        ((loss - bonus) / counted).backward()
        found = {
            "policy_loss": loss.detach() / counted,
            "clipfrac": clipfrac / counted,
            "approx_kl": approx_kl / written,
            "entropy": entropy.detach().sum() / written,
        }
        if models.critic is not None:
            with models.forward_dtype():
                values = token_values(models, part)
            errors = value_loss(values, part, config.value_clip_range) / written
            errors.backward()
            found["value_loss"] = errors.detach()
        sums = {name: value + found.get(name, 0.0) for name, value in sums.items()}
    norms = _step(models, optimizers, config.max_grad_norm, processes)
    return {name: float(processes.sum(value)) for name, value in sums.items()} | norms


def _step(
    models: Models, optimizers: Mapping[str, torch.optim.Optimizer], max_grad_norm: float, processes: Processes
) -> dict[str, float]:
    """Add up the gradients of all processes, clip them, and take a step: of policy and critic, or of neither."""
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


def explained(batch: Batch, processes: Processes) -> dict[str, float]:
    """``explained_variance`` of the returns by the values; ``kl``: log pi - log pi_ref of a sequence, on average."""
    assert batch.ref_logprobs is not None and batch.values is not None
    mask = batch.response_mask
    found = {"kl": float(processes.mean((batch.logprobs - batch.ref_logprobs).sum(-1)))}
    if batch.returns is not None:
        count = processes.sum(mask.sum())
        residual = (batch.returns - batch.values) * mask
        spread = _variance(batch.returns, mask, count, processes)
        left = _variance(residual, mask, count, processes)
        found["explained_variance"] = float(1 - left / spread) if spread > 0 else float("nan")
    return found


def _variance(values: Tensor, mask: Tensor, count: Tensor, processes: Processes) -> Tensor:
    mean = processes.sum((values * mask).sum()) / count
    return processes.sum(((values - mean) ** 2 * mask).sum()) / count


def _micro_batches(count: int, size: int) -> Iterator[slice]:
    return (slice(at, at + size) for at in range(0, count, size))
