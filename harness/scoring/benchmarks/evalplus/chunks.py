"""Cut a problem's tests into chunks, each of which has a time limit of its own."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from harness.sandbox import Sandbox
from harness.scoring.benchmarks.benchmark import PlusTests
from harness.scoring.benchmarks.evalplus.inputs import pack
from harness.scoring.benchmarks.evalplus.references import Reference, ReferenceAnswer, run_reference

CHUNK_INPUTS, CHUNK_BYTES = 128, 2 << 20
"""Most inputs, and most characters of packed inputs and outputs, of one chunk."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some of a problem's tests."""

    reference: Reference
    atol: float
    """Absolute tolerance on floats."""
    numbers: tuple[int, ...]
    """The numbers of the inputs among all of the suite, from 0."""
    inputs: tuple[str, ...]
    """Packed lists of arguments."""
    digests: tuple[str, ...]
    """The reference's, for each input."""
    reference_seconds: float
    """Processor time of the reference solution on these tests."""


@dataclass(frozen=True, slots=True)
class Chunks:
    """A problem's tests, in chunks."""

    chunks: tuple[Chunk, ...]
    left_out: int
    """Inputs that are skipped because the reference's output is too large (one of Mbpp/255's)."""


def chunks_of(sandbox: Sandbox, tests: PlusTests, entry_point: str) -> Chunks:
    """Return EvalPlus's tests in chunks. The reference solution runs once for each problem.

    Raises:
        BrokenReferenceError: The reference solution fails.
        SandboxError: As ``Sandbox.execute`` does.
    """
    return _chunks(sandbox, Reference(tests.reference, entry_point), tuple(map(pack, tests.inputs)), tests.atol)


@functools.lru_cache(maxsize=8)
def _chunks(sandbox: Sandbox, reference: Reference, inputs: tuple[str, ...], atol: float) -> Chunks:
    answers = run_reference(sandbox, reference, inputs)
    parts: list[list[tuple[int, ReferenceAnswer]]] = [[]]
    size = 0
    for number, answer in enumerate(answers):
        if answer is None:
            continue
        if size > CHUNK_BYTES or len(parts[-1]) == CHUNK_INPUTS:
            parts.append([])
            size = 0
        parts[-1].append((number, answer))
        size += len(inputs[number]) + answer.size
    chunks = tuple(
        Chunk(
            reference,
            atol,
            tuple(number for number, _ in part),
            tuple(inputs[number] for number, _ in part),
            tuple(answer.digest for _, answer in part),
            sum(answer.seconds for _, answer in part),
        )
        for part in parts
        if part
    )
    return Chunks(chunks, answers.count(None))
