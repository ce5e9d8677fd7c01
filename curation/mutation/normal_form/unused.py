"""Leave out of a program what nothing in it refers to: functions, classes, methods, and names that are never read."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from curation.mutation.normal_form.names import Names
from curation.mutation.normal_form.statements import is_harmless
from curation.mutation.syntax_tree import children

Definition = ast.FunctionDef | ast.ClassDef
_OWNERS = frozenset({ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef})
_PLAIN_DECORATORS = {"staticmethod", "classmethod"}


def without_unused(tree: ast.Module, nodes: Sequence[ast.AST], is_script: bool, names: Names) -> bool:
    """Leave out unused definitions and assignments, in place; return whether there were any.

    Args:
        tree: The program.
        nodes: All its nodes.
        is_script: True if nothing outside the program calls its functions or reads its names.
        names: What is known of its names.
    """
    unused = _unused_definitions(tree, nodes, is_script)
    unused |= _never_read(list(_nodes_without(tree, unused)) if unused else nodes, is_script, names)
    if unused:
        _leave_out(nodes, unused)
    return bool(unused)


def _nodes_without(tree: ast.AST, left_out: set[ast.stmt]) -> Iterator[ast.AST]:
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        yield node
        pending += [child for child in children(node) if child not in left_out]


# ---- definitions


def _unused_definitions(tree: ast.Module, nodes: Sequence[ast.AST], is_script: bool) -> set[ast.stmt]:
    """Return the definitions that nothing refers to but unused ones."""
    candidates = list(_candidates(nodes, is_script))
    if not candidates:
        return set()
    everything: set[ast.stmt] = set(candidates)
    by_name: dict[str, list[Definition]] = defaultdict(list)
    for definition in candidates:
        by_name[definition.name].append(definition)
    pending: list[ast.AST] = [tree]
    unused = set(everything)
    while pending:
        start = pending.pop()
        for node in _inside(start, everything):
            for name in _references(node):
                for definition in by_name.pop(name, ()):
                    unused.discard(definition)
                    pending.append(definition)
    return unused


def _inside(start: ast.AST, everything: set[ast.stmt]) -> Iterator[ast.AST]:
    """Yield what is inside a node, other definitions left out: these count once they are referred to."""
    pending = [start]
    while pending:
        node = pending.pop()
        yield node
        pending += children(node) if not everything else [c for c in children(node) if c not in everything]


def _references(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, (ast.Global, ast.Nonlocal)):
        yield from node.names
    elif isinstance(node, (ast.MatchClass, ast.keyword)):
        yield from getattr(node, "kwd_attrs", [])


def _candidates(nodes: Iterable[ast.AST], is_script: bool) -> Iterator[Definition]:
    """Yield definitions whose execution only sets their name.

    Functions in functions; in scripts also functions and classes of the module, and methods of classes with no other
    base, which could call them.
    """
    for owner in nodes:
        if type(owner) not in _OWNERS:
            continue
        in_function = isinstance(owner, (ast.FunctionDef, ast.AsyncFunctionDef))
        if not in_function and not (is_script and (isinstance(owner, ast.Module) or _is_plain_class(owner))):
            continue
        for node in owner.body:  # type: ignore[attr-defined]
            if (isinstance(node, ast.FunctionDef) and _is_plain_function(node, owner)) or (
                isinstance(node, ast.ClassDef) and is_script and _is_plain_class(node)
            ):
                yield node


def _is_plain_function(node: ast.FunctionDef, owner: ast.AST) -> bool:
    if node.name.startswith("__"):
        return False
    arguments = node.args
    defaults = [default for default in (*arguments.defaults, *arguments.kw_defaults) if default is not None]
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg)
    has_annotation = node.returns is not None or any(a is not None and a.annotation is not None for a in every)
    decorators = _PLAIN_DECORATORS if isinstance(owner, ast.ClassDef) else set()
    return (
        all(isinstance(decorator, ast.Name) and decorator.id in decorators for decorator in node.decorator_list)
        and all(is_harmless(default, None) for default in defaults)
        and not has_annotation
    )


def _is_plain_class(node: ast.AST) -> bool:
    if not isinstance(node, ast.ClassDef) or node.decorator_list or node.keywords:
        return False
    if not all(isinstance(base, ast.Name) and base.id == "object" for base in node.bases):
        return False
    return all(_is_plain_member(member, node) for member in node.body)


def _is_plain_member(member: ast.stmt, owner: ast.ClassDef) -> bool:
    if isinstance(member, ast.FunctionDef):
        is_special = member.name.startswith("__") and not member.decorator_list and not member.args.defaults
        return is_special or _is_plain_function(member, owner)
    return isinstance(member, ast.Pass) or (isinstance(member, ast.Expr) and isinstance(member.value, ast.Constant))


# ---- names that are never read


def _never_read(nodes: Sequence[ast.AST], is_script: bool, names: Names) -> set[ast.stmt]:
    """Return assignments of harmless values to names that nothing reads."""
    read = set(map(_read, nodes))
    in_classes = {child for node in nodes if isinstance(node, ast.ClassDef) for child in node.body}
    return {
        node
        for node in nodes
        if isinstance(node, ast.Assign) and node not in in_classes and _does_nothing(node, is_script, names)
        if all(isinstance(t, ast.Name) and t.id not in read and not t.id.startswith("__") for t in node.targets)
    }


def _read(node: ast.AST) -> str:
    """Return the name that a node reads, or ""; ``x += 1`` reads x, too."""
    if isinstance(node, ast.Name):
        return "" if isinstance(node.ctx, ast.Store) else node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.target.id if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) else ""


def _does_nothing(node: ast.Assign, is_script: bool, names: Names) -> bool:
    if isinstance(node.value, ast.Lambda):
        defaults = (*node.value.args.defaults, *node.value.args.kw_defaults)
        return is_script and all(is_harmless(default, None) for default in defaults if default is not None)
    return is_harmless(node.value, names)


def _leave_out(nodes: Iterable[ast.AST], left_out: set[ast.stmt]) -> None:
    for node in nodes:
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                setattr(node, field, [statement for statement in block if statement not in left_out])
