"""Rewrite a program to a normal form that does the same: two programs with one normal form are equivalent.

Each rule of ``expressions``, ``statements`` and ``unused`` holds for every input, by what Python says of the built-in
types; its docstring says what it does. A program that may read names that its text does not show stays as it is.
Exceptions may have another message.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from curation.mutation.normal_form.expressions import EXPRESSION_RULES, Rule
from curation.mutation.normal_form.names import names_of
from curation.mutation.normal_form.statements import STATEMENT_RULES, StatementRule
from curation.mutation.normal_form.unused import without_unused
from curation.mutation.normal_form.variables import Variables, variables_of
from curation.mutation.syntax_tree import FIELDS, walk

_REWRITTEN = (ast.Compare, ast.BinOp, ast.IfExp, ast.Call, ast.Starred)
_BLOCKS = ("body", "orelse", "finalbody")


def normal_form(
    tree: ast.Module,
    *,
    is_script: bool,
    expression_rules: Sequence[Rule] = EXPRESSION_RULES,
    statement_rules: Sequence[StatementRule] = STATEMENT_RULES,
    leave_out_unused: bool = True,
) -> ast.Module:
    """Return the normal form of a program, which changes the given tree. New nodes have no positions.

    Args:
        tree: The program.
        is_script: True if nothing outside the program calls its functions or reads its names.
        expression_rules: The rules for expressions.
        statement_rules: The rules for blocks.
        leave_out_unused: Whether what nothing refers to is left out.
    """
    nodes = walk(tree)
    names = names_of(nodes)
    if names is None:
        return tree
    while leave_out_unused and without_unused(tree, nodes, is_script, names):
        nodes = walk(tree)
    _Rewriter(variables_of(tree, nodes, names), expression_rules, statement_rules).rewrite(tree)
    return tree


class _Rewriter:
    """Applies the rules to a tree, the innermost nodes first."""

    def __init__(self, variables: Variables, expressions: Sequence[Rule], statements: Sequence[StatementRule]) -> None:
        self._variables = variables
        self._expressions = expressions
        self._statements = statements

    def rewrite(self, node: ast.AST) -> ast.AST:
        """Return the normal form of a node."""
        for field in FIELDS[type(node)]:
            value = getattr(node, field, None)
            if isinstance(value, list):
                value[:] = [child if child is None else self.rewrite(child) for child in value]
                if field in _BLOCKS and (value or field == "body"):
                    setattr(node, field, self._block(value, node, field))
            elif value is not None:
                setattr(node, field, self.rewrite(value))
        if isinstance(node, _REWRITTEN):
            for rule in self._expressions:
                node = rule(node, self._variables) or node
        return node

    def _block(self, block: list[ast.stmt], owner: ast.AST, field: str) -> list[ast.stmt]:
        for rule in self._statements:
            block = rule(block, owner, field, self._variables)
        block = [statement for statement in block if not isinstance(statement, ast.Pass)]
        return block or ([ast.Pass()] if field == "body" and not isinstance(owner, ast.Module) else [])
