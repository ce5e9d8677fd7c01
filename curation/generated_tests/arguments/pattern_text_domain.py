"""Domain of texts with a structure of their own: times, addresses, expressions, codes.

The structure is kept: a new text looks like a given one (the same kinds of runs in the same places), with other numbers
and words in it. Where words are few, each comes from the same place of a given text: not ``2 old old`` for
``2 years old``. A number that has three digits or more, always as many, keeps their number: it is a code.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.generated_tests.arguments.characters import DIGITS, class_of, kind_of_run, runs
from curation.generated_tests.arguments.domain import WITHIN, Reach, Size, beyond, together, unique
from curation.generated_tests.arguments.span import Span


def form(text: str) -> tuple[str, ...]:
    """Return the kinds of the runs of a text, in order."""
    return tuple(map(kind_of_run, runs(text)))


Spot = tuple[tuple[str, ...], int]
"""A run of texts: their form, and its number in it."""
FEW_OF_A_FORM = 3
"""So many texts of one form show which words belong in which place."""
CODE = 3
"""Digits of a number from which it is a code where all given ones have as many."""


def spots(texts: Sequence[str]) -> dict[Spot, frozenset[str]]:
    """Return the runs of texts at each spot."""
    found: dict[Spot, set[str]] = {}
    for text in texts:
        own = form(text)
        for at, run in enumerate(runs(text)):
            found.setdefault((own, at), set()).add(run)
    return {spot: frozenset(each) for spot, each in found.items()}


def words_of_spots(texts: Sequence[str], given: Mapping[Spot, frozenset[str]]) -> dict[Spot, frozenset[str]]:
    """Return the words that may stand at each spot: those given there, or any where few texts have the form."""
    words = {spot: each for spot, each in given.items() if class_of(min(each)[0]) not in (None, DIGITS)}
    count = Counter(map(form, texts))
    every = frozenset[str]().union(*words.values())
    return {spot: each if count[spot[0]] >= FEW_OF_A_FORM else every for spot, each in words.items()}


def digits_of_codes(given: Mapping[Spot, frozenset[str]]) -> dict[Spot, int]:
    """Return the number of digits at each spot where all numbers have as many, three or more."""
    numbers = {spot: set(map(len, each)) for spot, each in given.items() if all(run[0] in DIGITS for run in each)}
    return {spot: min(each) for spot, each in numbers.items() if len(each) == 1 and min(each) >= CODE}


@dataclass(frozen=True, slots=True)
class PatternTextDomain:
    """Texts with the form of a given one, and where nothing but characters is to be seen, any text of these."""

    pool: tuple[str, ...]
    forms: frozenset[tuple[str, ...]]
    numbers: tuple[Span, ...]
    """The spans of the numbers: of each number in the form, where there is one form; else of all."""
    widths: frozenset[int]
    """Numbers of digits that were given."""
    zeros: bool
    """True if numbers with leading zeros were given."""
    words: Mapping[Spot, frozenset[str]]
    """The runs of letters that may stand at each spot."""
    digits: Mapping[Spot, int]
    """The number of digits of each number that is a code, by its spot."""
    new_words: bool
    """True if other words of the same letters may take their place."""
    loose: frozenset[str] = frozenset()
    """The characters of texts of any form; empty: only the given forms."""
    lengths: Span = Span(0, 0, 0, 0)  # noqa: RUF009

    def reach(self, value: Any) -> Reach | None:
        if not isinstance(value, str):
            return None
        if value in self.pool:
            return WITHIN
        if not value:
            return None
        if form(value) in self.forms:
            parts, own = self._numbered(runs(value)), form(value)
            return together(self._reach_of_run(run, before, (own, at)) for at, (run, before) in enumerate(parts))
        if self.loose and set(value) <= self.loose and self._has_known_signs(value):
            return together([self.lengths.reach_of_length(len(value)), beyond("text")])
        return None

    def _has_known_signs(self, value: str) -> bool:
        """Return whether every pair of adjacent signs, and every sign at an end, occurs in a given text."""
        signs = [at for at, character in enumerate(value) if class_of(character) is None]
        beside = (value[at : at + 2] for at in signs if at + 1 in signs)
        ends = {value[at] for at in signs if at in (0, len(value) - 1)}
        known = "\n".join(self.pool)
        return all(pair in known for pair in beside) and ends <= {
            text[at] for text in self.pool if text for at in (0, -1)
        }

    def _numbered(self, parts: list[str]) -> list[tuple[str, int]]:
        """Return the runs, each with the number of numbers before it."""
        counted, count = [], 0
        for part in parts:
            counted.append((part, count))
            count += part[0] in DIGITS
        return counted

    def _reach_of_run(self, run: str, before: int, spot: Spot) -> Reach | None:
        if run[0] in DIGITS:
            if self.digits.get(spot, len(run)) != len(run):
                return None
            if len(run) > 1 and run[0] == "0" and not (self.zeros and len(run) in self.widths):
                return None
            return self._span(before).reach(int(run))
        if class_of(run[0]) is None or run in self._words_at(spot):
            return WITHIN
        return beyond("word") if self.new_words else None

    def _words_at(self, spot: Spot) -> frozenset[str]:
        """Return the given words that may stand at a spot: any where words are many."""
        return frozenset[str]().union(*self.words.values()) if self.new_words else self.words.get(spot, frozenset())

    def _span(self, at: int) -> Span:
        return self.numbers[at if len(self.numbers) > 1 else 0]

    def draw(self, rng: random.Random, size: Size) -> str:
        value = rng.choice(self.pool)
        for _ in range(rng.randint(1, 4)):
            value = self._substituted(value, rng, size)
        return value

    def _substituted(self, value: str, rng: random.Random, size: Size) -> str:
        parts = runs(value)
        places = [at for at, part in enumerate(parts) if class_of(part[0]) is not None]
        if not places:
            return rng.choice(self.pool)
        at = rng.choice(places)
        before = sum(part[0] in DIGITS for part in parts[:at])
        parts[at] = self._replacement(parts[at], before, (form(value), at), rng, size)
        return "".join(parts)

    def _replacement(self, run: str, before: int, spot: Spot, rng: random.Random, size: Size) -> str:
        if run[0] in DIGITS:
            if (digits := self.digits.get(spot)) is not None and rng.random() < 0.5:
                return str(rng.randrange(10 ** (digits - 1), 10**digits))
            number = str(self._span(before).draw(rng, Size.MIDDLE if rng.random() < 0.7 else size))
            return number.zfill(len(run)) if self.zeros and len(run) in self.widths else number
        own = class_of(run[0]) or ""
        alike = sorted(word for word in self._words_at(spot) if word[0] in own)
        if self.new_words and rng.random() < 0.4:
            return "".join(rng.choice(own) for _ in run)
        return rng.choice(alike) if alike else run

    def resized(self, value: str, length: int, rng: random.Random) -> str:
        """Return the text cut or repeated to a length."""
        return (value * (length // max(1, len(value)) + 1))[:length]

    def edges(self) -> list[str]:
        values = list(self.pool[:3])
        for text in self.pool[:4]:
            parts = runs(text)
            for at, (part, before) in enumerate(self._numbered(parts)):
                if part[0] in DIGITS:
                    for edge in self._span(before).edges()[:6]:
                        number = str(edge).zfill(len(part)) if self.zeros else str(edge)
                        values.append("".join([*parts[:at], number, *parts[at + 1 :]]))
        if self.loose:
            values += ["", *sorted(self.loose)[:4]]
        return unique(values)

    def smallest(self) -> Iterator[str]:
        return iter(sorted(self.pool, key=len))

    def near(self, value: str, rng: random.Random) -> str:
        if not self.loose or not value or rng.random() < 0.5:
            return self._substituted(value, rng, Size.MIDDLE) if value else rng.choice(self.pool)
        at, other = rng.randrange(len(value)), rng.randrange(len(value))
        cut = rng.choice(self.pool)
        return rng.choice(
            (
                value[:at] + value[at + 1 :],
                value[:at] + value[other] + value[at:],
                value[:at] + rng.choice(sorted(self.loose)) + value[at + 1 :],
                value[:at] + cut[rng.randrange(len(cut) + 1) :],
                value + value[at:],
            )
        )
