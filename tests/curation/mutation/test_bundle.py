from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from curation.mutation.bounded_program import TOO_MANY_STEPS, bounded_program
from curation.mutation.bundle import MOST_INPUTS, MOST_OUTPUT, Question, run_bundled
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Execution, Limits, Program

LIMITS = Limits(cpu_seconds=0.3, wall_seconds=20, program_seconds=2)


class CountingRun:
    """Runs programs in a sandbox, and remembers on how many inputs each time."""

    def __init__(self, sandbox: Sandbox, entry_point: str | None) -> None:
        self.sandbox, self.entry_point = sandbox, entry_point
        self.sizes: list[int] = []
        self.last: list[Execution] = []

    def __call__(self, program: str, inputs: Sequence[Any], limits: Limits) -> list[Execution]:
        self.sizes.append(len(inputs))
        self.last = self.sandbox.execute(Program(program, self.entry_point), inputs, limits)
        return self.last


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def values(executions: Sequence[Execution]) -> list[str]:
    return [e.result or e.output.strip() or e.exception or str(e.ended) for e in executions]


def test_functions_answer_as_each_would_alone(sandbox: Sandbox) -> None:
    run = CountingRun(sandbox, "f")
    sources = [
        "k = 1\ndef f(x): return x + k",
        "class Solution:\n    def f(self, x): return x * 10",
        "def g(x): return x",
    ]
    found = run_bundled(run, [Question(source, [[1], [2]]) for source in sources], "f", LIMITS)
    assert [values(one) for one in found] == [["2", "3"], ["10", "20"], ["KeyError", "KeyError"]]
    assert run.sizes == [6]


def test_scripts_read_their_input_in_every_way_and_share_no_names(sandbox: Sandbox) -> None:
    run = CountingRun(sandbox, None)
    sources = [
        "import sys\nprint(sys.stdin.read().split())",
        "import sys\nprint(sys.stdin.buffer.readline())\nseen = 1",
        "print(input(), 'seen' in globals())",
        "print(open(0).readlines())",
        "if __name__ == '__main__':\n    1 / 0",
        "print(",
    ]
    found = run_bundled(run, [Question(source, ["a b\n", "c\n"]) for source in sources], None, LIMITS)
    assert [values(one) for one in found] == [
        ["['a', 'b']", "['c']"],
        [r"b'a b\n'", r"b'c\n'"],
        ["a b False", "c False"],
        [r"['a b\n']", r"['c\n']"],
        ["ZeroDivisionError", "ZeroDivisionError"],
        ["SyntaxError", "SyntaxError"],
    ]
    assert len(run.sizes) == 1


def test_mutant_that_loops_costs_the_others_nothing(sandbox: Sandbox) -> None:
    run = CountingRun(sandbox, "f")
    sources = ["def f(x):\n    while x: pass\n    return x", "def f(x): return x", "def f(x): return -x"]
    found = run_bundled(run, [Question(source, [[0], [1], [2]]) for source in sources], "f", LIMITS)
    assert [e.ended for e in found[0]] == [Ended.FINISHED, Ended.TIMEOUT, Ended.NOT_RUN]
    assert [values(one) for one in found[1:]] == [["0", "1", "2"], ["0", "-1", "-2"]]


@pytest.mark.parametrize("entry_point", ["f", None])
def test_mutant_with_too_many_steps_runs_no_further_and_ends_no_process(
    sandbox: Sandbox, entry_point: str | None
) -> None:
    run = CountingRun(sandbox, entry_point)
    if entry_point is None:
        sources = ["n = int(input())\nwhile n: pass\nprint(n)", "print(int(input()))"]
        inputs: list[Any] = ["0\n", "1\n", "0\n"]
    else:
        sources, inputs = ["def f(x):\n    while x: pass\n    return x", "def f(x): return x"], [[0], [1], [0]]
    bounded = [bounded_program(source, entry_point, 1000) or "" for source in sources]
    found = run_bundled(run, [Question(source, inputs) for source in bounded], entry_point, LIMITS)
    assert [values(one) for one in found] == [["0", TOO_MANY_STEPS, "not_run"], ["0", "1", "0"]]
    assert run.sizes == [6]


