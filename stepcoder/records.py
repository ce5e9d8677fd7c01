"""The records that flow through a training step: a task becomes roll-outs, each is judged, rewarded and masked.

Task -> Assembled -> Rollout -> Outcome -> Reward, loss mask -> PPO update
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from apps_plus.problem import Problem


@dataclass(frozen=True, slots=True)
class Task:
    """A problem as training sees it."""

    problem: Problem
    prompt: str
    """What the model reads before the program begins."""

    @property
    def task_id(self) -> str:
        """The problem's own id."""
        return self.problem.problem_id

    @property
    def solution(self) -> str:
        """The canonical solution: what curriculum prefixes are cut from."""
        return self.problem.canonical_solution


@dataclass(frozen=True, slots=True)
class Request:
    """One sample to draw."""

    task: Task
    stage: int
    prefix: str
    prompt_ids: tuple[int, ...]
    group: int
    """Requests of one group ask for the same."""
    seed: int


@dataclass(frozen=True, slots=True, order=True)
class CodeSpan:
    """A part of a completion that is a part of its program: ``completion[start:end]`` stands in it at ``offset``."""

    start: int
    end: int
    offset: int


@dataclass(frozen=True, slots=True)
class Assembled:
    """A program put together from a curriculum prefix and what the model wrote.

    The rest of the completion is reasoning, prose, fences and the indentation of fences; the rest of the source is the
    prefix.
    """

    source: str
    spans: tuple[CodeSpan, ...]
    """In the order of the completion; they do not overlap."""

    @property
    def given(self) -> int:
        """Characters of the source before the first that the model wrote."""
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
    """Tokens that the model wrote, its end of text included where it came to one."""
    logprobs: tuple[float, ...]
    """log pi of each response token under the policy that wrote it, at the temperature of the sampling."""
    completion: str
    """The response as text, without the end of text."""
    finished: bool
    """Whether it ended by itself, before the longest length allowed."""


@dataclass(frozen=True, slots=True)
class Reward:
    """What one program earns, without the KL penalty, which the trainer adds token by token."""

    parts: Mapping[str, float]
    """Given at the last token; logged under these names."""
    lines: Mapping[int, float] = field(default_factory=dict)
    """Given at the last token of single lines of the program (RLTF's fine-grained feedback)."""

    @property
    def total(self) -> float:
        """What is given at the last token."""
        return sum(self.parts.values())
