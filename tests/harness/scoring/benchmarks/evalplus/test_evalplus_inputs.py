"""The inputs of EvalPlus's tests: types that JSON cannot express, and their forms as text."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from harness.scoring.benchmarks.evalplus.inputs import literal, mbpp_inputs, pack


@pytest.mark.parametrize(
    ("number", "given", "made"),
    [
        (2, [[1, [2]], 3], [(1, [2]), 3]),
        (63, [[[1, 2], [3]]], [[(1, 2), (3,)]]),
        (75, [[[1]], [[2]]], [[(1,)], [[2]]]),
        (106, [[1], [2]], [[1], (2,)]),
        (115, [[[1, 2], []]], [[{1, 2}, {}]]),
        (124, [1, "2+3j"], [1.0, 2 + 3j]),
        (250, [[1], [2]], [(1,), [2]]),
        (259, [[[1], [2]], [[3]]], [((1,), (2,)), ((3,),)]),
        (722, [{"a": [1, 2]}, 3, 4], [{"a": (1, 2)}, 3, 4]),
        (252, ["1j"], [1j]),
        (580, [[[[1]], [2, [[3]]]]], [(((1,),), (2, ((3,),)))]),
        (3, [[1]], [[1]]),
    ],
)
def test_arguments_get_their_types_back(number: int, given: list[Any], made: list[Any]) -> None:
    assert repr(mbpp_inputs(f"Mbpp/{number}", [given])) == repr([made])


def test_a_literal_is_the_same_in_every_process() -> None:
    value = [({"b", "a", "c"}, {"k": [{2, 1}]}, set(), {}), (1.5, "x", None, 1 + 2j)]
    assert literal(value) == "[({'a', 'b', 'c'}, {'k': [{1, 2}]}, set(), {}, ), (1.5, 'x', None, (1+2j), )]"
    assert eval(literal(value)) == value


def test_lists_without_sets_and_tuples_are_written_as_python_writes_them() -> None:
    value = [[1, "a", 2.5, None], [True, [float("inf")]]]
    assert literal(value) == repr(value)


def test_packed_arguments_are_the_same_in_every_process() -> None:
    code = (
        "from harness.scoring.benchmarks.evalplus.inputs import pack\n"
        "print(pack([{'a', 'b', 'zz', (1, 'x')}, ['s', 's'], {'k': 2 ** 70}]))"
    )
    packed = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(packed) == 1


def test_packed_arguments_are_one_word() -> None:
    assert not set(pack(["x" * 500, b"\n "])) & set(" \t\r\n")
