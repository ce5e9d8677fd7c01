"""A curriculum that many processes ask and tell, roll-out by roll-out and in any order.

In the trainer of this package a step ends in one place. In an engine whose roll-outs are drawn by processes of their
own, each asks for its start and tells its outcome, and only the trainer knows which groups it learnt from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps_plus.errors import InputError
from stepcoder.curriculum import Curriculum
from stepcoder.environment import seed_of


@dataclass(slots=True)
class Group:
    """The roll-outs of a problem that have one start."""

    task_id: str
    step: int
    """The step that asked for them."""
    start: tuple[int, int]
    """The stage, and the characters of the canonical solution that are given."""
    passed: dict[int, bool] = field(default_factory=dict)
    """By number of the roll-out, whether it passed every test."""
    share: float = 0.0
    """The share of the solution's characters that were given."""


class GroupCurriculum:
    """The curriculum of a run, and the groups that are not counted yet.

    Args:
        curriculum: Decides by groups.
        seed: The run's.
    """

    def __init__(self, curriculum: Curriculum, seed: int = 0) -> None:
        self._curriculum = curriculum
        self._seed = seed
        self._groups: dict[str, Group] = {}

    def draw(self, group: str, task_id: str, step: int) -> tuple[int, int]:
        """Return where a roll-out begins, the same for all of its group: stage, and characters that are given.

        Args:
            group: The name of the group.
            task_id: The problem.
            step: The step of the trainer that asked for the group, from 1.

        Raises:
            InputError: The curriculum has no such problem.
        """
        if (known := self._groups.get(group)) is None:
            try:
                start = self._curriculum.draw(task_id, seed_of(self._seed, step, "start", task_id))
            except KeyError as error:
                raise InputError(f"the curriculum has no problem {task_id}: prepare the run's data again") from error
            known = self._groups[group] = Group(task_id, step, start)
        return known.start

    def tell(self, group: str, rollout: int, passed: bool, share: float, policy: int | None) -> None:
        """Note the outcome of a roll-out. One that is told again replaces itself.

        A roll-out of an older policy than its step's is not noted, nor one of a group that is unknown: it began before
        the run was resumed, or was counted.

        Args:
            group: The name of the group.
            rollout: Its number within the group.
            passed: Whether it passed every test.
            share: The share of the canonical solution's characters that it was given.
            policy: Optimiser steps of the policy that wrote it, where known; that of step s has made s - 1.
        """
        known = self._groups.get(group)
        if known is None or (policy is not None and policy < known.step - 1):
            return
        known.passed[rollout] = passed
        known.share = share

    def advance(self, step: int) -> dict[str, float]:
        """Count each group of a step once, forget those of earlier steps, and return the metrics.

        A roll-out of an earlier stage than the problem's present one is not counted.
        """
        done = {name: group for name, group in self._groups.items() if group.step <= step}
        for name in done:
            del self._groups[name]
        counted = sorted(
            (group.task_id, group.start[0], sum(group.passed.values()), len(group.passed), group.share)
            for group in done.values()
            if group.step == step and group.passed
        )
        for observation in counted:
            self._curriculum.observe(*observation)
        return self._metrics(counted)

    def _metrics(self, counted: list[tuple[str, int, int, int, float]]) -> dict[str, float]:
        attempts = sum(observation[3] for observation in counted)
        return {
            "rollouts": float(attempts),
            "pass_rate": sum(observation[2] for observation in counted) / max(1, attempts),
            **{f"stage/{stage}": float(count) for stage, count in self._curriculum.counts().items()},
            "full_generation": self._curriculum.full_generation_share(),
        }

    def state(self) -> dict[str, Any]:
        """Return the progress of every problem, for a checkpoint: JSON values. Groups begin anew after a resume."""
        return self._curriculum.state()

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore what ``state`` returned, and forget all groups. Raises InputError if it is of other problems."""
        self._curriculum.restore(state)
        self._groups.clear()
