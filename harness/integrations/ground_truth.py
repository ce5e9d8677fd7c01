"""The part of a problem that judging needs, as one text: what an exported row carries for the reward function.

It is JSON text, as the tests of a released row are: table formats neither mix types in a column nor hold integers
beyond 64 bits.
"""

from __future__ import annotations

from apps_plus.errors import InputError
from apps_plus.problem import Comparison, DictKeys, Problem, Tests, ToleranceKind, dump_json, load_json
from apps_plus.storage import escape_surrogates, json_fault

SHOWN = 80
"""Characters of an invalid text that a message shows."""


def dump_ground_truth(problem: Problem) -> str:
    """Return the tests of a problem and how outputs are compared with them, as JSON text that UTF-8 can write."""
    fields = {
        "problem_id": problem.problem_id,
        "entry_point": problem.entry_point,
        "tests": {"inputs": list(problem.tests.inputs), "outputs": list(problem.tests.outputs)},
        "comparison": str(problem.comparison),
        "tolerance": problem.tolerance,
        "tolerance_kind": str(problem.tolerance_kind),
        "cases": problem.cases,
        "dict_keys": str(problem.dict_keys),
        "checker": problem.checker,
    }
    return escape_surrogates(dump_json(fields))


def load_ground_truth(text: str) -> Problem:
    """Return a problem that can be judged; its statement and canonical solution are empty.

    Raises:
        InputError: The text is not one of ``dump_ground_truth``.
    """
    try:
        row = load_json(text)
        return Problem(
            problem_id=row["problem_id"],
            question="",
            canonical_solution="",
            entry_point=row["entry_point"],
            tests=Tests(tuple(row["tests"]["inputs"]), tuple(row["tests"]["outputs"])),
            starter_code="",
            conditionals=(),
            comparison=Comparison(row["comparison"]),
            difficulty="",
            url="",
            dict_keys=DictKeys(row["dict_keys"]),
            checker=row["checker"],
            tolerance=row["tolerance"],
            tolerance_kind=ToleranceKind(row["tolerance_kind"]),
            cases=row["cases"],
        )
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        fault = f"it has no {error}" if isinstance(error, KeyError) else json_fault(error)
        raise InputError(
            f"a ground truth is not one of apps-plus export ({fault}): {str(text)[:SHOWN]!r}: export the build again"
        ) from error
