"""Infer the domain of the values at one place of the inputs from the given ones and what the statement says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from apps_plus.problem import dump_json
from curation.generated_tests.arguments.dict_domains import MappingDomain, RecordDomain
from curation.generated_tests.arguments.domain import Domain, unique
from curation.generated_tests.arguments.fixed_domains import ChoiceDomain, UnionDomain
from curation.generated_tests.arguments.infer_text_domain import infer_text_domain
from curation.generated_tests.arguments.list_domains import LONGEST, ListDomain, MatrixDomain, TupleDomain
from curation.generated_tests.arguments.list_traits import DISTINCT, learn_traits
from curation.generated_tests.arguments.number_domains import DecimalDomain, IntegerDomain
from curation.generated_tests.arguments.solution_constants import Constants
from curation.generated_tests.arguments.span import WIDER, Span, span_of
from curation.generated_tests.arguments.stated_facts import Facts

LONGEST_TUPLE = 4
"""Lists of one length up to this, inside a list, are tuples."""


@dataclass(frozen=True, slots=True)
class Place:
    """The context of values: the statement's facts of them, and the constants of the solutions."""

    facts: Facts
    constants: Constants
    inside: bool = False
    """True for the elements of a list, False for an argument itself."""

    def element(self) -> Place:
        """Return the place of the elements of the lists here."""
        return Place(self.facts.element(), self.constants, inside=True)


def infer_domain(values: Sequence[Any], place: Place) -> Domain:
    """Return the domain of some given values.

    Args:
        values: All given values at this place; at least one.
        place: What else is known of it.
    """
    groups: dict[str, list[Any]] = {}
    for value in values:
        groups.setdefault(_kind(value), []).append(value)
    domains = [_infer_kind(kind, group, place) for kind, group in groups.items()]
    if len(domains) == 1:
        return domains[0]
    return UnionDomain(tuple(domains), tuple(map(len, groups.values())))


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "text" if isinstance(value, str) else "list" if isinstance(value, list) else "dict"


def _infer_kind(kind: str, values: list[Any], place: Place) -> Domain:
    if kind == "number":
        return _infer_numbers(values, place)
    if kind == "text":
        return infer_text_domain(values, place.facts, place.constants, place.inside)
    if kind == "list":
        return _infer_lists(values, place)
    if kind == "dict":
        return _infer_dicts(values, place)
    return ChoiceDomain((None,)) if kind == "null" else ChoiceDomain((True, False))


