"""EvalPlus's tests: compare a program with the reference solution on many inputs.

The comparison follows ``evalplus/eval/__init__.py`` (``unsafe_execute``) and ``_special_oracle.py``: equality, or a
tolerance for floats, and rules of their own for a dozen problems with several correct answers. The conversion of
MBPP+'s arguments to tuples, sets and complex numbers, which JSON lacks, follows ``evalplus/data/mbpp.py``.

The reference computes the expected outputs in a sandbox; the comparison runs as test code, in another process than the
program.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from apps_plus.problem import load_json, unlimited_digits
from harness.sandbox import Sandbox
from harness.sandbox.execution import Checks, Ended, Limits, Program
from harness.scoring.benchmarks.benchmark import PlusTests

# ---- types of MBPP+'s inputs that JSON lacks

Deserialize = Callable[[list[Any]], list[Any]]


def _tuples_at(*depths: int) -> Deserialize:
    """Convert the lists at these depths below the list of arguments to tuples."""

    def turn(value: Any, depth: int) -> Any:
        if not isinstance(value, list):
            return value
        inner = [turn(item, depth + 1) for item in value]
        return tuple(inner) if depth in depths else inner

    return lambda arguments: [turn(argument, 1) for argument in arguments]


def _all_tuples(value: Any) -> Any:
    return tuple(map(_all_tuples, value)) if isinstance(value, list) else value


def _only_first(change: Deserialize) -> Deserialize:
    return lambda arguments: [*change(arguments[:1]), *arguments[1:]]


def _number_and_complex(arguments: list[Any]) -> list[Any]:
    return [float(arguments[0]), complex(arguments[1])]


def _sets(arguments: list[Any]) -> list[Any]:
    return [[set(item) if isinstance(item, list) and item else {} for item in arguments[0]]]


def _tuple_values(arguments: list[Any]) -> list[Any]:
    return [{key: tuple(value) for key, value in arguments[0].items()}, *arguments[1:]]


_BY_TASK: list[tuple[Deserialize, str]] = [
    (_tuples_at(1), "2 116 132 143 222 261 273 394 399 421 424 429 470 560 579 596 616 630 726 740 744 809"),
    (_tuples_at(2), "63 64 70 94 120 237 272 299 400 409 417 438 473 614 780"),
    (_only_first(_tuples_at(2)), "75 413 444 753"),
    (lambda arguments: [arguments[0], tuple(arguments[1])], "106 750"),
    (_sets, "115"),
    (_number_and_complex, "124"),
    (_only_first(_tuples_at(1)), "250 307 405 446 617 720 763 808"),
    (_tuples_at(1, 2), "259 278 401 445"),
    (_tuple_values, "722"),
    (lambda arguments: [complex(arguments[0])], "252"),
    (lambda arguments: [_all_tuples(argument) for argument in arguments], "580 615 791"),
]


def mbpp_inputs(task_id: str, inputs: list[Any]) -> list[Any]:
    """Return the inputs of a problem of MBPP+ with the types that its functions take."""
    number = task_id.rpartition("/")[2]
    for deserialize, numbers in _BY_TASK:
        if number in numbers.split():
            return [deserialize(arguments) for arguments in inputs]
    return inputs


# ---- comparison

_ANY_ANSWER = frozenset({"are_equivalent"})
_OR_ZERO = frozenset({"sum_div"})
_ONLY_WHETHER_NONE = frozenset({"check_str", "text_match_three", "text_starta_endb"})
_AS_SETS = frozenset(
    "similar_elements find_char_long common_in_nested_lists extract_singly larg_nnum intersection_array "
    "find_dissimilar Diff".split()
)

_COMPARE = """
def _floats(value):
    if isinstance(value, float):
        return True
    return isinstance(value, (list, tuple)) and len(value) > 0 and all(isinstance(item, float) for item in value)


def _near(value, expected, atol):
    if isinstance(expected, (list, tuple)):
        if not isinstance(value, (list, tuple)) or len(value) != len(expected):
            return False
        return all(_near(one, other, atol) for one, other in zip(value, expected))
    if not isinstance(value, (bool, int, float, complex)) or not isinstance(expected, (bool, int, float, complex)):
        return False
    if value == expected or abs(expected) == float("inf"):  # nothing but itself is near to infinity
        return value == expected
    return abs(value - expected) <= atol + 1e-07 * abs(expected)


def _same(value, expected, atol, exact):
    if exact:
        return True
    atol = atol or (1e-06 if _floats(expected) else 0)
    return bool(atol) and type(value) is type(expected) and _near(value, expected, atol)
