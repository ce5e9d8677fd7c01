"""Statements of APPS+ that tell what a benchmark's task tells.

The similarity is the share of the *task's* 5-word shingles (``curation.pipeline.dedup``) that stand in the problem's
statement, not Jaccard's, which is given beside it: MBPP says in a dozen words what APPS tells in two hundred. Of 3,011
raw problems none has a Jaccard similarity above 0.14 to a task of MBPP, though some ask for the very same. It is exact,
by an index of the benchmark's shingles, which are few; the same task in other words is not found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from apps_plus.problem import Problem
from curation.overlap.line_overlap import Task, rounded
from curation.pipeline.dedup import jaccard, normalise, shingles

SIMILARITY = 0.4
"""Share of a task's telling shingles from which a statement of APPS+ is reported as near to it."""

COMMON_TASKS = 3
"""A shingle of more tasks than this is how the benchmark begins its sentences: ``write a function to find``, and tells
nothing. (Counted, one problem that begins so is "near" to a dozen tasks that ask for the nth of some number.)"""

MIN_SHINGLES = 3
"""Two shingles are six words in a row, which many a pair of statements shares."""


@dataclass(frozen=True, slots=True)
class NearStatement:
    """A problem whose statement holds much of a task's."""

    problem_id: str
    task_id: str
    similarity: float
    """Share of the task's telling shingles that stand in the problem's statement."""
    jaccard: float
    """What both hold, as a part of what they hold together; low wherever one is much longer."""

    def to_json(self) -> dict[str, Any]:
        """A row of ``--json``."""
        return {**asdict(self), "similarity": rounded(self.similarity), "jaccard": rounded(self.jaccard)}


def near_statements(problems: Iterable[Problem], tasks: Iterable[Task]) -> list[NearStatement]:
    """Every pair that shares at least ``MIN_SHINGLES`` shingles, nearest first."""
    words = {task.task_id: shingles(normalise(task.statement)) for task in tasks}
    index: dict[str, list[str]] = {}
    for task_id, own in words.items():
        for shingle in own:
            index.setdefault(shingle, []).append(task_id)
    index = {shingle: ids for shingle, ids in index.items() if len(ids) <= COMMON_TASKS}
    telling = Counter(task_id for ids in index.values() for task_id in ids)
    pairs = []
    for problem in problems:
        theirs = shingles(normalise(problem.question))
        shared = Counter(task_id for shingle in theirs for task_id in index.get(shingle, ()))
        for task_id, count in shared.items():
            if count >= MIN_SHINGLES:
                similarity, whole = count / telling[task_id], jaccard(theirs, words[task_id])
                pairs.append(NearStatement(problem.problem_id, task_id, similarity, whole))
    return sorted(pairs, key=lambda pair: (-pair.similarity, -pair.jaccard, pair.problem_id, pair.task_id))
