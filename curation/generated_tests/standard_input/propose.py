"""Propose texts of a model: boundary values, small ones, random ones, ties, large ones, pieces of given ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from curation.generated_tests.candidate import Candidate, Risk
from curation.generated_tests.standard_input.domains import Integers
from curation.generated_tests.standard_input.fill import CannotFillError, Filler
from curation.generated_tests.standard_input.grammar import Repeat, Tree
from curation.generated_tests.standard_input.profiles import Profile
from curation.generated_tests.standard_input.text_model import MAX_CHARACTERS, TextModel, bodies_of, slots_of_element

MANY_CASES = 60
"""Cases of one text that packs many small ones."""
GIVE_UP = 5
"""Times in a row that a generator makes nothing new before it is left out."""
PATIENCE = 12
"""The same while there are few candidates."""
FEW = 40
MAX_CANDIDATES = 600
FEW_CASES = 4
"""With fewer different given cases, texts of them hold each up to ``COPIES`` times."""
COPIES = 2

SMALL = Profile("low", "low", 4)
PROFILES = {
    "small": [SMALL, Profile("low", "uniform", 5), Profile("mixed", "low", 3)],
    "random": [Profile("uniform", "uniform", 12), Profile("log", "uniform", 20), Profile("mixed", "mixed", 40)],
    "ties": [
        Profile("low", "uniform", 7, ties=1),
        Profile("mixed", "uniform", 8, ties=2),
        Profile("high", "high", 12, ties=3),
    ],
    "sorted": [Profile("log", "uniform", 9, order="up"), Profile("uniform", "uniform", 9, order="down")],
    "extreme": [Profile("high", "uniform", 8), Profile("edge", "uniform", 10), Profile("edge", "high", 30)],
    "large": [Profile("uniform", "high", 150), Profile("high", "high", 400), Profile("log", "high", 1000)],
}
"""The profiles of each generator, taken in turn."""


@dataclass(frozen=True, slots=True)
class TextInputs:
    """The inputs of a problem on standard input (``candidate.InputModel``)."""

    model: TextModel

    def accepts(self, value: Any) -> bool:
        """Return whether a text obeys the grammar, the ranges and the relations; true for every given input."""
        tree = self.model.tree_of(value) if isinstance(value, str) else None
        return tree is not None and self.model.risk_of(tree) is not None

    def candidates(self, rng: random.Random) -> Iterator[Candidate]:
        """Yield different accepted texts, in turn from every generator, until nothing new comes."""
        generators = _pieces(self.model) if self.model.pieces_only else _generators(self.model)
        yield from _in_turn(self.model, generators, rng, {self.model.text_of(tree) for tree in self.model.given})

    def neighbours(self, value: Any, rng: random.Random) -> Iterator[Candidate]:
        """Yield different accepted texts near an accepted one."""
        from curation.generated_tests.standard_input.neighbours import changes

        tree = self.model.tree_of(value) if isinstance(value, str) else None
        if tree is None:
            return
        yield from _in_turn(self.model, [("neighbour", changes(self.model, tree))] * 4, rng, {value})


Maker = Callable[[random.Random], Tree | None]


def _in_turn(
    model: TextModel, generators: Sequence[tuple[str, Maker]], rng: random.Random, seen: set[str]
) -> Iterator[Candidate]:
    """Yield what generators make, one each in turn; one that makes nothing new several times is left out."""
    failures = [0] * len(generators)
    made = 0
    while made < MAX_CANDIDATES and any(count < (PATIENCE if made < FEW else GIVE_UP) for count in failures):
        for index, (name, make) in enumerate(generators):
            if failures[index] >= (PATIENCE if made < FEW or name == "pieces" else GIVE_UP):
                continue
            tree = make(rng)
            text = model.text_of(tree) if tree is not None else None
            # Read again what was written: a candidate is what a program reads.
            parsed = (
                model.tree_of(text) if text is not None and text not in seen and len(text) <= MAX_CHARACTERS else None
            )
            risk = model.risk_of(parsed) if parsed is not None else None
            if text is None or parsed is None or risk is None or model.breaks_soft_relation(parsed):
                failures[index] += 1
                continue
            failures[index] = 0
            seen.add(text)
            made += 1
            yield Candidate(text, name, risk)


def _generators(model: TextModel) -> list[tuple[str, Maker]]:
    """Return the generators of a model; one with more to give stands several times."""
    from curation.generated_tests.standard_input.neighbours import change_of_given

    generators: list[tuple[str, Maker]] = []
    if model.cases is not None:
        generators += [("many", _many(model, [SMALL, *PROFILES["small"]])), ("many", _many(model, _every()))]
    if (exhaustive := _exhaustive(model)) is not None:
        generators.append(("exhaustive", exhaustive))
    generators.append(("boundary", _boundary(model)))
    for name, profiles in PROFILES.items():
        generators.append((name, _filled(model, profiles)))
    generators.append(("neighbour", change_of_given(model)))
    if model.cases is not None:
        generators.append(("pieces", _recombined(model)))
    return generators


def _every() -> list[Profile]:
    return [
        replace(profile, max_count=min(profile.max_count, 10))
        for name, profiles in PROFILES.items()
        for profile in profiles
        if name != "large"
    ]


def _pieces(model: TextModel) -> list[tuple[str, Maker]]:
    return [("pieces", _recombined(model))] if model.cases is not None else []


def fill_text(model: TextModel, rng: random.Random, profiles: Sequence[Profile], cases: int = 0) -> Tree | None:
    """Return a whole tree; with cases, each is filled by one of the profiles in turn. None where none can be made."""
    block = model.cases
    try:
        if block is None:
            return Filler(model, rng, rng.choice(profiles)).body(model.body, (), {})
        path = (len(model.body) - 1,)
        made: list[Tree] = []
        start = rng.randrange(len(profiles))
        for index in range(cases * 3):
            if len(made) >= cases:
                break
            try:
                profile = profiles[(start + index) % len(profiles)]
                made.append(Filler(model, rng, profile).body(block.body, path, {0: cases}))
            except CannotFillError:
                continue
        return with_cases(model, made)
    except CannotFillError:
        return None


def with_cases(model: TextModel, cases: list[Tree]) -> Tree | None:
    """Return a tree of these cases, with their number where the text states it; None if there are none."""
    if not cases:
        return None
    return [cases] if len(model.body) == 1 else [[len(cases)], cases]


def number_of_cases(model: TextModel, wanted: int) -> int:
    """Return how many cases a text may have, at most so many as wanted."""
    domain = model.domains.get(0)
    if len(model.body) == 1 or not isinstance(domain, Integers):
        return max(1, min(wanted, max(len(tree[-1]) for tree in model.given)))
    low, high = domain.ends(Risk.STATED)
    return max(low, min(wanted, high))


def _filled(model: TextModel, profiles: Sequence[Profile]) -> Maker:
    turn = iter(range(10**9))

    def make(rng: random.Random) -> Tree | None:
        profile = profiles[next(turn) % len(profiles)]
        cases = number_of_cases(model, 1 if profile.max_count > 100 else rng.choice((1, 2, 3, 5)))
        return fill_text(model, rng, [profile], cases)

    return make


def _many(model: TextModel, profiles: Sequence[Profile]) -> Maker:
    def make(rng: random.Random) -> Tree | None:
        tree = fill_text(model, rng, profiles, number_of_cases(model, MANY_CASES))
        if tree is None or model.cases is None:
            return tree
        different = list({repr(case): case for case in tree[-1]}.values())
        low = number_of_cases(model, 1)
        return with_cases(model, different if len(different) >= low else tree[-1])

    return make


def _boundary(model: TextModel) -> Maker:
    """Take the ends of the range of every slot in turn."""
    counts = model.counts
    free = [slot for slot, domain in sorted(model.domains.items()) if isinstance(domain, Integers)]
    if model.cases is not None and len(model.body) == 2:
        free = [slot for slot in free if slot != 0]
    ends = [(slot, end) for end in ("low", "high", "low+1", "high-1") for slot in free]
    turn = iter(range(10**9))

    def make(rng: random.Random) -> Tree | None:
        number = next(turn)
        if not ends or number >= 3 * len(ends):
            return fill_text(model, rng, [Profile("edge", "edge", 6)], number_of_cases(model, 1 + number % 3))
        slot, end = ends[number % len(ends)]
        biggest = 300 if slot in counts and end.startswith("high") else 8
        profile = Profile("mixed", "uniform", biggest, pinned={slot: end})
        return fill_text(model, rng, [profile], number_of_cases(model, 1))

    return make


def _exhaustive(model: TextModel) -> Maker | None:
    """Take every combination of small values, where a case (or the text) is a few integers."""
    block = model.cases
    body = block.body if block is not None else model.body
    path = (len(model.body) - 1,) if block is not None else ()
    own = next(inner for found, inner in bodies_of(model.body) if found == path) if body else ()
    slots = [slot for element in own for slot in slots_of_element(element)]
    if any(isinstance(element, Repeat) for element in own) or not 1 <= len(slots) <= 3:
        return None
    domains = [model.domains[slot] for slot in slots]
    if not all(isinstance(domain, Integers) for domain in domains) or set(slots) & model.counts:
        return None
    each = {1: 100, 2: 9, 3: 4}[len(slots)]
    ranges = []
    for domain in domains:
        assert isinstance(domain, Integers)
        low, high = domain.ends(Risk.STATED)
        start = max(low, -each // 2) if low < 0 < high else low
        ranges.append(range(start, min(high, start + each - 1) + 1))
    combinations = [dict(zip(slots, values, strict=True)) for values in product(*ranges)]
    turn = iter(range(10**9))

    def make(rng: random.Random) -> Tree | None:
        size = number_of_cases(model, len(combinations)) if block is not None else 1
        start = next(turn) * size
        chosen = combinations[start : start + size]
        if not chosen or (block is not None and len(chosen) < number_of_cases(model, 1)):
            return None
        trees: list[Tree] = []
        for pinned in chosen:
            try:
                trees.append(Filler(model, rng, Profile(pinned=pinned)).body(body, path, {0: len(chosen)}))
            except CannotFillError:
                continue
        if block is None:
            return trees[0] if trees else None
        return with_cases(model, trees)

    return make


def _recombined(model: TextModel) -> Maker:
    """Take whole given cases: some of them, in another order, some twice (all of them, where there are few)."""
    given = list({repr(case): case for tree in model.given for case in tree[-1]}.values())
    often = given * (COPIES if len(given) < FEW_CASES else 1)

    def make(rng: random.Random) -> Tree | None:
        size = number_of_cases(model, rng.randint(1, max(len(often), 1)))
        return with_cases(
            model, [rng.choice(given) for _ in range(size)] if rng.random() < 0.3 else _some(often, size, rng)
        )

    return make


def _some(given: Sequence[Tree], size: int, rng: random.Random) -> list[Tree]:
    chosen = rng.sample(range(len(given)), min(size, len(given)))
    return [given[index] for index in chosen]
