"""Mutation operators on arithmetic, bits, comparisons and boolean expressions. Pure functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from curation.mutation.source_text import Edit, SourceText

_BINARY: dict[type[ast.operator], tuple[bytes, tuple[tuple[str, bytes], ...]]] = {
    ast.Add: (b"+", (("arithmetic", b"-"), ("arithmetic", b"*"))),
    ast.Sub: (b"-", (("arithmetic", b"+"),)),
    ast.Mult: (b"*", (("arithmetic", b"+"), ("arithmetic", b"//"))),
    ast.Div: (b"/", (("division", b"//"), ("arithmetic", b"*"))),
    ast.FloorDiv: (b"//", (("division", b"/"), ("arithmetic", b"*"), ("arithmetic", b"%"))),
    ast.Mod: (b"%", (("arithmetic", b"//"), ("arithmetic", b"*"))),
    ast.Pow: (b"**", (("arithmetic", b"*"),)),
    ast.BitAnd: (b"&", (("bits", b"|"), ("bits", b"^"))),
    ast.BitOr: (b"|", (("bits", b"&"), ("bits", b"^"))),
    ast.BitXor: (b"^", (("bits", b"&"), ("bits", b"|"))),
    ast.LShift: (b"<<", (("bits", b">>"),)),
    ast.RShift: (b">>", (("bits", b"<<"),)),
}

_COMPARISONS: dict[type[ast.cmpop], tuple[bytes, tuple[bytes, ...]]] = {
    ast.Lt: (rb"<", (b"<=", b">", b"!=")),
    ast.LtE: (rb"<=", (b"<", b">=", b"==")),
    ast.Gt: (rb">", (b">=", b"<", b"!=")),
    ast.GtE: (rb">=", (b">", b"<=", b"==")),
    ast.Eq: (rb"==", (b"!=", b"<=", b">=")),
    ast.NotEq: (rb"!=", (b"==", b"<", b">")),
    ast.In: (rb"in\b", (b"not in",)),
    ast.NotIn: (rb"not\s+in\b", (b"in",)),
    ast.Is: (rb"is\b", (b"is not",)),
    ast.IsNot: (rb"is\s+not\b", (b"is",)),
}


def binary_edits(text: SourceText, node: ast.AST, parent: ast.AST | None) -> Iterator[Edit]:
    """Yield other operators for a binary one, also in ``x += 1``, and ``x = 1`` for ``x += 1``."""
    if isinstance(node, ast.BinOp):
        left, right, suffix = node.left, node.right, b""
    elif isinstance(node, ast.AugAssign):
        left, right, suffix = node.target, node.value, b"="
    else:
        return
    if type(node.op) not in _BINARY or _is_text(left) or _is_text(right):
        return
    token, others = _BINARY[type(node.op)]
    span = text.find_between(left, right, re.compile(re.escape(token + suffix)))
    if span is None:
        return
    line = text.line_of(span[0])
    for name, other in others:
        yield text.edit(name, *span, other + suffix, line)
    if suffix:
        yield text.edit("augmented", *span, b"=", line)


def _is_text(node: ast.expr) -> bool:
    """Return whether an operand is a text: any operator but its own would only raise."""
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def comparison_edits(text: SourceText, node: ast.AST, parent: ast.AST | None) -> Iterator[Edit]:
    """Yield other comparisons for each of a chain."""
    if not isinstance(node, ast.Compare):
        return
    operands = [node.left, *node.comparators]
    for left, right, op in zip(operands, operands[1:], node.ops, strict=False):
        token, others = _COMPARISONS[type(op)]
        span = text.find_between(left, right, re.compile(token))
        if span is not None:
            for other in others:
                yield text.edit("comparison", *span, other, text.line_of(span[0]))


def boolean_edits(text: SourceText, node: ast.AST, parent: ast.AST | None) -> Iterator[Edit]:
    """Yield ``or`` for ``and`` and the other way, and expressions without one of their terms."""
    if not isinstance(node, ast.BoolOp):
        return
    is_and = isinstance(node.op, ast.And)
    token, other = (re.compile(rb"\band\b"), b"or") if is_and else (re.compile(rb"\bor\b"), b"and")
    for left, right in zip(node.values, node.values[1:], strict=False):
        span = text.find_between(left, right, token)
        if span is not None:
            yield text.edit("boolean", *span, other, text.line_of(span[0]))
    for value in node.values:
        yield text.replace("dropped_term", value, b"True" if is_and else b"False")


def unary_edits(text: SourceText, node: ast.AST, parent: ast.AST | None) -> Iterator[Edit]:
    """Yield the operand of ``not x``, ``~x`` and ``-x``."""
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.UAdd):
        if isinstance(node.operand, ast.Constant):
            return  # a negative number: see ``constants``
        name = {ast.Not: "boolean", ast.Invert: "bits", ast.USub: "arithmetic"}[type(node.op)]
        yield text.replace(name, node, b"(" + text.of(node.operand) + b")")
