"""Judge a program by EvalPlus's tests: by digests of its answers, and by the answers where digests differ."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace

from harness.judging.judge import JudgedTest, judge_checks
from harness.judging.verdict import Verdict, verdict_of_check
from harness.sandbox import Sandbox
from harness.sandbox.execution import Checks, Ended, Execution, Limits, Program
from harness.scoring.benchmarks.evalplus.chunks import Chunk, Chunks
from harness.scoring.benchmarks.evalplus.references import (
    DIGEST_CHARACTERS,
    HASH_MODULE,
    LARGEST_ANSWER,
    NO_DIGEST,
    Reference,
    expected_outputs,
)
from harness.scoring.benchmarks.evalplus.rules import accepting_code, canonical_form, has_digests, rule_of

REFERENCE_FACTOR = 4.0
"""A program's time limit as a multiple of the reference's time (EvalPlus's ``DEFAULT_GT_TIME_LIMIT_FACTOR``)."""
AHEAD_SECONDS = 0.5
"""Processor time of a program after which it begins no further chunk in one process: if it has failed, that is lost."""
ALL_OF = "_answers_to_all"
"""The function that calls a program's own on each of many inputs."""

_ANSWERS = """


def _kept_as_it_is(value):
    kind = type(value)
    if kind is dict:
        return {key: _kept_as_it_is(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        plain = set(map(type, value)) <= {int, float, bool, str, type(None)}
        return kind(value) if plain else kind([_kept_as_it_is(item) for item in value])
    return kind(value) if kind is set else value


def ALL_OF(inputs, wanted):
    values = []
    for arguments in inputs:
        values.append(_kept_as_it_is(ENTRY_POINT(*arguments)))
    return [values[number] for number in wanted]
"""
# The call is on the same line as above, and so is the end: tracebacks and errors of the compiler name lines. Few names
# are built-in ones, which the program may have given to something else.
_DIGESTS = f"""


def ALL_OF(_inputs):
    from binascii import a2b_base64 as _bytes
    from marshal import dumps as _dumps, loads as _loads
    from {HASH_MODULE} import sha512 as _sha512

    def _digest(_value):
        try:
            return _sha512(CANONICAL_FORM).hexdigest()[:{DIGEST_CHARACTERS}]
        except (TypeError, ValueError):
            return "{NO_DIGEST}"
    _digests = []
    for _text in _inputs.split():
        _arguments = _loads(_bytes(_text))
        _digests.append(_digest(ENTRY_POINT(*_arguments)))
    return "".join(_digests)
"""
_CALL = _DIGESTS[: _DIGESTS.index("ENTRY_POINT")].count("\n")
"""Lines from the end of the program to the call of its function."""
_PRELUDE = """
import binascii
import marshal

inf = float('inf')
nan = float('nan')

def _unpacked(text):
    return marshal.loads(binascii.a2b_base64(text))
"""


def answering_all(source: str, entry_point: str) -> Program:
    """Return the program with a function that answers a whole chunk of tests in one call.

    A call between two processes costs more than most functions here. Every answer is copied before the next call, since
    a program may return one list again and again.
    """
    return Program(source + _ANSWERS.replace("ALL_OF", ALL_OF).replace("ENTRY_POINT", entry_point), ALL_OF)


def digesting_all(source: str, entry_point: str) -> Program:
    """Return the program with a function that takes a chunk's packed inputs and returns the digests of its answers.

    It runs with the program and can be deceived by it, to no avail: it knows no expected output.
    """
    code = _DIGESTS.replace("ALL_OF", ALL_OF).replace("CANONICAL_FORM", canonical_form(rule_of(entry_point)))
    return Program(source + code.replace("ENTRY_POINT", entry_point), ALL_OF)


def judge_chunks(sandbox: Sandbox, source: str, tests: Chunks, limits: Limits) -> list[JudgedTest]:
    """Run a program on EvalPlus's tests up to the first chunk that fails. The chunks have limits of their own.

    Raises as ``chunks_of`` does.
    """
    judged: list[JudgedTest] = []
    while len(judged) < len(tests.chunks) and all(test.verdict is Verdict.PASSED for test in judged):
        judged += _judge_next(sandbox, source, tests.chunks[len(judged) :], limits)
    return judged


def _judge_next(sandbox: Sandbox, source: str, chunks: Sequence[Chunk], limits: Limits) -> list[JudgedTest]:
    """Judge a program on some chunks in one process, up to the first that fails or did not run."""
    judged: list[JudgedTest] = []
    for chunk, execution in zip(chunks, _digests(sandbox, source, chunks, limits), strict=True):
        if execution is not None and judged and execution.ended in (Ended.NOT_RUN, Ended.OUT_OF_BUDGET):
            break
        judged.append(_judge_chunk(sandbox, source, chunk, execution, limits))
        if judged[-1].verdict is not Verdict.PASSED:
            break
    return judged


def _digests(sandbox: Sandbox, source: str, chunks: Sequence[Chunk], limits: Limits) -> Sequence[Execution | None]:
    """Return the executions that give digests of the program's answers; None where there is nothing to compare."""
    entry_point = chunks[0].reference.entry_point
    if not has_digests(rule_of(entry_point)):
        return [None] * len(chunks)
    all_allowed = [_allowed(chunk, limits) for chunk in chunks]
    allowed = replace(max(all_allowed, key=lambda one: one.cpu_seconds), program_seconds=AHEAD_SECONDS)
    inputs = [[" ".join(chunk.inputs)] for chunk in chunks]
    return sandbox.execute(digesting_all(source, entry_point), inputs, allowed)


def _allowed(chunk: Chunk, limits: Limits) -> Limits:
    more = REFERENCE_FACTOR * chunk.reference_seconds
    return replace(
        limits,
        cpu_seconds=limits.cpu_seconds + more,
        wall_seconds=limits.wall_seconds + REFERENCE_FACTOR * more,
        output_bytes=max(limits.output_bytes, 4 * LARGEST_ANSWER),
    )


def _judge_chunk(
    sandbox: Sandbox, source: str, chunk: Chunk, execution: Execution | None, limits: Limits
) -> JudgedTest:
    """Judge a program on a chunk by the execution that gave digests, or else by its answers."""
    allowed = _allowed(chunk, limits)
    unlike: Sequence[int] = range(len(chunk.inputs))
    if execution is not None:
        if _settles(source, execution, allowed):
            return JudgedTest(verdict_of_check(execution), execution)
        if execution.ended is Ended.FINISHED and execution.seconds <= allowed.cpu_seconds:
            unlike = _unlike(chunk, execution.result or "")
            if not unlike:
                return JudgedTest(Verdict.PASSED, replace(execution, result=None))
    program = answering_all(source, chunk.reference.entry_point)
    return judge_checks(sandbox, program, checks_of(sandbox, chunk, unlike), allowed)


def _settles(source: str, execution: Execution, allowed: Limits) -> bool:
    """Return whether an execution ended as it would have if the tests had asked for the answers.

    Another chunk that ran before in the same process may have caused an exception, and so may the code for digests;
    ``os._exit``, a forged report and a compiler that crashes are described in other words where tests ask.
    """
    if execution.ended is Ended.TIMEOUT:
        return execution.seconds >= allowed.cpu_seconds
    if execution.ended is Ended.COMPILE_ERROR:
        return execution.exception != "CompilerCrash"
    if execution.ended is not Ended.EXCEPTION or execution.exception in ("SystemExit", "InvalidReport"):
        return False
    lines, line = source.count("\n") + 1, execution.line or 0
    return execution.alone and (line <= lines or line == lines + _CALL)


def _unlike(chunk: Chunk, result: str) -> Sequence[int]:
    """Return the positions of the inputs at which the program's digest is not the reference's."""
    digests = result[1:-1]
    if "" not in chunk.digests and digests == "".join(chunk.digests):
        return ()
    if len(digests) != DIGEST_CHARACTERS * len(chunk.digests):
        return range(len(chunk.digests))
    parts = [digests[at : at + DIGEST_CHARACTERS] for at in range(0, len(digests), DIGEST_CHARACTERS)]
    return [at for at, (one, other) in enumerate(zip(parts, chunk.digests, strict=True)) if one != other]


def checks_of(sandbox: Sandbox, chunk: Chunk, positions: Sequence[int]) -> Checks:
    """Return test code that asks for all answers of a chunk and compares those to the inputs at some positions.

    Raises as ``chunks_of`` does.
    """
    outputs = _expected_outputs(sandbox, chunk.reference, chunk.inputs)
    asked = ", ".join(f"({at}, {chunk.numbers[at]}, {outputs[at]!r})" for at in positions)
    source = (
        f"{accepting_code(rule_of(chunk.reference.entry_point), chunk.atol)}\n"
        f"INPUTS = list(map(_unpacked, '{' '.join(chunk.inputs)}'.split()))\n"
        f"ASKED = [{asked}]\n"
        f"VALUES = {ALL_OF}(INPUTS, [at for at, _, _ in ASKED])\n"
        "for (at, number, expected), value in zip(ASKED, VALUES, strict=True):\n"
        "    expected = _unpacked(expected)\n"
        "    assert accepts(value, expected, INPUTS[at]), (\n"
        "        f'input {number}: {value!r:.80} instead of {expected!r:.80}'\n"
        "    )\n"
    )
    return Checks(source, _PRELUDE)


@functools.lru_cache(maxsize=8)
def _expected_outputs(sandbox: Sandbox, reference: Reference, inputs: tuple[str, ...]) -> list[str]:
    return expected_outputs(sandbox, reference, inputs)
