"""Read plain features of an input: an empty list, a zero, equal elements, ... They may explain why voters dissent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def features_of(value: Any) -> frozenset[str]:
    """Return the features of an input.

    Args:
        value: The list of arguments, or the text for standard input.
    """
    if isinstance(value, str):
        return frozenset(_of_text(value))
    return frozenset(_of_arguments(value))


def _of_text(text: str) -> Iterator[str]:
    lines = [line.split() for line in text.splitlines()]
    for words in lines:
        if len(words) >= 2 and len(set(words)) < len(words):
            yield "equal elements"
    for number in (float(word) for words in lines for word in words if _NUMBER.fullmatch(word)):
        yield from _of_number(number)


def _of_arguments(arguments: list[Any]) -> Iterator[str]:
    for number, argument in enumerate(arguments, 1):
        own = _of_value(argument)
        yield from own if len(arguments) == 1 else (f"{feature} in argument {number}" for feature in own)
    for left, right in pairwise(arguments):
        if type(left) is type(right):
            yield "equal arguments" if left == right else "different arguments"
        if _are_numbers([left, right]) and left != right:
            yield "falling arguments" if left > right else "rising arguments"


def _of_value(value: Any) -> Iterator[str]:
    """Yield the features of one argument."""
    if isinstance(value, (list, str)):
        yield "odd length" if len(value) % 2 else "even length"
    elif isinstance(value, int) and not isinstance(value, bool):
        yield "odd number" if value % 2 else "even number"
        yield from (f"digit {digit}" for digit in sorted(set(str(abs(value)))))
    yield from _of_parts(value)


def _of_parts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        yield from _of_list(value)
        for child in value:
            yield from _of_parts(child)
    elif isinstance(value, dict):
        for child in value.values():
            yield from _of_parts(child)
    elif isinstance(value, str):
        yield from _of_word(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _of_number(value)


def _of_list(values: list[Any]) -> Iterator[str]:
    if len(values) < 2:
        yield "one element" if values else "empty"
        return
    different = {repr(value) for value in values}
    if len(different) < len(values):
        yield "all equal" if len(different) == 1 else "equal elements"
    if _are_numbers(values) and len(different) > 1:
        yield "sorted" if values == sorted(values) else "unsorted"


def _of_word(text: str) -> Iterator[str]:
    if len(text) < 2:
        yield "one character" if text else "empty"
    if "  " in text or text != text.strip():
        yield "spare spaces"
    if text != text.lower():
        yield "upper case"
    if len(set(text)) < len(text):
        yield "equal characters"


def _of_number(number: float) -> Iterator[str]:
    if number < 0:
        yield "negative"
    elif number <= 1:
        yield "zero" if number == 0 else "up to one"
    if number % 1:
        yield "decimal"


def _are_numbers(values: list[Any]) -> bool:
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
