"""Analyse text as Python: whether it parses, and which names it defines, reads, prints and lacks.

Nothing is run. The text is untrusted: any exception of the parser means that it does not parse.
"""

from __future__ import annotations

import ast
import builtins
import functools
import re
import symtable
import warnings
from collections.abc import Iterator
from enum import IntEnum

LINE = re.compile("\r\n|\r|\n")
"""The line ends of Python."""
_LONGEST = 400_000
"""Most characters of a text that is parsed."""
_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__", "__builtins__"}


class Defined(IntEnum):
    """The definition of a name in a program, in ascending order."""

    NOT = 0
    IMPORTED = 1
    """Imported from a module, as in a usage of another block's function."""
    STUB = 2
    """An empty function: ``...``, ``pass``, ``raise NotImplementedError``."""
    REAL = 3


@functools.lru_cache(maxsize=128)
def parse(code: str) -> ast.Module | None:
    """Parse a text as Python; None if it does not parse."""
    if len(code) > _LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # for example SyntaxWarning of an invalid escape
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None


def is_code(text: str) -> bool:
    """Return whether a text is Python with an effect, and not a word or a number that happens to parse."""
    tree = parse(text)
    return tree is not None and any(not _is_inert(statement) for statement in tree.body)


def _is_inert(statement: ast.stmt) -> bool:
    """Return whether a statement is a bare name, number or text, as prose and output may parse."""
    if not isinstance(statement, ast.Expr):
        return isinstance(statement, ast.AnnAssign) and statement.value is None  # "Note: this"
    return not any(isinstance(node, (ast.Call, ast.Await, ast.NamedExpr)) for node in ast.walk(statement))


