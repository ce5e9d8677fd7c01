"""Traits of lists: sorted, rotated, distinct, a permutation. Learnt from the given lists, kept or repaired."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from apps_plus.problem import dump_json
from curation.generated_tests.arguments.multiplicities import learn_multiplicities

CHANCE = 0.01
"""A trait that random lists would show with this probability or less is taken as a rule; else as a habit."""
CHANCE_IF_STATED = 0.2
"""As ``CHANCE``, for a weaker order (either way, rotated) of which the statement speaks."""


@dataclass(frozen=True, slots=True)
class Trait:
    """A property of a list."""

    name: str
    holds: Callable[[list[Any]], bool]
    repair: Callable[[list[Any], random.Random], list[Any]]
    """Return a list with the property, made of the elements of one without."""


@dataclass(frozen=True, slots=True)
class LearntTrait:
    """A trait that all given lists have."""

    trait: Trait
    rule: bool
    """True: no list is without it. False: it may be chance, and lists without it are an open risk."""


def _is_sorted(values: list[Any]) -> bool:
    return _comparable(values) and all(a <= b for a, b in pairwise(values))


def _is_reversed(values: list[Any]) -> bool:
    return _comparable(values) and all(a >= b for a, b in pairwise(values))


def _is_monotone(values: list[Any]) -> bool:
    return _is_sorted(values) or _is_reversed(values)


def _is_rotated(values: list[Any]) -> bool:
    """Return whether a list is a sorted one of which a part was moved from the front to the end."""
    return _comparable(values) and sum(a > b for a, b in zip(values, values[1:] + values[:1], strict=True)) <= 1


def _rotate(values: list[Any], rng: random.Random) -> list[Any]:
    if not values or not _comparable(values):
        return values
    at = rng.randrange(len(values))
    ordered = sorted(values)
    return ordered[at:] + ordered[:at]


def _has_power_of_two(values: list[Any]) -> bool:
    return len(values) & (len(values) - 1) == 0


def _cut_to_power_of_two(values: list[Any], rng: random.Random) -> list[Any]:
    return values[: 1 << (len(values).bit_length() - 1)] if values else values


def _comparable(values: list[Any]) -> bool:
    kinds = {str if isinstance(value, str) else float if isinstance(value, (int, float)) else None for value in values}
    return len(kinds) <= 1 and None not in kinds


def _keys(values: list[Any]) -> list[Any]:
    return [value if isinstance(value, (int, str, float)) else dump_json(value) for value in values]


def _is_distinct(values: list[Any]) -> bool:
    keys = _keys(values)
    return len(set(keys)) == len(keys)


def _without_copies(values: list[Any], rng: random.Random) -> list[Any]:
    return [value for value, key in dict(zip(map(str, _keys(values)), values, strict=True)).items() for value in [key]]


def _integers(values: list[Any]) -> bool:
    return all(isinstance(value, int) and not isinstance(value, bool) for value in values)


def _is_permutation(first: int) -> Callable[[list[Any]], bool]:
    return lambda values: _integers(values) and sorted(values) == list(range(first, first + len(values)))


def _make_permutation(first: int) -> Callable[[list[Any], random.Random], list[Any]]:
    def make(values: list[Any], rng: random.Random) -> list[Any]:
        return rng.sample(range(first, first + len(values)), len(values))

    return make


def _have_one_length(values: list[Any]) -> bool:
    return all(isinstance(value, str) for value in values) and len({len(value) for value in values}) <= 1


def _are_square(values: list[Any]) -> bool:
    return _have_one_length(values) and (not values or len(values[0]) == len(values))


def _fit_all(values: list[Any], rng: random.Random) -> list[Any]:
    texts = [value for value in values if isinstance(value, str) and value]
    return _fitted(texts, len(rng.choice(texts))) if texts else values


def _fit_square(values: list[Any], rng: random.Random) -> list[Any]:
    texts = [value for value in values if isinstance(value, str) and value]
    return _fitted(texts, len(texts)) if texts else values


def _fitted(texts: list[str], length: int) -> list[Any]:
    return [(text * (length // len(text) + 1))[:length] for text in texts]


def _kind_of(value: Any) -> str:
    if isinstance(value, (list, dict)):
        return type(value).__name__
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else "other"


def _are_of_one_kind(values: list[Any]) -> bool:
    return len(set(map(_kind_of, values))) <= 1


def _keep_one_kind(values: list[Any], rng: random.Random) -> list[Any]:
    return [value for value in values if _kind_of(value) == _kind_of(values[0])]


def _is_triangle(values: list[Any]) -> bool:
    return all(isinstance(row, list) and len(row) == number for number, row in enumerate(values, 1))


def _make_triangle(values: list[Any], rng: random.Random) -> list[Any]:
    rows = [row for row in values if isinstance(row, list) and row]
    return [(row * number)[:number] for number, row in enumerate(rows, 1)]


ONE_LENGTH = Trait("of one length", _have_one_length, _fit_all)
SQUARE = Trait("square", _are_square, _fit_square)
ONE_KIND = Trait("of one kind", _are_of_one_kind, _keep_one_kind)
"""Each list has only numbers, or only lists, where both occur: arrays that are nested to any depth."""
TRIANGLE = Trait("a triangle", _is_triangle, _make_triangle)
SORTED = Trait("sorted", _is_sorted, lambda values, _: sorted(values) if _comparable(values) else values)
REVERSED = Trait(
    "reversed", _is_reversed, lambda values, _: sorted(values, reverse=True) if _comparable(values) else values
)
MONOTONE = Trait(
    "sorted either way",
    _is_monotone,
    lambda values, rng: sorted(values, reverse=rng.random() < 0.5) if _comparable(values) else values,
)
ROTATED = Trait("rotated", _is_rotated, _rotate)
POWER_OF_TWO = Trait("as long as a power of two", _has_power_of_two, _cut_to_power_of_two)
DISTINCT = Trait("distinct", _is_distinct, _without_copies)
PERMUTATION_0 = Trait("permutation", _is_permutation(0), _make_permutation(0))
PERMUTATION_1 = Trait("permutation", _is_permutation(1), _make_permutation(1))


def learn_traits(
    lists: Sequence[list[Any]],
    is_sorted: bool | None,
    is_distinct: bool | None,
    counted: bool = False,
    power_of_two: bool = False,
    is_rotated: bool = False,
) -> list[LearntTrait]:
    """Return the traits that all given lists have, in the order in which they are repaired.

    Args:
        lists: The given lists.
        is_sorted: Whether the statement says that the list is sorted; None: it says nothing.
        is_distinct: Whether the statement says that its elements differ; None: it says nothing.
        counted: Whether the statement says how often elements occur.
        power_of_two: Whether the statement speaks of powers of two.
        is_rotated: Whether the statement speaks of a sorted list that is rotated.
    """
    long = [values for values in lists if len(values) >= 2]
    learnt = []
    if sum(map(len, long)) >= 2 and all(map(_have_one_length, lists)) and any(len(one[0]) > 1 for one in long):
        learnt.append(LearntTrait(SQUARE if all(map(_are_square, lists)) else ONE_LENGTH, rule=True))
    if any(len(values) >= 3 for values in lists) and all(map(_is_triangle, lists)):
        learnt.append(LearntTrait(TRIANGLE, rule=True))
    if len(long) >= 2 and len({_kind_of(value) for values in lists for value in values}) > 1:
        learnt += [LearntTrait(ONE_KIND, rule=True)] if all(map(_are_of_one_kind, lists)) else []
    if counted and any(lists):
        multiplicities = learn_multiplicities(lists)
        learnt.append(LearntTrait(Trait("so often", multiplicities.holds, multiplicities.repair), rule=True))
    for permutation in (PERMUTATION_0, PERMUTATION_1):
        if sum(map(len, long)) >= 5 and all(map(permutation.holds, lists)):
            learnt.append(LearntTrait(permutation, rule=True))
    if all(map(_is_distinct, lists)) and is_distinct is not False:
        learnt.append(LearntTrait(DISTINCT, bool(is_distinct) or _chance_distinct(long) <= CHANCE))
    if power_of_two and long and all(map(POWER_OF_TWO.holds, lists)):
        learnt.append(LearntTrait(POWER_OF_TWO, rule=True))
    if is_rotated and long and all(map(ROTATED.holds, lists)):
        return [*learnt, LearntTrait(ROTATED, rule=True)]
    return learnt + _learn_order(lists, long, is_sorted)


def _learn_order(lists: Sequence[list[Any]], long: Sequence[list[Any]], is_sorted: bool | None) -> list[LearntTrait]:
    """Return the orders that all given lists have; a weaker one only where it is no chance."""
    if not long or is_sorted is False:
        return []
    chances = [_chance_sorted(values) for values in long]
    chance = math.prod(chances)
    orders = [order for order in (SORTED, REVERSED) if all(map(order.holds, lists))]
    if orders:
        return [LearntTrait(order, bool(is_sorted) or chance <= CHANCE) for order in orders]
    most = CHANCE_IF_STATED if is_sorted else CHANCE
    if all(map(MONOTONE.holds, lists)) and math.prod(min(1.0, 2 * one) for one in chances) <= most:
        return [LearntTrait(MONOTONE, rule=True)]
    turns = (min(1.0, len(values) * one) for values, one in zip(long, chances, strict=True))
    if all(map(ROTATED.holds, lists)) and math.prod(turns) <= most:
        return [LearntTrait(ROTATED, rule=True)]
    return []


def _chance_sorted(values: list[Any]) -> float:
    return 1 / math.factorial(min(20, len(set(map(str, _keys(values))))))


def _chance_distinct(lists: Sequence[list[Any]]) -> float:
    """Return the probability that lists of these lengths have no copies, if drawn from as many values as were seen."""
    values = len({str(key) for one in lists for key in _keys(one)})
    numbers = [key for one in lists for key in _keys(one) if isinstance(key, (int, float))]
    if numbers:
        values = max(values, min(10**6, int(max(numbers) - min(numbers)) + 1))
    pairs = sum(len(one) * (len(one) - 1) / 2 for one in lists)
    return math.exp(-pairs / max(1, values)) if pairs else 1.0
