"""Compare the settings of two runs: which changes a resumed run allows, and which make it a different run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stepcoder.config import TrainConfig, flatten

MAY_CHANGE = ("save_every", "keep_checkpoints", "tensorboard", "evaluation.", "rollout.workers")
"""Keys (sections end in a dot) that a resumed run may change: they do not change what is learnt."""
MAY_GROW = ("ppo.steps", "sft.epochs")
"""Keys that a resumed run may raise, to train for longer."""
TUNABLE = (
    "ppo.lr",
    "ppo.critic_lr",
    "ppo.max_grad_norm",
    "ppo.kl_coef",
    "ppo.clip_range",
    "ppo.value_clip_range",
    "ppo.max_kl",
    "sft.lr",
)
"""Keys that a resumed run may change although they change what is learnt: a run that diverged can be resumed from its
last checkpoint with other values. Runs that began with different values are different runs."""


def changed_keys(before: TrainConfig, now: TrainConfig, *, may_grow: bool = True) -> list[str]:
    """Return the keys that make ``now`` a different run than ``before``, in the order of the settings.

    Args:
        before: The settings of one run.
        now: Those of the other.
        may_grow: Ignore keys of ``MAY_GROW`` that are larger in ``now``.
    """
    old, new = flatten(before), flatten(now)
    changed = [key for key in new if new[key] != old[key] and not _may_change(key)]
    return [key for key in changed if not (may_grow and _has_grown(key, old[key], new[key]))]


def refused_keys(before: TrainConfig, now: TrainConfig) -> list[str]:
    """Return the keys that prevent ``now`` from resuming a run that began with ``before``."""
    return [key for key in changed_keys(before, now) if key not in TUNABLE]


SHOWN = 4
"""Changes that are described one by one; another config would have dozens."""


def describe_refused(before: TrainConfig, now: TrainConfig, keys: Sequence[str]) -> str:
    """Return ``method: stepcoder there, grpo now; and 3 more``."""
    old, new = flatten(before), flatten(now)
    shown = [f"{key}: {_text(old[key])} there, {_text(new[key])} now" for key in keys[:SHOWN]]
    return "; ".join(shown + ([f"and {len(keys) - SHOWN} more"] if len(keys) > SHOWN else []))


def describe_tuning(before: TrainConfig, now: TrainConfig) -> list[str]:
    """Return the changes of ``TUNABLE`` keys, each as ``ppo.lr 0.0001 -> 5e-05``."""
    old, new = flatten(before), flatten(now)
    return [f"{key} {old[key]} -> {new[key]}" for key in new if key in TUNABLE and new[key] != old[key]]


def matches(key: str, names: tuple[str, ...]) -> bool:
    """Return whether a key is one of ``names``, or in a section of them (``evaluation.``)."""
    return any(key == name or (name.endswith(".") and key.startswith(name)) for name in names)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None or value == "" else str(value)


def _may_change(key: str) -> bool:
    return matches(key, MAY_CHANGE)


def _has_grown(key: str, old: Any, new: Any) -> bool:
    return key in MAY_GROW and bool(new > old)
