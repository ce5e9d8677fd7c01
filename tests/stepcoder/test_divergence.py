"""EGCA: the statement at which a wrong program departs from the canonical one, found by running both."""

import pytest

from apps_plus.problem import Comparison, Problem
from apps_plus.problem import Tests as UnitTests
from harness.judging.judged_program import JudgedProgram
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.execution import Limits
from stepcoder.divergence import MAX_RECORDS, LocatedProgram, _departure, first_departure
from stepcoder.judging import JudgeJob, judge_program

CANONICAL = """def f(x):
    total = 0
    for i in range(x):
        if i % 2:
            total += i
        else:
            total -= 1
    return total
"""
"""f(1), f(3), f(4) are -1, -1, 2."""


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(trace=True) as sandbox:
        yield sandbox


def problem(canonical=CANONICAL, entry_point="f", inputs=([1], [3], [4]), outputs=(-1, -1, 2)):
    tests = UnitTests(tuple(inputs), tuple(outputs))
    return Problem("t/1", "", canonical, entry_point, tests, "", (), Comparison.EXACT, "", "")


def suspects(sandbox, source, of=None):
    outcome = judge_program(sandbox, JudgeJob(of or problem(), source, Limits(cpu_seconds=1.0), locate=True))
    assert isinstance(outcome, LocatedProgram)
    return outcome.verdict, sorted(outcome.suspects)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("total = 0", "total = 1", 2),
        ("range(x)", "range(x - 1)", 3),
        ("i % 2", "i % 3", 4),
        ("total += i", "total += 2 * i", 5),
        ("total -= 1", "total -= 2", 7),
        ("return total", "return -total", 8),  # the variables are the same until the end
    ],
)
def test_the_line_of_the_first_wrong_statement(sandbox, old, new, line):
    assert suspects(sandbox, CANONICAL.replace(old, new)) == (Verdict.WRONG_ANSWER, [line])


def test_of_two_mistakes_the_first_to_run_counts(sandbox):
    both = CANONICAL.replace("total -= 1", "total -= 2").replace("total += i", "total += 5")
    assert suspects(sandbox, both) == (Verdict.WRONG_ANSWER, [7])


def test_names_and_layout_do_not_matter(sandbox):
    renamed = (
        CANONICAL.replace("total", "n").replace("i % 2", "i % 3").replace("    n = 0\n", "\n    # sum\n    n = 0\n")
    )
    assert suspects(sandbox, renamed) == (Verdict.WRONG_ANSWER, [6])


def test_a_program_of_another_structure_is_not_compared(sandbox):
    assert suspects(sandbox, "def f(x):\n    return x\n") == (Verdict.WRONG_ANSWER, [])


def test_an_error_is_located_where_python_says(sandbox):
    assert suspects(sandbox, "def f(x):\n    y = 1\n    return y / 0\n") == (Verdict.RUNTIME_ERROR, [3])
    assert suspects(sandbox, "def f(x):\n    return x +\n") == (Verdict.COMPILE_ERROR, [2])


def test_a_right_program_and_a_timeout_have_no_line(sandbox):
    assert suspects(sandbox, CANONICAL) == (Verdict.PASSED, [])
    assert suspects(sandbox, "def f(x):\n    while x:\n        pass\n") == (Verdict.TIMEOUT, [])


def test_a_script_is_compared_on_its_standard_input(sandbox):
    script = "n = int(input())\nm = n * 2\nif m > 4:\n    print(m)\nelse:\n    print(0)\n"
    reads = problem(script, None, ("1\n", "3\n"), ("0\n", "6\n"))
    assert suspects(sandbox, script.replace("n * 2", "n * 3"), reads) == (Verdict.WRONG_ANSWER, [2])
    assert suspects(sandbox, script.replace("m > 4", "m > 9"), reads) == (Verdict.WRONG_ANSWER, [3])
    assert suspects(sandbox, script.replace("print(m)", "print(m + 1)"), reads) == (Verdict.WRONG_ANSWER, [4])


def test_a_function_is_imported_and_not_run_as_a_script(sandbox):
    guarded = CANONICAL + 'if __name__ == "__main__":\n    print(f(int(input())))\n'
    assert suspects(sandbox, guarded.replace("total -= 1", "total -= 2"), problem(guarded)) == (
        *(Verdict.WRONG_ANSWER, [7]),
    )


