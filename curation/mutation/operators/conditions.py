"""Mutation operators on whole conditions. Pure functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from curation.mutation.source_text import Edit, SourceText


def condition_edits(text: SourceText, node: ast.AST, parent: ast.AST | None) -> Iterator[Edit]:
    """Yield conditions that are negated, always true or never true.

    ``while True`` is left out, since it nearly always loops.
    """
    constants: tuple[bytes, ...]
    if isinstance(node, (ast.If, ast.IfExp)):
        conditions, constants = [node.test], (b"True", b"False")
    elif isinstance(node, ast.While):
        conditions, constants = [node.test], (b"False",)
    elif isinstance(node, ast.comprehension):
        conditions, constants = node.ifs, (b"True",)
    else:
        return
    for condition in conditions:
        if isinstance(condition, ast.Constant):
            continue
        yield text.replace("condition", condition, b"(not (" + text.of(condition) + b"))")
        for constant in constants:
            yield text.replace("condition", condition, constant)
