"""The table of methods: each row is a reward, a loss mask, a curriculum, and the settings of the update that it fixes.

To add a method, add a row to ``METHODS``; a new reward is a function in ``stepcoder.rewards``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from apps_plus.errors import InputError
from harness.judging.judged_program import JudgedProgram
from stepcoder.curriculum import Curriculum, full_generation, stage_starts
from stepcoder.divergence import LocatedProgram
from stepcoder.loss_mask import all_tokens, executed_tokens, random_tokens, tokens_on_lines
from stepcoder.prefix_curricula import WHOLE, AnchorSearch, MixedStages, RevealedShares
from stepcoder.records import Assembled, Task
from stepcoder.rewards import (
    GroupRewardFunction,
    RewardFunction,
    coderl_reward,
    pass_rate_reward,
    ppocoder_reward,
    rltf_reward,
    stepcoder_reward,
    weighted_pass_rates,
)

Offsets = Sequence[tuple[int, int]]
MaskFunction = Callable[[Offsets, Assembled, JudgedProgram, int], tuple[bool, ...]]
"""(offsets of the response's tokens, the program, its outcome, a seed) -> one boolean per token."""
CurriculumFunction = Callable[[Sequence[Task], float, int, int], Curriculum]
"""(tasks, rho, roll-outs per group, groups after which the count is reset) -> the curriculum."""


def everything(offsets: Offsets, program: Assembled, outcome: JudgedProgram, seed: int) -> tuple[bool, ...]:
    """Count all tokens: no mask."""
    return all_tokens(len(offsets))


def executed(offsets: Offsets, program: Assembled, outcome: JudgedProgram, seed: int) -> tuple[bool, ...]:
    """Count the tokens of executed lines: FGO (StepCoder, section 3.2)."""
    return executed_tokens(offsets, program, outcome.executed)


def random_share(offsets: Offsets, program: Assembled, outcome: JudgedProgram, seed: int) -> tuple[bool, ...]:
    """Count as many tokens as FGO does, at random places: the control."""
    return random_tokens(executed(offsets, program, outcome, seed), seed)


def divergence(offsets: Offsets, program: Assembled, outcome: JudgedProgram, seed: int) -> tuple[bool, ...]:
    """Count the tokens of the lines that an error was located at, all tokens if there are none (EGCA)."""
    lines = outcome.suspects if isinstance(outcome, LocatedProgram) else frozenset()
    return tokens_on_lines(offsets, program, lines)


def _all_starts(tasks: Sequence[Task]) -> dict[str, tuple[int, ...]]:
    return {task.task_id: stage_starts(task.solution, task.problem.conditionals) for task in tasks}


def cccs(tasks: Sequence[Task], rho: float, group: int, groups: int) -> Curriculum:
    """Return the curriculum of code completion subtasks (StepCoder, section 3.1)."""
    return Curriculum(_all_starts(tasks), rho=rho, group=group, memory=groups * group)


def no_curriculum(tasks: Sequence[Task], rho: float, group: int, groups: int) -> Curriculum:
    """Return the curriculum of full generation from the first step."""
    return full_generation([task.task_id for task in tasks])


def mixed_stages(tasks: Sequence[Task], rho: float, group: int, groups: int) -> Curriculum:
    """Return R3's mix (arXiv 2402.05808): every stage is equally likely at any time."""
    return MixedStages(_all_starts(tasks))


def prefixed_and_whole(tasks: Sequence[Task], rho: float, group: int, groups: int) -> Curriculum:
    """Return PrefixRL's mix (arXiv 2601.18795): whole problems, and problems with a prefix, of every stage's length."""
    return MixedStages(_all_starts(tasks), WHOLE)


def revealed_shares(tasks: Sequence[Task], rho: float, group: int, groups: int) -> Curriculum:
    """Return AdaBack's search for the share of each solution (arXiv 2506.18110), with the threshold ``rho``."""
    return RevealedShares({task.task_id: len(task.solution) for task in tasks}, rho)


def anchors(tasks: Sequence[Task], rho: float, group: int, groups: int) -> Curriculum:
    """Return BREAD's search for a prefix where a group fails (arXiv 2506.17211)."""
    return AnchorSearch(_all_starts(tasks))


@dataclass(frozen=True, slots=True)
class Method:
    """One row of the table."""

    about: str
    """One line of description, printed by ``--dry-run``."""
    reward: RewardFunction | None = None
    """None, without a ``group_reward``: supervised fine-tuning, without mask and curriculum."""
    mask: MaskFunction = everything
    curriculum: CurriculumFunction = no_curriculum
    group_reward: GroupRewardFunction | None = None
    """In place of ``reward``: a reward that depends on the other roll-outs of the problem."""
    line_rewards: bool = False
    """True if the reward has parts at single lines: PPO takes them, GRPO does not."""
    locate: bool = False
    """True if the errors of wrong programs are located (``stepcoder.divergence``)."""
    searches: bool = False
    """True if a prefix is searched for where a whole group fails (``stepcoder.anchor_search``)."""
    update: Mapping[str, Any] = field(default_factory=dict)
    """Settings of ``[ppo]`` that the method fixes, whatever the configuration says."""

    @property
    def fine_tunes(self) -> bool:
        """True for supervised fine-tuning: no programs are sampled and rewarded."""
        return self.reward is None and self.group_reward is None


GRPO = {"advantages": "grpo", "kl_in": "loss", "divide_by": "lengths"}
"""DeepSeekMath, arXiv 2402.03300, equations 3 and 4: z-scores of the rewards within a group; the mean over the tokens
of each response, then over responses; the KL's estimate k3 in the loss."""
DR_GRPO = {"advantages": "dr_grpo", "divide_by": "max_tokens", "kl_coef": 0.0}
"""arXiv 2503.20783, section 3.2: GRPO without division by the deviation and by the lengths of the responses; no KL."""
DAPO = {
    "advantages": "grpo",
    "divide_by": "tokens",
    "kl_coef": 0.0,
    "clip_range": 0.2,
    "clip_range_high": 0.28,
    "redraw": 10,
}
"""arXiv 2503.14476, sections 2.3 and 3.1 to 3.3: GRPO with the mean over all tokens, a higher clip above 1, no KL, and
groups of equal rewards drawn anew."""
RLOO = {"advantages": "rloo", "kl_in": "reward", "divide_by": "responses"}
"""Back to Basics, arXiv 2402.14740: REINFORCE on whole responses, whose baseline is the mean of the group's others. The
KL is in the reward."""


METHODS = {
    "sft": Method("supervised fine-tuning on the canonical solutions"),
    "ppo": Method("vanilla PPO with the compiler's feedback as reward", stepcoder_reward),
    "stepcoder": Method("PPO with CCCS and FGO", stepcoder_reward, executed, cccs),
    "stepcoder-no-cccs": Method("StepCoder without the curriculum: FGO alone", stepcoder_reward, executed),
    "stepcoder-no-fgo": Method("StepCoder without the loss mask: CCCS alone", stepcoder_reward, everything, cccs),
    "stepcoder-random-mask": Method(
        "CCCS and a random mask of FGO's size: the control", stepcoder_reward, random_share, cccs
    ),
    "ppocoder": Method("PPO rewarded for results, syntax and data flow (arXiv 2301.13816)", ppocoder_reward),
    "rltf": Method(
        "PPO with RLTF's feedback by result, line and share of tests (arXiv 2307.04349)", rltf_reward, line_rewards=True
    ),
    "coderl": Method("PPO with CodeRL's reward by result (arXiv 2207.01780)", coderl_reward),
    "grpo": Method("GRPO: no critic, the KL in the loss (arXiv 2402.03300)", stepcoder_reward, update=GRPO),
    "dr_grpo": Method(
        "GRPO without division by deviation and length (arXiv 2503.20783)", stepcoder_reward, update=DR_GRPO
    ),
    "dapo": Method(
        "GRPO with a mean over tokens, clip-higher and dynamic sampling (arXiv 2503.14476)",
        stepcoder_reward,
        update=DAPO,
    ),
    "rloo": Method("REINFORCE with a leave-one-out baseline (arXiv 2402.14740)", stepcoder_reward, update=RLOO),
    "r3": Method(
        "PPO from all stages at once, without a gate (arXiv 2402.05808)", stepcoder_reward, everything, mixed_stages
    ),
    "prefix-mix": Method(
        "PPO on prefixed and whole problems, half each (arXiv 2601.18795)",
        stepcoder_reward,
        everything,
        prefixed_and_whole,
    ),
    "adaback": Method(
        "PPO with a share of each solution that follows its pass rate (arXiv 2506.18110)",
        stepcoder_reward,
        everything,
        revealed_shares,
    ),
    "bread": Method(
        "PPO with a prefix only where every roll-out fails (arXiv 2506.17211)",
        stepcoder_reward,
        everything,
        anchors,
        searches=True,
    ),
    "egca": Method(
        "GRPO with the advantage at the statement where the trace departs (arXiv 2603.16158)",
        stepcoder_reward,
        divergence,
        locate=True,
        update=GRPO,
    ),
    "pass-rate": Method("PPO rewarded for the share of tests passed", pass_rate_reward),
    "pass-rate-weighted": Method(
        "PPO rewarded for tests, the more the fewer pass them (after arXiv 2601.03525)",
        group_reward=weighted_pass_rates,
    ),
}


def method_named(name: str) -> Method:
    """Return a row by name. Raises InputError, which lists the names."""
    if name not in METHODS:
        near = get_close_matches(name.lower(), METHODS, n=1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise InputError(f"no method {name!r}: {meant}choose one of {', '.join(METHODS)}")
    return METHODS[name]
