"""The trait of lists in which elements occur a stated number of times: all twice but one, two of them once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps_plus.problem import dump_json

TRIES = 8


@dataclass(frozen=True, slots=True)
class Multiplicities:
    """The allowed numbers of occurrences of a list's elements."""

    usual: frozenset[int]
    """The numbers of times that an element occurs."""
    fixed: tuple[tuple[int, int], ...]
    """A number of times, and the number of elements that occur so often in every given list."""
    odd: int | None
    """The number of elements that occur an odd number of times, where it is the same in every given list."""

    def holds(self, values: list[Any]) -> bool:
        """Return whether a list is like the given ones in this; an empty one is."""
        counts = Counter(Counter(map(dump_json, values)).values())
        if not values:
            return True
        if self.odd is not None and sum(number for times, number in counts.items() if times % 2) != self.odd:
            return False
        return set(counts) <= self.usual and all(counts[times] == number for times, number in self.fixed)

    def repair(self, values: list[Any], rng: random.Random) -> list[Any]:
        """Return a list of such elements with these multiplicities; the same list where they do not suffice."""
        elements = list({dump_json(value): value for value in values}.values())
        rng.shuffle(elements)
        fixed = dict(self.fixed)
        free = sorted(self.usual - set(fixed))
        times = [count for count, number in fixed.items() for _ in range(number)]
        if len(times) > len(elements):
            return values
        for _ in range(TRIES):
            more = [rng.choice(free) for _ in elements[len(times) :]] if free else []
            made = [one for one, count in zip(elements, times + more, strict=False) for _ in range(count)]
            rng.shuffle(made)
            if self.holds(made):
                return made
        return values


def learn_multiplicities(lists: Sequence[list[Any]]) -> Multiplicities:
    """Return what the given lists, of which one at least is not empty, have in common."""
    counts = [Counter(Counter(map(dump_json, values)).values()) for values in lists if values]
    usual = frozenset(times for one in counts for times in one)
    fixed = {times: counts[0][times] for times in usual if len({one[times] for one in counts}) == 1}
    odd = {sum(number for times, number in one.items() if times % 2) for one in counts}
    if len(fixed) == len(usual) > 1:  # the exception is what is rarest and occurs least often; the rest may be longer
        exception = min(fixed, key=lambda times: (fixed[times], times))
        fixed = {exception: fixed[exception]}
    return Multiplicities(usual, tuple(sorted(fixed.items())), odd.pop() if len(odd) == 1 else None)
