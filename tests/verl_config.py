"""verl's own configuration, as ``python -m verl.trainer.main_ppo OVERRIDES`` composes it."""

from __future__ import annotations

from typing import Any


def compose_verl(*overrides: str) -> Any:
    """Return the configuration with the overrides applied."""
    from hydra import compose, initialize_config_module

    with initialize_config_module("verl.trainer.config", version_base=None):
        return compose("ppo_trainer", overrides=list(overrides))
