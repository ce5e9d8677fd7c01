"""Judge programs on the tests of a problem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from apps_plus.problem import Comparison, DictKeys, Problem, ToleranceKind
from apps_plus.problem import Tests as UnitTests
from harness.judging.judge import judge, judge_checks, run_confirmed, suspects
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.execution import Checks, Ended, Execution, Limits, Program


def problem(inputs: Sequence[Any], outputs: Sequence[Any], entry_point: str | None = None, **fields: Any) -> Problem:
    fields = {"comparison": Comparison.EXACT, **fields}
    return Problem(
        problem_id="test/0000",
        question="Invented.",
        canonical_solution="",
        entry_point=entry_point,
        tests=UnitTests(tuple(inputs), tuple(outputs)),
        starter_code="",
        conditionals=(),
        difficulty="introductory",
        url="",
        **fields,
    )


DOUBLE = problem(["1\n", "2\n", "3\n"], ["2\n", "4\n", "6\n"])
DOUBLE_CALLED = problem([[1], [2], [3]], [2, 4, 6], "double")


def verdicts(sandbox: Sandbox, source: str, given: Problem, limits: Limits | None = None) -> list[str]:
    return [str(judged.verdict) for judged in judge(sandbox, source, given, limits)]


def test_a_correct_script_passes_every_test(sandbox: Sandbox) -> None:
    assert verdicts(sandbox, "print(2 * int(input()))", DOUBLE) == ["passed"] * 3


def test_a_correct_function_passes_every_test(sandbox: Sandbox) -> None:
    assert verdicts(sandbox, "def double(x): return 2 * x", DOUBLE_CALLED) == ["passed"] * 3


def test_the_other_tests_show_that_an_integer_stands_for_a_real_number(sandbox: Sandbox) -> None:
    stated = {"comparison": Comparison.FLOAT, "tolerance_kind": ToleranceKind.EITHER}
    given = problem(["1\n", "2\n"], ["3\n", "2.5\n"], **stated)
    assert verdicts(sandbox, "print(2.9999999999 if input() == '1' else 2.5)", given) == ["passed"] * 2
    usual = problem(["1\n", "2\n"], ["3\n", "2.5\n"], comparison=Comparison.FLOAT)
    source = "print(2.9999999999 if input() == '1' else 2.5000001)"
    assert verdicts(sandbox, source, usual) == ["wrong_answer", "passed"]


def test_each_test_has_its_own_verdict(sandbox: Sandbox) -> None:
    source = "x = int(input())\nif x == 2: print(5)\nelif x == 3: 1 / 0\nelse: print(2)"
    assert verdicts(sandbox, source, DOUBLE) == ["passed", "wrong_answer", "runtime_error"]


def test_a_program_that_does_not_compile_fails_every_test_so(sandbox: Sandbox) -> None:
    assert verdicts(sandbox, "print(", DOUBLE) == ["compile_error"] * 3


def test_after_a_timeout_every_test_is_one(sandbox: Sandbox) -> None:
    limits = Limits(cpu_seconds=0.3, wall_seconds=10)
    assert verdicts(sandbox, "while input(): pass", problem(["1\n" * 3] * 3, ["x"] * 3)) == ["runtime_error"] * 3
    assert verdicts(sandbox, "while True: pass", DOUBLE, limits) == ["timeout"] * 3


def test_a_problem_without_tests_has_no_verdicts(sandbox: Sandbox) -> None:
    assert verdicts(sandbox, "print(1)", problem([], [])) == []


def test_a_tuple_equals_the_list_that_json_can_write(sandbox: Sandbox) -> None:
    assert verdicts(sandbox, "def f(x): return x, (x,)", problem([[1]], [[1, [1]]], "f")) == ["passed"]


def test_an_object_that_equals_everything_does_not_pass(sandbox: Sandbox) -> None:
    source = "class Any:\n    def __eq__(self, other): return True\ndef double(x): return Any()"
    assert verdicts(sandbox, source, DOUBLE_CALLED) == ["wrong_answer"] * 3


def test_a_forged_report_does_not_turn_a_wrong_answer_into_a_pass(sandbox: Sandbox) -> None:
    forgeries = [b"{}\n", b'{"result": "2"}\n', b'{"verdict": "passed"}\n', b"\n", b"passed\n"]
    for forgery in forgeries:
        source = f"import os\nprint('wrong', flush=True)\nos.write(3, {forgery!r})\nos._exit(0)"
        assert "passed" not in verdicts(sandbox, source, DOUBLE)


def test_the_keys_of_dict_arguments_are_what_the_problem_says(sandbox: Sandbox) -> None:
    source = "def f(d): return d[1]"
    assert verdicts(sandbox, source, problem([[{"1": "x"}]], ["x"], "f")) == ["runtime_error"]
    assert verdicts(sandbox, source, problem([[{"1": "x"}]], ["x"], "f", dict_keys=DictKeys.INT)) == ["passed"]


# --- state of an earlier call ------------------------------------------------------------------------------

REMEMBERS = "seen = []\ndef double(x):\n    seen.append(x)\n    return 2 * sum(seen)"


def test_no_input_fails_because_of_an_earlier_call(sandbox: Sandbox) -> None:
    assert [e.result for e in sandbox.execute(Program(REMEMBERS, "double"), [[1], [2]])] == ["2", "6"]
    assert verdicts(sandbox, REMEMBERS, DOUBLE_CALLED) == ["passed"] * 3


def test_a_function_that_is_wrong_alone_is_wrong(sandbox: Sandbox) -> None:
    assert verdicts(sandbox, "def double(x): return x ** 2", DOUBLE_CALLED) == [
        "wrong_answer",
        "passed",
        "wrong_answer",
    ]


KEEPS = """
import collections
n = int(input())
if n == 1: collections.ChainMap = None
print(collections.ChainMap and 2 * n)
"""


def test_no_script_fails_because_of_an_earlier_input(sandbox: Sandbox) -> None:
    shared = sandbox.execute(Program(KEEPS), DOUBLE.tests.inputs)
    assert [(e.output, e.alone) for e in shared] == [("None\n", True), ("None\n", False), ("None\n", False)]
    assert verdicts(sandbox, KEEPS, DOUBLE) == ["wrong_answer", "passed", "passed"]


@pytest.mark.parametrize(
    ("failing", "runs"),
    [
        ({}, [3]),
        ({0: "wrong_answer"}, [3]),
        ({2: "wrong_answer"}, [3, 1]),
        ({1: "wrong_answer", 2: "wrong_answer"}, [3, 1]),
        ({1: "wrong_answer", 2: "timeout"}, [3, 1, 1]),
        ({0: "timeout", 2: "wrong_answer"}, [3, 1]),
        ({1: "timeout", 2: "wrong_answer"}, [3, 1]),
    ],
)
def test_the_first_failure_and_the_worst_are_confirmed_alone(failing: dict[int, str], runs: list[int]) -> None:
    counting = Counting()
    verdict = {test: Verdict(name) for test, name in failing.items()}
    executions = run_confirmed(counting, Program("", "f"), [0, 1, 2], lambda test, _: verdict.get(test, Verdict.PASSED))
    assert counting.runs == runs
    assert len(executions) == 3


def test_where_a_failure_is_not_confirmed_every_input_runs_alone() -> None:
    counting = Counting()

    def verdict(_: int, execution: Execution) -> Verdict:
        return Verdict.PASSED if execution.alone else Verdict.WRONG_ANSWER

    executions = run_confirmed(counting, Program("", "f"), [0, 1, 2], verdict)
    assert counting.runs == [3, 1, 1, 1, 1]
    assert all(execution.alone for execution in executions)


@pytest.mark.parametrize(
    ("source", "ended", "runs"),
    [
        ("print(2)", Ended.FINISHED, [3]),
        ("print(2)", Ended.EXCEPTION, [3]),
        ("print(2)", Ended.MEMORY_LIMIT, [3, 1]),
        ("print(2)", Ended.TIMEOUT, [3, 1]),
        (KEEPS, Ended.FINISHED, [3, 1]),
    ],
)
def test_a_script_that_leaves_no_state_needs_no_confirmation(source: str, ended: Ended, runs: list[int]) -> None:
    counting = Counting(ended)
    run_confirmed(counting, Program(source), ["0", "1", "2"], lambda test, _: Verdict.WRONG_ANSWER)
    assert counting.runs == runs


class Counting(Sandbox):
    """A sandbox that runs nothing and records the number of inputs."""

    def __init__(self, ended: Ended = Ended.FINISHED) -> None:
        super().__init__()
        self.runs: list[int] = []
        self.ended = ended

    def execute(self, program: Program, inputs: Sequence[Any], *_: Any, **__: Any) -> list[Execution]:
        self.runs.append(len(inputs))
        return [Execution(self.ended, result="1", alone=number == 0) for number in range(len(inputs))]


def test_a_suspect_did_not_run_alone() -> None:
    executions = [Execution(Ended.FINISHED, alone=alone) for alone in (True, False, True, False)]
    assert suspects(executions, [0, 1, 2, 3]) == [1, 3]
    assert suspects(executions, [0, 2]) == []


# --- tests that are code -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("def f(x): return 2 * x", "passed"),
        ("def f(x): return x", "wrong_answer"),
        ("def f(x): return None", "wrong_answer"),
        ("def f(x): return x / 0", "runtime_error"),
        ("def f(x):", "compile_error"),
        ("def g(x): return 2 * x", "runtime_error"),
        ("def f(x): raise MemoryError", "memory_limit"),
    ],
)
def test_a_program_under_tests_that_are_code(sandbox: Sandbox, source: str, verdict: str) -> None:
    checks = Checks("for x in range(3): assert f(x) + 0 == 2 * x")
    assert judge_checks(sandbox, Program(source, "f"), checks).verdict == verdict


# --- checkers ------------------------------------------------------------------------------------------------------

SAME_SIZE = "def check(given, expected, actual): return len(expected.split()) == len(actual.split())"


def checked(checker: str, **fields: Any) -> Problem:
    fields = {"inputs": ["3\n"], "outputs": ["1 1 1\n"], **fields}
    return problem(comparison=Comparison.CHECKER, checker=checker, **fields)


def test_the_checker_decides(sandbox: Sandbox) -> None:
    assert verdicts(sandbox, "print(*range(int(input())))", checked(SAME_SIZE)) == ["passed"]
    assert verdicts(sandbox, "print(1)", checked(SAME_SIZE)) == ["wrong_answer"]


def test_the_checker_of_a_function_sees_its_value(sandbox: Sandbox) -> None:
    given = {"inputs": [[3]], "outputs": [[1, 2]], "entry_point": "f"}
    checker = "def check(given, expected, actual): return given == [3] and sorted(actual) == expected"
    assert verdicts(sandbox, "def f(x): return 2, 1", checked(checker, **given)) == ["passed"]
    assert verdicts(sandbox, "def f(x): return {2, 1}", checked(checker, **given)) == ["wrong_answer"]


def test_a_program_that_fails_is_not_shown_to_the_checker(sandbox: Sandbox) -> None:
    assert verdicts(sandbox, "1/0", checked("def check(*_): return True")) == ["runtime_error"]


def test_an_output_that_makes_the_checker_raise_is_not_acceptable(sandbox: Sandbox) -> None:
    checker = "def check(given, expected, actual): return int(actual) > 0"
    assert verdicts(sandbox, "print('one')", checked(checker)) == ["wrong_answer"]


@pytest.mark.parametrize("checker", ["def check(*_): return 1", "def other(): pass", "x =", ""])
def test_a_checker_that_fails_is_our_fault(sandbox: Sandbox, checker: str) -> None:
    assert verdicts(sandbox, "print(1)", checked(checker)) == [str(Verdict.HARNESS_ERROR)]
