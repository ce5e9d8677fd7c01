"""Domains of dicts: records with given keys, and mappings whose keys are data."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from curation.generated_tests.arguments.domain import Domain, Reach, Size, together, unique
from curation.generated_tests.arguments.span import Span


@dataclass(frozen=True, slots=True)
class RecordDomain:
    """Dicts with the same keys, each value of a domain of its own; some keys may be absent."""

    fields: tuple[tuple[str, Domain], ...]
    optional: frozenset[str] = frozenset()

    def reach(self, value: Any) -> Reach | None:
        if not isinstance(value, dict):
            return None
        known = dict(self.fields)
        if not set(value) <= set(known) or not set(known) - self.optional <= set(value):
            return None
        return together(known[key].reach(one) for key, one in value.items())

    def draw(self, rng: random.Random, size: Size) -> dict[str, Any]:
        return {
            key: domain.draw(rng, size) for key, domain in self.fields if key not in self.optional or rng.random() < 0.6
        }

    def edges(self) -> list[Any]:
        base = {key: (domain.edges() or [None])[0] for key, domain in self.fields}
        return unique({**base, key: edge} for key, domain in self.fields for edge in domain.edges())

    def smallest(self) -> Iterator[dict[str, Any]]:
        columns = [(key, list(islice(domain.smallest(), 4))) for key, domain in self.fields]
        for at in range(4):
            yield {key: values[at % len(values)] for key, values in columns if values}

    def near(self, value: dict[str, Any], rng: random.Random) -> dict[str, Any]:
        known = dict(self.fields)
        key = rng.choice(sorted(value)) if value else None
        return {**value, key: known[key].near(value[key], rng)} if key is not None else {}


@dataclass(frozen=True, slots=True)
class MappingDomain:
    """Dicts from keys of one domain to values of another."""

    key: Domain
    value: Domain
    lengths: Span

    def reach(self, value: Any) -> Reach | None:
        if not isinstance(value, dict):
            return None
        parts = [*map(self.key.reach, value), *map(self.value.reach, value.values())]
        return together([self.lengths.reach_of_length(len(value)), *parts])

    def draw(self, rng: random.Random, size: Size) -> dict[str, Any]:
        keys = {str(self.key.draw(rng, size)): None for _ in range(min(60, self.lengths.draw(rng, size)))}
        few = [self.value.draw(rng, size) for _ in range(2)]
        ties = rng.random() < 0.3
        return {key: rng.choice(few) if ties else self.value.draw(rng, size) for key in keys}

    def edges(self) -> list[Any]:
        keys = unique(islice(map(str, self.key.edges()), 6))
        edges = self.value.edges()[:8]
        count = max(self.lengths.low, min(len(keys), self.lengths.high, 3))
        return unique([{}, *({key: edge for key in keys[:count]} for edge in edges)])  # noqa: C420

    def smallest(self) -> Iterator[dict[str, Any]]:
        keys, values = list(islice(self.key.smallest(), 2)), list(islice(self.value.smallest(), 2))
        yield {}
        for value in values:
            yield {keys[0]: value}
            for other in values if len(keys) > 1 else ():
                yield {keys[0]: value, keys[1]: other}

    def near(self, value: dict[str, Any], rng: random.Random) -> dict[str, Any]:
        changed = dict(value)
        if not changed or rng.random() < 0.3:
            changed[str(self.key.draw(rng, Size.MIDDLE))] = self.value.draw(rng, Size.MIDDLE)
            return changed
        key = rng.choice(sorted(changed))
        if rng.random() < 0.3:
            del changed[key]
        else:
            changed[key] = rng.choice((self.value.near(changed[key], rng), rng.choice(list(changed.values()))))
        return changed
