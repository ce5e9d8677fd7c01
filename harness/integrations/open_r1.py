"""open-r1's training with the reward ``apps_plus``, which its own table of rewards lacks. For open-r1 of April 2026.

    apps-plus export BUILD --for open-r1 --out data
    accelerate launch --config_file recipes/accelerate_configs/zero2.yaml -m harness.integrations.open_r1 \\
        --config recipe.yaml --dataset_name data --reward_funcs apps_plus code_format

The arguments are those of ``open_r1.grpo``. Its rewards ``code`` and ``binary_code`` read the same rows, but give every
program its tests on standard input and compare lines: they reject all programs that are functions.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from harness.integrations.trl import apps_plus_reward

NAME = "apps_plus"


def with_apps_plus(reward_functions: Callable[[Any], list[Any]]) -> Callable[[Any], list[Any]]:
    """Return ``open_r1.rewards.get_reward_funcs`` extended by ``apps_plus``; the order of the names is kept."""

    def extended(arguments: Any) -> list[Any]:
        wanted: Sequence[str] = arguments.reward_funcs
        arguments.reward_funcs = [name for name in wanted if name != NAME]
        try:
            others = iter(reward_functions(arguments))
        finally:
            arguments.reward_funcs = wanted
        return [apps_plus_reward if name == NAME else next(others) for name in wanted]

    return extended


def main() -> None:
    """Run ``open_r1.grpo`` with the arguments of the command line."""
    try:
        from open_r1 import grpo
        from open_r1.configs import GRPOConfig, GRPOScriptArguments
        from trl import ModelConfig, TrlParser
    except ImportError as error:
        sys.exit(f"open-r1 is not installed here ({error}): see its README, it is on no package index")
    grpo.get_reward_funcs = with_apps_plus(grpo.get_reward_funcs)
    grpo.main(*TrlParser((GRPOScriptArguments, GRPOConfig, ModelConfig)).parse_args_and_config())


if __name__ == "__main__":
    main()
