"""Compile tests once for many programs, and find the names that they expect the program to define.

Standard library only.
"""

from __future__ import annotations

import ast
import sys
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import types

TESTS_FILE = "<tests>"
"""The file name of the tests' code on tracebacks."""
CACHED_CHARACTERS = 64 << 20
"""Source text whose compiled form is kept."""


class CompiledTests(NamedTuple):
    """Tests, or their prelude."""

    code: types.CodeType
    names: set[str]
    """The names that the code uses and does not define."""
    modules: set[str]
    """Those of the names that must be modules of the standard library."""


class TestCache:
    """The compiled tests of many problems; the least recently used are dropped."""

    def __init__(self) -> None:
        self.compiled: OrderedDict[str, CompiledTests] = OrderedDict()
        self.size = 0

    def get(self, source: str) -> CompiledTests:
        """Compile tests, or return them from the cache. Raises SyntaxError or ValueError where they do not compile."""
        if source in self.compiled:
            self.compiled.move_to_end(source)
            return self.compiled[source]
        tree = ast.parse(source)
        code, names = compile(tree, TESTS_FILE, "exec", dont_inherit=True), free_names(tree)
        self.compiled[source] = CompiledTests(code, names, module_names(tree, names))
        self.size += len(source)
        while self.size > CACHED_CHARACTERS:
            self.size -= len(self.compiled.popitem(last=False)[0])
        return self.compiled[source]


def free_names(tree: ast.Module) -> set[str]:
    """Return the names that code reads and does not bind."""
    read: set[str] = set()
    bound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).split(".")[0])
    return read - bound


def module_names(tree: ast.Module, names: set[str]) -> set[str]:
    """Return the names that code only reads attributes of, and that are modules of the standard library."""
    reads = [node.value for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    others = {node.id for node in set(ast.walk(tree)).difference(reads) if isinstance(node, ast.Name)}
    return names.intersection(sys.stdlib_module_names).difference(others)
