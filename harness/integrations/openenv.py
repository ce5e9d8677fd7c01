"""APPS+ as an OpenEnv environment of several turns: write, see the first failing test, mend. For OpenEnv 0.10.

``environments/openenv`` in the repository is the package that OpenEnv's tools take; its server makes the environment
from here. Over WebSocket, which OpenEnv's client uses, an episode has its environment to itself; over plain HTTP
OpenEnv makes a new environment for each request, so that ``step`` there has no problem to work on.
"""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from openenv.core.env_server.interfaces import Environment
from openenv.core.env_server.types import Action, Observation, State
from pydantic import Field

from apps_plus.errors import InputError
from apps_plus.problem import Problem
from apps_plus.problem_ids import find_problem
from apps_plus.storage import SPLITS, load
from harness.integrations.mending import MendingEpisode
from harness.integrations.questions import question_of

BUILD = "APPS_PLUS_BUILD"
"""Environment variable of the server: the folder of the build."""
SPLIT = "APPS_PLUS_SPLIT"
"""Environment variable: the split of the build; ``train`` if it is not set."""
TURNS = 4
"""Programs that may be tried in an episode."""


class AppsPlusAction(Action):  # type: ignore[misc]
    """A program, or an answer with a program in it."""

    answer: str = Field(description="A Python program, bare or in a fenced block of an answer")


class AppsPlusObservation(Observation):  # type: ignore[misc]
    """The question, or what the last program was worth. ``reward`` is 1 if it passed all tests, else 0."""

    problem_id: str = ""
    question: str = Field(default="", description="The problem, after a reset")
    verdict: str = Field(default="", description="The verdict of the program over all tests")
    tests_passed: int = 0
    tests_total: int = 0
    failed_test: dict[str, Any] | None = Field(
        default=None, description="The first test that it fails: number, verdict, input, expected, output, error"
    )
    turns_left: int = 0


class AppsPlusEnvironment(Environment):  # type: ignore[misc]
    """One episode at a time.

    Args:
        build: The folder of a build; None: the variable ``APPS_PLUS_BUILD``.
        split: Its split; None: ``APPS_PLUS_SPLIT``, or ``train``.
        turns: Programs that may be tried in an episode.

    Raises:
        InputError: No build is named, or the split has no problems.
        BuildFolderError: The folder is not a finished build.
    """

    SUPPORTS_CONCURRENT_SESSIONS = True

    def __init__(self, build: str | None = None, split: str | None = None, turns: int = TURNS) -> None:
        super().__init__()
        folder = build or os.environ.get(BUILD, "")
        if not folder:
            raise InputError(f"no build: set {BUILD} to its folder (apps-plus build --out DIR)")
        self._problems = _problems_of(folder, split or os.environ.get(SPLIT, "train"))
        self._turns = turns
        self._episode: MendingEpisode | None = None
        self._state = State(episode_id=str(uuid.uuid4()), step_count=0)

    def reset(
        self, seed: int | None = None, episode_id: str | None = None, problem_id: str | None = None, **_: Any
    ) -> AppsPlusObservation:
        """Begin an episode, and return its question.

        Args:
            seed: Draws the problem; None: any.
            episode_id: The episode's name; None: a random one.
            problem_id: The problem; None: one is drawn.

        Raises:
            InputError: There is no such problem.
        """
        ids = list(self._problems)
        chosen = find_problem(ids, problem_id) if problem_id else random.Random(seed).choice(ids)  # noqa: S311
        self._episode = MendingEpisode(self._problems[chosen], self._turns)
        self._state = State(episode_id=episode_id or str(uuid.uuid4()), step_count=0)
        problem = self._episode.problem
        return AppsPlusObservation(
            problem_id=problem.problem_id,
            question=question_of(problem),
            tests_total=len(problem.tests),
            turns_left=self._turns,
            done=False,
            reward=0.0,
        )

    def step(self, action: AppsPlusAction, timeout_s: float | None = None, **_: Any) -> AppsPlusObservation:
        """Judge a program. The episode ends when it passes, or with the last turn.

        Raises:
            InputError: There is no episode, or it is over.
        """
        if self._episode is None or self._episode.done:
            raise InputError("no episode: call reset first (over WebSocket: plain HTTP keeps none between requests)")
        turn = self._episode.step(action.answer)
        self._state.step_count += 1
        return AppsPlusObservation(
            problem_id=self._episode.problem.problem_id,
            verdict=str(turn.outcome.verdict),
            tests_passed=turn.outcome.tests_passed,
            tests_total=turn.outcome.tests_total,
            failed_test=None if turn.failed is None else asdict(turn.failed) | {"verdict": str(turn.failed.verdict)},
            turns_left=turn.turns_left,
            done=turn.done,
            reward=float(turn.outcome.passed),
        )

    @property
    def state(self) -> State:
        """Return the episode's name and the number of its steps."""
        return self._state


@cache
def _problems_of(folder: str, split: str) -> Mapping[str, Problem]:
    """Return a split's problems by id: loaded once, for all sessions of a server."""
    if split not in SPLITS:
        raise InputError(f"no split {split!r}: choose one of {', '.join(SPLITS)}")
    problems = load(Path(folder))[split]
    if not problems:
        raise InputError(f"{folder}: its split {split} is empty; choose another with {SPLIT}")
    return {problem.problem_id: problem for problem in problems}


def make_app() -> Any:
    """Return the application of the server. Raises as ``AppsPlusEnvironment``."""
    from openenv.core.env_server.http_server import create_app

    AppsPlusEnvironment()  # a server without a build must not start
    return create_app(
        AppsPlusEnvironment, AppsPlusAction, AppsPlusObservation, env_name="apps_plus", max_concurrent_envs=64
    )
