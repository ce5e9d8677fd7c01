"""Find out which variables of a program only ever hold integers, texts or lists of integers. Pure functions.

Scopes are not told apart: a name has a kind only if everything that is ever assigned to it, anywhere, has that kind.
Parameters may be anything. A list of integers stays one if the program only ever reads it, or changes it by means that
are seen here: one that is returned, passed to a function of the program, or assigned to a second name may change there.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from curation.mutation.normal_form.kinds import (
    BOOL,
    INFINITE,
    INT,
    NATURAL,
    TEXT,
    Kind,
    join,
    kind_of_operation,
    whole,
)
from curation.mutation.normal_form.lists import Source, lists_of
from curation.mutation.normal_form.names import BUILTINS, Names
from curation.mutation.syntax_tree import walk

_ROUNDS = 20
"""Of the search for a fixed point. Bounds that still move after the third are given up."""


@dataclass(frozen=True, slots=True)
class Variables:
    """The kinds of a program's variables, and of expressions of them."""

    names: Names
    kinds: Mapping[str, Kind | None] = field(default_factory=dict)

    def kind(self, node: ast.expr) -> Kind | None:
        """Return what is known of the value of an expression."""
        if isinstance(node, ast.Constant):
            return _kind_of_constant(node.value)
        if isinstance(node, ast.Name):
            return self.kinds.get(node.id)
        if isinstance(node, ast.BinOp):
            kind = kind_of_operation(node.op, self.kind(node.left), self.kind(node.right))
            return kind if kind is not None else self._masked(node)
        if isinstance(node, ast.UnaryOp):
            return self._unary(node)
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.IfExp):
            return join(self.kind(node.body), self.kind(node.orelse))
        if isinstance(node, ast.Subscript):
            return self._subscript(node)
        if isinstance(node, (ast.List, ast.Tuple)):
            return self._display(node)
        if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
            kind = self.kind(node.elt)
            return kind.iterable if kind is not None and kind.name == "int" else None
        return self._call(node) if isinstance(node, ast.Call) else None

    def is_int(self, node: ast.expr) -> bool:
        """Return whether an expression is an integer, no ``bool``."""
        kind = self.kind(node)
        return kind is not None and kind.name == "int" and kind.plain

    def is_text(self, node: ast.expr) -> bool:
        """Return whether an expression is a text."""
        kind = self.kind(node)
        return kind is not None and kind.name == "str"

    def _masked(self, node: ast.BinOp) -> Kind | None:
        """Return the kind of ``x & 4``: where only integers have the operator, it is one, whatever x is."""
        if not isinstance(node.op, ast.BitAnd) or not self.names.closed:
            return None
        masks = [side.value for side in (node.left, node.right) if isinstance(side, ast.Constant)]
        if len(masks) != 1 or type(masks[0]) is not int or masks[0] < 0:
            return None
        return whole(0, masks[0])

    def _unary(self, node: ast.UnaryOp) -> Kind | None:
        if isinstance(node.op, ast.Not):
            return BOOL
        kind = self.kind(node.operand)
        if kind is None or kind.name != "int":
            return None
        return whole(-kind.high, -kind.low) if isinstance(node.op, ast.USub) else INT

    def _comparison(self, node: ast.Compare) -> Kind | None:
        if all(isinstance(op, (ast.Is, ast.IsNot)) for op in node.ops):
            return BOOL
        kinds = [self.kind(operand) for operand in (node.left, *node.comparators)]
        return BOOL if all(kind is not None and kind.name in ("int", "str") for kind in kinds) else None

    def _subscript(self, node: ast.Subscript) -> Kind | None:
        kind = self.kind(node.value)
        if kind is None or kind.name == "int":
            return None
        if isinstance(node.slice, ast.Slice) or kind.name == "str":
            return kind
        return kind.element

    def _display(self, node: ast.List | ast.Tuple) -> Kind | None:
        kinds = [self.kind(element) for element in node.elts]
        if not all(kind is not None and kind.name == "int" for kind in kinds):
            return None
        found = kinds[0] if kinds else Kind("int", INFINITE, -INFINITE)
        for kind in kinds[1:]:
            found = join(found, kind)
        return found.iterable if found is not None else None

    def _call(self, node: ast.Call) -> Kind | None:
        if isinstance(node.func, ast.Attribute):
            return self._method(node.func, node)
        if not isinstance(node.func, ast.Name) or node.func.id in self.names.bound:
            return None
        if any(isinstance(argument, ast.Starred) for argument in node.args):
            return None
        function, kinds = node.func.id, [self.kind(argument) for argument in node.args]
        if function in ("int", "ord", "len") and node.args:
            return {"int": INT, "ord": NATURAL, "len": NATURAL}[function]
        if function in ("str", "input", "chr", "bin", "hex", "oct"):
            return TEXT
        if function == "bool":
            return BOOL
        if function == "map" and len(node.args) == 2 and self.names.is_builtin(node.args[0], "int"):
            return INT.iterable
        if node.keywords and not (function == "sorted" and node.args):
            return None
        if function == "range" and 1 <= len(kinds) <= 3:
            return _kind_of_range(kinds)
        only = kinds[0] if len(kinds) == 1 else None
        if function in ("min", "max") and len(kinds) > 1 and all(kind and kind.name == "int" for kind in kinds):
            found = kinds[0]
            for kind in kinds[1:]:
                found = join(found, kind)
            return found
        if only is None:
            return None
        if only.name == "ints":
            if function in ("sorted", "list", "tuple", "set", "reversed"):
                return only
            if function in ("min", "max"):
                return only.element
            return (NATURAL if only.low >= 0 else INT) if function == "sum" else None
        if only.name == "int" and function == "abs":
            return whole(max(only.low, -only.high, 0), max(only.high, -only.low))
        return INT if only.name == "int" and function == "round" else None

    def _method(self, function: ast.Attribute, node: ast.Call) -> Kind | None:
        kind = self.kind(function.value)
        if kind is None or node.keywords:
            return None
        if kind.name == "str" and function.attr in ("count", "find", "index", "rfind"):
            return Kind("int", 0 if function.attr in ("count", "index") else -1)
        if kind.name == "str" and function.attr in ("strip", "lstrip", "rstrip", "lower", "upper", "replace"):
            return TEXT
        if kind.name == "ints" and function.attr in ("count", "index"):
            return NATURAL
        return kind.element if kind.name == "ints" and function.attr == "pop" else None


