"""Mutation operators on statements: deleted, swapped, jumps that go elsewhere, other initial values. Pure functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import pairwise

from curation.mutation.source_text import Edit, SourceText

_DELETED = (ast.Expr, ast.AugAssign, ast.Assign, ast.Delete, ast.Raise, ast.Return, ast.For, ast.While)
_READERS = {
    *("count", "index", "find", "rfind", "split", "strip", "lstrip", "rstrip", "join", "replace", "lower", "upper"),
    *("startswith", "endswith", "isdigit", "isalpha", "get", "keys", "values", "items", "copy", "bit_length", "format"),
    *("sqrt", "gcd", "ceil", "floor", "log"),
}
"""Methods that change nothing."""
_SIMPLE = (ast.Expr, ast.AugAssign, ast.Assign, ast.Return, ast.Break, ast.Continue, ast.Delete, ast.Raise)


def statement_edits(text: SourceText, node: ast.AST, parent: ast.AST | None) -> Iterator[Edit]:
    """Yield ``pass`` for a statement, ``break`` for ``continue`` and the other way, and other initial values."""
    if isinstance(node, ast.Break):
        yield text.replace("jump", node, b"continue")
        yield text.replace("jump", node, b"pass")
    elif isinstance(node, ast.Continue):
        yield text.replace("jump", node, b"break")
        yield text.replace("jump", node, b"pass")
    elif isinstance(node, _DELETED) and not _is_docstring(node) and not _is_needed(text, node):
        yield text.replace("jump" if isinstance(node, ast.Return) else "deleted_statement", node, b"pass")
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _is_initial(node.value):
        for value in (b"0", b"1"):
            yield text.replace("initial_value", node.value, value)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_needed(text: SourceText, node: ast.stmt) -> bool:
    """Return whether a statement alone sets some name: without it, every use of the name would raise."""
    if not isinstance(node, ast.Assign):
        return False
    targets = [inner for target in node.targets for inner in ast.walk(target)]
    names = [inner.id for inner in targets if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)]
    return any(text.bindings[name] == names.count(name) for name in names)


def _is_initial(value: ast.expr) -> bool:
    """Return whether a value is one from which a search for the best usually starts: ``a[0]``, ``float("inf")``."""
    if isinstance(value, ast.Subscript):
        index = value.slice
        return isinstance(index, ast.Constant) or (isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub))
    if isinstance(value, ast.UnaryOp):
        return _is_initial(value.operand)
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in ("float", "len")
    return isinstance(value, ast.Attribute) and value.attr in ("inf", "maxsize")


def block_edits(text: SourceText, node: ast.AST, parent: ast.AST | None) -> Iterator[Edit]:
    """Yield blocks with two neighbouring statements swapped, where one needs what the other sets."""
    for field in ("body", "orelse", "finalbody"):
        statements = getattr(node, field, None)
        if isinstance(statements, list):
            yield from _swaps(text, statements)


def _swaps(text: SourceText, statements: Sequence[ast.stmt]) -> Iterator[Edit]:
    for first, second in pairwise(statements):
        if isinstance(first, _SIMPLE) and isinstance(second, _SIMPLE) and _depend(first, second):
            gap = text.bytes[text.end(first) : text.start(second)]
            swapped = text.of(second) + gap + text.of(first)
            yield text.edit("swapped_statements", text.start(first), text.end(second), swapped, first.lineno)


def _depend(first: ast.stmt, second: ast.stmt) -> bool:
    """Return whether the order of two statements matters, as far as names tell."""
    if isinstance(first, ast.Assign) and not _names(first) & _names(second):
        return False
    return bool(_written(first) & _names(second) or _written(second) & _names(first))


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _written(node: ast.AST) -> set[str]:
    """Return the names that a statement sets or may change: its targets, and objects whose methods it calls."""
    written = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, (ast.Store, ast.Del)):
            written.add(inner.id)
        elif isinstance(inner, (ast.Subscript, ast.Attribute)) and isinstance(inner.ctx, (ast.Store, ast.Del)):
            written |= _names(inner.value)
        elif isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr not in _READERS:
            written |= _names(inner.func.value)
    return written
