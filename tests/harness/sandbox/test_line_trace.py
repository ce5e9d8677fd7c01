"""Tracing in the sandbox: what is known of each input, and that nothing else changes by it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from odd_programs import ODD, Odd
from test_odd import problem_of

from harness.judging.judge import judge, judge_checks
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.cache import ExecutionCache
from harness.sandbox.execution import Checks, Ended, Execution, Limits, Program
from harness.sandbox.read_answers import with_lines
from harness.sandbox.runtime import line_trace

GENEROUS = Limits(cpu_seconds=10, wall_seconds=60)
SHORT = Limits(cpu_seconds=0.15, wall_seconds=10)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def sandbox_that_traces() -> Iterator[Sandbox]:
    with Sandbox(trace=True) as sandbox:
        yield sandbox


def lines(executions: list[Execution]) -> list[list[int] | None]:
    return [None if e.lines is None else sorted(e.lines) for e in executions]


def traced(sandbox: Sandbox, source: str, *inputs: str, limits: Limits | None = None) -> list[list[int] | None]:
    return lines(sandbox.execute(Program(source), inputs or [""], limits, trace=True))


# --- each input ----------------------------------------------------------------------------------------------------

BRANCHES = """\
n = int(input())
if n == 1:
    print(1)
elif n == 2:
    1 / 0
else:
    while n: pass
