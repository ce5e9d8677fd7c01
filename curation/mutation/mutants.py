"""Make the mutants of a program: the program with one small change, as a programmer may err. Pure functions.

Mutants that do not compile are left out, and those that provably do what the program or another mutant does: their
normal forms (``normal_form``) have the same bytecode.
"""

from __future__ import annotations

import ast
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curation.mutation.bytecode import normal_bytecode_of
from curation.mutation.operators import OPERATORS
from curation.mutation.source_text import Edit, SourceText

MUTANTS_VERSION = 2
"""Raised whenever a change may change the mutants of some program."""
_FAULTS = (SyntaxError, ValueError, RecursionError, MemoryError)
"""The exceptions of Python's parser and compiler."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A program with one small change."""

    mutant_id: str
    """16 hex digits of a hash over the operator, the position and the source."""
    source: str
    edit: Edit
    """The change."""

    @property
    def operator(self) -> str:
        """The name of the mutation operator that made it."""
        return self.edit.operator

    @property
    def line(self) -> int:
        """The line of the change, from 1."""
        return self.edit.line

    @property
    def is_guide(self) -> bool:
        """True for the half (by hash) that a search for tests may see; the others judge what it found."""
        return int(self.mutant_id, 16) % 2 == 0


def make_mutants(source: str, limit: int | None = None, *, is_script: bool = False) -> list[Mutant]:
    """Return the mutants of a program, spread over operators and lines; none where Python cannot parse it.

    Their order is fixed: with a limit they are the first so many of all.

    Args:
        source: The program.
        limit: The most mutants; None: all.
        is_script: True if nothing outside the program calls its functions: then those that it does not call itself
            have no mutants.
    """
    try:
        text = SourceText(source)
        normal = normal_bytecode_of(source, is_script=is_script)
    except _FAULTS:
        return []
    mutants: list[Mutant] = []
    seen = {normal}
    for mutant_id, edit in _in_order(_identified(text)):
        if limit is not None and len(mutants) >= limit:
            break
        mutant = Mutant(mutant_id, text.apply(edit), edit)
        try:
            normal = normal_bytecode_of(mutant.source, is_script=is_script)
        except _FAULTS:
            continue
        if normal not in seen:
            seen.add(normal)
            mutants.append(mutant)
    return mutants


_Identified = tuple[str, Edit]
"""The id of a mutant, and its edit. Its source is made when it is looked at: a long program has thousands."""


def _identified(text: SourceText) -> list[_Identified]:
    """Return every edit, those that do not compile included; of those with equal results the first."""
    found: list[_Identified] = []
    seen: set[int] = set()  # hashes: the results themselves take gigabytes for a long program
    for edit in _edits(text):
        changed = text.apply(edit).encode(errors="surrogatepass")
        if (key := hash(changed)) not in seen:
            seen.add(key)
            decisive = f"{edit.operator}\0{edit.start}\0{edit.end}\0".encode()
            found.append((hashlib.sha256(decisive + changed).hexdigest()[:16], edit))
    return found


def _edits(text: SourceText) -> Iterator[Edit]:
    for node, parent in _nodes(text.tree):
        for operator in OPERATORS:
            yield from operator(text, node, parent)


def _nodes(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.AST | None]]:
    """Yield every node with its parent, except type annotations, limits of the interpreter, and f-strings' insides.

    Before Python 3.12, nodes in an f-string do not have their true positions.
    """
    pending: list[tuple[ast.AST, ast.AST | None]] = [(tree, None)]
    while pending:
        node, parent = pending.pop()
        yield node, parent
        if isinstance(node, ast.Call) and _sets_limit(node):
            continue
        for field, value in ast.iter_fields(node):
            if field in ("annotation", "returns"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr):
                    pending.append((child, node))


def _sets_limit(call: ast.Call) -> bool:
    """Return whether a call sets a limit of the interpreter: one a little higher or lower is no error."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in ("setrecursionlimit", "stack_size")


def _in_order(found: Sequence[_Identified]) -> list[_Identified]:
    """Return edits so that any first part of them is spread: over operators, and within one over lines."""
    by_operator: dict[str, list[_Identified]] = defaultdict(list)
    for mutant_id, edit in sorted(found, key=lambda one: one[0]):
        by_operator[edit.operator].append((mutant_id, edit))
    ranked = []
    for group in by_operator.values():
        rounds: dict[int, int] = defaultdict(int)
        by_round = []
        for mutant_id, edit in group:
            by_round.append((rounds[edit.line], mutant_id, edit))
            rounds[edit.line] += 1
        by_round.sort(key=lambda one: one[:2])
        ranked += [(rank, mutant_id, edit) for rank, (_, mutant_id, edit) in enumerate(by_round)]
    ranked.sort(key=lambda one: one[:2])
    return [(mutant_id, edit) for _, mutant_id, edit in ranked]
