"""Rewrite a program so that both ways of every condition have a line of their own. Pure functions.

Line tracing then counts branches: a condition went a way where the first line of that way ran.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from apps_plus.conditionals import parse

_LOOPS = (ast.For, ast.AsyncFor, ast.While)


@dataclass(frozen=True, slots=True)
class BranchProgram:
    """A program that does the same, with the lines that tell its branches."""

    source: str
    lines: tuple[int, ...]
    """For each branch the line, from 1, that runs where it is taken: two for each ``if`` and each loop."""

    def count(self, executed: frozenset[int]) -> int:
        """Return how many branches were taken, by the lines of ``source`` that ran."""
        return sum(line in executed for line in self.lines)


def branch_program(source: str) -> BranchProgram | None:
    """Return a program with every branch on lines of its own; None where Python cannot parse or write it.

    The branches of an ``if``: its body, and its ``else`` (or what follows). Those of a loop: its body, and its end
    without ``break``. Conditions that are constants, such as ``while True``, have none.
    """
    try:
        tree = parse(source.removeprefix("\ufeff"))
        for node in ast.walk(tree):
            if _branches(node) and not node.orelse:  # type: ignore[attr-defined]
                node.orelse = [ast.Pass()]  # type: ignore[attr-defined]
        text = ast.unparse(tree) + "\n"
        written = parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    nodes = [node for node in ast.walk(written) if _branches(node)]
    lines = [_first_line(block) for node in nodes for block in (node.body, node.orelse)]  # type: ignore[attr-defined]
    return BranchProgram(text, tuple(sorted(lines)))


def _branches(node: ast.AST) -> bool:
    if isinstance(node, (ast.If, ast.While)):
        return not isinstance(node.test, ast.Constant)
    return isinstance(node, _LOOPS)


def _first_line(block: Sequence[ast.stmt]) -> int:
    """Return the first line of a block that is code: ``try:`` is none."""
    first = block[0]
    while isinstance(first, (ast.Try, ast.TryStar)):
        first = first.body[0]
    decorators: list[ast.expr] = getattr(first, "decorator_list", [])
    return min([first.lineno, *(decorator.lineno for decorator in decorators)])