def statements_of(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of one scope, including those inside ``if``, ``try``, ``with`` and loops."""
    for statement in body:
        yield statement
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for field in ("body", "orelse", "finalbody"):
            yield from statements_of(getattr(statement, field, []))
        for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield from statements_of(part.body)


def defines(tree: ast.Module, name: str) -> Defined:
    """Return how a program defines a function: by ``def``, as a method of ``class Solution``, or by assignment."""
    found = Defined.NOT
    for statement in statements_of(tree.body):
        found = _defined_by(statement, name) or found  # the last definition counts
        if isinstance(statement, ast.ClassDef) and statement.name == "Solution":
            for member in statements_of(statement.body):
                found = _defined_by(member, name) or found
    return found


def _defined_by(statement: ast.stmt, name: str) -> Defined:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() if statement.name == name:
            return Defined.STUB if is_stub(statement) else Defined.REAL
        case ast.ClassDef() if statement.name == name:
            return Defined.REAL
        case ast.Assign(targets=targets, value=value) if any(name in _names_bound(target) for target in targets):
            return Defined.NOT if _is_no_definition(value, name) else Defined.REAL
        case ast.AnnAssign(target=ast.Name(id=bound), value=ast.expr()) if bound == name:
            return Defined.REAL
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            imported = {(alias.asname or alias.name).partition(".")[0] for alias in names}
            return Defined.IMPORTED if name in imported else Defined.NOT
    return Defined.NOT


def _is_no_definition(value: ast.expr, name: str) -> bool:
    """Return whether the value assigned to a function's name uses that name (a wrapper), or is a mock."""
    names = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
    return name in names or bool(names & {"Mock", "MagicMock"})


def is_stub(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function's body is a placeholder, or omits a part (``...`` as a statement)."""
    body = [statement for statement in function.body if not _is_text(statement)]
    if any(_is_ellipsis(statement) for statement in statements_of(body)):
        return True
    return all(_is_placeholder(statement) for statement in body)


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and statement.value.value is not ...
    )


def _is_ellipsis(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and statement.value.value is ...
    )


def _is_placeholder(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Raise() | ast.Return(value=None):
            return True
        case ast.Return(value=ast.Constant(value=value)) if value is None or value is ...:
            return True
        case ast.Return(value=ast.Name(id="NotImplemented")):
            return True
        case ast.Assert(test=ast.Constant(value=False)):
            return True
    return False


def _names_bound(target: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


# ---- scripts


def acts(tree: ast.Module) -> bool:
    """Return whether a program has an effect when it runs, beyond defining functions and names."""
    return any(
        isinstance(node, (ast.Call, ast.For, ast.While))
        for statement in tree.body
        if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        for node in ast.walk(statement)
    )


def feeds_itself(tree: ast.Module) -> bool:
    """Return whether a program replaces standard input by a text, as a demonstration of another program does."""
    return any(
        isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("StringIO")
        and any(isinstance(argument, (ast.Constant, ast.JoinedStr)) for argument in node.args)
        for statement in ast.walk(tree)
        if isinstance(statement, ast.Assign) and any(ast.unparse(t).endswith("stdin") for t in statement.targets)
        for node in ast.walk(statement.value)
    )


def reads_input(tree: ast.Module) -> bool:
    """Return whether a program reads standard input."""
    return any(map(_reads, ast.walk(tree)))


def _reads(node: ast.AST) -> bool:
    match node:
        case ast.Name(id="input" | "raw_input" | "stdin" | "fileinput", ctx=ast.Load()):
            return True
        case ast.Attribute(attr="stdin" | "__stdin__", ctx=ast.Load()):
            return True
        case ast.Call(func=ast.Name(id="open"), args=[ast.Constant(value=0 | "/dev/stdin" | "/dev/fd/0"), *_]):
            return True
        case ast.Call(func=ast.Attribute(attr="read"), args=[ast.Constant(value=0), *_]):  # os.read(0, ...)
            return True
    return False


def prints_output(tree: ast.Module) -> bool:
    """Return whether a program prints, or writes to standard output."""
    return any(map(_prints, ast.walk(tree)))


def _prints(node: ast.AST) -> bool:
    match node:
        case ast.Name(id="print" | "pprint" | "stdout", ctx=ast.Load()):
            return True
        case ast.Attribute(attr="stdout" | "__stdout__", ctx=ast.Load()):
            return True
        case ast.Call(func=ast.Attribute(attr="write"), args=[ast.Constant(value=1), *_]):  # os.write(1, ...)
            return True
    return False


# ---- names: missing ones, and the statements that bind them


@functools.lru_cache(maxsize=128)
def missing_names(code: str) -> frozenset[str]:
    """Return the names that a program uses and does not bind; none if its scopes cannot be analysed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            top = symtable.symtable(code, "<answer>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return frozenset()
    bound = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    used: set[str] = set()
    scopes = [top]
    while scopes:
        scope = scopes.pop()
        scopes += scope.get_children()
        for symbol in scope.get_symbols():
            if symbol.is_global() and symbol.is_assigned():  # "global x" in a function binds it
                bound.add(symbol.get_name())
            if symbol.is_referenced() and (symbol.is_global() or scope is top):
                used.add(symbol.get_name())
    return frozenset(used - bound - _BUILTINS)


def bindings(tree: ast.Module) -> dict[str, list[ast.stmt]]:
    """Return for every top-level name of a program the statements that bind or fill it, in order."""
    found: dict[str, list[ast.stmt]] = {}
    for statement in tree.body:
        bound = _bound_by(statement)
        if not isinstance(statement, _DEFINITIONS):
            bound |= {name for name in _names_filled(statement) if name in found}
        for name in bound:
            found.setdefault(name, []).append(statement)
    return found


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def _names_filled(statement: ast.stmt) -> set[str]:
    """Return the names whose values a statement may change: ``x[i] = 1``, ``x.append(1)``."""
    found = set()
    for node in ast.walk(statement):
        if isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.value, ast.Name):
            stored = isinstance(node.ctx, ast.Store) or isinstance(node, ast.Attribute)
            if stored:
                found.add(node.value.id)
    return found


def _bound_by(statement: ast.stmt) -> set[str]:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return {statement.name}
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {(alias.asname or alias.name).partition(".")[0] for alias in names}
        case ast.Assign(targets=targets):
            return set().union(*map(_names_bound, targets))
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            return _names_bound(target)
        case (
            ast.If() | ast.Try() | ast.For() | ast.While() | ast.With()
        ):  # an import with a fallback, a loop that fills
            inner = (_bound_by(part) for part in statements_of([statement]) if part is not statement)
            own = _names_bound(statement.target) if isinstance(statement, ast.For) else set()
            return own.union(*inner)
    return set()


def span_of(code: str, statement: ast.stmt) -> tuple[int, int]:
    """Return the span [start, end) of the whole lines of a statement."""
    beginnings = line_starts(code)
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
    last = statement.end_lineno or statement.lineno
    return beginnings[first - 1], beginnings[last] if last < len(beginnings) else len(code)


def line_starts(code: str) -> list[int]:
    """Return the index of the first character of each line, as Python counts lines."""
    return [0, *(end.end() for end in LINE.finditer(code))]
