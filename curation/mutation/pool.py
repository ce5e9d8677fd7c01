"""Make a pool of valid inputs of a problem, far more than it has tests, from a model of its inputs."""

from __future__ import annotations

import random
from importlib import import_module
from itertools import islice
from typing import Any

from apps_plus.problem import Problem


def pool_of(problem: Problem, size: int) -> list[Any]:
    """Return so many different valid inputs of a problem, fewer where its model runs out, none where it has no model.

    The same problem always gets the same pool.
    """
    model = infer_model(problem) if size else None
    if model is None:
        return []
    rng = random.Random(f"pool of {problem.problem_id}")  # noqa: S311 - not for secrets
    return [candidate.input for candidate in islice(model.candidates(rng), size)]


def infer_model(problem: Problem) -> Any:
    """Return the model of a released problem's inputs; None where its inputs follow none that can be inferred."""
    tests = problem.tests
    try:
        if problem.entry_point is None:
            texts = import_module("curation.generated_tests.standard_input")
            return texts.infer(problem.question, tests.inputs, tests.outputs)
        arguments = import_module("curation.generated_tests.arguments")
        given = (problem.question, tests.inputs, problem.entry_point, problem.starter_code)
        return arguments.infer(*given, tests.outputs, problem.dict_keys)
    except ImportError:
        return None
