"""The conditional statements of a program: where StepCoder's curricula start.

Source: StepCoder, section 3.1: "the starting positions of the conditional statements" of the canonical solution,
read from its syntax tree. What the paper leaves open is settled in DESIGN, section 9: ``with`` is none, and
comprehensions and ternaries are expressions; ``else`` and ``finally`` belong to the statement they close.
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
"""Where Python ends a line; ``splitlines`` would also split at form feeds and Unicode separators."""

_ELIF = re.compile(rb"elif\b")


def find_conditionals(source: str) -> tuple[Conditional, ...]:
    """Every conditional statement of a program, in the order in which they start.

    An ``elif`` starts at its keyword and reaches to the end of its chain, as the ``if`` that it stands for does; an
    ``if`` on a line of its own below ``else:`` is an ``if``. Each ``except`` (and ``except*``) starts at its keyword.

    Raises:
        SyntaxError: the program is not Python; null bytes too (before Python 3.12 as ValueError).
        RecursionError, MemoryError: it is nested deeper than the parser goes.
    """
    lines = _NEWLINE.split(source.encode())
    return tuple(sorted(_conditional(node, lines) for node in _statements(parse(source))))


def parse(source: str) -> ast.Module:
    """``ast.parse`` without the warnings of other people's programs (``x is 1``). Raises as it does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def _statements(tree: ast.Module) -> Iterator[ast.stmt | ast.excepthandler]:
    """The nodes that are conditional statements, in no particular order."""
    for node in ast.walk(tree):
        if type(node) in _KINDS:
            assert isinstance(node, ast.stmt | ast.excepthandler)
            yield node


def _conditional(node: ast.stmt | ast.excepthandler, lines: list[bytes]) -> Conditional:
    assert node.end_lineno is not None and node.end_col_offset is not None  # ast.parse always sets them
    kind = _KINDS[type(node)]
    # In the tree an `elif` is an If in the orelse of an If, as an `if` below `else:` is; the source tells them apart.
    if kind == "if" and _ELIF.match(lines[node.lineno - 1], node.col_offset):
        kind = "elif"
    return Conditional(node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, kind)
