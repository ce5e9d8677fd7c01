"""Run solutions once, repaired where they do not run as written. Every program here is invented."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest
from solution_runs import ECHO, LIMITS, verify

from apps_plus.problem import DictKeys
from curation.pipeline.run_solutions import HarnessFaultError, Runner, run_repaired
from harness.judging.repair_program import REPAIRS
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Execution, Limits

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
def test_a_damaged_program_is_repaired_and_the_repair_is_named(sandbox: Sandbox, name: str) -> None:
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


def test_an_annotation_that_nothing_defines_fails_under_every_python(function: Callable[..., Runner]) -> None:
    source = "class A:\n    def g(self) -> A: return self\n\ndef f(n: int): return n\n"
    _, executions, repairs = run_repaired(function([3]), source)
    assert ([e.exception for e in executions], repairs) == (["NameError"], ())


def test_a_missing_import_goes_below_the_future(script: Callable[..., Runner]) -> None:
    repaired, (execution,), repairs = run_repaired(script(""), "from __future__ import division\nprint(sqrt(4))")
    assert (execution.output, repairs) == ("2.0\n", ("missing_import",))
    assert repaired.startswith("from __future__")


def test_two_damages_are_repaired_one_after_the_other(function: Callable[..., Runner]) -> None:
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


def test_a_program_that_fails_on_one_input_only_is_repaired(script: Callable[..., Runner]) -> None:
    source = "n = int(input())\nprint(n if n < 10 else gcd(n, 15))\n"
    _, executions, repairs = run_repaired(script("3", "20"), source)
    assert ([e.output for e in executions], repairs) == (["3\n", "5\n"], ("missing_import",))


def test_a_repair_after_which_the_program_never_ends_is_no_repair(sandbox: Sandbox) -> None:
    quick = Runner(sandbox, None, [""], Limits(cpu_seconds=0.2, wall_seconds=5))
    assert run_repaired(quick, "sqrt(4)\nwhile True: pass\n")[2] == ()


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The programs that have run, in order; without the runs that Python 3.14 needs to evaluate annotations."""
    sources: list[str] = []
    execute = Sandbox.execute

    def note(self: Sandbox, program: Any, *rest: Any, **options: Any) -> list[Execution]:
        if "_evaluate_annotations_at_once" not in program.source:
            sources.append(program.source)
        return execute(self, program, *rest, **options)

    monkeypatch.setattr(Sandbox, "execute", note)
    return sources


def test_copies_do_not_run_twice(script: Callable[..., Runner], ran: list[str]) -> None:
    either = "import random\nprint(input())\nrandom.random()"
    runs = verify(script("x"), [either, either, f"{either} ", either], ["x"])
    assert ran == [either, f"{either} "] * 2, "once, and once more with another seed"
    assert [run.same_as for run in runs] == [None, 0, None, 0]


def test_what_annotations_lack_is_imported_before_the_first_run(
    function: Callable[..., Runner], ran: list[str]
) -> None:
    source = "def f(n: List[int]) -> Optional[int]:\n    return n[0]\n"
    repaired, executions, repairs = run_repaired(function([[1]], [[2]]), source)
    assert ([e.result for e in executions], repairs) == (["1", "2"], ("missing_import",))
    assert repaired == f"from typing import Optional\nfrom typing import List\n{source}"
    assert ran == [repaired]


def test_where_such_imports_do_not_help_the_program_runs_as_written(
    function: Callable[..., Runner], ran: list[str]
) -> None:
    source = "def f(n: List[int]):\n    return no_such_name\n"
    as_written, executions, repairs = run_repaired(function([[1]]), source)
    assert (as_written, executions[0].message, repairs) == (source, "name 'List' is not defined", ())
    assert ran[-1] == source


def test_a_program_that_does_not_compile_is_repaired_for_that_first(function: Callable[..., Runner]) -> None:
    source = "def f(n: List[int]):\n    return n[0]\nif f is None:\n    return\n"
    _, executions, repairs = run_repaired(function([[1]]), source)
    assert (executions[0].result, repairs) == ("1", ("top_level_return", "missing_import"))


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


def test_dict_keys_reach_the_program_as_strings_or_integers(sandbox: Sandbox) -> None:
    source = "def f(d):\n    return d[1]\n"
    as_texts = Runner(sandbox, "f", [[{"1": 5}]], LIMITS)
    as_integers = Runner(sandbox, "f", [[{"1": 5}]], LIMITS, DictKeys.INT)
    assert not verify(as_texts, [source], [5])[0].passed
    assert verify(as_integers, [source], [5])[0].passed


def test_a_fault_of_the_sandbox_raises_harness_fault(
    script: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sandbox, "execute", lambda *_, **__: [Execution(Ended.HARNESS_ERROR, message="it died")])
    with pytest.raises(HarnessFaultError, match="it died"):
        script("x").run(ECHO)
