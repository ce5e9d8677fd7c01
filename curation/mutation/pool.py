"""Make a pool of valid inputs of a problem, far more than it has tests, from a model of its inputs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from apps_plus.problem import Problem, dump_json
from curation.generated_tests.candidate import Candidate, InputModel

ROUNDS = 8
"""Streams of candidates that are drawn from a model, as one stream may end early."""
MOST_CHARACTERS = 1_000_000
"""Of a pool, as JSON: large inputs take time."""


def pool_of(problem: Problem, size: int) -> list[Any]:
    """Return so many different valid inputs of a problem, none where it has no model.

    They are fewer where the model runs out, or where their text reaches a million characters.

    The same problem always gets the same pool.
    """
    model = infer_model(problem) if size else None
    pool: dict[str, Any] = {}
    room = MOST_CHARACTERS
    for candidate in _candidates(model, problem) if model is not None else ():
        text = dump_json(candidate.input)
        if text not in pool:
            pool[text] = candidate.input
            room -= len(text)
        if len(pool) >= size or room <= 0:
            break
    return list(pool.values())


def _candidates(model: InputModel, problem: Problem) -> Iterator[Candidate]:
    """Yield candidates of several streams, then inputs near those of the tests; some occur twice."""
    for number in range(ROUNDS):
        yield from model.candidates(_rng(problem, number))
    for number, given in enumerate(problem.tests.inputs):
        yield from model.neighbours(given, _rng(problem, ROUNDS + number))


def _rng(problem: Problem, number: int) -> random.Random:
    return random.Random(f"pool {number} of {problem.problem_id}")  # noqa: S311 - not for secrets


def infer_model(problem: Problem) -> InputModel | None:
    """Return the model of a released problem's inputs; None where its inputs follow none that can be inferred."""
    from curation.generated_tests import standard_input
    from curation.generated_tests.arguments.infer import infer

    tests = problem.tests
    if problem.entry_point is None:
        return standard_input.infer(problem.question, tests.inputs, tests.outputs)
    return infer(
        problem.question,
        tests.inputs,
        problem.entry_point,
        problem.starter_code,
        tests.outputs,
        problem.dict_keys,
        [problem.canonical_solution],
    )
