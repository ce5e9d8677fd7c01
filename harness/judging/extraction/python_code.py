"""Ask of a piece of text what it is as Python: does it parse, what does it define, read, print and need?

Nothing is run. Text is a stranger's: whatever the parser raises on it means that it does not parse.
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
"""Where Python ends a line."""
_LONGEST = 400_000
"""Characters of a text that is parsed at all: a longer one is no program that a model wrote to be read."""
_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__", "__builtins__"}


class Defined(IntEnum):
    """How a program defines a name, the best last."""

    NOT = 0
    IMPORTED = 1
    """From a module, as usage of somebody else's function is."""
    STUB = 2
    """With nothing in it: ``...``, ``pass``, ``raise NotImplementedError``."""
    REAL = 3


@functools.lru_cache(maxsize=128)
def parse(code: str) -> ast.Module | None:
    """Parse a text as Python; None where it is not."""
    if len(code) > _LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SyntaxWarning of an invalid escape, for one
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None


def is_code(text: str) -> bool:
    """Whether a text is Python that does something, and not a word or a number that happens to parse."""
    tree = parse(text)
    return tree is not None and any(not _is_inert(statement) for statement in tree.body)


def _is_inert(statement: ast.stmt) -> bool:
    """Whether a statement is a bare name, number, text or the like: prose and output parse as such."""
    if not isinstance(statement, ast.Expr):
        return isinstance(statement, ast.AnnAssign) and statement.value is None  # "Note: this"
    return not any(isinstance(node, (ast.Call, ast.Await, ast.NamedExpr)) for node in ast.walk(statement))


def statements_of(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that run in one scope: those of ``if``, ``try``, ``with`` and loops too, no function's."""
    for statement in body:
        yield statement
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for field in ("body", "orelse", "finalbody"):
            yield from statements_of(getattr(statement, field, []))
        for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield from statements_of(part.body)


def defines(tree: ast.Module, name: str) -> Defined:
    """Say how a program defines a function: as one, as a method of ``class Solution``, or by an assignment."""
    found = Defined.NOT
    for statement in statements_of(tree.body):
        found = _defined_by(statement, name) or found  # the last one is in force
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
    """Whether what is assigned to a function's name is made from it (a usage, a wrapper), or stands in for it."""
    names = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
    return name in names or bool(names & {"Mock", "MagicMock"})


def is_stub(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function's body is a placeholder, or leaves a part of itself out (``...`` as a statement)."""
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
    """Whether a program does something when it is run, and not only defines functions and names."""
    return any(
        isinstance(node, (ast.Call, ast.For, ast.While))
        for statement in tree.body
        if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        for node in ast.walk(statement)
    )


def feeds_itself(tree: ast.Module) -> bool:
    """Whether a program puts a text in place of standard input, as a trial of another program does."""
    return any(
        isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("StringIO")
        and any(isinstance(argument, (ast.Constant, ast.JoinedStr)) for argument in node.args)
        for statement in ast.walk(tree)
        if isinstance(statement, ast.Assign) and any(ast.unparse(t).endswith("stdin") for t in statement.targets)
        for node in ast.walk(statement.value)
    )


def reads_input(tree: ast.Module) -> bool:
    """Whether a program reads standard input."""
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
    """Whether a program prints, or writes to standard output."""
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


# ---- names that are needed, and where they come from


@functools.lru_cache(maxsize=128)
def missing_names(code: str) -> frozenset[str]:
    """Return the names that a program uses and does not bind; none where its scopes cannot be told."""
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
    """Return, for every name that a program binds at its top level, the statements that do so or fill it, in order."""
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
    """The names whose values a statement may change: ``x[i] = 1``, ``x.append(1)``, anywhere in it."""
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
    """Return the characters [start, end) of the whole lines that a statement stands on."""
    beginnings = line_starts(code)
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
    last = statement.end_lineno or statement.lineno
    return beginnings[first - 1], beginnings[last] if last < len(beginnings) else len(code)


def line_starts(code: str) -> list[int]:
    """Return where each line of a text begins, as Python counts lines."""
    return [0, *(end.end() for end in LINE.finditer(code))]
