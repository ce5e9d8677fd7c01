"""Judge executions by comparison or by a checker."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

from solution_runs import ECHO, judge_by, verify

from apps_plus.problem import Comparison
from curation.pipeline.judge_runs import judge_by_checker, judge_runs
from curation.pipeline.run_again import confirm_exactly
from curation.pipeline.run_solutions import Runner, run_solutions
from harness.judging.verdict import Verdict


def test_a_program_passes_where_every_test_does(script: Callable[..., Runner]) -> None:
    good, half = verify(script("1", "2"), [ECHO, "print(1)"], ["1\n", "2"])
    assert (good.passed, good.verdicts) == (True, [Verdict.PASSED] * 2)
    assert (half.passed, half.verdicts) == (False, [Verdict.PASSED, Verdict.WRONG_ANSWER])


def test_another_comparison_changes_verdicts_without_a_run(script: Callable[..., Runner]) -> None:
    runner = script("x")
    runs = run_solutions(runner, ["print('1  2')", "print('1  2')"])
    confirm_exactly(runner, runs, ["1 2"])
    assert [run.passed for run in runs] == [False, False]
    judge_runs(runs, judge_by(Comparison.TOKENS, runner, ["1 2"]))
    assert [run.passed for run in runs] == [True, True]


def test_a_checker_accepts_any_right_answer_also_a_random_one(script: Callable[..., Runner]) -> None:
    checker = dedent("""
        def check(given, expected, actual):
            a, b = map(int, actual.split())
            return a + b == int(given)
    """)
    runner = script("10")
    judge = judge_by_checker("train/0000", runner, ["4 6"], checker)
    by_chance = "import random\na = random.randrange(10**9)\nprint(a, int(input()) - a)"
    solutions = ["print(5, int(input()) - 5)", by_chance, "print(5, 6)", "print('no number')", "1/0"]
    runs = verify(runner, solutions, ["4 6"], judge)
    assert [run.passed for run in runs] == [True, True, False, False, False]
    assert all(run.stable for run in runs)
    assert runs[-1].verdicts == [Verdict.RUNTIME_ERROR]


def test_a_checker_sees_the_value_that_a_function_returns(function: Callable[..., Runner]) -> None:
    runner = function([4], [5])
    judge = judge_by_checker(
        "train/0000", runner, [2, None], "def check(given, expected, actual):\n    return given[0] - actual in (1, 2)"
    )
    runs = verify(
        runner, ["def f(n): return n - 1", "def f(n): return {n - 1}", "def f(n): return None"], [2, None], judge
    )
    assert [run.passed for run in runs] == [True, False, False]
