"""Probes in bytecode: the program does what it did, at the lines where it did, and what ran is marked."""

from __future__ import annotations

import contextlib
import io
import traceback
from types import CodeType
from typing import Any

import pytest

from harness.sandbox.runtime.bytecode_probes import SUPPORTED, Prober
from harness.sandbox.runtime.text_units import find_units

pytestmark = pytest.mark.skipif(not SUPPORTED, reason="probes stand in the syntax tree on this version")


def probed(source: str) -> tuple[CodeType, bytearray, list[tuple[int, ...]]]:
    """Return the code with probes, the memory that they mark, and the units."""
    found = find_units(source)
    assert found is not None
    memory = bytearray(b"\1" * (len(found.units) + 1))
    code = Prober(found, memory, "finally" not in source).with_probes(compile(source, "p", "exec", dont_inherit=True))
    assert code is not None
    return code, memory, found.units


def outcome(code: CodeType) -> tuple[str, str]:
    """Return what a program prints, and its traceback."""
    printed, raised = io.StringIO(), ""
    with contextlib.redirect_stdout(printed):
        try:
            exec(code, {})
        except Exception:
            raised = traceback.format_exc().partition("exec(code, {})")[2]
    return printed.getvalue(), raised


def long_program(branches: int) -> str:
    """Return a program with a loop over so many branches, inside handlers of exceptions."""
    body = "".join(
        f"            if n % {k + 3} == {k}:\n                total += n\n                if n > 37: continue\n"
        for k in range(branches)
    )
    return f"""\
def f(items):
    total = 0
    for n in items:
        try:
            if n == 3: 1 / 0
{body}
        except ZeroDivisionError:
            total += 1000
        finally:
            total += 1
        if total > 10**6: break
    else:
        total += 7
    while total % 2:
        total += 3
    return total
print(f(range(50)))
with open("/dev/null") as file:
    x = [a * 2 for a in range(3) if a]
def g(x):
    yield x
    raise ValueError(x)
for y in g(5):
    print(y)
print("not reached")
"""


@pytest.mark.parametrize("branches", [0, 1, 8, 30, 120, 700])
def test_a_program_of_any_length_does_what_it_did(branches: int) -> None:
    source = long_program(branches)
    code, memory, units = probed(source)
    assert outcome(code) == outcome(compile(source, "p", "exec", dont_inherit=True))
    not_run = [units[number - 1] for number in range(1, len(memory)) if memory[number]]
    last = source.count("\n")
    assert (last,) in not_run
    assert (2,) not in not_run


def code_objects(code: CodeType) -> list[CodeType]:
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return [code, *(one for each in inner for one in code_objects(each))]


def instructions(code: CodeType) -> list[tuple[Any, ...]]:
    """Return what each instruction with a line does, and its position in the source."""
    import dis

    found = [i for i in dis.get_instructions(code) if i.positions is not None and i.positions.lineno is not None]
    return [
        (i.opname, None if "JUMP" in i.opname or i.opname == "FOR_ITER" else i.argrepr, i.positions)
        for i in found
        if i.opname != "EXTENDED_ARG"
    ]


@pytest.mark.parametrize("branches", [1, 30, 120])
def test_every_instruction_keeps_its_position(branches: int) -> None:
    source = long_program(branches)
    plain, with_probes = compile(source, "p", "exec", dont_inherit=True), probed(source)[0]
    for before, after in zip(code_objects(plain), code_objects(with_probes), strict=True):
        of_code = [[one for one in instructions(code) if "code object" not in str(one[1])] for code in (before, after)]
        assert of_code[0] == of_code[1]
        assert (before.co_names, before.co_varnames, before.co_firstlineno) == (
            after.co_names,
            after.co_varnames,
            after.co_firstlineno,
        )


def test_code_that_the_compiler_drops_is_left_to_the_tree() -> None:
    source = "x = 1\nif 0:\n    y = 2\n"
    found = find_units(source)
    assert found is not None
    prober = Prober(found, bytearray(9), True)
    assert prober.with_probes(compile(source, "p", "exec", dont_inherit=True)) is None


def test_a_finally_block_is_marked_by_whichever_way_it_is_reached() -> None:
    source = """\
def f(x):
    try:
        if x: return 1
        1 / 0
    finally:
        print(x)
    return 2
try:
    f(X)
except ZeroDivisionError:
    pass
"""
    for value, missed in ((1, {(4,), (7,), (10,), (11,)}), (0, {(7,)})):
        code, memory, units = probed(source.replace("X", str(value)))
        outcome(code)
        assert {units[number - 1] for number in range(1, len(memory)) if memory[number]} == missed
