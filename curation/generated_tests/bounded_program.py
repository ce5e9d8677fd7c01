"""Bound the steps of a program, so that whether an input is too large for it is the same on every machine.

A time limit depends on the machine and on its load; so would the generated tests. The program is given a counter
instead: each turn of a loop or comprehension and each call of its functions is a step, and it raises ``TooManySteps``
after so many. What its built-in functions do inside is no step.

The counter is an iterator that yields ``True`` so many times and raises from then on. Nothing of it is a function in
Python: ``compress`` takes one of it with each value of a loop, and a call of ``__next__`` is a step.
"""

from __future__ import annotations

import ast
from functools import lru_cache

from apps_plus.conditionals import parse

TOO_MANY_STEPS = "TooManySteps"
"""``Execution.exception`` of a bounded program that took too many steps."""

_PRELUDE = """
from itertools import chain as _chain_, compress as _compress_, repeat as _repeat_

class {error}(BaseException):
    pass

class _Over_:
    depth = 0

    def __iter__(self):
        return self

    def __next__(self):
        raise {error}

_left_ = _chain_(_repeat_(True, {limit}), _Over_())
_step_ = _left_.__next__
"""
_ENTRY = """
def _bounded_(function):
    def call(*arguments, **named):
        global _left_, _step_
        if not _Over_.depth:
            _left_ = _chain_(_repeat_(True, {limit}), _Over_())
            _step_ = _left_.__next__
        _Over_.depth += 1
        try:
            return function(*arguments, **named)
        finally:
            _Over_.depth -= 1
    return call

if "Solution" in globals() and hasattr(Solution, {name!r}):
    setattr(Solution, {name!r}, _bounded_(getattr(Solution, {name!r})))
elif {name!r} in globals():
    globals()[{name!r}] = _bounded_(globals()[{name!r}])
"""


@lru_cache(maxsize=4)
def bounded_program(source: str, entry_point: str | None, limit: int) -> str | None:
    """Return the program with a limit on its steps, for each input anew; None where Python cannot parse it."""
    try:
        tree = _Counting().visit(parse(source))
        prelude = ast.parse(_PRELUDE.format(error=TOO_MANY_STEPS, limit=limit)).body
        end = [] if entry_point is None else ast.parse(_ENTRY.format(limit=limit, name=entry_point)).body
        n_first = _future_imports(tree)
        tree.body = [*tree.body[:n_first], *prelude, *tree.body[n_first:], *end]
        return ast.unparse(ast.fix_missing_locations(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _future_imports(tree: ast.Module) -> int:
    """Return how many statements must stay first: the docstring and imports from ``__future__``."""
    count = 0
    for node in tree.body:
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_text and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        count += 1
    return count


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def _counted(values: ast.expr) -> ast.Call:
    return _call("_compress_", values, ast.Name("_left_", ast.Load()))


class _Counting(ast.NodeTransformer):
    """Adds a step to each turn of a loop and each call of a function."""

    def visit_While(self, node: ast.While) -> ast.While:
        self.generic_visit(node)
        node.test = ast.BoolOp(ast.And(), [_call("_step_"), node.test])
        return node

    def visit_For(self, node: ast.For) -> ast.For:
        self.generic_visit(node)
        node.iter = _counted(node.iter)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        self.generic_visit(node)
        if not node.is_async:
            node.iter = _counted(node.iter)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.body.insert(0, ast.Expr(_call("_step_")))
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        self.generic_visit(node)
        node.body = ast.IfExp(_call("_step_"), node.body, ast.Constant(None))
        return node
