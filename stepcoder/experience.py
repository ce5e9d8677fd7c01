"""From tasks to a batch that can be learnt from: generate, judge meanwhile, reward, mask.

What the sandbox does overlaps with what the model does: programs of the first batch run while the next is written,
and while the models say what they think of the tokens.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import torch

from harness.generation.backend import cut_at_stop
from harness.judging.outcome import Outcome
from harness.judging.verdict import Verdict
from stepcoder.assemble_program import assemble
from stepcoder.curriculum import Curriculum
from stepcoder.judging import Judge
from stepcoder.loss_mask import line_ends
from stepcoder.methods import Method
from stepcoder.models import Models
from stepcoder.records import Assembled, Request, Reward, Rollout, Task
from stepcoder.rollouts import Sampling, sample
from stepcoder.token_offsets import response_offsets
from stepcoder.training_prompts import build_prompt


@dataclass
class Experience:
    """A step's roll-outs, and what is known of them so far."""

    rollouts: list[Rollout]
    programs: list[Assembled]
    groups: list[int]
    judging: list[Future[Outcome]]
    outcomes: list[Outcome] = field(default_factory=list)
    every_test: bool = False
    """Whether they are judged by more than ``rollout.max_tests``."""


def seed_of(*parts: int | str) -> int:
    """A seed from whatever tells one random stream from another; the same on every machine."""
    text = "\0".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(text).digest()[:7], "big")


def choose_tasks(count: int, wanted: int, step: int, seed: int) -> list[int]:
    """The numbers of the tasks of a step, from 0: every task once before any comes again, in an order of its own."""
    chosen = []
    for place in range(step * wanted, (step + 1) * wanted):
        epoch, at = divmod(place, count)
        order = torch.randperm(count, generator=torch.Generator().manual_seed(seed_of(seed, "order", epoch)))
        chosen.append(int(order[at]))
    return chosen


def requests_for(
    tasks: Sequence[Task], curriculum: Curriculum, tokenizer: Any, samples: int, *seed: int | str, chat: bool
) -> list[Request]:
    """Every task ``samples`` times, each from where its curriculum stands.

    A task that comes twice is sampled anew: its place in the list is part of the seeds, and is its group.
    """
    requests = []
    for place, task in enumerate(tasks):
        start = curriculum.start(task.task_id)
        prompt_ids, prefix = build_prompt(tokenizer, task, start, chat=chat)
        stage = curriculum.stage(task.task_id)
        requests += [
            Request(task, stage, prefix, prompt_ids, place, seed_of(*seed, task.task_id, place, number))
            for number in range(samples)
        ]
    return requests


def generate_and_judge(
    models: Models,
    requests: Sequence[Request],
    sampling: Sampling,
    batch_size: int,
    judge: Judge,
    *,
    chat: bool,
    stop: Sequence[str] = (),
    every_test: bool = False,
) -> Experience:
    """Draw the roll-outs; each program goes to the sandbox as soon as its batch is written.

    Args:
        models: The policy and its tokenizer.
        requests: What to draw.
        sampling: How.
        batch_size: Sequences at once.
        judge: Where the programs go.
        chat: Whether they stand in fenced blocks.
        stop: Texts that end a program, as ``generate`` has them; training has none, since it teaches to end.
        every_test: Judge by every test.
    """
    programs: dict[int, Assembled] = {}
    judging: dict[int, Future[Outcome]] = {}

    def hand_over(number: int, rollout: Rollout) -> None:
        entry_point = rollout.task.problem.entry_point
        programs[number] = assemble(rollout.prefix, cut_at_stop(rollout.completion, stop), chat, entry_point)
        judging[number] = judge.submit(rollout.task, programs[number].source, every_test=every_test)

    with models.forward_dtype():
        rollouts = sample(models.policy, models.tokenizer, requests, sampling, batch_size, hand_over)
    numbers = range(len(rollouts))
    groups = [request.group for request in requests]
    made, asked = [programs[n] for n in numbers], [judging[n] for n in numbers]
    return Experience(rollouts, made, groups, asked, every_test=every_test)


def wait_for_verdicts(experience: Experience, judge: Judge) -> None:
    """Fill in the outcomes. Raises WorkError where the judge's workers die again and again."""
    experience.outcomes = [
        judge.result(rollout.task, program.source, future, every_test=experience.every_test)
        for rollout, program, future in zip(experience.rollouts, experience.programs, experience.judging, strict=True)
    ]


@dataclass
class Learnable:
    """What each roll-out earns, where, and which of its tokens count."""

    rewards: list[Reward]
    token_scores: list[dict[int, float]]
    loss_masks: list[tuple[bool, ...]]
    usable: list[bool]
    """False where the harness failed on the program: it teaches nothing."""


def reward_and_mask(experience: Experience, method: Method, tokenizer: Any, seed: int) -> Learnable:
    """The method's reward and loss mask of every roll-out."""
    assert method.reward is not None
    found = Learnable([], [], [], [])
    seen: Counter[int] = Counter()  # the same seeds whichever process a group is on
    for number, (rollout, program, outcome) in enumerate(
        zip(experience.rollouts, experience.programs, experience.outcomes, strict=True)
    ):
        usable = outcome.verdict is not Verdict.HARNESS_ERROR
        offsets = response_offsets(tokenizer, rollout.prompt_ids, rollout.response_ids)
        reward = method.reward(outcome, program.source, rollout.task.solution) if usable else Reward({})
        found.rewards.append(reward)
        found.token_scores.append(token_scores(reward, offsets, program))
        group = experience.groups[number] if experience.groups else 0
        found.loss_masks.append(method.mask(offsets, program, outcome, seed_of(seed, "mask", group, seen[group])))
        seen[group] += 1
        found.usable.append(usable)
    return found


def token_scores(reward: Reward, offsets: Sequence[tuple[int, int]], program: Assembled) -> dict[int, float]:
    """What each response token earns: the whole at the last one, what is for a line at the last token on it.

    A line that the model did not write (of the prefix) is paid at the first token, a line without a token at the last.
    """
    last = len(offsets) - 1
    scores = {last: reward.total}
    ends = line_ends(offsets, program) if reward.lines else {}
    given = program.source[: program.given].count("\n")
    for line, value in reward.lines.items():
        place = ends.get(line, 0 if line <= given else last)
        scores[place] = scores.get(place, 0.0) + value
    return scores
