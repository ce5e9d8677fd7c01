"""Tell whether calls of a program's function may leave something behind that a later call sees. Pure functions."""

from __future__ import annotations

import ast
from functools import lru_cache

from apps_plus.conditionals import parse

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


@lru_cache(maxsize=32)
def may_keep_state(source: str) -> bool:
    """Return whether a call may change what a later call in the same process does.

    It may where the program has objects that outlive a call: names of a module or a class bound to more than plain
    values, default values that can change, ``global``, attributes that are set (one object of ``class Solution``
    serves all calls), decorators (caches). True where Python cannot parse it.
    """
    try:
        tree = parse(source.removeprefix("\ufeff"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return any(_keeps(node) for node in ast.walk(tree))


def _keeps(node: ast.AST) -> bool:
    if isinstance(node, ast.Global) or (isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)):
        return True
    if isinstance(node, (ast.Module, ast.ClassDef)) and any(map(_binds_object, node.body)):
        return True
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.decorator_list:
        return any(
            not (isinstance(d, ast.Name) and d.id in ("staticmethod", "classmethod")) for d in node.decorator_list
        )
    if isinstance(node, ast.arguments):
        return not all(map(_is_plain, (default for default in (*node.defaults, *node.kw_defaults) if default)))
    return False


def _binds_object(statement: ast.stmt) -> bool:
    """Return whether a statement of a module or class may make an object that can change."""
    if isinstance(statement, _DEFINITIONS) or (isinstance(statement, ast.Expr) and _is_plain(statement.value)):
        return False
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return statement.value is not None and not _is_plain(statement.value)
    return not isinstance(statement, ast.Pass)


def _is_plain(node: ast.expr) -> bool:
    """Return whether a value cannot change: numbers, texts, and tuples and sums of them, functions."""
    inside = (ast.Constant, ast.Tuple, ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop, ast.Load, ast.Lambda)
    if isinstance(node, ast.Lambda):
        return all(map(_is_plain, node.args.defaults))
    return all(isinstance(part, inside) for part in ast.walk(node))
