"""Bind the slots of a grammar to the names that the statement gives them, in the order of the input's format.

The format names quantities in the order in which they stand in the text: "the first line contains N and M, the second
A_1, ..., A_N". Slots and names are aligned in order, so that kinds (a list, a member of several, a single number) and
ranges agree; what has no agreeing partner stays unbound.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from curation.generated_tests.bounds import normalize_mathematics
from curation.generated_tests.comparison_chains import CHAIN
from curation.generated_tests.standard_input.grammar import Body, Count, Line, Repeat, Text
from curation.generated_tests.stated_ranges import StatedRanges, canonical_name, read_ranges, with_elements
from curation.generated_tests.statement_sections import Sections, split_sections

MAX_NAMES = 40


@dataclass(frozen=True, slots=True)
class Place:
    """The role of a slot in its grammar."""

    is_list: bool
    repeated: int
    """Blocks around it."""
    count: Count | None
    """Length of the list."""
    counted_by: int | None
    """Slot that counts the iterations of the block around it."""
    is_count: bool
    """True if it counts something."""
    numbers: Sequence[int] | None
    """The given values if all are integers; of a list its elements."""
    longest: int
    """Characters of the longest given value."""


@dataclass(frozen=True, slots=True)
class Binding:
    """The names of slots, and how well they fit."""

    names: Mapping[int, str] = field(default_factory=dict)
    score: float = 0.0


_SEQUENCE = re.compile(
    r"\b([A-Za-z]+)_?\(?([01])\)?((?:\s*,?\s+|\s*,\s*)\1_?\(?[12]\)?)?((?:\s*,?\s+|\s*,\s*)\1_?\(?[23]\)?)?\s*,?\s*(?:\.\.\.?|:|to|-)\s*,?\s*"
    r"\1_?\s?\(?(?:\w|\(.{1,8}\))+\)?(?:\s?[-+*]\s?\d)?"
)
_QUANTITY = re.compile(
    r"\|\s*([A-Za-z]\w{0,3})\s*\||(?<![\w'’|.\"])([a-z]{2,3}\[[ijk]\]|[A-Za-z](?:_\w{0,3}|\[\w+\](?:\[\w+\])?|\d|[ij]|[A-Z])?|[a-z]{2}(?=\s*(?:,|and\b|\.|—|$)))(?![\w'’\"])"
)
_INDEX_WORDS = re.compile(
    r"\b[ijk]\s?-?(?:st|nd|rd|th)\b|\b(?:1|2|3|[ijk])[ -](?:st|nd|rd|th)\b"
    r"|\bvalid [ijk](?:, [ijk])*\b|\^\(?(?:th|st|nd)\)?"
)
_ROW = re.compile(r"\b([A-Za-z])_?\(?([ijk])_?[01]\b\)?[^;\n]{1,60}?\b\1_?\(?\2_?[A-Za-z]\b\)?")
"""One row of a matrix: ``A_i1, A_i2, ..., A_iN``."""
_LISTED_A = re.compile(r"(,\s*|\band\s+|\b(?:integers?|numbers?|contains?)\s+)[aA](?=\s*(?:,|\band\b|$|[—.(:]|\n))")
"""The name ``a`` in a list of names, where it is no article."""
_ORDINARY = frozenset(
    """a A I i in is it of on or to as at an be by do go he if me my no so up us we The th st nd rd OK
    eg ie""".split()
)
_NESTED = r"\((?:[^()]|\([^()]*\))*\)"
_WORDS = frozenset(
    """answer sum length len size number total value text string min max array list count the then and are for each all
    where with case cases test tests testcase testcases""".split()
)
"""Words that stand in ranges and name no quantity of the input."""


@lru_cache(maxsize=64)
def names_in_order(question: str) -> tuple[tuple[str, ...], ...]:
    """Return the names that the input's format gives, in order; else those of the constraints.

    Where the format leaves out names that the constraints have, these may come last; a single one of a list anywhere.
    """
    sections = split_sections(question)
    stated = read_ranges(question)
    long = frozenset(
        name
        for name in (key.removesuffix("[]") for key in (*stated.values, *stated.lengths))
        if re.fullmatch(r"[A-Za-z][a-z]{2,}", name) and name.lower() not in _WORDS
    ) | frozenset(
        name
        for each in stated.comparisons
        for name in each.left.names + each.right.names
        if re.fullmatch(r"[A-Z][a-z]", name) and name not in _ORDINARY
    )
    quoted = re.compile(rf"['‘`\"]({'|'.join(map(re.escape, stated.values)) or '(?!)'})['’`\"]")
    of_input = tuple(_of_one_case(_names(quoted.sub(r"\1", sections.input), long), stated))
    of_constraints = tuple(_names_of_constraints(sections))
    missing = tuple(name for name in of_constraints if not {name, name.swapcase()} & {*of_input})
    both = of_input + missing if of_input else ()
    anywhere: list[tuple[str, ...]] = []
    if len(missing) == 1 and "[]" in missing[0] and not any(name[0] == missing[0][0] for name in of_input):
        anywhere = [of_input[:at] + missing + of_input[at:] for at in range(1, len(of_input))]
    return tuple(reading for reading in dict.fromkeys((of_input, both, of_constraints, *anywhere)) if reading)


def _of_one_case(names: Iterable[str], stated: StatedRanges) -> Iterator[str]:
    """Yield the names without those that differ in case from an earlier one, where a range is stated of one of them."""
    seen: set[str] = set()
    for name in names:
        if name.swapcase() not in seen or (name in stated.values) == (name.swapcase() in stated.values):
            yield name
        seen.add(name)


def _names(text: str, long: frozenset[str] = frozenset()) -> Iterator[str]:
    text = normalize_mathematics(re.sub(r"\$\s*([aA])\s*\$", r" \1_ ", text))
    text = re.sub(
        rf"\(((?:[^()]|{_NESTED})*)\)", lambda m: " " if CHAIN.search(m[1]) or "space" in m[1] else f" {m[1]} ", text
    )
    text = _ROW.sub(r" \1[x][x] ", _INDEX_WORDS.sub(" ", text))
    text = _SEQUENCE.sub(lambda m: f" {m[1]}[x] ", text)
    text = _LISTED_A.sub(r"\1 a_ ", text)
    text = CHAIN.sub(lambda m: " " if re.search(r"[<>=]", m[0]) else m[0], text)
    seen: dict[str, None] = {}
    words = rf"|\b({'|'.join(sorted(long))})\b(?:\[\w+\])?" if long else "|(?!)()"
    for match in re.finditer(_QUANTITY.pattern + words, text):
        name = match[1] or match[2] or match[0]
        if name in _ORDINARY or (name in "jk" and re.search(r"\bfor (?:each|every|all)\s*$", text[: match.start()])):
            continue
        seen[canonical_name(name.replace("[x]", "[i]"))] = None
        if len(seen) >= MAX_NAMES:
            break
    yield from _without_samples(list(seen))


def _without_samples(names: list[str]) -> Iterator[str]:
    """Yield names with the rows of a pattern as one: ``l1 r1 l2 r2 lQ rQ`` is ``l[] r[]``."""
    bases = {name[:-1] for name in names if name[-1:] == "1"}
    several = {base for base in bases if any(re.fullmatch(rf"{base}(?:2|[A-Za-z])", name) for name in names)}
    sampled = {base for base in several if any(re.fullmatch(rf"{base}[A-Za-z]", name) for name in names)}
    for name in names:
        if name[:-1] not in sampled:
            yield name
        elif name[-1] == "1":
            yield name[:-1] + "[]"


def _names_of_constraints(sections: Sections) -> Iterator[str]:
    seen: dict[str, None] = {}
    for match in CHAIN.finditer(with_elements(normalize_mathematics(sections.constraints))):
        for name in _QUANTITY.finditer(match[0]):
            if (name[1] or name[2]) not in ("i", "j"):
                seen[canonical_name(name[1] or name[2])] = None
    yield from list(seen)[:MAX_NAMES]


def bind_names(
    places: Mapping[int, Place], question: str, stated: StatedRanges, counted: frozenset[str] = frozenset()
) -> Binding:
    """Align slots with names by the best reading of the statement; ``counted`` are names that count something."""
    return max(
        (_align(places, names, stated, counted) for names in names_in_order(question)),
        key=lambda b: b.score,
        default=Binding(),
    )


def _align(places: Mapping[int, Place], names: Sequence[str], stated: StatedRanges, counted: frozenset[str]) -> Binding:
    """Return the best alignment in order (Needleman and Wunsch): what fits scores, what stays alone costs."""
    slots = sorted(places)
    rows, columns = len(slots), len(names)
    best = [[(0.0, "")] * (columns + 1) for _ in range(rows + 1)]
    for row in range(1, rows + 1):
        best[row][0] = (-0.6 * row, "slot")
    for column in range(1, columns + 1):
        best[0][column] = (-0.3 * column, "name")
    for row in range(1, rows + 1):
        for column in range(1, columns + 1):
            place, name = places[slots[row - 1]], names[column - 1]
            fit = fits(place, name, stated) + 0.01 * (place.is_count and bool({name, name.swapcase()} & counted))
            best[row][column] = max(
                (best[row - 1][column][0] - 0.6, "slot"),
                (best[row][column - 1][0] - 0.3, "name"),
                (best[row - 1][column - 1][0] + fit, "both") if fit > 0 else (-99.0, "both"),
                key=lambda option: round(option[0], 6),  # sums of one amount in another order are equal
            )
    row, column = rows, columns
    bound: dict[int, str] = {}
    while row and column:
        step = best[row][column][1]
        if step == "both":
            bound[slots[row - 1]] = names[column - 1]
        row, column = row - (step != "name"), column - (step != "slot")
    return Binding(_unambiguous(bound, places, stated), best[rows][columns][0])


def _unambiguous(bound: Mapping[int, str], places: Mapping[int, Place], stated: StatedRanges) -> dict[int, str]:
    """Leave out a name that fits a nameless slot beside its own nearly as well."""
    kept: dict[int, str] = {}
    slots = sorted(places)
    for slot, name in bound.items():
        start = max((each for each in bound if each < slot), default=-1)
        end = min((each for each in bound if each > slot), default=len(slots))
        fit = fits(places[slot], name, stated)
        rivals = (each for each in slots if start < each < end and each != slot)
        if all(fits(places[each], name, stated) < fit - 0.25 for each in rivals):
            kept[slot] = name
    return kept


def fits(place: Place, name: str, stated: StatedRanges) -> float:
    """Return how well a name fits a slot; 0 or less: it does not."""
    score = 1.0
    plural = name.count("[]")
    if place.is_list:
        score += 0.1 * (plural > 1 and place.repeated > 0)  # a row of a matrix
        score += 0.6 if plural else (-0.4 if place.numbers is not None else 0.2)
    elif plural:
        score += 0.4 if place.repeated > 0 and place.counted_by not in (None, 0) else (0.0 if place.repeated else -0.7)
    if place.is_count:
        score += 0.3 if not plural else -0.3
    if place.numbers is None:
        length = stated.of_length(name) or stated.of_length(name.removesuffix("[]"))
        if length is not None:
            high = length.high()
            return score + 0.6 if high is None or place.longest <= high else 0.0
        return score - 0.5 if stated.of_value(name) is not None else score
    value = stated.of_value(name)
    if value is None:
        return score - 0.2
    low, high = value.low(), value.high()
    if (low is not None and min(place.numbers) < low) or (high is not None and max(place.numbers) > high):
        return 0.1  # samples do break what statements state; the place in the order still counts
    return score + 0.5


def places_of(
    body: Body, values: Mapping[int, Sequence[str]], numbers: Mapping[int, Sequence[int] | None]
) -> dict[int, Place]:
    """Describe every slot of a grammar, given its values."""
    counting = {count.slot for count in _all_counts(body)}
    places: dict[int, Place] = {}

    def visit(elements: Body, depth: int, counted_by: int | None) -> None:
        for element in elements:
            if isinstance(element, Repeat):
                visit(element.body, depth + 1, element.count.slot if element.count else None)
                continue
            single = (element.slot,) if isinstance(element, Text) else element.tokens
            vector = element.vector if isinstance(element, Line) else None
            for slot in (*single, *(() if vector is None else (vector,))):
                count = element.count if isinstance(element, Line) and slot == vector else None
                longest = max(map(len, values.get(slot, ())), default=0)
                places[slot] = Place(
                    slot == vector, depth, count, counted_by, slot in counting, numbers.get(slot) or None, longest
                )

    visit(body, 0, None)
    return places


def _all_counts(body: Body) -> Iterator[Count]:
    for element in body:
        if isinstance(element, Repeat):
            if element.count:
                yield element.count
            yield from _all_counts(element.body)
        elif isinstance(element, Line) and element.count:
            yield element.count