def _kind_of_constant(value: object) -> Kind | None:
    if isinstance(value, int):
        return whole(value, value, plain=not isinstance(value, bool))
    return TEXT if isinstance(value, str) else None


def _kind_of_range(kinds: list[Kind | None]) -> Kind | None:
    """Return what a ``range`` yields: at least its start where its step is positive."""
    bounds = [kind for kind in kinds if kind is not None and kind.name == "int"]
    if len(bounds) < len(kinds):
        return INT.iterable  # what is no integer raises
    if len(bounds) == 1:
        return whole(0, max(bounds[0].high - 1, 0)).iterable
    step = bounds[2] if len(bounds) == 3 else whole(1, 1)
    start, stop = bounds[:2]
    if step.low >= 1:
        return whole(start.low, max(stop.high - 1, start.low)).iterable
    if step.high <= -1:
        return whole(min(stop.low + 1, start.high), start.high).iterable
    return INT.iterable


# ---- variables


_NamedSource = tuple[str, ast.expr, frozenset[str]]
"""A source with the names in its expression."""
_BINDING = frozenset(
    {
        *(ast.Name, ast.arg, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler),
        *(ast.MatchAs, ast.MatchStar, ast.MatchMapping),
        *(ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.AugAssign, ast.For, ast.comprehension),
    }
)
"""Nodes that set names."""
_UNSET = Kind("unset")
"""Of a variable to which nothing is assigned, as far as is known."""