def _infer_numbers(values: list[int | float], place: Place) -> Domain:
    integers = [value for value in values if isinstance(value, int)]
    low, high = int(min(values) // 1), int(-(-max(values) // 1))
    span = _span_of_numbers([low, high], place)
    if len(integers) == len(values):
        constants = tuple(one for one in place.constants.numbers if span.low <= one <= span.high)
        zero = not place.facts.no_zero or 0 in integers
        digits = place.facts.digits
        if digits is not None and not digits.issuperset("".join(str(abs(value)) for value in integers)):
            digits = None
        return IntegerDomain(span, _closed(integers, place), constants, zero, digits)
    places = max(_places(value) for value in values if isinstance(value, float))
    return DecimalDomain(span, max(1, places), bool(integers), min(values), max(values))


def _places(value: float) -> int:
    text = repr(value)
    return len(text.partition(".")[2]) if "e" not in text else 15


def _span_of_numbers(ends: list[int], place: Place) -> Span:
    low, high = ends
    stated = place.facts.values(low, high)
    if place.facts.is_closed:
        return span_of(ends, stated)
    open_low = (
        -WIDER * max(-low, 10)
        if low < 0 or place.facts.negative
        else 0
        if low <= 20 or place.inside
        else max(1, low // WIDER)
    )
    return span_of(ends, stated, open_low, WIDER * max(high, 2))


def _closed(values: list[int], place: Place) -> frozenset[int] | None:
    """Return the only values, where few of them (as 0 and 1) fill the given inputs."""
    few, choices = set(values), place.facts.choices
    if choices is not None and few <= choices:
        return choices
    if place.facts.values(min(few), max(few))[1] is not None or len(few) > 3:
        return None
    if few <= {0, 1} and len(values) >= 4 and place.inside:
        return frozenset({0, 1})
    return frozenset(few) if len(few) >= 2 and len(values) >= 10 * len(few) else None


def _infer_lists(values: list[list[Any]], place: Place) -> Domain:
    elements = list(chain.from_iterable(values))
    if not elements:
        return ChoiceDomain(tuple(unique(values, dump_json)))
    lengths = {len(value) for value in values}
    if _are_tuples(values, lengths, place):
        return _tuple_domain(values, place)
    if records := _union_of_records(values, place):
        return records
    if matrix := _matrix_domain(values, place):
        return matrix
    facts = place.facts
    return ListDomain(
        infer_domain(elements, place.element()),
        span_of_lengths(sorted(lengths), facts, place.inside, len(values)),
        tuple(
            learn_traits(
                values, facts.is_sorted, facts.is_distinct, facts.counted, facts.power_of_two, facts.is_rotated
            )
        ),
        tuple(unique(elements, dump_json)[:50]),
        max(5, LONGEST // 10 ** (_nesting(elements) + place.facts.depth)),
    )


def _nesting(values: Sequence[Any]) -> int:
    """Return how many levels of lists and dicts the values have; at most three count."""
    level, depth = list(values), 0
    while depth < 3 and any(isinstance(value, (list, dict)) for value in level):
        level = [child for value in level if isinstance(value, (list, dict)) for child in _children(value)]
        depth += 1
    return depth


def _children(value: list[Any] | dict[str, Any]) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value


def span_of_lengths(lengths: Sequence[int], facts: Facts, inside: bool, count: int) -> Span:
    """Return the span of lengths of lists or texts.

    Args:
        lengths: The given lengths.
        facts: What the statement says.
        inside: True for elements of a list.
        count: Number of given values. Three or more of one length: a length that is fixed, unless one is stated.
    """
    stated = facts.lengths
    varied = len(set(lengths)) > 1
    if stated == (None, None) and not varied and (count >= 3 or facts.is_closed or inside):
        return span_of(list(lengths), stated)
    least = 0 if varied and min(lengths) <= 2 and not inside else min(1, min(lengths))
    longest = max(lengths) if facts.is_closed else WIDER * max(lengths) if not inside else 2 * max(lengths)
    return span_of(list(lengths), stated, least, longest)


def _are_tuples(values: list[list[Any]], lengths: set[int], place: Place) -> bool:
    if len(lengths) != 1 or place.facts.lengths[1] is not None:
        return False
    [length] = lengths
    columns = list(zip(*values, strict=True))
    kinds = [{_kind(value) for value in column} for column in columns]
    if any(kind != kinds[0] for kind in kinds) and length <= 8 and (len(values) > 1 or length <= 3):
        return True
    if place.inside:
        return 2 <= length <= LONGEST_TUPLE and len(values) >= 3 and not any("list" in kind for kind in kinds)
    return length <= 3 and len(values) >= 3


def _tuple_domain(values: list[list[Any]], place: Place) -> Domain:
    columns = [list(column) for column in zip(*values, strict=True)]
    parts = tuple(infer_domain(column, place.element()) for column in columns)
    numeric = all(_kind(one) == "number" for column in columns for one in column)
    ascending = numeric and len(values) >= 2 and all(list(value) == sorted(value) for value in values)
    alike = len({_kind(one) for column in columns for one in column}) == 1
    distinct = place.inside and alike and len(values) >= 3 and all(map(DISTINCT.holds, values))
    return TupleDomain(parts, ascending, distinct, tuple(unique(values, dump_json)[:20]))


def _matrix_domain(values: list[list[Any]], place: Place) -> Domain | None:
    """Return the domain of matrices, where all rows of each given one have one length, and some have two rows."""
    rows = [row for value in values for row in value]
    if not all(isinstance(row, list) for row in rows) or not any(len(value) > 1 for value in values):
        return None
    full = [value for value in values if value and value[0]]
    if not full or any(len({len(row) for row in value}) > 1 for value in values):
        return None
    elements = [one for row in rows for one in row]
    if any(isinstance(one, (list, dict)) for one in elements):
        return None
    inner = place.element()
    if _are_records(rows, full, place):
        return None
    square = all(len(value) == len(value[0]) for value in full)
    return MatrixDomain(
        infer_domain(elements, inner.element()),
        span_of_lengths([len(value) for value in values], place.facts, place.inside, len(values)),
        span_of_lengths([len(row) for row in rows], inner.facts, False, len(values)),
        square and (place.facts.is_square or len(full) > 1 or inner.facts.lengths[1] is None),
    )


def _are_records(rows: list[list[Any]], full: list[list[Any]], place: Place) -> bool:
    """Return whether the rows are pairs, edges with weights or other records: few columns, each of its own."""
    widths = {len(row) for row in rows}
    if len(widths) > 1 or not 2 <= len(rows[0]) <= LONGEST_TUPLE or place.element().facts.lengths[1] is not None:
        return False
    kinds = [{_kind(row[at]) for row in rows} for at in range(len(rows[0]))]
    if any(kind != kinds[0] for kind in kinds):
        return True
    square = all(len(value) == len(value[0]) for value in full)
    return not square and not place.facts.is_matrix and len(rows) >= 3


def _union_of_records(values: list[list[Any]], place: Place) -> Domain | None:
    """Return the union of lists that open with a word or differ in kinds, each with its own number of elements."""
    if not place.inside or len(values) < 4 or any(isinstance(one, (list, dict)) for value in values for one in value):
        return None
    groups: dict[tuple[str, ...], list[list[Any]]] = {}
    for value in values:
        groups.setdefault(tuple(map(_kind, value)), []).append(value)
    mixed = any(len(set(kinds)) > 1 for kinds in groups)
    if not mixed or len(groups) > max(3, len(values) // 3) or not all(groups):
        return None
    tuples = [_tuple_domain(group, place) for group in groups.values()]
    return UnionDomain(tuple(tuples), tuple(map(len, groups.values()))) if len(tuples) > 1 else tuples[0]


def _infer_dicts(values: list[dict[str, Any]], place: Place) -> Domain:
    counts = Counter(key for value in values for key in value)
    if not counts:
        return ChoiceDomain(({},))
    always = {key for key, count in counts.items() if count == len(values)}
    if always and len(always) >= len(counts) / 2 and (len(values) > 1 or place.inside):
        fields = {
            key: infer_domain([value[key] for value in values if key in value], place.element()) for key in counts
        }
        return RecordDomain(tuple(fields.items()), frozenset(set(counts) - always))
    sizes = [len(value) for value in values]
    return MappingDomain(
        infer_domain(
            list(chain.from_iterable(values)),
            Place(Facts(is_closed=place.facts.is_closed), place.constants, inside=True),
        ),
        infer_domain([one for value in values for one in value.values()], place.element()),
        span_of_lengths(sizes, Facts(), place.inside, len(values)),
    )
