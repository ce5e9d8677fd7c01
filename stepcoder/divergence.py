"""EGCA's credit assignment (arXiv 2603.16158): the statement at which a wrong program departs from the canonical one.

Both programs run on the first test that fails, instrumented alike: before each statement, its number and the values of
the local variables are recorded. The first record that differs is due to the statement before it. The number of a
statement means the same in both programs only if these have the same structure, so others are not compared.

- A wrong answer: the lines of that statement. If the records do not differ, those of the last statement that ran.
- An exception or a program that does not compile: the line of the error.
- Everything else (right programs, limits, another structure, traces that are too long): no line; all tokens count.

How this differs from the paper, where a language model aligns the traces: docs/algorithm.md.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from apps_plus.conditionals import parse
from apps_plus.problem import Problem
from harness.judging.judged_program import JudgedProgram
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Limits, Program

MAX_RECORDS = 2000
"""Records of a trace, after which programs are compared no further."""

_MARK = "\x00trace\x00"
"""Separates the output of a program from its trace."""

_RECORDER = """
def __trace():
    import atexit, json, sys, zlib
    records = []
    def plain(value, depth=4):
        kind = type(value)
        if kind in (int, float, bool, str, bytes, type(None)):
            return repr(value)[:1000]
        if depth and kind in (list, tuple):
            return kind.__name__ + "".join("," + plain(one, depth - 1) for one in value[:100]) + str(len(value))
        if depth and kind in (dict, set, frozenset):
            pairs = value.items() if kind is dict else value
            found = [plain(one, depth - 1) for one, _ in zip(pairs, range(100))]
            return kind.__name__ + ",".join(found if kind is dict else sorted(found)) + str(len(value))
        return kind.__name__
    def record(number):
        if len(records) <= LIMIT:
            held = [plain(value) for name, value in sys._getframe(1).f_locals.items() if name[:2] != "__"]
            records.append([number, zlib.crc32("|".join(held).encode("utf-8", "surrogatepass"))])
    def write():
        sys.stdout.write(MARK + json.dumps(records))
    atexit.register(write)
    return record
__record__ = __trace()
"""


@dataclass(frozen=True, slots=True)
class LocatedProgram(JudgedProgram):
    """A judged program with the lines that its error was located at."""

    suspects: frozenset[int] = frozenset()
    """Lines of the program, from 1; empty if none were found."""


Record = tuple[int, int]
"""The number of a statement, and a hash of the local variables before it."""


def locate_error(
    sandbox: Sandbox, source: str, problem: Problem, outcome: JudgedProgram, limits: Limits
) -> LocatedProgram:
    """Return the outcome with the lines of its error, if there are any."""
    kept = {field.name: getattr(outcome, field.name) for field in fields(JudgedProgram)}
    suspects: frozenset[int] = frozenset()
    if outcome.verdict is Verdict.WRONG_ANSWER:
        suspects = _departure(sandbox, source, problem, outcome.worst_test, limits)
    elif outcome.verdict in (Verdict.RUNTIME_ERROR, Verdict.COMPILE_ERROR) and outcome.error_line is not None:
        suspects = frozenset([outcome.error_line])
    return LocatedProgram(**kept, suspects=suspects)


def _departure(sandbox: Sandbox, source: str, problem: Problem, test: int, limits: Limits) -> frozenset[int]:
    try:
        program, canonical = _Traced.of(source), _Traced.of(problem.canonical_solution)
        if program.shape != canonical.shape:
            return frozenset()
        given = problem.tests.inputs[test]
        traces = [_run(sandbox, one, problem.entry_point, given, limits) for one in (program, canonical)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    statement = first_departure(*traces)
    return frozenset() if statement is None else program.lines[statement]


def first_departure(found: Sequence[Record], canonical: Sequence[Record]) -> int | None:
    """Return the number of the statement after which two traces differ; None if there is no trace, or no end to it.

    Args:
        found: The trace of the wrong program.
        canonical: The trace of the canonical solution.
    """
    same = 0
    for one, other in zip(found, canonical, strict=False):
        if one != other:
            break
        same += 1
    if not found or not canonical or same > MAX_RECORDS:
        return None
    return canonical[max(same - 1, 0)][0]


@dataclass(frozen=True, slots=True)
class _Traced:
    """A program with records before its statements."""

    source: str
    shape: str
    """The kinds of its statements and their nesting, as text."""
    lines: Sequence[frozenset[int]]
    """By statement, from 0, the lines of the original: of a compound statement those of its header."""

    @classmethod
    def of(cls, source: str) -> _Traced:
        """Instrument a program. Raises SyntaxError, ValueError, RecursionError or MemoryError."""
        tree = parse(source.removeprefix("\ufeff"))
        lines: list[frozenset[int]] = []
        shape = _instrument(tree, lines)
        return cls(ast.unparse(ast.fix_missing_locations(tree)), shape, lines)


def _instrument(node: ast.AST, lines: list[frozenset[int]]) -> str:
    """Put a record before each statement inside ``node``, append their lines, and return the shape.

    The body of a class is not recorded: its variables are attributes.
    """
    shape = []
    for name, block in list(_blocks(node)):
        inside: list[ast.stmt] = []
        for statement in block:
            number = len(lines)
            lines.append(_header(statement))
            if not isinstance(node, ast.ClassDef) and not _must_come_first(statement):
                inside.append(ast.Expr(ast.Call(ast.Name("__record__", ast.Load()), [ast.Constant(number)], [])))
            inside.append(statement)
            shape.append(f"{type(statement).__name__}({_instrument(statement, lines)})")
        setattr(node, name, inside)
        shape.append(name)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ExceptHandler | ast.match_case):
            shape.append(f"{type(child).__name__}({_instrument(child, lines)})")
    return " ".join(shape)


def _blocks(node: ast.AST) -> Iterator[tuple[str, list[ast.stmt]]]:
    """Yield the blocks of statements of a node, by the name of the field; expressions such as lambdas have none."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list) and block:
            yield name, block


