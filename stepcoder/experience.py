"""Collect the experience of a step: generate programs, and judge them meanwhile.

Sandbox and model work at the same time: the programs of one batch are judged while the next batch is generated, and
while the models compute log-probabilities and values. ``stepcoder.environment`` has the parts without a model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch

from stepcoder.curriculum import Curriculum
from stepcoder.environment import PendingRollout, begin, seed_of, submit
from stepcoder.judging import Judge
from stepcoder.models import Models
from stepcoder.records import Rollout, RolloutRequest, Task
from stepcoder.rollouts import RolloutSampling, sample


def choose_tasks(count: int, wanted: int, step: int, seed: int) -> list[int]:
    """Return the indices of a step's tasks: every task once per epoch, each epoch shuffled anew."""
    chosen = []
    for place in range(step * wanted, (step + 1) * wanted):
        epoch, at = divmod(place, count)
        order = torch.randperm(count, generator=torch.Generator().manual_seed(seed_of(seed, "order", epoch)))
        chosen.append(int(order[at]))
    return chosen


def requests_for(
    tasks: Sequence[Task], curriculum: Curriculum, tokenizer: Any, samples: int, *seed: int | str, chat: bool
) -> list[RolloutRequest]:
    """Request ``samples`` roll-outs of every task, each group where the curriculum has it begin.

    A task that occurs twice is sampled anew: its index in the list is its group, and part of the seeds.
    """
    requests = []
    for place, task in enumerate(tasks):
        start = curriculum.draw(task.task_id, seed_of(*seed, "start", task.task_id, place))
        requests += request_group(task, start, tokenizer, samples, place, *seed, chat=chat)
    return requests


def request_group(
    task: Task, start: tuple[int, int], tokenizer: Any, samples: int, group: int, *seed: int | str, chat: bool
) -> list[RolloutRequest]:
    """Request the roll-outs of one group.

    Args:
        task: The problem.
        start: The stage, and the number of characters of the canonical solution that are given.
        tokenizer: The model's.
        samples: Roll-outs of the group.
        group: The number of the group within the step.
        seed: The values that name the random stream; task, group and roll-out are added.
        chat: True for a chat model.
    """
    first = begin(tokenizer, task, start, chat=chat, group=group)
    return [replace(first, seed=seed_of(*seed, task.task_id, group, number)) for number in range(samples)]


def generate_and_judge(
    models: Models,
    requests: Sequence[RolloutRequest],
    sampling: RolloutSampling,
    batch_size: int,
    judge: Judge,
    *,
    chat: bool,
    stop: Sequence[str] = (),
    every_test: bool = False,
    report: Callable[[str], None] = lambda count: None,
) -> list[PendingRollout]:
    """Generate the roll-outs; submit each program to the judge as soon as its batch is generated.

    Args:
        models: The policy and its tokenizer.
        requests: The samples to draw.
        sampling: Temperature, nucleus and length.
        batch_size: Sequences generated at once.
        judge: Judges the programs.
        chat: True if the programs are in fenced blocks.
        stop: Texts that end a program, as in ``generate``; none in training, which teaches the end of text.
        every_test: Judge by all tests, also beyond ``rollout.max_tests``.
        report: Called after each token of the batch with how many roll-outs and tokens there are, as text.

    Returns:
        The roll-outs in the order of the requests.
    """
    pending: dict[int, PendingRollout] = {}
    tokens = 0

    def count(new: int) -> None:
        nonlocal tokens
        tokens += new
        report(f"{len(pending)} of {len(requests)} programs, {tokens:,} tokens")

    def judge_it(number: int, rollout: Rollout) -> None:
        pending[number] = submit(rollout, judge, chat=chat, stop=stop, every_test=every_test)

    with models.forward_dtype():
        sample(models.policy, models.tokenizer, requests, sampling, batch_size, judge_it, count)
    return [pending[number] for number in range(len(requests))]
