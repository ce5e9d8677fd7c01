"""What becomes of solutions when they are run, repaired, judged and run again. Every program here is invented."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from textwrap import dedent
from typing import Any

import pytest

from apps_plus.problem import Comparison, ComparisonRule, DictKeys
from curation.pipeline.run_solutions import (
    TOLD_IN_FULL,
    HarnessFaultError,
    Judge,
    Runner,
    SolutionRun,
    choose_canonical,
    describe_runs,
    failure_findings,
    judge_again,
    judge_by_checker,
    judge_by_comparison,
    judge_runs,
    repair_findings,
    run_again,
    run_repaired,
    run_solutions,
)
from curation.records import Note, Reason, SolutionResult
from harness.judging.repair import REPAIRS
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Execution, Limits

ECHO = "print(input())"
LIMITS = Limits(cpu_seconds=1, wall_seconds=5)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def script(sandbox: Sandbox) -> Callable[..., Runner]:
    """A runner of scripts on these inputs."""
    return lambda *inputs: Runner(sandbox, None, inputs, LIMITS)


@pytest.fixture
def function(sandbox: Sandbox) -> Callable[..., Runner]:
    """A runner of ``f`` on these lists of arguments."""
    return lambda *inputs: Runner(sandbox, "f", inputs, LIMITS)


def verify(
    runner: Runner, solutions: Sequence[str], outputs: Sequence[Any], judge: Judge | None = None
) -> list[SolutionRun]:
    """All the steps, as the pipeline takes them."""
    judge = judge or by(Comparison.EXACT, runner, outputs)
    runs = run_solutions(runner, solutions)
    judge_runs(runner, runs, outputs)
    judge_again(runs, judge)
    run_again(runner, runs, judge)
    return runs


def by(comparison: Comparison, runner: Runner, outputs: Sequence[Any]) -> Judge:
    return judge_by_comparison(outputs, runner.entry_point is not None, ComparisonRule(comparison))


def result(index: int = 0, code: str = "passed", **more: Any) -> SolutionResult:
    return SolutionResult(index, code, **more)


def run_of(index: int, *verdicts: Verdict, repairs: tuple[str, ...] = (), stable: bool = True) -> SolutionRun:
    executions = [Execution(Ended.FINISHED)] * len(verdicts)
    return SolutionRun(index, f"program {index}", executions, repairs, verdicts=list(verdicts), stable=stable)


# ---- repairs: what each one mends. (damaged program, entry point, input, what it then prints or returns)

DAMAGED: dict[str, tuple[str, str | None, Any, Any]] = {
    "unescape": ('print(\\"hello\\")\n', None, "", "hello\n"),
    "broken_string": ("print('\\\n'.join(input()))\n", None, "ab", "a\nb"),
    "shifted_indent": ("n = int(input())\n    if n:\n        print(n)\n    print('end')\n", None, "3", "3\nend\n"),
    "dedent": ("    n = int(input())\n    print(n + 1)\n", None, "3", "4\n"),
    "tabs": ("if True:\n        a = 1\n\tb = 2\n\tprint(a + b)\n", None, "", "3\n"),
    "starred_call": ("xs = [1, 2]\nprint((*xs))\n", None, "", "1 2\n"),
    "top_level_return": ("n = int(input())\nif n:\n    print('yes')\n    return\nprint('no')\n", None, "1", "yes\n"),
    "nonlocal_global": ("n = 1\ndef up():\n    nonlocal n\n    n += 1\nup()\nprint(n)\n", None, "", "2"),
    "solution_class": ("def f(self, n):\n    return n + 1\n", "f", [3], 4),
    "missing_import": ("print(gcd(12, 18))\n", None, "", "6\n"),
}


def test_each_repair_has_an_example_here() -> None:
    assert DAMAGED.keys() == REPAIRS.keys()


@pytest.mark.parametrize("name", REPAIRS)
def test_a_damaged_program_is_mended_and_says_how(sandbox: Sandbox, name: str) -> None:
    source, entry_point, given, answer = DAMAGED[name]
    (run,) = verify(Runner(sandbox, entry_point, [given], LIMITS), [source], [answer])
    assert (run.passed, run.repairs) == (True, (name,))
    assert run.source != source


def test_a_program_that_runs_is_left_alone(script: Callable[..., Runner]) -> None:
    source = "    \nprint(input())\n"
    assert run_repaired(script("x"), source)[::2] == (source, ())


def test_a_program_that_only_gives_wrong_answers_is_left_alone(script: Callable[..., Runner]) -> None:
    assert run_repaired(script("x"), "print('\\'')")[2] == ()


def test_several_missing_imports_are_one_repair(function: Callable[..., Runner]) -> None:
    source = dedent("""
        def f(n: int) -> List[int]:
            heap = [n, 1]
            heapify(heap)
            return [heappop(heap), gcd(n, 6), Counter("aab")["a"], bisect_left([1, 2], 2)]
    """)
    repaired, (execution,), repairs = run_repaired(function([4]), source)
    assert repairs == ("missing_import",)
    assert execution.result is not None
    assert execution.result.replace(" ", "") == "[1,2,2,1]"
    assert [line for line in repaired.split("\n") if line.startswith("from")] == [
        "from bisect import bisect_left",
        "from collections import Counter",
        "from math import gcd",
        "from heapq import heappop",
        "from heapq import heapify",
        "from typing import List",
    ]


def test_a_missing_import_goes_below_the_future(script: Callable[..., Runner]) -> None:
    repaired, (execution,), repairs = run_repaired(script(""), "from __future__ import division\nprint(sqrt(4))")
    assert (execution.output, repairs) == ("2.0\n", ("missing_import",))
    assert repaired.startswith("from __future__")


def test_two_damages_are_mended_one_after_the_other(function: Callable[..., Runner]) -> None:
    source = "    def f(self, n):\n        return self.g(n)\n    def g(self, n):\n        return n + 1\n"
    repaired, (execution,), repairs = run_repaired(function([3]), source)
    assert (repairs, execution.result) == (("dedent", "solution_class"), "4")
    assert repaired.startswith("class Solution:")


def test_a_method_without_its_class_that_lacks_imports_too(function: Callable[..., Runner]) -> None:
    source = "def f(self, words: List[str]) -> int:\n    return Counter(words)['a']\n"
    _, (execution,), repairs = run_repaired(function([["a", "b", "a"]]), source)
    assert (set(repairs), execution.result) == ({"missing_import", "solution_class"}, "2")


@pytest.mark.parametrize(
    "source",
    [
        "print 'hello'\n",
        "    print 'hello'\n",
        "print(no_such_name)\n",
        "print(gcd(no_such_name, 1))\n",
        "def f(:\n",
        "raise NameError(\"name 'gcd' is not defined\")\n",
        "return 1 2\n",
        "print((*))\n",
        "\\\n\\\n(((",
    ],
)
def test_a_repair_that_does_not_help_is_not_recorded(script: Callable[..., Runner], source: str) -> None:
    as_written, executions, repairs = run_repaired(script(""), source)
    assert (as_written, repairs) == (source, ())
    assert executions[0].ended in (Ended.COMPILE_ERROR, Ended.EXCEPTION)


def test_a_function_that_is_called_with_too_few_arguments_is_not_put_into_a_class(
    function: Callable[..., Runner],
) -> None:
    source = "def f(a, b):\n    return a + b\n"
    assert run_repaired(function([1]), source)[::2] == (source, ())


def test_a_program_that_fails_on_one_input_only_is_mended_there(script: Callable[..., Runner]) -> None:
    source = "n = int(input())\nprint(n if n < 10 else gcd(n, 15))\n"
    _, executions, repairs = run_repaired(script("3", "20"), source)
    assert ([e.output for e in executions], repairs) == (["3\n", "5\n"], ("missing_import",))


def test_a_repair_after_which_the_program_never_ends_is_no_repair(sandbox: Sandbox) -> None:
    quick = Runner(sandbox, None, [""], Limits(cpu_seconds=0.2, wall_seconds=5))
    assert run_repaired(quick, "sqrt(4)\nwhile True: pass\n")[2] == ()


def test_an_empty_string_over_two_lines_is_mended_where_more_tests_then_pass(script: Callable[..., Runner]) -> None:
    """It compiles as it stands, so only its verdicts tell."""
    source = "print('\\\n'.join(input()))"
    mended, as_meant = verify(script("ab", "c"), [source], ["a\nb", "c"]), verify(script("ab"), [source], ["ab"])
    assert (mended[0].repairs, mended[0].passed) == (("broken_string",), True)
    assert (as_meant[0].repairs, as_meant[0].passed) == ((), True)


# ---- copies


def test_copies_do_not_run_twice(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    execute = Sandbox.execute

    def count(self: Sandbox, program: Any, *rest: Any, **options: Any) -> list[Execution]:
        ran.append(program.source)
        return execute(self, program, *rest, **options)

    monkeypatch.setattr(Sandbox, "execute", count)
    runs = verify(Runner(sandbox, None, ["x"], LIMITS), [ECHO, ECHO, f"{ECHO} ", ECHO], ["x"])
    assert ran == [ECHO, f"{ECHO} "] * 2, "once, and once more with another seed"
    assert [run.same_as for run in runs] == [None, 0, None, 0]


def test_copies_share_verdict_repair_and_stability_but_not_the_vote(script: Callable[..., Runner]) -> None:
    damaged, flaky = "    print(input())\n", "import time\nprint(time.time_ns())"
    runs = verify(script("x"), [damaged, damaged, flaky, flaky], ["x"])
    assert [(run.passed, run.votes, run.repairs) for run in runs] == [
        (True, True, ("dedent",)),
        (True, False, ("dedent",)),
        (False, False, ()),
        (False, False, ()),
    ]
    assert runs[1].source == runs[0].source


# ---- judging


def test_a_program_passes_where_every_test_does(script: Callable[..., Runner]) -> None:
    good, half = verify(script("1", "2"), [ECHO, "print(1)"], ["1\n", "2"])
    assert (good.passed, good.verdicts) == (True, [Verdict.PASSED] * 2)
    assert (half.passed, half.verdicts) == (False, [Verdict.PASSED, Verdict.WRONG_ANSWER])


def test_a_call_that_breaks_a_later_one_is_confirmed_alone(function: Callable[..., Runner]) -> None:
    leaky = dedent("""
        seen = []
        def f(n):
            seen.append(n)
            return sum(seen)
    """)
    (run,) = verify(function([1], [2], [3]), [leaky], [1, 2, 3])
    assert (run.passed, run.alone, run.repairs) == (True, True, ()), "each test alone is right, and so again"
    assert [execution.result for execution in run.executions] == ["1", "2", "3"]


def test_a_program_that_is_wrong_alone_too_keeps_its_first_run(function: Callable[..., Runner]) -> None:
    (run,) = verify(function([1], [2]), ["def f(n):\n    return 1\n"], [1, 2])
    assert run.verdicts == [Verdict.PASSED, Verdict.WRONG_ANSWER]
    assert not run.alone


def test_integer_keys_reach_the_program_as_it_asks(sandbox: Sandbox) -> None:
    source = "def f(d):\n    return d[1]\n"
    as_texts = Runner(sandbox, "f", [[{"1": 5}]], LIMITS)
    as_integers = Runner(sandbox, "f", [[{"1": 5}]], LIMITS, DictKeys.INT)
    assert not verify(as_texts, [source], [5])[0].passed
    assert verify(as_integers, [source], [5])[0].passed


def test_another_comparison_changes_verdicts_and_runs_nothing(script: Callable[..., Runner]) -> None:
    runner = script("x")
    runs = run_solutions(runner, ["print('1  2')", "print('1  2')"])
    judge_runs(runner, runs, ["1 2"])
    assert [run.passed for run in runs] == [False, False]
    judge_again(runs, by(Comparison.TOKENS, runner, ["1 2"]))
    assert [run.passed for run in runs] == [True, True]


# ---- programs that contradict themselves

BY_HASH = "print(sorted({'a', 'b', 'c', 'd', 'e', 'f'}, key=hash))"
BY_CHANCE = "import random\nprint(random.random())"
BY_CLOCK = "import time\nprint(time.time_ns())"
BY_ADDRESS_OF_CHANCE = "import os\nprint(os.urandom(8))"


@pytest.mark.parametrize("source", [BY_HASH, BY_CHANCE, BY_CLOCK, BY_ADDRESS_OF_CHANCE])
def test_output_that_differs_between_two_runs_is_not_stable(script: Callable[..., Runner], source: str) -> None:
    (run,) = verify(script("x"), [source], ["x"])
    assert (run.stable, run.votes, run.passed) == (False, False, False)
    assert describe_runs([run], ["x"])[0].code == Reason.NONDETERMINISTIC


def test_a_program_that_is_right_by_chance_is_not_stable(script: Callable[..., Runner]) -> None:
    first = "import random\nprint(random.random() == random.Random(0).random())"
    (run,) = verify(script("x"), [first], ["True"])
    assert run.verdicts == [Verdict.PASSED]
    assert (run.stable, run.passed) == (False, False)


def test_a_program_that_fails_by_chance_is_not_stable(script: Callable[..., Runner]) -> None:
    source = "import random\nassert random.random() == random.Random(0).random()\nprint('x')"
    (run,) = verify(script("x"), [source], ["x"])
    assert run.verdicts == [Verdict.PASSED]
    assert (run.stable, run.passed) == (False, False)


def test_a_randomised_algorithm_with_one_answer_is_stable(script: Callable[..., Runner]) -> None:
    quicksort = dedent("""
        import random
        def sort(xs):
            if not xs:
                return []
            p = random.choice(xs)
            return sort([x for x in xs if x < p]) + [x for x in xs if x == p] + sort([x for x in xs if x > p])
        print(*sort(list(map(int, input().split()))))
    """)
    (run,) = verify(script("3 1 2"), [quicksort], ["1 2 3"])
    assert (run.stable, run.passed) == (True, True)


def test_two_right_answers_are_stable_however_they_are_written(script: Callable[..., Runner]) -> None:
    padded = "import random\nprint('1' + ' ' * int(9 * random.random()) + '2')"
    runner = script("x")
    (run,) = verify(runner, [padded], ["1 2"], by(Comparison.TOKENS, runner, ["1 2"]))
    assert (run.stable, run.passed) == (True, True)


def test_a_checker_accepts_any_right_answer_and_chance_does_no_harm_to_it(script: Callable[..., Runner]) -> None:
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


def test_a_program_that_fails_the_same_way_twice_is_stable(script: Callable[..., Runner]) -> None:
    source = "import random\nprint(random.random())\nif input() == 'x': raise ValueError(random.random())"
    (run,) = verify(script("x", "x"), [source], ["x", "x"])
    assert run.stable
    (wrong,) = verify(script("x"), ["print('y')"], ["x"])
    assert wrong.stable


def test_a_program_that_timed_out_is_not_run_again(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = Runner(sandbox, None, ["go", "stop", "go"], Limits(cpu_seconds=0.2, wall_seconds=5))
    runs = run_solutions(quick, ["while input() == 'stop': \n while True: pass\nprint('went')"])
    judge_runs(quick, runs, ["went"] * 3)
    assert [e.ended for e in runs[0].executions] == [Ended.FINISHED, Ended.TIMEOUT, Ended.NOT_RUN]
    monkeypatch.setattr(Sandbox, "execute", None)
    run_again(quick, runs, by(Comparison.EXACT, quick, ["went"] * 3))
    assert runs[0].stable
    assert describe_runs(runs, ["went"] * 3)[0].code == Reason.TIMEOUT


# ---- what is told of it


def test_each_solution_is_described_by_its_first_failure(function: Callable[..., Runner]) -> None:
    solutions = [
        "def f(n):\n    return n\n",
        "def f(n):\n    return 1 // (2 - n)\n",
        "def f(n):\n    if n == 1: return 1\n",
        "def g(n):\n    return n\n",
        "def f(n):\n    return n",
        "def f(n): return {n}\n",
    ]
    outputs = [1, 2, 3]
    described = describe_runs(verify(function([1], [2], [3]), solutions, outputs), outputs)
    assert [(r.index, r.code) for r in described] == [
        (0, "passed"),
        (1, "runtime_error"),
        (2, "no_output"),
        (3, "irrelevant_code"),
        (4, "passed"),
        (5, "output_mismatch"),
    ]
    assert (described[0].detail, described[0].failed_tests) == ("", ())
    assert described[1].detail.startswith("test 1: ZeroDivisionError")
    assert described[2].detail == "test 1: returned None"
    assert described[2].failed_tests == (1, 2)


def test_a_failure_names_the_line(script: Callable[..., Runner]) -> None:
    (described,) = describe_runs(verify(script("x"), ["\n\nint(input())"], ["1"]), ["1"])
    assert (described.code, described.line) == ("runtime_error", 3)


def test_the_first_solution_that_passes_as_written_is_canonical() -> None:
    runs = [
        run_of(0, Verdict.WRONG_ANSWER),
        run_of(1, Verdict.PASSED, repairs=("dedent",)),
        run_of(2, Verdict.PASSED, stable=False),
        run_of(3, Verdict.PASSED),
        run_of(4, Verdict.PASSED),
    ]
    assert choose_canonical(runs) is runs[3]


def test_a_repaired_solution_is_canonical_where_no_other_passes() -> None:
    runs = [run_of(0, Verdict.TIMEOUT), run_of(1, Verdict.PASSED, repairs=("tabs",)), run_of(2, Verdict.WRONG_ANSWER)]
    assert choose_canonical(runs) is runs[1]


def test_no_solution_is_canonical_where_none_passes_everything() -> None:
    assert (
        choose_canonical([run_of(0, Verdict.PASSED, Verdict.TIMEOUT), run_of(1, Verdict.PASSED, stable=False)]) is None
    )
    assert choose_canonical([]) is None


def test_repairs_are_told_once_and_in_words() -> None:
    results = [result(0, repairs=("dedent", "tabs")), result(1, repairs=("dedent", "tabs"), same_as=0), result(2)]
    (finding,) = repair_findings(results)
    assert finding.code == Note.REPAIRED
    assert finding.detail == "solution 0: the whole program is indented; tabs and spaces are mixed in one block"
    assert finding.evidence == {"solution": 0, "repairs": ["dedent", "tabs"], "code": "passed"}


def test_failures_are_told_and_the_first_of_each_reason_with_their_test(script: Callable[..., Runner]) -> None:
    wrong = [f"print('wrong {i}')" for i in range(TOLD_IN_FULL + 1)]
    runs = verify(script("in"), [ECHO, *wrong, wrong[0], "1/0"], ["in"])
    findings = failure_findings(describe_runs(runs, ["in"]), runs, ["in"], ["in"])
    assert [f.evidence["solution"] for f in findings] == [1, 2, 3, 4, 6], "neither the passing one nor the copy"
    assert findings[0].evidence == {
        "solution": 1,
        "failed_tests": [0],
        "test": 0,
        "input": "in",
        "expected": "in",
        "actual": "wrong 0\n",
    }
    assert findings[TOLD_IN_FULL].evidence == {"solution": TOLD_IN_FULL + 1, "failed_tests": [0]}
    assert findings[-1].code == Reason.RUNTIME_ERROR
    assert "actual" not in findings[-1].evidence
    assert findings[-1].evidence["line"] == 1


def test_a_fault_of_the_sandbox_is_no_fault_of_the_program(
    script: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sandbox, "execute", lambda *_, **__: [Execution(Ended.HARNESS_ERROR, message="it died")])
    with pytest.raises(HarnessFaultError, match="it died"):
        script("x").run(ECHO)