@pytest.mark.parametrize("entry_point", ["f", None])
def test_program_may_take_too_many_steps_on_a_few_inputs(sandbox: Sandbox, entry_point: str | None) -> None:
    if entry_point is None:
        sources = ["n = int(input())\nwhile n: pass\nprint(n)", "print(int(input()))"]
        inputs: list[Any] = ["1\n", "0\n", "2\n", "0\n", "0\n"]
    else:
        sources = ["def f(x):\n    while x: pass\n    return x", "def f(x): return x"]
        inputs = [[1], [0], [2], [0], [0]]
    bounded = [bounded_program(source, entry_point, 1000) or "" for source in sources]
    run = CountingRun(sandbox, entry_point)
    found = run_bundled(run, [Question(source, inputs) for source in bounded], entry_point, LIMITS, overruns=2)
    assert [values(one) for one in found] == [
        [TOO_MANY_STEPS, "0", TOO_MANY_STEPS, "not_run", "not_run"],
        ["1", "0", "2", "0", "0"],
    ]
    assert values(run.last)[3:5] == [TOO_MANY_STEPS] * 2  # it did not even begin


HIDES_IT = [
    "def f(x):\n    try:\n        while x: pass\n    except: pass\n    return x",
    "def f(x):\n    try:\n        while x: pass\n    finally: return x",
    "import threading\ndef g():\n    while True: pass\ndef f(x):\n    if x:\n        t = threading.Thread(target=g)\n"
    "        t.start()\n        t.join()\n    return x",
    "class Solution:\n  def f(self, x):\n    try:\n      while x: pass\n    except: pass\n    return x",
    "x = int(input())\ntry:\n    while x: pass\nexcept: pass\nprint(x)",
    "x = int(input())\ntry:\n    while x: pass\nexcept: print(x), exit()\nprint(x)",
    "import threading\ndef f():\n  x = int(input())\n  print(x)\n  while x: pass\nthreading.Thread(target=f).start()",
    "type = int(input())\nwhile type: pass\nprint(type)",
]
"""Programs that have their answer, though they took too many steps."""


@pytest.mark.parametrize("source", HIDES_IT)
def test_program_cannot_hide_that_it_took_too_many_steps(sandbox: Sandbox, source: str) -> None:
    entry_point = "f" if "input" not in source else None
    inputs: list[Any] = [[0], [1], [0], [2], [0]] if entry_point else ["0\n", "1\n", "0\n", "2\n", "0\n"]
    bounded = bounded_program(source, entry_point, 1000) or ""
    questions = [Question(bounded, inputs), Question(bounded, inputs[:1])]
    found = run_bundled(CountingRun(sandbox, entry_point), questions, entry_point, LIMITS, overruns=2)
    ends = [[e.exception or values([e])[0] for e in one] for one in found]
    assert ends == [["0", TOO_MANY_STEPS, "0", TOO_MANY_STEPS, "not_run"], ["0"]]


def test_program_that_takes_too_many_steps_before_it_is_called(sandbox: Sandbox) -> None:
    bounded = bounded_program("while True: pass\ndef f(x): return x", "f", 1000) or ""
    found = run_bundled(CountingRun(sandbox, "f"), [Question(bounded, [[1]] * 3)], "f", LIMITS, overruns=2)
    assert [values(one) for one in found] == [[TOO_MANY_STEPS, TOO_MANY_STEPS, "not_run"]]


def test_mutant_that_uses_up_its_time_costs_the_others_nothing(sandbox: Sandbox) -> None:
    busy = "def f(x):\n    import time\n    end = time.process_time() + 0.2\n    while time.process_time() < end: pass"
    limits = Limits(cpu_seconds=1, wall_seconds=20, program_seconds=0.5)
    questions = [Question(busy, [[i] for i in range(8)]), Question("def f(x): return x", [[1]] * 3)]
    busy_one, other = run_bundled(CountingRun(sandbox, "f"), questions, "f", limits)
    assert [e.ended for e in busy_one][-3:] == [Ended.OUT_OF_BUDGET] * 3
    assert values(other) == ["1"] * 3