"""

_RULES = {
    "any": "True",
    "whether_none": "expected == (value if isinstance(value, bool) else value is not None)",
    "as_sets": "set(value) == set(expected)",
    "or_zero": "_same(value, expected, ATOL, value == expected or value == 0)",
    "equal": "_same(value, expected, ATOL, value == expected)",
    "root": "abs(sum(c * value ** i for i, c in enumerate(arguments[0]))) <= ATOL",
    "pyramid": "_same(value, expected, ATOL, value == expected or abs(value - _surface(*arguments)) <= ATOL)",
    "digits": "_same(value, expected, ATOL, value == expected or value == _digits(*arguments))",
}
"""Source of the expression that accepts an answer, by rule."""

_ORACLES = {
    "pyramid": """
def _surface(base, height):
    return round(base ** 2 + 2 * base * ((base / 2) ** 2 + height ** 2) ** 0.5)
""",
    "digits": """
def _digits(one, other):
    width = max(len(str(one)), len(str(other)))
    return sum(abs(int(a) - int(b)) for a, b in zip(str(one).zfill(width), str(other).zfill(width)))
""",
}
"""Source of functions that compute the other correct answer of two ambiguous problems (Mbpp/581 and Mbpp/558)."""


def rule_of(entry_point: str) -> str:
    """Return the rule by which a problem's answers are compared, by the name of its function."""
    special = {"find_zero": "root", "surface_Area": "pyramid", "digit_distance_nums": "digits"}
    if entry_point in special:
        return special[entry_point]
    for names, rule in ((_ANY_ANSWER, "any"), (_OR_ZERO, "or_zero"), (_AS_SETS, "as_sets")):
        if entry_point in names:
            return rule
    return "whether_none" if entry_point in _ONLY_WHETHER_NONE else "equal"


_SPECIAL_FLOATS = "inf = float('inf')\nnan = float('nan')\n"
_PACK = """
def _packed(value):
    import binascii, marshal
    try:
        data = marshal.dumps(value)
    except ValueError:
        data = marshal.dumps(_built_in(value))
    return binascii.b2a_base64(data, newline=False).decode()


def _built_in(value):
    # Counter and its like are dicts to whoever compares them.
    for base in (dict, list, tuple, set, frozenset):
        if isinstance(value, base):
            items = [_built_in(item) for item in (value.items() if base is dict else value)]
            return base(items)
    return value


"""
_PRELUDE = f"""
import binascii
import marshal
{_SPECIAL_FLOATS}
def _unpacked(text):
    return marshal.loads(binascii.a2b_base64(text))
"""
LARGEST_ANSWER = 16 << 20
"""Most bytes, packed, that the reference may return; a program's answer, as JSON, may be four times as large."""
_REFERENCE_LIMITS = Limits(cpu_seconds=60.0, wall_seconds=120.0, memory_bytes=4 << 30, output_bytes=LARGEST_ANSWER)
ALL_OF = "_answers_to_all"
"""The function that calls a program's own on each of many inputs."""
_TOGETHER = 512
"""Inputs in one run of the reference."""
CHUNK_INPUTS, CHUNK_BYTES = 128, 2 << 20
"""Most inputs, and most characters of inputs and outputs, of one chunk of test code."""
REFERENCE_FACTOR = 4.0
"""A program's time limit as a multiple of the reference's time (EvalPlus's ``DEFAULT_GT_TIME_LIMIT_FACTOR``)."""


class BrokenReferenceError(Exception):
    """The reference solution failed, so that there is no expected output; the message says why."""


class ReferenceAnswer(NamedTuple):
    """One input and the reference's output."""

    number: int
    arguments: str
    """A literal of the list of arguments."""
    expected: str
    """The output, marshalled, in base64: a literal of a million numbers would take seconds to compile."""
    seconds: float
    """Processor time of the reference."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some of a problem's tests as code."""

    checks: Checks
    reference_seconds: float
    """Processor time of the reference solution on these tests."""


@dataclass(frozen=True, slots=True)
class Chunks:
    """A problem's tests as code, in chunks."""

    chunks: tuple[Chunk, ...]
    left_out: int
    """Inputs that are skipped because the reference's output is too large (one of Mbpp/255's)."""


def literal(value: Any) -> str:
    """Return ``repr(value)`` with sorted sets, so that it is the same in every process."""
    if isinstance(value, set) and value:
        return "{" + ", ".join(sorted(map(literal, value))) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, tuple):
        return "(" + "".join(literal(item) + ", " for item in value) + ")"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in value.items()) + "}"
    return repr(value)


