"""BREAD's search (arXiv 2506.17211): where every roll-out of a group fails, the shortest prefix with which some pass.

The prefixes are those of CCCS's stages. A binary search assumes that more of the solution makes success more likely: a
stage at which all fail rules out the later ones, a stage at which some or all pass the earlier ones. The last group in
which some pass and some fail takes the failed one's place in the update; if there is none, the last in which all pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from stepcoder.curriculum import Curriculum
from stepcoder.environment import PendingRollout, reward_and_mask, seed_of, wait_for_verdicts
from stepcoder.experience import request_group
from stepcoder.records import RewardedRollout, RolloutRequest, Task
from stepcoder.redraw import Generate
from stepcoder.training_run import TrainingRun


@dataclass(slots=True)
class Bracket:
    """The stages that are left to search for one problem: those between ``easier`` and ``harder``."""

    harder: int
    """The earliest stage at which all failed."""
    easier: int = 0
    """The latest stage at which some passed; 0, the whole solution, is not tried."""
    mixed: bool = False
    """True if some failed at the latest stage that is kept."""

    @property
    def middle(self) -> int | None:
        """The stage to try next; None if the search is over."""
        return (self.easier + self.harder) // 2 if self.harder - self.easier > 1 else None

    def close(self) -> None:
        """End the search."""
        self.harder = self.easier

    def narrow(self, stage: int, successes: int, attempts: int) -> bool:
        """Take note of a group at ``middle``; return whether it is the one to keep."""
        if not successes:
            self.harder = stage
            return False
        self.easier = stage
        keep = successes < attempts or not self.mixed
        self.mixed |= successes < attempts
        return keep


@dataclass(slots=True)
class _Search:
    """The search for one place of the step."""

    task: Task
    bracket: Bracket
    used: list[PendingRollout]
    """The group for the update."""
    tried: list[PendingRollout] = field(default_factory=list)
    """The other groups."""


def search_anchors(
    run: TrainingRun, step: int, pending: Sequence[PendingRollout], generate: Generate
) -> tuple[list[PendingRollout], list[RewardedRollout]]:
    """Replace the groups of which every roll-out fails by groups that are given a prefix.

    Every process searches as often as the one that searches longest.

    Args:
        run: The run.
        step: The step, from 0.
        pending: This process's roll-outs of the step, without prefixes.
        generate: Generates roll-outs and submits their programs to the judge.

    Returns:
        The groups in use, as many as before, and the roll-outs of the others.
    """
    curriculum, problems = run.curriculum, run.config.rollout.problems
    searches = {group: _begin(curriculum, members) for group, members in _by_group(pending).items()}
    for search in searches.values():
        passed, usable = _passed(run, search.used)
        if passed or not usable:
            search.bracket.close()
    attempt = 0
    while any(run.processes.gather([any(search.bracket.middle is not None for search in searches.values())])):
        attempt += 1
        open_ones = {place: search for place, search in searches.items() if search.bracket.middle is not None}
        requests: list[RolloutRequest] = []
        for place, search in open_ones.items():
            stage = search.bracket.middle
            assert stage is not None
            requests += request_group(
                search.task,
                (stage, curriculum.start_of(search.task.task_id, stage)),
                run.models.tokenizer,
                run.config.rollout.samples,
                place + attempt * problems,
                *(run.config.seed, step, "anchor", attempt),
                chat=run.config.model.chat,
            )
        found = _by_group(generate(requests))
        for place, search in open_ones.items():
            members = found[place + attempt * problems]
            passed, usable = _passed(run, members)
            stage = members[0].rollout.stage
            if search.bracket.narrow(stage, passed, usable):
                search.tried += search.used
                search.used = members
            else:
                search.tried += members
        run.stop.check(run.processes)
    used = [one for search in searches.values() for one in search.used]
    tried = wait_for_verdicts([one for search in searches.values() for one in search.tried], run.judge)
    return used, reward_and_mask(tried, run.method, run.models.tokenizer, seed_of(run.config.seed, step))


def _begin(curriculum: Curriculum, members: list[PendingRollout]) -> _Search:
    task = members[0].rollout.task
    return _Search(task, Bracket(harder=curriculum.stages(task.task_id)), members)


def _by_group(pending: Sequence[PendingRollout]) -> dict[int, list[PendingRollout]]:
    groups: dict[int, list[PendingRollout]] = {}
    for one in pending:
        groups.setdefault(one.rollout.group, []).append(one)
    return groups


def _passed(run: TrainingRun, members: Sequence[PendingRollout]) -> tuple[int, int]:
    """Wait for a group's verdicts; return how many roll-outs passed, of how many that were judged."""
    judged = [one for one in wait_for_verdicts(members, run.judge) if one.usable]
    return sum(one.outcome.passed for one in judged), len(judged)
