"""Programs with a limit on their steps."""

from __future__ import annotations

import ast

import pytest

from curation.mutation.bounded_program import TOO_MANY_STEPS, CountedProgram, bounded_program
from curation.mutation.mutants import make_mutants
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


@pytest.mark.parametrize(
    "source",
    [
        "def f(n):\n    return n and 1 + f(n - 1)",
        "class Solution:\n    def f(self, n):\n        return n and 1 + self.f(n - 1)",
        "class Solution:\n    @staticmethod\n    def f(n):\n        return n and 1 + Solution.f(n - 1)",
        "class Solution:\n    @classmethod\n    def f(cls, n):\n        return n and 1 + cls.f(n - 1)",
    ],
)
def test_a_function_may_call_itself_as_deeply_as_without_a_limit(sandbox, source):
    deep = 900
    bounded = bounded_program(source, "f", 2 * deep)
    ran = sandbox.execute(Program(bounded, "f"), [[deep], [3 * deep], [deep]])
    assert [execution.result or execution.exception for execution in ran] == [str(deep), "RecursionError", str(deep)]


LOOP = "        for i in range(n): pass\n        return n\n"


@pytest.mark.parametrize(
    "source",
    [
        f"def f(n):\n{LOOP}class Solution:\n    def f(self, n): return f(n)\n",
        f"class Solution:\n    def f(self, n):\n{LOOP}f = Solution().f\n",
        f"class A:\n    @staticmethod\n    def f(n):\n{LOOP}class Solution(A): pass\n",
        f"class A:\n    @classmethod\n    def f(cls, n):\n{LOOP}class Solution(A): pass\ntype = 1\n",
    ],
)
def test_the_function_that_runs_has_the_whole_limit_at_each_call(sandbox, source):
    executions = run(sandbox, source, [[60], [60], [101], [60]], "f")
    assert [e.result or e.exception for e in executions] == ["60", "60", TOO_MANY_STEPS, "60"]


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


class Uncounted(ast.NodeTransformer):
    """Takes the counting of steps out of a tree."""

    def visit_Call(self, node):
        self.generic_visit(node)
        return node.args[0] if getattr(node.func, "id", "") == "_compress_" else node

    def visit_BoolOp(self, node):
        self.generic_visit(node)
        return node.values[1] if is_step(node.values[0]) else node

    def visit_Expr(self, node):
        self.generic_visit(node)
        return None if is_step(node.value) else node


def is_step(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_step_"


def without_counting(bounded: str, prelude: int = 5) -> str:
    tree = Uncounted().visit(ast.parse(bounded))
    first = next(i for i, node in enumerate(tree.body) if isinstance(node, ast.ImportFrom) and node.module[0] == "i")
    del tree.body[first : first + prelude]
    return ast.dump(tree)


NESTED = """
for a in 1, 2, 3:
    while (a > 1 or a < -1) and a != 7: a -= 1; b = [c for c in (a, 2) if c]
else:
    a = 0
"""
FUNCTIONS = """
def f(x): return x + 1
class A:
\tdef g(self):
\t\tif self: return 1
\t\treturn 2
\tk = {i: 2 for i in [1]}
"""
DECORATED = """
def f():
    'text'
    x = 1
    return x
def g(n):
    @staticmethod
    def h(y): return y - n
    return [h(3) for _ in range(n)]
"""
LAMBDAS = """
h = lambda a: lambda b: a + b
while (line := input()) != '0': print(h(1)(2), sum(x * y for x in [1] for y in [2, 3]))
"""
DOCSTRING = """'Text.'
from __future__ import annotations
import math
for i in range(3): print(i == 1)
"""
LINE_ENDS = "n = 3\r\nwhile n > 0:\r\n    n -= 1\r\nprint(f'{[x for x in range(n)]}')"


@pytest.mark.parametrize("source", [NESTED, FUNCTIONS, DECORATED, LAMBDAS, DOCSTRING, LINE_ENDS])
def test_a_mutant_of_a_bounded_program_is_the_mutant_bounded(source):
    counted = CountedProgram.of(source, None)
    mutants = make_mutants(source)
    assert len(mutants) > 5
    for mutant in mutants:
        assert without_counting(counted.unchecked(LIMIT, mutant.edit)) == ast.dump(ast.parse(mutant.source))
    assert "_step_() and" in counted.bounded(LIMIT) or "_compress_((" in counted.bounded(LIMIT)


def test_an_expression_right_after_a_keyword_is_counted(sandbox):
    source = "for c in'abc':\n    while[0]:\n        break\nprint(max(x for x in[1, 2]))\n"
    [execution] = run(sandbox, source, [""])
    assert execution.output == "2\n"
    assert run(sandbox, source.replace("break", "pass"), [""])[0].exception == TOO_MANY_STEPS


def test_a_statement_beside_the_docstring_leaves_no_room_for_the_counter():
    assert bounded_program('"""Text."""; x = 1\n', None, LIMIT) is None


@pytest.mark.parametrize(
    ("source", "inputs", "results"),
    [
        ("def f(n):\n    f.seen.append(n)\n    return f.seen\nf.seen = []\n", [[1], [2]], ["[1]", "[1, 2]"]),
        (
            "from functools import lru_cache\n@lru_cache(None)\ndef f(n):\n"
            "    f.cache_clear()\n    return f.cache_info().currsize\n",
            [[1], [2]],
            ["0", "0"],
        ),
    ],
)
def test_a_function_keeps_its_attributes(sandbox, source, inputs, results):
    assert [e.result for e in run(sandbox, source, inputs, "f")] == results


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\nprint(x)",
        '"""Text."""\nfrom __future__ import annotations\n\nprint(1)\n',
        "def f(n):\n    if n:\n        return 1\n    return 2\n\nfor i in (0,\n          1):\n    print(f(i))\n",
        "def f(n): return n\nprint(f(1))\n",
        "def f(n):\n    # nothing yet\n\n    for i in range(n):\n        pass\nf(0); f(2)\nprint(1)",
    ],
)
def test_lines_are_those_of_the_program(sandbox, source):
    counted = CountedProgram.of(source, None)
    [usual] = sandbox.execute(Program(source), [""], trace=True)
    [execution] = sandbox.execute(Program(counted.bounded(LIMIT)), [""], trace=True)
    lines = counted.lines()
    assert {lines[line] for line in execution.lines if line in lines} == usual.lines
