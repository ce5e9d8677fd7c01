"""Domains of numbers: integers, and decimals with the number of places that were given."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice, product
from typing import Any

from curation.generated_tests.arguments.domain import STATED, WITHIN, Reach, Size, beyond, unique
from curation.generated_tests.arguments.span import Span

MOST_DIGITS = 6
"""Length of the numbers of stated digits that are all listed."""
MOST_OF_DIGITS = 5_000
"""Numbers of one length that are all listed: of ten digits there would be a million of six."""


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
    digits: frozenset[str] | None = None
    """The digits of which all numbers consist, where the statement names them."""

    def reach(self, value: Any) -> Reach | None:
        if not isinstance(value, int) or isinstance(value, bool) or (value == 0 and not self.zero):
            return None
        if self.digits is not None and not self.digits.issuperset(str(abs(value))):
            return None
        if self.closed is not None:
            return WITHIN if value in self.closed else None
        return self.span.reach(value)

    def draw(self, rng: random.Random, size: Size) -> int:
        if self.closed is not None:
            return rng.choice(sorted(self.closed))
        if self.constants and rng.random() < 0.1:
            return min(self.span.high, max(self.span.low, rng.choice(self.constants) + rng.randint(-1, 1)))
        value = self.span.draw(rng, size)
        return value if self.digits is None else self._of_digits(value, rng)

    def _of_digits(self, value: int, rng: random.Random) -> int:
        """Return a number of as many digits, all of the stated ones."""
        digits = sorted(self.digits or "")
        made = "".join(rng.choice(digits) for _ in str(abs(value)))
        return int(made) if value >= 0 else -int(made)

    def edges(self) -> list[int]:
        if self.closed is not None:
            return sorted(self.closed)
        if self.digits is not None:
            return [number for number in self.smallest() if self.reach(number) is not None]
        around = (constant + step for constant in self.constants for step in (0, 1, -1))
        return unique([*self.span.edges(), *(value for value in around if self.span.low <= value <= self.span.high)])

    def smallest(self) -> Iterator[int]:
        if self.closed is not None:
            return iter(sorted(self.closed, key=abs))
        if self.digits is not None:
            longest = min(len(str(self.span.high)), MOST_DIGITS)
            widths = [width for width in range(1, longest + 1) if len(self.digits) ** width <= MOST_OF_DIGITS]
            return (int("".join(one)) for width in widths for one in product(sorted(self.digits), repeat=width))
        start = max(self.span.low, 0)
        negative = range(-1, max(self.span.low, -3) - 1, -1)
        return chain(range(start, min(self.span.high, start + 12) + 1), negative)

    def near(self, value: int, rng: random.Random) -> int:
        if self.closed is not None:
            return rng.choice(sorted(self.closed))
        if self.digits is not None:
            return self._of_digits(value * rng.choice((1, 1, 10)), rng)
        steps = [1, -1, 2, -2, 10, -10, value, -value // 2, rng.randint(-9, 9)]
        return value + rng.choice(steps)


@dataclass(frozen=True, slots=True)
class DecimalDomain:
    """Decimal numbers of a span of whole numbers, with at most so many places."""

    span: Span
    places: int
    whole: bool
    """True if integers were given too."""
    least: float
    """The least given number; ``span`` has whole ones around it."""
    greatest: float

    def reach(self, value: Any) -> Reach | None:
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, float))
            or (isinstance(value, int) and not self.whole)
        ):
            return None
        if isinstance(value, float) and round(value, self.places) != value:
            return None
        reach = self.span.reach(value)
        if reach == WITHIN and not self.least <= value <= self.greatest:
            stated, way = (
                (self.span.high_stated, "larger") if value > self.greatest else (self.span.low_stated, "smaller")
            )
            return STATED if stated else beyond(way if value else "zero")
        return reach

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
