"""Rewrite blocks of statements to a normal form that always does the same. Pure functions: one for each rule.

A rule gets a block and where it stands, and returns what is left of it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from curation.mutation.normal_form.expressions import strict_between
from curation.mutation.normal_form.names import Names
from curation.mutation.normal_form.variables import Variables
from curation.mutation.syntax_tree import walk

Block = list[ast.stmt]
StatementRule = Callable[[Block, ast.AST, str, Variables], Block]
_JUMPS = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (*_FUNCTIONS, ast.Lambda, ast.ClassDef)


def unreachable(block: Block, owner: ast.AST, field: str, variables: Variables) -> Block:
    """Leave out what stands after ``return``, ``raise``, ``break`` or ``continue``, unless it makes a name local."""
    for i, statement in enumerate(block):
        if isinstance(statement, _JUMPS):
            later = block[i + 1 :]
            matters = (ast.Yield, ast.YieldFrom, ast.Await, ast.Global, ast.Nonlocal, ast.NamedExpr)
            binds = any(
                isinstance(inner, (*matters, *_SCOPES, ast.alias, ast.ExceptHandler))
                or (isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load))
                for node in later
                for inner in walk(node)
            )
            return block if binds else block[: i + 1]
    return block


def last_jump(block: Block, owner: ast.AST, field: str, variables: Variables) -> Block:
    """Leave out ``continue`` at the end of a loop and ``return`` at that of a function, also in ``if`` and ``else``."""
    if isinstance(owner, (ast.For, ast.While)) and field == "body":
        return _without_last(block, lambda node: isinstance(node, ast.Continue))
    if isinstance(owner, _FUNCTIONS):
        return _without_last(block, _is_plain_return)
    return block


def _without_last(block: Block, is_needless: Callable[[ast.stmt], bool]) -> Block:
    if not block:
        return block
    *first, last = block
    if is_needless(last):
        return _without_last(first, is_needless)
    if isinstance(last, ast.If):
        body = _without_last(last.body, is_needless) or [ast.Pass()]
        return [*first, ast.If(last.test, body, _without_last(last.orelse, is_needless))]
    return block


def _is_plain_return(node: ast.stmt) -> bool:
    return isinstance(node, ast.Return) and (
        node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None)
    )


def update_of_best(block: Block, owner: ast.AST, field: str, variables: Variables) -> Block:
    """``if x >= best: best = x`` is ``if x > best: best = x`` for integers: an equal one changes nothing."""
    return [_updated(statement, variables) for statement in block]


def _updated(node: ast.stmt, variables: Variables) -> ast.stmt:
    if not isinstance(node, ast.If) or node.orelse or len(node.body) != 1 or not isinstance(node.body[0], ast.Assign):
        return node
    update = node.body[0]
    if len(update.targets) != 1 or not isinstance(update.targets[0], (ast.Name, ast.Subscript)):
        return node
    test = strict_between(node.test, update.targets[0], update.value, variables)
    return node if test is None else ast.If(test, node.body, [])


def overwritten(block: Block, owner: ast.AST, field: str, variables: Variables) -> Block:
    """Leave out ``x = 0`` where the block sets x again before anything can read it.

    What stands between runs no code of the program and leaves the block nowhere.
    """
    if variables.names.catches or isinstance(owner, ast.ClassDef):
        return block
    kept: Block = []
    for i, statement in enumerate(block):
        name = _constant_target(statement)
        if name is None or not _is_set_again(name, block[i + 1 :], variables):
            kept.append(statement)
    return kept


def _constant_target(node: ast.stmt) -> str | None:
    """Return the name to which a statement assigns a constant."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id if is_harmless(node.value, None) else None
    return None


def _is_set_again(name: str, later: Sequence[ast.stmt], variables: Variables) -> bool:
    for node in later:
        if not isinstance(node, ast.Assign):
            return False
        if any(isinstance(inner, ast.Name) and inner.id == name and _is_read(inner) for inner in walk(node)):
            return False
        if not _runs_no_function(node.value, variables):
            return False
        if any(isinstance(target, ast.Name) and target.id == name for target in node.targets):
            return True
    return False


