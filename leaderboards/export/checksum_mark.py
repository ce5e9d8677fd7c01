"""Mark exported files with a checksum. A later export replaces a file only if its checksum still fits."""

from __future__ import annotations

import hashlib
import re

MARK = "made by apps-plus leaderboard export"
DIGITS = 16
_MARKED = re.compile(rf"{MARK} \(([0-9a-f]{{{DIGITS}}})\)")


def marked(before: str, after: str) -> str:
    """Return the text ``before`` + mark + ``after``; the mark holds the hash of the two parts."""
    return f"{before}{MARK} ({_digest(before + after)}){after}"


def is_as_exported(text: str) -> bool:
    """Return whether a text is, to the byte, what an export wrote. An export pasted into another text is not."""
    return any(_digest(text[: it.start()] + text[it.end() :]) == it[1] for it in _MARKED.finditer(text))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]
