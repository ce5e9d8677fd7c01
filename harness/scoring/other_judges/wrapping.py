"""Describe how a judge turns a script into the body of a function.

LiveCodeBench moves the top-level imports before the function. APPS and verl work on lines: those that begin with
``import`` or ``from`` stay before the function, up to the first other line (a comment and an empty line count), and
every line after that is indented by a tab. LiveCodeBench and verl first replace a main guard that is the last
statement by its body. Pure functions over text and syntax trees.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from harness.judging.extraction.python_code import parse
from harness.scoring.other_judges.judges import OtherJudge

_IMPORTS = (ast.Import, ast.ImportFrom)
_GUARD = "__name__ == '__main__'"


@dataclass(frozen=True, slots=True)
class WrappedScript:
    """A script as a judge runs it."""

    source: str
    """The text that is wrapped."""
    tree: ast.Module
    """Its syntax tree, without functions that nothing names."""
    before: Sequence[ast.stmt]
    """Statements that run once, before the function is called: with the streams of the judge's own process."""
    body: Sequence[ast.stmt]
    """Statements of the function."""
    first_line: int
    """The line, from 1, where the function begins; 0 where the judge does not work on lines."""
    inputs: Sequence[str]
    """The texts of standard input of all tests."""


def wrap(judge: OtherJudge, source: str, inputs: Sequence[str]) -> WrappedScript | None:
    """Return a script as a judge runs it; None if it does not parse, or cannot be written again from its tree."""
    tree = parse(source)
    if tree is None:
        return None
    if judge is not OtherJudge.APPS and _ends_by_guard(tree):
        guard = tree.body[-1]
        assert isinstance(guard, ast.If)
        tree = ast.Module([*tree.body[:-1], *guard.body], [])
        if judge is OtherJudge.VERL:
            source = _unparsed(tree) or source
            tree = parse(source) or tree
    if judge is OtherJudge.LIVECODEBENCH and _unparsed(tree) is None:
        return None
    tree = without_unused(tree)
    if judge is OtherJudge.LIVECODEBENCH:
        before: list[ast.stmt] = [statement for statement in tree.body if isinstance(statement, _IMPORTS)]
        body = [statement for statement in tree.body if not isinstance(statement, _IMPORTS)]
        return WrappedScript(source, tree, before, body, 0, inputs)
    first = _first_line_of_function(source)
    before = [statement for statement in tree.body if statement.lineno < first]
    return WrappedScript(source, tree, before, [s for s in tree.body if s.lineno >= first], first, inputs)


def without_unused(tree: ast.Module) -> ast.Module:
    """Leave out what a script defines and never names: functions, lambdas, other names of functions.

    Many scripts begin with helpers of which they call a few; what the others do is no difference.
    """
    body = tree.body
    while True:
        read = Counter(
            n.id for s in body for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
        )
        kept = [statement for statement in body if not _is_unused(statement, read)]
        if len(kept) == len(body):
            return ast.Module(body, [])
        body = kept


def _is_unused(statement: ast.stmt, read: Counter[str]) -> bool:
    match statement:
        case ast.FunctionDef(name=name, decorator_list=[]):
            own = sum(isinstance(n, ast.Name) and n.id == name for n in ast.walk(statement))
            return read[name] <= own
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda() | ast.Attribute()):
            return name not in read
    return False


def _ends_by_guard(tree: ast.Module) -> bool:
    last = tree.body[-1] if tree.body else None
    return isinstance(last, ast.If) and _unparsed(last.test) == _GUARD


def _unparsed(node: ast.AST) -> str | None:
    """Return the text of a tree; None where Python 3.11 cannot write it (some f-strings), or it is nested too deep."""
    try:
        return ast.unparse(node)
    except (ValueError, RecursionError):
        return None


def _first_line_of_function(source: str) -> int:
    """Return the first line, from 1, that begins neither with ``import`` nor with ``from``."""
    lines = source.split("\n")
    return next((i for i, line in enumerate(lines, 1) if not line.startswith(("from ", "import "))), len(lines) + 1)
