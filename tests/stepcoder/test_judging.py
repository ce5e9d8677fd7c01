"""Programs become outcomes, in sandboxes of other processes."""

import os
import signal

import pytest

from apps_plus.problem import Comparison, Problem
from apps_plus.problem import Tests as UnitTests
from harness.judging.verdict import Verdict
from stepcoder.judging import Judge
from stepcoder.records import Task

PROBLEM = Problem(
    problem_id="train/0001",
    question="",
    canonical_solution="def f(x):\n    return x + 1\n",
    entry_point="f",
    tests=UnitTests(([1], [2], [3]), (2, 3, 4)),
    starter_code="",
    conditionals=(),
    comparison=Comparison.EXACT,
    difficulty="interview",
    url="",
)
TASK = Task(PROBLEM, "")


@pytest.fixture(scope="module")
def judge():
    with Judge(1, test_seconds=1.0) as made:
        yield made


@pytest.mark.parametrize(
    ("source", "verdict", "passed", "executed", "error", "line"),
    [
        ("def f(x):\n    return x + 1\n", Verdict.PASSED, 3, {1, 2}, "", None),
        (
            "def f(x):\n    if x > 1:\n        return x + 1\n    return 0\n",
            Verdict.WRONG_ANSWER,
            2,
            {1, 2, 3, 4},
            "",
            None,
        ),
        ("def f(x):\n    if x > 9:\n        return 9\n    return x\n", Verdict.WRONG_ANSWER, 0, {1, 2, 4}, "", None),
        ("def f(x):\n    y = 1\n    return x / 0\n", Verdict.RUNTIME_ERROR, 0, {1, 2, 3}, "ZeroDivisionError", 3),
        ("def f(x):\n    return x +\n", Verdict.COMPILE_ERROR, 0, None, "SyntaxError", 2),
        ("def f(x):\n    while x:\n        pass\n", Verdict.TIMEOUT, 0, {1, 2, 3}, "", None),
    ],
)
def test_outcome(judge, source, verdict, passed, executed, error, line):
    outcome = judge.outcomes([(TASK, source)])[0]
    assert outcome.verdict is verdict
    assert (outcome.tests_passed, outcome.tests_total) == (passed, 3)
    assert outcome.executed == (None if executed is None else frozenset(executed))
    assert (outcome.error_type, outcome.error_line) == (error, line)


def test_a_program_is_run_once_however_often_it_is_asked_about():
    source = "def f(x):\n    return 7\n"
    with Judge(1) as judge:
        outcomes = judge.outcomes([(TASK, source)] * 5 + [(TASK, PROBLEM.canonical_solution)])
        assert [outcome.passed for outcome in outcomes] == [False] * 5 + [True]
        assert (judge.judged, judge.executed) == (6, 2)


def test_only_the_first_tests_where_so_many_are_asked_for():
    with Judge(1, max_tests=2) as judge:
        assert judge.outcomes([(TASK, PROBLEM.canonical_solution)])[0].tests_total == 2


def test_what_a_dead_worker_left_unanswered_is_asked_again():
    with Judge(1) as judge:
        assert judge.outcomes([(TASK, PROBLEM.canonical_solution)])[0].passed
        for process in judge._workers._pool._processes:
            os.kill(process, signal.SIGKILL)
        sources = [f"def f(x):\n    return x + 1 + {n}\n" for n in range(4)]
        assert [outcome.passed for outcome in judge.outcomes([(TASK, source) for source in sources])] == [
            True,
            False,
            False,
            False,
        ]
