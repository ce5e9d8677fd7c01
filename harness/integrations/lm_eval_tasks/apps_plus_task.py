"""What the tasks of lm-eval in this folder do: load a build, ask, and score in our sandbox. For lm-eval 0.4.13.

lm-eval imports this file by its path, from the YAML files beside it.
"""

from __future__ import annotations

from typing import Any

from apps_plus.errors import InputError, WorkError
from harness.integrations.questions import question_of
from harness.integrations.scored_build import (
    is_fault,
    of_difficulty,
    problems_of,
    program_of,
    score_program,
)

Doc = dict[str, Any]


def load_problems(build: str = "", split: str | None = None, difficulty: str | None = None, **_: Any) -> dict[str, Any]:
    """Return the problems of a build as lm-eval's data set, with the one split ``test``.

    Args:
        build: The folder of the build, from ``--metadata '{"build": "DIR"}'``.
        split: ``train``, ``validation``, ``test`` or ``all``, from there too; None: ``test``.
        difficulty: The task's own; None: all.

    Raises:
        InputError: No build is named, or it has no such problem.
    """
    from datasets import Dataset

    if not build:
        raise InputError('apps_plus: name a build with --metadata \'{"build": "my-apps-plus"}\'')
    problems = of_difficulty(problems_of(str(build), split), difficulty)
    docs = [
        {
            "task_id": problem.task_id,
            "difficulty": problem.tier,
            "question": question_of(problem),
            "build": str(build),
            "split": split or "",
        }
        for problem in problems.values()
    ]
    return {"test": Dataset.from_list(docs)}


def score_answers(doc: Doc, results: list[Any]) -> dict[str, float]:
    """Return whether the answer's program passes all tests of its problem (pass@1 of one answer).

    Raises:
        WorkError: The harness failed twice: a fault is never the program's.
    """
    problem = problems_of(doc["build"], doc["split"] or None)[doc["task_id"]]
    answer = results[0] if isinstance(results[0], str) else results[0][0]
    scored = score_program(problem, program_of(problem, answer))
    if is_fault(scored):
        raise WorkError(f"{problem.task_id}: the harness failed twice ({scored.detail}): run lm-eval again")
    return {"pass@1": float(scored.verdict == "passed")}
