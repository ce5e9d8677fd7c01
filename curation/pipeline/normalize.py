"""Bring the tests of raw APPS into one shape.

Standard input: texts with ``\\n`` line ends, whether raw APPS has a string or a list of lines. Call-based: a list of
arguments in, one value out. The text alone does not show whether ``[[5]]`` is the value ``[5]`` wrapped, or itself;
``resolve_wrapping`` decides by the results of the solutions. Every change is a finding. ``raw_tests`` in the evidence
numbers tests as raw APPS does; later stages number those that are left without duplicates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from apps_plus.problem import dump_json, load_json
from apps_plus.raw_tests import arguments_of, text_of, unix_line_ends
from curation.records import Finding, Note, Reason

STAGE = "normalize"
Shape = TypeVar("Shape", str, list[Any])
MAX_NESTING = 100
"""Levels of lists and dicts in test data. Raw APPS has 15 at most; Python's JSON gives up near a thousand."""


@dataclass(frozen=True, slots=True)
class ShapedTests:
    """Tests in one shape, as far as their text alone shows it."""

    entry_point: str | None
    inputs: list[Any]
    outputs: list[Any]


@dataclass(frozen=True, slots=True)
class Unusable:
    """Tests that are missing, or cannot be used to judge a program."""

    finding: Finding


def parse_tests(input_output: str | None) -> tuple[ShapedTests | Unusable, list[Finding]]:
    """Read ``input_output`` of raw APPS: return the tests, or why they are unusable, and the changes made."""
    if input_output is None:
        return _missing("the file input_output.json is missing"), []
    try:
        raw = load_json(input_output)
    except (ValueError, RecursionError) as error:
        detail = f"input_output is not JSON: {error}"
        return Unusable(Finding(STAGE, Reason.MALFORMED_JSON, detail, {"ends_with": input_output[-80:]})), []
    if not isinstance(raw, dict):
        return Unusable(Finding(STAGE, Reason.MALFORMED_JSON, "input_output is not a JSON object")), []
    inputs, outputs = raw.get("inputs"), raw.get("outputs")
    if not isinstance(inputs, list) or not isinstance(outputs, list) or not inputs or not outputs:
        return _missing("the lists of inputs and outputs are empty or absent"), []
    if len(inputs) != len(outputs):
        detail = f"{len(inputs)} inputs but {len(outputs)} outputs"
        return Unusable(Finding(STAGE, Reason.MALFORMED_JSON, detail)), []
    entry_point = raw.get("fn_name")
    if entry_point is not None and not isinstance(entry_point, str):
        return Unusable(Finding(STAGE, Reason.MALFORMED_JSON, "fn_name is not a string")), []
    try:
        return _shape(entry_point or None, inputs, outputs)
    except ValueError as error:
        return Unusable(Finding(STAGE, Reason.MALFORMED_JSON, str(error))), []


def _missing(detail: str) -> Unusable:
    return Unusable(Finding(STAGE, Reason.MISSING_TESTS, detail))


def _shape(entry_point: str | None, inputs: list[Any], outputs: list[Any]) -> tuple[ShapedTests, list[Finding]]:
    findings: list[Finding] = []
    refuse_deep([inputs, outputs])
    if entry_point is None:
        inputs = _texts(inputs, "inputs", findings)
        outputs = _texts(outputs, "outputs", findings)
    else:
        inputs = _arguments(inputs, findings)
        refuse_deep(inputs)
    inputs, outputs = _without_duplicates(inputs, outputs, findings)
    return ShapedTests(entry_point, inputs, outputs), findings


def refuse_deep(value: Any) -> None:
    """Raise ValueError for test data that is nested too deep, or holds infinity or NaN."""
    if _nests_deeper(value, MAX_NESTING):
        raise ValueError(f"test data is nested more than {MAX_NESTING} levels deep")
    _refuse_infinite(value)


