"""Repair failed programs: one fault at a time, and only faults that other judges accept."""

from __future__ import annotations

import pytest

from harness.judging.repair_program import MAX_ROUNDS
from harness.sandbox.execution import Ended, Execution
from harness.scoring.other_judge_repair import RepairedProgram, import_statement, missing_import, repair_once


def undefined(name: str, ended: Ended = Ended.EXCEPTION) -> Execution:
    return Execution(ended, exception="NameError", message=f"name '{name}' is not defined")


RETURN = Execution(Ended.COMPILE_ERROR, exception="SyntaxError", message="'return' outside function", line=1)


def repaired(
    program: RepairedProgram, failure: Execution, entry_point: str | None = None, **allowed: bool
) -> RepairedProgram | None:
    return repair_once(program, failure, entry_point, **{"imports": True, "inside_function": True, **allowed})


@pytest.mark.parametrize(
    ("failure", "name"),
    [
        (undefined("math"), "math"),
        (undefined("List"), "List"),
        (undefined("math", Ended.CHECK_FAILED), "math"),
        (undefined("nowhere"), None),
        (undefined("print"), None),
        (undefined("math", Ended.TIMEOUT), None),
        (Execution(Ended.EXCEPTION, exception="UnboundLocalError", message="name 'math' is not defined"), None),
        (Execution(Ended.EXCEPTION, exception="NameError", message="my own"), None),
        (Execution(Ended.FINISHED), None),
    ],
)
def test_which_failures_are_for_want_of_an_import(failure: Execution, name: str | None) -> None:
    assert missing_import(failure) == name


def test_the_function_itself_is_no_missing_import() -> None:
    assert missing_import(undefined("gcd"), "gcd") is None
    assert missing_import(undefined("gcd"), "lcm") == "gcd"


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("re", "import re"),
        ("Counter", "from collections import Counter"),
        ("np", "import numpy as np"),
        ("hashlib", "import hashlib"),
        ("nowhere", None),
    ],
)
def test_imports_are_those_that_judges_provide(name: str, statement: str | None) -> None:
    assert import_statement(name) == statement


def test_one_fault_is_mended_at_a_time() -> None:
    first = repaired(RepairedProgram("from __future__ import annotations\nprint(pi)"), undefined("pi"))
    assert first == RepairedProgram(
        "from __future__ import annotations\nfrom math import pi\nprint(pi)", ("pi",), (), rounds=1
    )
    assert repaired(first, undefined("pi")) is None  # it did not help
    assert first.leniences == ("given_imports",)


def test_only_what_is_allowed_is_mended() -> None:
    assert repaired(RepairedProgram("math"), undefined("math"), imports=False) is None
    assert repaired(RepairedProgram("return"), RETURN, inside_function=False) is None
    assert repaired(RepairedProgram("return"), RETURN, "f") is None
    given = repaired(RepairedProgram("return"), RETURN)
    assert given == RepairedProgram("raise SystemExit", (), ("top_level_return",), rounds=1)


def test_other_repairs_of_build_are_none_of_any_judge() -> None:
    tabs = Execution(Ended.COMPILE_ERROR, exception="TabError", message="inconsistent use of tabs", line=1)
    assert repaired(RepairedProgram("if 1:\n\tx\n        y"), tabs) is None


def test_mending_ends() -> None:
    program: RepairedProgram | None = RepairedProgram("return\n" * 50)
    rounds = 0
    while program is not None:
        program = repaired(program, Execution(RETURN.ended, message=RETURN.message, line=rounds + 1))
        rounds += program is not None
    assert rounds == MAX_ROUNDS
