"""Domains that are closed or that choose: booleans, null, a vocabulary of given values, unions of other domains."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from apps_plus.problem import dump_json
from curation.generated_tests.arguments.domain import WITHIN, Domain, Reach, Size, beyond, least


@dataclass(frozen=True, slots=True)
class ChoiceDomain:
    """Given values only, and perhaps more that the solutions name; also for booleans and null."""

    seen: tuple[Any, ...]
    more: tuple[Any, ...] = ()
    """Values that were not given: the solutions name them."""
    _seen: frozenset[str] = field(init=False, repr=False, compare=False)
    """``seen`` as JSON texts."""
    _more: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_seen", frozenset(map(dump_json, self.seen)))
        object.__setattr__(self, "_more", frozenset(map(dump_json, self.more)))

    def reach(self, value: Any) -> Reach | None:
        text = dump_json(value)
        if text in self._seen:
            return WITHIN
        return beyond("new name") if text in self._more else None

    def draw(self, rng: random.Random, size: Size) -> Any:
        return rng.choice(self.seen + self.more if size is Size.LARGE or rng.random() < 0.2 else self.seen)

    def edges(self) -> list[Any]:
        return list(self.seen + self.more)

    def smallest(self) -> Iterator[Any]:
        return iter(self.seen)

    def near(self, value: Any, rng: random.Random) -> Any:
        return rng.choice(self.seen + self.more)


@dataclass(frozen=True, slots=True)
class UnionDomain:
    """Values of several kinds at one place, as often as they were given."""

    domains: tuple[Domain, ...]
    weights: tuple[int, ...]

    def reach(self, value: Any) -> Reach | None:
        return least(domain.reach(value) for domain in self.domains)

    def draw(self, rng: random.Random, size: Size) -> Any:
        return rng.choices(self.domains, self.weights)[0].draw(rng, size)

    def edges(self) -> list[Any]:
        return [edge for domain in self.domains for edge in domain.edges()]

    def smallest(self) -> Iterator[Any]:
        return chain.from_iterable(islice(domain.smallest(), 3) for domain in self.domains)

    def near(self, value: Any, rng: random.Random) -> Any:
        own = [domain for domain in self.domains if domain.reach(value) is not None]
        return rng.choice(own or self.domains).near(value, rng)
