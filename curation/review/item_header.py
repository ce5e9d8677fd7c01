"""Read the few fields that a list shows from a line of review.jsonl, without parsing the whole line.

A line holds every solution's source and every test: parsing 10,000 lines takes many seconds, and a list needs a
thousandth of them. Searching for ``"key":`` is safe: inside a JSON text the quotes are escaped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from apps_plus.printable import one_line
from apps_plus.problem import load_json
from curation.checkers.proposal import CheckerProposal
from curation.records import Suggestion

_WITH_RAW_DIGEST = b'{"raw_digest":'
TITLE_WIDTH = 120
"""Most characters of a title."""

_STRING = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_TEXTS = rb'(?:[^{}"]|' + _STRING + rb")*"
_VALUE = {
    "text": re.compile(rb"\s*(" + _STRING + rb")", re.DOTALL),
    "list": re.compile(rb'\s*(\[(?:[^\]"]|' + _STRING + rb")*\])", re.DOTALL),
    "flat": re.compile(rb'\s*(null|-?\d+|\{(?:[^{}"]|' + _STRING + rb"|\{" + _TEXTS + rb"\})*\})", re.DOTALL),
}


@dataclass(frozen=True, slots=True)
class ItemHeader:
    """The fields of an item that a list shows."""

    problem_id: str
    digest: str
    """The digest that a decision about the item refers to."""
    tier: str
    reasons: tuple[str, ...]
    suggestion: Suggestion | None
    title: str
    """The first line of the statement, printable."""
    can_be_kept: bool
    """True if some solution passes the tests as they are."""
    raw_digest: str = ""
    """The digest that a portable decision refers to; empty in builds of earlier versions."""
    checker: CheckerProposal | None = None
    """The proposed checker; None without one, and in builds from before there were any."""


def read_header(line: bytes) -> ItemHeader:
    """Read the header of one line. Raises KeyError, TypeError or ValueError if the line is not a review item."""
    suggestion = _field(line, "suggestion", "flat")
    question = _field(line, "question", "text")
    has_checker = b'"checker_proposal":' in line
    return ItemHeader(
        problem_id=str(_field(line, "problem_id", "text")),
        digest=str(_field(line, "item_digest", "text")),
        tier=str(_field(line, "difficulty", "text")),
        reasons=tuple(map(str, _field(line, "reasons", "list"))),
        suggestion=None if suggestion is None else Suggestion(**suggestion),
        title=title_of(question),
        can_be_kept=_field(line, "canonical", "flat") is not None,
        raw_digest=str(_field(line, "raw_digest", "text")) if line.startswith(_WITH_RAW_DIGEST) else "",
        checker=CheckerProposal.from_json(_field(line, "checker_proposal", "flat")) if has_checker else None,
    )


def title_of(question: str) -> str:
    """Return the first line of a statement with a letter or digit, printable."""
    first = next((line for line in question.splitlines() if any(map(str.isalnum, line))), "")
    return one_line(first, TITLE_WIDTH)


_LAST = ("suggestion", "canonical", "checker_proposal")


def _field(line: bytes, name: str, shape: str) -> Any:
    """Parse one field; those in ``_LAST`` are searched from the end, as evidence may use any key."""
    key = b'"' + name.encode() + b'":'
    start = line.rfind(key) if name in _LAST else line.find(key)
    if start < 0:
        raise KeyError(name)
    found = _VALUE[shape].match(line, start + len(name) + 3)
    if found is None:
        raise ValueError(f"{name} has the wrong type")
    return load_json(found[1].decode())
