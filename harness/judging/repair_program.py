"""Mechanical repairs of programs that were damaged when a dataset was made, or written for a judge's preamble.

A program runs unchanged first. If it fails, ``propose`` gives possible repairs; the caller records the one that it
used. Pure functions over text: an untrusted program is never parsed in this process.
"""

from __future__ import annotations

import builtins
import importlib
import re
import sys
import textwrap
from collections.abc import Iterator
from functools import cache

from harness.sandbox.execution import Ended, Execution

REPAIRS = {
    "unescape": "the source was stored with one level of escaping too many",
    "broken_string": "a line break stands where a string had \\n",
    "shifted_indent": "every line but the first is indented too far",
    "dedent": "the whole program is indented",
    "tabs": "tabs and spaces are mixed in one block",
    "starred_call": "print((*xs)) for print(*xs)",
    "top_level_return": "a script returns to stop early",
    "nonlocal_global": "nonlocal stands where the script had global, since it was once wrapped into a function",
    "solution_class": "a bare method without its class",
    "missing_import": "a name that the judge's preamble used to import",
}
"""Names of the repairs, and the fault that each one repairs; a build's findings quote these texts."""

MAX_ROUNDS = 12
"""Most repairs of one program; several names may each lack an import."""


def propose(source: str, entry_point: str | None, failure: Execution) -> Iterator[tuple[str, str]]:
    """Yield (repair, repaired source) for each repair that may fix this failure, likeliest first."""
    candidates = _for_syntax(source, failure) if failure.ended is Ended.COMPILE_ERROR else ()
    if failure.ended is Ended.EXCEPTION:
        candidates = _for_exception(source, entry_point, failure)
    for name, repaired in candidates:
        if repaired is not None and repaired != source:
            yield name, repaired


def _for_syntax(source: str, failure: Execution) -> Iterator[tuple[str, str | None]]:
    message = failure.message
    if "'return' outside function" in message:
        yield "top_level_return", exit_instead_of_return(source, failure.line)
    if "no binding for nonlocal" in message or "nonlocal declaration not allowed" in message:
        yield "nonlocal_global", global_instead_of_nonlocal(source, message, failure.line)
    if "starred expression" in message:
        yield "starred_call", plain_starred_calls(source)
    if failure.exception == "TabError":
        yield "tabs", source.expandtabs(8)
    if failure.exception in ("IndentationError", "TabError"):
        yield "dedent", textwrap.dedent(source)
        yield "shifted_indent", dedent_all_but_first(source)
    if "line continuation" in message or "\\" in source:
        yield "broken_string", join_broken_strings(source)
        yield "unescape", unescape(source)
        yield "unescape", join_broken_strings(unescape(source))
        yield "unescape", source.encode("latin-1", "backslashreplace").decode("unicode_escape", "replace")


def _for_exception(source: str, entry_point: str | None, failure: Execution) -> Iterator[tuple[str, str | None]]:
    if failure.exception == "NameError":
        name = re.match(r"name '(\w+)' is not defined", failure.message)
        yield "missing_import", with_import(source, name[1]) if name else None
    if entry_point and failure.exception == "TypeError" and "positional argument" in failure.message:
        yield "solution_class", in_solution_class(source, entry_point)


def unescape(source: str) -> str:
    """Undo one level of escaping of quotes, and of tabs that indent."""
    source = source.replace('\\"', '"').replace("\\'", "'")
    return re.sub(r"^((?:\\t|[ \t])+)", lambda indent: indent[1].replace("\\t", "\t"), source, flags=re.MULTILINE)


def join_broken_strings(source: str) -> str:
    """Replace a backslash at the end of a line, in a string that the next line closes, by ``\\n``."""
    previous = None
    while previous != source:
        previous = source
        source = re.sub(r"^([^\n]*['\"][^'\"\n]*)\\\n(?=[^\n'\"]{0,200}['\"\\])", r"\1\\n", source, flags=re.MULTILINE)
    return source


def has_broken_string(source: str) -> bool:
    """Return whether a program has an empty string over two lines, which was ``'\\n'`` before it was damaged."""
    return re.search(r"(['\"])\\\n\1", source) is not None


