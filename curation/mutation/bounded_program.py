"""Bound the steps of a program, so that whether an input is too large for it is the same on every machine.

A time limit depends on the machine and on its load; so would the generated tests. The program is given a counter
instead: each turn of a loop or comprehension and each call of its functions is a step, and it raises ``TooManySteps``
after so many. What its built-in functions do inside is no step.

The counter is an iterator that yields ``True`` so many times and raises from then on. Nothing of it is a function in
Python: ``compress`` takes one of it with each value of a loop, and a call of ``__next__`` is a step.

The places are found once in a program's text; its mutants differ from it by one edit, and keep all places outside.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from apps_plus.conditionals import parse
from curation.mutation.source_text import Edit, SourceText
from curation.mutation.syntax_tree import children

TOO_MANY_STEPS = "TooManySteps"
"""``Execution.exception`` of a bounded program that took too many steps."""
_FAULTS = (SyntaxError, ValueError, RecursionError, MemoryError)
"""The exceptions of Python's parser."""
_END, _BEGIN, _EDIT = range(3)
"""The order of changes at one offset of a text."""

_PRELUDE = """\
from itertools import chain as _chain_, compress as _compress_, repeat as _repeat_

class {error}(BaseException):
    pass

class _Over_:
    is_over = False

    def __iter__(self):
        return self

    def __next__(self):
        _Over_.is_over = True
        raise {error}

_left_ = _chain_(_repeat_(True, {limit}), _Over_())
_step_ = _left_.__next__
"""
_ENTRY = """
def _bounded_(function, put):
    def call(*arguments, **named):
        global _left_, _step_
        _left_ = _chain_(_repeat_(True, {limit}), _Over_())
        _step_ = _left_.__next__
        _Over_.is_over = False
        put(function)
        try:
            return function(*arguments, **named)
        finally:
            put(call)
            if _Over_.is_over:
                raise {error}
    put(call)

if callable(globals().get({name!r})):
    _bounded_({name}, lambda function: globals().update({name}=function))
elif "Solution" in globals():
    for _class_ in Solution.__mro__:
        if {name!r} in _class_.__dict__:
            _kept_ = _class_.__dict__[{name!r}]
            if isinstance(_kept_, (staticmethod, classmethod)):
                _bounded_(_kept_.__func__, lambda function: setattr(Solution, {name!r}, _kept_.__class__(function)))
            else:
                _bounded_(_kept_, lambda function: setattr(Solution, {name!r}, function))
            break
"""
"""While the function runs, it has its own name again: it calls itself without another frame, and finds what it keeps in
attributes. One that hides that it took too many steps raises the error all the same."""


@lru_cache(maxsize=4)
def bounded_program(source: str, entry_point: str | None, limit: int) -> str | None:
    """Return the program with a limit on its steps, for each input anew; None where Python cannot parse it."""
    counted = CountedProgram.of(source, entry_point)
    return None if counted is None else counted.bounded(limit)


@dataclass(frozen=True, slots=True)
class _Place:
    """A part of a program that is put between two texts; both are at one offset where something is only put in."""

    start: int
    end: int
    before: bytes
    after: bytes = b""

    def is_kept(self, edit: Edit) -> bool:
        """Return whether an edit leaves both ends: it is outside, or within what is between them.

        What is only put in at the end may belong to the part, or not.
        """
        if edit.start == edit.end == self.end > self.start:
            return False
        is_outside = edit.end <= self.start or self.end <= edit.start
        return is_outside or (self.start <= edit.start and edit.end <= self.end)


