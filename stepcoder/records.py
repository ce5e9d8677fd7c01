"""The records of a training step: a task becomes roll-outs; each is judged, rewarded, masked and learnt from.

Task -> RolloutRequest -> Rollout -> JudgedRollout -> RewardedRollout -> Batch (``stepcoder.batch``) -> PPO update
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from apps_plus.problem import Problem
from harness.judging.judged_program import JudgedProgram
from harness.judging.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Task:
    """A problem with the prompt that the model is trained on."""

    problem: Problem
    prompt: str
    """The text before the program."""

    @property
    def task_id(self) -> str:
        """The problem's own id."""
        return self.problem.problem_id

    @property
    def solution(self) -> str:
        """The canonical solution, from which curriculum prefixes are cut."""
        return self.problem.canonical_solution


@dataclass(frozen=True, slots=True)
class RolloutRequest:
    """One sample to draw."""

    task: Task
    stage: int
    """Curriculum stage, from 1."""
    prefix: str
    prompt_ids: tuple[int, ...]
    group: int
    """Number of the task within the step: the samples of one group have the same prompt."""
    seed: int


@dataclass(frozen=True, slots=True, order=True)
class CodeSpan:
    """A part of a completion that is part of its program: ``completion[start:end]`` is at ``source[offset:]``."""

    start: int
    end: int
    offset: int


@dataclass(frozen=True, slots=True)
class Assembled:
    """A program: the curriculum prefix and the code of the completion.

    The rest of the completion is reasoning, prose, fences and the indentation of fences; the rest of the source is the
    prefix.
    """

    source: str
    spans: tuple[CodeSpan, ...]
    """In the order of the completion, without overlaps."""

    @property
    def given(self) -> int:
        """The number of characters of the source before the first that the model wrote."""
        return min((span.offset for span in self.spans), default=len(self.source))


@dataclass(frozen=True, slots=True)
class Rollout:
    """One sampled completion."""

    task: Task
    stage: int
    """The curriculum stage it was sampled in, from 1."""
    prefix: str
    """The part of the canonical solution that the model was given."""
    prompt_ids: tuple[int, ...]
    """Tokens of the prompt and the prefix: never in the loss."""
    response_ids: tuple[int, ...]
    """Tokens that the model wrote, the end of text included if it was reached."""
    logprobs: tuple[float, ...]
    """log pi of each response token under the policy that wrote it, at the sampling temperature."""
    completion: str
    """The response as text, without the end of text."""
    finished: bool
    """True if it ended with the end of text, before the maximum length."""
    group: int = 0
    """Number of the task within the step."""

    @property
    def share(self) -> float:
        """The share of the canonical solution's characters that the model was given."""
        return len(self.prefix) / len(self.task.solution) if self.prefix else 0.0


@dataclass(frozen=True, slots=True)
class Reward:
    """The reward of one program. The trainer subtracts the KL penalty from it, token by token."""

    parts: Mapping[str, float]
    """Given at the last token; logged under these names."""
    lines: Mapping[int, float] = field(default_factory=dict)
    """Given at the last token of single lines of the program, from 1 (RLTF's fine-grained feedback)."""

    @property
    def total(self) -> float:
        """The sum of the parts: the reward at the last token."""
        return sum(self.parts.values())


@dataclass(frozen=True, slots=True)
class JudgedRollout:
    """A roll-out, its program, and the outcome of the program's tests."""

    rollout: Rollout
    program: Assembled
    outcome: JudgedProgram

    @property
    def usable(self) -> bool:
        """True if the program was judged; after a harness error nothing may be learnt from it."""
        return self.outcome.verdict is not Verdict.HARNESS_ERROR


@dataclass(frozen=True, slots=True)
class RewardedRollout(JudgedRollout):
    """A judged roll-out with its reward and its loss mask: all that the update needs."""

    reward: Reward
    """Empty if the roll-out is not usable."""
    token_scores: Mapping[int, float]
    """The reward by response token, from 0."""
    loss_mask: tuple[bool, ...]
    """For each response token, whether it counts in the policy loss."""
