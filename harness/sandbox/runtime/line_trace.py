"""Which lines of a program ran: probes that are compiled into it, and the memory that they write to.

A *unit* is what begins as a whole: a simple statement; the header of a compound one with its decorators and, for
``def`` and ``class``, its docstring; an ``except`` or ``case`` clause; and a *part* of an expression that may be passed
over (a branch of a ternary, a right operand of ``and`` or ``or``, a later comparator of a chain, the body of a lambda,
the elements, conditions and inner iterables of a comprehension, the message of an ``assert``) where it has lines to
itself. A line ran if a unit that covers it began. What a unit covers:

- all its physical lines but blank ones and comments, less the lines that a part of it has to itself;
- a line belongs to the innermost part that holds every name and value on it; one of brackets, operators and keywords
  alone to the part around it; the first line always to the statement;
- ``else:``, ``try:``, ``finally:``, a bare ``except:`` and a ``case`` that takes everything are no code: they belong to
  the first unit of their block, as the module's docstring and future imports belong to its first;
- an ``except`` or ``case`` began where it was looked at, whether or not it matched.

Nothing in this depends on the version of Python: units come from the syntax tree and the text, not from bytecode, and
what the compiler drops (``if 0:``, code after ``return``) is code that did not run.

A probe is ``if PENDING[i]: MEMORY[i] = PENDING[i] = False``. After the first time it costs a look into a list. Both are
constants of the code, without a name that the program could see or assign. ``MEMORY`` is shared with the zygote, so
that what ran is known whatever became of the process.

Standard library only; nothing is imported before a program is traced.
"""

import builtins
import contextlib
import functools
import re
import struct
from typing import Any

LONGEST_SOURCE = 1 << 16
"""Characters of a program; what is longer is not traced, since that would take seconds."""

Source = list[str]
"""The lines of a program, each at its own number: the first is at 1."""

_NEWLINE = re.compile("\r\n|\r|\n")
_STRING = re.compile(
    r"(?s)[A-Za-z]{0,2}(?:'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\""
    r"|'(?:[^\\'\n]|\\.)*'|\"(?:[^\\\"\n]|\\.)*\")"
)
_BETWEEN_STRINGS = re.compile(r"(?:[ \t\f\n\\]|#[^\n]*)+")
_CASE = re.compile(r"\s*case\b")
_BLOCKS = frozenset(("body", "orelse", "finalbody", "handlers", "cases"))


@functools.cache
def nodes() -> Any:
    """The module with the node types; kept here, so that it can be taken out of ``sys.modules``."""
    import _ast

    return _ast


@functools.cache
def _mapping() -> Any:
    import mmap

    return mmap.mmap


def lines_of(source: str) -> Source:
    """The lines of a program as the compiler counts them."""
    return ["", *_NEWLINE.split(source)]


# --- units ---------------------------------------------------------------------------------------------------------


