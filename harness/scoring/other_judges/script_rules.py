"""Rules over the syntax tree of a script: what a judge that runs it as a function does not run as Python does.

A rule returns whether it applies. All of them are about scripts that pass here and could be rejected there.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Sequence

from harness.judging.extraction.python_code import missing_names
from harness.scoring.other_judges import program_rules
from harness.scoring.other_judges.judges import OtherJudge, names_given
from harness.scoring.other_judges.name_rules import global_does_not_reach, name_before_binding, names_bound
from harness.scoring.other_judges.program_rules import Rules, attributes_of, name_of, names_read
from harness.scoring.other_judges.reasons import Reason
from harness.scoring.other_judges.wrapping import WrappedScript

_GONE = {"buffer", "fileno", "detach"}
"""Attributes of a stream that the judges' streams lack."""
_DESCRIPTOR_OS = frozenset("read write fstat fdopen dup dup2 open".split())
_STANDARD_FILES = (0, 1, "/dev/stdin", "/dev/stdout", "/dev/fd/0", "/dev/fd/1")
_READ_ERRORS = re.compile(r"\bNameError\b|except\s*:|\bException\b")


def main_guard(judge: OtherJudge, script: WrappedScript) -> bool:
    """The program looks at ``__name__``, beyond a guard that the judge removes."""
    return "__name__" in names_read(script.tree)


def stdin_buffer(judge: OtherJudge, script: WrappedScript) -> bool:
    """``sys.stdin.buffer``, ``sys.stdout.buffer``, ``fileno``: the judge's streams hold texts only."""
    return any(node.attr in _GONE and _stream_of(node.value) for node in attributes_of(script.tree))


def _stream_of(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name in ("stdin", "stdout", "file", "__stdin__", "__stdout__") or _is_standard_file(node)


def _is_standard_file(node: ast.AST) -> bool:
    """Return whether a node is a call such as ``open(0)`` or ``open('/dev/stdin')``."""
    match node:
        case ast.Call(args=[ast.Constant(value=value), *_]) if value in _STANDARD_FILES and value is not False:
            return name_of(node.func) in ("open", "fdopen")
        case ast.Call(args=[ast.Call(func=ast.Attribute(attr="fileno")), *_]):
            return name_of(node.func) in ("open", "fdopen")
    return False


def _hands_file_on(node: ast.AST) -> bool:
    """Return whether ``open(0)`` is an argument of a function that needs a real file, such as numpy's ``loadtxt``."""
    return (
        isinstance(node, ast.Call)
        and name_of(node.func) not in dir(builtins)
        and any(_is_standard_file(part) for part in node.args)
    )


def file_descriptor(judge: OtherJudge, script: WrappedScript) -> bool:
    """``open(0)`` and ``os.read(0, n)``; APPS's judge replaces the built-in ``open``, and that for reading only."""
    imported = _imported_from(script.tree.body, "os").keys() & _DESCRIPTOR_OS
    if judge is OtherJudge.APPS and any(map(_hands_file_on, ast.walk(script.tree))):
        return True
    for node in ast.walk(script.tree):
        if isinstance(node, ast.Attribute) and name_of(node.value) == "os" and node.attr in _DESCRIPTOR_OS:
            return True
        if isinstance(node, ast.Call) and _is_standard_file(node):
            reads = not any(isinstance(a, ast.Constant) and "w" in str(a.value) for a in node.args[1:])
            if judge is not OtherJudge.APPS or not isinstance(node.func, ast.Name) or not reads:
                return True
    return bool(imported & names_read(script.tree))


def imported_stdin(judge: OtherJudge, script: WrappedScript) -> bool:
    """``from sys import stdin`` before the function: only ``read`` and ``readline`` of it are replaced."""
    names = _own_streams(script, "stdin")
    return any(
        not (isinstance(parent, ast.Attribute) and parent.attr in ("read", "readline"))
        for parent in _parents_of(script.tree, names)
    )


def mixed_input(judge: OtherJudge, script: WrappedScript) -> bool:
    """``input()`` besides ``readline`` or ``read`` of an imported ``stdin``: each begins at the first line."""
    if not any(True for _ in _parents_of(script.tree, _own_streams(script, "stdin"))):
        return False
    other = names_read(script.tree) - names_bound(script.tree.body)
    return "input" in other or any(node.attr == "stdin" for node in attributes_of(script.tree))


def imported_stdout(judge: OtherJudge, script: WrappedScript) -> bool:
    """``from sys import stdout`` before the function: it is not the stream that the judge captures."""
    return any(True for _ in _parents_of(script.tree, _own_streams(script, "stdout")))


def lines_without_newline(judge: OtherJudge, script: WrappedScript) -> bool:
    """The replaced ``readline`` gives lines without newlines: the last character is cut off, an empty line ends a loop.

    Past the last line it raises StopIteration.
    """
    names = _own_streams(script, "stdin")
    if not any(isinstance(p, ast.Attribute) and p.attr == "readline" for p in _parents_of(script.tree, names)):
        return False
    if any(_cuts_last_character(node) for node in ast.walk(script.tree)):
        return True
    blank = any("\n\n" in text.rstrip("\n") or text.startswith("\n") for text in script.inputs)
    unended = any(not text.endswith("\n") for text in script.inputs)
    return (blank or unended) and any(_waits_for_empty_line(node) for node in ast.walk(script.tree))


def _cuts_last_character(node: ast.AST) -> bool:
    match node:
        case ast.Subscript(value=ast.Call(), slice=ast.Slice(upper=ast.UnaryOp(op=ast.USub(), operand=ast.Constant()))):
            return name_of(node.value.func) in ("readline", "input")  # type: ignore[attr-defined]
    return False


def _waits_for_empty_line(node: ast.AST) -> bool:
    if isinstance(node, ast.While) and isinstance(node.test, (ast.Name, ast.NamedExpr)):
        return True
    return isinstance(node, ast.If) and (
        (isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not))
        or (isinstance(node.test, ast.Compare) and any(_is_empty_text(part) for part in node.test.comparators))
    )


