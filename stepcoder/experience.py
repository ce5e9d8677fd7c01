"""Collect the experience of a step: generate programs, judge them meanwhile, reward them, mask their tokens.

Sandbox and model work at the same time: the programs of one batch are judged while the next batch is generated, and
while the models compute log-probabilities and values.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import torch

from harness.generation.backend import cut_at_stop
from harness.judging.judged_program import JudgedProgram
from stepcoder.assemble_program import assemble
from stepcoder.curriculum import Curriculum
from stepcoder.judging import Judge
from stepcoder.loss_mask import line_ends
from stepcoder.methods import Method
from stepcoder.models import Models
from stepcoder.records import Assembled, JudgedRollout, Reward, RewardedRollout, Rollout, RolloutRequest, Task
from stepcoder.rollouts import RolloutSampling, sample
from stepcoder.token_offsets import response_offsets
from stepcoder.training_prompts import build_prompt


@dataclass(frozen=True, slots=True)
class PendingRollout:
    """A roll-out whose program is being judged."""

    rollout: Rollout
    program: Assembled
    verdict: Future[JudgedProgram]
    every_test: bool
    """True if it is judged by all tests, also beyond ``rollout.max_tests``."""


def seed_of(*parts: int | str) -> int:
    """Return the seed of a random stream from the values that name the stream; the same on every machine."""
    text = "\0".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(text).digest()[:7], "big")


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
        begin = curriculum.draw(task.task_id, seed_of(*seed, "start", task.task_id, place))
        requests += request_group(task, begin, tokenizer, samples, place, *seed, chat=chat)
    return requests


def request_group(
    task: Task, begin: tuple[int, int], tokenizer: Any, samples: int, group: int, *seed: int | str, chat: bool
) -> list[RolloutRequest]:
    """Request the roll-outs of one group.

    Args:
        task: The problem.
        begin: The stage, and the number of characters of the canonical solution that are given.
        tokenizer: The model's.
        samples: Roll-outs of the group.
        group: The number of the group within the step.
        seed: The values that name the random stream; task, group and roll-out are added.
        chat: True for a chat model.
    """
    stage, start = begin
    prompt_ids, prefix = build_prompt(tokenizer, task, start, chat=chat)
    return [
        RolloutRequest(task, stage, prefix, prompt_ids, group, seed_of(*seed, task.task_id, group, number))
        for number in range(samples)
    ]


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

    Returns:
        The roll-outs in the order of the requests.
    """
    pending: dict[int, PendingRollout] = {}

    def submit(number: int, rollout: Rollout) -> None:
        entry_point = rollout.task.problem.entry_point
        program = assemble(rollout.prefix, cut_at_stop(rollout.completion, stop), chat, entry_point)
        verdict = judge.submit(rollout.task, program.source, every_test=every_test)
        pending[number] = PendingRollout(rollout, program, verdict, every_test)

    with models.forward_dtype():
        sample(models.policy, models.tokenizer, requests, sampling, batch_size, submit)
    return [pending[number] for number in range(len(requests))]


def wait_for_verdicts(pending: Sequence[PendingRollout], judge: Judge) -> list[JudgedRollout]:
    """Wait until every program is judged. Raises WorkError if the judge's workers die repeatedly."""
    return [
        JudgedRollout(
            one.rollout,
            one.program,
            judge.result(one.rollout.task, one.program.source, one.verdict, every_test=one.every_test),
        )
        for one in pending
    ]


def reward_and_mask(
    judged: Sequence[JudgedRollout], method: Method, tokenizer: Any, seed: int
) -> list[RewardedRollout]:
    """Apply the method's reward and loss mask to every roll-out. The groups are whole."""
    seen: Counter[int] = Counter()  # mask seeds by group: the same on whichever process a group is
    rewarded = []
    for one, reward in zip(judged, rewards_of(judged, method), strict=True):
        group = one.rollout.group
        rewarded.append(_mask_one(one, reward, method, tokenizer, seed_of(seed, "mask", group, seen[group])))
        seen[group] += 1
    return rewarded


def rewards_of(judged: Sequence[JudgedRollout], method: Method) -> list[Reward]:
    """Return the reward of each roll-out; an empty one if it is not usable."""
    rewards = [Reward({}) for _ in judged]
    groups: dict[int, list[int]] = defaultdict(list)
    for number, one in enumerate(judged):
        if one.usable:
            groups[one.rollout.group].append(number)
    for members in groups.values():
        if method.group_reward is not None:
            found = method.group_reward([judged[number].outcome for number in members])
        else:
            assert method.reward is not None
            found = [
                method.reward(one.outcome, one.program.source, one.rollout.task.solution)
                for one in (judged[number] for number in members)
            ]
        for number, reward in zip(members, found, strict=True):
            rewards[number] = reward
    return rewards


def _mask_one(one: JudgedRollout, reward: Reward, method: Method, tokenizer: Any, seed: int) -> RewardedRollout:
    rollout, program, outcome = one.rollout, one.program, one.outcome
    offsets = response_offsets(tokenizer, rollout.prompt_ids, rollout.response_ids)
    mask = method.mask(offsets, program, outcome, seed)
    return RewardedRollout(rollout, program, outcome, reward, token_scores(reward, offsets, program), mask)


def token_scores(reward: Reward, offsets: Sequence[tuple[int, int]], program: Assembled) -> dict[int, float]:
    """Return the reward by response token: the total at the last token, a line's reward at the line's last token.

    The reward of a line of the prefix is given at the first token, of a line without tokens at the last.
    """
    last = len(offsets) - 1
    scores = {last: reward.total}
    ends = line_ends(offsets, program) if reward.lines else {}
    given = program.source[: program.given].count("\n")
    for line, value in reward.lines.items():
        place = ends.get(line, 0 if line <= given else last)
        scores[place] = scores.get(place, 0.0) + value
    return scores
