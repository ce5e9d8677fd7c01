"""The grammar of a text on standard input: lines of tokens, counts that say how many follow, repeated blocks.

A *slot* is one place of the grammar that holds values: the ``n`` of every case is one slot, the elements of its list
another. Slots are numbered in the order of the text. A parsed text is a tree of lists that mirrors the grammar: a line
is the list of its tokens (its list of values last), a block that repeats is the list of its iterations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Tree = list[Any]
"""The content of a body: for each element the tokens of a line, or the bodies of a repeated block."""
Lines = Sequence[Sequence[str]]
"""A text as the tokens of its lines."""


@dataclass(frozen=True, slots=True)
class Count:
    """The count of what follows: ``factor * value of the slot + offset``."""

    slot: int | None
    """None: the constant ``offset``."""
    factor: int = 1
    offset: int = 0

    def of(self, known: Mapping[int, int]) -> int | None:
        """Return the number; None where the slot has no number."""
        if self.slot is None:
            return self.offset
        value = known.get(self.slot)
        return None if value is None else self.factor * value + self.offset


@dataclass(frozen=True, slots=True)
class Line:
    """One line: some tokens with a slot each, then maybe a list of tokens that share one slot."""

    tokens: tuple[int, ...]
    vector: int | None = None
    count: Count | None = None
    """Length of the list; None: whatever the line holds, at least one."""


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text, with its spaces, as one value."""

    slot: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """A block that repeats."""

    count: Count | None
    """None: until the text ends."""
    body: tuple[Element, ...]


Element = Line | Text | Repeat
Body = tuple[Element, ...]


def as_number(token: str) -> int | None:
    """Return a token as an integer, if it is written as Python writes it; None if it is not one."""
    digits = token[1:] if token.startswith("-") else token
    if not digits.isascii() or not digits.isdigit() or len(digits) > 40 or (digits[0] == "0" and len(token) > 1):
        return None
    return int(token)


def split_lines(text: str) -> list[list[str]]:
    """Return the tokens of each line; empty lines at the end are left out."""
    return [line.split() for line in text.rstrip().split("\n")] if text.strip() else []


def parse(body: Body, lines: Lines, raw: Sequence[str] = ()) -> Tree | None:
    """Return the tree of a whole text; None where the grammar does not explain it.

    ``raw`` holds the lines with their spaces; a grammar without ``Text`` does not need it.
    """
    result = parse_body(body, lines, 0, {}, raw)
    if result is None or result[1] != len(lines):
        return None
    return result[0]


def parse_body(
    body: Body, lines: Lines, position: int, known: Mapping[int, int], raw: Sequence[str] = ()
) -> tuple[Tree, int, dict[int, int]] | None:
    """Parse a body from a line on: return its tree, the line after it, and the numbers known after it."""
    inner = dict(known)
    tree: Tree = []
    for element in body:
        values: list[Any]
        if isinstance(element, Repeat):
            block = parse_repeat(element, lines, position, inner, raw)
            if block is None:
                return None
            values, position = block
        elif position == len(lines) and isinstance(element, Line) and not element.tokens and element.count is not None:
            if element.count.of(inner) != 0:
                return None
            values = [[]]  # the empty line of an empty list at the end, which no one writes with certainty
        elif position >= len(lines):
            return None
        elif isinstance(element, Text):
            values, position = [raw[position] if raw else " ".join(lines[position])], position + 1
        else:
            line = parse_line(element, lines[position], inner)
            if line is None:
                return None
            values, position = line, position + 1
        tree.append(values)
    return tree, position, inner


def parse_repeat(
    repeat: Repeat, lines: Lines, position: int, known: Mapping[int, int], raw: Sequence[str] = ()
) -> tuple[list[Tree], int] | None:
    """Parse a repeated block from a line on: return its iterations and the line after it."""
    count = repeat.count.of(known) if repeat.count is not None else None
    if repeat.count is not None and (count is None or count < 0 or count > len(lines) - position):
        return None
    iterations: list[Tree] = []
    while (position < len(lines)) if count is None else (len(iterations) < count):
        one = parse_body(repeat.body, lines, position, known, raw)
        if one is None:
            return None
        iterations.append(one[0])
        position = one[1]
    return iterations, position


def parse_line(line: Line, tokens: Sequence[str], known: dict[int, int]) -> list[Any] | None:
    """Return the values of a line, and add its numbers to the known ones; None where it has another shape."""
    single = len(line.tokens)
    if len(tokens) < single:
        return None
    for slot, token in zip(line.tokens, tokens, strict=False):
        number = as_number(token)
        if number is not None:
            known[slot] = number
        else:
            known.pop(slot, None)
    if line.vector is None:
        return list(tokens) if len(tokens) == single else None
    count = line.count.of(known) if line.count is not None else max(1, len(tokens) - single)
    if count != len(tokens) - single:
        return None
    return [*tokens[:single], list(tokens[single:])]


def render(body: Body, tree: Tree) -> Iterator[str]:
    """Yield the lines of a tree."""
    for element, values in zip(body, tree, strict=True):
        if isinstance(element, Repeat):
            for iteration in values:
                yield from render(element.body, iteration)
        elif isinstance(element, Text):
            yield values[0]
        elif element.vector is None:
            yield " ".join(map(str, values))
        else:
            yield " ".join(map(str, [*values[:-1], *values[-1]]))


def free_lists(body: Body, tree: Tree) -> Iterator[Sequence[Any]]:
    """Yield the lists and blocks whose length nothing counts."""
    for element, values in zip(body, tree, strict=True):
        if isinstance(element, Repeat):
            if element.count is None:
                yield values
            for iteration in values:
                yield from free_lists(element.body, iteration)
        elif isinstance(element, Line) and element.vector is not None and element.count is None:
            yield values[-1]


def slots_of(body: Body) -> Iterator[tuple[int, Element]]:
    """Yield every slot of a body in order, with the line that holds it."""
    for element in body:
        if isinstance(element, Repeat):
            yield from slots_of(element.body)
        elif isinstance(element, Text):
            yield element.slot, element
        else:
            for slot in element.tokens:
                yield slot, element
            if element.vector is not None:
                yield element.vector, element


def counts_of(body: Body) -> Iterator[Count]:
    """Yield every count of a body."""
    for element in body:
        if isinstance(element, Repeat):
            if element.count is not None:
                yield element.count
            yield from counts_of(element.body)
        elif isinstance(element, Line) and element.count is not None:
            yield element.count
