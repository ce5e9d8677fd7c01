"""Convert the shapes of a test in raw APPS to the one that programs run with. Pure functions."""

from __future__ import annotations

from typing import Any

from apps_plus.problem import dump_json, load_json


def text_of(value: Any) -> str:
    """Return a standard input or output as text; raw APPS has a string, a list of lines, or a number.

    Raises ValueError for anything else.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        lines = [line if isinstance(line, str) else dump_json(line) for line in value]
        return "".join(line.removesuffix("\n").removesuffix("\r") + "\n" for line in lines)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return dump_json(value)
    raise ValueError(f"of a standard-input problem is a {type(value).__name__}, not text")


def unix_line_ends(text: str) -> str:
    """Replace the line ends ``\\r\\n`` and ``\\r`` by ``\\n``."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def arguments_of(value: Any) -> list[Any]:
    """Return the list of arguments of a call; a text holds one JSON argument per line, as for APPS's own judge.

    Raises ValueError for anything else.
    """
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        try:
            return [load_json(line) for line in value.split("\n") if line.strip()]
        except (ValueError, RecursionError) as error:
            raise ValueError(f"is not a list of arguments: {error}") from error
    raise ValueError(f"of a call-based problem is a {type(value).__name__}, not a list of arguments")