def _must_come_first(statement: ast.stmt) -> bool:
    """Return whether a statement may have none before it: an import from ``__future__``, or a docstring before one."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return isinstance(statement.value.value, str)
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _header(statement: ast.stmt) -> frozenset[int]:
    first, last = statement.lineno, statement.end_lineno or statement.lineno
    inner = [block[0].lineno for _, block in _blocks(statement)]
    if isinstance(statement, ast.Match):
        inner = [statement.cases[0].pattern.lineno]
    return frozenset(range(first, (max(first, min(inner) - 1) if inner else last) + 1))


def _run(sandbox: Sandbox, traced: _Traced, entry_point: str | None, given: Any, limits: Limits) -> list[Record]:
    """Run an instrumented program on one input as a script, and return its trace; empty if it has none or raises.

    A function is called as the harness calls it, with the arguments as they are stored.
    """
    recorder = _RECORDER.replace("LIMIT", str(MAX_RECORDS)).replace("MARK", repr(_MARK))
    loader = _LOADER.format(name="__main__" if entry_point is None else "solution", source=traced.source)
    call = "" if entry_point is None else _CALL.format(name=entry_point, given=given)
    program = Program(recorder + loader + call)
    [execution] = sandbox.execute(program, ["" if entry_point is not None else given], limits, trace=False)
    if execution.ended is not Ended.FINISHED:  # when it was judged, it did: this is another run
        return []
    _, mark, trace = execution.output.rpartition(_MARK)
    return _parse_records(trace) if mark else []


_LOADER = """
__space = {{"__name__": {name!r}, "__record__": __record__}}
exec(compile({source!r}, "program.py", "exec"), __space)
"""
_CALL = """
__function = __space.get({name!r})
if not callable(__function):
    __function = getattr(__space["Solution"](), {name!r})
__function(*{given!r})
"""


def _parse_records(text: str) -> list[Record]:
    """Return the records that a program wrote; empty if it wrote something else in their place."""
    try:
        found = json.loads(text)
    except ValueError:
        return []
    if not isinstance(found, list) or not all(_is_record(one) for one in found):
        return []
    return [(number, state) for number, state in found]


def _is_record(one: object) -> bool:
    return isinstance(one, list) and len(one) == 2 and all(type(part) is int for part in one)
