"""How much of a reference's syntax tree a program has: PPOCoder's R_ast.

PPOCoder (Shojaee et al. 2023, arXiv 2301.13816), its section on the reward:

    R_ast = Count(subtrees of both) / Count(subtrees of the reference)

which is CodeBLEU's syntactic AST match (Ren et al. 2020, arXiv 2009.10297, section 3.2): leaves' names do not count,
since it is the structure that is compared. How this differs from the code of both (CodeBLEU's ``syntax_match.py``):

1. Trees are those of ``ast``, not of tree-sitter: no parser but Python's own, whose nodes also tell ``a + b`` from
   ``a - b`` and an integer from a string. A program that Python does not parse matches nothing; tree-sitter makes a
   tree of anything.
2. Each subtree of the program matches one of the reference's, as in CodeBLEU's formula (Count_clip). The code lets one
   subtree match any number.
3. Docstrings and comments do not count. The code means to remove them, but as Java's: what it cuts from Python is what
   follows ``//``.

Both trees are walked without recursion, in time linear in their size.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from apps_plus.conditionals import parse

LONGEST_SOURCE = 1 << 16
"""Characters of a program; what is longer is not parsed, since that would take seconds, and matches nothing."""

_Key = tuple[str, tuple[tuple[str, int], ...]]
"""A node's label, and the field and the shape of each of its children."""


def syntax_match(program: str, reference: str) -> float:
    """The share of the reference's subtrees that the program has too, from 0 to 1; 0 where either does not parse.

    A subtree is a node with all that is below it; leaves are none (names, constants, ``pass``), but the root always is.
    """
    wanted = _wanted(reference)
    tree = tree_of(program)
    if wanted is None or tree is None:
        return 0.0
    shapes, counts = wanted
    found = Counter(_subtrees(tree, shapes, grow=False))
    common = sum(min(count, found[shape]) for shape, count in counts.items())
    return common / counts.total()


def tree_of(source: str) -> ast.Module | None:
    """The syntax tree of a program; None where it does not parse, is nested too deep for the parser, or too long."""
    if len(source) > LONGEST_SOURCE:
        return None
    try:
        return parse(source.removeprefix("\ufeff"))  # as the sandbox does
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return None


@lru_cache(maxsize=1024)
def _wanted(reference: str) -> tuple[dict[_Key, int], Counter[int]] | None:
    """The shapes that are part of a reference, numbered, and how often each is a subtree."""
    tree = tree_of(reference)
    if tree is None:
        return None
    shapes: dict[_Key, int] = {}
    counts = Counter(_subtrees(tree, shapes, grow=True))
    return shapes, counts


_UNKNOWN = -1
"""The shape of what the reference does not have."""


def _subtrees(tree: ast.Module, shapes: dict[_Key, int], *, grow: bool) -> Iterator[int]:
    """The shape of every subtree, children before parents. Shapes not seen before are numbered if they may ``grow``."""
    children = _children(tree)
    shape_of: dict[int, int] = {}
    for node, parts in reversed(children):
        key = (_label(node), tuple((field, shape_of[id(part)]) for field, part in parts))
        if grow:
            shapes.setdefault(key, len(shapes))
        shape = shape_of[id(node)] = shapes.get(key, _UNKNOWN)
        if parts or node is tree:
            yield shape


_Parts = list[tuple[str, ast.AST]]


def _children(tree: ast.Module) -> list[tuple[ast.AST, _Parts]]:
    """Every node with its children, parents before children."""
    found: list[tuple[ast.AST, _Parts]] = []
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        parts = _parts(node)
        found.append((node, parts))
        todo.extend(part for _, part in parts)
    return found


def _parts(node: ast.AST) -> _Parts:
    """A node's children by field; not its docstring, and not whether a name is read or written (its place tells)."""
    parts: _Parts = []
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, list):
            parts += [(field, item) for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
            parts.append((field, value))
    docstring = _docstring(node)
    return [part for part in parts if part[1] is not docstring]


def _docstring(node: ast.AST) -> ast.stmt | None:
    if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or not node.body:
        return None
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return first
    return None


def _label(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return f"Constant {type(node.value).__name__}"
    return type(node).__name__