@pytest.mark.parametrize("entry_point", ["f", None], ids=["function", "script"])
def test_what_the_mutants_before_printed_does_not_count(sandbox: Sandbox, entry_point: str | None) -> None:
    text = "'a' * 900_000"
    source, given = (f"def f(x): return {text}", [1]) if entry_point else (f"print({text})", "1\n")
    questions = [Question(f"{source}\nk = {k}", [given] * 20) for k in range(6)]
    limits = Limits(cpu_seconds=2, output_bytes=1 << 20, program_seconds=10)
    found = run_bundled(CountingRun(sandbox, entry_point), questions, entry_point, limits)
    assert {e.ended for one in found for e in one} == {Ended.FINISHED}


def test_memory_that_a_mutant_keeps_costs_the_others_nothing(sandbox: Sandbox) -> None:
    keeps = "import sys\ndef f(x):\n    sys.kept = bytearray(150 << 20)\n    return x"
    questions = [Question(f"{keeps}\nk = {k}", [[1]]) for k in range(2)]
    questions += [Question("def f(x): return len(bytearray(150 << 20))", [[1]])]
    limits = Limits(cpu_seconds=2, memory_bytes=256 << 20)
    found = run_bundled(CountingRun(sandbox, "f"), questions, "f", limits)
    assert [[e.ended for e in one] for one in found] == [[Ended.FINISHED]] * 3


def test_first_execution_of_each_mutant_counts_as_one_alone(sandbox: Sandbox) -> None:
    questions = [Question(f"def f(x): return x + {i}", [[1], [2]]) for i in range(3)]
    found = run_bundled(CountingRun(sandbox, "f"), questions, "f", LIMITS)
    assert [[e.alone for e in one] for one in found] == [[True, False]] * 3


def test_mutants_keep_their_own_inputs_and_none_is_no_run(sandbox: Sandbox) -> None:
    run = CountingRun(sandbox, "f")
    questions = [Question("def f(x): return x", []), Question("def f(x): return x", [[7]])]
    assert [values(one) for one in run_bundled(run, questions, "f", LIMITS)] == [[], ["7"]]
    assert run_bundled(run, [Question("", [])], "f", LIMITS) == [[]]
    assert run.sizes == [1]


def test_many_inputs_are_divided_among_processes() -> None:
    sizes: list[int] = []

    def run(program: str, inputs: Sequence[Any], limits: Limits) -> list[Execution]:
        sizes.append(len(inputs))
        return [Execution(Ended.FINISHED) for _ in inputs]

    third = MOST_INPUTS // 3
    small = replace(LIMITS, output_bytes=MOST_OUTPUT // MOST_INPUTS)
    found = run_bundled(run, [Question("", [[0]] * third)] * 4, "f", small)
    assert sizes == [3 * third, third]
    assert [len(one) for one in found] == [third] * 4


def test_the_answers_of_one_process_are_bounded() -> None:
    """Mutants that print without end fill the memory of a worker otherwise."""
    sizes: list[int] = []

    def run(program: str, inputs: Sequence[Any], limits: Limits) -> list[Execution]:
        sizes.append(len(inputs))
        return [Execution(Ended.OUTPUT_LIMIT, alone=True) for _ in inputs]

    limits = replace(LIMITS, output_bytes=MOST_OUTPUT // 20)
    run_bundled(run, [Question("", [[0]] * 8)] * 5, "f", limits)
    assert sizes[0] == 16
    assert max(sizes) == 16
    sizes.clear()
    run_bundled(run, [Question("", [[0]] * 30), Question("", [[0]])], "f", limits)
    assert sizes == [30, 1]