def dedent_all_but_first(source: str) -> str | None:
    """Remove the common indentation of all lines after the first one that is not blank."""
    head, newline, rest = source.lstrip("\n").partition("\n")
    return head + newline + textwrap.dedent(rest) if head[:1].strip() or not head.strip() else None


def plain_starred_calls(source: str) -> str:
    """Replace ``f((*xs))`` by ``f(*xs)`` where the inner parentheses are the only argument."""
    start = 0
    while (start := source.find("((*", start)) >= 0:
        end = _closing(source, start + 1)
        if end is not None and source[end + 1 : end + 2] == ")":
            source = source[: start + 1] + source[start + 2 : end] + source[end + 1 :]
        start += 2
    return source


def _closing(source: str, start: int) -> int | None:
    depth = 0
    for position in range(start, len(source)):
        depth += {"(": 1, ")": -1}.get(source[position], 0)
        if depth == 0:
            return position
    return None


def exit_instead_of_return(source: str, line: int | None) -> str | None:
    """Replace the ``return`` on this line by ``raise SystemExit``, which ends a script."""
    lines = source.split("\n")
    if line is None or line > len(lines):
        return None
    lines[line - 1] = re.sub(r"\breturn\b[^;\n]*", "raise SystemExit", lines[line - 1], count=1)
    return "\n".join(lines)


def global_instead_of_nonlocal(source: str, message: str, line: int | None) -> str | None:
    """Replace ``nonlocal`` by ``global`` on this line, and wherever it names the same unbound variable."""
    name = re.search(r"no binding for nonlocal '(\w+)'", message)
    lines = source.split("\n")
    for number, text in enumerate(lines, 1):
        statement = re.fullmatch(r"(\s*)nonlocal\b(.*)", text)
        if statement and (number == line or (name and re.search(rf"\b{name[1]}\b", statement[2]))):
            lines[number - 1] = f"{statement[1]}global{statement[2]}"
    return "\n".join(lines)


def in_solution_class(source: str, entry_point: str) -> str | None:
    """Put bare methods into ``class Solution``; imports stay above it."""
    if not re.search(rf"^def {re.escape(entry_point)}\(\s*self\b", source, flags=re.MULTILINE):
        return None
    imports: list[str] = []
    body: list[str] = []
    for line in source.split("\n"):
        (imports if re.match(r"(import|from)\s", line) else body).append(line)
    indented = textwrap.indent("\n".join(body).strip("\n"), "    ")
    return "\n".join([*imports, "class Solution:", indented]) + "\n"


def with_import(source: str, name: str) -> str | None:
    """Add the import that defines a name, below any ``from __future__``; None if no judge imports it."""
    statement = import_for(name)
    return None if statement is None else with_statement(source, statement)


def with_statement(source: str, statement: str) -> str:
    """Insert a statement at the top of a program, below any ``from __future__``."""
    future = [m.end() for m in re.finditer(r"^from __future__ import [^\n]*\n?", source, flags=re.MULTILINE)]
    at = future[-1] if future else 0
    return f"{source[:at]}{statement}\n{source[at:]}"


PREAMBLE_MODULES = (
    "bisect cmath collections copy datetime decimal fractions functools heapq itertools math operator os queue "
    "random re statistics string sys time"
).split()
PREAMBLE_NAMES = "collections functools itertools heapq bisect math copy string typing".split()


@cache
def import_for(name: str) -> str | None:
    """Return the import statement for a name that the usual preamble of a judge imports, or None.

    Only this name: the star imports that judges put before every program break correct ones
    (``from math import *`` shadows ``pow``).
    """
    if name in PREAMBLE_MODULES:
        return f"import {name}"
    if hasattr(builtins, name) or name.startswith("_"):
        return None
    for module_name in PREAMBLE_NAMES:
        module = importlib.import_module(module_name)
        if name in getattr(module, "__all__", dir(module)) and name not in sys.stdlib_module_names:
            return f"from {module_name} import {name}"
    return None
