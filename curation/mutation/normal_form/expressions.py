"""Rewrite expressions to a normal form that always has the same value. Pure functions: one for each rule.

A rule gets an expression whose parts are rewritten already, and returns its normal form, or None where it says nothing.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable

from curation.mutation.normal_form.kinds import Bound
from curation.mutation.normal_form.names import Names
from curation.mutation.normal_form.variables import Variables
from curation.mutation.syntax_tree import walk

Rule = Callable[[ast.expr, Variables], ast.expr | None]
_FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}


def compare_with_number(node: ast.expr, variables: Variables) -> ast.expr | None:
    """``len(x) == 0`` is ``len(x) <= 0``; ``n % 2 == 1`` is ``n % 2 > 0`` where n is an integer.

    Two comparisons of one integer with constants are equal if they hold for the same integers of its range.
    """
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return None
    left, op, right = node.left, type(node.ops[0]), node.comparators[0]
    if _number(left) is not None and _number(right) is None:
        left, op, right = right, _FLIPPED.get(op, op), left
    kind, number = variables.kind(left), _number(right)
    if kind is None or kind.name != "int" or number is None or kind.low > kind.high:
        return None
    found = _same_comparison(op, number, kind.low, kind.high)
    return ast.Compare(left, [found[0]()], [ast.Constant(found[1])]) if found else None


def _same_comparison(op: type[ast.cmpop], number: int, low: Bound, high: Bound) -> tuple[type[ast.cmpop], Bound] | None:
    """Return the comparison that stands for all that hold for the same integers from low to high."""
    if op is ast.Lt:
        op, number = ast.LtE, number - 1
    elif op is ast.Gt:
        op, number = ast.GtE, number + 1
    elif op is ast.Eq and number in (low, high):
        op = ast.LtE if number == low else ast.GtE
    elif op is ast.NotEq and number == low:
        op, number = ast.GtE, number + 1
    elif op is ast.NotEq and number == high:
        op, number = ast.LtE, number - 1
    if op is ast.LtE and low == high == number:
        return ast.GtE, number
    if op in (ast.Eq, ast.NotEq) and low < number < high:
        return op, number
    if op in (ast.LtE, ast.GtE) and low <= number <= high:
        never_false = number == (high if op is ast.LtE else low)
        return None if never_false else (op, number)
    return None


def _number(node: ast.expr) -> int | None:
    """Return the value of an integer literal, also a negative one."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _number(node.operand)
        return None if value is None else -value
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    return None


