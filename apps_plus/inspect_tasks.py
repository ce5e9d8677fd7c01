"""The names by which inspect_ai finds APPS+: its entry point.

    inspect eval apps_plus/apps_plus -T build=my-apps-plus --model openai/gpt-5
    inspect score LOG.eval --scorer apps_plus/sandboxed_tests -S build=my-apps-plus

inspect_ai puts the top package of a function before its name, so the functions stand here. What they do is in
``harness.integrations.inspect_ai``, imported by name at run time, as ``apps_plus.cli`` does with commands.
"""

from __future__ import annotations

import importlib
from typing import Any

from inspect_ai import Task, task
from inspect_ai.scorer import Scorer, accuracy, grouped, scorer, stderr


@task  # type: ignore[untyped-decorator]
def apps_plus(
    build: str, split: str | None = None, difficulty: str | None = None, timeout: float | None = None
) -> Task:
    """Return the problems of a build as a task.

    Args:
        build: The folder of the build.
        split: ``train``, ``validation``, ``test`` or ``all``; None: ``test``.
        difficulty: ``introductory``, ``interview`` or ``competition``; None: all.
        timeout: Processor seconds for each test; None: 4.
    """
    return _integration().make_task(build, split, difficulty, sandboxed_tests(build, split, timeout))


@scorer(metrics=[grouped(accuracy(), "difficulty", all=False), accuracy(), stderr()])  # type: ignore[untyped-decorator]
def sandboxed_tests(build: str, split: str | None = None, timeout: float | None = None) -> Scorer:
    """Return the scorer: the program of an answer must pass all tests of its problem. Arguments as of the task."""
    return _integration().make_scorer(build, split, timeout)


def _integration() -> Any:
    return importlib.import_module("harness.integrations.inspect_ai")