class Instrumenter:
    """Puts probes into the syntax tree of a program; ``units`` then holds the lines of each."""

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
        """The docstring and future imports must stay first: they belong to the first unit after them."""
        prefix = 1 if _has_docstring(tree.body) else 0
        while prefix < len(tree.body) and _is_future(tree.body[prefix]):
            prefix += 1
        lead = [n for node in tree.body[:prefix] for n in self._simple(node)]
        tree.body[prefix:] = self._block(tree.body[prefix:], lead, frozenset())

    def _block(self, statements: list[Any], lead: list[int], known: frozenset[int]) -> list[Any]:
        """The statements with their probes; ``lead`` are lines that belong to the first, ``known`` need no probe."""
        block = []
        for node in statements:
            lines = self._statement(node, lead)
            if lines:
                if not known.issuperset(lines):
                    block.append(_probe(self._unit(lines), lines[0]))
                known = frozenset(lines)
            block.append(node)
            lead = []
        if lead:
            block.append(_probe(self._unit(lead), lead[0]))
        return block

    def _later(self, owner: Any, field: str, lead: list[int], known: frozenset[int] = frozenset()) -> None:
        if getattr(owner, field):
            self._pending.append((owner, field, lead, known))

    def _statement(self, node: Any, lead: list[int]) -> list[int]:
        """The lines of a statement's own unit; none where it is that of its first statement."""
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
        """The body of a ``def`` or ``class`` whose docstring must stay first."""
        node.body = [docstring, *self._block(node.body, [], known)]

    def _simple(self, node: Any) -> list[int]:
        if node.lineno == node.end_lineno:
            return [node.lineno]
        return self._region(node.lineno, node.end_lineno, [node])

    def _header(self, node: Any) -> list[int]:
        """The lines of a header: to the colon, or the end of the docstring."""
        start, body = self._start(node), node.body
        parts = [node]
        if type(node).__name__ in ("FunctionDef", "AsyncFunctionDef", "ClassDef") and _has_docstring(body):
            parts.append(body[0].value)
            return self._region(start, body[0].end_lineno, parts)
        return self._region(start, self._colon(start, body), parts)

    def _colon(self, start: int, body: list[Any]) -> int:
        """The last line that a header before this block may have."""
        first = self._start(body[0])
        if first == start or (not _decorated(body[0]) and self._text_before(body[0]).strip()):
            return first
        return first - 1

    def _start(self, node: Any) -> int:
        """The first line of a statement: that of its first ``@`` where it has decorators."""
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
        """The lines of a bare ``else:`` or the like, between what ends and the block that begins."""
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
        """Clauses that name built-in exceptions: one was looked at where it, or a later one, or none matched.

        Nothing is called on the way, since the stack may be at its limit: RecursionError is what brings one here.
        """
        looked_at: list[int] = []
        for handler in node.handlers:
            looked_at += self._clause(handler)
            self._later(handler, "body", list(looked_at))
        if node.handlers and node.handlers[-1].type is not None:
            ast, line = nodes(), looked_at[0]
            again = [_probe(self._unit(looked_at), line), ast.Raise(**_at(line))]
            node.handlers.append(ast.ExceptHandler(None, None, again, **_at(line)))
            node.handlers[-1].end_lineno = node.handlers[-2].end_lineno

    def _handlers(self, handlers: list[Any]) -> None:
        """Clauses of any kind: each expression notes that it is evaluated."""
        for handler in handlers:
            header = self._clause(handler)
            if handler.type is None:
                self._later(handler, "body", header)
            else:
                handler.type = _watched(handler.type, self._unit(header))
                self._later(handler, "body", [], frozenset(header))

    def _clause(self, handler: Any) -> list[int]:
        """The lines of an ``except``."""
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
                cases.append(_watched_case(self._unit(lines), case))
                self._later(case, "body", [], frozenset(lines))
            cases.append(case)
        node.cases = cases
        return header

    # ---- lines of an expression

    def _region(self, first: int, last: int, roots: list[Any], case: Any = None) -> list[int]:
        """The lines of one unit from ``first`` to ``last``; parts with lines of their own become units themselves."""
        if first == last:
            return [first]
        parts = _Parts(first)
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
        """The lines that begin inside a string: there, blank ones and those with ``#`` are text."""
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


class _Part:
    """A part of an expression that may be passed over; ``root``, without a place, is the statement itself."""

    def __init__(self, place: Any, around: Any, first: int, last: int) -> None:
        self.place, self.around, self.first, self.last = place, around, first, last

    def watch(self, unit: int) -> None:
        owner, field, index = self.place
        if index is None:
            setattr(owner, field, _watched(getattr(owner, field), unit))
        else:
            values = getattr(owner, field)
            values[index] = _watched(values[index], unit)

    def chain(self) -> Any:
        """This part and those around it, outwards."""
        part = self
        while part is not None:
            yield part
            part = part.around


class _Parts:
    """The parts of one statement (or header, or clause), and what stands on which line."""

    def __init__(self, first: int) -> None:
        self.root = _Part(None, None, first, first)
        self.strings: list[Any] = []
        self._parts = [self.root]
        self._on: dict[int, set[Any]] = {first: {self.root}}
        self._pending: list[tuple[Any, Any]] = []

    def read(self, node: Any) -> None:
        self._pending.append((node, self.root))
        self.read_pending()

    def read_pending(self) -> None:
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
        elif _may_be_passed_over(kind, field, index):
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
        part = _Part((owner, field, index), around, first or node.lineno, node.end_lineno)
        self._parts.append(part)
        self._pending.append((node, part))
        return part

    def place(self, first: int, last: int) -> None:
        self.root.first, self.root.last = first, last

    def owner_of(self, line: int) -> Any:
        """The innermost part that holds all that is on a line."""
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
"""What is not looked into: names and values, patterns, and f-strings, whose insides have no lines before 3.12."""
_COMPREHENSIONS = frozenset(("ListComp", "SetComp", "DictComp", "GeneratorExp"))
_PASSED_OVER = frozenset(
    (
        *(("IfExp", field) for field in ("body", "orelse")),
        ("Lambda", "body"),
        *((kind, "elt") for kind in ("ListComp", "SetComp", "GeneratorExp")),
        *(("DictComp", field) for field in ("key", "value")),
        ("comprehension", "ifs"),
        ("Assert", "msg"),
    )
)


