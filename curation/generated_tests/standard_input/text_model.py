"""Model the texts of a problem: the grammar, the values of its slots, the relations among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from curation.generated_tests.candidate import Risk
from curation.generated_tests.standard_input.domains import Domain, Integers, Texts
from curation.generated_tests.standard_input.edge_lists import EdgeList
from curation.generated_tests.standard_input.grammar import (
    Body,
    Element,
    Line,
    Repeat,
    Tree,
    counts_of,
    free_lists,
    parse,
    render,
    split_lines,
)
from curation.generated_tests.standard_input.relations import Compared, Relation
from curation.generated_tests.standard_input.scopes import Path, Scope, scopes_of, values_by_slot

MAX_CHARACTERS = 20_000
"""Characters of a made input at most, so that tests stay small."""


@dataclass(frozen=True)
class TextModel:
    """The model of a problem's texts; ``candidates`` and ``neighbours`` are in ``propose``."""

    body: Body
    domains: Mapping[int, Domain]
    relations: Mapping[Path, tuple[Relation, ...]]
    edge_lists: tuple[EdgeList, ...]
    given: tuple[Tree, ...]
    names: Mapping[int, str]
    """The names of slots in the statement, where they are known."""
    pieces_only: bool
    """True if the statement promises what the model cannot represent: only whole given cases are recombined."""
    unread: tuple[str, ...]
    """The sentences that promise it."""
    ends_with_newline: bool
    has_cases: bool
    """True if the statement speaks of several cases in one text."""
    last_line: str = ""
    """The line of zeros that ends every text, where the statement says so; the grammar is that of the lines before."""

    @cached_property
    def counts(self) -> frozenset[int]:
        """The slots that count something: lines, values, or the characters of texts."""
        lengths = {domain.length_slot for domain in self.domains.values() if isinstance(domain, Texts)}
        return frozenset(slot for slot in {count.slot for count in counts_of(self.body)} | lengths if slot is not None)

    @cached_property
    def free_lengths(self) -> tuple[int, ...]:
        """The given lengths of lists whose length nothing counts: no other length is known to be right."""
        return tuple(sorted({len(values) for tree in self.given for values in free_lists(self.body, tree)}))

    @cached_property
    def comparisons(self) -> dict[Path, tuple[Compared, ...]]:
        """The comparisons that every proposed input obeys, by the path of the scopes in which they hold."""
        return {
            path: tuple(each for each in found if isinstance(each, Compared)) for path, found in self.relations.items()
        }

    @cached_property
    def integers(self) -> frozenset[int]:
        """The slots that hold integers."""
        return frozenset(slot for slot, domain in self.domains.items() if isinstance(domain, Integers))

    @cached_property
    def cases(self) -> Repeat | None:
        """The block of cases, where the statement speaks of cases and the text is their number, then the cases."""
        return cases_of(self.body) if self.has_cases else None

    def text_of(self, tree: Tree) -> str:
        """Write a tree as the given inputs are written."""
        lines = [*render(self.body, tree), *([self.last_line] if self.last_line else [])]
        return "\n".join(lines) + ("\n" if self.ends_with_newline or not lines[-1] else "")

    def tree_of(self, text: str) -> Tree | None:
        """Read a text; None where the grammar does not explain it."""
        raw = text.rstrip().split("\n")
        if self.last_line:
            if raw.pop().strip() != self.last_line:
                return None
            text = "\n".join(raw)
        return parse(self.body, split_lines(text), raw)

    def risk_of(self, tree: Tree) -> Risk | None:
        """Return how far a tree goes beyond what the problem shows; None where it is forbidden."""
        if self.pieces_only and not self._is_of_pieces(tree):
            return None
        if any(len(values) not in self.free_lengths for values in free_lists(self.body, tree)):
            return None
        risk = Risk.SEEN
        for slot, values in values_by_slot(self.body, tree).items():
            for value in set(values):
                each = self._risk_of_value(slot, value)
                if each is None:
                    return None
                if each is not Risk.SEEN and risk is not Risk.OPEN:
                    risk = each
        for scope in scopes_of(self.body, tree, self.integers):
            for relation in self.relations.get(scope.path, ()):
                if not relation.holds(scope):
                    if relation.is_hard:
                        return None
                    risk = Risk.OPEN
            if not self._fits_scope(scope):
                return None
        return risk

    def breaks_soft_relation(self, tree: Tree) -> bool:
        """Return whether a tree breaks a relation that all given inputs have, perhaps by chance.

        Such inputs are not forbidden, and are not proposed either: held-out solutions failed too many of them.
        """
        soft = {path: [one for one in found if not one.is_hard] for path, found in self.relations.items()}
        return any(soft.values()) and any(
            not relation.holds(scope)
            for scope in scopes_of(self.body, tree, self.integers)
            for relation in soft.get(scope.path, ())
        )

    def _risk_of_value(self, slot: int, value: Any) -> Risk | None:
        domain = self.domains[slot]
        if isinstance(domain, Integers):
            try:
                return domain.risk_of(int(value))
            except ValueError:
                return None
        return domain.risk_of(str(value))

    def _fits_scope(self, scope: Scope) -> bool:
        """Return whether texts are as long as other values say, and edges make graphs as given."""
        for edges in self.edge_lists:
            if edges.path == scope.path and edges.source in scope.lists:
                pairs = list(zip(scope.lists[edges.source], scope.lists[edges.target], strict=True))
                if not edges.holds(scope.single[edges.nodes], pairs):
                    return False
        for slot, domain in self.domains.items():
            if isinstance(domain, Texts) and domain.length_slot is not None and domain.length_slot in scope.single:
                length = scope.single[domain.length_slot] + domain.length_offset
                texts = [scope.single[slot]] if slot in scope.own else scope.lists.get(slot, [])
                near = domain.length_slot in scope.own or slot in scope.own
                if near and any(len(text) != length for text in texts):
                    return False
        return True

    def _is_of_pieces(self, tree: Tree) -> bool:
        if self.cases is None:
            return tree in self.given
        given = {repr(case) for each in self.given for case in each[-1]}
        return all(repr(case) in given for case in tree[-1])


def cases_of(body: Body) -> Repeat | None:
    """Return the block of cases of a grammar; None where it has none."""
    match body:
        case (Repeat(count=None) as block,):
            return block
        case (Line(tokens=(slot,), vector=None), Repeat() as block) if block.count is not None:
            return block if (block.count.slot, block.count.factor, block.count.offset) == (slot, 1, 0) else None
    return None


def bodies_of(body: Body, path: Path = ()) -> Iterator[tuple[Path, Body]]:
    """Yield every body of a grammar with its path, the outermost first."""
    yield path, body
    for index, element in enumerate(body):
        if isinstance(element, Repeat):
            yield from bodies_of(element.body, (*path, index))


def slots_of_element(element: Element) -> tuple[int, ...]:
    """Return the slots of a line; none for a block."""
    if isinstance(element, Line):
        return element.tokens + (() if element.vector is None else (element.vector,))
    return () if isinstance(element, Repeat) else (element.slot,)
