from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from apps_plus.errors import InputError
from apps_plus.problem import Comparison, ComparisonRule, DictKeys
from curation.mutation.kept_state import may_keep_state
from curation.mutation.mutant_programs import MutantProgram
from curation.mutation.program_steps import STEPS
from curation.mutation.run_mutants import LEAST_OUTPUT, LONGEST_WAIT, SHORTEST_SECONDS, MutantRunner, mutant_limits
from curation.pipeline.run_solutions import HarnessFaultError
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Execution, Limits

EXACT = ComparisonRule()


class FakeSandbox:
    """Answers what ``answers`` says of an input: a returned value as JSON, or how it ended."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[list[Any]] = []

    def execute(self, program: Any, inputs: Sequence[Any], *_: Any, **__: Any) -> list[Execution]:
        self.asked.append(list(inputs))
        executions: list[Execution] = []
        for i, given in enumerate(inputs):
            answer = self.answer(given, i == 0)
            ended = answer if isinstance(answer, Ended) else Ended.FINISHED
            result = answer if isinstance(answer, str) else None
            executions.append(Execution(ended, output=result or "", result=result, alone=i == 0))
        return executions


def runner_of(sandbox: Any, entry_point: str | None = "f", rule: ComparisonRule = EXACT, checker: str = "") -> Any:
    return MutantRunner(sandbox, entry_point, DictKeys.STR, rule, checker, Limits(cpu_seconds=1, wall_seconds=5))


def kills(runner: MutantRunner, source: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> list[bool | None]:
    """Return for each input whether it kills a mutant that runs alone."""
    return runner.kills_of(source, runner.execute(source, inputs), inputs, outputs)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def test_input_kills_where_the_answer_differs() -> None:
    runner = runner_of(FakeSandbox(lambda given, alone: "1"))
    assert kills(runner, "", [[1], [2]], [1, 2]) == [False, True]


def test_raising_kills_and_what_did_not_run_is_not_known() -> None:
    ends = {1: Ended.EXCEPTION, 2: Ended.TIMEOUT, 3: Ended.NOT_RUN}
    runner = runner_of(FakeSandbox(lambda given, alone: ends[given[0]]))
    assert kills(runner, "", [[1], [2], [3]], [1, 2, 3]) == [True, True, None]


def test_survivor_runs_on_every_input_in_growing_batches() -> None:
    sandbox = FakeSandbox(lambda given, alone: "0")
    assert runner_of(sandbox).survive([MutantProgram("")], [[i] for i in range(50)], [0] * 50) == [True]
    assert [len(asked) for asked in sandbox.asked] == [2, 8, 32, 8]


def test_killed_mutant_runs_no_further_and_the_others_do() -> None:
    sandbox = FakeSandbox(lambda given, alone: "1" if given[:2] == [0, 1] else "0")
    sources = ["def f(x): return 2", "def f(x): return 0"]
    assert runner_of(sandbox).survive(list(map(MutantProgram, sources)), [[i] for i in range(20)], [0] * 20) == [
        False,
        True,
    ]
    assert [len(asked) for asked in sandbox.asked] == [4, 8, 10]


def test_the_smallest_inputs_come_first() -> None:
    sandbox = FakeSandbox(lambda given, alone: "0")
    inputs = [[10**5], [1], [10**3], [2]]
    assert runner_of(sandbox).survive([MutantProgram("")], inputs, [0] * 4) == [True]
    assert [given[-1] for asked in sandbox.asked for given in asked] == [1, 2, 10**3, 10**5]


def test_failure_that_an_earlier_call_caused_is_no_kill() -> None:
    sandbox = FakeSandbox(lambda given, alone: "0" if alone else "1")
    source = "memo = {}\ndef f(x): return x"
    assert kills(runner_of(sandbox), source, [[1], [2], [3]], [0, 0, 0]) == [False, False, False]


def test_confirmed_failure_lets_the_others_stand() -> None:
    sandbox = FakeSandbox(lambda given, alone: "1" if given == [2] or not alone else "0")
    source = "memo = {}\ndef f(x): return x"
    assert kills(runner_of(sandbox), source, [[1], [2], [3]], [0, 0, 0]) == [False, True, True]
    assert sandbox.asked == [[[1], [2], [3]], [[2]]]


def test_function_without_state_needs_no_second_run() -> None:
    sandbox = FakeSandbox(lambda given, alone: "1" if given == [2] else "0")
    assert kills(runner_of(sandbox), "def f(x): return x", [[1], [2]], [0, 0]) == [False, True]
    assert len(sandbox.asked) == 1


def test_fault_of_the_harness_is_no_kill() -> None:
    with pytest.raises(HarnessFaultError):
        kills(runner_of(FakeSandbox(lambda given, alone: Ended.HARNESS_ERROR)), "", [[1]], [1])


def test_checker_judges_the_answers() -> None:
    def answer(given: Any, alone: bool) -> str:
        return "5" if len(given) == 1 else "true" if given[2] in (given[1], 5) else "false"

    runner = runner_of(FakeSandbox(answer), rule=ComparisonRule(Comparison.CHECKER), checker="def check(*_): ...")
    assert kills(runner, "", [[1], [2]], [5, 6]) == [False, False]


def test_checker_that_fails_on_the_expected_output_is_an_error() -> None:
    broken = FakeSandbox(lambda given, alone: "5" if len(given) == 1 else Ended.TIMEOUT)
    with pytest.raises(InputError, match="checker"):
        kills(runner_of(broken, rule=ComparisonRule(Comparison.CHECKER), checker="def check(*_): ..."), "", [[1]], [5])


def test_mutant_gets_three_times_the_time_of_the_canonical_solution() -> None:
    took = [Execution(Ended.FINISHED, seconds=seconds) for seconds in (0.5, 0.1)]
    limits = mutant_limits(Limits(), took)
    assert (limits.cpu_seconds, limits.wall_seconds) == (1.5, LONGEST_WAIT)
    assert limits.program_seconds == pytest.approx(1.8)
    assert mutant_limits(Limits(), []).cpu_seconds == SHORTEST_SECONDS
    few, more = (mutant_limits(Limits(), [], steps).cpu_seconds for steps in list(STEPS)[:2])
    assert SHORTEST_SECONDS < few < more
    assert mutant_limits(Limits(cpu_seconds=1.0), took).cpu_seconds == 1.0


def test_mutant_may_answer_with_three_times_as_much_as_the_canonical_solution() -> None:
    long = Execution(Ended.FINISHED, "x" * LEAST_OUTPUT)
    assert mutant_limits(Limits(), []).output_bytes == LEAST_OUTPUT
    assert mutant_limits(Limits(), [long, Execution(Ended.FINISHED, "x")]).output_bytes == 3 * LEAST_OUTPUT
    assert mutant_limits(Limits(), [Execution(Ended.FINISHED, result=long.output)]).output_bytes == 3 * LEAST_OUTPUT
    assert mutant_limits(Limits(output_bytes=1000), [long]).output_bytes == 1000


@pytest.mark.parametrize(
    "source",
    [
        "memo = {}\ndef f(x): return x",
        "def f(x, seen=[]): return x",
        "class Solution:\n    found = []\n    def f(self, x): return x",
        "class Solution:\n    def f(self, x): self.total = x",
        "import functools\n@functools.cache\ndef f(x): return x",
        "n = 0\ndef f(x):\n    global n\n    n += 1",
        "f.count = 0",
        "print 1",
    ],
)
def test_program_may_keep_state(source: str) -> None:
    assert may_keep_state(source)


@pytest.mark.parametrize(
    "source",
    [
        "def f(x): return x",
        '"""A text."""\nimport math\nPAIR = (10**9 + 7, "a")\ndef f(x, y=1, z=None):\n    a = []\n    return a',
        "class Solution:\n    @staticmethod\n    def f(x): return x",
        "f = lambda x: x",
    ],
)
def test_program_keeps_no_state(source: str) -> None:
    assert not may_keep_state(source)


def test_real_mutants_of_a_script(sandbox: Sandbox) -> None:
    runner = runner_of(sandbox, entry_point=None)
    inputs, outputs = ["1 2\n", "2 2\n", "5 0\n"], ["3\n", "4\n", "5\n"]
    assert kills(runner, "a, b = map(int, input().split())\nprint(a * b)", inputs, outputs) == [True, False, True]
    assert runner.survive([MutantProgram("a, b = map(int, input().split())\nprint(a + b)")], inputs, outputs) == [True]


def test_real_mutant_that_loops_ends_soon(sandbox: Sandbox) -> None:
    limits = mutant_limits(Limits(), [Execution(Ended.FINISHED, seconds=0.001)])
    runner = MutantRunner(sandbox, "f", DictKeys.STR, EXACT, "", limits)
    assert kills(runner, "def f(x):\n    while x: pass\n    return x", [[0], [1], [2]], [0, 1, 2]) == [
        False,
        True,
        None,
    ]


def test_real_state_of_a_mutant_is_not_held_against_it(sandbox: Sandbox) -> None:
    source = "seen = []\ndef f(x):\n    seen.append(x)\n    return len(seen)"
    assert kills(runner_of(sandbox), source, [[1], [2], [3]], [1, 1, 2]) == [False, False, True]
