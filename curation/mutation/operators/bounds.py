"""Mutation operators that are off by one: bounds of ranges and slices, and indices. Pure functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from curation.mutation.source_text import Edit, SourceText


def _off_by_one(text: SourceText, name: str, node: ast.expr) -> Iterator[Edit]:
    """Yield an expression one more and one less; literals are changed by ``constants``."""
    if isinstance(node, (ast.Constant, ast.Starred)) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)
    ):
        return
    for change in (b" + 1", b" - 1"):
        yield text.replace(name, node, b"(" + text.of(node) + b")" + change)


def range_edits(text: SourceText, node: ast.AST, parent: ast.AST | None) -> Iterator[Edit]:
    """Yield ranges that begin or end one off; ``range(n)`` also from 1."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("range", "xrange")):
        return
    for argument in node.args[:2]:
        yield from _off_by_one(text, "range", argument)
    if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        yield text.replace("range", node.args[0], b"1, " + text.of(node.args[0]))


def slice_edits(text: SourceText, node: ast.AST, parent: ast.AST | None) -> Iterator[Edit]:
    """Yield slices that begin or end one off."""
    if not isinstance(node, ast.Slice):
        return
    for bound in (node.lower, node.upper):
        if bound is not None:
            yield from _off_by_one(text, "slice", bound)
    if node.step is not None:
        return
    start, end = text.start(node), text.end(node)
    if node.lower is None:
        yield text.edit("slice", start, start, b"1", node.lineno)
    if node.upper is None:
        yield text.edit("slice", end, end, b"-1", node.lineno)


def index_edits(text: SourceText, node: ast.AST, parent: ast.AST | None) -> Iterator[Edit]:
    """Yield indices one off, where the index is computed."""
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, (ast.Slice, ast.Tuple)):
        yield from _off_by_one(text, "index", node.slice)