def _refuse_infinite(value: Any) -> None:
    """Raise ValueError for infinity and NaN, which JSON lacks; ``1e999`` would be read as one."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("test data holds a number that is infinite or none")
    if isinstance(value, (list, dict)):
        for child in value.values() if isinstance(value, dict) else value:
            _refuse_infinite(child)


def _nests_deeper(value: list[Any] | dict[str, Any], levels: int) -> bool:
    children = value.values() if isinstance(value, dict) else value
    inner = (child for child in children if isinstance(child, (list, dict)))
    return levels == 0 or any(_nests_deeper(child, levels - 1) for child in inner)


def _texts(values: list[Any], what: str, findings: list[Finding]) -> list[str]:
    texts = [_named(f"{what}[{test}]", text_of, value) for test, value in enumerate(values)]
    joined = [test for test, value in enumerate(values) if isinstance(value, list)]
    if joined:
        detail = f"{what} given as lists of lines became texts"
        findings.append(Finding(STAGE, Note.JOINED_LINES, detail, {"raw_tests": joined}))
    numbers = [test for test, value in enumerate(values) if not isinstance(value, (str, list))]
    if numbers:
        detail = f"{what} given as numbers became texts"
        findings.append(Finding(STAGE, Note.NUMBERS_AS_TEXT, detail, {"raw_tests": numbers}))
    other_ends = [test for test, text in enumerate(texts) if "\r" in text]
    if other_ends:
        detail = f"line ends in {what} became \\n"
        findings.append(Finding(STAGE, Note.LINE_ENDS, detail, {"raw_tests": other_ends}))
    return [unix_line_ends(text) for text in texts]


def _arguments(inputs: list[Any], findings: list[Finding]) -> list[list[Any]]:
    """Return lists of arguments; a text has one argument a line, as JSON (the convention of APPS's own judge)."""
    parsed = [test for test, value in enumerate(inputs) if isinstance(value, str)]
    if parsed:
        detail = "arguments given as lines of JSON became lists"
        findings.append(Finding(STAGE, Note.PARSED_ARGUMENTS, detail, {"raw_tests": parsed}))
    return [_named(f"inputs[{test}]", arguments_of, value) for test, value in enumerate(inputs)]


def _named(what: str, shape: Callable[[Any], Shape], value: Any) -> Shape:
    """Return the value in its one shape. Raises ValueError with the name of the value."""
    try:
        return shape(value)
    except ValueError as error:
        raise ValueError(f"{what} {error}") from error


def _without_duplicates(inputs: list[Any], outputs: list[Any], findings: list[Finding]) -> tuple[list[Any], list[Any]]:
    seen: dict[str, int] = {}
    by_input: dict[str, int] = {}
    keep, duplicates, contradictory = [], [], []
    for test, (given, expected) in enumerate(zip(inputs, outputs, strict=True)):
        key = dump_json([given, expected])
        if key in seen:
            duplicates.append([seen[key], test])
            continue
        first = by_input.setdefault(dump_json(given), test)
        if first != test:
            contradictory.append([first, test])
        seen[key] = test
        keep.append(test)
    if duplicates:
        detail = f"{len(duplicates)} tests stand there twice; the later ones were left out"
        findings.append(Finding("screen", Note.DUPLICATE_TEST, detail, {"raw_tests": duplicates}))
    if contradictory:
        detail = "tests with the same input expect different outputs"
        findings.append(Finding("screen", Note.CONTRADICTORY_TESTS, detail, {"raw_tests": contradictory}))
    return [inputs[test] for test in keep], [outputs[test] for test in keep]


def resolve_wrapping(
    outputs: Sequence[Any], count_matches: Callable[[int, Any], int]
) -> tuple[list[Any], Finding | None]:
    """Decide for each output of a call-based problem whether a list of one element wraps the value, or is the value.

    ``count_matches(test, value)`` returns the number of solutions that return that value. The reading with more matches
    is taken; if neither has one, the reading of the problem's other tests, and at last *wrapped*, as 17,187 of the
    17,736 call-based tests of raw APPS are.
    """
    readings: list[str | None] = []
    for test, output in enumerate(outputs):
        if not (isinstance(output, list) and len(output) == 1):
            readings.append("bare")
            continue
        wrapped, bare = count_matches(test, output[0]), count_matches(test, output)
        readings.append(None if wrapped == bare else "wrapped" if wrapped > bare else "bare")
    known = [reading for test, reading in enumerate(readings) if reading and _could_be_wrapped(outputs[test])]
    default = "bare" if known and known.count("bare") > len(known) / 2 else "wrapped"
    if not known and any(not _could_be_wrapped(output) for output in outputs):
        default = "bare"
    final = [reading or default for reading in readings]
    values = [output[0] if how == "wrapped" else output for output, how in zip(outputs, final, strict=True)]
    if "wrapped" not in final:
        return values, None
    how = "all" if set(final) == {"wrapped"} else f"{final.count('wrapped')} of {len(final)}"
    undecided = [test for test, reading in enumerate(readings) if reading is None]
    evidence = {"unwrapped": [t for t, r in enumerate(final) if r == "wrapped"], "no_solution_bears_out": undecided}
    return values, Finding(STAGE, Note.OUTPUT_WRAPPING, f"{how} outputs were wrapped in a list of one", evidence)


def _could_be_wrapped(output: Any) -> bool:
    return isinstance(output, list) and len(output) == 1


def has_integer_like_keys(value: Any) -> bool:
    """Return whether a dict in the value has only keys that read as integers: JSON may have made them strings."""
    if isinstance(value, list):
        return any(map(has_integer_like_keys, value))
    if isinstance(value, dict):
        keys = bool(value) and all(key.lstrip("-").isdecimal() for key in value)
        return keys or any(map(has_integer_like_keys, value.values()))
    return False
