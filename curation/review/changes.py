"""Check a reviewer's changes against the problem, and normalise them. Pure functions."""

from __future__ import annotations

from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import Comparison, dump_json, load_json
from curation.pipeline.correct_tests import parse_input
from curation.records import Reason, VerifiedProblem
from curation.review.solution_answers import tests_of
from curation.review_decisions import Changes
from harness.judging.comparison import normalize_text


def normalize_changes(problem: VerifiedProblem, changes: Changes) -> Changes:
    """Return the changes in the form that a decision stores, so that equal corrections compare equal.

    Texts lose trailing white space, which no comparison counts; values are written as canonical JSON; an output that is
    expected already is removed. Raises InputError, with what to do, if a change does not fit the problem.
    """
    where = problem.problem_id
    tests = tests_of(problem)
    n_given = len(tests) - len(tests.generated)
    comparison, checker = changes.comparison, changes.checker
    if checker.strip() and not comparison:
        comparison = str(Comparison.CHECKER)
    if comparison and comparison not in set(Comparison):
        raise InputError(f"{comparison!r} is not a comparison: give one of {', '.join(Comparison)}")
    if (comparison == Comparison.CHECKER) != bool(checker.strip()):
        raise InputError(
            f"{where}: the comparison `checker` and a checker's source need each other: give both, or neither"
        )
    if changes.canonical is not None and changes.canonical not in [result.index for result in problem.solutions]:
        raise InputError(
            f"{where} has no solution {changes.canonical}: {number_range(len(problem.solutions), 'solution')}"
        )
    named = [*changes.outputs, *changes.inputs, *map(str, changes.dropped_tests)]
    for test in sorted(named, key=_number):
        _require_given_test(problem, test, len(tests), n_given)
    dropped = tuple(sorted(set(changes.dropped_tests)))
    for test in (*changes.outputs, *changes.inputs):
        if int(test) in dropped:
            raise InputError(f"{where}: test {int(test)} is left out and changed, too: do one of them")
    if n_given and len(dropped) == n_given:
        raise InputError(f"{where}: no test would be left: drop the problem, with the reason {Reason.BAD_INPUT}")
    call_based = problem.entry_point is not None
    inputs, outputs = {}, {}
    for test in sorted(changes.inputs, key=_number):
        text = normalize_input(problem, int(test), changes.inputs[test])
        if text != input_as_written(problem, tests.inputs[int(test)]):
            inputs[str(int(test))] = text
    for test in sorted(changes.outputs, key=_number):
        text = normalize_output(problem, int(test), changes.outputs[test])
        if text != _as_written(tests.outputs[int(test)], call_based):
            outputs[str(int(test))] = text
    fitted = Changes(outputs, comparison, changes.canonical, checker, inputs, dropped)
    if fitted == Changes():
        raise InputError(
            f"{where}: `correct` changes nothing: give an output other than the one expected now, an input, a test to "
            "leave out, a comparison, a canonical solution or a checker; or keep it"
        )
    return fitted


def _require_given_test(problem: VerifiedProblem, test: str, n_tests: int, n_given: int) -> None:
    """Raise InputError unless a text is the number of a given test; the generated ones are the last."""
    if not test.isdecimal() or int(test) >= n_tests:
        raise InputError(f"{problem.problem_id} has no test {test}: {number_range(n_given, 'test')}")
    if int(test) >= n_given:
        raise InputError(
            f"{problem.problem_id}: test {test} was generated, to show where solutions part, and is no part of the "
            f"problem: correct a given one ({number_range(n_given, 'given test')})"
        )


def normalize_input(problem: VerifiedProblem, test: int, text: str) -> str:
    """Return a new input in normal form. Raises InputError if that of a call-based problem is no JSON list."""
    call_based = problem.entry_point is not None
    try:
        given = parse_input(text, call_based)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{problem.problem_id} is call-based, and the input of test {test} is not a list of arguments in JSON "
            f'({error}): write [3, "abc"] for two arguments'
        ) from error
    return dump_json(given) if call_based else str(given)


def input_as_written(problem: VerifiedProblem, given: Any) -> str:
    """Return an input in the form that ``Changes.inputs`` has, as it is edited: a text, or the arguments as JSON."""
    if problem.entry_point is not None or not isinstance(given, str):
        return dump_json(given)
    return str(parse_input(given, call_based=False))


def normalize_output(problem: VerifiedProblem, test: int, text: str) -> str:
    """Return a new expected output in normal form. Raises InputError if that of a call-based problem is not JSON."""
    if problem.entry_point is None:
        return normalize_text(text)
    try:
        return dump_json(load_json(text))
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{problem.problem_id} is call-based, and the output for test {test} is not JSON ({error}): "
            "write a text in double quotes, a list in brackets"
        ) from error


def _as_written(output: Any, call_based: bool) -> str:
    return dump_json(output) if call_based else normalize_text(output)


def _number(test: str) -> int:
    return int(test) if test.isdecimal() else -1


def number_range(count: int, what: str) -> str:
    """Say which numbers exist, for a message about one that does not."""
    return f"its {what}s are numbered 0 to {count - 1}" if count else f"it has no {what}s"
