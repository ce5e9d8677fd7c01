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


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_boundary_imports_the_standard_library_and_itself_only(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            names = [node.module or ""]
        for name in names:
            known = name.split(".")[0] in sys.stdlib_module_names
            assert known or name.startswith(MAY_IMPORT), f"line {node.lineno}: {name}"


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
