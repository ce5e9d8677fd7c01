"""Mutation operators on numbers, texts, ``True`` and ``False``, and default values. Pure functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from curation.mutation.source_text import Edit, SourceText

BIG = 100_000
"""Numbers from here on are moduli, limits and stand-ins for infinity: they also change by 2 and to half."""
_LONGEST = 10**100
"""Larger numbers stay as they are: their digits alone would take long."""
_ALPHABET = 20
"""Letters of a text from which on it is an alphabet that may lack its last or first letter."""


def constant_edits(text: SourceText, node: ast.AST, parent: ast.AST | None) -> Iterator[Edit]:
    """Yield other values for a literal."""
    if isinstance(parent, (ast.arguments, ast.Expr)) or _is_negated(parent, node):
        return
    yield from _literal_edits(text, node, None)


def default_edits(text: SourceText, node: ast.AST, parent: ast.AST | None) -> Iterator[Edit]:
    """Yield other values for the default values of parameters, and for those of ``defaultdict(int)``."""
    if isinstance(node, ast.arguments):
        for default in (*node.defaults, *node.kw_defaults):
            if default is not None:
                yield from _literal_edits(text, default, "default")
    elif (
        isinstance(node, ast.Call) and node.args and _name(node.func) == "defaultdict" and _name(node.args[0]) == "int"
    ):
        yield text.replace("default", node.args[0], b"(lambda: 1)")


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _is_negated(parent: ast.AST | None, node: ast.AST) -> bool:
    return isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.USub) and isinstance(node, ast.Constant)


def _literal_edits(text: SourceText, node: ast.AST, name: str | None) -> Iterator[Edit]:
    """Yield other values for a literal; ``name`` is the operator's, where it is not that of the literal's type."""
    negative = isinstance(node, ast.UnaryOp) and _is_negated(node, node.operand)
    constant = node.operand if isinstance(node, ast.UnaryOp) and negative else node
    value = constant.value if isinstance(constant, ast.Constant) else None
    if isinstance(value, bool):
        yield text.replace(name or "boolean", node, b"False" if value else b"True")
    elif isinstance(value, (int, float)) and abs(value) < _LONGEST:
        for number in _other_numbers(-value if negative else value):
            written = repr(number)
            yield text.replace(name or "constant", node, (f"({written})" if number < 0 else written).encode())
    elif isinstance(value, str):
        for other in _other_texts(value):
            yield text.replace(name or "text", node, repr(other).encode())


def _other_numbers(value: int | float) -> list[int | float]:
    others: list[int | float] = [value + 1, value - 1, value * 0]
    if value < 0:
        others.append(-value)
    if isinstance(value, int) and abs(value) >= BIG:
        others += [value + 2, value - 2, value // 2]
    return [other for other in dict.fromkeys(others) if other != value]


def _other_texts(value: str) -> list[str]:
    """Return texts near one: other case, without its last or first letter where it is an alphabet, another letter."""
    if not value:
        return ["x"]
    others = [value.swapcase()]
    if len(set(value)) >= _ALPHABET:
        others += [value[:-1], value[1:]]
    others.append("" if value.isspace() else chr(ord(value[0]) + 1) + value[1:] if value[0].isalnum() else value[1:])
    return [other for other in dict.fromkeys(others) if other != value]
