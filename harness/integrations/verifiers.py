"""APPS+ as a taskset of verifiers: prompts of ``generate``, programs scored in our sandbox. For verifiers 0.4.

verifiers finds a taskset by the name of a top-level module: ``environments/verifiers`` in the repository has it, and
exports the class from here. The tests stay in the build, so that traces hold none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import verifiers.v1 as vf

from apps_plus.errors import InputError
from harness.integrations.questions import question_of
from harness.integrations.scored_build import (
    is_fault,
    of_difficulty,
    problems_of,
    program_of,
    score_program,
)
from harness.judging.verdict import REWARDS, Verdict
from harness.scoring.benchmarks.benchmark import BenchmarkProblem
from harness.scoring.score import Score


class AppsPlusData(vf.TaskData):  # type: ignore[misc]
    """The data of a problem that a trace records."""

    build: str
    """The folder of the build."""
    split: str | None = None
    difficulty: str = ""


class AppsPlusTaskConfig(vf.TaskConfig):  # type: ignore[misc]
    """How a problem is scored: ``--env.taskset.task.*``."""

    timeout: float | None = None
    """Processor seconds for each test; None: 4."""
    stepcoder: bool = False
    """Reward by equation 3 of StepCoder (1, -0.3, -0.6, -1), not by 1 and 0."""


class AppsPlusTask(vf.Task[AppsPlusData, vf.State, AppsPlusTaskConfig]):  # type: ignore[misc]
    """One problem: a program must pass all of its tests."""

    @property
    def key(self) -> str:
        """Return the problem's id, which is the same in every build."""
        return str(self.data.id)

    @property
    def problem(self) -> BenchmarkProblem:
        """Return the problem with its tests."""
        return problems_of(self.data.build, self.data.split)[str(self.data.id)]

    async def validate(self, runtime: vf.Runtime) -> bool:
        """Return whether the canonical solution passes."""
        return (await self._score(self.problem.canonical_solution)).verdict is Verdict.PASSED

    @vf.reward  # type: ignore[untyped-decorator]
    async def tests(self, trace: vf.Trace) -> float:
        """Return the reward of the last answer. Raises RuntimeError after a fault of the harness."""
        scored = await self._score(program_of(self.problem, trace.last_reply))
        trace.record_metrics({"share_passed": scored.tests_passed / scored.tests_total if scored.tests_total else 1.0})
        if self.config.stepcoder:
            return float(REWARDS[scored.verdict] or 0.0)
        return float(scored.verdict is Verdict.PASSED)

    async def _score(self, program: str) -> Score:
        scored = await asyncio.to_thread(score_program, self.problem, program, self.config.timeout)
        if is_fault(scored):
            raise RuntimeError(f"{self.data.id}: the harness failed twice ({scored.detail}): run it again")
        return scored


class AppsPlusConfig(vf.TasksetConfig):  # type: ignore[misc]
    """Which problems are tasks: ``--env.taskset.*``."""

    build: str = ""
    """The folder of a build. It has a default because verifiers makes a configuration of the id alone first."""
    split: str | None = None
    """``train``, ``validation``, ``test`` or ``all``; None: ``test``."""
    difficulty: str | None = None
    """``introductory``, ``interview`` or ``competition``; None: all."""
    task: AppsPlusTaskConfig = AppsPlusTaskConfig()


class AppsPlusTaskset(vf.Taskset[AppsPlusTask, AppsPlusConfig]):  # type: ignore[misc]
    """The problems of a build."""

    def load(self) -> Iterator[AppsPlusTask]:
        """Yield a task for each problem. Raises InputError and BuildFolderError for such a build."""
        config = self.config
        if not config.build:
            raise InputError("no build: name its folder with --env.taskset.build (of vf-validate: --taskset.build)")
        for problem in of_difficulty(problems_of(config.build, config.split), config.difficulty).values():
            data = AppsPlusData(
                id=problem.task_id,
                name=problem.task_id,
                prompt=question_of(problem),
                build=config.build,
                split=config.split,
                difficulty=problem.tier,
            )
            yield AppsPlusTask(data, config.task)
