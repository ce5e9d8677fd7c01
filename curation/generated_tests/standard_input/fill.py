"""Fill a grammar with values of a profile, within the ranges and the relations of the model."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from curation.generated_tests.candidate import Risk
from curation.generated_tests.standard_input.domains import Decimals, Integers, Texts
from curation.generated_tests.standard_input.edge_lists import EdgeList
from curation.generated_tests.standard_input.grammar import Body, Line, Repeat, Text, Tree
from curation.generated_tests.standard_input.profiles import Profile, pick, pick_text, style_of
from curation.generated_tests.standard_input.relations import Compared, DistinctRows, FixedEnd, Listed
from curation.generated_tests.standard_input.scopes import Path
from curation.generated_tests.standard_input.text_model import MAX_CHARACTERS, TextModel

TRIES = 6
"""Values tried for one slot before the whole is given up."""


class CannotFillError(Exception):
    """No value fits: the profile asks for what ranges and relations forbid."""


@dataclass(slots=True)
class Filler:
    """Fills bodies of one model."""

    model: TextModel
    rng: random.Random
    profile: Profile
    made: int = 0
    """Values made so far: a text that grows too long is given up early."""

    def body(self, body: Body, path: Path, single: dict[int, Any]) -> Tree:
        """Return a tree of a body; ``single`` holds what is known around it and takes what it makes.

        Raises:
            CannotFillError: Ranges and relations leave no value.
        """
        tree: Tree = []
        for index, element in enumerate(body):
            if isinstance(element, Repeat):
                tree.append(self.block(element, path, index, single))
            elif isinstance(element, Text):
                tree.append([self._text(element.slot, path, single)])
            else:
                tree.append(self.line(element, path, single))
        return tree

    def line(self, line: Line, path: Path, single: dict[int, Any]) -> list[Any]:
        """Return the values of a line."""
        values: list[Any] = []
        for slot in line.tokens:
            single[slot] = self.value(slot, path, single)
            values.append(single[slot])
        if line.vector is not None:
            count = line.count.of(single) if line.count is not None else self._free_count()
            if count is None or count < 0:
                raise CannotFillError
            single[line.vector] = self._with_ends(line.vector, path, self.values(line.vector, path, count, single))
            values.append(single[line.vector])
        return values

    def block(self, block: Repeat, path: Path, index: int, single: dict[int, Any]) -> list[Tree]:
        """Return the iterations of a block."""
        count = block.count.of(single) if block.count is not None else self._free_count()
        if count is None or count < 0:
            raise CannotFillError
        edges = next((each for each in self.model.edge_lists if (each.path, each.block) == (path, index)), None)
        if edges is not None:
            return self._edges(edges, block, (*path, index), count, single)
        rows: list[Tree] = []
        if self._has_distinct_rows(block, path):
            return self._in_order(block, path, self._distinct_rows(block, (*path, index), count, single))
        for _ in range(count):
            rows.append(self.body(block.body, (*path, index), dict(single)))
            self._tie(rows)
        return self._rows_with_ends(block, path, self._in_order(block, path, rows))

    def _fixed(self, slot: int | None, path: Path) -> list[FixedEnd]:
        relations = self.model.relations.get(path, ())
        return [each for each in relations if isinstance(each, FixedEnd) and each.slot == slot]

    def _with_ends(self, slot: int, path: Path, values: list[Any]) -> list[Any]:
        """Return the values of a list with the ends that are always the same."""
        for end in self._fixed(slot, path) if values else ():
            values[end.at] = end.value
        return values

    def _rows_with_ends(self, block: Repeat, path: Path, rows: list[Tree]) -> list[Tree]:
        """Return rows whose columns have the ends that are always the same."""
        line = block.body[0]
        if len(block.body) == 1 and isinstance(line, Line) and rows:
            for column, slot in enumerate(line.tokens):
                for end in self._fixed(slot, path):
                    rows[end.at][0][column] = end.value
        return rows

    def _has_distinct_rows(self, block: Repeat, path: Path) -> bool:
        line = block.body[0]
        return isinstance(line, Line) and any(
            isinstance(relation, DistinctRows) and relation.slots == line.tokens
            for relation in self.model.relations.get(path, ())
        )

    def _distinct_rows(self, block: Repeat, path: Path, count: int, single: dict[int, Any]) -> list[Tree]:
        """Return iterations of a block of which no two are the same."""
        rows: dict[str, Tree] = {}
        for _ in range(count * TRIES):
            if len(rows) == count:
                break
            row = self.body(block.body, path, dict(single))
            rows.setdefault(repr(row), row)
        if len(rows) < count:
            raise CannotFillError
        return list(rows.values())

    def value(self, slot: int, path: Path, single: dict[int, Any]) -> Any:
        """Return a single value for a slot that fits what is known."""
        self._count()
        domain = self.model.domains[slot]
        if isinstance(domain, Integers):
            return self._integer(slot, domain, path, single)
        if isinstance(domain, Decimals):
            return f"{self.rng.uniform(domain.low, domain.high):.{domain.digits}f}"
        return self._text(slot, path, single)

    def values(self, slot: int, path: Path, count: int, single: dict[int, Any]) -> list[Any]:
        """Return the values of a list, with the properties that all given lists have."""
        kinds = {
            relation.kind
            for relation in self.model.relations.get(path, ())
            if isinstance(relation, Listed) and relation.slot == slot
        }
        if {"permutation of 1", "permutation of 0"} & kinds:
            values = list(range(count)) if "permutation of 0" in kinds else list(range(1, count + 1))
            self.rng.shuffle(values)
            return _ordered(values, self.profile.order)
        if kinds & {"earlier index", "earlier index from 0"}:
            start = 1 if "earlier index" in kinds else 0
            deep = 2 if self.profile.order or self.profile.values == "high" else count
            return [self.rng.randint(max(start, end - deep), end) for end in range(start, count + start)]
        style = style_of(self.profile.values, self.rng)
        ends = self._ends_of_list(slot, path, single)
        if self.profile.ties and "distinct" not in kinds and "increasing" not in kinds:
            pool = [self._one(slot, single, style, ends) for _ in range(self.profile.ties)]
            values = [self.rng.choice(pool) for _ in range(count)]
        elif kinds & {"distinct", "increasing", "decreasing"}:
            values = self._distinct(slot, count, single, style, ends)
        else:
            values = [self._one(slot, single, style, ends) for _ in range(count)]
        if "unequal neighbours" in kinds:
            values = self._unequal(values, slot, single, ends)
        if "sum is zero" in kinds and values:
            values[-1] -= sum(values)
        if kinds & {"increasing", "nondecreasing"}:
            return sorted(values)
        if kinds & {"decreasing", "nonincreasing"}:
            return sorted(values, reverse=True)
        return _ordered(values, self.profile.order)

    def _ends_of_list(self, slot: int, path: Path, single: dict[int, Any]) -> tuple[int, int]:
        domain = self.model.domains[slot]
        return self._ends(slot, domain, path, single) if isinstance(domain, Integers) else (0, 0)

    def _count(self, values: int = 1) -> None:
        """Count values before they are made. Raises CannotFillError if they are too many for a text."""
        self.made += values
        if self.made > MAX_CHARACTERS // 2:  # a value and the sign after it are two characters or more
            raise CannotFillError

    def _one(self, slot: int, single: dict[int, Any], style: str, ends: tuple[int, int]) -> Any:
        domain = self.model.domains[slot]
        if isinstance(domain, Integers):
            self._count()
            return _on_step(pick(*ends, style, self.rng), *ends, domain)
        return self.value(slot, (), single)

    def _distinct(self, slot: int, count: int, single: dict[int, Any], style: str, ends: tuple[int, int]) -> list[Any]:
        values: dict[Any, None] = {}
        for attempt in range(count * 12):
            if len(values) >= count:
                break
            values[self._one(slot, single, style if attempt < count * 3 else "uniform", ends)] = None
        if len(values) < count:
            raise CannotFillError
        return list(values)

    def _unequal(self, values: list[Any], slot: int, single: dict[int, Any], ends: tuple[int, int]) -> list[Any]:
        """Return the values with another in the place of each that equals the one before."""
        made: list[Any] = []
        for value in values:
            for _ in range(TRIES):
                if not made or value != made[-1]:
                    break
                value = self._one(slot, single, "uniform", ends)
            made.append(value)
        return made

    def _integer(self, slot: int, domain: Integers, path: Path, single: dict[int, Any]) -> int:
        low, high = self._ends(slot, domain, path, single)
        counts = slot in self.model.counts
        if counts and low <= self.profile.max_count:
            high = min(high, self.profile.max_count)
        if counts and high > 5000:
            raise CannotFillError
        pinned = self.profile.pinned.get(slot)
        style = style_of(self.profile.counts if counts else self.profile.values, self.rng)
        for _ in range(TRIES):
            if isinstance(pinned, int):
                value = pinned
            elif isinstance(pinned, str):
                value = {"low": low, "low+1": low + 1, "high-1": high - 1, "high": high}[pinned]
            else:
                value = _on_step(pick(low, high, style, self.rng), low, high, domain)
            value = self._multiple(slot, value, path, single)
            if low <= value <= high and self._fits(slot, value, path, single):
                return value
            style = "uniform"
        raise CannotFillError

    def _ends(self, slot: int, domain: Integers, path: Path, single: dict[int, Any]) -> tuple[int, int]:
        """Return the ends of a slot's values, narrowed by relations to values that are known."""
        low, high = domain.ends(Risk.STATED)
        for relation in self._relations(path):
            if relation.operator not in ("<", "<=", "=="):
                continue
            strict = relation.operator == "<"
            if relation.slots.get(relation.left.expression) == slot:
                limit = relation.right.value(_known(relation, single))
                if limit is not None and slot not in (relation.slots[name] for name in relation.right.names):
                    high = min(high, int(limit - strict))
                    low = max(low, int(limit)) if relation.operator == "==" else low
            elif relation.slots.get(relation.right.expression) == slot:
                limit = relation.left.value(_known(relation, single))
                if limit is not None and slot not in (relation.slots[name] for name in relation.left.names):
                    low = max(low, int(limit + strict))
        if low > high:
            raise CannotFillError
        return low, high

    def _relations(self, path: Path) -> Iterator[Compared]:
        yield from self.model.comparisons.get(path, ())

    def _multiple(self, slot: int, value: int, path: Path, single: dict[int, Any]) -> int:
        for relation in self._relations(path):
            if relation.operator == "%" and relation.slots.get(relation.left.expression) == slot:
                base = single.get(relation.slots[relation.right.expression])
                return max(1, value // base) * base if base else value
            if relation.operator == "%" and relation.slots.get(relation.right.expression) == slot:
                multiple = single.get(relation.slots[relation.left.expression])
                return self.rng.choice(_divisors(multiple)) if multiple else value
        return value

    def _fits(self, slot: int, value: int, path: Path, single: dict[int, Any]) -> bool:
        for relation in self._relations(path):
            if relation.operator in ("!=", "gcd") and slot in relation.slots.values():
                known = _known(relation, {**single, slot: value})
                left, right = relation.left.value(known), relation.right.value(known)
                if left is None or right is None:
                    continue
                if left == right if relation.operator == "!=" else math.gcd(int(left), int(right)) != 1:
                    return False
        return True

    def _text(self, slot: int, path: Path, single: dict[int, Any]) -> str:
        domain = self.model.domains[slot]
        assert isinstance(domain, Texts)
        if domain.alphabet is None:
            return self.rng.choice(domain.vocabulary)
        style = style_of(self.profile.values, self.rng)
        if domain.length_slot is not None and domain.length_slot in single:
            length = single[domain.length_slot] + domain.length_offset
        elif (other := self._as_long_as(slot, path, single)) is not None:
            length = other
        else:
            low, high = domain.lengths(Risk.STATED)
            length = pick(
                low, max(low, min(high, self.profile.max_count)), style_of(self.profile.counts, self.rng), self.rng
            )
            length -= (length - domain.shortest) % domain.length_modulus
            length += domain.length_modulus if length < low else 0
        text = pick_text(domain.alphabet, length, style, self.profile.ties, self.rng)
        if domain.is_palindrome:
            text = text[: (length + 1) // 2] + text[: length // 2][::-1]
        return text if domain.starts_with_zero else text.replace("0", "1", 1) if text[:1] == "0" else text

    def _as_long_as(self, slot: int, path: Path, single: dict[int, Any]) -> int | None:
        """Return the length of another text that this one must have; None: no other tells it."""
        for relation in self._relations(path):
            if relation.operator == "==" and relation.slots.get(relation.right.expression) == slot:
                other = single.get(relation.slots[relation.left.expression])
                if relation.left.expression.startswith("len_") and isinstance(other, str):
                    return len(other)
        return None

    def _free_count(self) -> int:
        return self.rng.choice(self.model.free_lengths)

    def _tie(self, rows: list[Tree]) -> None:
        """Give the last row values of earlier rows, where the profile asks for ties."""
        row = rows[-1]
        if self.profile.ties and len(rows) > self.profile.ties and len(row) == 1 and self.rng.random() < 0.8:
            rows[-1] = [list(self.rng.choice(rows[: self.profile.ties])[0])]

    def _in_order(self, block: Repeat, path: Path, rows: list[Tree]) -> list[Tree]:
        """Sort rows where a column of all given blocks is sorted."""
        line = block.body[0]
        if len(block.body) != 1 or not isinstance(line, Line) or line.vector is not None:
            return rows
        for relation in self.model.relations.get(path, ()):
            if isinstance(relation, Listed) and relation.slot in line.tokens and relation.kind in _ORDERS:
                column = line.tokens.index(relation.slot)
                return sorted(rows, key=lambda row: row[0][column], reverse=_ORDERS[relation.kind])
        return rows

    def _edges(self, edges: EdgeList, block: Repeat, path: Path, count: int, single: dict[int, Any]) -> list[Tree]:
        self._count(2 * count)
        pairs = edges.sample(single[edges.nodes], count, self.rng)
        line = block.body[0]
        assert isinstance(line, Line)
        if pairs is None:
            raise CannotFillError
        rows: list[Tree] = []
        for source, target in pairs:
            known = {**single, edges.source: source, edges.target: target}
            rows.append([[source, target, *(self.value(slot, path, known) for slot in line.tokens[2:])]])
        return rows


_ORDERS = {"increasing": False, "nondecreasing": False, "decreasing": True, "nonincreasing": True}


def _known(relation: Compared, single: dict[int, Any]) -> dict[str, int | float]:
    known: dict[str, int | float] = {}
    for name, slot in relation.slots.items():
        if slot in single:
            value = single[slot]
            if name.startswith("len_"):
                known[name] = len(value if isinstance(value, list) else str(value))
            elif name.startswith("sum_"):
                if isinstance(value, list) and all(isinstance(each, int) for each in value):
                    known[name] = sum(value)
            elif isinstance(value, int):
                known[name] = value
    return known


MOST_DIVISORS_TRIED = 1000


def _divisors(number: int) -> list[int]:
    """Return divisors of a number: the small ones, and those that are large by a small factor."""
    small = [each for each in range(1, min(abs(number), MOST_DIVISORS_TRIED) + 1) if number % each == 0]
    return sorted({*small, *(abs(number) // each for each in small)})


def _on_step(value: int, low: int, high: int, domain: Integers) -> int:
    """Return the value, or one near it that leaves the same remainder as all given ones, or is a power of two."""
    if domain.is_power_of_two:
        power = 1 << max(value, 1).bit_length() - 1
        return power if power >= low else min(2 * power, high)
    value -= (value - domain.low) % domain.modulus
    return value if value >= low else min(value + domain.modulus, high)


def _ordered(values: list[Any], order: str) -> list[Any]:
    return sorted(values, reverse=order == "down") if order else values
