"""CCCS, the Curriculum of Code Completion Subtasks (StepCoder, section 3.1): how much of a solution is given.

A problem begins with nearly all of its canonical solution as a prefix. Each stage gives fewer of its E conditional
statements, until the model writes everything. What the paper leaves open (docs/algorithm.md has the reasons):

- There are ceil(sqrt(E)) curricula with a stride of ceil(E / ceil(sqrt(E))): stage j starts on the line of the
  conditional with index E - j * stride, from 0, while that index is not negative; the last stage is full generation.
- A start is the beginning of a line, so that the model writes the indentation, too.
- A problem moves to the next stage when more than rho of its roll-outs in the stage pass, out of at least a full group.
  It never moves back. After ``memory`` roll-outs without a move the count is reset: old failures are not of the
  present policy.
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
"""Python's line breaks."""


def stage_starts(solution: str, conditionals: Sequence[Conditional]) -> tuple[int, ...]:
    """Return the character of the solution at which each stage starts: strictly decreasing, the last is 0.

    Raises:
        InputError: A conditional is on a line that the solution does not have.
    """
    lines = sorted(conditional.start_line for conditional in conditionals)
    beginnings = [0, *(end.end() for end in _NEWLINE.finditer(solution))]
    if lines and not 1 <= lines[0] <= lines[-1] <= len(beginnings):
        raise InputError(
            f"the conditionals are not those of this canonical solution: one is on line {lines[-1]} of "
            f"{len(beginnings)}; build the dataset again"
        )
    starts = [beginnings[lines[index] - 1] for index in stage_indices(len(lines))]
    return tuple(dict.fromkeys([*starts, 0]))  # a conditional on the first line starts at 0, too


def stage_indices(conditionals: int) -> range:
    """Return the indices, from 0, of the conditionals at which the stages before full generation start."""
    if not conditionals:
        return range(0)
    curricula = math.isqrt(conditionals - 1) + 1  # ceil(sqrt(E)) without rounding
    stride = -(-conditionals // curricula)
    return range(conditionals - stride, -1, -stride)


@dataclass(slots=True)
class StageProgress:
    """The stage of a problem, and its roll-outs in that stage."""

    stage: int = 1
    """From 1."""
    successes: int = 0
    """Roll-outs that passed every test."""
    attempts: int = 0
    """Roll-outs since the problem entered the stage, or since the last reset."""


class Curriculum:
    """The stage of every problem, and the rule by which a problem moves to the next."""

    def __init__(
        self, starts: Mapping[str, tuple[int, ...]], rho: float = 0.5, group: int = 16, memory: int = 0
    ) -> None:
        """Start every problem at its first stage.

        Args:
            starts: By problem id, the result of ``stage_starts``.
            rho: Share of passing roll-outs that must be exceeded.
            group: Minimum number of roll-outs in a stage.
            memory: Roll-outs after which a stage's count is reset; 0: never.

        Raises:
            ValueError: A problem has no stages, or its last stage is not full generation.
        """
        for task_id, places in starts.items():
            if not places or places[-1] != 0:
                raise ValueError(f"the last stage of {task_id} must start at 0, not {places}")
        self._starts = dict(starts)
        self._rho, self._group, self._memory = rho, group, memory
        self._progress = {task_id: StageProgress() for task_id in starts}

    def stage(self, task_id: str) -> int:
        """Return the stage of a problem, from 1."""
        return self._progress[task_id].stage

    def start(self, task_id: str) -> int:
        """Return the number of characters of its canonical solution that a problem is given."""
        return self.start_of(task_id, self.stage(task_id))

    def start_of(self, task_id: str, stage: int) -> int:
        """Return the number of characters of the canonical solution that a stage gives."""
        return self._starts[task_id][stage - 1]

    def draw(self, task_id: str, seed: int) -> tuple[int, int]:
        """Return where a group of roll-outs begins: its stage, and the characters of the solution that it is given.

        Args:
            task_id: The problem.
            seed: A random stream, for the curricula that draw (``stepcoder.prefix_curricula``); this one does not.
        """
        return self.stage(task_id), self.start(task_id)

    def stages(self, task_id: str) -> int:
        """Return the number of stages of a problem, full generation included."""
        return len(self._starts[task_id])

    def longest_start(self, task_id: str) -> int:
        """Return the most characters of its canonical solution that a problem can be given."""
        return self.start_of(task_id, 1)

    def observe(self, task_id: str, stage: int, successes: int, attempts: int, share: float = 0.0) -> bool:
        """Count roll-outs of a problem. Return whether the problem moved to the next stage.

        Roll-outs that were sampled in an earlier stage than the present one are not counted.

        Args:
            task_id: The problem.
            stage: The stage in which the roll-outs were sampled.
            successes: Roll-outs that passed every test.
            attempts: All of them.
            share: The share of the solution's characters that they were given, which CCCS does not need.

        Raises:
            ValueError: More successes than attempts, or a negative number.
        """
        check_counts(task_id, successes, attempts)
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
        return self.stage(task_id) == self.stages(task_id)

    def state(self) -> dict[str, dict[str, int]]:
        """Return the progress of every problem, for a checkpoint: JSON values."""
        return {task_id: asdict(progress) for task_id, progress in self._progress.items()}

    def restore(self, state: Mapping[str, Mapping[str, Any]]) -> None:
        """Restore the progress that ``state`` returned.

        Raises:
            InputError: It belongs to other problems, or to problems with fewer stages.
        """
        if state.keys() != self._starts.keys():
            other = min(state.keys() ^ self._starts.keys())
            raise InputError(f"the checkpoint's curriculum is of other problems ({other}): train on the same data")
        restored = {task_id: StageProgress(**progress) for task_id, progress in state.items()}
        for task_id, progress in restored.items():
            if not 1 <= progress.stage <= len(self._starts[task_id]):
                raise InputError(
                    f"the checkpoint has {task_id} at stage {progress.stage} of {len(self._starts[task_id])}: train on "
                    "the same data"
                )
        self._progress = restored

    def counts(self) -> dict[int, int]:
        """Count the problems at each stage, in the order of the stages."""
        return dict(sorted(Counter(progress.stage for progress in self._progress.values()).items()))

    def full_generation_share(self) -> float:
        """Return the share of problems in full generation; 0 if there are no problems."""
        return sum(map(self._is_last, self._starts)) / max(len(self._starts), 1)


def check_counts(task_id: str, successes: int, attempts: int) -> None:
    """Raise ValueError for more successes than attempts, or a negative number."""
    if not 0 <= successes <= attempts:
        raise ValueError(f"{successes} successes in {attempts} attempts at {task_id}")


def full_generation(task_ids: Iterable[str]) -> Curriculum:
    """Return a curriculum of one stage: full generation from the first step."""
    return Curriculum(dict.fromkeys(task_ids, (0,)))
