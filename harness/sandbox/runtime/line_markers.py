"""Probes: the code that is compiled into a program and marks which units ran.

A probe is ``if PENDING[i]: MEMORY[i] = PENDING[i] = False``. After the first time it costs a look into a list. Both are
constants of the code, without a name that the program could see or assign. ``MEMORY`` is shared with the zygote, so
that the marks survive the process.

Standard library only; nothing is imported before a program is traced.
"""

from __future__ import annotations

import functools
from typing import Any


@functools.cache
def nodes() -> Any:
    """Return the module with the node types; kept here, so that it can be removed from ``sys.modules``."""
    import _ast

    return _ast


PENDING, MEMORY, SET_PENDING, SET_MEMORY = ((frozenset((number,)),) for number in range(4))
"""Placeholders in the code for the objects that the probes use. No program holds such a constant: a frozenset in a
tuple has no literal. Their only index is 0, which no probe uses, so that the compiler cannot fold them."""


def position(line: int) -> dict[str, int]:
    """Return the position arguments of a node on a line."""
    return {"lineno": line, "col_offset": 0, "end_lineno": line, "end_col_offset": 0}


def make_probe(unit: int, line: int) -> Any:
    """Return the statement ``if PENDING[unit + 1]: MEMORY[unit + 1] = PENDING[unit + 1] = False``."""
    ast, at = nodes(), position(line)
    pending, index = ast.Constant(PENDING, **at), ast.Constant(unit + 1, **at)
    targets = [ast.Subscript(of, index, ast.Store(), **at) for of in (ast.Constant(MEMORY, **at), pending)]
    mark = ast.Assign(targets, ast.Constant(False, **at), **at)
    return ast.If(ast.Subscript(pending, index, ast.Load(), **at), [mark], [], **at)


def _marking(unit: int, line: int) -> Any:
    """Return a false expression: ``PENDING[i] and (SET_MEMORY(i, False) or SET_PENDING(i, False))``.

    It calls methods of C types: no frame, no traceback. (On 3.11 a call needs one level of the stack: a program that
    first reaches such a part at the very last level has one level less.)
    """
    ast, at = nodes(), position(line)
    index, false = ast.Constant(unit + 1, **at), ast.Constant(False, **at)
    setters = (ast.Constant(setter, **at) for setter in (SET_MEMORY, SET_PENDING))
    calls = [ast.Call(setter, [index, false], [], **at) for setter in setters]
    pending = ast.Subscript(ast.Constant(PENDING, **at), index, ast.Load(), **at)
    return ast.BoolOp(ast.And(), [pending, ast.BoolOp(ast.Or(), calls, **at)], **at)


def watched(value: Any, unit: int) -> Any:
    """Return an expression of the same value that marks the unit when its evaluation begins."""
    ast = nodes()
    return ast.BoolOp(ast.Or(), [_marking(unit, value.lineno), value], **position(value.lineno))


def watched_case(unit: int, case: Any) -> Any:
    """Return a case to stand before another: it marks the unit, and never matches."""
    ast, at = nodes(), position(case.pattern.lineno)
    return ast.match_case(ast.MatchAs(**at), _marking(unit, case.pattern.lineno), [ast.Pass(**at)])


def with_constants(code: Any, constants: dict[Any, Any]) -> Any:
    """Return code with the real objects in place of the placeholders."""

    def real(constant: Any) -> Any:
        if type(constant) is type(code):
            return with_constants(constant, constants)
        is_ours = type(constant) is tuple and len(constant) == 1 and type(constant[0]) is frozenset
        return constants[constant] if is_ours else constant

    return code.replace(co_consts=tuple(map(real, code.co_consts)))
