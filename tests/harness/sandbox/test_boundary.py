"""SECURITY.md is true: the files that must be trusted, their lines, and the functions that read untrusted bytes."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from pathlib import Path

import pytest

import harness

ROOT = Path(harness.__file__).parents[1]
SECURITY = (ROOT / "SECURITY.md").read_text(encoding="utf-8") if (ROOT / "SECURITY.md").exists() else ""
INSIDE = [ROOT / "harness/sandbox" / folder for folder in ("isolation", "runtime")]
MAY_IMPORT = ("harness.sandbox.isolation", "harness.sandbox.runtime")
LONGEST_READING = 900
FILES = sorted(path for folder in INSIDE for path in folder.glob("*.py"))
_NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def code_lines(source: str) -> int:
    """Return the number of lines that hold code: no comment, docstring or blank line."""
    docstrings: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            docstrings.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - docstrings)


def listed() -> list[dict[str, int]]:
    """Return the files of the two tables of SECURITY.md with their lines."""
    section = SECURITY.partition("## Files that must be trusted")[2].partition("\n## ")[0]
    parts = section.split("**Read these too")
    return [
        {path: int(lines) for path, lines in re.findall(r"^\| `(harness/[^`]+)` \| (\d+) \|", part, re.MULTILINE)}
        for part in parts
    ]


def test_comments_docstrings_and_blank_lines_are_no_code() -> None:
    source = '"""A\nb."""\n\n# c\nx = """\n\ny"""  # d\n"""Of x."""\ndef f():\n    """E."""\n    return (\n        1)\n'
    assert code_lines(source) == 6


def test_every_file_of_the_boundary_is_listed_once() -> None:
    first, second = listed()
    assert not set(first) & set(second)
    with_code = {path.relative_to(ROOT).as_posix() for path in FILES if code_lines(path.read_text(encoding="utf-8"))}
    assert with_code <= {*first, *second}
    assert all((ROOT / path).is_file() for path in (*first, *second))


@pytest.mark.parametrize("path", [path for part in listed() for path in part])
def test_the_lines_of_a_file_are_as_many_as_listed(path: str) -> None:
    """Within a tenth, so that not every change of a file changes the page too."""
    counts = {path: lines for part in listed() for path, lines in part.items()}
    lines = code_lines((ROOT / path).read_text(encoding="utf-8"))
    assert abs(lines - counts[path]) <= max(5, lines // 10), f"{path} has {lines} lines of code: update SECURITY.md"


def test_the_boundary_can_be_read() -> None:
    first, _ = listed()
    assert 0 < sum(code_lines((ROOT / path).read_text(encoding="utf-8")) for path in first) <= LONGEST_READING


PACKAGES = [ROOT / "harness/__init__.py", ROOT / "harness/sandbox/__init__.py"]
"""Imported with every file of the boundary."""
IMPORTS_BY_NAME = {
    "runtime/values.py": "the modules of the types that cross, each named in a table of its own (``_from_module``)",
    "runtime/template.py": "``COMMON``, ``FURTHER``, numpy.random: what programs import, loaded before the fork",
    "runtime/test_runner.py": "modules of the standard library that a benchmark's tests name: they are trusted",
}
"""The files that call ``__import__``, and why."""


def imports(source: str) -> list[tuple[int, str]]:
    """Return the line and the name of every module that a file imports at run time: not for annotations, not lazily.

    A name imported from the boundary's own packages counts with its package, since it may be a module.
    """
    found: list[tuple[int, str]] = []
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            in_harness = module.split(".")[0] == "harness" and module.count(".") < 3
            names = [f"{module}.{alias.name}" for alias in node.names] if in_harness else [module]
            found += [(node.lineno, name) for name in names]
        waiting += ast.iter_child_nodes(node)
    return sorted(found)


def may_import(name: str) -> bool:
    """Return whether a file of the boundary may import a module: of the standard library or of the boundary."""
    return name.split(".")[0] in sys.stdlib_module_names or any(f"{name}.".startswith(f"{own}.") for own in MAY_IMPORT)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_boundary_imports_the_standard_library_and_itself_only(path: Path) -> None:
    refused = [(line, name) for line, name in imports(path.read_text(encoding="utf-8")) if not may_import(name)]
    assert not refused, f"{path.name} imports (line, module) {refused}"


@pytest.mark.parametrize("path", PACKAGES, ids=lambda path: path.parent.name)
def test_the_packages_above_the_boundary_import_the_standard_library_only(path: Path) -> None:
    """At run time: ``Sandbox`` is imported by a function when a user first asks for it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if not (isinstance(node, ast.FunctionDef) and node.name == "__getattr__")]
    refused = [name for _, name in imports(ast.unparse(tree)) if name.split(".")[0] not in sys.stdlib_module_names]
    assert not refused


@pytest.mark.parametrize(
    ("source", "allowed"),
    [
        ("import os, json", True),
        ("from harness.sandbox.runtime import wire", True),
        ("from harness.sandbox.isolation.libc import call", True),
        ("if TYPE_CHECKING:\n    from harness.sandbox.worker import Process", True),
        ("import harness.sandbox.runtime_x", False),
        ("from harness.sandbox.runtime_x import a", False),
        ("from harness.sandbox import runtime_x", False),
        ("from harness.sandbox import runtime", True),
        ("from harness.sandbox import Sandbox", False),
        ("from harness import sandbox", False),
        ("from . import wire", False),
        ("from .wire import read", False),
        ("if TYPE_CHECKING:\n    pass\nelse:\n    import numpy", False),
        ("def f():\n    import numpy", False),
    ],
)
def test_the_rule_of_imports_tells_what_is_allowed(source: str, allowed: bool) -> None:
    assert all(may_import(name) for _, name in imports(source)) is allowed


@pytest.mark.parametrize("path", [*PACKAGES, *FILES], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_only_the_listed_files_import_by_name(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {getattr(node, "id", None) or getattr(node, "attr", "") for node in ast.walk(tree)}
    by_name = bool(names & {"__import__", "import_module"})
    assert by_name is (f"{path.parent.name}/{path.name}" in IMPORTS_BY_NAME)


def crossings() -> list[tuple[str, str]]:
    """Return each file and function that the section on crossings names."""
    section = SECURITY.partition("## Crossings")[2].partition("\n## ")[0]
    found, file = [], ""
    for quoted in re.findall(r"`([^`]+)`", section):
        if ".py: " in quoted:
            file, name = quoted.split(": ")
        else:
            name = quoted
        found.append((file if file.startswith("harness/") else f"harness/sandbox/{file}", name))
    return found


@pytest.mark.parametrize(("file", "name"), crossings())
def test_every_function_that_reads_what_crosses_is_there(file: str, name: str) -> None:
    defined: set[str] = set()
    for node in ast.parse((ROOT / file).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            defined |= {f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)}
        elif isinstance(node, ast.FunctionDef):
            defined.add(node.name)
    assert name in defined
