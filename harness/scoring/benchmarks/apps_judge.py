"""Leniences of APPS's own judge (``eval/testing_util.py`` of hendrycks/apps) that ``evaluate apps`` follows.

- A returned value may equal the expected output or, if that is a list of one element, this element.
- Values are compared by Python's ``==``: ``True`` equals ``1``. Beyond APPS's judge, a float within the tolerance of an
  expected float is accepted, since ``0.1 + 0.2`` is not a wrong answer for ``0.3``.
- Keys of a dict argument that look like integers are integers, which JSON lacks.
- Imports that programs lack, and scripts that are legal only inside a function: ``harness.scoring.other_judge_repair``.

``docs/judges.md`` lists the remaining differences case by case. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from apps_plus.problem import Comparison, DictKeys
from harness.judging.comparison import same_value
from harness.judging.verdict import Expected, Verdict, value_of, verdict_of
from harness.sandbox.execution import Ended, Execution
from harness.scoring.leniency import Lenience

_INTEGER = re.compile("-?[0-9]+")
_WAYS: tuple[tuple[Lenience, ...], ...] = (
    (),
    (Lenience.TRUE_FOR_1,),
    (Lenience.NEAR_FLOAT,),
    (Lenience.TRUE_FOR_1, Lenience.NEAR_FLOAT),
)
"""Combinations of leniences, the strictest first."""


def dict_keys_of(inputs: Iterable[Sequence[Any]]) -> DictKeys:
    """Return the type of the keys of dict arguments, which APPS's judge converts to integers in the first argument.

    Integers, if all keys of a dict look like integers and no dict mixes such keys with others.
    """
    dicts = [arguments[0] for arguments in inputs if arguments and isinstance(arguments[0], dict)]
    looks = [{bool(_INTEGER.fullmatch(key)) for key in one} for one in dicts]
    return DictKeys.INT if {True} in looks and {True, False} not in looks else DictKeys.STR


def verdict_of_value(execution: Execution, output: Any) -> tuple[Verdict, tuple[Lenience, ...]]:
    """Return the verdict of one call, and the leniences that the returned value needed to pass."""
    if execution.ended is not Ended.FINISHED:
        return verdict_of(execution, Expected(output, True)), ()
    value = value_of(execution)
    if value is None:
        return Verdict.WRONG_ANSWER, ()
    readings = [output, output[0]] if isinstance(output, list) and len(output) == 1 else [output]
    if not any(_same(reading, value.value, _WAYS[-1]) for reading in readings):
        return Verdict.WRONG_ANSWER, ()
    way = next(way for way in _WAYS if any(_same(reading, value.value, way) for reading in readings))
    return Verdict.PASSED, way


def _same(expected: Any, actual: Any, way: tuple[Lenience, ...]) -> bool:
    near = Lenience.NEAR_FLOAT in way and any(isinstance(leaf, float) for leaf in _leaves(expected))
    if Lenience.TRUE_FOR_1 in way:
        try:
            expected, actual = _as_numbers(expected), _as_numbers(actual)
        except RecursionError:  # nested beyond what can be compared
            return False
    return same_value(expected, actual, Comparison.FLOAT if near else Comparison.EXACT)


def _as_numbers(value: Any) -> Any:
    """Replace True by 1 and False by 0 in a value."""
    if isinstance(value, list):
        return [_as_numbers(item) for item in value]
    if isinstance(value, dict):
        return {key: _as_numbers(item) for key, item in value.items()}
    return int(value) if isinstance(value, bool) else value


def _leaves(value: Any) -> Iterator[Any]:
    """Yield the values in nested lists and dicts that are neither, without recursion."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (list, dict)):
            waiting.extend(one.values() if isinstance(one, dict) else one)
        else:
            yield one
