"""Find the grammars that explain every given input, by a bounded search along the lines of one of them.

Each line offers a few shapes: so many single tokens, a list whose length is a number seen before (or one off it, or
twice it), the start of a block that repeats as often as such a number says. A body is followed through the *guide*, the
given input that says most, and tried on all others once it reaches the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from curation.generated_tests.standard_input.grammar import (
    Body,
    Count,
    Line,
    Lines,
    Repeat,
    Text,
    as_number,
    parse,
    parse_line,
    parse_repeat,
)

MAX_STEPS = 15_000
"""Shapes of lines tried in one search."""
MAX_GRAMMARS = 24
"""Grammars returned at most."""
MAX_DEPTH = 3
"""Blocks within blocks."""
MAX_SINGLE = 9
"""Single tokens on a line; more are one list."""
COST_LIMITS = (3.0, 4.5, 6.0, 7.5, 9.0, 11.0)
"""Costs of a grammar that are tried in turn: simple grammars come first, and end the search."""
_LINKS = ((1, 0, 0.0), (1, -1, 1.0), (1, 1, 1.0), (2, 0, 1.0), (1, 2, 2.0), (1, -2, 2.0), (3, 0, 2.0))
"""Factor, offset and cost of a count, likeliest first."""

_Found = tuple[Body, int, dict[int, int], int, float]
"""A body, the line after it, the numbers known after it, the next free slot, the cost that is left."""


def find_grammars(
    texts: Sequence[Lines],
    raw: Sequence[Sequence[str]],
    has_cases: bool = False,
    links: Sequence[tuple[int, int]] = (),
    are_lines: bool = False,
) -> list[Body]:
    """Return the grammars that parse every text, simplest first; none if nothing explains them.

    Args:
        texts: The given inputs as tokens; none is empty.
        raw: The same as lines with their spaces.
        has_cases: Whether the statement says that the first number counts cases: then such grammars are tried first.
        links: Factors and offsets of the counts that the statement gives.
        are_lines: Whether the statement says that each case is one line: then also such that no count explains.
    """
    if not texts or not all(texts):
        return []
    guide = _guide_of(texts)
    costs = {(factor, offset): cost for factor, offset, cost in _LINKS} | {
        link: 0.0 for link in links if link != (1, 0)
    }
    for cases, free in ((True, False), (True, True), (False, False), (False, True)):
        if cases and not (has_cases and (are_lines or not free)):
            continue
        search = _Search(guide, free, tuple((*link, cost) for link, cost in costs.items()))
        found: list[Body] = []
        for limit in COST_LIMITS:
            is_last = bool(found)  # what costs a little more may be what the statement says
            for body in search.with_cases(limit) if cases else search.whole(limit):
                if body not in found and _explains(body, texts, raw):
                    found.append(body)
                if len(found) >= MAX_GRAMMARS:
                    break
            if is_last or len(found) >= MAX_GRAMMARS or search.steps > MAX_STEPS:
                break
        if found:
            return found
    return []


def _explains(body: Body, texts: Sequence[Lines], raw: Sequence[Sequence[str]]) -> bool:
    return all(parse(body, lines, rows) is not None for lines, rows in zip(texts, raw, strict=True))


def _guide_of(texts: Sequence[Lines]) -> Lines:
    """Return the text with the most lines, among those that are quick to follow."""
    short = [text for text in texts if len(text) <= 150]
    return max(short or [min(texts, key=len)], key=len)


@dataclass(slots=True)
class _Search:
    guide: Lines
    free: bool
    """True if lists of any length and lines of text are shapes too."""
    links: tuple[tuple[int, int, float], ...]
    """Factor, offset and cost of counts."""
    steps: int = field(default=0)

    def with_cases(self, limit: float) -> Iterator[Body]:
        """Yield bodies of a first line with the number of cases, and that many cases."""
        number = as_number(self.guide[0][0]) if len(self.guide[0]) == 1 else None
        if number is None or number < 1:
            return
        for body, *_ in self.bodies(1, {}, 1, 1, limit):  # the number of cases counts nothing inside one
            if self.free and not self._is_case_of_one_line(body):
                continue
            repeat = Repeat(Count(0), body)
            parsed = parse_repeat(repeat, self.guide, 1, {0: number})
            if parsed is not None and parsed[1] == len(self.guide):
                yield (Line((0,)), repeat)

    def _is_case_of_one_line(self, body: Body) -> bool:
        """Return whether a case is a line of text or a list of numbers: without counts, more explains nearly all."""
        [first, *others] = body
        is_list = isinstance(first, Line) and all(as_number(token) is not None for token in self.guide[1])
        return not others and (isinstance(first, Text) or is_list)

    def whole(self, limit: float) -> Iterator[Body]:
        """Yield bodies that reach the end of the guide."""
        for body, position, *_ in self.bodies(0, {}, 0, 0, limit):
            if position == len(self.guide):
                yield body
        if self.free:
            return  # "any lines, as many as there are" explains every text, and says nothing
        for body, *_ in self.bodies(0, {}, 0, 1, limit - 1.5):  # blocks until the text ends, counted by nothing
            repeat = Repeat(None, body)
            if parse_repeat(repeat, self.guide, 0, {}) is not None:
                yield (repeat,)

    def bodies(self, position: int, known: Mapping[int, int], slot: int, depth: int, left: float) -> Iterator[_Found]:
        """Yield bodies from a line on that cost no more than what is left."""
        if position >= len(self.guide) or left < 0 or self.steps > MAX_STEPS:
            return
        for body, after, inner, free_slot, rest in self.elements(position, known, slot, depth, left):
            yield body, after, inner, free_slot, rest
            for more, end, last, next_slot, remaining in self.bodies(after, inner, free_slot, depth, rest):
                yield body + more, end, last, next_slot, remaining

    def elements(self, position: int, known: Mapping[int, int], slot: int, depth: int, left: float) -> Iterator[_Found]:
        """Yield the shapes of what starts at a line, each as a body of one element."""
        if depth < MAX_DEPTH and known:
            yield from self.repeats(position, known, slot, depth, left)
        for line, cost in self.lines(self.guide[position], known, slot):
            self.steps += 1
            if cost > left:
                continue
            inner = dict(known)
            if isinstance(line, Text):
                yield (line,), position + 1, inner, slot + 1, left - cost
            elif parse_line(line, self.guide[position], inner) is not None:
                free_slot = slot + len(line.tokens) + (line.vector is not None)
                yield (line,), position + 1, inner, free_slot, left - cost

    def repeats(self, position: int, known: Mapping[int, int], slot: int, depth: int, left: float) -> Iterator[_Found]:
        """Yield the blocks that may start at a line, with their iterations parsed."""
        counts = list(self.counts(known, range(1, len(self.guide) - position + 1)))
        if not counts:
            return
        for body, _, _, free_slot, rest in self.bodies(position, known, slot, depth + 1, left - 0.5):
            if len(body) == 1 and isinstance(body[0], Repeat):
                continue
            for count, cost in counts:
                # A block that comes once shows nothing of a count.
                cost += 1.0 if count.of(known) == 1 else 0.0
                if cost > rest:
                    continue
                self.steps += 1
                parsed = parse_repeat(Repeat(count, body), self.guide, position, known)
                if parsed is not None:
                    yield (Repeat(count, body),), parsed[1], dict(known), free_slot, rest - cost

    def lines(self, tokens: Sequence[str], known: Mapping[int, int], slot: int) -> Iterator[tuple[Line | Text, float]]:
        """Yield the shapes of one line, with their costs."""
        total = len(tokens)
        inner = dict(known)
        for single in range(min(total, 4)):
            if single and (number := as_number(tokens[single - 1])) is not None:
                inner[slot + single - 1] = number
            length = total - single
            for count, cost in self.counts(inner, range(length, length + 1)):
                if length > 1 or cost == 0.0:
                    penalty = 0.0 if length > 1 else 0.6
                    yield (
                        Line(tuple(range(slot, slot + single)), slot + single, count),
                        0.8 + cost + penalty + single * 0.5,
                    )
        if 1 <= total <= MAX_SINGLE:
            yield Line(tuple(range(slot, slot + total))), 1.0 + 0.05 * total
        elif total:
            yield Line((), slot, Count(None, 1, total)), 1.5
        if self.free and total > 1:
            yield Line((), slot, None), 2.0
            if as_number(tokens[0]) is not None:
                yield Line((slot,), slot + 1, None), 2.5
        if self.free:
            yield Text(slot), 2.2

    def counts(self, known: Mapping[int, int], wanted: range) -> Iterator[tuple[Count, float]]:
        """Yield the counts over known numbers that give a wanted number, with their costs; the latest numbers first."""
        for factor, offset, cost in self.links:
            for slot in sorted(known, reverse=True):
                if known[slot] >= 1 and factor * known[slot] + offset in wanted:
                    yield Count(slot, factor, offset), cost
