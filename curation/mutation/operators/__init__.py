"""The mutation operators: each yields the edits that it can make at one node of a syntax tree.

``docs/strength.md`` has the table of them. An edit need not compile or change the program: ``mutants`` leaves out those
that do not.
"""

from __future__ import annotations

from curation.mutation.operators.bounds import index_edits, range_edits, slice_edits
from curation.mutation.operators.calls import call_edits, letters_edits
from curation.mutation.operators.conditions import condition_edits
from curation.mutation.operators.constants import constant_edits, default_edits
from curation.mutation.operators.expressions import binary_edits, boolean_edits, comparison_edits, unary_edits
from curation.mutation.operators.statements import block_edits, statement_edits

OPERATORS = (
    binary_edits,
    comparison_edits,
    boolean_edits,
    unary_edits,
    constant_edits,
    default_edits,
    range_edits,
    slice_edits,
    index_edits,
    condition_edits,
    call_edits,
    letters_edits,
    statement_edits,
    block_edits,
)
"""Functions ``(text, node, parent) -> Iterator[Edit]``."""
