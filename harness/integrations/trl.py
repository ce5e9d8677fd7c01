"""The reward of answers, as TRL's ``GRPOTrainer`` calls it. For TRL 1.16; open-r1 calls it in the same way.

    dataset = load_dataset("parquet", data_files="data/train.parquet", split="train")
    GRPOTrainer(model, args=..., train_dataset=dataset, reward_funcs=[apps_plus_reward])

TRL itself is not imported. This rewards whole answers only: StepCoder's curriculum and loss mask on TRL are
``stepcoder.engines.trl``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.integrations.ground_truth import load_ground_truth
from harness.integrations.rewards import judge_answers, reward_named

Completion = str | Sequence[dict[str, Any]]
"""A text, or the messages of an answer, of which the last is the model's."""


def apps_plus_reward(
    completions: Sequence[Completion],
    ground_truth: Sequence[str],
    *,
    reward: str = "stepcoder",
    timeout: float | None = None,
    **_: Any,
) -> list[float | None]:
    """Return the reward of each completion; None, which leaves it out, after a harness error.

    Args:
        completions: The model's answers.
        ground_truth: That column of each row.
        reward: ``stepcoder``, ``passed`` or ``share``; choose with ``functools.partial``.
        timeout: Processor seconds for each test; None: 4.

    Raises:
        InputError: A row is not one of ``apps-plus export``, or there is no such reward.
    """
    score_of = reward_named(reward)
    problems = {text: load_ground_truth(text) for text in dict.fromkeys(ground_truth)}  # a group shares its problem
    judged = judge_answers([problems[text] for text in ground_truth], [text_of(one) for one in completions], timeout)
    return [score_of(one.outcome) for one in judged]


def text_of(completion: Completion) -> str:
    """Return the model's text of a completion."""
    return completion if isinstance(completion, str) else str(completion[-1]["content"])
