"""Compare programs by their bytecode: equal bytecode, equal program. Pure functions."""

from __future__ import annotations

import ast
import types
import warnings
from collections.abc import Iterable
from typing import Any, cast

from apps_plus.conditionals import parse
from curation.mutation.normal_form import normal_form
from curation.mutation.syntax_tree import walk


def normal_bytecode_of(source: str, *, is_script: bool) -> Any:
    """Return the bytecode of a program's normal form: programs of which it is equal do the same.

    It compares without names of files and positions of lines. Raises SyntaxError, ValueError, RecursionError or
    MemoryError where the program does not compile.
    """
    return bytecode_of_tree(normal_form(tree_of(source), is_script=is_script))


def tree_of(source: str) -> ast.Module:
    """Parse a program, without a byte order mark and without printing its warnings. Raises likewise."""
    return parse(source.removeprefix("\ufeff"))


def bytecode_of_tree(tree: ast.Module) -> Any:
    """Return the bytecode of a tree, whose positions are changed. Raises likewise."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for node in cast(Iterable[Any], walk(tree)):  # a line without an instruction would else be a no-op
            node.lineno = node.end_lineno = 1
            node.col_offset = node.end_col_offset = 0
        return _comparable(compile(tree, "", "exec", dont_inherit=True))


def _comparable(value: Any) -> Any:
    """Return a constant so that different ones differ: ``1`` from ``True``, ``0.0`` from ``-0.0``."""
    if isinstance(value, types.CodeType):
        names = (value.co_name, value.co_names, value.co_varnames, value.co_freevars, value.co_cellvars)
        counts = (value.co_argcount, value.co_posonlyargcount, value.co_kwonlyargcount, value.co_flags)
        return (value.co_code, value.co_exceptiontable, names, counts, tuple(map(_comparable, value.co_consts)))
    if isinstance(value, tuple):
        return ("tuple", tuple(map(_comparable, value)))
    if isinstance(value, frozenset):
        return ("frozenset", frozenset(map(_comparable, value)))
    if isinstance(value, (float, complex)):
        return (type(value).__name__, repr(value))
    return (type(value).__name__, value)
