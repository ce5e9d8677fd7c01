"""Any of the answers that at least two solutions give to a test."""

import json

ANSWERS: dict[str, list[object]] = {}
"""The right answers, by the input as JSON text."""


def check(input: object, expected: object, actual: object) -> bool:
    """Return whether the output is the expected one or another known answer to this input."""
    known = [expected, *ANSWERS.get(json.dumps(input, sort_keys=True), [])]
    return any(read(actual) == read(answer) for answer in known)


def read(output: object) -> str:
    """Return an output as a text in which white space at line ends does not count."""
    if isinstance(output, str):
        return "\n".join(line.rstrip() for line in output.rstrip().splitlines())
    return json.dumps(output, sort_keys=True)
