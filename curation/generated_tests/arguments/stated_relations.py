"""Relations that the statement states between parameters by name: ``k <= nums.length``, ``a < b``, ``k <= n*m``."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curation.generated_tests.arguments.stated_facts import Facts
from curation.generated_tests.stated_ranges import Comparison, canonical_name

_OPERATORS = {"<=": operator.le, "<": operator.lt, "!=": operator.ne}


@dataclass(frozen=True, slots=True)
class StatedRelation:
    """A comparison of the statement that all given inputs obey."""

    comparison: Comparison
    names: tuple[str, ...]
    """The names of the parameters."""

    def holds(self, arguments: Sequence[Any]) -> bool:
        """Return whether it holds; true where it speaks of something that is no argument."""
        known = _known(self.names, arguments)
        left, right = self.comparison.left.value(known), self.comparison.right.value(known)
        if left is None or right is None:
            return True
        return bool(_OPERATORS[self.comparison.operator](left, right))


def stated_relations(facts: Sequence[Facts], inputs: Sequence[Sequence[Any]]) -> list[StatedRelation]:
    """Return the comparisons of the statement that name parameters only, and that no given input violates."""
    names = tuple(canonical_name(one.name) if one.name else "" for one in facts)
    own = {*names, *(f"len_{name}" for name in names)} - {"", "len_"}
    stated = facts[0].ranges.comparisons if facts else ()
    relations = [
        StatedRelation(one, names)
        for one in stated
        if one.operator in _OPERATORS and {*one.left.names, *one.right.names} <= own
    ]
    return [relation for relation in relations if all(map(relation.holds, inputs))]


def _known(names: Sequence[str], arguments: Sequence[Any]) -> dict[str, int | float]:
    known: dict[str, int | float] = {}
    for name, value in zip(names, arguments, strict=False):
        if isinstance(value, (list, str)):
            known[f"len_{name}"] = len(value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            known[name] = value
    return known
