"""Find the conditional statements of a program, where StepCoder's curricula start.

Source: StepCoder, section 3.1: "the starting positions of the conditional statements" of the canonical solution,
read from its syntax tree. Choices that the paper leaves open (docs/algorithm.md): ``with`` is not a conditional
statement, comprehensions and ternaries are expressions, ``else`` and ``finally`` belong to the statement they close.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from apps_plus.problem import Conditional

_KINDS: dict[type[ast.AST], str] = {
    ast.If: "if",
    ast.For: "for",
    ast.AsyncFor: "for",
    ast.While: "while",
    ast.Try: "try",
    ast.TryStar: "try",
    ast.ExceptHandler: "except",
    ast.Match: "match",
}

_NEWLINE = re.compile(rb"\r\n|\r|\n")
"""Python's line ends; ``splitlines`` would also split at form feeds and Unicode separators."""

_ELIF = re.compile(rb"elif\b")


def find_conditionals(source: str) -> tuple[Conditional, ...]:
    """Return the conditional statements of a program, sorted by start.

    An ``elif`` starts at its keyword and extends to the end of its chain; an ``if`` on its own line below ``else:`` is
    an ``if``. Each ``except`` (and ``except*``) starts at its keyword.

    Raises:
        SyntaxError: The program is not Python, or has null bytes (before Python 3.12: ValueError).
        RecursionError, MemoryError: It is nested too deep for the parser.
    """
    lines = _NEWLINE.split(source.encode())
    return tuple(sorted(_conditional(node, lines) for node in _statements(parse(source))))


def parse(source: str) -> ast.Module:
    """Call ``ast.parse`` without printing the program's warnings (``x is 1``). Raises the same errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def _statements(tree: ast.Module) -> Iterator[ast.stmt | ast.excepthandler]:
    """Yield the nodes that are conditional statements, unsorted."""
    for node in ast.walk(tree):
        if type(node) in _KINDS:
            assert isinstance(node, ast.stmt | ast.excepthandler)
            yield node


def _conditional(node: ast.stmt | ast.excepthandler, lines: list[bytes]) -> Conditional:
    assert node.end_lineno is not None and node.end_col_offset is not None  # ast.parse always sets them
    kind = _KINDS[type(node)]
    # In the tree, an `elif` and an `if` below `else:` are both an If in the orelse of an If; in the source they differ.
    if kind == "if" and _ELIF.match(lines[node.lineno - 1], node.col_offset):
        kind = "elif"
    return Conditional(node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, kind)