print()
"""


def test_each_input_has_its_own_lines(sandbox: Sandbox) -> None:
    assert traced(sandbox, BRANCHES, "1", "2", "1", "0") == [
        [1, 2, 3, 8],
        [1, 2, 4, 5],
        [1, 2, 3, 8],
        [1, 2, 4, 6, 7, 8],
    ]


def test_after_a_timeout_what_ran_is_known_and_what_was_skipped_ran_nothing(sandbox: Sandbox) -> None:
    executions = sandbox.execute(Program(BRANCHES), ["1", "3", "1"], SHORT, trace=True)
    assert [e.ended for e in executions] == [Ended.FINISHED, Ended.TIMEOUT, Ended.NOT_RUN]
    assert lines(executions) == [[1, 2, 3, 8], [1, 2, 4, 6, 7], []]
    limits = replace(SHORT, stop_after_timeout=False)
    assert traced(sandbox, BRANCHES, "3", "3", "1", limits=limits) == [[1, 2, 4, 6, 7], [1, 2, 4, 6, 7], [1, 2, 3, 8]]


def test_an_input_that_ends_its_process_does_not_reach_into_the_next(sandbox: Sandbox) -> None:
    source = (
        "import os\nn = int(input())\nif n == 1:\n    os.kill(os.getpid(), 9)\nelif n == 2:\n    os._exit(3)\nx = 1"
    )
    assert traced(sandbox, source, "0", "1", "2", "0") == [
        [1, 2, 3, 5, 7],
        [1, 2, 3, 4],
        [1, 2, 3, 5, 6],
        [1, 2, 3, 5, 7],
    ]


def test_an_import_counts_for_every_call_whichever_input_paid_for_it(sandbox: Sandbox) -> None:
    source = "def f(x):\n    if x:\n        return g()\n    return 0\ndef g():\n    return 1\ny = 2\n"
    executions = sandbox.execute(Program(source, "f"), [[0], [1], [0]], trace=True)
    assert lines(executions) == [[1, 2, 4, 5, 7], [1, 2, 3, 5, 6, 7], [1, 2, 4, 5, 7]]


def test_an_import_that_fails_counts_as_far_as_it_came(sandbox: Sandbox) -> None:
    source = "x = 1\n1 / 0\ndef f(x):\n    return x\n"
    assert lines(sandbox.execute(Program(source, "f"), [[0], [1]], trace=True)) == [[1, 2], [1, 2]]


def test_a_call_without_end(sandbox: Sandbox) -> None:
    source = "def f(x):\n    if x:\n        while 1: pass\n    return 0"
    executions = sandbox.execute(Program(source, "f"), [[0], [1]], SHORT, trace=True)
    assert lines(executions) == [[1, 2, 4], [1, 2, 3]]


def test_tests_that_are_code(sandbox: Sandbox) -> None:
    program = Program("def f(x):\n    if x > 1:\n        return 1\n    elif x < 0:\n        1 / 0\n    return 0", "f")

    def check(tests: str) -> Execution:
        return sandbox.check(program, Checks(tests), trace=True)

    assert sorted(check("assert f(1) == 0").lines or ()) == [1, 2, 4, 6]
    assert sorted(check("assert f(1) == 0\nassert f(2) == 1").lines or ()) == [1, 2, 3, 4, 6]
    assert (failed := check("assert f(2) == 7")).ended is Ended.CHECK_FAILED
    assert sorted(failed.lines or ()) == [1, 2, 3]
    assert sorted(check("f(-1)").lines or ()) == [1, 2, 4, 5]
    looping = sandbox.check(Program("def f():\n    while 1: pass\n    return 1", "f"), Checks("f()"), SHORT, trace=True)
    assert (looping.ended, sorted(looping.lines or ())) == (Ended.TIMEOUT, [1, 2])
    assert sandbox.check(program, Checks("assert f(1) == 0")).lines is None


def test_a_sandbox_that_traces_traces_everything(sandbox_that_traces: Sandbox) -> None:
    sandbox = sandbox_that_traces
    assert lines(sandbox.execute(Program("x = 1"), [""])) == [[1]]
    assert lines(sandbox.execute(Program("x = 1"), [""], trace=False)) == [None]
    assert sandbox.check(Program("def f(): return 1", "f"), Checks("assert f()")).lines == {1}


# --- where it is not known -----------------------------------------------------------------------------------------


def test_nothing_is_known_of_what_was_not_traced_or_does_not_compile(sandbox: Sandbox) -> None:
    assert lines(sandbox.execute(Program("x = 1"), [""])) == [None]
    for source in ("x = (", "return 1", "\0", "nonlocal x", "x = 1\n  y"):
        plain, with_trace = (sandbox.execute(Program(source), ["", ""], trace=trace) for trace in (False, True))
        assert with_trace == plain
        assert lines(with_trace) == [None, None]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("x = 1\n" * (line_trace.LONGEST_SOURCE // 6 + 1) + "print(x)", id="too long"),
        pytest.param("print(" + "+".join(["1"] * 2500) + ")", id="deep"),
    ],
)
def test_what_cannot_be_traced_runs_all_the_same(source: str, sandbox: Sandbox) -> None:
    plain = sandbox.execute(Program(source), [""])
    assert [same(e) for e in sandbox.execute(Program(source), [""], trace=True)] == [same(e) for e in plain]


def test_a_chain_of_elif_is_no_deeper_than_it_is_for_the_compiler(sandbox: Sandbox) -> None:
    source = "x = 7\nif x == 0: pass\n" + "".join(f"elif x == {n}:\n    y = {n}\n" for n in range(1, 400))
    (ran,) = traced(sandbox, source)
    assert ran == [1, 2, *range(3, 3 + 14, 2), 16]


# --- nothing else changes ------------------------------------------------------------------------------------------


def same(execution: Execution) -> Execution:
    return replace(execution, lines=None, seconds=0.0, peak_memory=0)


@pytest.mark.parametrize("odd", ODD[::4], ids=lambda odd: f"{odd.style}-{odd.name}".replace(" ", "-"))
def test_a_traced_program_passes_as_it_does_untraced(odd: Odd, sandbox_that_traces: Sandbox) -> None:
    if any(importlib.util.find_spec(package) is None for package in odd.packages):
        pytest.skip(f"needs {', '.join(odd.packages)}")
    if odd.checks:
        program = Program(odd.source, odd.entry_point)
        judged = [judge_checks(sandbox_that_traces, program, Checks(odd.checks, odd.prelude), GENEROUS)]
    else:
        judged = judge(sandbox_that_traces, odd.source, problem_of(odd), GENEROUS)
    assert [j.verdict for j in judged] == [Verdict.PASSED] * len(judged), judged
    assert all(j.execution.lines for j in judged)


SEES = """\
import sys, traceback
def f(a):
    x = [i
         for i in [1]
         if i] or 2
    return sorted(locals()), f.__code__.co_names, f.__code__.co_varnames
class A:
    y = 1
    z = sorted(locals())
print(f(1), A.z, sorted(vars(A)), sorted(globals()), dir(), len(sys.modules), "mmap" in sys.modules)
print(f.__doc__, A.__doc__, __doc__, f.__code__.co_firstlineno, sys.getrecursionlimit())
def depth(n=1):
    try:
        return depth(n + 1)
    except RecursionError:
        return n
print(depth())
def g():
    return (1
            +
            1 / 0)
try:
    g()
except ZeroDivisionError:
    print(traceback.format_exc(), sys.exc_info()[2].tb_lineno)
