"""What each setting of a run may be. Pure: a value in, what is wrong with it out."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterator

from stepcoder.config import TOY_DATA, TrainConfig

"""What ``data.path`` begins with where the tasks are generated; the family follows."""

Value = str | int | float | bool | None

Limit = tuple[str, Callable[[float], bool]]
"""In words, and as a test. A NaN passes none."""

_FROM_0: Limit = ("at least 0", lambda x: 0 <= x < math.inf)
_FROM_1: Limit = ("at least 1", lambda x: 1 <= x < math.inf)
_ABOVE_0: Limit = ("above 0", lambda x: 0 < x < math.inf)
_TO_INFINITY: Limit = ("above 0 (inf: no limit)", lambda x: x > 0)
_SHARE: Limit = ("between 0 and 1", lambda x: 0 <= x <= 1)
_SHARE_BELOW_1: Limit = ("at least 0 and below 1", lambda x: 0 <= x < 1)
_SHARE_ABOVE_0: Limit = ("above 0 and at most 1", lambda x: 0 < x <= 1)
_SEED: Limit = ("at least 0 and below 2**32", lambda x: 0 <= x < 2**32)

LIMITS: dict[str, Limit] = {
    "seed": _SEED,
    "save_every": _FROM_1,
    "keep_checkpoints": _FROM_1,
    "model.lora_rank": _FROM_0,
    "model.lora_alpha": _ABOVE_0,
    "data.limit": _FROM_0,
    "data.eval_limit": _FROM_0,
    "data.max_prompt_tokens": _FROM_1,
    "rollout.problems": _FROM_1,
    "rollout.samples": _FROM_1,
    "rollout.temperature": _ABOVE_0,  # at 0 every roll-out of a problem is the same: nothing to learn from
    "rollout.top_p": _SHARE_ABOVE_0,
    "rollout.max_tokens": _FROM_1,
    "rollout.batch_size": _FROM_1,
    "rollout.workers": _FROM_0,
    "rollout.test_seconds": _ABOVE_0,
    "rollout.max_tests": _FROM_0,
    "ppo.steps": _FROM_0,  # 0: evaluate the model as it is
    "ppo.epochs": _FROM_1,
    "ppo.minibatches": _FROM_1,
    "ppo.micro_batch": _FROM_1,
    "ppo.lr": _ABOVE_0,
    "ppo.critic_lr": _ABOVE_0,
    "ppo.warmup_steps": _FROM_0,
    "ppo.weight_decay": _FROM_0,
    "ppo.adam_beta2": _SHARE_BELOW_1,
    "ppo.max_grad_norm": _TO_INFINITY,
    "ppo.kl_coef": _FROM_0,
    "ppo.clip_range": _ABOVE_0,
    "ppo.value_clip_range": _ABOVE_0,
    "ppo.gamma": _SHARE,
    "ppo.lam": _SHARE,
    "ppo.entropy_coef": _FROM_0,
    "ppo.rho": _SHARE_BELOW_1,  # "exceeds rho": at 1 no problem would ever move on
    "ppo.rho_groups": _FROM_0,
    "ppo.max_kl": _TO_INFINITY,
    "sft.lr": _ABOVE_0,
    "sft.epochs": _ABOVE_0,
    "sft.batch_size": _FROM_1,
    "sft.micro_batch": _FROM_1,
    "sft.warmup_epochs": _FROM_0,
    "sft.weight_decay": _FROM_0,
    "sft.max_grad_norm": _TO_INFINITY,
    "sft.max_tokens": _FROM_1,
    "evaluation.every": _FROM_0,
    "evaluation.samples": _FROM_1,
    "evaluation.temperature": _FROM_0,
    "evaluation.top_p": _SHARE_ABOVE_0,
}
"""Of every number."""

CHOICES: dict[str, tuple[str, ...]] = {
    "model.dtype": ("float32", "bfloat16"),
    "model.device": ("auto", "cpu", "cuda"),
    "data.split": ("train", "validation", "test"),
    "data.eval_split": ("train", "validation", "test"),
    "ppo.advantages": ("gae", "grpo", "rloo"),
    "ppo.critic": ("own", "shared"),
}
"""Of every text that is one of a few."""


def convert(key: str, kind: type, value: object) -> Value:
    """A value as its key's type. Text may stand for any type: an override is text, and YAML 1.1 takes 5e-7 for text.

    Raises:
        ValueError: It is of another type, or none that the key may have; says what it must be.
    """
    try:
        typed = _CONVERT[kind](value)
    except (ValueError, KeyError, OverflowError) as error:
        raise ValueError(f"must be {_KINDS[kind]}") from error
    if reason := _fault(key, typed):
        raise ValueError(reason)
    return typed


def _to_bool(value: object) -> bool:
    return value if isinstance(value, bool) else {"true": True, "false": False}[str(value).lower()]


def _to_int(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError
    return int(value)


def _to_float(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError
    return float(value)


def _to_str(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError
    value.encode()  # a ValueError for half of a surrogate pair, which no file of settings could hold
    return value


_CONVERT: dict[type, Callable[[object], Value]] = {bool: _to_bool, int: _to_int, float: _to_float, str: _to_str}
_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}


def _fault(key: str, value: object) -> str:
    """Why a value of the right type is none that ``key`` can have, as ``must be ...``; empty where it is one."""
    if key in LIMITS and isinstance(value, (int, float)):
        words, holds = LIMITS[key]
        return "" if holds(value) else f"must be {words}"
    if key == "method":
        return _choice(str(value), methods())
    if key == "data.path" and str(value).startswith(TOY_DATA):
        return _choice(str(value), toys())
    return _choice(str(value), CHOICES[key]) if key in CHOICES else ""


def methods() -> tuple[str, ...]:
    """Names of the rows of the table of methods."""
    from stepcoder.methods import METHODS

    return tuple(METHODS)


def toys() -> tuple[str, ...]:
    """What ``data.path`` may be where the tasks are generated."""
    from stepcoder.toys.tasks import FAMILIES

    return tuple(f"{TOY_DATA}{family}" for family in FAMILIES)


def _choice(value: str, allowed: tuple[str, ...]) -> str:
    if value in allowed:
        return ""
    near = difflib.get_close_matches(value, allowed, n=1)
    return f"must be one of {', '.join(allowed)}" + (f"; did you mean {near[0]}?" if near else "")


def faults_together(config: TrainConfig) -> Iterator[str]:
    """What is wrong with settings that are each right alone."""
    rollouts = config.rollout.problems * config.rollout.samples
    if not config.data.path:
        yield f"data.path is missing: set a build's folder (apps-plus build), or one of {', '.join(toys())}"
    if not config.model.name:
        yield "model.name is missing: set a folder or a name on the hub"
    if config.ppo.advantages != "gae" and config.rollout.samples < 2:
        yield f"ppo.advantages = {config.ppo.advantages} compares roll-outs of a problem: rollout.samples must be >= 2"
    if config.ppo.minibatches > rollouts:
        yield f"ppo.minibatches = {config.ppo.minibatches} is more than the {rollouts} roll-outs of a step"
    if config.evaluation.temperature == 0 and config.evaluation.samples > 1:
        yield "evaluation.temperature = 0 makes every sample the same: evaluation.samples must be 1"
