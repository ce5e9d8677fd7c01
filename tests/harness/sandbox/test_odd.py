"""Correct programs in every odd style pass, in every way of running. The programs are in ``odd_programs``."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from odd_programs import ODD, Odd
from shares import share

from apps_plus.errors import SandboxError
from apps_plus.problem import Comparison, Problem
from apps_plus.problem import Tests as UnitTests
from harness.judging.comparison import same_text
from harness.judging.judge import judge, judge_checks
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.execution import Checks, Limits, Program

LIMITS = Limits(cpu_seconds=10, wall_seconds=60)
WRITING_NO_FILES = ("namespaces", "landlock")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Callable[..., Sandbox]]:
    """A sandbox without certain layers, started when first needed."""
    started: dict[tuple[str, ...], Sandbox] = {}
    with ExitStack() as stack:

        def start(*without: str) -> Sandbox:
            if without not in started:
                started[without] = stack.enter_context(Sandbox(without=without))
                try:
                    assert started[without].layers
                except SandboxError as error:
                    pytest.skip(str(error))
            return started[without]

        yield start


def name_of(odd: Odd) -> str:
    return f"{odd.style}-{odd.name}".replace(" ", "-")


def assert_passes(sandbox: Sandbox, odd: Odd) -> None:
    missing = [package for package in odd.packages if importlib.util.find_spec(package) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    if odd.style == "checks":
        program = Program(odd.source, odd.entry_point)
        judged = [judge_checks(sandbox, program, Checks(odd.checks, odd.prelude), LIMITS)]
    else:
        judged = judge(sandbox, odd.source, problem_of(odd), LIMITS)
    assert [j.verdict for j in judged] == [Verdict.PASSED] * len(judged), judged


def problem_of(odd: Odd) -> Problem:
    return Problem(
        problem_id="test/0000",
        question="Invented.",
        canonical_solution=odd.source,
        entry_point=odd.entry_point,
        tests=UnitTests(odd.inputs, odd.outputs),
        starter_code="",
        conditionals=(),
        comparison=Comparison.EXACT,
        difficulty="introductory",
        url="",
    )


@pytest.mark.parametrize("odd", share(ODD, 2), ids=name_of)
def test_a_correct_program_passes(sandbox: Callable[..., Sandbox], odd: Odd) -> None:
    assert_passes(sandbox(), odd)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has layers to do without")
@pytest.mark.parametrize("odd", share([odd for odd in ODD if not odd.needs_namespaces], 3), ids=name_of)
def test_it_passes_without_namespaces(sandbox: Callable[..., Sandbox], odd: Odd) -> None:
    assert_passes(sandbox("namespaces"), odd)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has layers to do without")
@pytest.mark.parametrize(
    "odd", share([odd for odd in ODD if not (odd.writes_files or odd.needs_namespaces)], 3, start=1), ids=name_of
)
def test_it_passes_where_no_file_may_be_written(sandbox: Callable[..., Sandbox], odd: Odd) -> None:
    assert_passes(sandbox(*WRITING_NO_FILES), odd)


@pytest.mark.parametrize(
    "odd", share([odd for odd in ODD if odd.style == "script" and not odd.packages], 2), ids=name_of
)
def test_it_is_right_by_the_plain_interpreter_too(odd: Odd, tmp_path: Path) -> None:
    """Check that the sandbox does what ``python program.py`` does."""
    program, given = tmp_path / "program.py", tmp_path / "input"
    program.write_text(odd.source, encoding="utf-8")
    given.write_bytes(odd.inputs[0].encode())
    environment = {"PYTHONUTF8": "1", "PYTHONINTMAXSTRDIGITS": "0"}
    with given.open("rb") as stdin, (tmp_path / "output").open("w+b") as stdout:
        done = subprocess.run(
            [sys.executable, "-S", str(program)],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.DEVNULL,
            cwd=tmp_path,
            env=environment,
            check=False,
        )
    output = (tmp_path / "output").read_bytes().decode()
    if "exit()" in odd.name or "quit()" in odd.name or "exit in a function" in odd.name:  # these need site
        return
    assert (done.returncode, same_text(odd.outputs[0], output, Comparison.EXACT)) == (0, True)


def test_there_are_enough_of_them() -> None:
    assert len(ODD) >= 60
    assert len({odd.name for odd in ODD}) == len(ODD)
    assert {odd.style for odd in ODD} == {"script", "function", "checks"}
