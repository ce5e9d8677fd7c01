"""Put probes into the syntax tree of a program, and compute the lines of each unit.

``line_trace`` defines units and lines. Standard library only.
"""

from __future__ import annotations

import builtins
import re
from typing import Any

from harness.sandbox.runtime.expression_parts import Parts
from harness.sandbox.runtime.line_markers import make_probe, nodes, position, watched, watched_case

Source = list[str]
"""The lines of a program, each at its own number: the first is at 1."""

_NEWLINE = re.compile("\r\n|\r|\n")
_STRING = re.compile(
    r"(?s)[A-Za-z]{0,2}(?:'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\""
    r"|'(?:[^\\'\n]|\\.)*'|\"(?:[^\\\"\n]|\\.)*\")"
)
_BETWEEN_STRINGS = re.compile(r"(?:[ \t\f\n\\]|#[^\n]*)+")
_CASE = re.compile(r"\s*case\b")


def lines_of(source: str) -> Source:
    """Return the lines of a program as the compiler counts them."""
    return ["", *_NEWLINE.split(source)]


class Instrumenter:
    """Puts probes into the syntax tree of a program; ``units`` then holds the lines of each unit."""

    def __init__(self, tree: Any, source: str) -> None:
        self.lines = lines_of(source)
        self.units: list[tuple[int, ...]] = []
        self._numbers: dict[tuple[int, ...], int] = {}
        self._pending: list[tuple[Any, str, list[int], frozenset[int]]] = []
        self._module(tree)
        while self._pending:  # no recursion: a chain of elif is as deep as it is long
            owner, field, lead, known = self._pending.pop()
            setattr(owner, field, self._block(getattr(owner, field), lead, known))

    def _unit(self, lines: list[int]) -> int:
        key = tuple(sorted(set(lines)))
        number = self._numbers.setdefault(key, len(self.units))
        if number == len(self.units):
            self.units.append(key)
        return number

    # ---- blocks

    def _module(self, tree: Any) -> None:
        """Put probes into a module; its docstring and future imports stay first and belong to the first unit."""
        prefix = 1 if _has_docstring(tree.body) else 0
        while prefix < len(tree.body) and _is_future(tree.body[prefix]):
            prefix += 1
        lead = [n for node in tree.body[:prefix] for n in self._simple(node)]
        tree.body[prefix:] = self._block(tree.body[prefix:], lead, frozenset())

    def _block(self, statements: list[Any], lead: list[int], known: frozenset[int]) -> list[Any]:
        """Return statements with their probes; lines in ``lead`` belong to the first, those in ``known`` need none."""
        block = []
        for node in statements:
            lines = self._statement(node, lead)
            if lines:
                if not known.issuperset(lines):
                    block.append(make_probe(self._unit(lines), lines[0]))
                known = frozenset(lines)
            block.append(node)
            lead = []
        if lead:
            block.append(make_probe(self._unit(lead), lead[0]))
        return block

    def _later(self, owner: Any, field: str, lead: list[int], known: frozenset[int] = frozenset()) -> None:
        """Note a block whose probes are put in later."""
        if getattr(owner, field):
            self._pending.append((owner, field, lead, known))

    def _statement(self, node: Any, lead: list[int]) -> list[int]:
        """Return the lines of a statement's own unit; none where they belong to its first inner statement."""
        kind = type(node).__name__
        if kind in ("Try", "TryStar"):
            self._try(node, lead)
            return []
        if kind == "Match":
            return self._match(node, lead)
        if "body" not in node._fields:
            return lead + self._simple(node)
        header = lead + self._header(node)
        known = frozenset(header)
        if kind in ("FunctionDef", "AsyncFunctionDef", "ClassDef") and _has_docstring(node.body):
            docstring, node.body = node.body[0], node.body[1:]
            self._later_after(docstring, node, known)
        else:
            self._later(node, "body", [], known)
        if getattr(node, "orelse", None):
            self._later(node, "orelse", self._between(node.body[-1].end_lineno, node.orelse))
        return header

    def _later_after(self, docstring: Any, node: Any, known: frozenset[int]) -> None:
        """Put probes into the body of a ``def`` or ``class`` whose docstring must stay first."""
        node.body = [docstring, *self._block(node.body, [], known)]

    def _simple(self, node: Any) -> list[int]:
        if node.lineno == node.end_lineno:
            return [node.lineno]
        return self._region(node.lineno, node.end_lineno, [node])

    def _header(self, node: Any) -> list[int]:
        """Return the lines of a header: to the colon, or the end of the docstring."""
        start, body = self._start(node), node.body
        parts = [node]
        if type(node).__name__ in ("FunctionDef", "AsyncFunctionDef", "ClassDef") and _has_docstring(body):
            parts.append(body[0].value)
            return self._region(start, body[0].end_lineno, parts)
        return self._region(start, self._colon(start, body), parts)

    def _colon(self, start: int, body: list[Any]) -> int:
        """Return the last line that a header before this block may have."""
        first = self._start(body[0])
        if first == start or (not _decorated(body[0]) and self._text_before(body[0]).strip()):
            return first
        return first - 1

    def _start(self, node: Any) -> int:
        """Return the first line of a statement: that of its first ``@`` where it has decorators."""
        line: int = node.decorator_list[0].lineno if _decorated(node) else node.lineno
        if not _decorated(node):
            return line
        while line > 1 and not self.lines[line].lstrip().startswith("@"):
            line -= 1
        return line

    def _text_before(self, node: Any) -> str:
        line: str = self.lines[node.lineno]
        return line.encode("utf-8", "replace")[: node.col_offset].decode("utf-8", "replace")

    def _between(self, last: int, body: list[Any]) -> list[int]:
        """Return the lines of a bare ``else:`` or the like, between the end of one block and the next block."""
        return [n for n in range(last + 1, self._start(body[0])) if self._is_code(n)]

    def _is_code(self, line: int) -> bool:
        text = self.lines[line].lstrip(" \t\f")
        return bool(text) and text[0] != "#"

    # ---- statements with clauses

    def _try(self, node: Any, lead: list[int]) -> None:
        self._later(node, "body", lead + self._between(node.lineno - 1, node.body))
        if type(node).__name__ == "Try" and all(_is_built_in(handler.type) for handler in node.handlers):
            self._plain_handlers(node)
        else:
            self._handlers(node.handlers)
        last = (node.handlers or node.body)[-1].end_lineno
        if node.orelse:
            self._later(node, "orelse", self._between(last, node.orelse))
            last = node.orelse[-1].end_lineno
        if node.finalbody:
            self._later(node, "finalbody", self._between(last, node.finalbody))

    def _plain_handlers(self, node: Any) -> None:
        """Put probes into clauses of built-in exceptions: one was tried where it, or a later one, or none matched.

        The probes call nothing, since the stack may be at its limit: a RecursionError leads here.
        """
        tried: list[int] = []
        for handler in node.handlers:
            tried += self._clause(handler)
            self._later(handler, "body", list(tried))
        if node.handlers and node.handlers[-1].type is not None:
            ast, line = nodes(), tried[0]
            again = [make_probe(self._unit(tried), line), ast.Raise(**position(line))]
            node.handlers.append(ast.ExceptHandler(None, None, again, **position(line)))
            node.handlers[-1].end_lineno = node.handlers[-2].end_lineno

    def _handlers(self, handlers: list[Any]) -> None:
        """Put probes into clauses of any kind: each expression marks that it is evaluated."""
        for handler in handlers:
            header = self._clause(handler)
            if handler.type is None:
                self._later(handler, "body", header)
            else:
                handler.type = watched(handler.type, self._unit(header))
                self._later(handler, "body", [], frozenset(header))

    def _clause(self, handler: Any) -> list[int]:
        """Return the lines of an ``except``."""
        return self._region(handler.lineno, self._colon(handler.lineno, handler.body), [handler])

    def _match(self, node: Any, lead: list[int]) -> list[int]:
        cases: list[Any] = []
        last = node.subject.end_lineno
        starts = []
        for case in node.cases:
            starts.append(next(n for n in range(last + 1, len(self.lines)) if _CASE.match(self.lines[n])))
            last = case.body[-1].end_lineno
        header = lead + self._region(node.lineno, starts[0] - 1, [node])
        for case, start in zip(node.cases, starts, strict=True):
            lines = self._region(start, self._colon(start, case.body), [case.pattern], case)
            if _takes_everything(case):
                self._later(case, "body", [n for n in lines if n < self._start(case.body[0])])
            else:
                cases.append(watched_case(self._unit(lines), case))
                self._later(case, "body", [], frozenset(lines))
            cases.append(case)
        node.cases = cases
        return header

    # ---- lines of an expression

    def _region(self, first: int, last: int, roots: list[Any], case: Any = None) -> list[int]:
        """Return the lines of the unit from ``first`` to ``last``; parts with lines of their own become units."""
        if first == last:
            return [first]
        parts = Parts(first)
        for root in roots:
            parts.read(root)
        if case is not None and case.guard is not None:
            parts.add(case, "guard", None, case.guard, parts.root)
            parts.read_pending()
        parts.place(first, last)
        inside: set[int] = set()
        for node in parts.strings:
            inside.update(self._lines_inside(node))
        owned: dict[Any, list[int]] = {}
        for line in range(first, last + 1):
            if line in inside or self._is_code(line):
                owned.setdefault(parts.owner_of(line), []).append(line)
        for part, lines in owned.items():
            if part is not parts.root:
                part.watch(self._unit(lines))
        return owned[parts.root]

    def _lines_inside(self, node: Any) -> Any:
        """Return the lines that begin inside a string: there, blank ones and those with ``#`` are text."""
        lines = range(node.lineno + 1, node.end_lineno + 1)
        if all(self._is_code(n) for n in lines):
            return lines
        text = "\n".join([self.lines[node.lineno][len(self._text_before(node)) :], *(self.lines[n] for n in lines)])
        inside: list[int] = []
        position, line = 0, node.lineno
        while match := _STRING.match(text, position):
            end = line + match[0].count("\n")
            inside += range(line + 1, end + 1)
            gap = _BETWEEN_STRINGS.match(text, match.end())
            position, line = (gap.end(), end + gap[0].count("\n")) if gap else (match.end(), end)
            if end >= node.end_lineno:
                return inside
        return lines


def _is_built_in(exception: Any) -> bool:
    """Return whether an ``except`` names only built-in exceptions, or nothing."""
    if type(exception).__name__ == "Tuple":
        return all(type(one).__name__ == "Name" and _is_built_in(one) for one in exception.elts)
    return exception is None or getattr(exception, "id", None) in _EXCEPTIONS


_EXCEPTIONS = frozenset(
    name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, BaseException)
)


def _decorated(node: Any) -> bool:
    return bool(getattr(node, "decorator_list", None))


def _has_docstring(body: list[Any]) -> bool:
    return bool(body) and type(body[0]).__name__ == "Expr" and isinstance(getattr(body[0].value, "value", None), str)


def _is_future(node: Any) -> bool:
    return type(node).__name__ == "ImportFrom" and node.module == "__future__" and not node.level


def _takes_everything(case: Any) -> bool:
    return type(case.pattern).__name__ == "MatchAs" and case.pattern.pattern is None and case.guard is None
