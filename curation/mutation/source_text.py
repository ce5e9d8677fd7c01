"""The text of a program with its syntax tree, and edits of the text at positions of the tree.

An edit replaces some bytes and leaves the rest of the program as it is, comments and odd line ends included.
"""

from __future__ import annotations

import ast
import bisect
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from apps_plus.conditionals import parse

_NEWLINE = re.compile(rb"\r\n|\r|\n")
"""Python's line ends: ``splitlines`` would also split at form feeds."""
_COMMENT = re.compile(rb"#[^\r\n]*")
_WORD = re.compile(rb"\w")


@dataclass(frozen=True, slots=True)
class Edit:
    """One small change of a program."""

    operator: str
    """Name of the mutation operator that made it."""
    start: int
    """Offset of the first replaced byte."""
    end: int
    """Offset after the last replaced byte."""
    replacement: bytes
    line: int
    """Line of the first replaced byte, from 1."""


class SourceText:
    """The UTF-8 text of a program and its tree. A byte order mark is not part of it: positions do not count it."""

    def __init__(self, source: str) -> None:
        """Parse a program. Raises SyntaxError, ValueError, RecursionError or MemoryError where Python cannot."""
        self._mark = "\ufeff" if source.startswith("\ufeff") else ""
        without_mark = source.removeprefix("\ufeff")
        self.bytes = without_mark.encode()
        self.tree = parse(without_mark)
        self._starts = [0, *(match.end() for match in _NEWLINE.finditer(self.bytes))]

    @cached_property
    def bindings(self) -> Counter[str]:
        """Count how often each name is set in the program: by assignments, loops and parameters."""
        nodes = list(ast.walk(self.tree))
        names = [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
        return Counter([*names, *(node.arg for node in nodes if isinstance(node, ast.arg))])

    def start(self, node: ast.AST) -> int:
        """Return the offset of the first byte of a node."""
        return self._starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined,no-any-return]

    def end(self, node: ast.AST) -> int:
        """Return the offset after the last byte of a node."""
        return self._starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined,no-any-return]

    def line_start(self, line: int) -> int:
        """Return the offset of the first byte of a line, from 1."""
        return self._starts[line - 1]

    def of(self, node: ast.AST) -> bytes:
        """Return the text of a node, without parentheses around it."""
        return self.bytes[self.start(node) : self.end(node)]

    def replace(self, operator: str, node: ast.AST, replacement: bytes) -> Edit:
        """Return the edit that replaces a node."""
        return self.edit(operator, self.start(node), self.end(node), replacement, node.lineno)  # type: ignore[attr-defined]

    def edit(self, operator: str, start: int, end: int, replacement: bytes, line: int) -> Edit:
        """Return the edit that replaces some bytes; spaces keep it apart from words beside it."""
        if _WORD.match(self.bytes[start - 1 : start]) and _WORD.match(replacement[:1]):
            replacement = b" " + replacement
        if _WORD.match(self.bytes[end : end + 1]) and _WORD.match(replacement[-1:]):
            replacement += b" "
        return Edit(operator, start, end, replacement, line)

    def find_between(self, left: ast.AST, right: ast.AST, token: re.Pattern[bytes]) -> tuple[int, int] | None:
        """Return the span of a token between two nodes, comments aside; None where it is not there."""
        start, end = self.end(left), self.start(right)
        gap = _COMMENT.sub(lambda comment: b" " * len(comment[0]), self.bytes[start:end])
        match = token.search(gap)
        return (start + match.start(), start + match.end()) if match else None

    def line_of(self, offset: int) -> int:
        """Return the line of a byte, from 1."""
        return bisect.bisect_right(self._starts, offset)

    def apply(self, edit: Edit) -> str:
        """Return the program with one edit made."""
        return self._mark + (self.bytes[: edit.start] + edit.replacement + self.bytes[edit.end :]).decode()
