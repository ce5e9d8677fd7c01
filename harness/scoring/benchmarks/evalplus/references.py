"""Run reference solutions in the sandbox, for digests of the expected outputs and for the outputs themselves."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from apps_plus.problem import load_json
from harness.sandbox import Sandbox
from harness.sandbox.execution import Limits, Program
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
_TOGETHER = 128
"""Inputs in one call of the reference."""
_DEEPEST = 100
"""Levels of an expected output that has a digest; deeper ones cannot cross between processes (``values.MAX_DEPTH``)."""


class BrokenReferenceError(Exception):
    """The reference solution failed, so that there is no expected output; the message says why."""


class Reference(NamedTuple):
    """A reference solution."""

    source: str
    entry_point: str


class ReferenceAnswer(NamedTuple):
    """The stored part of the reference's output on one input."""

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
    try:
        data = marshal.dumps(value)
    except ValueError:
        value = _built_in(value)
        data = marshal.dumps(value)
    return value, binascii.b2a_base64(data, newline=False).decode()


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
        "def expected_outputs(inputs):\n"
        "    from time import process_time\n"
        "    outputs = []\n"
        "    for arguments in inputs.split():\n"
        "        started = process_time()\n"
        f"        value = {reference.entry_point}(*_unpacked(arguments))\n"
        f"        expected, packed = _packed({expected_form(rule)})\n"
        f"        outputs.append([{digest}, len(packed), round(process_time() - started, 6)])\n"
        "    return outputs\n"
    )
    largest = _LIMITS.output_bytes - 4  # as JSON, in quotes and brackets
    answers = [ReferenceAnswer(*row) for row in _outputs(sandbox, reference, source, inputs, _TOGETHER)]
    return [answer if answer.size <= largest else None for answer in answers]


def expected_outputs(sandbox: Sandbox, reference: Reference, inputs: Sequence[str]) -> list[str]:
    """Return the reference's outputs on packed inputs, packed: a literal of a million numbers takes seconds to compile.

    Raises as ``run_reference`` does, also where an output is too large.
    """
    source = (
        "\ndef expected_outputs(inputs):\n"
        "    outputs = []\n"
        "    for arguments in inputs.split():\n"
        f"        value = {reference.entry_point}(*_unpacked(arguments))\n"
        f"        outputs.append(_packed({expected_form(rule_of(reference.entry_point))})[1])\n"
        "    return outputs\n"
    )
    return _outputs(sandbox, reference, source, inputs, 1)


def _outputs(sandbox: Sandbox, reference: Reference, source: str, inputs: Sequence[str], together: int) -> list[Any]:
    """Return the items of the lists that ``expected_outputs`` of a source returns, called with some inputs at a time.

    Raises as ``run_reference`` does.
    """
    program = Program(f"{reference.source}\n{_UNPACK}{_PACK}{source}", "expected_outputs")
    calls: list[Any] = [[" ".join(inputs[at : at + together])] for at in range(0, len(inputs), together)]
    executions = sandbox.execute(program, calls, _LIMITS, cache=reference_cache())
    failed = [at for at, execution in enumerate(executions) if execution.result is None]
    if failed and together > 1:  # say on which input, unless all of them together were too much
        return _outputs(sandbox, reference, source, inputs, 1)
    if failed:
        execution = executions[failed[0]]
        reason = f"{execution.ended} {execution.exception} {execution.message}".strip()
        raise BrokenReferenceError(
            f"the reference solution of {reference.entry_point} fails on input {failed[0]}: {reason}"
        )
    return [item for execution in executions for item in load_json(execution.result or "")]
