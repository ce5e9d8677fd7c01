"""Programs with a limit on their steps."""

from __future__ import annotations

import pytest

from curation.generated_tests.bounded_program import TOO_MANY_STEPS, bounded_program
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Execution, Program

LIMIT = 100


def run(sandbox: Sandbox, source: str, inputs: list, entry_point: str | None = None) -> list[Execution]:
    bounded = bounded_program(source, entry_point, LIMIT)
    assert bounded is not None
    return sandbox.execute(Program(bounded, entry_point), inputs)


def is_too_large(execution: Execution) -> bool:
    return execution.ended is Ended.EXCEPTION and execution.exception == TOO_MANY_STEPS


@pytest.mark.parametrize(
    "source",
    [
        "for i in range(int(input())):\n    pass\nprint('done')",
        "n = int(input())\nwhile n:\n    n -= 1\nprint('done')",
        "n = int(input())\nsum([i for i in range(n)])\nprint('done')",
        "def f(n):\n    return n and f(n - 1)\nf(int(input()))\nprint('done')",
        "g = lambda n: n and g(n - 1)\ng(int(input()))\nprint('done')",
    ],
)
def test_loops_comprehensions_and_calls_are_steps(sandbox, source):
    few, many = run(sandbox, source, ["9\n", "150\n"])
    assert few.output == "done\n"
    assert is_too_large(many)


def test_each_call_of_a_function_has_the_whole_limit(sandbox):
    source = "def f(n):\n    return sum(i for i in range(n)) if n < 1000 else f(n - 1)\n"
    assert [e.result for e in run(sandbox, source, [[90], [90], [90]], "f")] == ["4005"] * 3
    assert is_too_large(run(sandbox, source, [[2000]], "f")[0])


def test_a_method_of_a_solution_is_bounded_too(sandbox):
    source = "class Solution:\n    def f(self, n):\n        for i in range(n):\n            pass\n        return n\n"
    few, many, again = run(sandbox, source, [[90], [101], [90]], "f")
    assert (few.result, again.result) == ("90", "90")
    assert is_too_large(many)


def test_a_future_import_stays_first(sandbox):
    [execution] = run(sandbox, '"""Text."""\nfrom __future__ import annotations\nprint(1)\n', [""])
    assert execution.output == "1\n"


def test_a_program_that_is_no_python_is_none():
    assert bounded_program("print 1", None, LIMIT) is None


def test_a_program_that_catches_the_error_is_stopped_at_its_next_step(sandbox):
    source = "try:\n    for i in range(150):\n        pass\nexcept BaseException:\n    pass\nwhile True:\n    pass\n"
    assert is_too_large(run(sandbox, source, [""])[0])


def test_a_loop_may_take_values_from_the_iterator_that_it_runs_over(sandbox):
    source = "values = iter(range(6))\nprint([value + next(values) for value in values])\n"
    [execution] = run(sandbox, source, [""])
    assert execution.output == "[1, 5, 9]\n"


def test_the_last_allowed_step_is_no_error(sandbox):
    source = "for i in range(int(input())):\n    pass\nprint('done')"
    fits, is_over = run(sandbox, source, [f"{LIMIT}\n", f"{LIMIT + 1}\n"])
    assert fits.output == "done\n"
    assert is_too_large(is_over)
