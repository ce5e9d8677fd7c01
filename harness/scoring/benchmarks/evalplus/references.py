"""Run reference solutions in the sandbox, for digests of the expected outputs and for the outputs themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from apps_plus.problem import load_json
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Execution, Limits, Program
from harness.scoring.benchmarks.evalplus.reference_cache import reference_cache
from harness.scoring.benchmarks.evalplus.rules import canonical_form, expected_form, has_digests, rule_of

LARGEST_ANSWER = 16 << 20
"""Most bytes, packed, that the reference may return; a program's answer, as JSON, may be four times as large."""
DIGEST_CHARACTERS = 32
"""SHA-512, cut to 128 bits, in hex: a program that does not know an answer hits its digest by chance in no lifetime."""
NO_DIGEST = "?" * DIGEST_CHARACTERS
"""A program's digest of an answer without a canonical form."""
HASH_MODULE = "_sha2" if sys.version_info >= (3, 12) else "_sha512"
"""The module of ``sha512`` that the interpreter's ``random`` has loaded: importing ``hashlib`` takes milliseconds."""
_LIMITS = Limits(cpu_seconds=60.0, wall_seconds=120.0, memory_bytes=4 << 30, output_bytes=LARGEST_ANSWER)
_TOGETHER = 512
"""Inputs in one run of the reference."""
_DEEPEST = 100
"""Levels of an expected output that has a digest; deeper ones cannot cross between processes (``values.MAX_DEPTH``)."""


class BrokenReferenceError(Exception):
    """The reference solution failed, so that there is no expected output; the message says why."""


class Reference(NamedTuple):
    """A reference solution."""

    source: str
    entry_point: str


class ReferenceAnswer(NamedTuple):
    """What is kept of the reference's output on one input."""

    digest: str
    """Of its canonical form; "" where it has none: NaN, which equals nothing, and types that compare across types."""
    size: int
    """Characters of the packed output."""
    seconds: float
    """Processor time of the reference."""


_UNPACK = (
    "\n\ndef _unpacked(text):\n    import binascii, marshal\n    return marshal.loads(binascii.a2b_base64(text))\n"
)
_PACK = """

def _packed(value):
    import binascii, marshal
    return binascii.b2a_base64(marshal.dumps(_plain(value)), newline=False).decode()


def _plain(value):
    import marshal
    try:
        marshal.dumps(value)
        return value
    except ValueError:
        return _built_in(value)


def _built_in(value):
    # Counter and its like are dicts to whoever compares them.
    for base in (dict, list, tuple, set, frozenset):
        if isinstance(value, base):
            items = [_built_in(item) for item in (value.items() if base is dict else value)]
            return base(items)
    return value

"""
_DIGEST = f"""
def _has_canonical_form(value, depth=0):
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return True
    if kind in (float, complex):
        return value == value
    if depth > {_DEEPEST} or kind not in (list, tuple, set, frozenset, dict):
        return False
    items = [item for pair in value.items() for item in pair] if kind is dict else value
    return all(_has_canonical_form(item, depth + 1) for item in items)


def _digest_of(_value):
    from marshal import dumps as _dumps
    from {HASH_MODULE} import sha512
    if not _has_canonical_form(_value):
        return ""
    try:
        return sha512(CANONICAL_FORM).hexdigest()[:{DIGEST_CHARACTERS}]
    except (TypeError, ValueError):
        return ""

"""


def run_reference(sandbox: Sandbox, reference: Reference, inputs: Sequence[str]) -> list[ReferenceAnswer | None]:
    """Run a reference on packed inputs; None where its output is too large.

    Raises:
        BrokenReferenceError: It fails.
        SandboxError: As ``Sandbox.execute`` does.
    """
    rule = rule_of(reference.entry_point)
    digest = "_digest_of(expected)" if has_digests(rule) else "''"
    source = (
        f"{_DIGEST.replace('CANONICAL_FORM', canonical_form(rule))}\n"
        "def expected_output(arguments):\n"
        f"    value = {reference.entry_point}(*_unpacked(arguments))\n"
        f"    packed = _packed({expected_form(rule)})\n"
        "    expected = _unpacked(packed)\n"
        f"    return [{digest}, len(packed)]\n"
    )
    answers: list[ReferenceAnswer | None] = []
    for execution in _outputs(sandbox, reference, source, inputs):
        if execution is None:
            answers.append(None)
            continue
        digest, size = load_json(execution.result or "")
        is_too_large = size + 2 > _LIMITS.output_bytes  # as JSON, in quotes
        answers.append(None if is_too_large else ReferenceAnswer(digest, size, execution.seconds))
    return answers


def expected_outputs(sandbox: Sandbox, reference: Reference, inputs: Sequence[str]) -> list[str]:
    """Return the reference's outputs on packed inputs, packed: a literal of a million numbers takes seconds to compile.

    Raises as ``run_reference`` does, also where an output is too large.
    """
    source = (
        "\ndef expected_output(arguments):\n"
        f"    value = {reference.entry_point}(*_unpacked(arguments))\n"
        f"    return _packed({expected_form(rule_of(reference.entry_point))})\n"
    )
    outputs: list[str] = []
    for number, execution in enumerate(_outputs(sandbox, reference, source, inputs)):
        if execution is None:
            raise BrokenReferenceError(f"the output of {reference.entry_point} on input {number} has become too large")
        outputs.append(load_json(execution.result or ""))
    return outputs


def _outputs(sandbox: Sandbox, reference: Reference, source: str, inputs: Sequence[str]) -> Iterator[Execution | None]:
    """Run the reference on each input; yield None where its output is too large. Raises as ``run_reference`` does."""
    program = Program(f"{reference.source}\n{_UNPACK}{_PACK}{source}", "expected_output")
    at, together = 0, _TOGETHER
    while at < len(inputs):
        batch: list[Any] = [[arguments] for arguments in inputs[at : at + together]]
        for execution in sandbox.execute(program, batch, _LIMITS, cache=reference_cache()):
            if execution.ended is Ended.OUTPUT_LIMIT:
                if together == 1:
                    at += 1
                    yield None
                together = 1  # the outputs of the batch together may be too large
                break
            together = _TOGETHER
            if execution.result is None:
                reason = f"{execution.ended} {execution.exception} {execution.message}".strip()
                raise BrokenReferenceError(
                    f"the reference solution of {reference.entry_point} fails on input {at}: {reason}"
                )
            yield execution
            at += 1
