"""Make untrusted text (from programs, models, files) safe to print in a terminal."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    """Escape control characters, so that the text cannot move the cursor or colour the screen."""
    return "".join(map(_printable_character, text))


def one_line(text: str, width: int | None = None) -> str:
    """Make the text printable on one line: white space becomes single blanks; cut with ``...`` after ``width``."""
    line = printable(" ".join(text.split()))
    return line if width is None or len(line) <= width else line[: max(width - 3, 0)] + "..."


def _printable_character(character: str) -> str:
    if character in "\n\t" or character.isprintable():
        return character
    return " " if unicodedata.category(character) == "Zs" else f"\\x{ord(character):02x}"
