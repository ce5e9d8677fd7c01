"""Domains of numbers: integers, and decimals with the number of places that were given."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from curation.generated_tests.arguments.domain import WITHIN, Reach, Size, unique
from curation.generated_tests.arguments.span import Span


@dataclass(frozen=True, slots=True)
class IntegerDomain:
    """Integers of a span, or a closed set of them (flags, digits that name a choice)."""

    span: Span
    closed: frozenset[int] | None = None
    """The only values, where the given inputs use few values many times."""
    constants: tuple[int, ...] = ()
    """Numbers at which solutions may branch."""
    zero: bool = True
    """False: the statement excludes zero."""

    def reach(self, value: Any) -> Reach | None:
        if not isinstance(value, int) or isinstance(value, bool) or (value == 0 and not self.zero):
            return None
        if self.closed is not None:
            return WITHIN if value in self.closed else None
        return self.span.reach(value)

    def draw(self, rng: random.Random, size: Size) -> int:
        if self.closed is not None:
            return rng.choice(sorted(self.closed))
        if self.constants and rng.random() < 0.1:
            return min(self.span.high, max(self.span.low, rng.choice(self.constants) + rng.randint(-1, 1)))
        return self.span.draw(rng, size)

    def edges(self) -> list[int]:
        if self.closed is not None:
            return sorted(self.closed)
        around = (constant + step for constant in self.constants for step in (0, 1, -1))
        return unique([*self.span.edges(), *(value for value in around if self.span.low <= value <= self.span.high)])

    def smallest(self) -> Iterator[int]:
        if self.closed is not None:
            return iter(sorted(self.closed, key=abs))
        start = max(self.span.low, 0)
        negative = range(-1, max(self.span.low, -3) - 1, -1)
        return chain(range(start, min(self.span.high, start + 12) + 1), negative)

    def near(self, value: int, rng: random.Random) -> int:
        if self.closed is not None:
            return rng.choice(sorted(self.closed))
        steps = [1, -1, 2, -2, 10, -10, value, -value // 2, rng.randint(-9, 9)]
        return value + rng.choice(steps)


@dataclass(frozen=True, slots=True)
class DecimalDomain:
    """Decimal numbers of a span of whole numbers, with at most so many places."""

    span: Span
    places: int
    whole: bool
    """True if integers were given too."""

    def reach(self, value: Any) -> Reach | None:
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, float))
            or (isinstance(value, int) and not self.whole)
        ):
            return None
        if isinstance(value, float) and round(value, self.places) != value:
            return None
        return self.span.reach(value)

    def draw(self, rng: random.Random, size: Size) -> float:
        whole = self.span.draw(rng, size)
        if self.whole and rng.random() < 0.3:
            return whole
        value = round(whole + rng.random() * rng.choice((1, -1)), self.places)
        return float(min(self.span.high, max(self.span.low, value)))

    def edges(self) -> list[float]:
        step = round(10.0**-self.places, self.places)
        values: list[float] = []
        for edge in self.span.edges():
            values += [edge] if self.whole else []
            values += [float(edge), round(edge + step, self.places), round(edge - step, self.places)]
        return unique(value for value in values if self.span.low <= value <= self.span.high)

    def smallest(self) -> Iterator[float]:
        numbers = range(max(self.span.low, -2), min(self.span.high, max(self.span.low, -2) + 6) + 1)
        halves = (round(number + part, self.places) for number in numbers for part in (0.0, 0.5))
        return islice((value for value in halves if value <= self.span.high), 12)

    def near(self, value: float, rng: random.Random) -> float:
        step = round(rng.choice((1, -1, 0.1, -0.1, 0.5, 10.0**-self.places)), self.places)
        changed = round(value + step, self.places)
        return changed if self.whole else float(changed)
