"""Tell whether two programs are the same but for names, comments and layout. Pure functions."""

from __future__ import annotations

import ast
import hashlib
from typing import Any

from apps_plus.conditionals import parse
from curation.mutation.syntax_tree import walk

_UNNAMED = {ast.arg: ("annotation",), ast.FunctionDef: ("returns",)}
"""Fields that make no difference."""
_NAMES = {ast.Name: "id", ast.arg: "arg", ast.FunctionDef: "name", ast.ClassDef: "name"}
"""The fields with names that a program may bind."""
_BINDING = frozenset(_NAMES)


def program_fingerprint(source: str) -> str:
    """Return a SHA-256 that is equal for programs whose syntax trees are equal, their own names aside.

    A name that the program binds (a variable, an argument, a function, a class) is replaced by the order of its first
    occurrence; names from outside, attributes and constants are kept. A program that cannot be parsed is only the same
    as one with the same words.
    """
    try:
        form = _form(parse(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        form = " ".join(source.split())
    return hashlib.sha256(form.encode(errors="surrogatepass")).hexdigest()


def _form(tree: ast.Module) -> str:
    """Return a text that is equal for equal trees: the classes and fields of all nodes, in order."""
    bound = _bound_names(tree)
    numbers: dict[str, str] = {}
    parts: list[str] = []

    def write(value: Any) -> None:
        kind = type(value)
        if kind is list:
            parts.append("[")
            for item in value:
                write(item)
            parts.append("]")
        elif not isinstance(value, ast.AST):
            parts.append(repr(value))
        else:
            write_node(value, kind)

    def write_node(node: Any, kind: Any) -> None:
        parts.append(f"{kind.__name__}(")
        name, unnamed = _NAMES.get(kind), _UNNAMED.get(kind, ())
        for field in kind._fields:
            value = getattr(node, field, None)
            if (value is None and field != "value") or field in unnamed:
                continue
            parts.append(field)
            if field == name and value in bound:
                parts.append(numbers.setdefault(value, f" {len(numbers)}"))
            elif field == "body" and type(value) is list:
                write(_without_docstring(value))
            else:
                write(value)
        parts.append(")")

    write(tree)
    return "".join(parts)


def _bound_names(tree: ast.Module) -> set[str]:
    bound: set[str] = set()
    for node in walk(tree, _BINDING):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                bound.add(name)
            case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
    return bound


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    return body[1:] if len(body) > 1 and _is_text(body[0]) else body


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
