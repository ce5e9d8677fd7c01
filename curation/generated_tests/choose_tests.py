"""Choose few tests that kill much. Pure functions.

Greedy weighted cover: each step takes the elected input with the most *gain*, so the strongest tests come first. An
input gains from every mutant that it kills, less for one that chosen tests already kill, but still something: what
kills a mutant twice, in different ways, also kills wrong programs that no mutant stands for. It gains a little from
lines of the canonical solution that it executes first, from an output, a size and a kind of input that are new among
the tests. Where nothing more is killed, these fill the places that are left. Short inputs win over equal longer ones.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

KILL, LINE, KIND, SIZE, OUTPUT = 1.0, 0.2, 0.08, 0.05, 0.04
"""Gain from the first test that kills a mutant, executes a line, is of a kind, of a size (a power of two), has an
output."""
REPEATED = {KILL: 0.3, LINE: 0.1, KIND: 0.6, SIZE: 0.6, OUTPUT: 0.3}
"""By kind of gain: the factor with which each further time counts less than the one before."""
BYTES = 1e-6
"""Loss for each byte of a test."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The features of one elected input."""

    kills: frozenset[Hashable]
    """Mutants that it kills."""
    lines: frozenset[Hashable]
    """Lines of solutions that it executes."""
    kind: str
    """Its generator."""
    output: str
    size: int
    """Bytes of its input and output."""


def choose_tests(choices: Sequence[Choice], most: int, most_bytes: int) -> list[int]:
    """Return the positions of up to ``most`` inputs, the strongest first, with at most ``most_bytes`` in all."""
    chosen: list[int] = []
    seen: dict[float, Counter[Hashable]] = {weight: Counter() for weight in REPEATED}
    room = most_bytes
    known = [(-_gain(choice, seen), i, 0) for i, choice in enumerate(choices)]  # with the number chosen at that time
    heapq.heapify(known)
    while known and len(chosen) < most:
        _, best, counted = heapq.heappop(known)
        if choices[best].size > room:
            continue
        if counted < len(chosen):  # a gain only ever falls: where it is still the greatest, no other can be greater
            heapq.heappush(known, (-_gain(choices[best], seen), best, len(chosen)))
            continue
        chosen.append(best)
        room -= choices[best].size
        for weight, targets in _targets(choices[best]):
            seen[weight].update(targets)
    return chosen


def _targets(choice: Choice) -> tuple[tuple[float, frozenset[Hashable]], ...]:
    kind, output, size = frozenset({choice.kind}), frozenset({choice.output}), frozenset({choice.size.bit_length()})
    return (KILL, choice.kills), (LINE, choice.lines), (KIND, kind), (SIZE, size), (OUTPUT, output)


def _gain(choice: Choice, seen: dict[float, Counter[Hashable]]) -> float:
    gain = -BYTES * choice.size
    for weight, targets in _targets(choice):
        gain += weight * sum(sorted(REPEATED[weight] ** seen[weight][target] for target in targets))
    return gain
