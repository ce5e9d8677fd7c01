"""Find the variables whose lists change only where the program names them, and what is put into them."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator

from curation.mutation.normal_form.names import Names
from curation.mutation.syntax_tree import parents_of, walk

Source = tuple[str, ast.expr]
"""A value and its expression: it is the ``value``, an ``element`` of it, or a list with it as ``content``."""
_READERS = ("len", "sorted", "print", "enumerate", "zip", "set", "list", "tuple", "any", "all", "map", "str")
"""Built-in functions that neither change nor return an argument."""
_READERS_OF_ONE = ("sum", "min", "max")
"""Those that may return one of several arguments."""
_METHODS = {"sort", "reverse", "pop", "count", "index", "remove", "clear", "discard"}
"""Methods that put nothing into a list or set."""
_TELLING = frozenset({ast.Name, ast.Assign, ast.AugAssign, ast.NamedExpr})
"""Nodes that put something into a list or name it."""


def lists_of(tree: ast.Module, names: Names) -> tuple[set[str], dict[str, list[Source]]]:
    """Return the names that never share their list with another name, and what is put into the list of each name."""
    parents = parents_of(tree)
    nodes = list(parents)
    contents: dict[str, list[Source]] = defaultdict(list)
    shared: set[str] = set()
    stores: Counter[str] = Counter()
    for node in nodes:
        if type(node) not in _TELLING:
            continue
        for name, source in _stored(node):
            contents[name].append(source)
            stores[name] -= 1
        if isinstance(node, ast.Assign) and len(node.targets) > 1:
            shared |= {inner.id for target in node.targets for inner in walk(target) if isinstance(inner, ast.Name)}
        elif isinstance(node, ast.NamedExpr):
            shared.add(node.target.id)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            parent = parents[node]
            if isinstance(parent, ast.Subscript) and parent.value is node and isinstance(parent.ctx, ast.Store):
                stores[node.id] += 1
            elif isinstance(parent, ast.Attribute) and (put := _put(parents[parent], parent)):
                contents[node.id].append(put)
            elif not _only_reads(node, parent, parents, names):
                shared.add(node.id)
    shared |= {name for name, count in stores.items() if count}
    named = {node.id for node in nodes if isinstance(node, ast.Name)}
    return named - shared, contents


def _stored(node: ast.AST) -> Iterator[tuple[str, Source]]:
    """Yield what is put at an index of a list: ``a[i] = v``, ``a[i] += v``, ``a[i], a[j] = v, w``."""
    if isinstance(node, ast.AugAssign):
        target = node.target
        if isinstance(target, ast.Subscript):
            read = ast.Subscript(target.value, target.slice, ast.Load())
            yield from _stored_at(target, ast.BinOp(read, node.op, node.value))
    elif isinstance(node, ast.Assign) and len(node.targets) == 1:
        yield from _stored_at(node.targets[0], node.value)


def _stored_at(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, Source]]:
    if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        if not isinstance(target.slice, ast.Slice):
            yield target.value.id, ("content", value)
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for its_target, its_value in zip(target.elts, value.elts, strict=True):
            yield from _stored_at(its_target, its_value)


def _put(call: ast.AST, method: ast.Attribute) -> Source | None:
    """Return what ``a.append(v)`` and the like put into a list; None for other methods."""
    if not isinstance(call, ast.Call) or call.func is not method or call.keywords:
        return None
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    if method.attr in ("append", "add") and len(call.args) == 1:
        return ("content", call.args[0])
    if method.attr == "insert" and len(call.args) == 2:
        return ("content", call.args[1])
    return ("value", call.args[0]) if method.attr == "extend" and len(call.args) == 1 else None


def _only_reads(node: ast.Name, parent: ast.AST, parents: dict[ast.AST, ast.AST], names: Names) -> bool:
    """Return whether a use of a name only reads its list, and hands on no more than its elements."""
    if isinstance(parent, ast.Subscript):
        return True
    if isinstance(parent, (ast.For, ast.comprehension)):
        return parent.iter is node
    if isinstance(parent, (ast.If, ast.While, ast.IfExp)):
        return parent.test is node
    if isinstance(parent, ast.UnaryOp):
        return isinstance(parent.op, ast.Not)
    if isinstance(parent, ast.BinOp):
        return isinstance(parent.op, ast.Mult)
    if isinstance(parent, ast.Starred):
        return isinstance(call := parents[parent], ast.Call) and names.is_builtin(call.func, "print")
    if isinstance(parent, ast.Attribute):
        call = parents[parent]
        return parent.attr in _METHODS and isinstance(call, ast.Call) and call.func is parent
    if isinstance(parent, ast.Call) and node in parent.args:
        is_only = len(parent.args) == 1 and not parent.keywords
        return names.is_builtin(parent.func, *_READERS, *(_READERS_OF_ONE if is_only else ()))
    return isinstance(parent, ast.Compare)