def _is_empty_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in ("", "\n")


def replaced_stream(judge: OtherJudge, script: WrappedScript) -> bool:
    """``sys.stdout`` is assigned, or ``sys.__stdin__`` and ``sys.__stdout__`` are used."""
    return any(
        node.attr in ("__stdin__", "__stdout__")
        or (node.attr == "stdout" and isinstance(node.ctx, ast.Store))
        or (node.attr == "close" and name_of(node.value) == "stdout")
        for node in attributes_of(script.tree)
    )


def statement_on_import_line(judge: OtherJudge, script: WrappedScript) -> bool:
    """``import sys; input = sys.stdin.readline`` on one line: the second statement runs before the streams change."""
    imports = (ast.Import, ast.ImportFrom)
    early = [node for s in script.before if not isinstance(s, imports) for node in ast.walk(s)]
    return any(
        (isinstance(node, ast.Attribute) and node.attr in ("stdin", "stdout"))
        or (isinstance(node, ast.Name) and node.id in ("input", "print"))
        for node in early
    )


def import_inside_function(judge: OtherJudge, script: WrappedScript) -> bool:
    """``from math import *`` inside the function, or an import over several lines of which the first stays outside."""
    starred = any(
        isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
        for statement in script.body
        for node in ast.walk(statement)
    )
    parted = any((s.end_lineno or s.lineno) >= script.first_line for s in script.before) if script.first_line else False
    return starred or parted


def multi_line_text(judge: OtherJudge, script: WrappedScript) -> bool:
    """A text over several lines, of which each gets a tab; not a docstring, which does nothing."""
    docstrings = {id(node.value) for node in ast.walk(script.tree) if isinstance(node, ast.Expr)}
    return script.first_line > 0 and any(
        isinstance(node, (ast.Constant, ast.JoinedStr))
        and isinstance(getattr(node, "value", ""), str)
        and (node.end_lineno or 0) > node.lineno
        and id(node) not in docstrings
        for node in ast.walk(script.tree)
    )


def takes_exit_away(judge: OtherJudge, script: WrappedScript) -> bool:
    """``quit()``, and ``exit()`` but under LiveCodeBench: they are set to None."""
    taken = {"quit"} if judge is OtherJudge.LIVECODEBENCH else {"quit", "exit"}
    imported = _imported_from(script.tree.body, "sys")
    bound = names_bound(script.tree.body) | ({"exit"} if "*" in imported else set())
    return bool((taken - bound) & names_read(script.tree))


def hard_exit(judge: OtherJudge, script: WrappedScript) -> bool:
    """``os._exit``."""
    return any(node.attr == "_exit" for node in attributes_of(script.tree)) or "_exit" in names_read(script.tree)


def namespace(judge: OtherJudge, script: WrappedScript) -> bool:
    """``globals()``, ``locals()``, ``exec``, ``__file__``; ``eval`` inside of another function or a comprehension."""
    read = names_read(script.tree) - names_bound(script.tree.body)
    if read & {"globals", "locals", "vars", "exec", "__file__", "__builtins__"}:
        return True
    inner = (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.ClassDef)
    return "eval" in read and any(
        isinstance(node, ast.Call) and name_of(node.func) == "eval" and not _is_input(node.args)
        for outer in ast.walk(script.tree)
        if isinstance(outer, inner)
        for node in ast.walk(outer)
    )


