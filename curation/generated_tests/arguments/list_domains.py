"""Domains of lists: of elements of one kind in any number, and of a fixed number of elements, each of its own kind."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise, product
from typing import Any

from curation.generated_tests.arguments.domain import Domain, Reach, Size, beyond, together, unique
from curation.generated_tests.arguments.list_traits import DISTINCT, LearntTrait
from curation.generated_tests.arguments.span import Span

LONGEST = 400
"""Number of elements of the longest list that is drawn: an input stays small."""


@dataclass(frozen=True, slots=True)
class ListDomain:
    """Lists of any length of a span, whose elements are of one domain."""

    element: Domain
    lengths: Span
    traits: tuple[LearntTrait, ...] = ()
    pool: tuple[Any, ...] = ()
    """The given elements, for recombination."""
    longest: int = LONGEST
    """Number of elements of the longest list that is drawn."""

    def reach(self, value: Any) -> Reach | None:
        if not isinstance(value, list):
            return None
        broken = [learnt for learnt in self.traits if not learnt.trait.holds(value)]
        if any(learnt.rule for learnt in broken):
            return None
        own = self.lengths.reach_of_length(len(value))
        return together(
            [own, *(beyond(f"not {learnt.trait.name}") for learnt in broken), *map(self.element.reach, value)]
        )

    def draw(self, rng: random.Random, size: Size) -> list[Any]:
        length = min(self.longest, self.lengths.draw(rng, size))
        scale = rng.choice((size, Size.SMALL, Size.MIDDLE))
        few = [self.element.draw(rng, scale) for _ in range(rng.randint(1, 3))]
        style = rng.random()
        values = []
        for _ in range(length):
            if style < 0.2:
                values.append(rng.choice(few))
            elif style < 0.4 and self.pool:
                values.append(rng.choice(self.pool))
            else:
                values.append(self.element.draw(rng, scale))
        return self._repaired(values, rng)

    def resized(self, value: list[Any], length: int, rng: random.Random) -> list[Any]:
        """Return the list cut or continued to a length."""
        more = [self.element.draw(rng, Size.MIDDLE) for _ in range(length - len(value))]
        return self._repaired(value[:length] + more, rng)

    def edges(self) -> list[Any]:
        rng = random.Random(0)  # noqa: S311
        elements = self.element.edges()[:12] + list(islice(self.element.smallest(), 3))
        middle = max(self.lengths.low, min(5, self.lengths.high))
        values = [[element] * middle for element in elements]
        values += [
            [element] * length for length in self.lengths.edges() for element in elements[:2] if length <= self.longest
        ]
        values += [self.resized([], length, rng) for length in self.lengths.edges() if length <= self.longest]
        if len(elements) > 1:
            values += [[elements[0]] * (middle - 1) + [elements[1]], [elements[1]] + [elements[0]] * (middle - 1)]
        values += [unique(elements)[: self.lengths.high]]
        return unique(values + [self._repaired(value, rng, all_of=True) for value in values])

    def smallest(self) -> Iterator[list[Any]]:
        elements = list(islice(self.element.smallest(), 3))
        for length in range(self.lengths.low, min(self.lengths.high, max(3, self.lengths.low)) + 1):
            for values in islice(product(elements, repeat=length), 81):
                yield list(values)

    def near(self, value: list[Any], rng: random.Random) -> list[Any]:
        values = list(value)
        if not values:
            return [self.element.draw(rng, Size.MIDDLE)]
        at, other = rng.randrange(len(values)), rng.randrange(len(values))
        action = rng.randrange(9)
        if action <= 1:
            values[at] = self.element.near(values[at], rng)
        elif action == 2:
            values[at] = self.element.draw(rng, Size.MIDDLE)
        elif action == 3:
            values.insert(at, self.element.draw(rng, Size.MIDDLE))
        elif action == 4:
            del values[at]
        elif action == 5:
            values[at], values[other] = values[other], values[at]
        elif action == 6:
            values[at] = values[other]
        elif action == 7:
            values.insert(at, values[other])
        else:
            rng.choice((values.reverse, lambda: rng.shuffle(values)))()
        return self._repaired(values, rng)

    def _repaired(self, values: list[Any], rng: random.Random, all_of: bool = False) -> list[Any]:
        for learnt in self.traits:
            if learnt.rule or all_of or learnt.trait is not DISTINCT or rng.random() < 0.6:  # ties: see is_doubtful
                values = learnt.trait.repair(values, rng)
        return values


@dataclass(frozen=True, slots=True)
class TupleDomain:
    """Lists of a fixed length, each element of a domain of its own: a point, a name with an age."""

    parts: tuple[Domain, ...]
    ascending: bool = False
    """True if in every given one each element is at most the next: an interval."""
    distinct: bool = False
    """True if in no given one two elements are equal: an edge between two nodes."""
    seen: tuple[Any, ...] = ()

    def reach(self, value: Any) -> Reach | None:
        if not isinstance(value, list) or len(value) != len(self.parts):
            return None
        if self.ascending and any(a > b for a, b in pairwise(value)):
            return None
        if self.distinct and not DISTINCT.holds(value):
            return None
        return together(part.reach(one) for part, one in zip(self.parts, value, strict=True))

    def draw(self, rng: random.Random, size: Size) -> list[Any]:
        return self._ordered([part.draw(rng, size) for part in self.parts])

    def edges(self) -> list[Any]:
        columns = [part.edges() or [None] for part in self.parts]
        count = max(map(len, columns), default=0)
        diagonal = [[column[at % len(column)] for column in columns] for at in range(count)]
        base = list(self.seen[0]) if self.seen else diagonal[0]
        single = [[*base[:at], edge, *base[at + 1 :]] for at, column in enumerate(columns) for edge in column]
        return [self._ordered(value) for value in unique(diagonal + single)]

    def smallest(self) -> Iterator[list[Any]]:
        for values in product(*(islice(part.smallest(), 3) for part in self.parts)):
            yield list(values)

    def near(self, value: list[Any], rng: random.Random) -> list[Any]:
        values = list(value)
        at = rng.randrange(len(values))
        values[at] = self.parts[at].near(values[at], rng)
        return self._ordered(values)

    def _ordered(self, values: list[Any]) -> list[Any]:
        return sorted(values) if self.ascending else values


@dataclass(frozen=True, slots=True)
class MatrixDomain:
    """Lists of rows of one length."""

    element: Domain
    rows: Span
    columns: Span
    square: bool

    def reach(self, value: Any) -> Reach | None:
        if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
            return None
        widths = {len(row) for row in value}
        if len(widths) > 1 or (self.square and widths - {0, len(value)}):
            return None
        shape = [self.rows.reach_of_length(len(value)), *map(self.columns.reach_of_length, widths)]
        return together([*shape, *(self.element.reach(one) for row in value for one in row)])

    def draw(self, rng: random.Random, size: Size) -> list[Any]:
        rows = min(20, self.rows.draw(rng, size))
        columns = rows if self.square else min(20, self.columns.draw(rng, rng.choice((size, Size.SMALL, Size.MIDDLE))))
        scale = rng.choice((size, Size.SMALL, Size.MIDDLE))
        few = [self.element.draw(rng, scale) for _ in range(2)]
        style = rng.random()
        return [
            [rng.choice(few) if style < 0.3 else self.element.draw(rng, scale) for _ in range(columns)]
            for _ in range(rows)
        ]

    def edges(self) -> list[Any]:
        rng = random.Random(0)  # noqa: S311
        elements = self.element.edges()[:6]
        shapes = [(row, column) for row in self.rows.edges() for column in self.columns.edges()]
        shapes = [shape for shape in shapes if max(shape) <= 30 and (not self.square or shape[0] == shape[1])]
        filled = [
            [[element] * columns for _ in range(rows)] for rows, columns in shapes[:8] for element in elements[:3]
        ]
        drawn = [
            [[self.element.draw(rng, Size.MIDDLE) for _ in range(columns)] for _ in range(rows)]
            for rows, columns in shapes
        ]
        return unique(drawn + filled)

    def smallest(self) -> Iterator[list[Any]]:
        elements = list(islice(self.element.smallest(), 2))
        for rows in range(max(1, self.rows.low), min(3, self.rows.high) + 1):
            for columns in range(max(1, self.columns.low), min(3, self.columns.high) + 1):
                if rows * columns <= 6 and (not self.square or rows == columns):
                    for flat in islice(product(elements, repeat=rows * columns), 16):
                        yield [list(flat[at * columns : (at + 1) * columns]) for at in range(rows)]

    def near(self, value: list[list[Any]], rng: random.Random) -> list[list[Any]]:
        rows = [list(row) for row in value]
        if not rows or not rows[0]:
            return self.draw(rng, Size.SMALL)
        at, column = rng.randrange(len(rows)), rng.randrange(len(rows[0]))
        action = rng.randrange(6)
        if action <= 1:
            rows[at][column] = self.element.near(rows[at][column], rng)
        elif action == 2:
            rows[at][column] = self.element.draw(rng, Size.MIDDLE)
        elif action == 3:
            rows = [list(row) for row in zip(*rows, strict=True)]
        elif action == 4 and not self.square:
            rows.insert(at, list(rng.choice(rows))) if rng.random() < 0.5 else rows.pop(at)
        else:
            rng.choice((rows.reverse, lambda: rng.shuffle(rows)))()
        return rows