import os
print(sorted(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else "", os.open("/", os.O_RDONLY))
print(sys.stdin.fileno(), sys.gettrace(), sys.getprofile())
"""


def test_a_program_sees_nothing_of_it(sandbox: Sandbox) -> None:
    seen = [e.output for e in sandbox.execute(Program(SEES), ["", ""], trace=True)]
    assert seen == [e.output for e in sandbox.execute(Program(SEES), ["", ""])]
    assert 'File "<program>", line 21, in g' in seen[0]


@pytest.mark.parametrize("source", ["x = bytearray(300 << 20)\nprint(1)", "x = 'a' * (2 << 30)"])
def test_limits_are_the_same(source: str, sandbox: Sandbox) -> None:
    limits = Limits(memory_bytes=200 << 20, cpu_seconds=1)
    plain, with_trace = (sandbox.execute(Program(source), [""], limits, trace=trace)[0] for trace in (False, True))
    assert same(plain) == same(with_trace)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has layers to do without")
@pytest.mark.parametrize(
    "without", [("namespaces",), ("landlock",), ("namespaces", "landlock", "seccomp")], ids="-".join
)
def test_with_whatever_layers(without: tuple[str, ...]) -> None:
    with Sandbox(without=without, unsafe=True) as sandbox:
        assert traced(sandbox, BRANCHES, "1", "2") == [[1, 2, 3, 8], [1, 2, 4, 5]]
        small = Limits(output_bytes=200)  # no file of this size could hold what is recorded
        assert traced(sandbox, "x = 1\n\ny = 2", limits=small) == [[1, 3]]


def test_a_program_that_uses_a_scientific_package(sandbox: Sandbox) -> None:
    pytest.importorskip("numpy")
    assert traced(sandbox, "import numpy as np\nif np.zeros(2).any():\n    x = 1\ny = 2") == [[1, 2, 4]]


# --- programs that lie ---------------------------------------------------------------------------------------------

FORGED = b'9 0 1 {"result": "1"}\n' * 3


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"import os\nos.write(3, {FORGED!r})\nx = 1\nos._exit(0)\ny = 2", id="a report"),
        pytest.param("import os\nos.ftruncate(3, 0)\nx = 1\nos._exit(0)\ny = 2", id="no report"),
    ],
)
def test_a_forged_report_hides_nothing(source: str, sandbox: Sandbox) -> None:
    assert traced(sandbox, source, "", "")[0] == [1, 2, 3, 4]


FINDS_THE_MEMORY = """\
import gc, sys
for constant in sys._getframe().f_code.co_consts:
    if type(constant).__name__ == "mmap":
        constant[:] = WHAT * len(constant)
x = 1
"""


def test_no_lie_costs_time() -> None:
    source = "\n" * 100_000
    for text in ("1-9999999;" * 100_000, "0-1", ";" * 1000, "x-y", "1-", "99-1"):
        answer = {"ran": {"units": text, "begun": "1" * 100_000}}
        (execution,) = with_lines([Execution(Ended.FINISHED)], [answer], source)
        assert execution.lines == frozenset()


@pytest.mark.parametrize("what", ["b'\\xff'", "b'\\x01'", "b'9'", "b'-'", "b'\\x00'"])
def test_what_a_program_writes_over_its_lines_is_lies_about_its_lines_at_most(what: str, sandbox: Sandbox) -> None:
    executions = sandbox.execute(Program(FINDS_THE_MEMORY.replace("WHAT", what)), ["", ""], trace=True)
    assert [e.ended for e in executions] == [Ended.FINISHED] * 2
    assert all(e.lines is None or e.lines <= set(range(1, 7)) for e in executions)
    assert traced(sandbox, "x = 1") == [[1]]


@pytest.mark.parametrize(("what", "harm"), [("mmap", "close()"), ("list", "append('x')"), ("list", "__imul__(2)")])
def test_a_program_that_takes_its_probes_apart_ends_as_it_would_have(what: str, harm: str, sandbox: Sandbox) -> None:
    source = FINDS_THE_MEMORY.replace("constant[:] = WHAT * len(constant)", f"constant.{harm}").replace("mmap", what)
    source = source.replace("x = 1\n", "")
    assert [e.ended for e in sandbox.execute(Program(source), ["", ""], trace=True)] == [Ended.FINISHED] * 2


# --- the cache -----------------------------------------------------------------------------------------------------


def test_a_cache_keeps_traced_and_untraced_apart(tmp_path: Path) -> None:
    program = Program("x = 1\nif 0:\n    y = 2")
    with ExecutionCache(tmp_path / "cache") as cache, Sandbox(cache=cache) as sandbox:
        for _ in range(2):
            assert lines(sandbox.execute(program, [""])) == [None]
            assert lines(sandbox.execute(program, [""], trace=True)) == [[1, 2]]
        assert (cache.use.hits, cache.use.misses) == (2, 2)
