"""Measure the share of a reference's data flow that a program has: PPOCoder's R_dfg.

PPOCoder (Shojaee et al. 2023, arXiv 2301.13816), its section on the reward:

    R_dfg = Count(edges of both data flows) / Count(edges of the reference's)

which is CodeBLEU's semantic data-flow match (Ren et al. 2020, arXiv 2009.10297, section 3.3). An edge says that an
occurrence of a variable *comes from* the variable (it is read), or that a variable is *computed from* others (it is
bound to a value in which they are read). Before edges are compared, variables are numbered in the order of the data
flow, so that names do not matter; each edge of the program matches one of the reference's.

Where this differs from the code that both use (CodeBLEU's ``dataflow_match.py`` and ``DFG.py``):

1. Variables are the names that a program binds anywhere. The code uses every token that is not a keyword or a sign:
   also attributes, literals, and builtins such as ``print``, whose "flow" two unrelated programs share.
2. The code computes which definitions reach a read, and drops that in renaming. In a program that runs, some
   definition reaches every read, so it is not computed here.
3. What a variable is computed from is a set. The code makes lists of sets, whose order changes with the hash seed.
4. ``x += y`` computes x from x and y, as ``x = x + y`` does; also parameters' defaults, ``with``, ``match`` and ``:=``
   bind. Annotations are no data flow. Writing to ``a[i]`` or ``a.b`` writes to ``a``.
5. A reference without edges is matched by programs without edges, and by no others (in the code: by none).

Trees are walked without recursion.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from stepcoder.syntax_match import tree_of

COMES_FROM, COMPUTED_FROM = "comes from", "computed from"

Edge = tuple[int, str, frozenset[int]]
"""A variable, the relation, and the variables that it comes from or is computed from, as numbers."""


def data_flow_match(program: str, reference: str) -> float:
    """Return the share of the reference's edges that the program has, from 0 to 1; 0 if either does not parse."""
    expected = _reference_edges(reference)
    found = data_flow(program)
    if expected is None or found is None:
        return 0.0
    if not expected:
        return 0.0 if found else 1.0
    common = sum(min(count, found[edge]) for edge, count in expected.items())
    return common / expected.total()


def data_flow(source: str) -> Counter[Edge] | None:
    """Count the edges of a program's data flow, its variables numbered in order; None if it does not parse."""
    tree = tree_of(source)
    if tree is None:
        return None
    numbers: dict[str, int] = {}
    edges: Counter[Edge] = Counter()
    for flow in _Reader(tree).read():
        for name in (*flow.sources, *flow.targets):
            numbers.setdefault(name, len(numbers))
        sources = frozenset(numbers[name] for name in flow.sources)
        edges.update((numbers[name], flow.relation, sources) for name in flow.targets)
    return edges


@lru_cache(maxsize=1024)
def _reference_edges(reference: str) -> Counter[Edge] | None:
    return data_flow(reference)


@dataclass(frozen=True, slots=True)
class _Flow:
    targets: tuple[str, ...]
    relation: str
    sources: tuple[str, ...]


_Step = ast.AST | Callable[[], None]
"""A step of the walk: read a node, or call a function that records something."""

_Pair = tuple[ast.expr, ast.expr]
"""A target and the value bound to it."""


