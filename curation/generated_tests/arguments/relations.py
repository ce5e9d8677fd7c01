"""Relations between two arguments: lengths, indices, elements, order. Learnt from given inputs, kept or repaired."""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from curation.generated_tests.arguments.stated_facts import Facts
from curation.generated_tests.stated_ranges import canonical_name

Arguments = list[Any]


@dataclass(frozen=True, slots=True)
class RelationKind:
    """A kind of relation between a left and a right argument."""

    name: str
    holds: Callable[[Any, Any], bool]
    repair: Callable[[Any, Any, random.Random], tuple[Any, Any]]
    """Return both arguments changed so that the relation holds, if that is possible."""
    is_symmetric: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation that holds in all given inputs."""

    kind: RelationKind
    left: int
    right: int
    rule: bool
    """True: an input without it is invalid. False: it may be chance, and an input without it is an open risk."""

    def holds(self, arguments: Arguments) -> bool:
        """Return whether it holds; true where an argument is absent."""
        if max(self.left, self.right) >= len(arguments):
            return True
        return self.kind.holds(arguments[self.left], arguments[self.right])

    def repair(self, arguments: Arguments, rng: random.Random) -> Arguments:
        """Return the arguments changed so that it holds, if that is possible."""
        if self.holds(arguments):
            return arguments
        changed = list(arguments)
        changed[self.left], changed[self.right] = self.kind.repair(arguments[self.left], arguments[self.right], rng)
        return changed


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_sized(value: Any) -> bool:
    return isinstance(value, (list, str))


def _is_grid(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, (list, str)) for row in value)


def _cut(left: Any, right: Any, rng: random.Random) -> tuple[Any, Any]:
    """Give two lists or texts one length: the longer is cut, or the shorter repeated."""
    short, long = sorted((len(left), len(right)))
    length = short if short and rng.random() < 0.6 else long
    return _fit(left, length), _fit(right, length)


def _fit(value: Any, length: int) -> Any:
    return (value * (length // len(value) + 1))[:length] if len(value) else value


def _numbers_in(value: Any) -> list[int]:
    if isinstance(value, list):
        return [number for child in value for number in _numbers_in(child)]
    return [value] if _is_whole(value) else []


def _are_edges(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(edge, list) and len(edge) == 3 and all(map(_is_whole, edge)) for edge in value
    )


def _limit_numbers(value: Any, limit: int, least: int) -> Any:
    if isinstance(value, list):
        return [_limit_numbers(child, limit, least) for child in value]
    return least + (value - least) % max(1, limit - least + 1) if _is_whole(value) else value


def _choose_element(left: Any, right: Any, rng: random.Random) -> Any:
    if not right:
        return left
    if isinstance(right, str):
        at = rng.randrange(len(right))
        return right[at : at + max(1, len(left))]
    return rng.choice(right)


def _coordinates_hold(left: Any, right: Any) -> bool:
    is_pair = isinstance(left, list) and len(left) == 2 and all(map(_is_whole, left))
    return is_pair and _is_grid(right) and 0 <= left[0] < len(right) and 0 <= left[1] < len(right[left[0]])


def _move_inside(left: Any, right: Any, rng: random.Random) -> tuple[Any, Any]:
    if not _is_grid(right) or not right[0]:
        return left, right
    return [rng.randrange(len(right)), rng.randrange(len(right[0]))], right


SAME_LENGTH = RelationKind(
    "same length", lambda a, b: _is_sized(a) and _is_sized(b) and len(a) == len(b), _cut, is_symmetric=True
)
IS_LENGTH = RelationKind(
    "length", lambda a, b: _is_whole(a) and _is_sized(b) and a == len(b), lambda a, b, _: (len(b), b)
)
ONE_LESS = RelationKind(
    "one less than the length",
    lambda a, b: _is_whole(a) and _is_sized(b) and a == len(b) - 1,
    lambda a, b, _: (max(len(b) - 1, 0), b),
)
ONE_MORE = RelationKind(
    "one more than the length",
    lambda a, b: _is_whole(a) and _is_sized(b) and a == len(b) + 1,
    lambda a, b, _: (len(b) + 1, b),
)
IS_WIDTH = RelationKind(
    "width", lambda a, b: _is_whole(a) and _is_grid(b) and a == len(b[0]), lambda a, b, _: (len(b[0]) if b else a, b)
)
IS_INDEX = RelationKind(
    "index",
    lambda a, b: _is_whole(a) and _is_sized(b) and 0 <= a < len(b),
    lambda a, b, rng: (rng.randrange(len(b)) if b else a, b),
)
AT_MOST_LENGTH = RelationKind(
    "at most length",
    lambda a, b: _is_whole(a) and _is_sized(b) and 0 <= a <= len(b),
    lambda a, b, rng: (rng.randint(min(1, len(b)), len(b)), b),
)
IS_ELEMENT = RelationKind(
    "element",
    lambda a, b: (isinstance(b, list) and a in b) or (isinstance(b, str) and isinstance(a, str) and bool(a) and a in b),
    lambda a, b, rng: (_choose_element(a, b, rng), b),
)
BELOW = RelationKind(
    "below", lambda a, b: _is_number(a) and _is_number(b) and a < b, lambda a, b, _: (min(a, b), max(a, b))
)
AT_MOST = RelationKind(
    "at most", lambda a, b: _is_number(a) and _is_number(b) and a <= b, lambda a, b, _: (min(a, b), max(a, b))
)
NUMBERS_BELOW = RelationKind(
    "numbers below",
    lambda a, b: isinstance(a, list) and _is_whole(b) and all(0 <= number < b for number in _numbers_in(a)),
    lambda a, b, _: (_limit_numbers(a, b - 1, 0), b),
)
NUMBERS_AT_MOST = RelationKind(
    "numbers at most",
    lambda a, b: isinstance(a, list) and _is_whole(b) and all(0 <= number <= b for number in _numbers_in(a)),
    lambda a, b, _: (_limit_numbers(a, b, min(_numbers_in(a), default=0) and 1), b),
)
LABELS_BELOW = RelationKind(
    "labels below",
    lambda a, b: _are_edges(a) and _is_whole(b) and all(0 <= node < b for edge in a for node in edge[:2]),
    lambda a, b, _: ([[*_limit_numbers(edge[:2], b - 1, 0), *edge[2:]] for edge in a] if _are_edges(a) else a, b),
)
"""As ``NUMBERS_BELOW``, for edges with weights: the first two numbers of each."""
SAME_ELEMENTS = RelationKind(
    "same elements",
    lambda a, b: _is_sized(a) and type(a) is type(b) and sorted(map(str, a)) == sorted(map(str, b)) and len(a) > 1,
    lambda a, b, rng: (a, _shuffled(a, rng)),
    is_symmetric=True,
)
IS_COLUMN = RelationKind(
    "column",
    lambda a, b: _is_whole(a) and _is_grid(b) and 0 <= a < len(b[0]),
    lambda a, b, rng: (rng.randrange(len(b[0])) if b and b[0] else a, b),
)
PART = RelationKind(
    "part",
    lambda a, b: isinstance(a, list) and isinstance(b, list) and not Counter(map(str, a)) - Counter(map(str, b)),
    lambda a, b, rng: (rng.sample(b, min(len(b), max(len(b) - 1, 0) if rng.random() < 0.5 else len(a))), b),
)
"""Every element of the left list stands in the right one, as often."""
AT_MOST_SUM = RelationKind(
    "at most sum",
    lambda a, b: _is_number(a) and isinstance(b, list) and all(map(_is_number, b)) and a <= sum(b),
    lambda a, b, rng: (rng.randint(min(0, sum(map(int, b))), sum(map(int, b))) if all(map(_is_number, b)) else a, b),
)
AT_MOST_PERMUTATIONS = RelationKind(
    "at most permutations",
    lambda a, b: _is_whole(a) and _is_whole(b) and b >= 0 and a <= math.factorial(min(b, 30)),
    lambda a, b, rng: (rng.randint(1, math.factorial(min(max(b, 0), 20))) if _is_whole(b) else a, b),
)
IN_GRID = RelationKind("place in the grid", _coordinates_hold, _move_inside)

AS_ITS_ELEMENTS = RelationKind(
    "as long as its elements",
    lambda a, b: isinstance(a, str) and _is_grid(b) and all(isinstance(one, str) and len(one) == len(a) for one in b),
    lambda a, b, _: (_fit(a, len(b[0])) if isinstance(a, str) and _is_grid(b) else a, b),
)
"""A text of the length that all texts of a list have."""

KINDS = (
    SAME_ELEMENTS,
    SAME_LENGTH,
    AS_ITS_ELEMENTS,
    IS_LENGTH,
    ONE_LESS,
    ONE_MORE,
    IS_WIDTH,
    IS_INDEX,
    AT_MOST_LENGTH,
    IS_ELEMENT,
    BELOW,
    AT_MOST,
    NUMBERS_BELOW,
    NUMBERS_AT_MOST,
    LABELS_BELOW,
    IS_COLUMN,
    PART,
    AT_MOST_SUM,
    AT_MOST_PERMUTATIONS,
    IN_GRID,
)
_IMPLIED = {IS_INDEX: AT_MOST_LENGTH, BELOW: AT_MOST, NUMBERS_BELOW: NUMBERS_AT_MOST, SAME_ELEMENTS: SAME_LENGTH}
"""A relation, and the weaker one that it makes superfluous."""

_COUNTS = re.compile(
    r"^(?:[knmijx]|\w*(?:pos|position|index|idx|start|end|stop|count|num|number|size|len|length|amount|offset|nth|th|largest|"
    r"chunk|elements?|places?|steps?))$",
    re.IGNORECASE,
)
_ENDS = re.compile(r"^(?:start|begin|from|first|lo|low|lower|left|l|min\w*|a|x1?|n1?|st|start\w*|m)$", re.IGNORECASE)
_INTERVAL = re.compile(r"\b(?:range|interval|between|from\b.{1,20}\bto\b|inclusive|limits?|bounds?)\b", re.IGNORECASE)
FEW_LENGTHS = 3
"""A number that is one off the length of a list of so many different lengths is no chance."""
ENOUGH = 5
"""An order of two numbers that holds in so many given inputs is no chance."""


def _shuffled(value: Any, rng: random.Random) -> Any:
    mixed = rng.sample(list(value), len(value))
    return "".join(mixed) if isinstance(value, str) else mixed


def learn_relations(inputs: Sequence[Arguments], facts: Sequence[Facts], question: str) -> list[Relation]:
    """Return the relations that hold in all given inputs, in the order in which they are repaired."""
    count = min(map(len, inputs))
    found: list[Relation] = []
    for kind in KINDS:
        for left, right in permutations(range(count), 2):
            if kind.is_symmetric and left > right:
                continue
            if any(
                one.kind in _IMPLIED and _IMPLIED[one.kind] is kind and (one.left, one.right) == (left, right)
                for one in found
            ):
                continue
            if not all(kind.holds(given[left], given[right]) for given in inputs):
                continue
            if kind in (ONE_LESS, ONE_MORE) and len({len(given[right]) for given in inputs}) < FEW_LENGTHS:
                continue
            if kind is AS_ITS_ELEMENTS and len({len(given[left]) for given in inputs}) < 2:
                continue
            if kind is PART and (len(inputs) < 3 or not any(given[left] for given in inputs)):
                continue
            if kind is AT_MOST_SUM and not _needs_a_sum(inputs, left, right):
                continue
            if kind is AT_MOST_PERMUTATIONS and "permutation" not in question.lower():
                continue
            if kind is IS_COLUMN and not any(isinstance(given[right][0], list) for given in inputs):
                continue
            if kind is LABELS_BELOW and not any(edge[:2] for given in inputs for edge in given[left]):
                continue
            if kind in (NUMBERS_BELOW, NUMBERS_AT_MOST) and not _reaches(inputs, left, right):
                continue
            found.append(Relation(kind, left, right, _is_rule(kind, left, right, inputs, facts, question)))
    return found


def _reaches(inputs: Sequence[Arguments], left: int, right: int) -> bool:
    """Return whether the numbers of some input come near the limit, as labels of nodes do."""
    return any(max(_numbers_in(given[left]), default=-9) >= given[right] - 1 for given in inputs)


def _needs_a_sum(inputs: Sequence[Arguments], left: int, right: int) -> bool:
    """Return whether the number is greater than any element of the list in most inputs, as a total to reach is."""
    beyond = sum(bool(given[right]) and given[left] > max(given[right]) for given in inputs)
    return len(inputs) >= 3 and beyond > len(inputs) / 2


def _is_rule(
    kind: RelationKind, left: int, right: int, inputs: Sequence[Arguments], facts: Sequence[Facts], question: str
) -> bool:
    names = canonical_name(facts[left].name), canonical_name(facts[right].name)
    if kind in (BELOW, AT_MOST):
        if len(inputs) >= ENOUGH or _is_compared(facts[left], *names):
            return True
        return bool(_ENDS.match(names[0])) and bool(_INTERVAL.search(question))
    if kind in (IS_INDEX, AT_MOST_LENGTH):
        return len(inputs) >= ENOUGH or bool(_COUNTS.match(names[0]))
    if kind is IS_ELEMENT:
        return len(inputs) >= 2
    return True


def _is_compared(facts: Facts, left: str, right: str) -> bool:
    """Return whether the statement compares the two by name."""
    return any({left, right} <= {*one.left.names, *one.right.names} for one in facts.ranges.comparisons)
