"""Put a reviewer's changes of tests in place: inputs, left-out tests, expected outputs. Pure functions.

The numbers in a decision are those of the tests as they were reviewed, with every test in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import load_json
from curation.pipeline.normalize import refuse_deep
from curation.review_decisions import Changes


def parse_input(text: str, call_based: bool) -> Any:
    """Return the input of a test: the text with a newline at its end, or the list of arguments from JSON.

    Raises ValueError or RecursionError if the text is no JSON list of a reasonable depth.
    """
    if not call_based:
        return text if text.endswith("\n") or not text else text + "\n"
    arguments = load_json(text)
    if not isinstance(arguments, list):
        raise ValueError("it must be the list of the arguments")
    refuse_deep(arguments)
    return arguments


def corrected_inputs(
    problem_id: str, inputs: Sequence[Any], outputs: Sequence[Any], changes: Changes, call_based: bool
) -> tuple[list[Any], list[Any]]:
    """Return inputs and expected outputs with the changed inputs, and without the tests that are left out.

    Raises InputError for an unknown test, an invalid input, or if no test is left.
    """
    new = list(inputs)
    for test, text in changes.inputs.items():
        _require_test(problem_id, int(test), len(new))
        try:
            new[int(test)] = parse_input(text, call_based)
        except (ValueError, RecursionError) as error:
            raise InputError(
                f"a decision changes the input of test {test} of {problem_id}, but it is not valid: {error}: retract it"
            ) from error
    for test_number in changes.dropped_tests:
        _require_test(problem_id, test_number, len(new))
    kept = [test for test in range(len(new)) if test not in changes.dropped_tests]
    if not kept:
        raise InputError(f"a decision leaves out every test of {problem_id}: retract it, and drop the problem")
    return [new[test] for test in kept], [outputs[test] for test in kept]


def corrected_outputs(problem_id: str, outputs: Sequence[Any], changes: Changes, call_based: bool) -> list[Any]:
    """Return the expected outputs, of the tests that are left, with those that a reviewer corrected.

    Raises InputError for an unknown test, or invalid JSON.
    """
    corrected = list(outputs)
    for test, text in changes.outputs.items():
        place = changes.number_after(int(test))
        if place is None:
            continue
        _require_test(problem_id, place, len(corrected), int(test))
        try:
            corrected[place] = load_json(text) if call_based else text
        except (ValueError, RecursionError) as error:
            raise InputError(
                f"a decision corrects test {test} of {problem_id}, but the output is not JSON: {error}: retract it"
            ) from error
    return corrected


def _require_test(problem_id: str, place: int, count: int, number: int | None = None) -> None:
    test = place if number is None else number
    if place >= count:
        raise InputError(
            f"a decision corrects test {test} of {problem_id}, but there is no test {test} among the given ones: "
            "retract it"
        )
