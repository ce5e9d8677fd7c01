"""Finds the few fields that a list of items shows in a line of review.jsonl, without parsing the line.

Real lines hold every solution's source and every test: 10,000 of them take many seconds to parse, and the list needs
a thousandth of that. A key in quotes with a colon can stand nowhere else in JSON: inside a text its quotes are escaped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from apps_plus.printable import one_line
from apps_plus.problem import load_json
from curation.records import Suggestion

TITLE_WIDTH = 120
"""Characters of a statement's first line that a list may show."""

_STRING = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_TEXTS = rb'(?:[^{}"]|' + _STRING + rb")*"
_VALUE = {
    "text": re.compile(rb"\s*(" + _STRING + rb")", re.DOTALL),
    "list": re.compile(rb'\s*(\[(?:[^\]"]|' + _STRING + rb")*\])", re.DOTALL),
    "flat": re.compile(rb'\s*(null|-?\d+|\{(?:[^{}"]|' + _STRING + rb"|\{" + _TEXTS + rb"\})*\})", re.DOTALL),
}


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of an item before it is parsed."""

    problem_id: str
    digest: str
    """What a decision about it names."""
    tier: str
    reasons: tuple[str, ...]
    suggestion: Suggestion | None
    title: str
    """The first line of the statement, printable."""
    can_be_kept: bool
    """Whether some solution passes the tests as they are."""


def read_header(line: bytes) -> Header:
    """The header of one line. Raises KeyError, TypeError or ValueError where it is no review item."""
    suggestion = _field(line, "suggestion", "flat")
    question = _field(line, "question", "text")
    return Header(
        problem_id=str(_field(line, "problem_id", "text")),
        digest=str(_field(line, "item_digest", "text")),
        tier=str(_field(line, "difficulty", "text")),
        reasons=tuple(map(str, _field(line, "reasons", "list"))),
        suggestion=None if suggestion is None else Suggestion(**suggestion),
        title=title_of(question),
        can_be_kept=_field(line, "canonical", "flat") is not None,
    )


def title_of(question: str) -> str:
    """The first line of a statement that says something, printable."""
    first = next((line for line in question.splitlines() if any(map(str.isalnum, line))), "")
    return one_line(first, TITLE_WIDTH)


def _field(line: bytes, name: str, shape: str) -> Any:
    """A field by its key. Evidence stands between the first fields and ``suggestion``, and may use any key."""
    key = b'"' + name.encode() + b'":'
    start = line.rfind(key) if name in ("suggestion", "canonical") else line.find(key)
    if start < 0:
        raise KeyError(name)
    found = _VALUE[shape].match(line, start + len(name) + 3)
    if found is None:
        raise ValueError(f"{name} is not what it should be")
    return load_json(found[1].decode())
