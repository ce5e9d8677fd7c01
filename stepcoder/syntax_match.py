"""Measure the share of a reference's syntax tree that a program has: PPOCoder's R_ast.

PPOCoder (Shojaee et al. 2023, arXiv 2301.13816), its section on the reward:

    R_ast = Count(subtrees of both) / Count(subtrees of the reference)

which is CodeBLEU's syntactic AST match (Ren et al. 2020, arXiv 2009.10297, section 3.2); it compares structure, not
the names of leaves. How this differs from the code of both (CodeBLEU's ``syntax_match.py``):

1. Trees are those of ``ast``, not of tree-sitter. Its nodes distinguish ``a + b`` from ``a - b`` and an integer from
   a string. A program that Python does not parse matches nothing; tree-sitter makes a tree of anything.
2. Each subtree of the program matches one of the reference's, as in CodeBLEU's formula (Count_clip). The code lets one
   subtree match any number.
3. Docstrings and comments do not count. The code removes Java's comments instead: in Python, text after ``//``.

Both trees are walked without recursion, in time linear in their size.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from apps_plus.conditionals import parse

LONGEST_SOURCE = 1 << 16
"""Maximum length of a program in characters; longer ones would take seconds to parse, and match nothing."""

_Key = tuple[str, tuple[tuple[str, int], ...]]
"""A node's label, and the field and the shape number of each child."""


def syntax_match(program: str, reference: str) -> float:
    """Return the share of the reference's subtrees that the program has, from 0 to 1; 0 if either does not parse.

    A subtree is a node with its descendants; leaves (names, constants, ``pass``) are not subtrees, the root always is.
    """
    parsed = _reference_shapes(reference)
    tree = tree_of(program)
    if parsed is None or tree is None:
        return 0.0
    shapes, counts = parsed
    found = Counter(_subtrees(tree, shapes, grow=False))
    common = sum(min(count, found[shape]) for shape, count in counts.items())
    return common / counts.total()


def tree_of(source: str) -> ast.Module | None:
    """Parse a program; None if it does not parse, is too deeply nested for the parser, or too long."""
    if len(source) > LONGEST_SOURCE:
        return None
    try:
        return parse(source.removeprefix("\ufeff"))  # as the sandbox does
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return None


@lru_cache(maxsize=1024)
def _reference_shapes(reference: str) -> tuple[dict[_Key, int], Counter[int]] | None:
    """Number the shapes of a reference, and count the subtrees of each."""
    tree = tree_of(reference)
    if tree is None:
        return None
    shapes: dict[_Key, int] = {}
    counts = Counter(_subtrees(tree, shapes, grow=True))
    return shapes, counts


_UNKNOWN = -1
"""The shape number of nodes that the reference does not have."""


def _subtrees(tree: ast.Module, shapes: dict[_Key, int], *, grow: bool) -> Iterator[int]:
    """Yield the shape number of every subtree, children before parents; number new shapes if ``grow``."""
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
    """List every node with its children, parents before children."""
    found: list[tuple[ast.AST, _Parts]] = []
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        parts = _parts(node)
        found.append((node, parts))
        todo.extend(part for _, part in parts)
    return found


def _parts(node: ast.AST) -> _Parts:
    """List a node's children by field, without its docstring and the load or store context of names."""
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
