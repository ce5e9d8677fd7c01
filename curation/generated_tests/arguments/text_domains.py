"""Domains of texts made of free characters, and of texts made of words or items with a separator between them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from curation.generated_tests.arguments.characters import is_balanced
from curation.generated_tests.arguments.domain import WITHIN, Domain, Reach, Size, beyond, risk_of, together, unique
from curation.generated_tests.arguments.list_traits import LearntTrait
from curation.generated_tests.arguments.span import Span
from curation.generated_tests.candidate import Risk

LONGEST = 1000
"""Number of characters of the longest text that is drawn."""


@dataclass(frozen=True, slots=True)
class FreeTextDomain:
    """Texts whose characters are independent of each other."""

    characters: Mapping[str, Reach]
    """The characters that may occur, in order, each with how far it goes beyond the given ones."""
    lengths: Span
    leading_zero: bool = True
    """False: a number; none but ``0`` itself begins with a zero."""
    balanced: bool = False
    first: frozenset[str] = frozenset()
    """The only characters with which a text begins; empty: any."""
    last: frozenset[str] = frozenset()
    traits: tuple[LearntTrait, ...] = ()
    """Traits of the list of its characters."""
    pool: tuple[str, ...] = ()
    """The given texts."""

    def reach(self, value: Any) -> Reach | None:
        if not isinstance(value, str):
            return None
        if not self.leading_zero and len(value) > 1 and value[0] == "0":
            return None
        if value and ((self.first and value[0] not in self.first) or (self.last and value[-1] not in self.last)):
            return None
        if self.balanced and not is_balanced(value):
            return None
        letters = list(value)
        broken = [learnt for learnt in self.traits if not learnt.trait.holds(letters)]
        if any(learnt.rule for learnt in broken):
            return None
        characters = [self.characters.get(character) for character in dict.fromkeys(value)]
        ways = [beyond(f"letters not {learnt.trait.name}") for learnt in broken]
        return together([self.lengths.reach_of_length(len(value)), *ways, *characters])

    def draw(self, rng: random.Random, size: Size) -> str:
        length = min(LONGEST, self.lengths.draw(rng, size))
        if self.balanced:
            return self._brackets(length // 2, rng)
        style = rng.random()
        usual = [character for character, reach in self.characters.items() if risk_of(reach) is not Risk.OPEN]
        alphabet = usual if usual and rng.random() < 0.8 else list(self.characters)
        if style < 0.3:
            alphabet = rng.sample(alphabet, min(len(alphabet), rng.randint(1, 3)))
        value = "".join(rng.choice(alphabet) for _ in range(length)) if alphabet else ""
        if 0.3 <= style < 0.4:
            half = value[: (length + 1) // 2]
            value = half + half[::-1][length % 2 :]
        elif 0.4 <= style < 0.5 and length > 2:
            unit = value[: rng.randint(1, length // 2)]
            value = (unit * length)[:length]
        return self._repaired(value, rng)

    def resized(self, value: str, length: int, rng: random.Random) -> str:
        """Return the text cut or continued to a length."""
        alphabet = list(self.characters)
        more = "".join(rng.choice(alphabet) for _ in range(length - len(value))) if alphabet else ""
        return self._repaired(value[:length] + more, rng)

    def edges(self) -> list[str]:
        alphabet = list(self.characters)
        if not alphabet:
            return [""]
        rng = random.Random(0)  # noqa: S311
        lengths = [length for length in self.lengths.edges() if length <= LONGEST]
        middle = max(self.lengths.low, min(6, self.lengths.high))
        whole = "".join(alphabet)
        values = [self.resized("", length, rng) for length in lengths]
        values += [alphabet[-1] * middle, alphabet[0] * middle, whole[: self.lengths.high], whole[::-1]]
        values += [alphabet[0] * length for length in lengths] + [alphabet[-1] * lengths[0]]
        return unique(self._repaired(value, rng) for value in values)

    def smallest(self) -> Iterator[str]:
        usual = [character for character, reach in self.characters.items() if not reach]
        alphabet = (usual or list(self.characters))[:1] + (usual or list(self.characters))[-2:]
        for length in range(self.lengths.low, min(self.lengths.high, max(3, self.lengths.low)) + 1):
            yield from ("".join(letters) for letters in islice(product(unique(alphabet), repeat=length), 40))

    def near(self, value: str, rng: random.Random) -> str:
        alphabet = list(self.characters) or [""]
        if not value:
            return rng.choice(alphabet)
        at, other = rng.randrange(len(value)), rng.randrange(len(value))
        action = rng.randrange(7)
        if action == 0:
            changed = value[:at] + rng.choice(alphabet) + value[at + 1 :]
        elif action == 1:
            changed = value[:at] + rng.choice(alphabet) + value[at:]
        elif action == 2:
            changed = value[:at] + value[at + 1 :]
        elif action == 3:
            changed = value[:at] + value[other] + value[at + 1 :]
        elif action == 4:
            changed = value[:at] + value[at] + value[at:]
        elif action == 5:
            changed = value[::-1] if rng.random() < 0.5 else value + value
        else:
            changed = "".join(rng.sample(value, len(value)))
        return self._repaired(changed, rng)

    def _repaired(self, value: str, rng: random.Random) -> str:
        for learnt in self.traits:
            if learnt.rule or rng.random() < 0.6:
                value = "".join(learnt.trait.repair(list(value), rng))
        if value and self.first and value[0] not in self.first:
            value = rng.choice(sorted(self.first)) + value[1:]
        if value and self.last and value[-1] not in self.last:
            value = value[:-1] + rng.choice(sorted(self.last))
        if not self.leading_zero and len(value) > 1 and value[0] == "0":
            value = rng.choice("123456789") + value[1:]
        return value

    def _brackets(self, pairs: int, rng: random.Random) -> str:
        kinds = [pair for pair in ("()", "[]", "{}") if pair[0] in self.characters]
        value = ""
        for _ in range(pairs):
            kind = rng.choice(kinds)
            opening, closing = kind[0], kind[1]
            at = rng.choice([at for at in range(len(value) + 1) if is_balanced(value[:at])])
            value = rng.choice((value[:at] + opening + value[at:] + closing, value + opening + closing))
            value = value if is_balanced(value) else opening + value + closing
        return value


@dataclass(frozen=True, slots=True)
class WordDomain:
    """Words: the given ones, and others of the same characters where these are plain letters or digits."""

    pool: tuple[str, ...]
    free: FreeTextDomain | None

    def reach(self, value: Any) -> Reach | None:
        if value in self.pool:
            return WITHIN
        return self.free.reach(value) if self.free is not None else None

    def draw(self, rng: random.Random, size: Size) -> str:
        if self.free is None or rng.random() < 0.6:
            return rng.choice(self.pool)
        return self.free.draw(rng, Size.MIDDLE if size is Size.LARGE else size)

    def edges(self) -> list[str]:
        return unique([*self.pool[:4], *(self.free.edges()[:6] if self.free else ())])

    def smallest(self) -> Iterator[str]:
        return iter(sorted(self.pool, key=lambda word: (len(word), word)))

    def near(self, value: str, rng: random.Random) -> str:
        if self.free is None or rng.random() < 0.5:
            return rng.choice(self.pool)
        return self.free.near(value, rng)


@dataclass(frozen=True, slots=True)
class SeparatedTextDomain:
    """Texts of items with one separator between them: sentences, lists in a text."""

    separator: str
    item: Domain
    counts: Span
    """Numbers of items; no item is the empty text."""
    empty: Reach | None
    """The reach of the empty text; None: it is not valid."""
    traits: tuple[LearntTrait, ...] = ()
    ending: tuple[str, ...] = ("",)
    """The signs that may follow the last item: a full stop, a question mark."""

    def reach(self, value: Any) -> Reach | None:
        if not isinstance(value, str):
            return None
        if not value:
            return self.empty
        items = value.split(self.separator)
        if not all(items):
            return None
        broken = [learnt for learnt in self.traits if not learnt.trait.holds(list(items))]
        if any(learnt.rule for learnt in broken):
            return None
        ways = [beyond(f"words not {learnt.trait.name}") for learnt in broken]
        return together([self.counts.reach_of_length(len(items)), *ways, *map(self.item.reach, items)])

    def draw(self, rng: random.Random, size: Size) -> str:
        count = max(1, min(100, self.counts.draw(rng, size)))
        few = [self.item.draw(rng, size) for _ in range(2)]
        ties = rng.random() < 0.25
        items = [rng.choice(few) if ties else self.item.draw(rng, size) for _ in range(count)]
        return self._joined(items, rng)

    def edges(self) -> list[str]:
        rng = random.Random(0)  # noqa: S311
        edges = self.item.edges()[:8]
        counts = [max(1, min(count, 50)) for count in self.counts.edges()]
        repeated = [[edge] * min(3, max(self.counts.high, 1)) for edge in edges]
        drawn = [[self.item.draw(rng, Size.MIDDLE) for _ in range(count)] for count in counts]
        return unique(["", *edges, *(self._joined(items, rng) for items in repeated + drawn)])

    def smallest(self) -> Iterator[str]:
        items = list(islice(self.item.smallest(), 3))
        for count in range(max(1, self.counts.low), min(3, self.counts.high) + 1):
            yield from (self.separator.join(chosen) for chosen in islice(product(items, repeat=count), 27))

    def near(self, value: str, rng: random.Random) -> str:
        if not value:
            return self.draw(rng, Size.SMALL)
        items = value.split(self.separator)
        at, other = rng.randrange(len(items)), rng.randrange(len(items))
        action = rng.randrange(6)
        if action == 0:
            items[at] = self.item.near(items[at], rng)
        elif action == 1:
            items.insert(at, self.item.draw(rng, Size.MIDDLE))
        elif action == 2:
            del items[at]
        elif action == 3:
            items[at], items[other] = items[other], items[at]
        elif action == 4:
            items[at] = items[other]
        else:
            items.insert(at, items[other])
        return self._joined(items, rng)

    def _joined(self, items: list[str], rng: random.Random) -> str:
        for learnt in self.traits:
            if learnt.rule or rng.random() < 0.6:
                items = learnt.trait.repair(items, rng)
        return self.separator.join(items)
