"""Rules on names: what changes where the variables of a script become local to a function."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from harness.scoring.other_judges.judges import OtherJudge
from harness.scoring.other_judges.wrapping import WrappedScript

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_BUILTINS = frozenset(dir(builtins))


def global_does_not_reach(judge: OtherJudge, script: WrappedScript) -> bool:
    """Return whether a function declares a variable of the script ``global``: it is local to the judge's function."""
    local = names_bound(script.body) - _declared_global(script.body)
    inner = (node for statement in script.body for node in ast.walk(statement) if isinstance(node, ast.Global))
    return any(local.intersection(node.names) for node in inner)


def name_before_binding(judge: OtherJudge, script: WrappedScript) -> bool:
    """Return whether a name that is local to the judge's function is read where it may still be unbound.

    Only names that mean something before: built-ins (``print = partial(print)``) and imported modules.
    """
    local = names_bound(script.body) - _declared_global(script.body)
    outer = _BUILTINS | names_bound(script.before)
    reads = _Reads(frozenset(local & outer))
    try:
        reads.visit_all(script.body, set())
    except RecursionError:  # a chain of a thousand elif
        return False
    late = {name for name in reads.deferred if name not in reads.bound_at_end}
    return bool(reads.unbound or late)


def _declared_global(body: Iterable[ast.stmt]) -> set[str]:
    """Return the names that a script itself declares global, which then are so in the judge's function, too."""
    return {name for node in own_scope(body) if isinstance(node, ast.Global) for name in node.names}


def names_bound(body: Iterable[ast.stmt]) -> set[str]:
    """Return the names that statements bind in their own scope."""
    found: set[str] = set()
    for node in own_scope(body):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.add(node.name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                found.update((alias.asname or alias.name).partition(".")[0] for alias in aliases)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found.add(name)
    return found


def own_scope(body: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the nodes of statements, not those inside functions, classes and comprehensions."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef, *_COMPREHENSIONS)):
            continue
        waiting.extend(ast.iter_child_nodes(node))


@dataclass
class _Reads:
    """Follows a body in the order in which it runs, and collects reads of names that may be unbound."""

    names: frozenset[str]
    """The names that matter."""
    unbound: set[str] = field(default_factory=set)
    deferred: set[str] = field(default_factory=set)
    """Names that functions of the body read, at a time that is not known."""
    bound_at_end: set[str] = field(default_factory=set)

    def visit_all(self, body: Iterable[ast.stmt], bound: set[str]) -> set[str]:
        """Visit statements; return the names that are bound after them."""
        for statement in body:
            bound = self._visit(statement, bound)
        self.bound_at_end = bound
        return bound

    def _visit(self, statement: ast.stmt, bound: set[str]) -> set[str]:
        match statement:
            case ast.If(test=test):
                self._read(test, bound)
                branches = [self.visit_all(part, set(bound)) for part in (statement.body, statement.orelse)]
                return branches[0] & branches[1]
            case ast.For() | ast.AsyncFor():
                self._read(statement.iter, bound)
                bound = bound | self._stored(statement.target)
                return self.visit_all(statement.orelse, self.visit_all(statement.body, bound))
            case ast.While(test=test):
                self._read(test, bound)
                return self.visit_all(statement.orelse, self.visit_all(statement.body, bound))
            case ast.Try() | ast.TryStar():
                ends = [self.visit_all([*statement.body, *statement.orelse], set(bound))]
                ends += [self.visit_all(handler.body, set(bound)) for handler in statement.handlers]
                return self.visit_all(statement.finalbody, set.intersection(*ends))
            case ast.With() | ast.AsyncWith():
                for item in statement.items:
                    self._read(item, bound)
                    bound = bound | self._stored(item)
                return self.visit_all(statement.body, bound)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                for part in (*statement.decorator_list, *statement.args.defaults, *statement.args.kw_defaults):
                    if part is not None:
                        self._read(part, bound)
                self._defer(statement)
                return bound | {statement.name}
            case ast.ClassDef():
                self._defer(statement)
                return bound | {statement.name}
            case ast.AugAssign(target=ast.Name(id=name)):
                self._read(statement.value, bound)
                self.unbound |= {name} & self.names - bound
                return bound | {name}
        self._read(statement, bound)
        return bound | names_bound([statement])

    def _stored(self, node: ast.AST) -> set[str]:
        return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}

    def _read(self, node: ast.AST, bound: set[str]) -> None:
        """Collect the names that a node reads at once; comprehensions run at once, lambdas do not."""
        waiting: list[tuple[ast.AST, frozenset[str]]] = [(node, frozenset())]
        while waiting:
            one, targets = waiting.pop()
            if isinstance(one, ast.Lambda):
                self._defer(one)
                continue
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load) and one.id not in targets:
                self.unbound |= {one.id} & self.names - bound
            if isinstance(one, _COMPREHENSIONS):
                targets = targets.union(*(self._stored(part.target) for part in one.generators))
            waiting.extend((child, targets) for child in ast.iter_child_nodes(one))

    def _defer(self, node: ast.AST) -> None:
        """Collect the names that a function reads from outside; roughly: names that it binds itself are left out."""
        inside = list(ast.walk(node))
        own = {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        own |= {n.arg for n in inside if isinstance(n, ast.arg)}
        read = {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        self.deferred |= (read - own) & self.names
