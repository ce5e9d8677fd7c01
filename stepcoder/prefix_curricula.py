"""Curricula of other papers, which give a prefix of the solution by another rule than CCCS's.

- ``MixedStages``: every stage at any time, drawn for each group. R3 (arXiv 2402.05808) mixes all start states instead
  of moving from stage to stage; PrefixRL (arXiv 2601.18795) mixes problems with prefixes and whole ones.
- ``RevealedShares``: AdaBack (arXiv 2506.18110), a stochastic binary search for each problem's share of the solution.
- ``AnchorSearch``: BREAD (arXiv 2506.17211), a prefix only where a whole group fails. The search within a step is in
  ``stepcoder.anchor_search``.

What the papers leave open, or what could not be verified, is in docs/algorithm.md.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from apps_plus.errors import InputError
from stepcoder.curriculum import Curriculum, StageProgress, check_counts

WHOLE = 0.5
"""Share of whole problems in PrefixRL's mix."""
UNREVEALED = 0.1
"""Probability with which AdaBack gives no prefix, so that the model also trains as it is tested."""
AVERAGING = 0.05
"""Weight of the latest range in the averages from which AdaBack's problems begin."""


class MixedStages(Curriculum):
    """All stages at once: the start of each group is drawn, whatever passed before.

    Args:
        starts: By problem id, the result of ``stage_starts``.
        whole: Probability of the last stage, full generation; the others share the rest. None: all are equally likely.
    """

    def __init__(self, starts: Mapping[str, tuple[int, ...]], whole: float | None = None) -> None:
        super().__init__(starts)
        self._whole = whole

    def draw(self, task_id: str, seed: int) -> tuple[int, int]:
        """Draw the stage of a group."""
        last, stream = self.stages(task_id), random.Random(seed)  # noqa: S311 - reproducible, not secret
        if self._whole is None:
            stage = stream.randint(1, last)
        else:
            stage = last if last == 1 or stream.random() < self._whole else stream.randint(1, last - 1)
        return stage, self.start_of(task_id, stage)

    def observe(self, task_id: str, stage: int, successes: int, attempts: int, share: float = 0.0) -> bool:
        """Change nothing: no problem moves."""
        check_counts(task_id, successes, attempts)
        return False

    def counts(self) -> dict[int, int]:
        """Return an empty dictionary: no problem has a stage."""
        return {}

    def full_generation_share(self) -> float:
        """Return the share of problems that have no other stage."""
        return sum(self.stages(task_id) == 1 for task_id in self._starts) / max(len(self._starts), 1)


@dataclass(slots=True)
class ShareRange:
    """The shares of a problem's solution among which the next one is drawn."""

    low: float = 0.0
    """The largest share that was too little."""
    high: float = 1.0
    """The smallest share that sufficed."""


class RevealedShares(Curriculum):
    """AdaBack: each problem has a range of shares, which every group halves at random.

    The share of a group is drawn uniformly from the range. If the group's pass rate reaches the threshold, the share
    becomes the upper end and the lower end 0; if not, it becomes the lower end. A problem's range begins with the
    moving averages of all ranges. A problem that passes without a prefix has a range of 0 alone: stage 2.

    Args:
        lengths: By problem id, the number of characters of the canonical solution.
        threshold: The pass rate that suffices.
    """

    def __init__(self, lengths: Mapping[str, int], threshold: float) -> None:
        super().__init__({task_id: (length, 0) if length else (0,) for task_id, length in lengths.items()})
        self._threshold = threshold
        self._ranges: dict[str, ShareRange] = {}
        self._average = ShareRange()

    def range_of(self, task_id: str) -> ShareRange:
        """Return the range of a problem; of one that was not seen yet, the average."""
        return self._ranges.get(task_id, self._average)

    def draw(self, task_id: str, seed: int) -> tuple[int, int]:
        """Draw the share of a group, with probability ``UNREVEALED`` none."""
        stream, within = random.Random(seed), self.range_of(task_id)  # noqa: S311 - reproducible, not secret
        share = 0.0 if stream.random() < UNREVEALED else stream.uniform(within.low, within.high)
        return self.stage(task_id), int(share * self.longest_start(task_id))

    def observe(self, task_id: str, stage: int, successes: int, attempts: int, share: float = 0.0) -> bool:
        """Narrow the problem's range. Return whether it passed without a prefix for the first time.

        A failure without a prefix leaves the range as it is: the lower end is 0 or more already.
        """
        check_counts(task_id, successes, attempts)
        if not attempts:
            return False
        within = self._ranges.setdefault(task_id, ShareRange(self._average.low, self._average.high))
        if successes >= self._threshold * attempts:
            within.low, within.high = 0.0, min(within.high, share)
        else:
            within.low = min(max(within.low, share), within.high)
        for end in ("low", "high"):
            value = (1 - AVERAGING) * getattr(self._average, end) + AVERAGING * getattr(within, end)
            setattr(self._average, end, value)
        before = self.stage(task_id)
        self._progress[task_id].stage = self.stages(task_id) if within.high == 0 else 1
        return self.stage(task_id) > before

    def state(self) -> dict[str, Any]:
        """Return the ranges and their averages, for a checkpoint: JSON values."""
        return {
            "stages": super().state(),
            "ranges": {task_id: asdict(within) for task_id, within in self._ranges.items()},
            "average": asdict(self._average),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore what ``state`` returned. Raises InputError if it belongs to other problems or another method."""
        if set(state) != {"stages", "ranges", "average"}:
            raise InputError("the checkpoint's curriculum is of another method: train with the same one")
        super().restore(state["stages"])
        self._ranges = {task_id: ShareRange(**within) for task_id, within in state["ranges"].items()}
        self._average = ShareRange(**state["average"])


class AnchorSearch(Curriculum):
    """BREAD: whole programs first; where none of a group passes, a prefix at which some do.

    The stage of a problem is that of its last group with a success: it is kept for the logs and for checkpoints.
    """

    def __init__(self, starts: Mapping[str, tuple[int, ...]]) -> None:
        super().__init__(starts)
        self._progress = {task_id: StageProgress(len(places)) for task_id, places in starts.items()}

    def draw(self, task_id: str, seed: int) -> tuple[int, int]:
        """Return full generation."""
        return self.stages(task_id), 0

    def observe(self, task_id: str, stage: int, successes: int, attempts: int, share: float = 0.0) -> bool:
        """Note the stage of a group in which some roll-outs passed. Return whether it is later than the one before."""
        check_counts(task_id, successes, attempts)
        if not successes:
            return False
        before, self._progress[task_id] = self.stage(task_id), StageProgress(stage, successes, attempts)
        return stage > before
