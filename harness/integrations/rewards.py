"""Rewards of model answers, for trainers: each answer is judged in a sandbox on all tests of its problem.

The judge is one per process, with a sandbox per core (``APPS_PLUS_WORKERS`` changes that), and any thread may call it.
"""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Callable, Sequence

from apps_plus.errors import InputError
from apps_plus.problem import Problem
from harness.judging.judge_answer import Judged, JudgeJob, judge_text
from harness.judging.judged_program import JudgedProgram
from harness.judging.verdict import REWARDS, Verdict
from harness.sandbox.execution import limits_of
from harness.sandbox.threads import SandboxThreads

_log = logging.getLogger(__name__)

WORKERS = "APPS_PLUS_WORKERS"
"""Environment variable: sandboxes of a process that judge at the same time. A trainer starts many processes."""


def stepcoder_reward(outcome: JudgedProgram) -> float | None:
    """Return the reward of StepCoder's equation 3: 1, -0.3, -0.6 or -1; None after a harness error."""
    return REWARDS[outcome.verdict]


def passed_reward(outcome: JudgedProgram) -> float | None:
    """Return 1 if every test passed, else 0; None after a harness error."""
    return None if outcome.verdict is Verdict.HARNESS_ERROR else float(outcome.passed)


def share_reward(outcome: JudgedProgram) -> float | None:
    """Return the share of the tests that passed; None after a harness error."""
    if outcome.verdict is Verdict.HARNESS_ERROR:
        return None
    return outcome.tests_passed / outcome.tests_total if outcome.tests_total else 1.0


Reward = Callable[[JudgedProgram], float | None]
REWARD_FUNCTIONS: dict[str, Reward] = {
    "stepcoder": stepcoder_reward,
    "passed": passed_reward,
    "share": share_reward,
}
"""Rewards by the names that settings of trainers give them."""


def reward_named(name: str) -> Reward:
    """Return the reward of that name. Raises InputError, which lists the names."""
    if name not in REWARD_FUNCTIONS:
        raise InputError(f"no reward {name!r}: choose one of {', '.join(REWARD_FUNCTIONS)}")
    return REWARD_FUNCTIONS[name]


@functools.cache
def judging_threads() -> SandboxThreads:
    """Return this process's sandboxes. Raises InputError where ``APPS_PLUS_WORKERS`` is not a number."""
    count = os.environ.get(WORKERS, "0")
    if not count.isdecimal():
        raise InputError(f"{WORKERS}={count}: set it to a number of sandboxes, or to 0 for one per core")
    return SandboxThreads(int(count))


def judge_answers(problems: Sequence[Problem], answers: Sequence[str], timeout: float | None = None) -> list[Judged]:
    """Judge answers, one for each problem; judge again after a harness error.

    Args:
        problems: The problems; the same one may occur several times.
        answers: Models' texts: programs, or answers with a program in them (``harness.judging.extraction``).
        timeout: Processor seconds for each test; None: 4.

    Raises:
        SandboxError: Programs cannot be run safely on this machine.
    """
    threads = judging_threads()
    limits = limits_of(timeout)
    jobs = [JudgeJob(*pair, True, limits, False) for pair in zip(problems, answers, strict=True)]
    judged = [future.result() for future in [threads.submit(judge_text, job) for job in jobs]]
    return [_judge_again(job) if is_fault(one) else one for job, one in zip(jobs, judged, strict=True)]


def _judge_again(job: JudgeJob) -> Judged:
    judged = judging_threads().submit(judge_text, job).result()
    if is_fault(judged):
        _log.warning("problem %s: the harness failed twice, so the answer has no verdict", job.problem.problem_id)
    return judged


def is_fault(judged: Judged) -> bool:
    """Return whether the harness failed, so that nothing is known of the program."""
    return judged.outcome.verdict is Verdict.HARNESS_ERROR
