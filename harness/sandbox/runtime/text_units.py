"""Find the units of a program in its text, without a syntax tree: most programs need none.

``line_trace`` defines units and lines. Here a unit is a logical line, with what belongs to it: decorators, a docstring,
``else:`` and the like. ``find_units`` returns None where a logical line may hold more than one unit, or where the text
does not tell. Standard library only.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

_LITERAL = re.compile(
    r"(?s)#[^\n]*|'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\""
    r"|'(?:[^\\'\n]|\\.)*'|\"(?:[^\\\"\n]|\\.)*\""
)
_INSIDE = "\0"
"""Begins a line that begins inside a string. No program that compiles holds this character."""
_PARTS = re.compile(r"\b(?:and|or|if|else|for|lambda|assert)\b|\b(?:[fF][rR]?|[rR][fF])'|;")
"""Tokens that exclude a logical line of several lines: parts that may be skipped, and strings of unsure positions."""
_COMPARISON = re.compile(r"\b(?:in|is)\b|[<>]|[=!]=")
_STRING_FIRST = re.compile(r"[(\s]*[A-Za-z]{0,2}'")
_DOCSTRING = re.compile(f"[rRuU]?'(?:\n{_INSIDE})*'")
_CLAUSE = re.compile(r"(?:try|else|finally|except)\s*:")
_LOOPS = frozenset(("for", "while", "with"))
_HEADERS = _LOOPS | frozenset(("if", "elif", "def", "class", "try", "else", "finally", "except"))
_KEYWORD = re.compile(rf"(?:{'|'.join(sorted(_HEADERS))}|global|nonlocal|async|case|match)\b|@")


class TextUnits(NamedTuple):
    """The units of a program."""

    units: list[tuple[int, ...]]
    """The lines of each."""
    unit_of: list[int]
    """For each line, from 0, its unit, or -1."""
    loops: set[int]
    """The headers of loops and of ``with``."""


def find_units(source: str) -> TextUnits | None:
    """Return the units of a program that compiles; None where only its syntax tree tells them."""
    if "\r" in source or "\f" in source or _INSIDE in source:
        return None
    reader = _Reader(_LITERAL.sub(_without_content, source).split("\n"))
    return reader.found if reader.read() else None


def _without_content(literal: Any) -> str:
    """Return what stands for a comment, which has no text, or for a string, of which the lines are left."""
    text: str = literal[0]
    if text[0] == "#":
        return ""
    return f"'{(chr(10) + _INSIDE) * text.count(chr(10))}'" if "\n" in text else "''"


class _Reader:
    """Reads a program line by line."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self.found = TextUnits([], [-1] * (len(lines) + 1), set())
        self._lead: list[int] = []  # lines that belong to the next unit
        self._block: str | None = None  # the indentation of a ``global`` among them: only its own block follows it
        self._may_be_docstring = "module"

    def read(self) -> bool:
        """Read all lines. Returns whether each logical line was understood."""
        units, unit_of, _ = self.found
        lines, keyword = self._lines, _KEYWORD.match
        begin_in_string = {number for number, line in enumerate(lines) if line[:1] == _INSIDE}
        own: list[int] = []
        depth, text = 0, ""
        for number, line in enumerate(lines, 1):
            stripped = line.strip()
            if not stripped:
                continue
            depth += stripped.count("(") + stripped.count("[") + stripped.count("{")
            depth -= stripped.count(")") + stripped.count("]") + stripped.count("}")
            goes_on = depth or stripped[-1] == "\\" or number in begin_in_string
            word = keyword(stripped)
            if not (goes_on or own or word or self._lead or self._may_be_docstring):  # most lines
                unit_of[number] = len(units)
                units.append((number,))
                continue
            own.append(number)
            text = f"{text}\n{stripped}" if len(own) > 1 else stripped
            if goes_on:
                continue
            if not self._logical_line(text, own, line):
                return False
            own = []
        if self._lead:
            self._add([])
        return not own and self._block is None

    def _add(self, lines: list[int]) -> None:
        """Add a unit of these lines and those before it that belong to it."""
        units, unit_of, _ = self.found
        if self._lead:
            lines, self._lead, self._block = self._lead + lines, [], None
        for line in lines:
            unit_of[line] = len(units)
        units.append(tuple(lines))

    def _logical_line(self, text: str, own: list[int], line: str) -> bool:
        keyword = _KEYWORD.match(text)
        word = keyword[0] if keyword else ""
        if len(own) > 1 and not _is_one_unit(text, word):
            return False
        if self._may_be_docstring:
            before, self._may_be_docstring = self._may_be_docstring, ""
            if _STRING_FIRST.match(text):
                return self._docstring(text, own, before)
            if before == "module" and text.startswith("from __future__"):
                self._lead += own
                self._may_be_docstring = before
                return ";" not in text
        if self._block is not None and self._block != _indentation(line):
            return False
        if not word:
            self._add(own)
            return True
        return self._special(text, word, own, line)

    def _special(self, text: str, word: str, own: list[int], line: str) -> bool:
        """Read a header, a decorator, or a ``global``."""
        if word in _HEADERS:
            if _CLAUSE.fullmatch(text):
                self._lead += own
                self._block = None
                return True
            if word in _LOOPS:
                self.found.loops.add(len(self.found.units))
            self._add(own)
            if word in ("def", "class") and text[-1] == ":":
                self._may_be_docstring = word
            return word != "except" or "*" not in text  # groups of exceptions
        if word == "@":
            self._lead += own
            return "lambda" not in text
        if word in ("global", "nonlocal") and ";" not in text:
            self._lead += own
            self._block = _indentation(line)
            return True
        self._add(own)
        return word == "match" and text[-1] != ":"

    def _docstring(self, text: str, own: list[int], before: str) -> bool:
        """Read a first statement that may be a docstring."""
        if not _DOCSTRING.fullmatch(text):
            return False
        if before == "module":
            self._lead += own
            self._may_be_docstring = before
            return True
        units, unit_of, _ = self.found
        for line in own:
            unit_of[line] = len(units) - 1
        units[-1] += tuple(own)
        return True


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _is_one_unit(text: str, word: str) -> bool:
    """Return whether a logical line over several lines is surely one unit."""
    if word in _HEADERS:
        if text[-1] != ":":  # a block on the header's last line
            return False
        text = text[len(word) :]
    return not _PARTS.search(text) and len(_COMPARISON.findall(text)) < 2
