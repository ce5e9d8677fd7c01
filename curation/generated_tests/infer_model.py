"""Infer the model of a problem's inputs: of texts for standard input, of argument lists for a function."""

from __future__ import annotations

from collections.abc import Sequence

from apps_plus.problem import DictKeys, load_json
from curation.generated_tests import standard_input
from curation.generated_tests.arguments.infer import infer as infer_arguments
from curation.generated_tests.candidate import InputModel
from curation.records import VerifiedProblem


def infer_model(problem: VerifiedProblem, solutions: Sequence[str]) -> InputModel | None:
    """Return the model of a problem's inputs; None where no grammar explains the given ones.

    Args:
        problem: The problem, with its given tests.
        solutions: Sources of the solutions that vote; a held-out one must have no part in its own tests.
    """
    tests = load_json(problem.tests)
    inputs, outputs = tests["inputs"], tests["outputs"]
    if problem.entry_point is None:
        return standard_input.infer(problem.question, inputs, outputs)
    return infer_arguments(
        problem.question,
        inputs,
        problem.entry_point,
        problem.starter_code,
        outputs,
        DictKeys(problem.dict_keys),
        solutions,
    )