def _is_read(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Store)


_QUIET = ("int", "len", "abs", "min", "max", "input", "list", "float", "sorted", "sum", "range", "set")
_QUIET_METHODS = {"split", "strip", "readline"}


def _runs_no_function(value: ast.expr, variables: Variables) -> bool:
    """Return whether an expression calls no function of the program, which might read any name."""
    inside = (ast.Lambda, ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await, ast.Starred)
    names = variables.names
    comprehensions = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    for node in walk(value):
        if isinstance(node, (*inside, *comprehensions)) or not names.closed:
            return False
        if not isinstance(node, ast.Call) or names.is_builtin(node.func, *_QUIET):
            continue
        if names.is_builtin(node.func, "map") and names.is_builtin(node.args[0], "int", "float"):
            continue
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in _QUIET_METHODS - names.bound:
            return False
    return not any(isinstance(node, ast.keyword) for node in walk(value))


def is_harmless(value: ast.expr, names: Names | None) -> bool:
    """Return whether an expression does nothing but give a value: literals, their sums, ``float("inf")``."""
    if isinstance(value, ast.Constant):
        return True
    if isinstance(value, ast.UnaryOp):
        return isinstance(value.op, ast.USub) and is_number(value.operand)
    if isinstance(value, (ast.List, ast.Tuple)):
        return all(is_harmless(element, names) for element in value.elts)
    if isinstance(value, ast.Dict):
        return not value.keys
    if isinstance(value, ast.BinOp):
        return is_number(value)
    if isinstance(value, ast.Call) and names is not None and len(value.args) == 1 and not value.keywords:
        only = value.args[0]
        return (
            names.is_builtin(value.func, "float") and isinstance(only, ast.Constant) and only.value in ("inf", "-inf")
        )
    return False


def is_number(value: ast.expr) -> bool:
    """Return whether an expression is a number, or computed from literals in a way that cannot fail."""
    if isinstance(value, ast.Constant):
        return type(value.value) is int or type(value.value) is float
    if isinstance(value, ast.UnaryOp):
        return isinstance(value.op, ast.USub) and is_number(value.operand)
    if not isinstance(value, ast.BinOp) or not is_number(value.left) or not is_number(value.right):
        return False
    if isinstance(value.op, ast.Pow):
        sides = (value.left, value.right)
        return all(isinstance(side, ast.Constant) and type(side.value) is int and side.value < 100 for side in sides)
    return isinstance(value.op, (ast.Add, ast.Sub, ast.Mult)) and not any(
        isinstance(inner, ast.Constant) and type(inner.value) is float for inner in walk(value)
    )


def unpacked(block: Block, owner: ast.AST, field: str, variables: Variables) -> Block:
    """``a, b = list(x)`` is ``a, b = x``: either reads all of x before it sets a name."""
    return [_unpacked(statement, variables) for statement in block]


def _unpacked(node: ast.stmt, variables: Variables) -> ast.stmt:
    if not isinstance(node, ast.Assign) or not all(isinstance(t, (ast.Tuple, ast.List)) for t in node.targets):
        return node
    call = node.value
    if not isinstance(call, ast.Call) or len(call.args) != 1 or call.keywords or isinstance(call.args[0], ast.Starred):
        return node
    is_copy = variables.names.is_builtin(call.func, "list", "tuple")
    return ast.Assign(node.targets, call.args[0]) if is_copy and len(node.targets) == 1 else node


def flush(block: Block, owner: ast.AST, field: str, variables: Variables) -> Block:
    """Leave out ``sys.stdout.flush()``: what is printed is written at the end, too."""
    if variables.names.own_streams:
        return block
    return [statement for statement in block if not _is_flush(statement)]


def _is_flush(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(attr="flush", value=ast.Attribute(attr="stdout", value=ast.Name(id="sys"))),
                args=[],
                keywords=[],
            )
        ):
            return True
    return False


STATEMENT_RULES: tuple[StatementRule, ...] = (unreachable, last_jump, update_of_best, overwritten, unpacked, flush)
