"""All of a roll-out but the policy: the prompt with its prefix before it; tests, reward and loss mask after it.

    environment = Environment(tokenizer, method_named("stepcoder"), judge, ends)
    begun = environment.begin(task, curriculum.draw(task.task_id, seed))  # begun.prompt_ids
    (done,) = environment.finish([environment.submit(begun, response_ids)], seed)
    done.reward, done.loss_mask, done.outcome, done.rollout.stage

The trainer of this package (``stepcoder.experience``) and the engines of others (``stepcoder.engines``) bring the
policy and its update. What they share is here, without torch, so that a roll-out is the same in all of them.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from harness.generation.backend import cut_at_stop
from harness.generation.prompts import APPS_STOP
from harness.generation.tokenization import continuation
from harness.judging.judged_program import JudgedProgram
from stepcoder.assemble_program import assemble
from stepcoder.judging import Judge
from stepcoder.loss_mask import line_ends
from stepcoder.methods import Method
from stepcoder.records import Assembled, JudgedRollout, Reward, RewardedRollout, Rollout, RolloutRequest, Task
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


@dataclass(frozen=True, slots=True)
class Environment:
    """Begins and finishes the roll-outs of a method for an engine that brings its own policy."""

    tokenizer: Any
    """Of ``transformers``."""
    method: Method
    judge: Judge
    ends: frozenset[int]
    """The tokens that end a response."""
    chat: bool = False
    """True for a chat model."""

    def begin(self, task: Task, start: tuple[int, int]) -> RolloutRequest:
        """Return the prompt of a roll-out; ``start`` is what the curriculum drew. Raises InputError."""
        return begin(self.tokenizer, task, start, chat=self.chat)

    def submit(self, begun: RolloutRequest, response_ids: Sequence[int], *, held_out: bool = False) -> PendingRollout:
        """Start to judge the program of a response.

        Args:
            begun: The prompt that was continued.
            response_ids: The tokens of the response, at least one, the end of text included.
            held_out: True to judge as an evaluation does: the program of a base model is cut where ``apps-plus
                generate`` cuts it, and every test is run.
        """
        rollout = complete(self.tokenizer, begun, response_ids, self.ends)
        stop = APPS_STOP if held_out and not self.chat else ()
        return submit(rollout, self.judge, chat=self.chat, stop=stop, every_test=held_out)

    def finish(self, pending: Sequence[PendingRollout], seed: int) -> list[RewardedRollout]:
        """Wait for the verdicts; return the roll-outs with rewards and masks. Raises WorkError."""
        return reward_and_mask(wait_for_verdicts(pending, self.judge), self.method, self.tokenizer, seed)


def seed_of(*parts: int | str) -> int:
    """Return the seed of a random stream from the values that name the stream; the same on every machine."""
    text = "\0".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(text).digest()[:7], "big")


def begin(
    tokenizer: Any, task: Task, start: tuple[int, int], *, chat: bool, group: int = 0, seed: int = 0
) -> RolloutRequest:
    """Return the request of one roll-out: the prompt, with the prefix that its stage gives.

    Args:
        tokenizer: The model's.
        task: The problem.
        start: The stage, and the number of characters of the canonical solution that are given.
        chat: True for a chat model.
        group: The number of the group within the step.
        seed: Of the roll-out's random stream.

    Raises:
        InputError: The model has no chat template.
    """
    stage, characters = start
    prompt_ids, prefix = build_prompt(tokenizer, task, characters, chat=chat)
    return RolloutRequest(task, stage, prefix, prompt_ids, group, seed)


def complete(
    tokenizer: Any, begun: RolloutRequest, ids: Sequence[int], ends: Collection[int], logprobs: Sequence[float] = ()
) -> Rollout:
    """Return the roll-out of a response.

    Args:
        tokenizer: The model's.
        begun: The prompt that was continued.
        ids: The tokens of the response, at least one.
        ends: The tokens that end a response.
        logprobs: Of the tokens, if they are known.
    """
    finished = ids[-1] in ends
    return Rollout(
        task=begun.task,
        stage=begun.stage,
        prefix=begun.prefix,
        prompt_ids=begun.prompt_ids,
        response_ids=tuple(ids),
        logprobs=tuple(logprobs),
        completion=continuation(tokenizer, begun.prompt_ids, ids[:-1] if finished else ids),
        finished=finished,
        group=begun.group,
    )


def submit(
    rollout: Rollout, judge: Judge, *, chat: bool, stop: Sequence[str] = (), every_test: bool = False
) -> PendingRollout:
    """Assemble the program of a roll-out, and start to judge it.

    Args:
        rollout: The roll-out.
        judge: Judges the program.
        chat: True if the program is in a fenced block.
        stop: Texts that end a program, as in ``generate``; none in training, which teaches the end of text.
        every_test: Judge by all tests, also beyond ``rollout.max_tests``.
    """
    entry_point = rollout.task.problem.entry_point
    program = assemble(rollout.prefix, cut_at_stop(rollout.completion, stop), chat, entry_point)
    verdict = judge.submit(rollout.task, program.source, every_test=every_test)
    return PendingRollout(rollout, program, verdict, every_test)


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
