"""Find the parts of a statement that its evaluation may skip, and which part each line belongs to.

``line_trace`` defines parts and lines. Standard library only.
"""

from __future__ import annotations

from typing import Any

from harness.sandbox.runtime.line_markers import watched

_BLOCKS = frozenset(("body", "orelse", "finalbody", "handlers", "cases"))


class Part:
    """A part of an expression that may be skipped. The root, without a place, is the statement itself."""

    def __init__(self, place: Any, around: Any, first: int, last: int) -> None:
        self.place, self.around, self.first, self.last = place, around, first, last

    def watch(self, unit: int) -> None:
        """Replace the part in the syntax tree by one that marks a unit."""
        owner, field, index = self.place
        if index is None:
            setattr(owner, field, watched(getattr(owner, field), unit))
        else:
            values = getattr(owner, field)
            values[index] = watched(values[index], unit)

    def chain(self) -> Any:
        """Yield this part and those around it, outwards."""
        part = self
        while part is not None:
            yield part
            part = part.around


class Parts:
    """The parts of one statement (or header, or clause), and the lines that hold them."""

    def __init__(self, first: int) -> None:
        self.root = Part(None, None, first, first)
        self.strings: list[Any] = []
        self._parts = [self.root]
        self._on: dict[int, set[Any]] = {first: {self.root}}
        self._pending: list[tuple[Any, Any]] = []

    def read(self, node: Any) -> None:
        """Find the parts of a node."""
        self._pending.append((node, self.root))
        self.read_pending()

    def read_pending(self) -> None:
        """Find the parts of the nodes that were added."""
        while self._pending:
            node, part = self._pending.pop()
            self._read(node, part)

    def _mark(self, part: Any, first: int, last: int) -> None:
        for line in range(first, last + 1):
            self._on.setdefault(line, set()).add(part)

    def _read(self, node: Any, part: Any) -> None:
        kind = type(node).__name__
        if kind in _WHOLE:
            self._mark(part, node.lineno, node.end_lineno)
            if node.end_lineno > node.lineno:
                self.strings.append(node)
            return
        if kind == "Attribute":
            self._mark(part, node.end_lineno, node.end_lineno)
        elif kind in ("keyword", "arg"):
            self._mark(part, node.lineno, node.lineno)
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, list):
                for index, item in enumerate(value if field not in _BLOCKS else ()):
                    self._child(node, kind, field, index, item, part)
            else:
                self._child(node, kind, field, None, value, part)

    def _child(self, node: Any, kind: str, field: str, index: Any, child: Any, part: Any) -> None:
        if not hasattr(child, "_fields"):
            return
        if field in ("annotation", "returns", "type_params") or (kind == "TypeAlias" and field == "value"):
            self._mark(part, child.lineno, child.end_lineno)  # may be kept as text, or never evaluated
        elif _may_be_skipped(kind, field, index):
            self.add(node, field, index, child, part)
        elif kind in _COMPREHENSIONS and field == "generators" and index:
            first = min(child.target.lineno, child.iter.lineno)
            inner = self.add(child, "iter", None, child.iter, part, first)
            self._pending.append((child.target, inner))
            for number, condition in enumerate(child.ifs):
                self.add(child, "ifs", number, condition, part)
        else:
            self._pending.append((child, part))

    def add(self, owner: Any, field: str, index: Any, node: Any, around: Any, first: Any = None) -> Any:
        """Add a part: ``node``, at ``owner.field`` (``[index]``), inside the part ``around``. Returns it."""
        part = Part((owner, field, index), around, first or node.lineno, node.end_lineno)
        self._parts.append(part)
        self._pending.append((node, part))
        return part

    def place(self, first: int, last: int) -> None:
        """Set the lines of the root."""
        self.root.first, self.root.last = first, last

    def owner_of(self, line: int) -> Any:
        """Return the innermost part that holds everything on a line."""
        on = self._on.get(line)
        if on is None:
            around = {part for part in self._parts if part.first <= line <= part.last}
            on = around - {outer for part in around for outer in part.chain() if outer is not part}
        chains = [list(part.chain()) for part in on]
        return next(part for part in chains[0] if all(part in chain for chain in chains))


_WHOLE = frozenset(
    "Name Constant JoinedStr TemplateStr alias MatchValue MatchSingleton MatchSequence MatchMapping MatchClass "
    "MatchStar MatchAs MatchOr".split()
)
"""Nodes without parts: names and values, patterns, and f-strings, whose insides have no lines before 3.12."""
_COMPREHENSIONS = frozenset(("ListComp", "SetComp", "DictComp", "GeneratorExp"))
_SKIPPABLE = frozenset(
    (
        *(("IfExp", field) for field in ("body", "orelse")),
        ("Lambda", "body"),
        *((kind, "elt") for kind in ("ListComp", "SetComp", "GeneratorExp")),
        *(("DictComp", field) for field in ("key", "value")),
        ("comprehension", "ifs"),
        ("Assert", "msg"),
    )
)


def _may_be_skipped(kind: str, field: str, index: Any) -> bool:
    """Return whether the evaluation of a node may skip this field of it."""
    if (kind == "BoolOp" and field == "values") or (kind == "Compare" and field == "comparators"):
        return bool(index)
    return (kind, field) in _SKIPPABLE
