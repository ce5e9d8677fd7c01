"""Checks a reviewer's changes against the problem they are for, and writes them in one form. Pure functions."""

from __future__ import annotations

from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import Comparison, dump_json, load_json
from curation.records import VerifiedProblem
from curation.review_decisions import Changes
from harness.judging.comparison import normalize_text


def fit_changes(problem: VerifiedProblem, changes: Changes) -> Changes:
    """The changes as a decision holds them: reviewers who mean the same write the same, so that they agree.

    Texts lose trailing white space, which no comparison sees, values are written as this project writes JSON, and an
    output that is expected already is no change. Raises InputError, with what to do, where a change does not fit.
    """
    where = problem.problem_id
    tests = load_json(problem.tests) if problem.tests else {"inputs": [], "outputs": []}
    comparison, checker = changes.comparison, changes.checker
    if checker.strip() and not comparison:
        comparison = str(Comparison.CHECKER)
    if comparison and comparison not in set(Comparison):
        raise InputError(f"{comparison!r} is no way to compare outputs: give one of {', '.join(Comparison)}")
    if (comparison == Comparison.CHECKER) != bool(checker.strip()):
        raise InputError(
            f"{where}: the comparison `checker` and a checker's source need each other: give both, or neither"
        )
    if changes.canonical is not None and changes.canonical not in [result.index for result in problem.solutions]:
        raise InputError(f"{where} has no solution {changes.canonical}: {numbered(len(problem.solutions), 'solution')}")
    outputs = {}
    for test in sorted(changes.outputs, key=_number):
        if not test.isdecimal() or int(test) >= len(tests["outputs"]):
            raise InputError(f"{where} has no test {test}: {numbered(len(tests['outputs']), 'test')}")
        text = fit_output(problem, int(test), changes.outputs[test])
        if text != _as_written(tests["outputs"][int(test)], problem.entry_point is not None):
            outputs[str(int(test))] = text
    fitted = Changes(outputs, comparison, changes.canonical, checker)
    if fitted == Changes():
        raise InputError(
            f"{where}: `correct` changes nothing: give an output other than the one expected now, a "
            "comparison, a canonical solution or a checker; or keep it"
        )
    return fitted


def fit_output(problem: VerifiedProblem, test: int, text: str) -> str:
    """A new expected output in the one form. Raises InputError where a call-based problem's is not JSON."""
    if problem.entry_point is None:
        return normalize_text(text)
    try:
        return dump_json(load_json(text))
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{problem.problem_id} is call-based, and the output for test {test} is no JSON ({error}): "
            "write a text in double quotes, a list in brackets"
        ) from error


def _as_written(output: Any, call_based: bool) -> str:
    return dump_json(output) if call_based else normalize_text(output)


def _number(test: str) -> int:
    return int(test) if test.isdecimal() else -1


def numbered(count: int, what: str) -> str:
    """Which numbers there are, for a message about one that there is not."""
    return f"its {what}s are numbered 0 to {count - 1}" if count else f"it has no {what}s"
