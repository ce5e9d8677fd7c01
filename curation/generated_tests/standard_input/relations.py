"""Relations among the values of a text: those that the statement states, and those that all given inputs share.

A few given values share much by chance. So a relation that no statement names is *hard*, never broken, where values
have no stated range or where it held too often for chance; else it is *soft*: an input that breaks it is ``Risk.OPEN``.
(Ernst and others, "Dynamically discovering likely program invariants", call these likely invariants.)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from curation.generated_tests.bounds import Bound
from curation.generated_tests.standard_input.scopes import Path, Scope

CHANCE = math.log(1000)
"""A relation that would hold by chance in one of so many is taken for a promise (natural logarithm)."""

MAX_MULTIPLES = 4
"""Pairs of values of which one is always a multiple of the other; more are chance."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison of two expressions; a list stands for each of its elements."""

    path: Path
    left: Bound
    operator: str
    """``<=``, ``<``, ``!=``, ``==``, ``%`` (the left is a multiple of the right) or ``gcd`` (no common divisor)."""
    right: Bound
    slots: Mapping[str, int]
    """The slot of each name."""
    is_hard: bool = True
    is_stated: bool = False

    def holds(self, scope: Scope) -> bool:
        """Return whether it holds in a scope of its path; true where a value is missing or not a number."""
        if self.operator == "!=" and {self.left.expression, self.right.expression} == set(self.slots):
            pair = [scope.single.get(slot) for slot in self.slots.values()]
            if any(isinstance(value, str) for value in pair):
                return pair[0] != pair[1]
        known: dict[str, int | float] = {}
        listed: list[tuple[str, list[Any]]] = []
        for name, slot in self.slots.items():
            if name.startswith("len_"):
                known[name] = len(scope.lists.get(slot) or str(scope.single.get(slot, "")))
            elif name.startswith("sum_"):
                if not all(isinstance(value, int) for value in scope.lists.get(slot, [])):
                    return True
                known[name] = sum(scope.lists.get(slot, []))
            elif slot in scope.single:
                value = scope.single[slot]
                if not isinstance(value, int):
                    return True
                known[name] = value
            elif slot not in scope.lists or listed:
                return True
            else:
                listed = [(name, scope.lists[slot])]
        if not listed:
            return self._compare(known)
        ((name, values),) = listed
        if self.operator in ("<", "<=") and values:  # a comparison with a list depends on its ends alone
            values = [min(values), max(values)]
        return all(not isinstance(value, int) or self._compare({**known, name: value}) for value in values)

    def _compare(self, known: Mapping[str, int | float]) -> bool:
        left, right = self.left.value(known), self.right.value(known)
        if left is None or right is None:
            return True
        match self.operator:
            case "<":
                return left < right
            case "<=":
                return left <= right
            case "!=":
                return left != right
            case "==":
                return left == right
            case "gcd":
                return math.gcd(int(left), int(right)) == 1
        return right != 0 and left % right == 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A property of every list of a slot: distinct, in order, a permutation."""

    path: Path
    slot: int
    kind: str
    """A key of ``LIST_KINDS``."""
    is_hard: bool = True

    def holds(self, scope: Scope) -> bool:
        """Return whether it holds in a scope of its path."""
        values = scope.lists.get(self.slot)
        return values is None or LIST_KINDS[self.kind](values)


@dataclass(frozen=True, slots=True)
class DistinctRows:
    """No two rows of a block are the same."""

    path: Path
    slots: tuple[int, ...]
    is_hard: bool = True

    def holds(self, scope: Scope) -> bool:
        """Return whether it holds in a scope of its path."""
        columns = [scope.lists.get(slot, []) for slot in self.slots]
        rows = list(zip(*columns, strict=False))
        return len(set(rows)) == len(rows)


@dataclass(frozen=True, slots=True)
class FixedEnd:
    """The first or the last value of every list of a slot is always the same, as the statement promises."""

    path: Path
    slot: int
    at: int
    """0 for the first value, -1 for the last."""
    value: int
    is_hard: bool = True

    def holds(self, scope: Scope) -> bool:
        """Return whether it holds in a scope of its path."""
        values = scope.lists.get(self.slot)
        return not values or values[self.at] == self.value


Relation = Compared | Listed | DistinctRows | FixedEnd


def _ordered(test: Callable[[Any, Any], bool]) -> Callable[[Sequence[Any]], bool]:
    def holds(values: Sequence[Any]) -> bool:
        return all(test(values[index], values[index + 1]) for index in range(len(values) - 1))

    return holds


LIST_KINDS: dict[str, Callable[[Sequence[Any]], bool]] = {
    "permutation of 1": lambda values: sorted(values) == list(range(1, len(values) + 1)),
    "permutation of 0": lambda values: sorted(values) == list(range(len(values))),
    "increasing": _ordered(lambda a, b: a < b),
    "decreasing": _ordered(lambda a, b: a > b),
    "nondecreasing": _ordered(lambda a, b: a <= b),
    "nonincreasing": _ordered(lambda a, b: a >= b),
    "distinct": lambda values: len(set(values)) == len(values),
    "unequal neighbours": lambda values: all(left != right for left, right in pairwise(values)),
    "earlier index": lambda values: all(0 < value <= index for index, value in enumerate(values, 1)),
    "earlier index from 0": lambda values: all(0 <= value <= index for index, value in enumerate(values)),
    "sum is zero": lambda values: all(isinstance(value, int) for value in values) and sum(values) == 0,
    "one parity": lambda values: len({value % 2 for value in values}) <= 1,
}
"""Properties of lists; the first that holds of an order or a permutation implies the weaker ones."""

_PROMISED_BY = {
    "permutation of 1": ("permutation",),
    "permutation of 0": ("permutation",),
    "increasing": ("sorted",),
    "decreasing": ("sorted",),
    "nondecreasing": ("sorted",),
    "nonincreasing": ("sorted",),
    "distinct": ("distinct", "permutation"),
    "earlier index": ("tree", "connected"),
    "earlier index from 0": ("tree", "connected"),
    "unequal neighbours": ("unequal neighbours",),
    "sum is zero": ("zero sum",),
    "one parity": ("parity",),
}
_IMPLIED = {
    "earlier index": ("earlier index from 0",),
    "permutation of 1": ("distinct", "unequal neighbours"),
    "permutation of 0": ("distinct", "unequal neighbours"),
    "increasing": ("nondecreasing", "distinct", "unequal neighbours"),
    "decreasing": ("nonincreasing", "distinct", "unequal neighbours"),
    "distinct": ("unequal neighbours",),
}


def relations_of_lists(
    path: Path, slot: int, lists: Sequence[Sequence[Any]], kinds: frozenset[str], is_stated: bool
) -> list[Listed]:
    """Return the properties that every given list of a slot has, and that are more than chance.

    Args:
        path: The body whose scopes hold the lists.
        slot: Their slot.
        lists: The given lists, at least one.
        kinds: Kinds of promises that the statement mentions.
        is_stated: Whether the range of the values is stated: then what nothing names counts only beyond chance.
    """
    found: list[Listed] = []
    implied: set[str] = set()
    numeric = all(isinstance(value, int) for values in lists for value in values)
    for kind, holds in LIST_KINDS.items():
        if (
            kind in implied
            or (not numeric and kind not in ("distinct", "unequal neighbours"))
            or not all(holds(values) for values in lists)
        ):
            continue
        promised = any(each in kinds for each in _PROMISED_BY[kind])
        chance = sum(_log_odds(kind, values) for values in lists)
        beyond = chance > CHANCE and not kind.startswith(("earlier index", "unequal"))
        if (promised and chance > 0) or (beyond and (kind != "distinct" or not is_stated)):
            found.append(Listed(path, slot, kind))
        elif (
            not is_stated
            and chance > 0
            and kind in ("increasing", "nondecreasing", "decreasing", "nonincreasing", "distinct")
        ):
            found.append(Listed(path, slot, kind, is_hard=False))
        else:
            continue
        implied.update(_IMPLIED.get(kind, ()))
    return found


def _log_odds(kind: str, values: Sequence[Any]) -> float:
    """Return minus the logarithm of the chance that an arbitrary list of this length has a property; about."""
    length = len(values)
    if length < 2:
        return 0.0
    if kind == "distinct":
        spread = (max(values) - min(values) + 1) if isinstance(values[0], int) else 50
        return min(length * (length - 1) / 2 / max(spread, 1), 5.0)
    if kind == "unequal neighbours":
        return (length - 1) / max(len(set(values)), 2)
    if kind in ("one parity",):
        return (length - 1) * math.log(2)
    if kind == "sum is zero":
        return math.log(length * 4)
    return math.lgamma(length + 1)


def pairs_of_singles(
    path: Path,
    scopes: Sequence[Scope],
    slots: Sequence[int],
    stated: Mapping[int, bool],
    kinds: frozenset[str],
    counts: frozenset[int],
) -> list[Compared]:
    """Return the comparisons that hold between single integers in all scopes of a path.

    Args:
        path: The path of the scopes.
        scopes: The scopes of every given input.
        slots: The single integer slots to compare; pairs need one of the body's own.
        stated: For each slot whether its range is stated.
        kinds: Kinds of promises that the statement mentions.
        counts: Slots that count something, which are distinct from other values by chance only.
    """
    found: list[Compared] = []
    own = set(scopes[0].own)
    for index, left in enumerate(slots):
        for right in slots[index + 1 :]:
            if left not in own and right not in own:
                continue
            pairs = {
                (scope.single[left], scope.single[right]) for scope in scopes if {left, right} <= scope.single.keys()
            }
            if pairs:
                both = stated.get(left, False) and stated.get(right, False)
                values = kinds - {"distinct"} if {left, right} & counts else kinds
                found += _comparisons(path, left, right, pairs, both, values)
    multiples = [each for each in found if each.operator == "%"]
    if len(multiples) > MAX_MULTIPLES:  # small and equal values are multiples of each other by chance
        found = [each for each in found if each.operator != "%"]
    return found


def _comparisons(
    path: Path, left: int, right: int, pairs: set[tuple[int, int]], both_stated: bool, kinds: frozenset[str]
) -> list[Compared]:
    def relate(first: int, operator: str, second: int, is_hard: bool) -> Compared:
        names = (f"s{first}", f"s{second}")
        slots = {names[0]: first, names[1]: second}
        return Compared(path, Bound(names[0], names[:1]), operator, Bound(names[1], names[1:]), slots, is_hard)

    often = len(pairs) * math.log(2) > CHANCE
    is_hard = not both_stated or often
    if both_stated and len(pairs) < 3 and "distinct" not in kinds and "divisible" not in kinds:
        return []  # one or two cases show nothing, and the statement had its say
    found: list[Compared] = []
    for first, second, ordered in ((left, right, pairs), (right, left, {(b, a) for a, b in pairs})):
        if all(a < b for a, b in ordered) and not both_stated:
            found.append(relate(first, "<", second, True))
        elif all(a <= b for a, b in ordered) and (not both_stated or len(pairs) > 2):
            found.append(relate(first, "<=", second, is_hard))
        if "divisible" in kinds and all(b > 1 and a % b == 0 for a, b in ordered):
            found.append(relate(first, "%", second, True))
    differ = all(a != b for a, b in pairs)
    if differ and ("distinct" in kinds or (not found and not both_stated and len(pairs) > 3)):
        found.append(relate(left, "!=", right, True))
    return found


def equal_lengths(path: Path, scopes: Sequence[Scope], slots: Sequence[int], free: frozenset[int]) -> list[Compared]:
    """Return the pairs of texts that are of one length in all scopes of a path.

    Args:
        path: The path of the scopes.
        scopes: The scopes of every given input.
        slots: The single text slots of the body itself, whose length no other value tells.
        free: Slots whose lengths are stated: they are of one length by chance, unless it came too often.
    """
    found: list[Compared] = []
    for left, right in pairwise(slots):
        lengths = {(len(scope.single[left]), len(scope.single[right])) for scope in scopes}
        needed = 3 if {left, right} <= free else 1
        if all(a == b for a, b in lengths) and len(lengths) >= needed and lengths != {(1, 1)}:
            names = (f"len_s{left}", f"len_s{right}")
            slots_of = {names[0]: left, names[1]: right}
            found.append(Compared(path, Bound(names[0], names[:1]), "==", Bound(names[1], names[1:]), slots_of))
    return found


def pairs_with_lists(
    path: Path, scopes: Sequence[Scope], singles: Sequence[int], lists: Sequence[int], stated: Mapping[int, bool]
) -> list[Compared]:
    """Return the bounds that single integers put on all elements of lists, in all scopes of a path.

    For an element and a single value whose ranges are both stated, the statement's own comparisons say what holds.
    """
    found: list[Compared] = []
    for single in singles:
        for slot in lists:
            if stated.get(slot, False):
                continue
            seen = [
                (scope.single[single], scope.lists[slot])
                for scope in scopes
                if single in scope.single and scope.lists.get(slot)
            ]
            if not seen:
                continue
            names = (f"s{slot}", f"s{single}")
            slots = {names[0]: slot, names[1]: single}
            elements, bound = Bound(names[0], names[:1]), Bound(names[1], names[1:])
            if all(max(values) <= limit for limit, values in seen):
                found.append(Compared(path, elements, "<=", bound, slots, True))
    return found
