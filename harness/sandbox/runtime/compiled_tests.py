"""Compile tests once for many programs, and find the names that they expect the program to define.

Standard library only.
"""

from __future__ import annotations

import ast
import symtable
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
        code, names = compile(source, TESTS_FILE, "exec", dont_inherit=True), free_names(source)
        self.compiled[source] = CompiledTests(code, names, module_names(source, names))
        self.size += len(source)
        while self.size > CACHED_CHARACTERS:
            self.size -= len(self.compiled.popitem(last=False)[0])
        return self.compiled[source]


def free_names(source: str) -> set[str]:
    """Return the names that code reads and does not bind."""
    read: set[str] = set()
    bound: set[str] = set()
    waiting = [symtable.symtable(source, TESTS_FILE, "exec")]
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        for symbol in table.get_symbols():
            if symbol.is_referenced():
                read.add(symbol.get_name())
            if symbol.is_assigned() or symbol.is_parameter() or symbol.is_imported():
                bound.add(symbol.get_name())
    return read - bound


def module_names(source: str, names: set[str]) -> set[str]:
    """Return the names that code only reads attributes of, and that are modules of the standard library."""
    modules = names.intersection(sys.stdlib_module_names)
    if not modules:
        return modules
    tree = ast.parse(source)
    reads = [node.value for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    others = {node.id for node in set(ast.walk(tree)).difference(reads) if isinstance(node, ast.Name)}
    return modules.difference(others)
