"""Text that others wrote (programs, models, files), made safe to show in a terminal."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    """A text whose control characters cannot move the cursor or colour the screen."""
    return "".join(map(_printable_character, text))


def one_line(text: str, width: int | None = None) -> str:
    """The same on one line: white space runs become single blanks, what is longer than ``width`` ends in ``...``."""
    line = printable(" ".join(text.split()))
    return line if width is None or len(line) <= width else line[: max(width - 3, 0)] + "..."


def _printable_character(character: str) -> str:
    if character in "\n\t" or character.isprintable():
        return character
    return " " if unicodedata.category(character) == "Zs" else f"\\x{ord(character):02x}"
