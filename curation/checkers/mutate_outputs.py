"""Make wrong outputs from a right one, by small documented changes, to see what a checker rejects. Pure functions.

=================  ==============================================================================================
changed            a number is one more (the first, the middle, the last), a word has another letter
replaced           an element is its neighbour once more (the first, the last)
dropped, doubled   an element is missing, or there twice (the first, the last)
swapped            two elements have changed places (two words of a line, two lines; of a list, two elements)
truncated          only the first half is there
empty              nothing is there
=================  ==============================================================================================

The elements of a text are its lines, and the words of the first and the last line; those of a value are the elements of
the list, and of the first list in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from apps_plus.problem import dump_json

SWAPPED = "swapped"
"""The changes that leave all elements: a checker for which the order is free accepts them."""
MAX_CHARACTERS = 20_000
"""Longer outputs are not mutated."""


@dataclass(frozen=True, slots=True)
class MutatedOutput:
    """A wrong output and the change that made it."""

    change: str
    """One of the names in the table of this module."""
    what: str
    """The change in words."""
    output: Any


def mutated_outputs(expected: Any) -> list[MutatedOutput]:
    """Return every mutation of an expected output, each different from it and from the others."""
    if len(expected if isinstance(expected, str) else dump_json(expected)) > MAX_CHARACTERS:
        return []
    made = _of_text(expected) if isinstance(expected, str) else _of_value(expected)
    seen = {_identity(expected)}
    kept = []
    for mutation in made:
        identity = _identity(mutation.output)
        if identity not in seen:
            seen.add(identity)
            kept.append(mutation)
    return kept


def _identity(output: Any) -> str:
    """Return a text that is equal for outputs that differ in white space only."""
    return " ".join(output.split()) + f"/{len(output.split(chr(10)))}" if isinstance(output, str) else dump_json(output)


# ---- texts


def _of_text(text: str) -> Iterator[MutatedOutput]:
    text = text.rstrip()
    words = [match.span() for match in re.finditer(r"\S+", text)]
    for place, (start, end) in _some(words):
        yield MutatedOutput("changed", f"the {place} word changed", text[:start] + _other(text[start:end]) + text[end:])
    lines = text.split("\n")
    if len(lines) > 1:
        for change, what, changed in _of_sequence(lines, "line"):
            yield MutatedOutput(change, what, "\n".join(changed))
    ends = {0: "first", len(lines) - 1: "last"} if len(lines) > 1 else {0: "only"}
    for number, place in ends.items():
        for change, what, changed in _of_sequence(lines[number].split(), "word"):
            whole = [*lines[:number], " ".join(changed), *lines[number + 1 :]]
            yield MutatedOutput(change, f"{what} of the {place} line", "\n".join(whole))
    yield MutatedOutput("truncated", "the second half missing", text[: len(text) // 2])
    yield MutatedOutput("empty", "nothing printed", "")


def _other(word: str) -> str:
    """Return another word of the same kind: an integer plus one, a decimal plus one, a word with another letter."""
    if re.fullmatch(r"[+-]?\d{1,1000}", word):
        return str(int(word) + 1)
    if re.fullmatch(r"[+-]?\d{1,1000}\.\d+", word):
        whole, _, decimals = word.partition(".")
        return f"{int(whole) + 1}.{decimals}"
    return _other_letter(word)


def _other_letter(word: str) -> str:
    last = word[-1:]
    return word[:-1] + ("b" if last.lower() == "a" else "a")


# ---- values


def _of_value(value: Any) -> Iterator[MutatedOutput]:
    if isinstance(value, list):
        yield from _of_list(value)
        inner = next((n for n, item in enumerate(value) if isinstance(item, list) and item), None)
        if inner is not None:
            for mutation in _of_list(value[inner]):
                changed = [*value[:inner], mutation.output, *value[inner + 1 :]]
                yield MutatedOutput(mutation.change, f"{mutation.what} of the first list in it", changed)
        yield MutatedOutput("truncated", "the second half missing", value[: len(value) // 2])
        yield MutatedOutput("empty", "an empty list", [])
    elif isinstance(value, dict):
        for place, key in _some(sorted(value)):
            yield MutatedOutput("changed", f"the {place} value changed", {**value, key: _other_value(value[key])})
        for place, key in _some(sorted(value)):
            yield MutatedOutput("dropped", f"the {place} key missing", {k: v for k, v in value.items() if k != key})
        yield MutatedOutput("empty", "an empty dict", {})
    else:
        yield MutatedOutput("changed", "another value", _other_value(value))
    yield MutatedOutput("empty", "no value", None)


def _of_list(items: list[Any]) -> Iterator[MutatedOutput]:
    for place, number in _some(range(len(items))):
        changed = [*items[:number], _other_value(items[number]), *items[number + 1 :]]
        yield MutatedOutput("changed", f"the {place} element changed", changed)
    for change, what, changed in _of_sequence(items, "element"):
        yield MutatedOutput(change, what, changed)


def _other_value(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    if isinstance(value, str):
        return _other(value)
    if isinstance(value, list):
        return [*value[:-1], _other_value(value[-1])] if value else [0]
    return 0


# ---- both


def _of_sequence(items: Sequence[Any], name: str) -> Iterator[tuple[str, str, list[Any]]]:
    """Yield the mutations of the elements of a text, a line or a list: kind, words, changed elements."""
    last = len(items) - 1
    if last < 1:
        return
    yield "replaced", f"the first {name} replaced by the second", [items[1], *items[1:]]
    yield "replaced", f"the last {name} replaced by the one before", [*items[:-1], items[-2]]
    yield "dropped", f"the first {name} missing", list(items[1:])
    yield "dropped", f"the last {name} missing", list(items[:-1])
    yield "doubled", f"the first {name} twice", [items[0], *items]
    yield "doubled", f"the last {name} twice", [*items, items[-1]]
    yield SWAPPED, f"the first two {name}s swapped", [items[1], items[0], *items[2:]]
    yield SWAPPED, f"the first and the last {name} swapped", [items[-1], *items[1:-1], items[0]]


def _some(items: Sequence[Any]) -> list[tuple[str, Any]]:
    """Return the first, the middle and the last of some items, each once, with their names."""
    places = {"first": 0, "middle": len(items) // 2, "last": len(items) - 1}
    numbers = dict.fromkeys(places.values()) if items else {}
    names = {number: name for name, number in reversed(places.items())}
    return [(names[number], items[number]) for number in numbers]
