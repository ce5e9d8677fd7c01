"""Programs that pass only because Python 3.14 does not evaluate their annotations."""

from __future__ import annotations

import sys

import pytest

from harness.judging.late_annotations import with_eager_annotations
from harness.sandbox import Sandbox
from harness.sandbox.execution import Checks, Limits
from harness.scoring.benchmarks.benchmark import BenchmarkProblem, Suite
from harness.scoring.score import score

LATE = sys.version_info >= (3, 14)
CHECKED = BenchmarkProblem("x/1", "", "f", "", (Suite("base", Checks("assert f(1) == 2\nassert f(2) == 4")),))

UNDEFINED = {
    "argument": "def f(x: List[int]): return 2 * x",
    "return": "def f(x) -> List: return 2 * x",
    "star": "def f(x, *rest: Missing, **more: Missing): return 2 * x",
    "nested": "def f(x):\n    def g(y: Missing): return y\n    return 2 * g(x)",
    "method": "class A:\n    def g(self, x: Missing): return x\n\ndef f(x): return 2 * x",
    "own class": "class A:\n    def g(self) -> A: return self\n\ndef f(x): return 2 * x",
    "async": "async def g(x: Missing): return x\n\ndef f(x): return 2 * x",
    "variable": "factor: Missing = 2\ndef f(x): return factor * x",
    "field": "class A:\n    x: Missing = 2\n\ndef f(x): return A.x * x",
    "below": "def f(x: Later): return 2 * x\nLater = int",
}
DEFINED = {
    "none": "def f(x): return 2 * x",
    "builtin": "def f(x: int) -> list[int]: return 2 * x",
    "imported": "from typing import List\ndef f(x: List[int]): return 2 * x",
    "quoted": "def f(x: 'Missing'): return 2 * x",
    "future": "from __future__ import annotations\ndef f(x: Missing): return 2 * x",
    "local": "def f(x):\n    y: Missing = 2\n    return y * x",
    "in scope": "class A:\n    N = int\n    def g(self, x: N) -> N: return 2 * x\n\ndef f(x: int): return A().g(x)",
    "decorated": "from functools import cache\n@cache\ndef f(x: int): return 2 * x",
    "property": "class A:\n    @property\n    def two(self) -> int: return 2\n\ndef f(x: int): return A().two * x",
    "no variable": "x: int\ndef f(x: int): return 2 * x",
    "dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int\n    y: int = 2\n\n"
        "def f(x: int): return A(x).y * x"
    ),
    "mangled": (
        "class A:\n    __two: int = 2\n    def g(self, x: int): return self.__two * x\n\ndef f(x: int): return A().g(x)"
    ),
    "main": "def f(x: int): return 2 * x if __name__ != '__main__' else 0",
}


@pytest.mark.parametrize("source", UNDEFINED.values(), ids=UNDEFINED)
def test_an_undefined_name_in_an_annotation_is_told_from_3_14_on(sandbox: Sandbox, source: str) -> None:
    told = score(sandbox, CHECKED, source, Limits())
    if LATE:
        assert (told.verdict, told.leniences) == ("passed", ("late_annotations",))
    else:
        assert (told.verdict, told.exception) == ("runtime_error", "NameError")


@pytest.mark.parametrize("source", UNDEFINED.values(), ids=UNDEFINED)
def test_annotations_evaluated_at_once_raise_as_before_3_14(sandbox: Sandbox, source: str) -> None:
    eager = with_eager_annotations(source)
    assert eager is not None
    told = score(sandbox, CHECKED, eager, Limits())
    assert (told.verdict, told.exception) == ("runtime_error", "NameError")


@pytest.mark.parametrize("source", DEFINED.values(), ids=DEFINED)
def test_a_program_whose_annotations_are_defined_does_the_same(sandbox: Sandbox, source: str) -> None:
    told = score(sandbox, CHECKED, source, Limits())
    assert (told.verdict, told.leniences) == ("passed", ())
    eager = with_eager_annotations(source)
    if eager is not None:
        assert score(sandbox, CHECKED, eager, Limits()).verdict == "passed"


@pytest.mark.parametrize(
    "source", [*UNDEFINED.values(), "def f(\n    x=(1, 2),\n    y: int = 3,\n): pass", "x = 1; y: A = 2"]
)
def test_every_annotation_is_noticed(source: str) -> None:
    assert with_eager_annotations(source) is not None


def test_a_program_without_annotations_need_not_run_again() -> None:
    source = "def f(x, y=(1, 2)):\n    for n in x[1:n]:\n        d = {n: 2, 'a': 3}\n    return d  # x: y\n"
    assert with_eager_annotations(source) is None
