"""Rules that hold for scripts and functions alike, and the form of all rules over syntax trees.

A rule returns whether it applies to a program that passes here, which the judge could then reject.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from harness.scoring.other_judges.judges import FACTS, OtherJudge
from harness.scoring.other_judges.reasons import Reason


class ParsedProgram(Protocol):
    """A program with its syntax tree."""

    @property
    def tree(self) -> ast.Module:
        """The syntax tree."""


Program = TypeVar("Program", bound=ParsedProgram)
Rules = tuple[tuple[Reason, Callable[[OtherJudge, Program], bool], tuple[OtherJudge, ...]], ...]
"""Each rule with its reason and the judges for which it holds."""

_BLOCKED_OS = frozenset(
    "kill system putenv remove removedirs rmdir fchdir setuid fork forkpty killpg rename renames truncate replace "
    "unlink fchmod fchown chmod chown chroot lchflags lchmod lchown getcwd chdir".split()
)


def reasons_of(rules: Rules[Program], judge: OtherJudge, program: Program) -> Iterator[Reason]:
    """Yield the reasons of the rules that apply to a program under a judge."""
    for reason, rule, judges in rules:
        if judge in judges and rule(judge, program):
            yield reason


def future_import(judge: OtherJudge, program: ParsedProgram) -> bool:
    """A ``from __future__`` import: the judge's own imports stand before it."""
    return any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in program.tree.body)


def blocked_module(judge: OtherJudge, program: ParsedProgram) -> bool:
    """A module or a function of ``os`` that the judge takes away."""
    if _modules(program.tree) & FACTS[judge].blocked_modules:
        return True
    return any(name_of(node.value) == "os" and node.attr in _BLOCKED_OS for node in attributes_of(program.tree))


def library(judge: OtherJudge, program: ParsedProgram) -> bool:
    """A package other than numpy, which is there where one of these judges is."""
    return bool(_modules(program.tree) - sys.stdlib_module_names - {"numpy"})


def _modules(tree: ast.Module) -> set[str]:
    """Return the top-level modules that a program imports."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def caught_recursion_error(judge: OtherJudge, program: ParsedProgram) -> bool:
    """``except RecursionError``, under a judge that raises the limit."""
    return "RecursionError" in names_read(program.tree)


def names_read(tree: ast.AST) -> set[str]:
    """Return all names that a program reads."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def attributes_of(tree: ast.AST) -> Iterator[ast.Attribute]:
    """Yield every use of an attribute."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))


def name_of(node: ast.expr) -> str:
    """Return the name of a variable or of an attribute, without what it is an attribute of; "" for anything else."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


_ALL = tuple(OtherJudge)
RULES: Rules[ParsedProgram] = (
    (Reason.FUTURE_IMPORT, future_import, _ALL),
    (Reason.BLOCKED_MODULE, blocked_module, _ALL),
    (Reason.LIBRARY, library, _ALL),
    (Reason.CAUGHT_RECURSION_ERROR, caught_recursion_error, (OtherJudge.LIVECODEBENCH, OtherJudge.VERL)),
)
