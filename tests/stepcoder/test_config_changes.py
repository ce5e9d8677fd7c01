"""The settings that a resumed run may change, and those that it may not."""

from __future__ import annotations

import pytest

from stepcoder.config import flatten
from stepcoder.config_changes import TUNABLE, changed_keys, describe_tuning, refused_keys
from stepcoder.config_files import load_config


@pytest.mark.parametrize(
    ("overrides", "changed"),
    [
        ([], []),
        (["ppo.steps=1000", "save_every=1", "keep_checkpoints=5", "evaluation.every=3", "tensorboard=true"], []),
        (["ppo.steps=2"], ["ppo.steps"]),
        (["sft.epochs=0.5"], ["sft.epochs"]),
        (["ppo.lr=1", "method=ppo", "seed=1"], ["method", "seed", "ppo.lr"]),
        (["rollout.workers=1"], []),
    ],
)
def test_what_makes_it_another_run(overrides: list[str], changed: list[str]) -> None:
    assert changed_keys(load_config("tiny"), load_config("tiny", overrides)) == changed


@pytest.mark.parametrize(
    ("overrides", "refused"),
    [
        ([], []),
        (["ppo.lr=1", "ppo.kl_coef=0", "ppo.max_kl=inf", "ppo.steps=1000", "save_every=1"], []),
        (["ppo.lr=1", "method=ppo", "seed=1", "ppo.lam=0.5"], ["method", "seed", "ppo.lam"]),
        (["ppo.steps=2", "sft.warmup_epochs=1"], ["ppo.steps", "sft.warmup_epochs"]),
    ],
)
def test_what_a_resumed_run_may_not_change(overrides: list[str], refused: list[str]) -> None:
    assert refused_keys(load_config("tiny"), load_config("tiny", overrides)) == refused


@pytest.mark.parametrize("key", TUNABLE)
@pytest.mark.parametrize("factor", [0.5, 2])
def test_a_run_may_go_on_with_smaller_or_larger_steps(key: str, factor: float) -> None:
    before = load_config("tiny")
    value = flatten(before)[key]
    assert isinstance(value, float)
    now = load_config("tiny", [f"{key}={value * factor}"])
    assert refused_keys(before, now) == []
    assert changed_keys(before, now) == [key]
    assert describe_tuning(before, now) == [f"{key} {value} -> {value * factor}"]


def test_only_tunable_keys_are_described() -> None:
    now = load_config("tiny", ["save_every=1", "ppo.lr=5e-5", "sft.lr=1"])
    assert describe_tuning(load_config("tiny"), now) == ["ppo.lr 0.0001 -> 5e-05", "sft.lr 0.003 -> 1.0"]
