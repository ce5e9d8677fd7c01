"""The shape of the released APPS+ file: its rows run as its published reader runs them."""

from __future__ import annotations

import ast
import json
import re

import pytest
from command_line import run

import apps_plus
from harness.integrations.export.apps_plus_v1 import function_name, header_of, script_as_function, v1_row
from harness.judging.judge import judge
from harness.sandbox.execution import Program

FIELDS = ["prompt", "starter_code", "canonical_solution", "inputs", "outputs", "difficulty"]


def printed(sandbox, source: str, given: str = "") -> str:
    [execution] = sandbox.execute(Program(source), [given])
    assert execution.exception == "", execution.message
    return execution.output


def called(source: str) -> str:
    """The program that the published reader runs: the solution, and a call without arguments."""
    function = script_as_function(source, "solve")
    assert function is not None
    return f"{function}\n\nsolve()\n"


@pytest.fixture(scope="module")
def rows(sample_build, tmp_path_factory) -> list[dict]:
    out = tmp_path_factory.mktemp("v1")
    assert run("export", sample_build, "--for", "apps-plus-v1", "--out", out).exit_code == 0
    return json.loads((out / "data" / "v1" / "data.json").read_text())


@pytest.fixture(scope="module")
def problems(sample_build) -> list:
    dataset = apps_plus.load(sample_build)
    return [*dataset.train, *dataset.validation, *dataset.test]


def test_one_object_a_problem_with_the_released_fields(rows, problems):
    assert [list(row) for row in rows] == [FIELDS] * len(problems)
    assert [row["outputs"] for row in rows] == [list(problem.tests.outputs) for problem in problems]


def test_a_standard_input_problem_is_a_function_of_five_letters_without_arguments(rows, problems):
    for row, problem in zip(rows, problems, strict=True):
        if problem.entry_point is None:
            assert re.fullmatch(r"def [a-z]{5}\(\):", row["starter_code"])
            assert row["starter_code"] in row["canonical_solution"]
        assert row["prompt"].startswith(row["starter_code"])


def test_every_prompt_is_a_function_with_the_question_as_its_docstring(rows):
    for row in rows:
        ast.parse(row["prompt"])


def test_canonical_solutions_pass_as_the_published_reader_runs_them(rows, problems, sandbox):
    from dataclasses import replace

    for row, problem in zip(rows, problems, strict=True):
        source = row["canonical_solution"]
        if problem.entry_point is None:
            name = row["starter_code"].removeprefix("def ").removesuffix("():")
            source += f"\n\n{name}()\n"
        judged = judge(sandbox, source, replace(problem, canonical_solution=source))
        assert {str(test.verdict) for test in judged} == {"passed"}, problem.problem_id


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("x = 1\ndef f():\n    global x\n    x += 1\nf()\nprint(x)\n", "2\n"),
        ("from math import *\nprint(floor(2.5))\n", "2\n"),
        ("from __future__ import annotations\ndef f(a: Unknown): return 1\nprint(f(1))\n", "1\n"),
        ("x: int = 3\ndef f():\n    global x\n    x = 4\nf()\nprint(x)\n", "4\n"),
        ("y: int\nprint('y' in globals())\n", "False\n"),
        ("if True:\n    global x\n    x = 5\nprint(x)\n", "5\n"),
        ("text = '''a\n  b\nc'''\nprint(text)\n", "a\n  b\nc\n"),
        ("n = 2\ntext = f'''a\n {n}\nb'''\nprint(text)\n", "a\n 2\nb\n"),
        ("if __name__ == '__main__':\n    print('main')\n", "main\n"),
        ("def f(n): return 1 if n < 2 else n * f(n - 1)\nprint(f(5))\n", "120\n"),
        ("class A:\n    def make(self): return A()\nprint(type(A().make()).__name__)\n", "A\n"),
        ("a = [1, 2]\nprint([b for b in range(3) if b in a], any(c in a for c in [2]))\n", "[1, 2] True\n"),
        ("print(eval('len([1])'), [eval('z') for z in [3]])\n", "1 [3]\n"),
        ("def f(): return y\n[y := z for z in [3]]\nprint(f())\n", "3\n"),
        ("import sys\ndef f(): return sys.stdin.read()\nprint(f())\n", "\n"),
        ("for i in range(2):\n\tprint(i)\r\n", "0\n1\n"),
        ("try:\n    raise ValueError\nexcept ValueError as e:\n    print('caught')\n", "caught\n"),
        ("", ""),
    ],
)
def test_a_function_does_what_the_script_does(sandbox, source, output):
    assert printed(sandbox, called(source)) == output


def test_the_warnings_of_a_program_are_not_printed(recwarn):
    assert script_as_function("print(1 is 1, '\\d')", "solve") is not None
    assert not recwarn.list


def test_what_cannot_be_a_function_is_left_out():
    assert script_as_function("def f(:\n", "solve") is None


def test_the_name_is_the_same_each_time_and_not_one_of_the_program():
    name = function_name("train/0001", "")
    assert name == function_name("train/0001", "")
    assert function_name("train/0001", f"{name} = 1") != name


def test_a_call_based_problem_begins_with_the_header_that_the_tests_call(problems):
    from dataclasses import replace

    problem = next(p for p in problems if p.entry_point)
    name = problem.entry_point
    source = f"import math\n\ndef {name}(\n    a,\n    b=1,\n):\n    return a\n"
    made = replace(
        problem, starter_code=f"def {name}(a:", canonical_solution=source
    )  # invalid, as train/3432 is in APPS
    assert header_of(made) == f"import math\n\ndef {name}(a, b=1):"
    one_line = replace(made, canonical_solution=f"class A:\n    def {name}(self, a): return a  # done\n")
    assert header_of(one_line) == f"class A:\n    def {name}(self, a):"
    row = v1_row(made)
    assert row is not None and row["prompt"].startswith(row["starter_code"] + '\n    """\n')
