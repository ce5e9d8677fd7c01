"""Tell whether two programs are the same but for names, comments and layout. Pure functions."""

from __future__ import annotations

import ast
import hashlib

from apps_plus.conditionals import parse


def program_fingerprint(source: str) -> str:
    """Return a SHA-256 that is equal for programs whose syntax trees are equal, their own names aside.

    A name that the program binds (a variable, an argument, a function, a class) is replaced by the order of its first
    occurrence; names from outside, attributes and constants are kept. A program that cannot be parsed is only the same
    as one with the same words.
    """
    try:
        tree = parse(source)
        form = ast.dump(_Renamed(_bound_names(tree)).visit(_without_docstrings(tree)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        form = " ".join(source.split())
    return hashlib.sha256(form.encode(errors="surrogatepass")).hexdigest()


def _bound_names(tree: ast.Module) -> set[str]:
    bound: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                bound.add(name)
            case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
    return bound


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and len(body) > 1:
            node.body = [body[0], *body[1:]] if not _is_text(body[0]) else body[1:]  # type: ignore[attr-defined]
    return tree


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


class _Renamed(ast.NodeTransformer):
    """Replaces the names that a program binds by numbers, in the order of their first occurrence."""

    def __init__(self, bound: set[str]) -> None:
        self._bound = bound
        self._numbers: dict[str, str] = {}

    def _rename(self, name: str) -> str:
        return self._numbers.setdefault(name, f"name {len(self._numbers)}") if name in self._bound else name

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self._rename(node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = self._rename(node.arg)
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.name = self._rename(node.name)
        node.returns = None
        self.generic_visit(node)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        node.name = self._rename(node.name)
        self.generic_visit(node)
        return node
