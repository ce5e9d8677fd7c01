"""Mutants that answer like their program on a whole pool."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apps_plus.problem import Comparison, ComparisonRule, DictKeys, Problem
from apps_plus.problem import Tests as UnitTests
from curation.mutation.equivalence import probably_equivalent, run_pool
from curation.mutation.mutants import Mutant
from curation.mutation.pool import pool_of
from curation.mutation.run_mutants import MutantRunner
from curation.mutation.source_text import Edit
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Execution, Limits

LARGEST = "def f(a):\n    top = a[0]\n    for x in a:\n        if x > top:\n            top = x\n    return top\n"


@pytest.fixture(scope="module")
def runner():
    with Sandbox() as sandbox:
        yield MutantRunner(sandbox, "f", DictKeys.STR, ComparisonRule(), "", Limits(cpu_seconds=1, wall_seconds=5))


def mutant(before: str, after: str) -> Mutant:
    start = LARGEST.index(before)
    edit = Edit("comparison", start, start + len(before), after.encode(), 4)
    return Mutant("0", LARGEST.replace(before, after), edit)


def test_mutant_that_always_answers_alike_is_probably_equivalent(runner):
    pool = run_pool(runner, LARGEST, [[[i % 7, i % 5, i]] for i in range(60)])
    assert probably_equivalent(runner, [mutant("x > top", "x >= top")], pool) == [True]


def test_one_different_answer_in_the_pool_is_enough(runner):
    pool = run_pool(runner, LARGEST, [[[9, 1]]] * 59 + [[[1, 9]]])
    assert probably_equivalent(runner, [mutant("x > top", "x < 0")], pool) == [False]


def test_inputs_on_which_the_program_fails_are_left_out(runner):
    pool = run_pool(runner, LARGEST, [[[1]], [[]], [[2, 3]]])
    assert (pool.inputs, pool.outputs) == (([[1]], [[2, 3]]), (1, 3))


def test_mutant_of_a_line_that_never_runs_need_not_run(runner):
    pool = run_pool(runner, LARGEST, [[[3, 2, 1]]])
    assert pool.executed == frozenset({1, 2, 3, 4, 6})
    edit = Edit("constant", 0, len(LARGEST), b"not even Python", 5)
    broken = Mutant("0", "not even Python", edit)
    assert probably_equivalent(runner, [broken], pool) == [True]
    for reaches in replace(edit, operator="deleted_statement"), replace(edit, line=4):
        assert probably_equivalent(runner, [replace(broken, edit=reaches)], pool) == [False]


def test_slow_program_gets_a_smaller_pool():
    class Slow:
        def __init__(self):
            self.asked = []

        def execute(self, program, inputs, *_, **__):
            self.asked.append(len(inputs))
            return [Execution(Ended.FINISHED, result="1", seconds=0.002, alone=i == 0) for i, _ in enumerate(inputs)]

    slow = Slow()
    pool = run_pool(MutantRunner(slow, "f", DictKeys.STR, ComparisonRule(), "", Limits()), LARGEST, [[1]] * 2000)
    assert slow.asked == [50, 50, 150, 150] and len(pool.inputs) == 200  # counted, then traced


def test_inputs_that_take_many_steps_are_left_out(runner):
    pool = run_pool(runner, LARGEST, [[[1, 2]], [[1] * 20_000], [[2, 3]]])
    assert pool.inputs == ([[1, 2]], [[2, 3]])


def test_nothing_is_equivalent_on_an_empty_pool(runner):
    assert probably_equivalent(runner, [mutant("x > top", "x >= top")], run_pool(runner, LARGEST, [[[]]])) == [False]


def adding(entry_point: str | None, *inputs) -> Problem:
    question = "Return the sum of two integers.\n\nInput\n\nTwo integers a and b (1 <= a, b <= 1000)."
    tests = UnitTests(inputs, ("",) * len(inputs))
    return Problem(
        "train/1", question, "def f(a, b): return a + b", entry_point, tests, "", (), Comparison.EXACT, "", ""
    )


@pytest.mark.parametrize(
    "problem", [adding("f", [1, 2], [3, 900]), adding(None, "1 2\n", "3 900\n")], ids=["f", "text"]
)
def test_pool_is_large_different_and_the_same_each_time(problem):
    pool = pool_of(problem, 150)
    assert len(pool) == 150 == len({str(given) for given in pool})
    assert pool == pool_of(problem, 150)
    assert pool_of(problem, 10) == pool[:10]
    assert pool_of(problem, 0) == []
