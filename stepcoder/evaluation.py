"""Evaluate a policy on held-out problems during training: pass@1, overall and by difficulty."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from harness.generation.prompts import APPS_STOP
from harness.generation.transformers_backend import context_length
from stepcoder.config import TrainConfig
from stepcoder.curriculum import full_generation
from stepcoder.environment import wait_for_verdicts
from stepcoder.experience import generate_and_judge, requests_for
from stepcoder.judging import Judge
from stepcoder.models import Models
from stepcoder.processes import Processes
from stepcoder.records import Task
from stepcoder.rollouts import RolloutSampling


def evaluate(
    models: Models,
    tasks: Sequence[Task],
    config: TrainConfig,
    judge: Judge,
    processes: Processes,
    doing: Callable[[str, str], None] = lambda phase, count: None,
) -> dict[str, float]:
    """Return ``eval/pass@1`` and, if there are several difficulties, ``eval/<difficulty>``.

    Programs are generated whole, cut as ``apps-plus generate`` cuts them, and judged by every test. Every evaluation
    uses the same random streams. ``doing`` is called with what is being done and how far it is.
    """
    doing("evaluating", "")
    settings = config.evaluation
    curriculum = full_generation([task.task_id for task in tasks])
    chat = config.model.chat
    requests = requests_for(tasks, curriculum, models.tokenizer, settings.samples, config.seed, "eval", chat=chat)
    context = context_length(models.policy)
    fits = [request for request in requests if context is None or len(request.prompt_ids) < context]
    too_long = [request for request in requests if context is not None and len(request.prompt_ids) >= context]
    requests = processes.share_groups(fits)
    sampling = RolloutSampling(settings.temperature, settings.top_p, config.rollout.max_tokens)
    passed: list[tuple[str, bool]] = []
    if requests:
        pending = generate_and_judge(
            models,
            requests,
            sampling,
            config.rollout.batch_size,
            judge,
            chat=chat,
            stop=() if chat else APPS_STOP,
            every_test=True,
            report=lambda count: doing("evaluating", count),
        )
        doing("judging the evaluation", "")
        judged = wait_for_verdicts(pending, judge)
        passed = [(one.rollout.task.problem.difficulty, one.outcome.passed) for one in judged]
    failed = [(request.task.problem.difficulty, False) for request in too_long]  # no room for a response
    return pass_rates(processes.gather(passed) + failed)


def pass_rates(passed: Sequence[tuple[str, bool]]) -> dict[str, float]:
    """Compute the share of programs that passed, overall and by difficulty: the estimate of pass@1.

    Args:
        passed: The difficulty of each program's problem, and whether the program passed every test.
    """
    by_difficulty: dict[str, list[bool]] = defaultdict(list)
    for difficulty, success in passed:
        by_difficulty[difficulty].append(success)
    rates = {"eval/pass@1": sum(success for _, success in passed) / max(1, len(passed))}
    if len(by_difficulty) > 1:
        rates |= {f"eval/{difficulty}": sum(found) / len(found) for difficulty, found in sorted(by_difficulty.items())}
    return rates
