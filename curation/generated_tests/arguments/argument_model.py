"""The model of the inputs of a call-based problem: the domain of each argument, and the relations among them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from apps_plus.problem import dump_json
from curation.generated_tests.arguments.domain import Domain, Reach, beyond, is_doubtful, risk_of, riskiest, together
from curation.generated_tests.arguments.generators import GENERATORS, Arguments, changed
from curation.generated_tests.arguments.relations import Relation
from curation.generated_tests.arguments.stated_relations import StatedRelation
from curation.generated_tests.candidate import Candidate, Risk

MAX_BYTES = 5000
"""Length of the longest input as JSON."""
MAX_TRIES = 60
"""A generator that finds nothing new in so many tries in turn has ended."""


@dataclass(frozen=True)
class ArgumentModel:
    """An ``InputModel`` of argument lists."""

    domains: tuple[Domain, ...]
    relations: tuple[Relation, ...]
    stated: tuple[StatedRelation, ...]
    given: tuple[Arguments, ...]
    """The given inputs, tidied."""
    originals: tuple[Arguments, ...] = ()
    """The given inputs as they are."""
    promised: bool = False
    """True if the statement promises more than the model knows; every new input is then an open risk."""
    promised_answer: bool = False
    """True if the statement promises something of the answer, such as that it is unique: any new input may break it."""
    keeps_parity: bool = False
    """True if the statement speaks of an even or odd length or sum: those that all given inputs share are kept."""

    def reach(self, value: Any) -> Reach | None:
        """Return how an input goes beyond the given ones; None: it is not valid as far as is known."""
        if not isinstance(value, list) or len(value) not in self._counts():
            return None
        broken = [relation for relation in self.relations if not relation.holds(value)]
        if any(relation.rule for relation in broken) or not all(one.holds(value) for one in self.stated):
            return None
        ways = [beyond(f"not {relation.kind.name}") for relation in broken]
        ways += [beyond("promise")] if self.promised else []
        ways += [beyond("not of a promised answer")] if self.promised_answer else []
        ways += [beyond("not of that parity")] if self.keeps_parity and not self._has_parity(value) else []
        own = (domain.reach(argument) for domain, argument in zip(self.domains, value, strict=False))
        return together([*ways, *own])

    def risk(self, value: Any) -> Risk | None:
        """Return the risk of an input; None: it is not valid as far as is known."""
        reach = self.reach(value)
        return None if reach is None else risk_of(reach)

    def accepts(self, value: Any) -> bool:
        """Return whether an input is valid as far as is known; true for every given one."""
        return value in self.originals or self.reach(value) is not None

    def candidates(self, rng: random.Random) -> Iterator[Candidate]:
        """Yield different accepted inputs, in turn from every generator; the stream may end."""
        seen = set(map(dump_json, self.given + self.originals))
        streams = {name: make(self.domains, self.given, rng) for name, make in GENERATORS.items()}
        while streams:
            for name in list(streams):
                candidate = self._next(name, streams[name], seen, rng)
                if candidate is None:
                    del streams[name]
                else:
                    yield candidate

    def neighbours(self, value: Any, rng: random.Random) -> Iterator[Candidate]:
        """Yield different accepted inputs near an accepted one; the stream may end."""
        seen = {dump_json(value), *map(dump_json, self.given + self.originals)}
        stream = (changed(self.domains, value, rng) for _ in iter(int, 1))
        while (candidate := self._next("neighbour", stream, seen, rng)) is not None:
            yield candidate

    def _next(self, name: str, stream: Iterator[Arguments], seen: set[str], rng: random.Random) -> Candidate | None:
        """Return the next new and valid input of a generator; None where none comes for long."""
        for _, proposed in zip(range(MAX_TRIES if name != "boundary" else 400), stream, strict=False):
            arguments = self._repaired(proposed, rng)
            text = dump_json(arguments)
            if text in seen or len(text) > MAX_BYTES:
                continue
            reach = self.reach(arguments)
            if reach is not None and not is_doubtful(reach):
                seen.add(text)
                risk = risk_of(reach)
                return Candidate(arguments, f"beyond: {riskiest(reach)}" if risk is Risk.OPEN else name, risk)
        return None

    def _repaired(self, arguments: Arguments, rng: random.Random) -> Arguments:
        count = rng.choice(self._counts())
        arguments = arguments[:count]
        for relation in self.relations:
            arguments = relation.repair(arguments, rng)
        return arguments

    def _has_parity(self, arguments: Arguments) -> bool:
        """Return whether lengths and sums are even or odd as those of all given inputs are, where these agree."""
        own = _parities(arguments)
        return all(own[place] in found for place, found in self._given_parities.items() if place in own)

    @cached_property
    def _given_parities(self) -> dict[tuple[int, str], set[int]]:
        found: dict[tuple[int, str], set[int]] = defaultdict(set)
        for arguments in self.given:
            for place, parity in _parities(arguments).items():
                found[place].add(parity)
        return found

    def _counts(self) -> Sequence[int]:
        return sorted({len(given) for given in self.given})


def _parities(arguments: Arguments) -> dict[tuple[int, str], int]:
    """Return the parities of the lengths of lists and texts, and of the sums of lists of whole numbers, by argument."""
    found: dict[tuple[int, str], int] = {}
    for at, value in enumerate(arguments):
        if isinstance(value, (list, str)):
            found[at, "length"] = len(value) % 2
        if isinstance(value, list) and all(isinstance(item, int) for item in value):
            found[at, "sum"] = sum(value) % 2
    return found
