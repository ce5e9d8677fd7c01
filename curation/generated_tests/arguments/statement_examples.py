"""Read the inputs of a statement's examples, as LeetCode writes them: ``Input: nums = [3, 1], k = 2``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

_EXAMPLE = re.compile(
    r"^[ \t>*]*Input[ \t]*:?[ \t]*\**[ \t]*:?(?P<arguments>(?:(?!^[ \t>*]*(?:Input|Output)\b).)+?)^[ \t>*]*Output\b",
    re.MULTILINE | re.DOTALL,
)
LONGEST = 2000
"""Characters of the arguments of an example; what is longer is something else."""


def example_inputs(question: str, names: Sequence[str], given: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return the argument lists of the statement's examples that are like the given ones: as many, of the same kinds.

    Args:
        question: The statement.
        names: The names of the parameters, in order.
        given: The given inputs, tidied; at least one.
    """
    written = [match["arguments"].replace("\xa0", " ") for match in _EXAMPLE.finditer(question)]
    read = [list(_read(text, names)) for text in written if len(text) <= LONGEST]
    return [arguments for arguments in read if any(_is_like(arguments, list(each)) for each in given)]


def _read(written: str, names: Sequence[str]) -> Iterator[Any]:
    """Yield the arguments of one example; none if they cannot be read."""
    text = written.strip().strip("`").strip()
    known = "|".join(re.escape(name) for name in names if name)
    parts = re.split(rf"(?:^|[,\n]|\s)\s*(?:{known})\s*=\s*", text) if known else [text]
    if len(parts) > 1:
        if parts[0].strip(" ,\n") or len(parts) != len(names) + 1:
            return
        order = re.findall(rf"(?:^|[,\n]|\s)\s*({known})\s*=\s*", text)
        if order != list(names):
            return
        text = ", ".join(part.strip().rstrip(",") for part in parts[1:])
    try:
        yield from json.loads(f"[{text}]")
    except ValueError:
        return


def _is_like(arguments: Sequence[Any], other: Sequence[Any]) -> bool:
    """Return whether two argument lists have as many arguments, each of the same kind as the other's."""
    return len(arguments) == len(other) and all(map(_are_alike, arguments, other))


def _are_alike(value: Any, other: Any) -> bool:
    """Return whether two values are of one type; elements of lists of one that the other list has, where it has any."""
    if type(value) is not type(other):
        return False
    if not isinstance(value, list) or not value or not other:
        return True
    return all(any(_are_alike(element, like) for like in other) for element in value)
