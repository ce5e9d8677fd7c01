"""See the values of a parsed text as scopes: what one iteration of a block can refer to.

A scope holds the values of a body's own slots, the single values of the bodies around it, and, as lists, the columns of
the blocks inside it. Relations hold within scopes: ``l <= r`` in every row, ``n`` distinct rows in every case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from curation.generated_tests.standard_input.grammar import Body, Element, Repeat, Text, Tree

Path = tuple[int, ...]
"""The place of a body in the grammar: the index of each block on the way; empty for the whole text."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The values that one iteration of a body can refer to."""

    path: Path
    single: Mapping[int, Any]
    """Single values by slot: the body's own, and those of the bodies around it. Integers where the slot holds such."""
    lists: Mapping[int, list[Any]]
    """Lists by slot: the body's own, and the columns of blocks inside it."""
    own: Collection[int]
    """The single slots of the body itself."""


def scopes_of(body: Body, tree: Tree, integers: Collection[int]) -> list[Scope]:
    """Return the scopes of a tree, the outermost first."""
    return list(_scopes(body, tree, integers, {}, ()))


def _scopes(body: Body, tree: Tree, integers: Collection[int], outer: Mapping[int, Any], path: Path) -> Iterator[Scope]:
    single, own = dict(outer), []
    lists: dict[int, list[Any]] = {}
    inner: list[Scope] = []
    for index, (element, values) in enumerate(zip(body, tree, strict=True)):
        if isinstance(element, Repeat):
            for iteration in values:
                for scope in _scopes(element.body, iteration, integers, single, (*path, index)):
                    inner.append(scope)
                    if len(scope.path) == len(path) + 1:
                        for slot in scope.own:
                            lists.setdefault(slot, []).append(scope.single[slot])
                        for slot, column in scope.lists.items():
                            lists.setdefault(slot, []).extend(column)
            continue
        for slot, value in _singles(element, values):
            single[slot] = int(value) if slot in integers else value
            own.append(slot)
        if not isinstance(element, Text) and element.vector is not None:
            last = values[-1]
            lists[element.vector] = list(map(int, last)) if element.vector in integers else last
    yield Scope(path, single, lists, own)
    yield from inner


def _singles(element: Element, values: list[Any]) -> Iterator[tuple[int, Any]]:
    if isinstance(element, Text):
        yield element.slot, values[0]
    elif not isinstance(element, Repeat):
        yield from zip(element.tokens, values, strict=False)


def values_by_slot(body: Body, tree: Tree) -> dict[int, list[str]]:
    """Return every value of every slot as it is written, in order."""
    found: dict[int, list[str]] = {}

    def visit(elements: Body, values_of: Tree) -> None:
        for element, values in zip(elements, values_of, strict=True):
            if isinstance(element, Repeat):
                for iteration in values:
                    visit(element.body, iteration)
                continue
            for slot, value in _singles(element, values):
                found.setdefault(slot, []).append(value)
            if not isinstance(element, Text) and element.vector is not None:
                found.setdefault(element.vector, []).extend(values[-1])

    visit(body, tree)
    return found
