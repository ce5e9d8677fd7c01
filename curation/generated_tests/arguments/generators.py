"""Generators of argument lists: each proposes, the model decides what may be used."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice, product
from typing import Any

from curation.generated_tests.arguments.domain import Domain, Size

Arguments = list[Any]
Generator = Callable[[Sequence[Domain], Sequence[Arguments], random.Random], Iterator[Arguments]]
"""Takes the domains of the arguments and the given inputs."""


def boundary(domains: Sequence[Domain], given: Sequence[Arguments], rng: random.Random) -> Iterator[Arguments]:
    """Yield given inputs with one argument at an edge, then inputs with every argument at one."""
    edges = [domain.edges() for domain in domains]
    single = [(at, edge) for at, values in enumerate(edges) for edge in values]
    rng.shuffle(single)
    for at, edge in single:
        base = rng.choice(given)
        if at < len(base):
            yield [*base[:at], edge, *base[at + 1 :]]
    for _ in range(200 if len(domains) > 1 else 0):
        yield [rng.choice(values) for values in edges if values]


def exhaustive(domains: Sequence[Domain], given: Sequence[Arguments], rng: random.Random) -> Iterator[Arguments]:
    """Yield every combination of the simplest values."""
    most = {1: 200, 2: 24, 3: 9}.get(len(domains), 4)
    for arguments in islice(product(*(islice(domain.smallest(), most) for domain in domains)), 2000):
        yield list(arguments)


def _random(size: Size) -> Generator:
    def draw(domains: Sequence[Domain], given: Sequence[Arguments], rng: random.Random) -> Iterator[Arguments]:
        while True:
            yield [domain.draw(rng, size) for domain in domains]

    return draw


def one_argument(domains: Sequence[Domain], given: Sequence[Arguments], rng: random.Random) -> Iterator[Arguments]:
    """Yield given inputs with one argument drawn anew."""
    for base in cycle(given):
        at = rng.randrange(len(base))
        yield [*base[:at], domains[at].draw(rng, rng.choice((Size.SMALL, Size.MIDDLE))), *base[at + 1 :]]


def neighbour(domains: Sequence[Domain], given: Sequence[Arguments], rng: random.Random) -> Iterator[Arguments]:
    """Yield inputs that differ a little from given ones."""
    for base in cycle(given):
        yield changed(domains, base, rng)


def crossover(domains: Sequence[Domain], given: Sequence[Arguments], rng: random.Random) -> Iterator[Arguments]:
    """Yield inputs of which each argument comes from another given one."""
    while len(domains) > 1 and len(given) > 1:
        base = rng.choice(given)
        others = [one for one in given if len(one) == len(base)]
        yield [rng.choice(others)[at] for at in range(len(base))]


def changed(domains: Sequence[Domain], base: Arguments, rng: random.Random) -> Arguments:
    """Return an input that differs from another in one argument, now and then in two, by one or two steps."""
    arguments = list(base)
    for _ in range(rng.choice((1, 1, 1, 2))):
        at = rng.randrange(len(arguments))
        if domains[at].reach(arguments[at]) is not None:
            arguments[at] = domains[at].near(arguments[at], rng)
    return arguments


GENERATORS: dict[str, Generator] = {
    "boundary": boundary,
    "exhaustive": exhaustive,
    "small": _random(Size.SMALL),
    "random": _random(Size.MIDDLE),
    "large": _random(Size.LARGE),
    "one argument": one_argument,
    "neighbour": neighbour,
    "crossover": crossover,
}
