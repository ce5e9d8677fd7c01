"""Score one program on one problem: verdict, details, and signs of an overloaded machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from apps_plus.problem import Comparison, DictKeys, Tolerance, ToleranceKind
from apps_plus.problem import Tests as UnitTests
from harness.judging.judge import JudgedTest
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.execution import Checks, Ended, Execution, Limits
from harness.scoring.benchmarks.benchmark import BenchmarkProblem, PlusTests, Suite
from harness.scoring.score import Score, is_unsure, score

LIMITS = Limits(cpu_seconds=1.0, wall_seconds=30.0)


def problem(*suites: Any, entry_point: str | None = "f", **fields: Any) -> BenchmarkProblem:
    named = tuple(Suite(name, tests) for name, tests in zip(("base", "plus"), suites, strict=False))
    return BenchmarkProblem("x/1", "", entry_point, "", named, **fields)


CHECKED = problem(Checks("assert f(1) == 1\nassert f(2) == 2"))
REFERENCE = "def f(x): return x * x"
PLUS = problem(PlusTests(([1], [2]), REFERENCE), PlusTests(([3], [4]), REFERENCE))
SCRIPT = problem(UnitTests(("1\n", "2\n"), ("1\n", "2\n")), entry_point=None)


def scored(sandbox: Sandbox, given: BenchmarkProblem, source: str, limits: Limits = LIMITS) -> Score:
    return score(sandbox, given, source, limits)


# ---- tests that are code


@pytest.mark.parametrize(
    ("source", "verdict", "exception", "detail"),
    [
        ("def f(x): return x", "passed", "", ""),
        ("def f(x): return 1", "wrong_answer", "", "AssertionError"),
        ("def f(x):\n    return (", "compile_error", "SyntaxError", "(line 2: return ()"),
        ("def f(x):\n    return x[0]", "runtime_error", "TypeError", "not subscriptable (line 2: return x[0])"),
        ("def f(x): assert False, 'mine'", "runtime_error", "AssertionError", "AssertionError: mine (line 1"),
        ("def g(x): return x", "runtime_error", "EntryPointMissing", "f"),
        ("def f(x): return f(x)", "runtime_error", "RecursionError", "maximum recursion depth"),
        ("def f(x): raise SystemExit", "runtime_error", "SystemExit", "SystemExit"),
        ("import os\nos._exit(0)", "runtime_error", "SystemExit", "SystemExit: 0"),
        ("import os\ndef f(x): os.abort()", "runtime_error", "SIGABRT", "SIGABRT"),
        ("def f(x): return ' ' * 10 ** 10", "memory_limit", "MemoryError", "MemoryError"),
        ("while True: print('x' * 10 ** 6)", "output_limit", "", "output limit"),
        ("def f(x):\n    while True: pass", "timeout", "", "timeout"),
        ("def f(x): return 1\0", "compile_error", "SyntaxError", "null bytes"),
        ("def f(x): return '\ud800'", "compile_error", "UnicodeEncodeError", "surrogates not allowed"),
        ("class A:\n    def __eq__(s, o): return True\ndef f(x): return A()", "wrong_answer", "", "AssertionError"),
        ("import builtins\nbuiltins.AssertionError = ValueError\ndef f(x): return 0", "wrong_answer", "", ""),
    ],
)
def test_what_becomes_of_a_program(sandbox: Sandbox, source: str, verdict: str, exception: str, detail: str) -> None:
    limits = replace(LIMITS, cpu_seconds=0.3) if verdict == "timeout" else LIMITS
    told = scored(sandbox, CHECKED, source, limits)
    assert (told.verdict, told.exception) == (verdict, exception)
    assert detail in told.detail
    assert (told.tests_passed, told.tests_total, told.base) == (int(verdict == "passed"), 1, None)


def test_a_wrong_answer_shows_the_assertion_that_it_failed(sandbox: Sandbox) -> None:
    checks = Checks("assert f(1) == 1\nassert f(2) == 4\n")
    problem = BenchmarkProblem("x/1", "", "f", "", (Suite("base", checks),))
    told = score(sandbox, problem, "def f(x): return x", Limits())
    assert told.verdict is Verdict.WRONG_ANSWER
    assert told.detail.endswith("(line 2 of the tests: assert f(2) == 4)")


def test_an_exception_of_the_programs_own_making_cannot_make_the_detail_long(sandbox: Sandbox) -> None:
    told = scored(sandbox, CHECKED, "def f(x): raise type('E' * 9999, (Exception,), {})('m' * 99999)")
    assert told.verdict == "runtime_error"
    assert len(told.detail) < 1000


# ---- EvalPlus's tests


def test_a_program_that_passes_both_suites(sandbox: Sandbox) -> None:
    told = scored(sandbox, PLUS, "def f(x): return x ** 2")
    assert (told.verdict, told.base, told.tests_passed, told.tests_total) == ("passed", "passed", 2, 2)


def test_a_program_that_passes_the_base_tests_alone(sandbox: Sandbox) -> None:
    told = scored(sandbox, PLUS, "def f(x): return x * x if x < 3 else 'no'")
    assert (told.verdict, told.base, told.tests_passed, told.tests_total) == ("wrong_answer", "passed", 1, 2)
    assert told.detail == "plus: AssertionError: input 0: 'no' instead of 9"


def test_a_program_that_fails_the_base_tests_is_not_run_on_the_others(sandbox: Sandbox) -> None:
    told = scored(sandbox, PLUS, "def f(x): return 1 / (x - 1)")
    assert (told.verdict, told.base, told.tests_passed) == ("runtime_error", "runtime_error", 0)
    assert told.detail.startswith("base: ZeroDivisionError")


def test_a_suite_without_inputs_is_passed(sandbox: Sandbox) -> None:
    told = scored(sandbox, problem(PLUS.suites[0].tests, PlusTests((), REFERENCE)), REFERENCE)
    assert (told.verdict, told.tests_passed, told.tests_total) == ("passed", 2, 2)


def test_a_reference_that_fails_is_our_fault(sandbox: Sandbox) -> None:
    broken = problem(PlusTests(([0],), "def f(x): return 1 // x"))
    told = scored(sandbox, broken, REFERENCE)
    assert told.verdict == "harness_error"
    assert "the reference solution of f fails on input 0" in told.detail


def test_a_program_may_take_a_few_times_what_the_reference_takes(sandbox: Sandbox) -> None:
    slow = "def f(x):\n    for _ in range(10 ** 7): pass\n    return x"
    limits = Limits(cpu_seconds=0.02, wall_seconds=30.0)
    assert scored(sandbox, problem(PlusTests(([1],), slow)), slow, limits).verdict == "passed"
    assert scored(sandbox, problem(PlusTests(([1],), REFERENCE)), slow, limits).verdict == "timeout"


# ---- scripts, and functions whose answers are compared


def test_a_script_is_told_what_was_expected(sandbox: Sandbox) -> None:
    assert scored(sandbox, SCRIPT, "print(input())").verdict == "passed"
    told = scored(sandbox, SCRIPT, "print(1)")
    assert (told.verdict, told.tests_passed, told.tests_total) == ("wrong_answer", 1, 2)
    assert told.detail == "test 1: expected '2\\n', got '1\\n'"


def test_the_worst_verdict_counts(sandbox: Sandbox) -> None:
    told = scored(sandbox, SCRIPT, "x = int(input())\nprint(3 if x == 1 else 1 / 0)")
    assert (told.verdict, told.exception, told.tests_passed) == ("runtime_error", "ZeroDivisionError", 0)
    assert told.detail.startswith("test 1: ZeroDivisionError")


def test_long_outputs_are_shown_in_part(sandbox: Sandbox) -> None:
    told = scored(sandbox, SCRIPT, "print('x' * 10 ** 5)")
    assert told.detail.endswith("xxx...")
    assert len(told.detail) < 200


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("def f(x): return [x]", "passed"),
        ("def f(x): return x", "passed"),
        ("class Solution:\n    def f(self, x): return x", "passed"),
        ("def f(x): return [[x]]", "wrong_answer"),
        ("def f(x): return object()", "wrong_answer"),
    ],
)
def test_raw_apps_wraps_what_a_function_returns(sandbox: Sandbox, source: str, verdict: str) -> None:
    wrapped = problem(UnitTests(([5], [6]), ([5], [6])), as_apps_judge=True)
    assert scored(sandbox, wrapped, source).verdict == verdict


def test_without_that_a_wrapped_value_is_another(sandbox: Sandbox) -> None:
    plain = problem(UnitTests(([5],), ([5],)))
    assert scored(sandbox, plain, "def f(x): return [x]").verdict == "passed"
    told = scored(sandbox, plain, "def f(x): return x")
    assert (told.verdict, told.detail) == ("wrong_answer", "expected [5], got 5")
    assert scored(sandbox, plain, "def f(x): return {1}").detail == "expected [5], got a value of type set"


def test_two_expected_values_are_not_a_wrapped_one(sandbox: Sandbox) -> None:
    pair = problem(UnitTests(([5],), ([5, 6],)), as_apps_judge=True)
    assert scored(sandbox, pair, "def f(x): return 5").verdict == "wrong_answer"


@pytest.mark.parametrize(
    ("comparison", "expected", "right", "wrong"),
    [
        (Comparison.EXACT, "1 2\n", "print('1 2 ')", "print('1  2')"),
        (Comparison.TOKENS, "1 2\n", "print('1\\n2')", "print('2 1')"),
        (Comparison.CASE, "YES\n", "print('yes')", "print('no')"),
        (Comparison.FLOAT, "0.5\n", "print(0.5000001)", "print(0.51)"),
        (Comparison.FLOAT, "998244352\n", "print(998244352.0)", "print(998244353.0)"),
        (Comparison.UNORDERED, "a\nb\n", "print('b\\na')", "print('b\\nb')"),
    ],
)
def test_a_problem_of_apps_plus_names_its_comparison(
    sandbox: Sandbox, comparison: Comparison, expected: str, right: str, wrong: str
) -> None:
    given = problem(UnitTests(("",), (expected,)), entry_point=None, comparison=comparison)
    assert scored(sandbox, given, right).verdict == "passed"
    assert scored(sandbox, given, wrong).verdict == "wrong_answer"


def test_a_problem_of_apps_plus_names_its_tolerance_and_its_cases(sandbox: Sandbox) -> None:
    within = problem(
        UnitTests(("", ""), ("0.5\n", "200\n")),
        entry_point=None,
        comparison=Comparison.FLOAT,
        tolerance=Tolerance(1e-2, ToleranceKind.ABSOLUTE),
    )
    assert scored(sandbox, within, "print(0.509)").tests_passed == 1
    assert scored(sandbox, within, "print(199.995)").tests_passed == 1
    assert scored(sandbox, within, "print(201.5)").tests_passed == 0
    pairs = problem(
        UnitTests(("",), ("2\na\nb\n1\nc\n",)), entry_point=None, comparison=Comparison.UNORDERED, cases="counted"
    )
    assert scored(sandbox, pairs, "print('2\\nb\\na\\n1\\nc')").verdict == "passed"
    assert scored(sandbox, pairs, "print('2\\nc\\na\\n1\\nb')").verdict == "wrong_answer"


def test_a_checker_decides(sandbox: Sandbox) -> None:
    given = problem(
        UnitTests(("12\n",), ("3 4\n",)),
        entry_point=None,
        comparison=Comparison.CHECKER,
        checker="def check(i, expected, actual):\n    a, b = map(int, actual.split())\n    return a * b == int(i)",
    )
    assert scored(sandbox, given, "print(2, 6)").verdict == "passed"
    told = scored(sandbox, given, "print(2, 7)")
    assert (told.verdict, told.detail) == ("wrong_answer", "the problem's checker does not accept the output")
    assert scored(sandbox, replace(given, checker="def check("), "print(2, 6)").verdict == "harness_error"


def test_keys_of_dict_arguments_may_be_numbers(sandbox: Sandbox) -> None:
    given = problem(UnitTests(([{"1": 2}],), (2,)), dict_keys=DictKeys.INT)
    assert scored(sandbox, given, "def f(d): return d[1]").verdict == "passed"
    assert scored(sandbox, replace(given, dict_keys=DictKeys.STR), "def f(d): return d[1]").exception == "KeyError"


# ---- faults of the program or the machine


def judged(verdict: Verdict, exception: str = "", in_doubt: bool = False) -> JudgedTest:
    return JudgedTest(verdict, Execution(Ended.FINISHED, exception=exception, in_doubt=in_doubt))


@pytest.mark.parametrize(
    ("verdict", "in_doubt", "unsure"),
    [
        (Verdict.TIMEOUT, False, False),
        (Verdict.TIMEOUT, True, True),
        (Verdict.WRONG_ANSWER, False, False),
        (Verdict.RUNTIME_ERROR, False, False),
        (Verdict.PASSED, False, False),
        (Verdict.MEMORY_LIMIT, False, False),
        (Verdict.THREAD_LIMIT, False, True),
        (Verdict.PROCESS_LIMIT, False, True),
        (Verdict.SCRATCH_LIMIT, False, True),
        (Verdict.HARNESS_ERROR, False, True),
    ],
)
def test_only_what_a_loaded_machine_can_cause_is_doubted(verdict: Verdict, in_doubt: bool, unsure: bool) -> None:
    assert is_unsure(judged(verdict, in_doubt=in_doubt)) is unsure


@pytest.mark.parametrize(("exception", "unsure"), [("SIGKILL", True), ("CompilerCrash", True), ("SIGSEGV", False)])
def test_a_program_that_was_killed_is_doubted(exception: str, unsure: bool) -> None:
    assert is_unsure(judged(Verdict.RUNTIME_ERROR, exception)) is unsure


def test_a_timeout_that_the_machine_may_have_caused_is_doubted(sandbox: Sandbox) -> None:
    """It cannot be told where the wall-clock limit is shorter than the time between two samples of what it waited."""
    limits = Limits(cpu_seconds=1.0, wall_seconds=1.0)
    told = scored(sandbox, CHECKED, "import time\ndef f(x): time.sleep(60)", limits)
    assert (told.verdict, told.unsure) == ("timeout", True)
    assert not scored(sandbox, CHECKED, "def f(x): return 1").unsure


# ---- missing imports


@pytest.mark.parametrize("entry_point", ["f", None])
def test_a_program_of_apps_is_given_the_imports_of_its_judge(sandbox: Sandbox, entry_point: str | None) -> None:
    if entry_point:
        tests = UnitTests(([2], [3]), (4, 9))
        source = "class Solution:\n    def f(self, x: int, kind=Optional[int]):\n        return Counter([x])[x] * x * x"
        names: tuple[str, ...] = ("Optional", "Counter")
    else:
        tests = UnitTests(("2\n", "3\n"), ("4\n", "9\n"))
        source = "heappop([0])\nkind, x = List, [int(input()) ** 2]\nprint(*x)"
        names = ("heappop", "List")
    given = problem(tests, entry_point=entry_point, gives_imports=True)
    told = scored(sandbox, given, source)
    assert (told.verdict, told.imports, told.leniences) == (Verdict.PASSED, names, ("given_imports",))
    assert told.detail == f"as under other judges (given an import of {', '.join(names)})"
    without = scored(sandbox, replace(given, gives_imports=False), source)
    assert (without.verdict, without.exception) == (Verdict.RUNTIME_ERROR, "NameError")
    assert (without.imports, without.leniences) == (names, ())
    assert "NameError: name '" in without.detail


@pytest.mark.parametrize(
    ("source", "imports"),
    [
        ("def f(x): return int(math.pow(x, 1))", ("math",)),
        ("def f(x): return List and re and x", ("List", "re")),
        ("def f(x): return [int(n) for n in np.array([x])][0]", ("np",)),
        ("def f(x): return int(math.pow(x, 2))", ()),  # also wrong with the import
        ("def f(x): return nowhere", ()),
        ("def f(x): return math + nowhere", ()),
        ("def f(x): raise NameError('nothing is defined')", ()),
        ("def f(x): return 1 / 0", ()),
        ("def f(x): return x", ()),
    ],
)
@pytest.mark.parametrize("given", [CHECKED, problem(UnitTests(([1], [2]), (1, 2)))], ids=["code", "values"])
def test_a_sample_that_fails_only_for_want_of_an_import_is_known(
    sandbox: Sandbox, given: BenchmarkProblem, source: str, imports: tuple[str, ...]
) -> None:
    told = scored(sandbox, given, source)
    assert (told.imports, told.leniences) == (imports, ())
    assert (told.verdict is Verdict.PASSED) == (source == "def f(x): return x")
    if imports:
        assert (told.verdict, told.exception) == (Verdict.RUNTIME_ERROR, "NameError")
        assert scored(sandbox, replace(given, gives_imports=True), source).verdict is Verdict.PASSED


def test_tests_that_use_a_module_of_the_program_lack_its_import_too(sandbox: Sandbox) -> None:
    given = problem(Checks("assert math.isclose(f(1), 1)"))
    told = scored(sandbox, given, "def f(x): return x")
    assert (told.verdict, told.imports) == (Verdict.WRONG_ANSWER, ("math",))
    assert "NameError: name 'math' is not defined" in told.detail
    assert scored(sandbox, replace(given, gives_imports=True), "def f(x): return x").verdict is Verdict.PASSED


def test_a_function_that_is_not_there_is_no_missing_import(sandbox: Sandbox) -> None:
    given = problem(Checks("assert gcd(4, 6) == 2"), entry_point="gcd")
    assert scored(sandbox, given, "def greatest(a, b): return 2").imports == ()
    told = scored(sandbox, replace(given, gives_imports=True), "def gcd(a, b): return gcd2(a, b)")
    assert told.verdict is Verdict.RUNTIME_ERROR


def test_the_other_suites_of_evalplus_run_with_the_import_too(sandbox: Sandbox) -> None:
    told = scored(sandbox, PLUS, "def f(x): return x * x if x < 3 else int(math.pow(x, 2))")
    assert (told.verdict, told.base, told.imports) == ("runtime_error", "passed", ("math",))
    wrong = scored(sandbox, PLUS, "def f(x): return int(math.pow(x, 2)) if x < 3 else 0")
    assert (wrong.verdict, wrong.base, wrong.imports) == ("runtime_error", "runtime_error", ())


def test_a_name_that_no_judge_imports_stays_missing(sandbox: Sandbox) -> None:
    given = problem(UnitTests(([2],), (4,)), gives_imports=True)
    told = scored(sandbox, given, "def f(x): return List and nowhere")
    assert (told.verdict, told.exception, told.imports) == (Verdict.RUNTIME_ERROR, "NameError", ("List",))


# ---- programs that APPS's judge accepts


@pytest.mark.parametrize(
    ("source", "leniences"),
    [
        ("if input() == '1':\n    print(1)\n    return\nprint(2)", ("top_level_return",)),
        ("n = input()\nif n == '1':\n    print(1); return None\nif n == '2':\n    print(2)\n    return\nprint(3)",
         ("top_level_return",)),
        ("try:\n    print(input())\n    return\nexcept:\n    print('caught')\nprint('end')", ("top_level_return",)),
        ("try:\n    print(input())\n    if 1: return 0;\nexcept (ValueError, BaseException) as e:\n    print('caught')",
         ("top_level_return",)),
        ("n = 0\ndef read():\n    nonlocal n\n    n = int(input())\nread()\nprint(n)", ("nonlocal_global",)),
        ("x = List and [input()]\nprint(*x)\nreturn", ("given_imports", "top_level_return")),
        ("print(input())", ()),
    ],
)  # fmt: skip
def test_a_script_that_is_legal_inside_a_function(sandbox: Sandbox, source: str, leniences: tuple[str, ...]) -> None:
    given = replace(SCRIPT, as_apps_judge=True, gives_imports=True)
    told = scored(sandbox, given, source)
    assert (told.verdict, told.leniences) == (Verdict.PASSED, leniences)
    if leniences:
        assert scored(sandbox, SCRIPT, source).verdict is not Verdict.PASSED


def test_a_script_of_apps_that_would_pass_with_an_import_is_mended_first(sandbox: Sandbox) -> None:
    given = replace(SCRIPT, as_apps_judge=True)
    told = scored(sandbox, given, "print(math.floor(int(input())))\nreturn")
    assert (told.verdict, told.exception) == (Verdict.RUNTIME_ERROR, "NameError")
    assert (told.imports, told.leniences) == (("math",), ("top_level_return",))


def test_a_function_that_does_not_compile_is_not_mended(sandbox: Sandbox) -> None:
    given = problem(UnitTests(([1],), (1,)), as_apps_judge=True)
    told = scored(sandbox, given, "def f(x): return x\nreturn")
    assert (told.verdict, told.leniences) == (Verdict.COMPILE_ERROR, ())


@pytest.mark.parametrize(
    ("expected", "returned", "leniences"),
    [
        ([1], "True", ("true_for_1",)),
        ([True], "1", ("true_for_1",)),
        ([[[0, 1]]], "[[False, True]]", ("true_for_1",)),
        ([{"a": 1}], "{'a': True}", ("true_for_1",)),
        ([0.3], "0.1 + 0.2", ("near_float",)),
        ([[1, [0.3]]], "[True, (0.1 + 0.2,)]", ("true_for_1", "near_float")),
        ([0.5], "0.5", ()),
        ([1.0], "1", ()),
        ([[1]], "[1]", ()),
    ],
)
def test_a_value_that_passes_by_a_lenience_says_so(
    sandbox: Sandbox, expected: Any, returned: str, leniences: tuple[str, ...]
) -> None:
    given = problem(UnitTests(([0], [1]), (expected, expected)), as_apps_judge=True)
    told = scored(sandbox, given, f"def f(x): return {returned}")
    assert (told.verdict, told.leniences) == (Verdict.PASSED, leniences)
    plain = replace(given, as_apps_judge=False, suites=(Suite("base", UnitTests(([0],), (expected[0],))),))
    assert (scored(sandbox, plain, f"def f(x): return {returned}").verdict is Verdict.PASSED) == (not leniences)


@pytest.mark.parametrize(
    ("expected", "returned"),
    [
        ([1], "2"),
        ([True], "'True'"),
        ([[]], "False"),
        ([None], "False"),
        ([10**25], "float(10**25 + 10**10)"),
        ([3], "3.0000001"),
        ([0.3], "0.31"),
    ],
)
def test_a_wrong_value_stays_wrong(sandbox: Sandbox, expected: Any, returned: str) -> None:
    given = problem(UnitTests(([0],), (expected,)), as_apps_judge=True)
    assert scored(sandbox, given, f"def f(x): return {returned}").verdict is Verdict.WRONG_ANSWER


def test_leniences_of_a_sample_that_fails_are_not_counted(sandbox: Sandbox) -> None:
    given = problem(UnitTests(([0], [1]), ([1], [5])), as_apps_judge=True)
    told = scored(sandbox, given, "def f(x): return True")
    assert (told.verdict, told.leniences) == (Verdict.WRONG_ANSWER, ())
