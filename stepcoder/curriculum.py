"""CCCS, the Curriculum of Code Completion Subtasks (StepCoder, section 3.1): where the model begins to write.

The canonical solution has E conditional statements, so E of the places where a random program goes one of several ways.
A problem begins with nearly all of its solution given; each stage gives a stride of conditionals less, until the model
writes everything. What the paper leaves open is settled in DESIGN, section 9:

- there are ceil(sqrt(E)) curricula and the stride is ceil(E / ceil(sqrt(E))): stage j starts on the line of the
  conditional with index E - j * stride, counted from 0, for as long as there is one; full generation always follows;
- a start is the beginning of a line, so that the model writes the indentation too;
- a problem moves on when more than rho of the roll-outs since it entered its stage passed, out of a full group or
  more; it never moves back. Where it does not within some groups, they are forgotten: what failed a hundred steps ago
  says nothing of the policy of today, and a stage that was hard at first would hold a problem for as long again.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import Conditional

_NEWLINE = re.compile("\r\n|\r|\n")
"""Where Python ends a line."""


def stage_starts(solution: str, conditionals: Sequence[Conditional]) -> tuple[int, ...]:
    """The character of the solution at which each stage starts: strictly decreasing, the last is 0.

    Raises:
        InputError: a conditional stands on a line that the solution does not have.
    """
    lines = sorted(conditional.start_line for conditional in conditionals)
    beginnings = [0, *(end.end() for end in _NEWLINE.finditer(solution))]
    if lines and not 1 <= lines[0] <= lines[-1] <= len(beginnings):
        raise InputError(
            f"the conditionals are not those of this canonical solution: one is on line {lines[-1]} of "
            f"{len(beginnings)}; build the dataset again"
        )
    starts = [beginnings[lines[index] - 1] for index in stage_indices(len(lines))]
    return tuple(dict.fromkeys([*starts, 0]))  # a first conditional on the first line starts where everything does


def stage_indices(conditionals: int) -> range:
    """The indices, from 0, of the conditionals at which the stages before full generation start."""
    if not conditionals:
        return range(0)
    curricula = math.isqrt(conditionals - 1) + 1  # ceil(sqrt(E)) without rounding
    stride = -(-conditionals // curricula)
    return range(conditionals - stride, -1, -stride)


@dataclass(slots=True)
class StageProgress:
    """Where a problem stands in its curriculum."""

    stage: int = 1
    """From 1."""
    successes: int = 0
    """Of these, roll-outs that passed every test."""
    attempts: int = 0
    """Roll-outs since the problem entered the stage, or since it was last counted anew."""


class Curriculum:
    """The stage of every problem, and when it moves on."""

    def __init__(
        self, starts: Mapping[str, tuple[int, ...]], rho: float = 0.5, group: int = 16, memory: int = 0
    ) -> None:
        """Begin every problem at its first stage.

        Args:
            starts: Of each problem, by its id, what ``stage_starts`` gives.
            rho: The share of passing roll-outs that must be exceeded.
            group: Roll-outs that a stage has at least.
            memory: Roll-outs after which a stage is counted anew; 0: never.

        Raises:
            ValueError: a problem has no stages, or its last is not full generation.
        """
        for task_id, places in starts.items():
            if not places or places[-1] != 0:
                raise ValueError(f"the last stage of {task_id} must start at 0, not {places}")
        self._starts = dict(starts)
        self._rho, self._group, self._memory = rho, group, memory
        self._progress = {task_id: StageProgress() for task_id in starts}

    def stage(self, task_id: str) -> int:
        """The stage that a problem is in, from 1."""
        return self._progress[task_id].stage

    def start(self, task_id: str) -> int:
        """How many characters of its canonical solution a problem is given."""
        return self._starts[task_id][self.stage(task_id) - 1]

    def observe(self, task_id: str, stage: int, successes: int, attempts: int) -> bool:
        """Count roll-outs that were sampled in a stage; whether the problem moved on by them.

        Roll-outs of another stage than the present one, sampled before it moved, tell nothing of it: not counted.

        Raises:
            ValueError: more successes than attempts, or fewer than none.
        """
        if not 0 <= successes <= attempts:
            raise ValueError(f"{successes} successes in {attempts} attempts at {task_id}")
        progress = self._progress[task_id]
        if stage != progress.stage:
            return False
        progress.successes += successes
        progress.attempts += attempts
        if self._is_last(task_id) or not self._is_mastered(progress):
            if self._memory and progress.attempts >= self._memory:
                progress.successes = progress.attempts = 0
            return False
        self._progress[task_id] = StageProgress(stage + 1)
        return True

    def _is_mastered(self, progress: StageProgress) -> bool:
        return progress.attempts >= self._group and progress.successes > self._rho * progress.attempts

    def _is_last(self, task_id: str) -> bool:
        return self.stage(task_id) == len(self._starts[task_id])

    def state(self) -> dict[str, dict[str, int]]:
        """Every problem's progress, for a checkpoint: plain values that JSON can write."""
        return {task_id: asdict(progress) for task_id, progress in self._progress.items()}

    def restore(self, state: Mapping[str, Mapping[str, Any]]) -> None:
        """Go on from what ``state`` gave.

        Raises:
            InputError: it is that of other problems, or of problems with fewer stages.
        """
        if state.keys() != self._starts.keys():
            strange = min(state.keys() ^ self._starts.keys())
            raise InputError(
                f"the checkpoint's curriculum is not of these problems ({strange}): train on the same data"
            )
        restored = {task_id: StageProgress(**progress) for task_id, progress in state.items()}
        for task_id, progress in restored.items():
            if not 1 <= progress.stage <= len(self._starts[task_id]):
                raise InputError(
                    f"the checkpoint has {task_id} at stage {progress.stage} of {len(self._starts[task_id])}: train on "
                    "the same data"
                )
        self._progress = restored

    def counts(self) -> dict[int, int]:
        """How many problems are at each stage, in the order of the stages."""
        return dict(sorted(Counter(progress.stage for progress in self._progress.values()).items()))

    def full_generation_share(self) -> float:
        """The share of problems whose program the model writes from its first character; 0 where there are none."""
        return sum(map(self._is_last, self._starts)) / max(len(self._starts), 1)


def full_generation(task_ids: Iterable[str]) -> Curriculum:
    """No curriculum: every problem is at its last stage from the first step."""
    return Curriculum(dict.fromkeys(task_ids, (0,)))