class _Reader:
    """Reads the flows of a tree roughly in the order of evaluation: values before their targets."""

    def __init__(self, tree: ast.Module) -> None:
        self._variables = _bound_names(tree)
        self._todo: list[_Step] = [tree]
        self._reads: list[str] = []
        self._spans: dict[ast.AST, slice] = {}
        """By node, the part of ``_reads`` that was read in it."""
        self._flows: list[_Flow] = []

    def read(self) -> list[_Flow]:
        """Return all flows."""
        while self._todo:
            step = self._todo.pop()
            if not isinstance(step, ast.AST):
                step()
            elif isinstance(step, ast.Name):
                if isinstance(step.ctx, ast.Load):
                    self._note_read(step.id)
            else:
                self._todo.extend(reversed(list(self._steps(step))))
        return self._flows

    def _steps(self, node: ast.AST) -> Iterable[_Step]:
        """Return the steps of reading a node, in order."""
        match node:
            case ast.Assign():
                return self._binding(node.value, node.targets)
            case ast.AnnAssign():
                return [] if node.value is None else self._binding(node.value, [node.target])
            case ast.NamedExpr():
                return self._binding(node.value, [node.target])
            case ast.AugAssign():
                return self._augmented(node)
            case ast.For() | ast.AsyncFor():
                return [*self._binding(node.iter, [node.target]), *node.body, *node.orelse]
            case ast.comprehension():
                return [*self._binding(node.iter, [node.target]), *node.ifs]
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return [*node.generators, node.elt]
            case ast.DictComp():
                return [*node.generators, node.key, node.value]
            case ast.withitem() if node.optional_vars is not None:
                return self._binding(node.context_expr, [node.optional_vars])
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return [*node.decorator_list, node.args, *node.body]
            case ast.arguments():
                return self._defaults(node)
            case ast.Match():
                captures = tuple(name for case in node.cases for name in _bound_names(case.pattern))
                return [*self._measured(node.subject), lambda: self._note(captures, node.subject), *node.cases]
            case _:
                return ast.iter_child_nodes(node)

    def _binding(self, value: ast.expr, targets: Sequence[ast.expr]) -> list[_Step]:
        """Return the steps: the value, the reads in the targets (``i`` of ``a[i]``), then the flow between them."""
        pairs = [pair for target in targets for pair in _pairs(target, value)]
        measured = self._measured(value)
        if any(part is not value for _, part in pairs):
            assert isinstance(value, ast.Tuple | ast.List)  # _pairs splits nothing else
            measured = [measured[0], *(step for part in value.elts for step in self._measured(part)), measured[-1]]
        return [*measured, *targets, lambda: self._note_pairs(pairs)]

    def _augmented(self, node: ast.AugAssign) -> list[_Step]:
        target = node.target
        before: _Step = (lambda: self._note_read(target.id)) if isinstance(target, ast.Name) else target
        opened, closed = self._span(node)
        return [opened, before, node.value, closed, lambda: self._note(_written(target), node)]

    def _defaults(self, node: ast.arguments) -> list[_Step]:
        positional = [*node.posonlyargs, *node.args]
        pairs = list(zip(reversed(positional), reversed(node.defaults), strict=False))[::-1]
        pairs += [(arg, value) for arg, value in zip(node.kwonlyargs, node.kw_defaults, strict=True) if value]
        return [step for arg, value in pairs for step in self._default(arg.arg, value)]

    def _default(self, name: str, value: ast.expr) -> list[_Step]:
        return [*self._measured(value), lambda: self._note((name,), value)]

    def _measured(self, node: ast.expr) -> list[_Step]:
        opened, closed = self._span(node)
        return [opened, node, closed]

    def _span(self, node: ast.AST) -> tuple[_Step, _Step]:
        """Return two steps that record the reads between them."""

        def opened() -> None:
            self._spans[node] = slice(len(self._reads), None)

        def closed() -> None:
            self._spans[node] = slice(self._spans[node].start, len(self._reads))

        return opened, closed

    def _note_read(self, name: str) -> None:
        if name in self._variables:
            self._reads.append(name)
            self._flows.append(_Flow((name,), COMES_FROM, (name,)))

    def _note_pairs(self, pairs: Iterable[_Pair]) -> None:
        targets_of: dict[ast.expr, list[str]] = {}  # one flow per value, for chains of targets, too
        for target, value in pairs:
            targets_of.setdefault(value, []).extend(_written(target))
        for value, targets in targets_of.items():
            self._note(tuple(targets), value)

    def _note(self, targets: tuple[str, ...], value: ast.AST) -> None:
        sources = tuple(dict.fromkeys(self._reads[self._spans[value]]))
        if sources and targets:
            self._flows.append(_Flow(targets, COMPUTED_FROM, sources))


def _pairs(target: ast.expr, value: ast.expr) -> list[_Pair]:
    """Pair targets with values: ``a, b = c, d`` one to one, anything else as a whole."""
    sequence = ast.Tuple | ast.List
    if not isinstance(target, sequence) or not isinstance(value, sequence) or len(target.elts) != len(value.elts):
        return [(target, value)]
    if any(isinstance(part, ast.Starred) for part in (*target.elts, *value.elts)):
        return [(target, value)]
    return list(zip(target.elts, value.elts, strict=True))


def _written(target: ast.expr) -> tuple[str, ...]:
    """Return the variables that an assignment to the target writes, from left to right."""
    names: list[str] = []
    todo = [target]
    while todo:
        match todo.pop():
            case ast.Name(id=name):
                names.append(name)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                todo.extend(reversed(parts))
            case ast.Starred(value=part) | ast.Subscript(value=part) | ast.Attribute(value=part):
                todo.append(part)
    return tuple(names)


def _bound_names(tree: ast.AST) -> dict[str, None]:
    """Return the names bound anywhere in a tree, in the order of the tree."""
    return dict.fromkeys(name for node in ast.walk(tree) if (name := _bound_name(node)) is not None)


def _bound_name(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
            return name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.alias():
            return node.asname or node.name.partition(".")[0]
        case ast.ExceptHandler(name=name) | ast.MatchAs(name=name) | ast.MatchStar(name=name):
            return name
        case ast.MatchMapping(rest=name):
            return name
        case _:
            return None
