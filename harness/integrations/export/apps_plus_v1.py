"""The shape of the APPS+ file that was released with StepCoder: one JSON list of functions. Pure functions.

Its readers append a call without arguments to the program of a standard-input problem, run the file, and compare what
it prints; so a script becomes the body of a function here. A script's names are global, and its functions may change
them: the function declares them global. Only what Python allows at the module's level alone is moved or taken out.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import io
import keyword
import string
import symtable
import tokenize
import warnings
from collections.abc import Iterator
from typing import Any

from apps_plus.conditionals import parse
from apps_plus.problem import Problem
from harness.integrations.export.source_edits import Edit, apply_edits, place_of

NAME_LENGTH = 5
INDENT = "    "


def v1_row(problem: Problem) -> dict[str, Any] | None:
    """Return the object of a problem; None where its canonical solution cannot be the body of a function."""
    if problem.entry_point is None:
        name = function_name(problem.problem_id, problem.canonical_solution)
        header = f"def {name}():"
        solution = script_as_function(problem.canonical_solution, name)
    else:
        header = header_of(problem)
        solution = problem.canonical_solution
    if solution is None:
        return None
    return {
        "prompt": f"{header}\n{docstring(problem.question, header)}\n",
        "starter_code": header,
        "canonical_solution": solution,
        "inputs": list(problem.tests.inputs),
        "outputs": list(problem.tests.outputs),
        "difficulty": problem.difficulty,
    }


def function_name(problem_id: str, source: str) -> str:
    """Return five letters that the source does not use: drawn at random once, by a hash of the problem's id."""
    taken = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins)}
    for draw in range(1_000):
        digest = hashlib.sha256(f"{problem_id} {draw}".encode()).digest()
        name = "".join(string.ascii_lowercase[byte % 26] for byte in digest[:NAME_LENGTH])
        if name not in taken and name not in source:
            return name
    raise AssertionError("one of a thousand random names is not in a program")


def header_of(problem: Problem) -> str:
    """Return the beginning of a call-based problem's program, up to the header of the function that the tests call.

    It is the starter code, where that is valid and has the header, else of the canonical solution, without annotating
    what the function returns.
    """
    starter = problem.starter_code.rstrip()
    if f"def {problem.entry_point}" in starter and _is_header(starter):
        return starter
    source = problem.canonical_solution
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name == problem.entry_point:
            lines = source.splitlines()
            indent = lines[node.lineno - 1][: node.col_offset]
            header = f"{indent}def {node.name}({ast.unparse(node.args)}):"
            return "\n".join([*lines[: node.lineno - 1], header])
    return f"def {problem.entry_point}(*args):"


def _is_header(text: str) -> bool:
    """Return whether a text is a program up to the header of a function."""
    try:
        parse(f"{text} pass")
    except (SyntaxError, ValueError, RecursionError):
        return False
    return text.endswith(":")


def docstring(question: str, header: str) -> str:
    """Return a question as the docstring of the function that a header begins."""
    last = header.splitlines()[-1]
    indent = last[: len(last) - len(last.lstrip())] + INDENT
    body = "\n".join(f"{indent}{line}".rstrip() for line in question.strip().replace('"""', '\\"\\"\\"').splitlines())
    return f'{indent}"""\n{body}\n{indent}"""'


def script_as_function(source: str, name: str) -> str | None:
    """Return a program that defines a function which does what a script does; None where there is none.

    Lines inside a text over several lines keep their indentation, which is part of the text.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")  # as Python reads it
    try:
        tree = parse(source)
        moved, edits = _only_at_module_level(source, tree)
        body = apply_edits(source, edits)
        names = sorted(_bound_names(parse(body)))
        declaration = f"{INDENT}global {', '.join(names)}\n" if names else ""
        body = body if parse(body).body else f"{body}pass\n"
        function = f"{moved}def {name}():\n{declaration}{_indented(body)}"
        with warnings.catch_warnings(action="ignore"):  # as parse does: the program's are none of ours
            compile(function, "<function>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, tokenize.TokenError):
        return None
    return function


def _only_at_module_level(source: str, tree: ast.Module) -> tuple[str, list[Edit]]:
    """Return the imports that must stand before a function, and the edits that take them and other things out.

    ``global`` and the annotation of a name are errors in a function that declares the name global.
    """
    moved, edits = "", []
    for node in _statements_of_module(tree):
        if _must_stay_at_module_level(node):
            moved += ast.unparse(node) + "\n"
            edits.append(Edit(*place_of(source, node), "pass"))
        elif isinstance(node, ast.Global):
            edits.append(Edit(*place_of(source, node), "pass"))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            start, end = place_of(source, node)
            value = f"{node.target.id} = {ast.unparse(node.value)}" if node.value is not None else "pass"
            edits.append(Edit(start, end, value))
    return moved, edits


def _must_stay_at_module_level(node: ast.stmt) -> bool:
    is_star = isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
    return is_star or (isinstance(node, ast.ImportFrom) and node.module == "__future__")


def _statements_of_module(tree: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements of a module that are in no function and no class, also those inside others."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt):
            yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from _statements_of_module(node)


def _bound_names(tree: ast.Module) -> set[str]:
    """Return the names that a module binds in its own scope."""
    symbols = symtable.symtable(ast.unparse(tree), "<script>", "exec").get_symbols()
    return {symbol.get_name() for symbol in symbols if _is_bound(symbol)}


def _is_bound(symbol: symtable.Symbol) -> bool:
    """Return whether a module binds a symbol; a comprehension's ``:=`` in it declares the name global."""
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_declared_global()


def _indented(source: str) -> str:
    """Indent the lines of a source, except those that begin inside a text."""
    inside = set[int]()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in _TEXTS:
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
    lines = enumerate(io.StringIO(source), 1)
    return "".join(line if number in inside or not line.strip() else INDENT + line for number, line in lines)


_TEXTS = {tokenize.STRING} | {
    getattr(tokenize, name) for name in ("FSTRING_MIDDLE", "TSTRING_MIDDLE") if hasattr(tokenize, name)
}
"""Tokens that hold text; from Python 3.12 on, the parts of a formatted text are tokens of their own."""
