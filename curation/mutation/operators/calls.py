"""Mutation operators on calls: other functions, dropped functions, dropped and swapped arguments. Pure functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from curation.mutation.source_text import Edit, SourceText

OTHERS = {
    "min": "max",
    "any": "all",
    "ceil": "floor",
    "bisect_left": "bisect_right",
    "bisect": "bisect_left",
    "upper": "lower",
    "startswith": "endswith",
    "find": "rfind",
    "index": "rindex",
    "appendleft": "append",
    "popleft": "pop",
    "lstrip": "rstrip",
    "isupper": "islower",
    "intersection": "union",
    "nlargest": "nsmallest",
    "ljust": "rjust",
    "combinations": "combinations_with_replacement",
    "ascii_lowercase": "ascii_uppercase",
}
"""Functions and methods, each with the one that takes its place, and the other way round."""
_SWAPS = {**{b: a for a, b in OTHERS.items()}, **OTHERS}

DROPPED = {
    *("sorted", "reversed", "set", "frozenset", "abs", "int", "round", "list", "str", "float"),
    *("strip", "lstrip", "rstrip", "lower", "upper", "copy", "title", "capitalize", "ceil", "floor"),
}
"""Functions of one argument, and methods of none, that a program may lack."""
_COMMUTATIVE = {"min", "max", "gcd", "lcm", "zip_longest", "print", "range", "isinstance"}
"""Functions whose first two arguments are not swapped: it changes nothing, or ``bounds`` does as much."""


def call_edits(text: SourceText, node: ast.AST, parent: ast.AST | None) -> Iterator[Edit]:
    """Yield calls of another function, without the function, and with arguments swapped or left out."""
    if not isinstance(node, ast.Call):
        return
    name = _name(node)
    if name in _SWAPS:
        end = text.end(node.func)
        start = end - len(name.encode())
        yield text.edit("function", start, end, _SWAPS[name].encode(), text.line_of(start))
    if name in DROPPED:
        yield from _dropped(text, node)
    if len(node.args) >= 2 and name not in _COMMUTATIVE and not any(isinstance(a, ast.Starred) for a in node.args[:2]):
        first, second = node.args[:2]
        gap = text.bytes[text.end(first) : text.start(second)]
        swapped = text.of(second) + gap + text.of(first)
        yield text.edit("swapped_arguments", text.start(first), text.end(second), swapped, first.lineno)
    yield from _dropped_keywords(text, node)
    if name == "sorted":
        yield text.replace("reversed_order", node, text.of(node) + b"[::-1]")


def letters_edits(text: SourceText, node: ast.AST, parent: ast.AST | None) -> Iterator[Edit]:
    """Yield alphabets of the module ``string`` without their last letter."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    if name in ("ascii_lowercase", "ascii_uppercase", "ascii_letters", "digits") and isinstance(
        getattr(node, "ctx", None), ast.Load
    ):
        yield text.replace("text", node, text.of(node) + b"[:-1]")


def _name(call: ast.Call) -> str:
    """Return the name of the called function or method; empty where it has none."""
    function = call.func
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def _dropped(text: SourceText, call: ast.Call) -> Iterator[Edit]:
    """Yield the argument of a function, or the object of a method, in place of the call."""
    if len(call.args) == 1 and not isinstance(call.args[0], ast.Starred):
        yield text.replace("dropped_call", call, b"(" + text.of(call.args[0]) + b")")
    elif not call.args and not call.keywords and isinstance(call.func, ast.Attribute):
        yield text.replace("dropped_call", call, b"(" + text.of(call.func.value) + b")")


def _dropped_keywords(text: SourceText, call: ast.Call) -> Iterator[Edit]:
    """Yield a call without its ``key`` or its ``reverse``."""
    for keyword in call.keywords:
        if keyword.arg in ("key", "reverse"):
            end = text.end(keyword)
            comma = text.bytes[: text.start(keyword)].rstrip()
            if comma.endswith(b","):
                yield text.edit("dropped_keyword", len(comma) - 1, end, b"", keyword.lineno)
            elif len(call.keywords) == 1:
                yield text.replace("dropped_keyword", keyword, b"")
