"""Find the names that a program reads, sets and hides, without running it. Pure functions."""

from __future__ import annotations

import ast
import builtins
import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

_DYNAMIC = {
    *("eval", "exec", "globals", "locals", "vars", "getattr", "setattr", "delattr", "hasattr", "dir", "compile"),
    *("__import__", "__builtins__", "__dict__", "modules", "_getframe", "attrgetter", "methodcaller", "__code__"),
    *("settrace", "setprofile", "__main__"),
}
"""Names through which a program may read or set names that its text does not show."""
_DYNAMIC_MODULES = {"builtins", "importlib", "inspect", "ctypes", "gc", "__main__", "ast", "types", "dis", "pickle"}
_STREAMS = {"stdin", "stdout"}
_PAST_PRINT = {"fileno", "_exit", "system", "popen", "fork", "dup2", "kill", "subprocess", "redirect_stdout"}
_PLAIN_MODULES = {
    *("math", "collections", "itertools", "heapq", "bisect", "functools", "sys", "string", "re", "random", "copy"),
    *("time", "os", "io", "typing", "threading", "queue", "operator", "atexit", "__future__", "cmath", "array"),
}
"""Modules of which no value redefines an operator for integers and the program's own values."""
_STAR_MODULES = ("math", "collections", "itertools", "heapq", "bisect", "functools", "sys", "string", "typing")


_TELLING = frozenset(
    {
        *(ast.Name, ast.Attribute, ast.Compare, ast.Try, ast.TryStar, ast.With, ast.arg, ast.ExceptHandler),
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom),
        *(ast.MatchAs, ast.MatchStar, ast.MatchMapping),
    }
)
"""Nodes that set, hide or read names."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a program sets."""

    bound: frozenset[str]
    """Names set anywhere: variables, parameters, functions, classes, imports."""
    imported: frozenset[str]
    """Names of modules, and names from them."""
    closed: bool
    """True if every value is of a built-in type or of a class without operators of its own, as far as a number or a
    text can be one of its operands: no module such as NumPy is imported, and no class has an operator method."""
    own_streams: bool
    """True if the program may replace its standard streams, or write past ``print``."""
    has_identity: bool
    """True if it may tell equal integers apart: ``a is b``."""
    catches: bool
    """True if it may go on after an exception."""

    def is_builtin(self, node: ast.expr, *names: str) -> bool:
        """Return whether an expression is one of these built-in functions, not a name that the program sets."""
        return isinstance(node, ast.Name) and node.id in names and node.id not in self.bound


def names_of(nodes: Iterable[ast.AST]) -> Names | None:
    """Return the names of a program, from all its nodes; None where it may use names that its text does not show."""
    bound: set[str] = set()
    imported: set[str] = set()
    closed, own_streams, has_identity, catches = True, False, False, False
    for node in nodes:
        if type(node) not in _TELLING:
            continue
        if isinstance(node, ast.Name):
            if node.id in _DYNAMIC:
                return None
            has_identity |= node.id == "id"
            if not isinstance(node.ctx, ast.Load):
                bound.add(node.id)
        elif isinstance(node, ast.Attribute):
            if node.attr in _DYNAMIC:
                return None
            own_streams |= node.attr in _PAST_PRINT or (not isinstance(node.ctx, ast.Load) and node.attr in _STREAMS)
        elif isinstance(node, ast.Compare):
            has_identity |= any(map(_tells_integers_apart, node.ops, node.comparators))
        elif isinstance(node, (ast.Try, ast.TryStar, ast.With)):
            catches = True
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
            closed &= not _is_operator(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            modules = _modules(node)
            stars = [alias for alias in node.names if alias.name == "*"]
            if not modules.isdisjoint(_DYNAMIC_MODULES) or (stars and not modules <= set(_STAR_MODULES)):
                return None
            closed &= modules <= _PLAIN_MODULES
            own_streams |= any(alias.name in _STREAMS or alias.name in _PAST_PRINT for alias in node.names)
            imported |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            imported |= {name for module in modules if stars for name in _public_names(module)}
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
            bound.add(node.name or "")
        elif isinstance(node, ast.MatchMapping):
            bound.add(node.rest or "")
    return Names(frozenset(bound | imported), frozenset(imported), closed, own_streams, has_identity, catches)


def _tells_integers_apart(op: ast.cmpop, right: ast.expr) -> bool:
    is_singleton = isinstance(right, ast.Constant) and (right.value is None or isinstance(right.value, bool))
    return isinstance(op, (ast.Is, ast.IsNot)) and not is_singleton


def _is_operator(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name not in ("__init__", "__str__", "__repr__")


def _modules(node: ast.Import | ast.ImportFrom) -> set[str]:
    names: Iterable[str] = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
    return {name.split(".")[0] for name in names}


@cache
def _public_names(module: str) -> tuple[str, ...]:
    return tuple(name for name in dir(importlib.import_module(module)) if not name.startswith("_"))


BUILTINS = frozenset(dir(builtins))
"""A variable of such a name may also mean the built-in function, where it is not yet set."""
