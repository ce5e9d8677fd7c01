"""DAPO's dynamic sampling (arXiv 2503.14476, section 3.2): draw anew the groups with equal rewards.

The advantages of a group whose roll-outs all have the same reward are 0: it would teach nothing, and count in the mean
over tokens. Another problem takes its place, up to ``ppo.redraw`` times; a group that still has equal rewards then is
left out of the update.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from stepcoder.environment import PendingRollout, reward_and_mask, seed_of, wait_for_verdicts
from stepcoder.experience import requests_for
from stepcoder.records import RewardedRollout, RolloutRequest
from stepcoder.training_run import TrainingRun

Generate = Callable[[list[RolloutRequest]], list[PendingRollout]]


def draw_anew(
    run: TrainingRun, step: int, pending: Sequence[PendingRollout], generate: Generate
) -> tuple[list[PendingRollout], list[RewardedRollout]]:
    """Replace the groups with equal rewards until none is left, or ``ppo.redraw`` times.

    Every process draws as often as the one that draws most.

    Args:
        run: The run.
        step: The step, from 0.
        pending: This process's roll-outs of the step.
        generate: Generates roll-outs and submits their programs to the judge.

    Returns:
        The groups in use, as many as before, and the roll-outs that were replaced.
    """
    problems, used, replaced = run.config.rollout.problems, list(pending), list[RewardedRollout]()
    fresh = used
    for attempt in range(1, run.config.update.redraw + 1):
        judged = wait_for_verdicts(fresh, run.judge)
        rewarded = reward_and_mask(judged, run.method, run.models.tokenizer, seed_of(run.config.seed, step))
        equal = groups_with_equal_rewards(rewarded)
        if not any(run.processes.gather([bool(equal)])):
            break
        replaced += [one for one in rewarded if one.rollout.group in equal]
        used = [one for one in used if one.rollout.group not in equal]
        places = sorted(group % problems for group in equal)
        fresh = generate([request for place in places for request in _another_problem(run, step, attempt, place)])
        used += fresh
        run.stop.check(run.processes)
    return used, replaced


def groups_with_equal_rewards(rollouts: Sequence[RewardedRollout]) -> set[int]:
    """Return the groups of which all usable roll-outs have the same reward, or none is usable."""
    rewards: dict[int, set[float]] = defaultdict(set)
    for one in rollouts:
        rewards[one.rollout.group] |= {sum(one.token_scores.values())} if one.usable else set()
    return {group for group, found in rewards.items() if len(found) < 2}


def _another_problem(run: TrainingRun, step: int, attempt: int, place: int) -> list[RolloutRequest]:
    """Request the roll-outs of a problem drawn uniformly: the same on whichever process the place is."""
    config = run.config
    stream = (config.seed, step, "redraw", attempt, place)
    task = run.tasks[seed_of(*stream) % len(run.tasks)]
    requests = requests_for(
        [task], run.curriculum, run.models.tokenizer, config.rollout.samples, *stream, chat=config.model.chat
    )
    return [replace(request, group=place + attempt * config.rollout.problems) for request in requests]
