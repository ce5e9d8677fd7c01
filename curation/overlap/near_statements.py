"""Find statements of APPS+ that are similar to the statement of a benchmark's task.

The similarity is the share of the *task's* 5-word shingles (``curation.pipeline.near_duplicates``) that occur in the
problem's statement. The Jaccard similarity is reported too, but is low throughout: a statement of MBPP has a dozen
words, one of APPS two hundred. Of 3,011 raw problems none has a Jaccard similarity above 0.14 to a task of MBPP, though
some are the same task. The search is exact, by an index of the benchmark's shingles; it does not find the same task in
other words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from apps_plus.problem import Problem
from curation.overlap.line_overlap import ReferenceTask, rounded
from curation.pipeline.near_duplicates import jaccard, normalise, shingles

SIMILARITY = 0.4
"""The least share of a task's distinctive shingles for a statement of APPS+ to be reported."""

COMMON_TASKS = 3
"""A shingle that occurs in more tasks than this is a set phrase of the benchmark, such as ``write a function to find``,
and does not count: with it, one such problem would be near to a dozen tasks that ask for the nth of some number."""

MIN_SHINGLES = 3
"""Shared shingles. Two are six words in a row, which many pairs of statements share."""


@dataclass(frozen=True, slots=True)
class NearStatement:
    """A problem and a task with similar statements."""

    problem_id: str
    task_id: str
    similarity: float
    """Share of the task's distinctive shingles that occur in the problem's statement."""
    jaccard: float
    """Jaccard similarity of the two sets of shingles; low if one statement is much longer."""

    def to_json(self) -> dict[str, Any]:
        """Return a row of ``--json``."""
        return {**asdict(self), "similarity": rounded(self.similarity), "jaccard": rounded(self.jaccard)}


def near_statements(problems: Iterable[Problem], tasks: Iterable[ReferenceTask]) -> list[NearStatement]:
    """Return every pair that shares at least ``MIN_SHINGLES`` shingles, the most similar first."""
    words = {task.task_id: shingles(normalise(task.statement)) for task in tasks}
    index: dict[str, list[str]] = {}
    for task_id, own in words.items():
        for shingle in own:
            index.setdefault(shingle, []).append(task_id)
    index = {shingle: ids for shingle, ids in index.items() if len(ids) <= COMMON_TASKS}
    distinctive = Counter(task_id for ids in index.values() for task_id in ids)
    pairs = []
    for problem in problems:
        theirs = shingles(normalise(problem.question))
        shared = Counter(task_id for shingle in theirs for task_id in index.get(shingle, ()))
        for task_id, count in shared.items():
            if count >= MIN_SHINGLES:
                similarity, whole = count / distinctive[task_id], jaccard(theirs, words[task_id])
                pairs.append(NearStatement(problem.problem_id, task_id, similarity, whole))
    return sorted(pairs, key=lambda pair: (-pair.similarity, -pair.jaccard, pair.problem_id, pair.task_id))
