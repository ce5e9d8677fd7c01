"""Find programs that pass only because Python 3.14 does not evaluate their annotations (PEP 649).

Models' answers often annotate with ``List`` and import nothing. Before 3.14 such a program ends with a NameError where
the function is defined; since 3.14 it passes. A second run, with every annotation evaluated where it stands, tells.
Pure functions over text: an untrusted program is never parsed in this process.
"""

from __future__ import annotations

import re
import sys

EVALUATED_LATE = sys.version_info >= (3, 14)
"""Whether the interpreter, which is also the sandbox's, leaves annotations unevaluated until they are asked for."""
_ANNOTATION = re.compile(
    r"->"
    r"|\bdef\s+\w+[^:]*:[ \t]*[^\s#]"  # the first colon of a signature without annotations ends it, and the line
    r"|(?:^|[;:])[ \t]*[A-Za-z_][\w.\[\]]*[ \t]*:[ \t]*[^\s#]",
    re.MULTILINE,
)
"""Matches in a program with an annotation, and in some others: in those with ``else: return`` on one line, say."""
_EAGER = """\
def _evaluate_annotations_at_once(source):
    import ast

    def evaluated(function):
        function.__annotations__
        return function

    class Eager(ast.NodeTransformer):
        in_function = False

        def visit_FunctionDef(self, node):
            self.enter(node, True)
            node.decorator_list.append(ast.Name("_evaluated_annotations", ast.Load()))
            return node

        visit_AsyncFunctionDef = visit_FunctionDef

        def visit_ClassDef(self, node):
            self.enter(node, False)
            return node

        def enter(self, node, is_function):
            outer, self.in_function = self.in_function, is_function
            self.generic_visit(node)
            self.in_function = outer

        def visit_AnnAssign(self, node):
            return node if self.in_function else [node, ast.Expr(node.annotation)]

    globals()["_evaluated_annotations"] = evaluated
    tree = ast.parse(source)
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    if not any(alias.name == "annotations" for node in imports for alias in node.names):
        tree = ast.fix_missing_locations(Eager().visit(tree))
    return compile(tree, "<program>", "exec", dont_inherit=True)


"""
"""Source that runs in the sandbox, in front of the program."""


def with_eager_annotations(source: str) -> str | None:
    """Return a program that does what ``source`` does, but evaluates each annotation where Python before 3.14 did.

    None if the program has no annotation. If it imports ``annotations`` from ``__future__``, none is evaluated.
    """
    if _ANNOTATION.search(source) is None:
        return None
    return f"{_EAGER}exec(_evaluate_annotations_at_once({source!r}))\n"