def _is_input(arguments: list[ast.expr]) -> bool:
    """Return whether the arguments are one call, as in ``eval(input())``, whose text is a number, not names."""
    return len(arguments) == 1 and isinstance(arguments[0], ast.Call)


def thread_not_joined(judge: OtherJudge, script: WrappedScript) -> bool:
    """A thread is started, and nothing calls ``join()`` without arguments."""
    calls = [node for node in ast.walk(script.tree) if isinstance(node, ast.Call)]
    starts = any(name_of(call.func) in ("Thread", "Timer") for call in calls)
    return starts and not any(name_of(call.func) == "join" and not call.args for call in calls)


def solution_class(judge: OtherJudge, script: WrappedScript) -> bool:
    """``class Solution`` in a script: LiveCodeBench then looks for a class outside of its function."""
    return any(
        (isinstance(node, ast.ClassDef) and node.name.startswith("Solution"))
        or (isinstance(node, ast.Constant) and isinstance(node.value, str) and "class Solution" in node.value)
        for node in ast.walk(script.tree)
    )


def caught_name_error(judge: OtherJudge, script: WrappedScript) -> bool:
    """A name that the program does not define and the judge does, where the NameError may be caught."""
    if not _READ_ERRORS.search(script.source):
        return False
    return bool(missing_names(script.source) & names_given(judge))


def state_in_module(judge: OtherJudge, script: WrappedScript) -> bool:
    """An attribute of an imported module is set, and there is a next test in the same process."""
    modules = names_bound(s for s in script.tree.body if isinstance(s, (ast.Import, ast.ImportFrom)))
    return len(script.inputs) > 1 and any(
        isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id in modules
        and node.attr not in ("stdin", "stdout", "stderr")
        for node in attributes_of(script.tree)
    )


# ---- helpers


def _imported_from(body: Sequence[ast.stmt], module: str) -> dict[str, str]:
    """Return the names that top-level statements import from a module: its name there, and that in the program."""
    return {
        alias.name: alias.asname or alias.name
        for statement in body
        if isinstance(statement, ast.ImportFrom) and statement.module == module
        for alias in statement.names
    }


def _own_streams(script: WrappedScript, stream: str) -> set[str]:
    """Return the names that give the judge's own stream: imported from ``sys`` before the function."""
    imported = _imported_from(script.before, "sys")
    names = {imported[stream]} if stream in imported else {stream} if "*" in imported else set()
    return names - names_bound(script.body)


def _parents_of(tree: ast.AST, names: set[str]) -> Iterator[ast.AST]:
    """Yield the parent of each place that reads one of the names."""
    for parent in ast.walk(tree) if names else ():
        for child in ast.iter_child_nodes(parent):
            if isinstance(child, ast.Name) and child.id in names and isinstance(child.ctx, ast.Load):
                yield parent


_ALL = tuple(OtherJudge)
_BY_LINES = (OtherJudge.APPS, OtherJudge.VERL)

RULES: Rules[WrappedScript] = (
    *program_rules.RULES,
    (Reason.MAIN_GUARD, main_guard, _ALL),
    (Reason.STDIN_BUFFER, stdin_buffer, _ALL),
    (Reason.FILE_DESCRIPTOR, file_descriptor, _ALL),
    (Reason.IMPORTED_STDIN, imported_stdin, _ALL),
    (Reason.MIXED_INPUT, mixed_input, _ALL),
    (Reason.IMPORTED_STDOUT, imported_stdout, _ALL),
    (Reason.LINES_WITHOUT_NEWLINE, lines_without_newline, _ALL),
    (Reason.REPLACED_STREAM, replaced_stream, _ALL),
    (Reason.STATEMENT_ON_IMPORT_LINE, statement_on_import_line, _BY_LINES),
    (Reason.IMPORT_INSIDE_FUNCTION, import_inside_function, _ALL),
    (Reason.MULTI_LINE_TEXT, multi_line_text, _BY_LINES),
    (Reason.EXIT, takes_exit_away, _ALL),
    (Reason.HARD_EXIT, hard_exit, _ALL),
    (Reason.GLOBAL, global_does_not_reach, _ALL),
    (Reason.NAME_BEFORE_BINDING, name_before_binding, _ALL),
    (Reason.NAMESPACE, namespace, _ALL),
    (Reason.THREAD, thread_not_joined, _ALL),
    (Reason.SOLUTION_CLASS, solution_class, (OtherJudge.LIVECODEBENCH,)),
    (Reason.CAUGHT_NAME_ERROR, caught_name_error, _ALL),
    (Reason.STATE_BETWEEN_TESTS, state_in_module, _ALL),
)
"""Each rule with its reason and the judges for which it holds."""
