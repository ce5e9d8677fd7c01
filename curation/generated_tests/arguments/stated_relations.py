"""Relations that the statement states between parameters by name: ``k <= nums.length``, ``a < b``, ``k <= n*m``,
``position[i] < target``, ``a[i] < b[i]``."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.generated_tests.arguments.stated_facts import Facts
from curation.generated_tests.stated_ranges import Comparison, canonical_name

Number = int | float


def _is_multiple(left: Number, right: Number) -> bool:
    return right != 0 and left % right == 0


def _are_coprime(left: Number, right: Number) -> bool:
    return math.gcd(int(left), int(right)) == 1


_OPERATORS: Mapping[str, Callable[[Number, Number], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    "!=": operator.ne,
    "%": _is_multiple,
    "gcd": _are_coprime,
}


@dataclass(frozen=True, slots=True)
class StatedRelation:
    """A comparison of the statement that all given inputs obey."""

    comparison: Comparison
    names: tuple[str, ...]
    """The names of the parameters."""

    def holds(self, arguments: Sequence[Any]) -> bool:
        """Return whether it holds, also for each element of a list; true where it speaks of what is no argument."""
        known = _known(self.names, arguments)
        elements = {name for name in self.comparison.left.names + self.comparison.right.names if name.endswith("[]")}
        if not elements:
            return self._holds(known)
        lists = [_elements(name, self.names, arguments) for name in sorted(elements)]
        rows = zip(*lists, strict=False)
        return all(self._holds({**known, **dict(zip(sorted(elements), row, strict=True))}) for row in rows)

    def _holds(self, known: Mapping[str, Number]) -> bool:
        left, right = self.comparison.left.value(known), self.comparison.right.value(known)
        if left is None or right is None:
            return True
        return bool(_OPERATORS[self.comparison.operator](left, right))


def stated_relations(facts: Sequence[Facts], inputs: Sequence[Sequence[Any]]) -> list[StatedRelation]:
    """Return the comparisons of the statement that name parameters only, and that no given input violates."""
    names = tuple(canonical_name(one.name) if one.name else "" for one in facts)
    own = {*names, *(f"len_{name}" for name in names), *(f"{name}[]" for name in names)} - {"", "len_", "[]"}
    stated = facts[0].ranges.comparisons if facts else ()
    relations = [
        StatedRelation(one, names)
        for one in stated
        if one.operator in _OPERATORS and {*one.left.names, *one.right.names} <= own
    ]
    return [relation for relation in relations if all(map(relation.holds, inputs))]


def _elements(name: str, names: Sequence[str], arguments: Sequence[Any]) -> list[Number]:
    """Return the numbers of the list that ``name[]`` speaks of; none where it holds anything else."""
    value = arguments[names.index(name.removesuffix("[]"))] if len(arguments) == len(names) else None
    is_of_numbers = isinstance(value, list) and all(type(item) in (int, float) for item in value)
    return list(value) if isinstance(value, list) and is_of_numbers else []


def _known(names: Sequence[str], arguments: Sequence[Any]) -> dict[str, Number]:
    known: dict[str, Number] = {}
    for name, value in zip(names, arguments, strict=False):
        if isinstance(value, (list, str)):
            known[f"len_{name}"] = len(value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            known[name] = value
    return known