def chunks_of(sandbox: Sandbox, tests: PlusTests, entry_point: str) -> Chunks:
    """Return EvalPlus's tests as code, in chunks. The reference solution runs once for each problem.

    Raises:
        BrokenReferenceError: The reference solution fails.
        SandboxError: As ``Sandbox.execute`` does.
    """
    with unlimited_digits():
        inputs = tuple(map(literal, tests.inputs))
    return _chunks(sandbox, entry_point, inputs, tests.reference, tests.atol)


@functools.lru_cache(maxsize=8)
def _chunks(sandbox: Sandbox, entry_point: str, inputs: tuple[str, ...], reference: str, atol: float) -> Chunks:
    answers = _run_reference(sandbox, entry_point, inputs, reference)
    parts: list[list[ReferenceAnswer]] = [[]]
    size = 0
    for answer in answers:
        if size > CHUNK_BYTES or len(parts[-1]) == CHUNK_INPUTS:
            parts.append([])
            size = 0
        parts[-1].append(answer)
        size += len(answer.arguments) + len(answer.expected)
    chunks = tuple(_chunk(entry_point, part, atol) for part in parts if part)
    return Chunks(chunks, len(inputs) - len(answers))


def _run_reference(sandbox: Sandbox, entry_point: str, inputs: Sequence[str], reference: str) -> list[ReferenceAnswer]:
    """Run the reference on the inputs; skip those on which its output is too large."""
    how = "value is not None" if rule_of(entry_point) == "whether_none" else "value"
    program = Program(
        f"{reference}\n\n{_SPECIAL_FLOATS}"
        f"{_PACK}"
        "def expected_output(arguments):\n"
        f"    value = {entry_point}(*eval(arguments))\n"
        f"    return _packed({how})\n",
        "expected_output",
    )
    answers: list[ReferenceAnswer] = []
    at, together = 0, _TOGETHER
    while at < len(inputs):
        batch = inputs[at : at + together]
        for execution in sandbox.execute(program, [[arguments] for arguments in batch], _REFERENCE_LIMITS):
            if execution.ended is Ended.OUTPUT_LIMIT:
                at += together == 1
                together = 1  # the outputs of the batch together may be too large
                break
            together = _TOGETHER
            if execution.result is None:
                reason = f"{execution.ended} {execution.exception} {execution.message}".strip()
                raise BrokenReferenceError(f"the reference solution of {entry_point} fails on input {at}: {reason}")
            answers.append(ReferenceAnswer(at, inputs[at], load_json(execution.result), execution.seconds))
            at += 1
    return answers


_ANSWERS = """


def _kept_as_it_is(value):
    kind = type(value)
    if kind is dict:
        return {key: _kept_as_it_is(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        plain = set(map(type, value)) <= {int, float, bool, str, type(None)}
        return kind(value) if plain else kind([_kept_as_it_is(item) for item in value])
    return kind(value) if kind is set else value


def NAME(inputs):
    values = []
    for arguments in inputs:
        values.append(_kept_as_it_is(ENTRY_POINT(*arguments)))
    return values
"""


def answering_all(source: str, entry_point: str) -> Program:
    """Return the program with a function that answers a whole chunk of tests in one call.

    A call between two processes costs more than most functions here. Every answer is copied before the next call, since
    a program may return one list again and again.
    """
    return Program(source + _ANSWERS.replace("NAME", ALL_OF).replace("ENTRY_POINT", entry_point), ALL_OF)


def _chunk(entry_point: str, answers: Sequence[ReferenceAnswer], atol: float) -> Chunk:
    rule = rule_of(entry_point)
    source = (
        f"{_COMPARE}{_ORACLES.get(rule, '')}\n"
        f"ATOL = {atol!r}\n"
        f"ASKED = [{', '.join(f'({one.number}, {one.arguments}, {one.expected!r})' for one in answers)}]\n"
        f"VALUES = {ALL_OF}([arguments for _, arguments, _ in ASKED])\n"
        "for (number, arguments, expected), value in zip(ASKED, VALUES, strict=True):\n"
        "    expected = _unpacked(expected)\n"
        f"    assert {_RULES[rule]}, f'input {{number}}: {{value!r:.80}} instead of {{expected!r:.80}}'\n"
    )
    return Chunk(Checks(source, _PRELUDE), sum(one.seconds for one in answers))
