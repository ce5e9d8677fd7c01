"""Split a statement into its sections: the body, the input's format, the constraints, the subtasks, the examples.

Statements of APPS write headings as ``-----Input-----``, ``=====Input Format=====``, ``Input:``, ``**Constraints:**``
or a line of its own. What follows a heading for examples, notes, explanations or output says nothing about inputs;
neither do "function descriptions", which teach the functions of a library. ``# Input/Output`` of Codewars opens the
input's format, also after an example; there, and anywhere else, ``[input]`` and ``[output]`` head their own parts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEADINGS = {
    "input": r"input(?: format| section| specification| description| ?(?:/|&|and) ?outputs?)?|function description",
    "constraints": r"(?:input )?constrain(?:ts?|s)(?: and subtasks)?|test ?data|assumptions?|limits?",
    "subtasks": r"sub ?tasks?(?: and constraints)?|scoring|partial scores?|subtask details",
    "output": r"outputs?(?: format| section| specification| details| description)?",
    "example": r"(?:sample|example)s?(?: (?:text|test))?(?: cases?| inputs?| outputs?| tests?)?(?: \d+)?"
    r"|explanations?(?: .*)?|notes?|time limits?|discussion|function descriptions",
    "body": r"problem statement|problem|task|statement|description",
}
_SECTION_OF = [(name, re.compile(rf"(?:{words})\W*", re.IGNORECASE)) for name, words in _HEADINGS.items()]
_FENCED = re.compile(r"^\s*(?:-{3,}|={3,})\s*([^-=\n][^\n]*?)\s*(?:-{3,}|={3,})\s*(.*)$")
_MARKED = re.compile(r"^\s*(?:\*\*|#{1,4}\s*|__)\s*([A-Za-z][A-Za-z/& ]{2,30}?)\s*:?\s*(?:\*\*|__)?\s*:?\s*$")
_PLAIN = re.compile(r"^\s*([A-Za-z][A-Za-z/& ]{2,30}?(?: \d{1,2})?)\s*(?::\s*(.*)|)$")
_BOTH = re.compile(r"input ?(?:/|&|and) ?outputs?", re.IGNORECASE)
_PARAMETER = re.compile(r"^[\s*`-]*\[(input|output)\](.*)$", re.IGNORECASE)
"""The head of one parameter, or of the result: ``- `[input]` integer `n```."""
_SUBTASK = re.compile(r"^\W*(?:sub ?task|task) ?#? ?\d|^\W*\d+ ?(?:\\?%|points)|\(\d+ (?:points|pts)\)", re.IGNORECASE)
_GLUED = re.compile(
    r"(?:(?<=[.$)\]])[ \t]?|(?<=[a-z]))((?:Output|Constraints|Sample (?:Input|Output)(?: \d)?)[ :]*)(?=\n)"
)
"""A heading that stands at the end of the line before it: ``... is minimumConstraints``."""
_REMARK = re.compile(r"\s*note\s*:\s*\S", re.IGNORECASE)
"""A remark amid a section, and no heading: "Note: a solution always exists."."""
_OF_THE_ORIGINAL = re.compile(r"original|no (?:further|additional)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sections:
    """The parts of a statement that say something about inputs; each may be empty."""

    body: str
    input: str
    constraints: str
    subtasks: str
    """Constraints of easier variants: inputs that obey them are valid, but they are not the whole range."""


def split_sections(question: str) -> Sections:
    """Split a statement into its sections; what stands before the first heading is the body."""
    parts: dict[str, list[str]] = {name: [] for name in _HEADINGS}
    current = "body"
    for line in _GLUED.sub(r"\n\1", question.replace("\r", "")).split("\n"):
        is_remark = current in ("body", "input") and _REMARK.match(line)
        heading = None if is_remark else _heading(line, inside_example=current == "example")
        if heading is not None:
            current, line = heading
        elif current == "constraints" and _SUBTASK.search(line) and not _OF_THE_ORIGINAL.search(line):
            current = "subtasks"
        parts[current].append(line)
    return Sections(*("\n".join(parts[name]).strip() for name in ("body", "input", "constraints", "subtasks")))


def _heading(line: str, inside_example: bool) -> tuple[str, str] | None:
    """Return the section that a line opens and what else stands on it; None if it is no heading.

    In an example the words "Input" and "Output" head its parts.
    """
    if match := _PARAMETER.match(line):
        return match[1].lower(), match[2]
    for pattern in (_FENCED, _MARKED, _PLAIN):
        match = pattern.match(line)
        if match is None:
            continue
        rest = match[2] or "" if pattern.groups > 1 else ""
        title = match[1].strip().strip(":* ")
        for name, words in _SECTION_OF:
            if words.fullmatch(title):
                is_part = inside_example and pattern is not _FENCED and name in ("input", "output")
                is_part = is_part and not _BOTH.match(title)
                return None if is_part else (name, rest)
        if pattern is _FENCED:
            return "body", rest
    return None
