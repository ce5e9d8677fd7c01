"""Evaluates a policy on held-out problems while it is trained: pass@1, over all and by tier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from harness.generation.prompts import APPS_STOP
from harness.generation.transformers_backend import context_length
from stepcoder.config import TrainConfig
from stepcoder.curriculum import full_generation
from stepcoder.experience import generate_and_judge, requests_for, wait_for_verdicts
from stepcoder.judging import Judge
from stepcoder.models import Models
from stepcoder.processes import Processes
from stepcoder.records import Task
from stepcoder.rollouts import Sampling


def evaluate(
    models: Models, tasks: Sequence[Task], config: TrainConfig, judge: Judge, processes: Processes
) -> dict[str, float]:
    """``eval/pass@1`` and, where there is more than one tier, ``eval/<tier>``: shares of programs that pass every test.

    Every problem is asked from its beginning and judged by every test, and its program cut as ``generate`` cuts it; the
    random streams are the same in every evaluation.
    """
    settings = config.evaluation
    curriculum = full_generation([task.task_id for task in tasks])
    chat = config.model.chat
    asked = requests_for(tasks, curriculum, models.tokenizer, settings.samples, config.seed, "eval", chat=chat)
    context = context_length(models.policy)
    fits = [context is None or len(request.prompt_ids) < context for request in asked]
    too_long = [request for request, fit in zip(asked, fits, strict=True) if not fit]
    requests = processes.share_groups([request for request, fit in zip(asked, fits, strict=True) if fit])
    sampling = Sampling(settings.temperature, settings.top_p, config.rollout.max_tokens)
    passed: list[tuple[str, bool]] = []
    if requests:
        experience = generate_and_judge(
            models,
            requests,
            sampling,
            config.rollout.batch_size,
            judge,
            chat=chat,
            stop=() if chat else APPS_STOP,
            every_test=True,
        )
        wait_for_verdicts(experience, judge)
        passed = [
            (rollout.task.problem.difficulty, outcome.passed)
            for rollout, outcome in zip(experience.rollouts, experience.outcomes, strict=True)
        ]
    left_out = [(request.task.problem.difficulty, False) for request in too_long]  # nothing can be written: a failure
    return pass_rates(processes.gather(passed) + left_out)


def pass_rates(passed: Sequence[tuple[str, bool]]) -> dict[str, float]:
    """The share that passed, over all and by tier. Pure; with n samples a problem the mean is pass@1's estimate."""
    tiers: dict[str, list[bool]] = defaultdict(list)
    for tier, success in passed:
        tiers[tier].append(success)
    rates = {"eval/pass@1": sum(success for _, success in passed) / max(1, len(passed))}
    if len(tiers) > 1:
        rates |= {f"eval/{tier}": sum(found) / len(found) for tier, found in sorted(tiers.items())}
    return rates