def test_methods_of_a_class_are_compared_too(sandbox):
    solution = "class Solution:\n    def f(self, x):\n        y = x + 1\n        return y\n"
    adds = problem(solution, "f", ([1],), (2,))
    assert suspects(sandbox, solution.replace("x + 1", "x + 2"), adds) == (Verdict.WRONG_ANSWER, [3])


def test_a_program_with_a_future_import_and_docstrings_still_runs(sandbox):
    source = '"""Doc."""\nfrom __future__ import annotations\n' + CANONICAL.replace(
        "f(x):\n", 'f(x):\n    """Doc."""\n'
    )
    wrong = source.replace("total -= 1", "total -= 2")
    assert suspects(sandbox, wrong, problem(source)) == (Verdict.WRONG_ANSWER, [10])


@pytest.mark.parametrize(
    ("end", "lines"),
    [
        ("print('\\0trace\\0[[0, 0]]')", [4]),  # the true trace comes after it
        ("print('[[0, 0]]', flush=True) or os._exit(0)", []),  # no trace at all
        ("print('\\0trace\\0' + '[' * 10**6, flush=True) or os._exit(0)", []),  # no JSON, and deeply nested
        ("print('\\0trace\\0[[0], 7]', flush=True) or os._exit(0)", []),
    ],
)
def test_a_program_that_writes_its_own_trace_only_loses_its_line(sandbox, end, lines):
    source = "import os\ndef f(x):\n    x > 1 and 0\n    return -1\n"
    forged = source.replace("x > 1 and 0", f"x > 0 and {end}").replace("return -1", "return 1")
    both = problem(source, outputs=(-1, -1, -1))
    assert suspects(sandbox, forged.replace(" or os._exit(0)", ""), both)[0] is Verdict.WRONG_ANSWER
    assert sorted(_departure(sandbox, forged, both, 0, Limits())) == lines


def test_a_long_trace_is_compared_no_further(sandbox):
    source = "def f(x):\n    n = 0\n    for i in range(2000):\n        n += 1\n    return n\n"
    counts = problem(source, inputs=([1],), outputs=(2000,))
    assert suspects(sandbox, source.replace("return n", "return -n"), counts) == (Verdict.WRONG_ANSWER, [])
    assert suspects(sandbox, source.replace("n = 0", "n = 7"), counts) == (Verdict.WRONG_ANSWER, [2])


def test_a_program_that_raises_only_when_it_is_traced_has_no_line(sandbox):
    """An infinite argument cannot be written into the script: both runs end before the call, alike."""
    wrong = "def f(x):\n    return -x\nf.called = 0\n"
    infinite = problem(wrong.replace("-x", "x"), inputs=([float("inf")],), outputs=(float("inf"),))
    assert suspects(sandbox, wrong, infinite) == (Verdict.WRONG_ANSWER, [])


def test_everything_else_of_the_outcome_is_kept(sandbox):
    wrong = CANONICAL.replace("total -= 1", "total -= 2")
    plain = judge_program(sandbox, JudgeJob(problem(), wrong, Limits()))
    located = judge_program(sandbox, JudgeJob(problem(), wrong, Limits(), locate=True))
    assert type(plain) is JudgedProgram
    for name in ("verdict", "tests_passed", "tests_total", "executed", "failed_tests", "worst_test"):
        assert getattr(located, name) == getattr(plain, name)


@pytest.mark.parametrize(
    ("found", "canonical", "statement"),
    [
        ([(0, 1), (1, 5)], [(0, 1), (1, 6)], 0),  # the state after statement 0 differs
        ([(0, 1), (2, 5)], [(0, 1), (1, 5)], 0),  # another statement comes next
        ([(0, 1), (1, 5)], [(0, 1), (1, 5)], 1),  # no record differs
        ([(0, 1)], [(0, 1), (1, 5)], 0),  # one ends earlier
        ([(0, 9)], [(0, 1)], 0),  # the first differs
        ([], [(0, 1)], None),
        ([(0, 1)], [], None),
        ([(0, 1)] * (MAX_RECORDS + 1), [(0, 1)] * (MAX_RECORDS + 1), None),
    ],
)
def test_the_statement_before_the_first_record_that_differs(found, canonical, statement):
    assert first_departure(found, canonical) == statement
