"""An environment of one turn for SkyRL: the answer is judged, and the episode ends. For skyrl-gym 0.4, skyrl 0.3.

    apps-plus export BUILD --for skyrl --out data

The rows name the environment ``apps_plus``. SkyRL makes environments in the process of its Ray task: call ``register``
there, before ``main`` of ``skyrl.train.entrypoints.main_base`` runs.
"""

from __future__ import annotations

from typing import Any

from skyrl_gym.envs.base_text_env import BaseTextEnv, BaseTextEnvStepOutput
from skyrl_gym.envs.registration import register as register_environment
from skyrl_gym.envs.registration import registry

from apps_plus.errors import InputError
from harness.integrations.ground_truth import load_ground_truth
from harness.integrations.rewards import judge_answers, reward_named

ENVIRONMENT = "apps_plus"
UNKNOWN = 0.0
"""Reward after a harness error, between right and wrong: SkyRL has no way to leave an answer out."""


class AppsPlusEnv(BaseTextEnv):  # type: ignore[misc]
    """One problem.

    Args:
        env_config: Settings under ``environment.skyrl_gym.apps_plus``: ``reward`` (``stepcoder``, ``passed`` or
            ``share``) and ``timeout`` (processor seconds for each test).
        extras: The columns of the row besides its prompt.

    Raises:
        InputError: The row is not one of ``apps-plus export --for skyrl``, or there is no such reward.
    """

    def __init__(self, env_config: Any = None, extras: dict[str, Any] | None = None) -> None:
        super().__init__()
        settings = dict(env_config or {})
        self._reward = reward_named(str(settings.get("reward", "stepcoder")))
        self._timeout = settings.get("timeout")
        try:
            text = (extras or {})["reward_spec"]["ground_truth"]
        except (KeyError, TypeError):
            raise InputError(
                "a row has no reward_spec.ground_truth: export with apps-plus export --for skyrl"
            ) from None
        self._problem = load_ground_truth(text)
        self._metrics: dict[str, Any] = {}

    def step(self, action: str) -> BaseTextEnvStepOutput:
        """Judge an answer, and end the episode."""
        [judged] = judge_answers([self._problem], [action], self._timeout)
        outcome = judged.outcome
        reward = self._reward(outcome)
        self._metrics = {"passed": float(outcome.passed), "tests_passed": outcome.tests_passed}
        metadata = {"verdict": str(outcome.verdict), "program": judged.program}
        return BaseTextEnvStepOutput(
            observations=[], reward=UNKNOWN if reward is None else reward, done=True, metadata=metadata
        )

    def get_metrics(self) -> dict[str, Any]:
        """Return whether the program passed, and how many tests it passed."""
        return self._metrics


def register() -> None:
    """Register the environment ``apps_plus``, unless it is registered already."""
    if ENVIRONMENT not in registry:
        register_environment(ENVIRONMENT, entry_point=AppsPlusEnv)
