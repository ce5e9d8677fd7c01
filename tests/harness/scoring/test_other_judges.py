"""Predict where another judge's verdicts could differ: the rules, and the judges' recorded verdicts."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import pytest

from apps_plus.problem import RawProblem
from apps_plus.problem import Tests as UnitTests
from benchmarks.judges import LIMITS, Case, input_output, read_cases, read_peers
from harness.judging.judge import JudgedTest
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Execution
from harness.scoring.benchmarks.load import apps_problem
from harness.scoring.other_judges import function_rules, script_rules
from harness.scoring.other_judges.judges import FACTS, OtherJudge, names_given
from harness.scoring.other_judges.predict import ComparedProgram, could_differ
from harness.scoring.other_judges.reasons import SENTENCES, Reason
from harness.scoring.other_judges.texts import acceptance
from harness.scoring.other_judges.values import accepts_value
from harness.scoring.score import score

LCB, APPS, VERL = OtherJudge.LIVECODEBENCH, OtherJudge.APPS, OtherJudge.VERL
CASES = read_cases()

OVER_CAUTIOUS = {
    "a text over several lines": "whether its tabs matter is not seen",
    "[7] for [[7]]": "",
}
NOT_SEEN = {"an integer of 5,000 digits as text, limit not lifted": "it occurs in neither the input nor the output"}


# ---- the cases of docs/judges.md


@pytest.mark.parametrize("case", CASES, ids=[f"{case.kind}: {case.name}" for case in CASES])
def test_a_recorded_difference_is_predicted_and_no_other(sandbox: Sandbox, case: Case) -> None:
    letters = read_peers()["verdicts"][case.kind][case.name]
    wrapped = case.kind == "call"  # as raw APPS has it; verl's data has it without
    for judge in OtherJudge:
        tests = input_output(case, wrapped and judge is not VERL)
        problem = apps_problem(RawProblem("train/0000", "train", "", None, json.dumps(tests)))
        scored = score(sandbox, problem, case.program, LIMITS, judge)
        differs = letters[str(judge)][0] != ("A" if scored.verdict is Verdict.PASSED else "R")
        assert scored.as_judge == judge
        if case.name in NOT_SEEN:
            assert differs >= bool(scored.could_differ)
        elif case.name in OVER_CAUTIOUS:
            assert differs <= bool(scored.could_differ)
        else:
            assert differs == bool(scored.could_differ), (judge, scored.could_differ)


# ---- rules over scripts


def predicted(judge: OtherJudge, source: str, given: str = "1\n", tests: int = 1) -> set[Reason]:
    """Return the reasons for a script that passes."""
    execution = Execution(Ended.FINISHED, output="1\n")
    judged = [JudgedTest(Verdict.PASSED, execution)] * tests
    return set(
        could_differ(judge, ComparedProgram(source, None, UnitTests((given,) * tests, ("1\n",) * tests), judged))
    )


EVERY = (LCB, APPS, VERL)
SCRIPTS: list[tuple[Reason, Sequence[OtherJudge], str]] = [
    (Reason.FUTURE_IMPORT, EVERY, "from __future__ import division\nprint(1)"),
    (Reason.MAIN_GUARD, [APPS], "def f():\n    print(1)\nif __name__ == '__main__':\n    f()"),
    (Reason.MAIN_GUARD, EVERY, "if __name__ == '__main__':\n    print(1)\nx = 1"),
    (Reason.MAIN_GUARD, EVERY, "if '__main__' == __name__:\n    print(1)"),
    (Reason.STDIN_BUFFER, EVERY, "import sys\nprint(int(sys.stdin.buffer.read()))"),
    (Reason.STDIN_BUFFER, EVERY, "import sys\nw = sys.stdout.buffer.write\nw(b'1')"),
    (Reason.STDIN_BUFFER, EVERY, "import io, sys\nprint(io.open(sys.stdin.fileno()).read())"),
    (Reason.FILE_DESCRIPTOR, [LCB, VERL], "print(open(0).read())"),
    (Reason.FILE_DESCRIPTOR, EVERY, "open(1, 'w').write('1')"),
    (Reason.FILE_DESCRIPTOR, EVERY, "from os import read\nprint(int(read(0, 9)))"),
    (Reason.FILE_DESCRIPTOR, EVERY, "from numpy import loadtxt\nprint(loadtxt(open(0)))"),
    (Reason.FILE_DESCRIPTOR, [], "print(open('data.txt').read())"),
    (Reason.IMPORTED_STDIN, EVERY, "from sys import stdin\nfor line in stdin:\n    print(1)"),
    (Reason.IMPORTED_STDIN, EVERY, "from sys import stdin as file\nprint(file.readlines()[0])"),
    (Reason.IMPORTED_STDIN, [LCB], "# first\nfrom sys import stdin\nfor line in stdin:\n    print(1)"),
    (Reason.IMPORTED_STDIN, [], "from sys import stdin\nprint(stdin.read())"),
    (Reason.IMPORTED_STDIN, [], "import sys\nfor line in sys.stdin:\n    print(1)"),
    (Reason.MIXED_INPUT, EVERY, "from sys import stdin\nn = input()\nprint(stdin.readline())"),
    (Reason.MIXED_INPUT, [], "import sys\nn = input()\nprint(sys.stdin.readline())"),
    (Reason.IMPORTED_STDOUT, EVERY, "from sys import stdout\nstdout.write('1')"),
    (Reason.IMPORTED_STDOUT, [LCB], "\nfrom sys import stdout\nstdout.write('1')"),
    (Reason.LINES_WITHOUT_NEWLINE, EVERY, "from sys import stdin\nprint(stdin.readline()[:-1])"),
    (Reason.LINES_WITHOUT_NEWLINE, [], "import sys\nprint(sys.stdin.readline()[:-1])"),
    (Reason.REPLACED_STREAM, EVERY, "import sys, io\nsys.stdout = io.StringIO()\nprint(1, file=sys.__stdout__)"),
    (Reason.STATEMENT_ON_IMPORT_LINE, [APPS, VERL], "import sys; input = sys.stdin.readline\nprint(int(input()))"),
    (Reason.STATEMENT_ON_IMPORT_LINE, [], "import sys; sys.setrecursionlimit(9999)\nprint(1)"),
    (Reason.IMPORT_INSIDE_FUNCTION, [APPS, VERL], "import sys\n\nfrom math import *\nprint(1)"),
    (Reason.IMPORT_INSIDE_FUNCTION, [], "import sys\nfrom math import *\nprint(1)"),
    (Reason.IMPORT_INSIDE_FUNCTION, [APPS, VERL], "from math import (sqrt,\n    pi)\nprint(1)"),
    (Reason.IMPORT_INSIDE_FUNCTION, EVERY, "try:\n    from math import *\nfinally:\n    print(1)"),
    (Reason.MULTI_LINE_TEXT, [APPS, VERL], "s = '''a\nb'''\nprint(len(s))"),
    (Reason.MULTI_LINE_TEXT, [], "'''A script\nof two lines.'''\nprint(1)"),
    (Reason.EXIT, [APPS, VERL], "print(1)\nexit()"),
    (Reason.EXIT, EVERY, "print(1)\nquit()"),
    (Reason.EXIT, [], "from sys import exit\nprint(1)\nexit()"),
    (Reason.HARD_EXIT, EVERY, "import os\nprint(1)\nos._exit(0)"),
    (Reason.GLOBAL, EVERY, "n = 0\ndef f():\n    global n\n    n += 1\nf()\nprint(n)"),
    (Reason.GLOBAL, [], "def f():\n    global n\n    n = 1\nf()\nprint(n)"),
    (Reason.NAME_BEFORE_BINDING, EVERY, "from functools import partial\nprint = partial(print)\nprint(1)"),
    (Reason.NAME_BEFORE_BINDING, EVERY, "from collections import deque\ndeque = deque()\nprint(1)"),
    (Reason.NAME_BEFORE_BINDING, EVERY, "try:\n    input = raw_input\nexcept NameError:\n    pass\nprint(input())"),
    (Reason.NAME_BEFORE_BINDING, EVERY, "def f():\n    return input()\nif 0:\n    input = int\nprint(f())"),
    (Reason.NAME_BEFORE_BINDING, [], "import sys\ninput = sys.stdin.readline\nprint(input())"),
    (Reason.NAME_BEFORE_BINDING, [], "for i in range(2):\n    sum = i\nprint(sum)"),
    (Reason.NAME_BEFORE_BINDING, [], "def f(max):\n    return max\nprint(f(1))\nmin = 1"),
    (Reason.NAMESPACE, EVERY, "exec('x = 1')\nprint(x)"),
    (Reason.NAMESPACE, EVERY, "n = 1\nprint([eval('n') for _ in 'a'])"),
    (Reason.NAMESPACE, [], "vars = [1]\nprint(vars[0])"),
    (Reason.NAMESPACE, [], "n = eval(input())\nprint([eval(input()) for _ in 'a'])"),
    (Reason.THREAD, EVERY, "import threading\nthreading.Thread(target=print, args=(1,)).start()"),
    (Reason.THREAD, [], "import threading\nt = threading.Thread(target=print, args=(1,))\nt.start()\nt.join()"),
    (Reason.BLOCKED_MODULE, EVERY, "import resource\nprint(1)"),
    (Reason.BLOCKED_MODULE, [VERL], "import ctypes\nprint(1)"),
    (Reason.LIBRARY, EVERY, "import networkx as nx\nprint(1)"),
    (Reason.LIBRARY, [], "import numpy as np, heapq\nprint(1)"),
    (Reason.SOLUTION_CLASS, [LCB], "class Solution:\n    pass\nprint(1)"),
    (Reason.SOLUTION_CLASS, [], "# class Solution\nprint(1)"),
    (Reason.CAUGHT_NAME_ERROR, [LCB, VERL], "try:\n    print(bisect_left)\nexcept NameError:\n    print(1)"),
    (Reason.CAUGHT_NAME_ERROR, EVERY, "try:\n    print(sqrt)\nexcept NameError:\n    print(1)"),
    (Reason.CAUGHT_RECURSION_ERROR, [LCB, VERL], "def f(): f()\ntry:\n    f()\nexcept RecursionError:\n    print(1)"),
]


@pytest.mark.parametrize(("reason", "judges", "source"), SCRIPTS)
def test_a_script_that_a_judge_runs_otherwise(reason: Reason, judges: Sequence[OtherJudge], source: str) -> None:
    assert [judge for judge in OtherJudge if reason in predicted(judge, source)] == [
        j for j in OtherJudge if j in judges
    ]


def test_functions_that_a_script_never_names_do_not_matter() -> None:
    unused = "from sys import stdout\ndef a(): stdout.write('1')\ndef b(): a(), b()\nw = lambda: a()\n"
    assert predicted(LCB, unused + "print(1)") == set()
    assert predicted(LCB, unused + "a()") == {Reason.IMPORTED_STDOUT}


def test_every_rule_over_scripts_has_an_example() -> None:
    shown = {(reason, judge) for reason, judges, _ in SCRIPTS for judge in judges}
    of_module = {(Reason.STATE_BETWEEN_TESTS, judge) for judge in OtherJudge}
    assert {(reason, judge) for reason, _, judges in script_rules.RULES for judge in judges} <= shown | of_module


def test_what_one_test_leaves_in_a_module_matters_where_there_is_a_second_test() -> None:
    source = "import string\nstring.seen = 1\nprint(1)"
    assert predicted(LCB, source, tests=2) == {Reason.STATE_BETWEEN_TESTS}
    assert predicted(LCB, source) == set()


def test_readline_until_the_end_matters_where_a_line_is_empty_or_the_last_newline_lacks() -> None:
    source = "from sys import stdin\nline = stdin.readline()\nwhile line:\n    line = stdin.readline()\nprint(1)"
    assert predicted(LCB, source, "1\n2\n") == set()
    assert predicted(LCB, source, "1\n\n2\n") == predicted(LCB, source, "1\n2") == {Reason.LINES_WITHOUT_NEWLINE}


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python 3.12 writes every f-string")
def test_a_script_that_livecodebench_cannot_write_again() -> None:
    source = 'x = {"a\x07b": 1}\nprint(f\'{x["a\x07b"]}\')'
    assert [predicted(judge, source) for judge in OtherJudge] == [{Reason.NOT_WRAPPED}, set(), set()]


def test_a_plain_script_is_judged_alike() -> None:
    source = "import sys\ndef main():\n    n = int(sys.stdin.readline())\n    print(n)\nmain()"
    assert [predicted(judge, source) for judge in OtherJudge] == [set(), set(), set()]


# ---- rules over functions


def called(judge: OtherJudge, source: str, inputs: Sequence[object] = ([1], [2]), output: object = 1) -> set[Reason]:
    """Return the reasons for a function ``f`` that passes."""
    judged = [JudgedTest(Verdict.PASSED, Execution(Ended.FINISHED, result=json.dumps(output)))] * len(inputs)
    tests = UnitTests(tuple(inputs), ([output],) * len(inputs))
    return set(could_differ(judge, ComparedProgram(source, "f", tests, judged)))


PLAIN = "def f(*x): return 1"
FUNCTIONS: list[tuple[Reason, Sequence[OtherJudge], str, Sequence[object], object]] = [
    (Reason.FUTURE_IMPORT, EVERY, "from __future__ import division\n" + PLAIN, [[1]], 1),
    (Reason.SOLUTION_CLASS, EVERY, "# class Solution\n" + PLAIN, [[1]], 1),
    (Reason.SOLUTION_CLASS, [], "class Solution:\n    def f(self, x): return 1", [[1]], 1),
    (Reason.STATE_BETWEEN_TESTS, EVERY, "seen = []\ndef f(x):\n    seen.append(x)\n    return 1", [[1], [2]], 1),
    (Reason.STATE_BETWEEN_TESTS, [], "seen = []\ndef f(x):\n    seen.append(x)\n    return 1", [[1]], 1),
    (Reason.STATE_BETWEEN_TESTS, [], "def f(x):\n    seen = []\n    seen.append(x)\n    return 1", [[1], [2]], 1),
    (Reason.STATE_BETWEEN_TESTS, EVERY, "def f(x, seen={}):\n    seen[x] = 1\n    return 1", [[1], [2]], 1),
    (Reason.STATE_BETWEEN_TESTS, EVERY, "n = 0\ndef f(x):\n    global n\n    n += 1\n    return 1", [[1], [2]], 1),
    (
        Reason.STATE_BETWEEN_TESTS,
        EVERY,
        "class Solution:\n    def __init__(self):\n        self.n = 0\n    def f(self, x):\n        self.n += 1\n"
        "        return 1",
        [[1], [2]],
        1,
    ),
    (Reason.BLOCKED_MODULE, EVERY, "import psutil\n" + PLAIN, [[1]], 1),
    (Reason.INTEGER_KEYS, [LCB], PLAIN, [[{"1": 2}]], 1),
    (Reason.INTEGER_KEYS, [LCB], PLAIN, [[1]], {"1": 2}),
    (Reason.INTEGER_KEYS, [], PLAIN, [[{"a": 2}]], {"a": 2}),
    (Reason.DROPPED_ARGUMENTS, [APPS, VERL], PLAIN, [[{"1": 2}, 3]], 1),
    (Reason.DROPPED_ARGUMENTS, [], PLAIN, [[{"a": 2}, 3]], 1),
    (Reason.NO_ARGUMENTS, [LCB, VERL], PLAIN, [[]], 1),
    (Reason.NESTED_TUPLES, [LCB], "def f(x): return list(zip([1], [2]))", [[1]], [[1, 2]]),
    (Reason.NESTED_TUPLES, EVERY, "def f(x): return [[(1, 2)]]", [[1]], [[[1, 2]]]),
    (Reason.NESTED_TUPLES, [], "def f(x): return [[1, 2]]", [[1]], [[1, 2]]),
    (Reason.NESTED_TUPLES, [], "def f(x): return (1, 2)", [[1]], [1, 2]),
    (Reason.LIBRARY, EVERY, "from scipy.special import comb\n" + PLAIN, [[1]], 1),
    (Reason.NESTED_TUPLES, [], "def f(x): return [[i, y] for i, y in enumerate([1])]", [[1]], [[1, 2]]),
    (Reason.NESTED_TUPLES, [], "def f(x):\n    a, b = 1, 2\n    return [[a, b], [b, a]], [[2]]", [[1]], [[1, 2]]),
    (Reason.NESTED_TUPLES, [LCB], "def f(x): return list(map(tuple, [[1]]))", [[1]], [[1, 2]]),
    (Reason.NUMPY_VALUE, [VERL], "import numpy as np\ndef f(x): return np.max([1])", [[1]], 1),
    (Reason.NUMPY_VALUE, [], "import numpy as np\ndef f(x): return np.array([1]).tolist()", [[1]], [1]),
    (Reason.NUMPY_VALUE, [], "import numpy as np\ndef f(x): return 'a' * np.max([1])", [[1]], "a"),
    (Reason.CAUGHT_NAME_ERROR, [LCB, VERL], "def f(x):\n  try: return pi\n  except NameError: return 1", [[1]], 1),
    (Reason.CAUGHT_NAME_ERROR, EVERY, "def f(x):\n  try: return sqrt\n  except NameError: return 1", [[1]], 1),
    (Reason.CAUGHT_RECURSION_ERROR, [LCB, VERL], "def f(x):\n  try: g()\n  except RecursionError: return 1", [[1]], 1),
]


@pytest.mark.parametrize(("reason", "judges", "source", "inputs", "output"), FUNCTIONS)
def test_a_function_that_a_judge_calls_otherwise(
    reason: Reason, judges: Sequence[OtherJudge], source: str, inputs: Sequence[object], output: object
) -> None:
    found = [judge for judge in OtherJudge if reason in called(judge, source, inputs, output)]
    assert found == [judge for judge in OtherJudge if judge in judges]


def test_every_rule_over_functions_has_an_example() -> None:
    shown = {(reason, judge) for reason, judges, *_ in FUNCTIONS for judge in judges}
    assert {(reason, judge) for reason, _, judges in function_rules.RULES for judge in judges} <= shown


# ---- outputs and values


@pytest.mark.parametrize(
    ("expected", "actual", "ways"),
    [
        ("1\n", " 1 \n\n", ("white_space", "white_space", "white_space")),
        ("a\n\nb", "a\nb", (None, "white_space", "white_space")),
        ("a b", "a  b", (None, "words_as_set", None)),
        ("1 2", "1  2", ("number_format", "words_as_set", None)),
        ("0.5", "0.5000001", (None, "near_numbers", "near_numbers")),
        ("0.5 1.5", "0.5000001 1.5", (None, "near_numbers", None)),
        ("-1000001", "-1000002", (None, "near_numbers", "near_numbers")),
        ("1000001", "1000002", (None, "near_numbers", None)),
        ("-100001", "-100003", (None, None, None)),
        ("a b\nc", "c\nb a", (None, "words_as_set", None)),
        ("inf", "Infinity", ("number_format", "near_numbers", "near_numbers")),
        ("inf", "1", (None, None, None)),
        ("1e400 x", "2e400 x", (None, None, None)),
        ("nan", "0.5", (None, None, None)),
        ("", "", ("white_space", "white_space", "white_space")),
        ("", "1", (None, None, None)),
    ],
)
def test_outputs_are_compared_as_each_judge_does(
    expected: str, actual: str, ways: tuple[str | None, str | None, str | None]
) -> None:
    assert tuple(acceptance(judge, expected, actual) for judge in (LCB, APPS, VERL)) == ways


@pytest.mark.parametrize(
    ("expected", "value", "accepted"),
    [
        ([5], 5, EVERY),
        ([[5]], [5], EVERY),
        ([5], [5], [APPS, VERL]),
        ([5, 6], 5, [APPS, VERL]),
        ([5, 6], [5, 6], EVERY),
        ([1], True, EVERY),
        ([0.3], 0.1 + 0.2, []),
        ([], None, []),
        (["a"], "b", []),
    ],
)
def test_values_are_compared_as_each_judge_does(
    expected: object, value: object, accepted: Sequence[OtherJudge]
) -> None:
    assert [judge for judge in OtherJudge if accepts_value(judge, expected, value)] == list(accepted)


# ---- how a program ended


def ended(judge: OtherJudge, execution: Execution, *, passed: bool = False, source: str = "print(1)") -> set[Reason]:
    verdict = Verdict.PASSED if passed else Verdict.RUNTIME_ERROR
    tests = UnitTests(("1\n",), ("1\n",))
    return set(could_differ(judge, ComparedProgram(source, None, tests, [JudgedTest(verdict, execution)])))


def test_a_failure_that_a_judge_may_not_see() -> None:
    exits = Execution(Ended.EXCEPTION, output="1\n", exception="SystemExit")
    assert [ended(judge, exits) for judge in OtherJudge] == [{Reason.EXIT_STATUS}] * 3
    deep = Execution(Ended.EXCEPTION, exception="RecursionError")
    assert [ended(judge, deep) for judge in OtherJudge] == [{Reason.RECURSION_LIMIT}, set(), {Reason.RECURSION_LIMIT}]
    lacks = Execution(Ended.EXCEPTION, exception="NameError", message="name 'dumps' is not defined")
    assert [ended(judge, lacks) for judge in OtherJudge] == [{Reason.MISSING_IMPORT}, set(), {Reason.MISSING_IMPORT}]
    slow = Execution(Ended.TIMEOUT, seconds=4.0)
    assert [ended(judge, slow) for judge in OtherJudge] == [{Reason.TIME}, set(), {Reason.TIME}]
    assert ended(APPS, Execution(Ended.MEMORY_LIMIT)) == {Reason.MEMORY}
    assert ended(APPS, Execution(Ended.EXCEPTION, exception="ValueError")) == set()


def test_a_failure_of_a_program_that_a_judge_rejects_anyway_is_no_difference() -> None:
    exits = Execution(Ended.EXCEPTION, output="1\n", exception="SystemExit")
    assert ended(APPS, exits, source="print(1)\nquit(1)") == set()


def test_half_of_a_limit_of_time_is_near_it() -> None:
    assert ended(APPS, Execution(Ended.FINISHED, output="1\n", seconds=2.5), passed=True) == {Reason.TIME}
    assert ended(LCB, Execution(Ended.FINISHED, output="1\n", seconds=2.5), passed=True) == set()


def test_digits_beyond_a_limit() -> None:
    long = "1" * 5000
    execution = Execution(Ended.FINISHED, output=long)
    tests = UnitTests(("1\n",), (long,))
    program = ComparedProgram("print(1)", None, tests, [JudgedTest(Verdict.PASSED, execution)])
    assert [set(could_differ(judge, program)) for judge in OtherJudge] == [
        set(),
        {Reason.LONG_INTEGER},
        {Reason.LONG_INTEGER},
    ]


def test_an_import_that_not_every_judge_gives() -> None:
    judged = [JudgedTest(Verdict.PASSED, Execution(Ended.FINISHED, output="1\n"))]
    program = ComparedProgram("print(np.max([1]))", None, UnitTests(("",), ("1\n",)), judged, ("np",))
    assert [set(could_differ(j, program)) for j in OtherJudge] == [
        {Reason.MISSING_IMPORT},
        set(),
        {Reason.MISSING_IMPORT},
    ]


@pytest.mark.parametrize("source", ["def f(:", "", "(" * 300 + ")" * 300, "x = 1\0"])
def test_programs_that_do_not_parse_are_no_trouble(source: str) -> None:
    failed = Execution(Ended.COMPILE_ERROR, exception="SyntaxError")
    for judge in OtherJudge:
        assert ended(judge, failed, source=source) == set()
        assert called(judge, source) <= {Reason.STATE_BETWEEN_TESTS}


def test_a_long_chain_of_branches_is_no_trouble() -> None:
    source = "n = int(input())\nif n < 0:\n    sum = 1\n" + "".join(
        f"elif n < {i}:\n    sum = {i}\n" for i in range(900)
    )
    assert predicted(APPS, source + "print(1)") == set()


def test_every_reason_has_a_sentence_and_every_judge_its_facts() -> None:
    assert SENTENCES.keys() == set(Reason)
    assert FACTS.keys() == set(OtherJudge)
    assert "np" in names_given(APPS)
    assert {"sqrt", "deque", "dumps"} <= names_given(LCB)
