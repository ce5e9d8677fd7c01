"""The span of a number or of a length: what was seen, and the limits beyond it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from curation.generated_tests.arguments.domain import STATED, WITHIN, Reach, Size, beyond, unique

WIDER = 10
"""Factor to which values may exceed the largest given one if the statement states no limit."""


@dataclass(frozen=True, slots=True)
class Span:
    """A range of whole numbers: the given ones, and the limits, each stated or open."""

    seen_low: int
    seen_high: int
    low: int
    high: int
    low_stated: bool = False
    """True if the statement states ``low``."""
    high_stated: bool = False

    def reach(self, value: float) -> Reach | None:
        """Return how a number goes beyond the given ones; None where it is outside the limits."""
        if not self.low <= value <= self.high:
            return None
        if value < self.seen_low:
            return STATED if self.low_stated else beyond("smaller" if value else "zero")
        return WITHIN if value <= self.seen_high else STATED if self.high_stated else beyond("larger")

    def reach_of_length(self, length: int) -> Reach | None:
        """Return how a length goes beyond the given ones; None where it is outside the limits."""
        reach = self.reach(length)
        if reach == beyond("larger"):
            return beyond("longer")
        return beyond("shorter" if length else "empty") if reach is not None and reach - STATED else reach

    def draw(self, rng: random.Random, size: Size) -> int:
        """Return a random number: near the lower limit, as the given ones, or beyond them."""
        if size is Size.SMALL:
            low = self.low if self.low >= 0 else max(self.low, -3)
            return rng.randint(low, min(self.high, low + 6))
        if size is Size.MIDDLE:
            return rng.randint(*self._about_seen())
        if self.low < -1 and rng.random() < 0.3:
            return -_far(rng, max(0, -self.seen_low), -self.low)
        return max(self.low, _far(rng, max(self.seen_high, self.low), self.high))

    def edges(self) -> list[int]:
        """Return the limits, the numbers next to them, the least and greatest seen, -1, 0 and 1, where they are in."""
        near = [self.low, self.high, self.low + 1, self.high - 1, self.seen_low, self.seen_high]
        beyond = [0, 1, 2, -1, self.seen_low - 1, self.seen_high + 1]
        return [value for value in unique(near + beyond) if self.low <= value <= self.high]

    def _about_seen(self) -> tuple[int, int]:
        if self.seen_low < self.seen_high:
            return self.seen_low, self.seen_high
        return max(self.low, self.seen_low // 2), min(self.high, self.seen_high + abs(self.seen_high) // 2 + 1)


def _far(rng: random.Random, low: int, high: int) -> int:
    """Draw from a range whose numbers of digits are equally likely; the upper limit itself now and then."""
    if high <= low or rng.random() < 0.2:
        return high
    digits = rng.randint(len(str(low)), len(str(high)))
    return rng.randint(max(low, min(high, 10 ** (digits - 1))), min(high, 10**digits - 1))


def span_of(
    seen: Sequence[int],
    stated: tuple[int | None, int | None],
    open_low: int | None = None,
    open_high: int | None = None,
) -> Span:
    """Return the span of the given numbers.

    Args:
        seen: The given numbers; at least one.
        stated: The limits that the statement states, None for one that it does not. One that a given number
            violates is ignored.
        open_low: The lower limit where none is stated; None: the least given one.
        open_high: The upper limit where none is stated; None: the greatest given one.
    """
    low, high = min(seen), max(seen)
    lower, upper = stated
    lower = None if lower is not None and lower > low else lower
    upper = None if upper is not None and upper < high else upper
    if low >= 0 and upper is not None and upper <= 0:  # the statement says what to return for such a number
        upper = None
    below = lower if lower is not None else min(low, low if open_low is None else open_low)
    above = upper if upper is not None else max(high, high if open_high is None else open_high)
    return Span(
        low,
        high,
        below,
        above,
        lower is not None,
        upper is not None,
    )
