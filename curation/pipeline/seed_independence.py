"""Prove from its syntax that a program answers equal inputs equally, whatever the seeds and the clock.

Such a program need not run again with other seeds. The proof errs to one side: a program without one may still be
deterministic. What depends on seeds in Python is the order of a set, also of ``a.keys() - b.keys()``; ``hash`` and
``id``; and some modules. So:

1. Only modules that compute are imported, and only their names used that do (``harmless_names``).
2. An expression that makes a set, and every variable and attribute with a name that is assigned one, is used only where
   the order has no effect: ``x in s``, ``len(s)``, ``sorted(s)``, ``s.add(x)``. It reaches no function, list or loop.
3. ``keys()`` and ``items()`` are iterated, and no operand of ``-`` or ``&``.
4. No name leads elsewhere: ``eval``, ``getattr``, ``__class__``.

Two things are assumed. The program computes nothing from the text of an address (``str(map(f, xs))``): the caller knows
so of one whose outputs are all right. And it sorts no set that holds NaN.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from typing import Any

from apps_plus.conditionals import parse
from curation.pipeline.harmless_names import (
    FORBIDDEN_ATTRIBUTES,
    FORBIDDEN_NAMES,
    SET_FUNCTIONS,
    SET_MAKERS,
    SET_METHODS,
    SET_RESULTS,
    SPECIAL_NAMES,
    VIEW_FUNCTIONS,
    WHOLE,
    is_special,
    names_of,
)

_ATTRIBUTE_IN_FORMAT = re.compile(r"\{\w*[.\[]")
"""In a text for ``format``: ``"{0.seen}"`` prints an attribute, which may be a set."""
_LEAVES = frozenset(
    "arg asname attr conversion ctx id is_async kind level module name names op ops rest simple type_comment "
    "type_ignores".split()
)
"""Fields of syntax trees that hold texts and numbers, or nodes of no interest: operators and the names of imports."""
_BRANCHES: dict[type[ast.AST], tuple[str, ...]] = {
    kind: () if kind is ast.Constant else tuple(name for name in kind._fields if name not in _LEAVES)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
"""By kind of node, the fields that hold other nodes, or lists of them."""
_SET_OPERATORS = (ast.BitAnd, ast.BitOr, ast.BitXor, ast.Sub)


def is_seed_independent(source: str) -> bool:
    """Return whether it is proved that equal inputs give equal outputs; False for a program that does not parse."""
    try:
        _Proof(parse(source.removeprefix("\ufeff"))).check()
    except (_NotProvedError, SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


class _NotProvedError(Exception):
    """The program may depend on a seed."""


class _Proof:
    """The proof for one syntax tree."""

    def __init__(self, tree: ast.Module) -> None:
        self.parents: dict[ast.AST, ast.AST] = {}
        self.nodes: defaultdict[type[ast.AST], list[Any]] = defaultdict(list)
        """The nodes by type."""
        self._collect(tree)
        self.modules: dict[str, frozenset[str]] = {}
        """For each name of an imported module the attributes that may be used."""
        self.bound: set[str] = set()
        """Names that the program binds."""
        self.uses: defaultdict[str, list[ast.AST]] = defaultdict(list)
        """By name, the variables and attributes that are read."""
        self.sets: list[ast.AST] = [*self.nodes[ast.Set], *self.nodes[ast.SetComp]]
        """Expressions with a set as their value whose use is not checked yet."""

    def _collect(self, tree: ast.Module) -> None:
        below: list[ast.AST] = [tree]
        for node in below:  # which grows meanwhile
            self.nodes[type(node)].append(node)
            for field in _BRANCHES[type(node)]:
                value = getattr(node, field)
                for child in value if isinstance(value, list) else (value,):
                    if isinstance(child, ast.AST):
                        self.parents[child] = node
                        below.append(child)

    def check(self) -> None:
        """Raise _NotProvedError unless every rule holds."""
        nodes = self.nodes
        if nodes[ast.Match]:
            raise _NotProvedError  # patterns bind names in ways of their own
        for node in (*nodes[ast.Import], *nodes[ast.ImportFrom]):
            self._check_import(node)
        for kind in (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler):
            self.bound.update(node.name for node in nodes[kind])
        self.bound.update(node.arg for node in nodes[ast.arg])
        self.bound.update(node.id for node in nodes[ast.Name] if isinstance(node.ctx, ast.Store))
        for node in nodes[ast.Constant]:
            if isinstance(node.value, str) and "{" in node.value and _ATTRIBUTE_IN_FORMAT.search(node.value):
                raise _NotProvedError
        for node in nodes[ast.Name]:
            self._check_name(node)
        for node in nodes[ast.Attribute]:
            self._check_attribute(node)
        self._check_sets()

    # ---- names

    def _check_import(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.modules[alias.asname or alias.name] = _allowed_names(alias.name)
            return
        module = "" if node.level else node.module or ""
        allowed = _allowed_names(module)
        for alias in node.names:
            if alias.name not in allowed and (alias.name, module in WHOLE) != ("*", True):
                raise _NotProvedError
            self.bound.add(alias.asname or alias.name)

    def _check_name(self, node: ast.Name) -> None:
        name, parent = node.id, self.parents[node]
        is_called = isinstance(parent, ast.Call) and parent.func is node
        if name in self.modules:
            fits = isinstance(parent, ast.Attribute) and parent.attr in self.modules[name]
        elif name in SET_MAKERS:
            fits = is_called and name not in self.bound  # and what it makes is used well
            self.sets.append(parent)
        elif name == "open":
            match parent:
                case ast.Call(args=[ast.Constant(value=0), *_]):  # standard input
                    fits = is_called
                case _:
                    fits = False
        else:
            fits = name not in FORBIDDEN_NAMES and not is_special(name)
        if not fits:
            raise _NotProvedError
        if isinstance(node.ctx, ast.Load):
            self.uses[name].append(node)

    def _check_attribute(self, node: ast.Attribute) -> None:
        name = node.attr
        is_own = isinstance(node.value, ast.Name) and node.value.id == "self" and not is_special(name)
        is_private = name.startswith("_") and not is_own and name not in SPECIAL_NAMES
        if is_private or name in FORBIDDEN_ATTRIBUTES:
            raise _NotProvedError
        if name in ("keys", "items"):
            call = self.parents[node]
            if not (isinstance(call, ast.Call) and call.func is node and self._is_iterated(call)):
                raise _NotProvedError
        if isinstance(node.ctx, ast.Load):
            self.uses[name].append(node)

    def _is_iterated(self, view: ast.Call) -> bool:
        """Return whether ``d.keys()`` or ``d.items()`` is used for nothing but its elements."""
        match self.parents[view]:
            case ast.For(iter=iterated) | ast.comprehension(iter=iterated):
                return iterated is view
            case ast.Call(func=ast.Name(id=name)):
                return name in VIEW_FUNCTIONS and name not in self.bound
            case ast.Compare() | ast.Starred():
                return True
        return False

    # ---- sets

    def _check_sets(self) -> None:
        names: set[str] = set()
        while self.sets:
            new = self._names_given(self.sets.pop()) - names
            names |= new
            for name in new:
                self.sets += self.uses[name]

    def _names_given(self, node: ast.AST) -> set[str]:
        """Check how the value of an expression, a set, is used; return the names that are assigned it."""
        parent = self.parents[node]
        match parent:
            case ast.Compare() | ast.Expr() | ast.UnaryOp(op=ast.Not()):
                return set()
            case ast.If() | ast.While() if parent.test is node:
                return set()
            case ast.Call() if self._ignores_order(parent, node):
                return set()
            case ast.Attribute(attr=name):
                call = self.parents[parent]
                if isinstance(call, ast.Call) and call.func is parent and name in SET_METHODS | SET_RESULTS:
                    self.sets += [call] if name in SET_RESULTS else []
                    return set()
            case ast.BinOp(op=operator) if isinstance(operator, _SET_OPERATORS):
                self.sets.append(parent)
                return set()
            case ast.AugAssign(target=target, op=operator) if isinstance(operator, _SET_OPERATORS):
                return _names_in([target])
            case ast.Assign(targets=targets):
                return _names_in(targets)
            case ast.AnnAssign(target=target) if parent.value is node:
                return _names_in([target])
            case ast.Tuple():
                statement = self.parents[parent]  # a, b = set(), set()
                if isinstance(statement, ast.Assign):
                    names = [_names_in(target.elts) for target in statement.targets if isinstance(target, ast.Tuple)]
                    if len(names) == len(statement.targets):
                        return set().union(*names)
        raise _NotProvedError

    def _ignores_order(self, call: ast.Call, argument: ast.AST) -> bool:
        """Return whether a call of a built-in function with one set gives the same in any order of it."""
        match call:
            case ast.Call(func=ast.Name(id=name), args=[only], keywords=[] | [ast.keyword(arg="reverse")]):
                if only is not argument or name in self.bound:
                    return False
                if name in ("list", "tuple"):  # sorted(list(s)), len(list(s))
                    outer = self.parents[call]
                    return isinstance(outer, ast.Call) and self._ignores_order(outer, call)
                return name in SET_FUNCTIONS
        return False


def _names_in(targets: list[ast.expr]) -> set[str]:
    """Return the names of variables and attributes that are assigned to. Raises _NotProvedError for other targets."""
    names = set()
    for target in targets:
        match target:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                names.add(name)
            case _:
                raise _NotProvedError
    return names


def _allowed_names(module: str) -> frozenset[str]:
    """Return the names of a module that may be used. Raises _NotProvedError for a module that may not be imported."""
    names = names_of(module)
    if names is None:
        raise _NotProvedError
    return names
