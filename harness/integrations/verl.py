"""The reward of an answer, as verl's reward manager calls it. For verl 0.9.

    apps-plus export BUILD --for verl --out data
    python -m verl.trainer.main_ppo data.train_files=data/train.parquet \\
        reward.custom_reward_function.path=pkg://harness.integrations.verl \\
        reward.custom_reward_function.name=compute_score ...

verl itself is not imported. Its own judge of ``apps`` is never asked: the rows' ``data_source`` is ``apps+``.
"""

from __future__ import annotations

from typing import Any

from harness.integrations.ground_truth import load_ground_truth
from harness.integrations.rewards import judge_answers, reward_named

UNKNOWN = 0.0
"""Score after a harness error, between right and wrong: verl has no way to leave an answer out."""


def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: str,
    extra_info: dict[str, Any] | None = None,
    *,
    reward: str = "stepcoder",
    timeout: float | None = None,
    **_: Any,
) -> dict[str, Any]:
    """Return the score of an answer, with what verl logs beside it.

    Args:
        data_source: The row's; not used.
        solution_str: The model's answer.
        ground_truth: The row's ``reward_model.ground_truth``.
        extra_info: The row's, with what verl adds; not used.
        reward: ``stepcoder``, ``passed`` or ``share``; give it with ``reward.custom_reward_function.reward_kwargs``.
        timeout: Processor seconds for each test; None: 4.

    Returns:
        ``score``, ``acc`` (1 if every test passed, else 0), ``share_passed`` and ``verdict``.

    Raises:
        InputError: The row is not one of ``apps-plus export --for verl``, or there is no such reward.
    """
    score_of = reward_named(reward)
    [judged] = judge_answers([load_ground_truth(ground_truth)], [solution_str], timeout)
    outcome = judged.outcome
    score = score_of(outcome)
    return {
        "score": UNKNOWN if score is None else score,
        "acc": float(outcome.passed),
        "share_passed": outcome.tests_passed / outcome.tests_total if outcome.tests_total else float(outcome.passed),
        "verdict": str(outcome.verdict),
    }
