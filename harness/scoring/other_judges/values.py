"""Compare a returned value with the expected one as each judge does. Pure functions.

The value was written as JSON in the sandbox, so that tuples are lists and keys of dicts are texts here; rules over the
program say where that matters. LiveCodeBench's format has no list of one around the expected value; raw APPS has, and
the judges of APPS and verl accept the expected value as well as its first element, of however many.
"""

from __future__ import annotations

import re
from typing import Any

from harness.scoring.other_judges.judges import OtherJudge

_INTEGER = re.compile(r"\s*[+-]?[0-9]+\s*")


def accepts_value(judge: OtherJudge, expected: Any, value: Any) -> bool:
    """Return whether a judge accepts a value, compared by Python's ``==``: True is 1, floats are exact."""
    try:
        if judge is OtherJudge.LIVECODEBENCH:
            return bool(value == unwrapped(expected))
        if value == expected:
            return True
        return isinstance(expected, list) and bool(expected) and bool(value == expected[0])
    except RecursionError:  # nested beyond what can be compared
        return False


def unwrapped(expected: Any) -> Any:
    """Return the element of a list of one, any other value as it is."""
    return expected[0] if isinstance(expected, list) and len(expected) == 1 else expected


def has_integer_keys(value: Any) -> bool:
    """Return whether a dict in the value has a key that is written as an integer."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if any(_INTEGER.fullmatch(key) for key in one):
                return True
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return False


def has_number(value: Any) -> bool:
    """Return whether a number, True or False is in the value."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (int, float)):
            return True
        waiting.extend(one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
    return False


def depth_of_lists(value: Any) -> int:
    """Return the number of lists and dicts that are nested in each other: 1 for ``[1, 2]``, 0 for a number."""
    deepest, waiting = 0, [(value, 0)]
    while waiting:
        one, depth = waiting.pop()
        if isinstance(one, (list, dict)):
            deepest = max(deepest, depth + 1)
            waiting.extend((item, depth + 1) for item in (one.values() if isinstance(one, dict) else one))
    return deepest
