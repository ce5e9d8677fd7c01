"""Both ways of every condition have a line of their own."""

from __future__ import annotations

import pytest

from curation.mutation.branches import branch_program
from harness.sandbox import Sandbox
from harness.sandbox.execution import Program
from harness.tracing.coverage import union

COUNTED = [
    ("if int(input()) > 1: print(1)", ["2"], (1, 2)),
    ("if int(input()) > 1: print(1)", ["2", "0"], (2, 2)),
    ("for c in input():\n    print(c)", ["ab"], (2, 2)),
    ("for c in input():\n    break", ["ab"], (1, 2)),
    ("for c in input():\n    break", ["ab", "\n"], (2, 2)),
    ("while True:\n    if input(): break", ["a"], (1, 2)),
    ("x = input()\nif x == 'a': print(1)\nelif x == 'b': print(2)\nelse: print(3)", ["a", "c"], (3, 4)),
    ("if input():\n    try: print(int('x'))\n    except ValueError: print(0)", ["a"], (1, 2)),
    ("if input():\n    class A: pass\nelse:\n    def f(): pass", ["a", "\n"], (2, 2)),
    ("print(input())", ["a"], (0, 0)),
]


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(trace=True) as sandbox:
        yield sandbox


@pytest.mark.parametrize(("source", "inputs", "expected"), COUNTED)
def test_branches_that_inputs_take(sandbox, source, inputs, expected):
    program = branch_program(source)
    before = sandbox.execute(Program(source), inputs)
    after = sandbox.execute(Program(program.source), inputs)
    assert [e.output for e in after] == [e.output for e in before]
    assert (program.count(union(after)), len(program.lines)) == expected


def test_program_that_python_cannot_parse_has_none():
    assert branch_program("print 1") is None