def _may_be_passed_over(kind: str, field: str, index: Any) -> bool:
    if (kind == "BoolOp" and field == "values") or (kind == "Compare" and field == "comparators"):
        return bool(index)
    return (kind, field) in _PASSED_OVER


def _is_built_in(exception: Any) -> bool:
    """Whether an ``except`` names nothing but built-in exceptions (or nothing)."""
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


# --- probes --------------------------------------------------------------------------------------------------------

_PENDING, _MEMORY, _SET_PENDING, _SET_MEMORY = ((frozenset((number,)),) for number in range(4))
"""Constants that stand for the real ones until the code is there. No program's own: a frozenset in a tuple has no
literal. Their only index is 0, which no probe uses, so that the compiler cannot look them up."""


def _at(line: int) -> dict[str, int]:
    return {"lineno": line, "col_offset": 0, "end_lineno": line, "end_col_offset": 0}


def _probe(unit: int, line: int) -> Any:
    """``if PENDING[unit + 1]: MEMORY[unit + 1] = PENDING[unit + 1] = False``."""
    ast, at = nodes(), _at(line)
    pending, index = ast.Constant(_PENDING, **at), ast.Constant(unit + 1, **at)
    targets = [ast.Subscript(of, index, ast.Store(), **at) for of in (ast.Constant(_MEMORY, **at), pending)]
    mark = ast.Assign(targets, ast.Constant(False, **at), **at)
    return ast.If(ast.Subscript(pending, index, ast.Load(), **at), [mark], [], **at)


def _noting(unit: int, line: int) -> Any:
    """An expression that is false: ``PENDING[i] and (SET_MEMORY(i, False) or SET_PENDING(i, False))``.

    What it calls are methods of C types: no frame, no traceback. (On 3.11 a call needs one level of the stack, once:
    a program whose first way to such a part is at the very last level has one level less.)
    """
    ast, at = nodes(), _at(line)
    index, false = ast.Constant(unit + 1, **at), ast.Constant(False, **at)
    setters = (ast.Constant(setter, **at) for setter in (_SET_MEMORY, _SET_PENDING))
    calls = [ast.Call(setter, [index, false], [], **at) for setter in setters]
    pending = ast.Subscript(ast.Constant(_PENDING, **at), index, ast.Load(), **at)
    return ast.BoolOp(ast.And(), [pending, ast.BoolOp(ast.Or(), calls, **at)], **at)


def _watched(value: Any, unit: int) -> Any:
    """An expression of the same value that notes that its evaluation begins."""
    ast = nodes()
    return ast.BoolOp(ast.Or(), [_noting(unit, value.lineno), value], **_at(value.lineno))


def _watched_case(unit: int, case: Any) -> Any:
    """A case before another, which notes that this one is tried, and never matches."""
    ast, at = nodes(), _at(case.pattern.lineno)
    return ast.match_case(ast.MatchAs(**at), _noting(unit, case.pattern.lineno), [ast.Pass(**at)])


def _with_constants(code: Any, constants: dict[Any, Any]) -> Any:
    """Code with the real constants in place of those that stand for them."""

    def real(constant: Any) -> Any:
        if type(constant) is type(code):
            return _with_constants(constant, constants)
        is_ours = type(constant) is tuple and len(constant) == 1 and type(constant[0]) is frozenset
        return constants[constant] if is_ours else constant

    return code.replace(co_consts=tuple(map(real, code.co_consts)))


# --- what is shared with the zygote --------------------------------------------------------------------------------

_HEADER = struct.Struct("<5I")
"""At the end of the memory: whether the program is traced, its units, the bytes of their text, the number (from 1) of
the input that runs or ran last, and how many inputs are saved."""


def recording_of(source: str, inputs: int) -> Any:
    """A recording for a run of this program on so many inputs; None where it cannot be traced."""
    try:
        return Recording(source, inputs) if len(source) <= LONGEST_SOURCE else None
    except (OSError, ValueError):  # no memory
        return None


