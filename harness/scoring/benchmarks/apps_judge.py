"""What ``evaluate apps`` does as APPS's own judge (``eval/testing_util.py`` of hendrycks/apps) does, and no plain run.

- A returned value may equal the expected output or, where that is a list of one, its only element.
- Values are compared as Python's ``==`` does: ``True`` equals ``1``. Further than APPS's judge: where a float is
  expected, another one within the tolerance will do, since ``0.1 + 0.2`` is no wrong answer for ``0.3``.
- Keys of a dict argument that look like integers are integers, which JSON cannot say.
- Imports that programs rely on, and scripts that are legal only inside a function: ``harness.scoring.lenient_repair``.

``docs/judges.md`` shows case by case where the two differ. Pure functions.
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
"""Ways to be equal, the strictest first."""


def dict_keys_of(inputs: Iterable[Sequence[Any]]) -> DictKeys:
    """What the keys of dict arguments are: integers where those of a first argument look like it, and no dict among
    the first arguments mixes such keys with others.

    APPS's judge converts the keys of the first argument alone, and only all of them or none.
    """
    dicts = [arguments[0] for arguments in inputs if arguments and isinstance(arguments[0], dict)]
    looks = [{bool(_INTEGER.fullmatch(key)) for key in one} for one in dicts]
    return DictKeys.INT if {True} in looks and {True, False} not in looks else DictKeys.STR


def verdict_of_value(execution: Execution, output: Any) -> tuple[Verdict, tuple[Lenience, ...]]:
    """The verdict of one call, and what it rests on where the returned value passes by a lenience only."""
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
    """The value with 1 for True and 0 for False."""
    if isinstance(value, list):
        return [_as_numbers(item) for item in value]
    if isinstance(value, dict):
        return {key: _as_numbers(item) for key, item in value.items()}
    return int(value) if isinstance(value, bool) else value


def _leaves(value: Any) -> Iterator[Any]:
    """Everything in a value that holds nothing else, without recursion."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (list, dict)):
            waiting.extend(one.values() if isinstance(one, dict) else one)
        else:
            yield one