def parity(node: ast.expr, variables: Variables) -> ast.expr | None:
    """``(a - b) % 2`` is ``(a + b) % 2``, as are ``(a ^ b) % 2`` and ``(a + b) & 1``, of integers."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.right, ast.Constant) or type(node.right.value) is not int:
        return None
    if (type(node.op), node.right.value) not in ((ast.Mod, 2), (ast.BitAnd, 1)) or not variables.is_int(node.left):
        return None
    return ast.BinOp(_modulo_two(node.left, variables), ast.Mod(), ast.Constant(2))


def _modulo_two(node: ast.expr, variables: Variables) -> ast.expr:
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub, ast.BitXor)):
        left, right = node.left, node.right
        if all((kind := variables.kind(side)) is not None and kind.name == "int" for side in (left, right)):
            return ast.BinOp(_modulo_two(left, variables), ast.Add(), _modulo_two(right, variables))
    value = _number(node)
    return node if value is None else ast.Constant(value % 2)


def larger_of_two(node: ast.expr, variables: Variables) -> ast.expr | None:
    """``a if a >= b else b`` is ``a if a > b else b`` for integers."""
    if not isinstance(node, ast.IfExp):
        return None
    test = strict_between(node.test, node.body, node.orelse, variables)
    return None if test is None else ast.IfExp(test, node.body, node.orelse)


def strict_between(test: ast.expr, one: ast.expr, other: ast.expr, variables: Variables) -> ast.Compare | None:
    """Return ``a > b`` for ``a >= b`` (``<`` for ``<=``), where a and b are the two given integers."""
    if (
        variables.names.has_identity
        or not isinstance(test, ast.Compare)
        or len(test.ops) != 1
        or not isinstance(test.ops[0], (ast.GtE, ast.LtE))
    ):
        return None
    sides = [ast.dump(test.left), ast.dump(test.comparators[0])]
    if sorted(sides) != sorted(_as_read(side) for side in (one, other)):
        return None
    if not all(
        variables.is_int(side) and _only_reads(side, variables.names) for side in (test.left, test.comparators[0])
    ):
        return None
    strict = ast.Gt() if isinstance(test.ops[0], ast.GtE) else ast.Lt()
    return ast.Compare(test.left, [strict], test.comparators)


def _as_read(node: ast.expr) -> str:
    """Return the dump of an expression, of a target as if it were read."""
    return ast.dump(node).replace("ctx=Store()", "ctx=Load()")


def _only_reads(node: ast.expr, names: Names) -> bool:
    """Return whether evaluating an expression changes nothing: the only calls are of harmless built-in functions."""
    return all(
        names.is_builtin(inner.func, "len", "abs", "min", "max", "ord")
        for inner in walk(node)
        if isinstance(inner, ast.Call)
    ) and not any(isinstance(inner, (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)) for inner in walk(node))


# ---- calls that change nothing

_TAKE_COPY = ("sorted", "list", "tuple")
"""Built-in functions that first copy their argument."""
_READ_ALL = ("set", "frozenset", "sum", "max", "min")
"""Those that read all of it, and do more on the way."""


def needless_call(node: ast.expr, variables: Variables) -> ast.expr | None:
    """``int(n)`` of an integer is n, ``abs(len(a))`` is ``len(a)``, ``print(str(x))`` is ``print(x)``, and so on."""
    if not isinstance(node, ast.Call) or node.keywords or len(node.args) != 1:
        return None
    is_builtin, function, only = variables.names.is_builtin, node.func, node.args[0]
    if is_builtin(function, "int", "round", "abs") and variables.is_int(only):
        kind = variables.kind(only)
        if not is_builtin(function, "abs") or (kind is not None and kind.low >= 0):
            return only
        if isinstance(only, ast.UnaryOp) and isinstance(only.op, ast.USub):
            return ast.Call(function, [only.operand], [])
    if is_builtin(function, "str") and variables.is_text(only):
        return only
    if is_builtin(function, "print") and (text := _only_argument(only, variables, "str")):
        return ast.Call(function, [text], [])
    if is_builtin(function, "list") and _only_argument(only, variables, "sorted"):
        return only
    return None


def needless_copy(node: ast.expr, variables: Variables) -> ast.expr | None:
    """``sorted(list(x))`` is ``sorted(x)``, ``f(*list(x))`` is ``f(*x)``, ``"".join(list(x))`` is ``"".join(x)``."""
    if isinstance(node, ast.Starred) and isinstance(node.ctx, ast.Load):
        copied = _only_argument(node.value, variables, "list", "tuple")
        return ast.Starred(copied, node.ctx) if copied else None
    if not isinstance(node, ast.Call) or len(node.args) != 1:
        return None
    copied = _only_argument(node.args[0], variables, "list", "tuple")
    if copied is None:
        return None
    names, function = variables.names, node.func
    is_join = isinstance(function, ast.Attribute) and function.attr == "join" and variables.is_text(function.value)
    if is_join or names.is_builtin(function, *_TAKE_COPY):
        return ast.Call(function, [copied], node.keywords)
    if names.is_builtin(function, *_READ_ALL) and not node.keywords and _is_plain_iterable(copied, variables):
        return ast.Call(function, [copied], [])
    return None


def _only_argument(node: ast.expr, variables: Variables, *functions: str) -> ast.expr | None:
    """Return the argument of a call of one of these built-in functions with nothing but one."""
    if not isinstance(node, ast.Call) or node.keywords or len(node.args) != 1 or isinstance(node.args[0], ast.Starred):
        return None
    return node.args[0] if variables.names.is_builtin(node.func, *functions) else None


def _is_plain_iterable(node: ast.expr, variables: Variables) -> bool:
    """Return whether iterating over a value runs no code of the program, whose effects may come in another order."""
    if (kind := variables.kind(node)) is not None and kind.name in ("ints", "str"):
        return not any(isinstance(inner, ast.GeneratorExp) for inner in walk(node))
    is_map = isinstance(node, ast.Call) and variables.names.is_builtin(node.func, "map") and len(node.args) == 2
    return is_map and variables.names.is_builtin(node.args[0], "int", "str")  # type: ignore[attr-defined]


def needless_strip(node: ast.expr, variables: Variables) -> ast.expr | None:
    """``s.strip().split()`` is ``s.split()``, and ``int(s.strip())`` is ``int(s)``: both take no notice of blanks."""
    if not isinstance(node, ast.Call) or node.keywords:
        return None
    function = node.func
    if isinstance(function, ast.Attribute) and not node.args and function.attr in ("split", "strip"):
        text = _stripped(function.value, variables)
        return ast.Call(ast.Attribute(text, function.attr, ast.Load()), [], []) if text else None
    if len(node.args) == 1 and variables.names.is_builtin(function, "int", "float"):
        text = _stripped(node.args[0], variables)
        return ast.Call(function, [text], []) if text else None
    return None


def _stripped(node: ast.expr, variables: Variables) -> ast.expr | None:
    """Return what a ``strip`` without arguments takes its blanks from, if it is a text or bytes."""
    if not isinstance(node, ast.Call) or node.args or node.keywords or not isinstance(node.func, ast.Attribute):
        return None
    text = node.func.value
    is_strip = node.func.attr in ("strip", "lstrip", "rstrip")
    return text if is_strip and _is_input(text, variables) else None


def _is_input(node: ast.expr, variables: Variables) -> bool:
    """Return whether an expression is a text, or what is read from standard input, a text or bytes."""
    if variables.is_text(node):
        return True
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if variables.names.own_streams or "sys" not in variables.names.imported:
        return False
    source = node.func.value
    if isinstance(source, ast.Attribute) and source.attr == "buffer":
        source = source.value
    is_stdin = isinstance(source, ast.Attribute) and source.attr == "stdin" and isinstance(source.value, ast.Name)
    return is_stdin and node.func.attr in ("readline", "read") and source.value.id == "sys"  # type: ignore[attr-defined]


def run_as_program(node: ast.expr, variables: Variables) -> ast.expr | None:
    """``__name__ == "__main__"`` is true: programs of the dataset are run, never imported."""
    if not isinstance(node, ast.Compare) or len(node.ops) != 1 or "__name__" in variables.names.bound:
        return None
    texts = [_text_of(side) for side in (node.left, node.comparators[0])]
    comparison = _TEXT_COMPARISONS.get(type(node.ops[0]))
    if (
        comparison is None
        or None in texts
        or not any(isinstance(n, ast.Name) for n in (node.left, node.comparators[0]))
    ):
        return None
    return ast.Constant(comparison(*texts))


_TEXT_COMPARISONS: dict[type[ast.cmpop], Callable[..., bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def _text_of(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return "__main__" if node.id == "__name__" else None
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


EXPRESSION_RULES: tuple[Rule, ...] = (
    compare_with_number,
    parity,
    larger_of_two,
    needless_call,
    needless_copy,
    needless_strip,
    run_as_program,
)