@dataclass(frozen=True, slots=True)
class CountedProgram:
    """A program with the places where its steps are counted."""

    text: SourceText
    entry_point: str | None
    places: tuple[_Place, ...]
    first: int
    """Offset of the first statement that anything may come before."""

    @classmethod
    def of(cls, source: str, entry_point: str | None) -> CountedProgram | None:
        """Find the places of a program; None where Python cannot parse it, or nothing can be put into its text."""
        try:
            text = SourceText(source)
        except _FAULTS:
            return None
        first = _after_future_imports(text)
        return None if first is None else cls(text, entry_point, tuple(_places(text)), first)

    def lines(self) -> dict[int, int]:
        """Return the line in the program of each line of ``bounded`` that is one of the program's."""
        added = [(self.first, _PRELUDE.count("\n"))]
        added += [(place.start, place.before.count(b"\n")) for place in self.places if b"\n" in place.before]
        added.sort(reverse=True)
        found: dict[int, int] = {}
        shift = 0
        for line in range(1, self.text.line_of(len(self.text.bytes)) + 1):
            while added and added[-1][0] <= self.text.line_start(line):
                shift += added.pop()[1]
            found[line + shift] = line
        return found

    def bounded(self, limit: int) -> str | None:
        """Return the program with a limit on its steps for each input anew; None where Python cannot parse it."""
        bounded = self.unchecked(limit)
        try:
            parse(bounded)
        except _FAULTS:
            return None
        return bounded

    def unchecked(self, limit: int, edit: Edit | None = None) -> str:
        """Return the program, or its mutant by an edit, without a look at whether Python can parse it.

        That look takes most of the time. Of 104,039 mutants of programs of which Python parses ``bounded``, it parsed
        every one.
        """
        prelude = _PRELUDE.format(error=TOO_MANY_STEPS, limit=limit).encode()
        # at one offset what ends comes first, the inner before the outer; then what begins, the outer before the inner
        changes = [(self.first, _BEGIN, -len(self.text.bytes) - 1, self.first, prelude)]
        for place in self.places:
            if edit is None or place.is_kept(edit):
                changes.append((place.start, _BEGIN, -place.end, place.start, place.before))
                changes.append((place.end, _END, -place.start, place.end, place.after))
        if edit is not None:
            changes.append((edit.start, _EDIT, 0, edit.end, edit.replacement))
        parts, done = [], 0
        for offset, _, _, after, replacement in sorted(changes):
            parts += [self.text.bytes[done:offset], replacement]
            done = after
        parts.append(self.text.bytes[done:])
        if self.entry_point is not None:
            parts.append(_ENTRY.format(limit=limit, name=self.entry_point, error=TOO_MANY_STEPS).encode())
        return b"".join(parts).decode()


def _after_future_imports(text: SourceText) -> int | None:
    """Return the offset after the docstring and the imports from ``__future__``, which must stay first.

    None where another statement is on the same line.
    """
    for number, node in enumerate(text.tree.body):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_text and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            start = text.line_start(_first_line(node))
            return 0 if number == 0 else start if node.col_offset == 0 else None
    return len(text.bytes)


def _first_line(node: ast.stmt) -> int:
    """Return the line on which a statement begins, with its decorators."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _places(text: SourceText) -> Iterator[_Place]:
    """Yield the places where steps are counted, but not those in f-strings, of which Python 3.11 knows no position."""
    pending: list[ast.AST] = [text.tree]
    while pending:
        node = pending.pop()
        pending += (child for child in children(node) if not isinstance(child, ast.JoinedStr))
        if isinstance(node, ast.While):
            yield _around(text, node.test, b"_step_() and (", b")")
        elif isinstance(node, ast.For) or (isinstance(node, ast.comprehension) and not node.is_async):
            yield _around(text, node.iter, b"_compress_((", b"), _left_)")
        elif isinstance(node, ast.Lambda):
            yield _around(text, node.body, b"_step_() and (", b")")
        elif isinstance(node, ast.FunctionDef):
            yield _at_begin(text, node)


def _around(text: SourceText, node: ast.expr, before: bytes, after: bytes) -> _Place:
    start = text.start(node)
    if text.bytes[start - 1 : start].isalpha():  # ``in"abc"``
        before = b" " + before
    return _Place(start, text.end(node), before, after)


def _at_begin(text: SourceText, function: ast.FunctionDef) -> _Place:
    """Return the place before the first statement of a function: on its line, or on one before it."""
    first = function.body[0]
    line = text.line_start(_first_line(first))
    indentation = text.bytes[line : line + first.col_offset]
    if indentation.isspace():
        return _Place(line, line, indentation + b"_step_()\n")
    return _Place(text.start(first), text.start(first), b"_step_(); ")
