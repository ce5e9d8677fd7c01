"""Chunks of EvalPlus's tests, and what is kept of the reference solution's outputs."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.judging.judge import JudgedTest
from harness.sandbox import Sandbox
from harness.sandbox.execution import Limits
from harness.scoring.benchmarks.benchmark import PlusTests
from harness.scoring.benchmarks.evalplus import chunks as evalplus_chunks
from harness.scoring.benchmarks.evalplus import reference_cache, references
from harness.scoring.benchmarks.evalplus.chunks import Chunks, chunks_of
from harness.scoring.benchmarks.evalplus.judge import judge_chunks
from harness.scoring.benchmarks.evalplus.references import BrokenReferenceError


def chunks(sandbox: Sandbox, name: str, reference: str, inputs: list[Any]) -> Chunks:
    return chunks_of(sandbox, PlusTests(tuple(inputs), reference), name)


def judged(sandbox: Sandbox, program: str, tests: Chunks) -> list[JudgedTest]:
    return judge_chunks(sandbox, program, tests, Limits())


def test_many_inputs_come_in_pieces_that_count_through(sandbox: Sandbox) -> None:
    made = chunks(sandbox, "f", "def f(x): return x", [[number] for number in range(300)])
    assert (len(made.chunks), made.left_out) == (3, 0)
    told = [test.execution.message for test in judged(sandbox, "def f(x): return x if x < 290 else 'no'", made)]
    assert told == ["", "", "input 290: 'no' instead of 290"]


def test_large_inputs_make_more_pieces(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evalplus_chunks, "CHUNK_BYTES", 5_000)
    made = chunks(sandbox, "f", "def f(x): return len(x)", [["x" * 3_000]] * 5)
    assert len(made.chunks) == 3


def test_no_inputs_make_no_pieces(sandbox: Sandbox) -> None:
    assert chunks(sandbox, "f", "def f(x): return x", []) == Chunks((), 0)


def test_an_answer_too_large_to_be_asked_is_left_out_and_counted(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(references._LIMITS, output_bytes=5_000)
    monkeypatch.setattr(references, "_LIMITS", small)
    made = chunks(sandbox, "f", "def f(n): return 'x' * n", [[1], [10_000], [2]])
    assert made.left_out == 1
    [told] = judged(sandbox, "def f(n): return 'x' if n == 1 else 'no'", made)
    assert told.execution.message == "input 2: 'no' instead of 'xx'"  # the number is EvalPlus's


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("def f(x): return 1 // x", "fails on input 1: exception ZeroDivisionError"),
        ("def g(x): return x", "fails on input 0: exception NameError"),
        ("def f(x: return x", "fails on input 0: compile_error SyntaxError"),
        ("def f(x): return object()", "fails on input 0: exception ValueError"),
    ],
)
def test_a_reference_that_fails_says_nothing_of_the_program(sandbox: Sandbox, reference: str, told: str) -> None:
    with pytest.raises(BrokenReferenceError, match=told):
        chunks(sandbox, "f", reference, [[1], [0]])


def test_the_time_that_the_reference_takes_is_known(sandbox: Sandbox) -> None:
    made = chunks(sandbox, "f", "def f(x):\n    for _ in range(10 ** 6): pass\n    return x", [[1]])
    assert made.chunks[0].reference_seconds > 0


@pytest.mark.parametrize(
    ("output", "has_digest"),
    [
        ("[1, 2.5, True, None, 'a', (1j, {2}), {'k': frozenset({3})}]", True),
        ("[float('inf'), -0.0]", True),
        ("[[float('nan')]]", False),  # equal to nothing
        ("complex(0, float('nan'))", False),
        ("[b'a']", False),  # equal to a bytearray
        ("eval('[' * 150 + ']' * 150)", False),  # no process could send it
    ],
)
def test_outputs_that_have_a_digest(sandbox: Sandbox, output: str, has_digest: bool) -> None:
    made = chunks(sandbox, "f", f"def f(x): return {output}", [[1]])
    assert bool(made.chunks[0].digests[0]) == has_digest


# ---- the cache of references


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("APPS_PLUS_CACHE", str(tmp_path))
    monkeypatch.setattr(references, "reference_cache", functools.cache(reference_cache.reference_cache.__wrapped__))
    return tmp_path / "references.sqlite"


def test_a_reference_runs_once_for_all_commands(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    execute_anew = Sandbox.execute_anew

    def execute(sandbox: Sandbox, program: Any, *given: Any, **more: Any) -> Any:
        ran.append(program.entry_point)
        return execute_anew(sandbox, program, *given, **more)

    monkeypatch.setattr(Sandbox, "execute_anew", execute)
    made = []
    for _ in range(2):
        with Sandbox() as sandbox:
            made.append(chunks(sandbox, "f", "def f(x): return [x]", [[1], [2]]))
    assert ran.count("expected_outputs") == 1
    assert made[0] == made[1]
    assert own_cache.exists()


def test_a_changed_reference_runs_again(own_cache: Path, sandbox: Sandbox) -> None:
    first = chunks(sandbox, "f", "def f(x): return [x]", [[1]]).chunks[0].digests
    assert chunks(sandbox, "f", "def f(x): return (x,)", [[1]]).chunks[0].digests != first


def test_something_else_in_the_place_of_the_cache_is_left_alone(
    own_cache: Path, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    own_cache.write_text("a diary")
    assert chunks(sandbox, "f", "def f(x): return x", [[7]]).left_out == 0
    assert own_cache.read_text() == "a diary"
    assert "reference solutions are not cached" in caplog.text
