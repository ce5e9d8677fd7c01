"""Find the lines of an answer that may open or close a fenced block of code.

By CommonMark a fence is three or more backticks or tildes after at most three spaces (four belong to a docstring, or
to a list). Models also write fences after text on the same line, after ``#``, and with prose after a closing one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

PYTHON = "python"
_ALIASES = re.compile(r"(?:python|py|pypy|cpython|ipython|sage)[\d.]*|python-repl", re.IGNORECASE)
OTHER_LANGUAGES = frozenset(
    "text txt plaintext plain output out stdout stdin input sample example none pycon doctest log traceback error "
    "bash sh shell zsh console terminal cmd powershell batch json jsonl yaml yml toml xml html css md markdown latex "
    "tex math diff csv sql c cpp c++ cc h java javascript js typescript ts jsx go golang rust rs ruby rb php perl "
    "swift kotlin scala haskell lua r matlab julia dart csharp cs c# f# ocaml lisp clojure elixir erlang nasm asm "
    "makefile dockerfile mermaid graphviz dot pseudocode pseudo".split()
)


class Kind(StrEnum):
    """The role that a fence can have."""

    BARE = "bare"
    """Open a block without a language, or close one."""
    LANGUAGE = "language"
    """Open a block, and end the one that is open."""
    PROSE = "prose"
    """Close a block, with text after it; or open one with an unknown language."""
    BEHIND_TEXT = "behind text"
    """Open a block after the text of its line."""
    TRAILING = "trailing"
    """Close a block at the end of a line of code."""
    COMMENTED = "commented"
    """Close a block, from within a comment."""


@dataclass(frozen=True, slots=True)
class Fence:
    """A line with a fence."""

    kind: Kind
    start: int
    """Index of the first character of the line."""
    marks_start: int
    """Index of the first backtick or tilde."""
    end: int
    """Index of the first character of the next line."""
    indent: int
    """Columns before the fence."""
    marks: str
    language: str
    """``python``, another one in lower case, or empty."""
    rest_start: int
    """Index of the character after the marks and the language."""
    quotes: int
    """Number of ``>`` before it."""
    in_list: bool
    """True if the fence is indented like the text of a list item."""


_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_FENCE = re.compile(r"(?P<before>(?:[ \t]*>)*[ \t]*)(?P<marks>`{3,}|~{3,})(?P<info>[^\r\n]*)")
_COMMENTED = re.compile(r"(?P<before>[ \t]*#+[ \t]*)(?P<marks>`{3,}|~{3,})(?P<info>[ \t]*(?:python3?|py)?[ \t]*)$")
_BEHIND = re.compile(r"(?P<before>[^\r\n]*?[^\s`~][ \t]*)(?P<marks>`{3,})[ \t]*(?P<info>\{?\.?[\w+#.-]*\}?)[ \t]*$")
_ITEM = re.compile(r"([ \t]*(?:[-*+\u2022]|\d{1,9}[.)])[ \t]+)")
_WORD = re.compile(r"[ \t]*(\{?\.?[\w+#.-]*)")


def fences_of(text: str) -> list[Fence]:
    """Return the fences of a text, in order."""
    found, item = [], 0
    for line in _LINE.finditer(text):
        content = line.group().rstrip("\r\n")
        if "```" in content or "~~~" in content:
            fence = _fence(content, line.start(), line.end(), item)
            if fence is not None:
                found.append(fence)
        if content.strip():
            item = _item_column(content, item)
        if line.end() == len(text):
            break
    return found


def _item_column(line: str, item: int) -> int:
    """Return the column at which the text of the current list item begins; 0 outside of lists."""
    opening = _ITEM.match(line)
    if opening is not None:
        return _columns(opening[1])
    indent = _columns(line[: len(line) - len(line.lstrip())])
    return item if indent >= item else 0 if indent == 0 and not line.lstrip().startswith(("`", "~")) else min(item, 4)


def _columns(blanks: str) -> int:
    return len(blanks.expandtabs(4))


def _fence(line: str, start: int, end: int, item: int) -> Fence | None:
    commented = _COMMENTED.match(line)
    if commented is not None:
        language = language_of(commented["info"])
        return _made(Kind.COMMENTED, commented, start, end, language, len(commented.group()), item)
    match = _FENCE.match(line)
    if match is not None and "`" not in match["info"]:
        word = _WORD.match(match["info"])
        language = language_of(match["info"])
        if not match["info"].strip():
            kind = Kind.BARE
        elif language == PYTHON or language in OTHER_LANGUAGES or match["info"].lstrip().startswith("{"):
            kind = Kind.LANGUAGE
        else:
            kind, language = Kind.PROSE, ""
        behind = match.end("marks") + (word.end() if word is not None and kind is Kind.LANGUAGE else 0)
        return _made(kind, match, start, end, language, behind, item)
    match = _BEHIND.match(line)
    if match is None or "```" in match["before"]:
        return None
    language = language_of(match["info"])
    if match["info"] and language != PYTHON and language not in OTHER_LANGUAGES:
        return None
    opens = language or match["before"].rstrip().endswith((":", "\uff1a")) or _ITEM.fullmatch(match["before"])
    return _made(Kind.BEHIND_TEXT if opens else Kind.TRAILING, match, start, end, language, len(match.group()), item)


def _made(kind: Kind, match: re.Match[str], start: int, end: int, language: str, behind: int, item: int) -> Fence:
    before = match["before"]
    indent = _columns(before.replace(">", "").removeprefix(" ") if ">" in before else before)
    in_list = bool(item) and item <= indent <= item + 3
    return Fence(
        kind, start, start + match.start("marks"), end, indent, match["marks"], language, start + behind,
        before.count(">") if kind in (Kind.BARE, Kind.LANGUAGE, Kind.PROSE) else 0, in_list,
    )  # fmt: skip


def language_of(info: str) -> str:
    """Return the language that an info string names, in lower case: ``python`` for all its spellings."""
    words = re.split(r"[\s:,;={}(]+", info.strip().strip("{.}").lower(), maxsplit=1)
    word = words[0].lstrip(".")
    return PYTHON if _ALIASES.fullmatch(word) else word


def may_open(fence: Fence) -> bool:
    """Return whether CommonMark allows the fence to open a block."""
    match fence.kind:
        case Kind.TRAILING:
            return False
        case Kind.COMMENTED:
            return fence.language == PYTHON
        case Kind.BEHIND_TEXT:
            return True
    return fence.indent <= 3 or fence.in_list


def closes(fence: Fence, opening: Fence) -> bool:
    """Return whether a fence ends the block of an opening fence, or opens the next block before that is closed."""
    if fence.kind in (Kind.TRAILING, Kind.COMMENTED):
        return False
    if fence.marks[0] != opening.marks[0] or len(fence.marks) < len(opening.marks):
        return False
    if fence.kind is Kind.BEHIND_TEXT:
        return fence.language == PYTHON
    return fence.indent <= 3 + (opening.indent if opening.in_list else 0)


def opens_next(fence: Fence) -> bool:
    """Return whether a fence that ends a block opens another one."""
    return fence.kind in (Kind.LANGUAGE, Kind.BEHIND_TEXT)