class Recording:
    """Memory that a run and the zygote share: what has run of the present input, and of those before it.

    The zygote makes it before the fork and reads it after the run. Whatever the program wrote there instead tells
    lies about nothing but its own lines.
    """

    def __init__(self, source: str, inputs: int) -> None:
        """Raise OSError or ValueError where there is no memory."""
        lines = source.count("\n") + source.count("\r") + 1
        self._capacity = 2 * lines + 16  # units: of those that share a line each has other lines
        self._text_at = (self._capacity + 1) * (inputs + 1)
        self._text_bytes = 64 * lines + 1024
        self.size = self._text_at + self._text_bytes + _HEADER.size
        # Shared with children, without a descriptor that a program could find; its pages come when they are touched.
        self._memory = _mapping()(-1, self.size)
        self._pending: list[bool] = []
        self._base: list[bool] = []
        self._traced = self._units = self._text = self._current = self._saved = 0

    # ---- in the run

    def code_of(self, source: str, file: str) -> Any:
        """Code with probes; None where there can be none: the program does not compile, or is nested too deep."""
        try:
            tree: Any = compile(source, file, "exec", 0x400, dont_inherit=True)  # ast.PyCF_ONLY_AST
            units = Instrumenter(tree, source).units
            text = units_text(units).encode()
            too_many = sum(map(len, units)) > most_lines(len(lines_of(source)) - 1)
            if too_many or len(units) > self._capacity or len(text) > self._text_bytes:
                return None
            code = compile(tree, file, "exec", dont_inherit=True)
            self._base = [True] * (len(units) + 1)
            self._pending = list(self._base)
            setters = {_SET_PENDING: self._pending.__setitem__, _SET_MEMORY: self._memory.__setitem__}
            code = _with_constants(code, {_PENDING: self._pending, _MEMORY: self._memory, **setters})
        except Exception:  # whatever is odd about the program: it runs as it would untraced, which tells
            return None
        self._memory[self._text_at : self._text_at + len(text)] = text
        self._traced, self._units, self._text = 1, len(units), len(text)
        self._write_header()
        return code

    # A program that finds the list or the memory may have made anything of them: it has no lines then, and no more.

    def begin(self, number: int) -> None:
        """Forget what ran: the input of that number, from 0, begins."""
        if self._traced:
            with contextlib.suppress(Exception):
                self._pending[:] = self._base
                self._memory[: len(self._base)] = bytes(self._base)
            self._current = number + 1
            self._write_header()

    def keep(self) -> None:
        """Count what has run so far for every later input too: they share it."""
        self._base = list(self._pending)

    def save(self) -> None:
        """Put away what has run: the input has."""
        if self._traced:
            row = len(self._base)
            with contextlib.suppress(Exception):
                self._memory[row * self._current : row * (self._current + 1)] = self._memory[:row]
            self._saved = self._current
            self._write_header()

    def _write_header(self) -> None:
        header = _HEADER.pack(self._traced, self._units, self._text, self._current, self._saved)
        with contextlib.suppress(ValueError):
            self._memory[self.size - _HEADER.size :] = header

    # ---- in the zygote

    def read(self, inputs: int) -> Any:
        """The text of the units, and for each of so many inputs a text of ``0`` and ``1``; None where not traced."""
        traced, units, text, current, saved = _HEADER.unpack(self._memory[self.size - _HEADER.size :])
        if not traced or units > self._capacity or text > self._text_bytes:
            return None
        row, rows = units + 1, []
        for number in range(1, inputs + 1):
            at = row * number if number <= saved else 0 if number == current else None
            data = b"\1" * row if at is None else self._memory[at : at + row]
            rows.append(data[1:].translate(_DIGITS).decode())
        return self._memory[self._text_at : self._text_at + text].decode("ascii", "replace"), rows

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()


_DIGITS = b"1" + b"0" * 255


def most_lines(lines: int) -> int:
    """How many lines the units of a program of so many may have together: what tells more was forged."""
    return 8 * lines + 4096


def units_text(units: list[tuple[int, ...]]) -> str:
    """``1-3,5-5;6-6``: the lines of each unit, in ranges."""
    return ";".join(",".join(f"{first}-{last}" for first, last in _ranges(lines)) for lines in units)


def _ranges(lines: tuple[int, ...]) -> list[list[int]]:
    ranges: list[list[int]] = []
    for line in lines:
        if ranges and line == ranges[-1][1] + 1:
            ranges[-1][1] = line
        else:
            ranges.append([line, line])
    return ranges