def variables_of(tree: ast.Module, nodes: Iterable[ast.AST], names: Names) -> Variables:
    """Return the kinds of the variables of a program, of which all nodes are given, too."""
    bindings, unknown = _bindings(nodes)
    kept, contents = lists_of(tree, names)
    for name, sources in contents.items():
        bindings[name] += sources
    excluded = unknown | BUILTINS | names.imported
    candidates = {
        name: [(how, node, _names_in(node)) for how, node in its]
        for name, its in bindings.items()
        if name not in excluded
    }
    read = {name: {name}.union(*(inner for _, _, inner in named)) for name, named in candidates.items()}
    kinds: dict[str, Kind | None] = dict.fromkeys(candidates, _UNSET)
    changed = set(candidates)  # in the last round: a name that reads none of them keeps its kind
    for number in range(_ROUNDS):
        before = dict(kinds)
        known = Variables(names, {name: kind for name, kind in kinds.items() if kind is not _UNSET})
        unset = {name for name, kind in kinds.items() if kind is _UNSET}
        for name, named in candidates.items():
            if changed.isdisjoint(read[name]):
                continue
            found = _kind_of_sources(known, before[name], unset, named)
            if found is not None and found.name == "ints" and name not in kept:
                found = None
            kinds[name] = _widened(before[name], found) if number >= 3 else found
        if changed := {name for name, kind in kinds.items() if kind != before[name]}:
            continue
        if changed := {name for name, kind in kinds.items() if kind is _UNSET}:
            kinds |= dict.fromkeys(changed)
            continue
        return Variables(names, {name: kind for name, kind in kinds.items() if kind is not None})
    return Variables(names)


def _names_in(node: ast.expr) -> frozenset[str]:
    return frozenset(inner.id for inner in walk(node, {ast.Name}))  # type: ignore[attr-defined]


def _widened(before: Kind | None, after: Kind | None) -> Kind | None:
    """Return the later kind, with bounds that still move given up."""
    if before is None or after is None or before.name != after.name or before == after:
        return after
    low, high = after.low, after.high
    return Kind(
        after.name, low if low >= before.low else -INFINITE, high if high <= before.high else INFINITE, after.plain
    )


def _kind_of_sources(
    known: Variables, kind: Kind | None, unset: Set[str], sources: Sequence[_NamedSource]
) -> Kind | None:
    """Return the join of what is known of a name already, and of all that is assigned to it from names that are set."""
    for how, node, names in sources:
        if kind is None:
            return None
        if not unset.isdisjoint(names):
            continue
        found = known.kind(node)
        if how == "element" and found is not None:
            found = TEXT if found.name == "str" else found.element if found.name == "ints" else None
        elif how == "content" and found is not None:
            found = found.iterable if found.name == "int" else None
        kind = found if kind is _UNSET else join(kind, found)
    return kind


def _bindings(nodes: Iterable[ast.AST]) -> tuple[dict[str, list[Source]], set[str]]:
    """Return where each name gets its values, and the names that get others, too."""
    found: dict[str, list[Source]] = defaultdict(list)
    unknown: set[str] = set()
    stores: Counter[str] = Counter()
    for node in nodes:
        if type(node) not in _BINDING:
            continue
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                stores[node.id] += 1
            continue
        if isinstance(node, ast.arg):
            unknown.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            unknown.add(node.name)
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
            unknown.add(node.name or "")
        elif isinstance(node, ast.MatchMapping):
            unknown.add(node.rest or "")
        for name, source in _sources(node):
            found[name].append(source)
    unknown |= {name for name, count in stores.items() if len(found[name]) != count}
    return found, unknown


def _sources(node: ast.AST) -> Iterator[tuple[str, Source]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _assigned(target, node.value)
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
        yield from _assigned(node.target, node.value)
    elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        target = ast.Name(node.target.id, ast.Load())
        yield node.target.id, ("value", ast.BinOp(target, node.op, node.value))
    elif isinstance(node, (ast.For, ast.comprehension)):
        yield from _iterated(node.target, node.iter)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, Source]]:
    if isinstance(target, ast.Name):
        yield target.id, ("value", value)
    elif isinstance(target, (ast.Tuple, ast.List)) and not any(isinstance(t, ast.Starred) for t in target.elts):
        if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
            for its_target, its_value in zip(target.elts, value.elts, strict=True):
                yield from _assigned(its_target, its_value)
        else:
            yield from ((t.id, ("element", value)) for t in target.elts if isinstance(t, ast.Name))


def _iterated(target: ast.expr, values: ast.expr) -> Iterator[tuple[str, Source]]:
    if isinstance(target, ast.Name):
        yield target.id, ("element", values)
