"""The mark that exports carry, by which a later one sees what it may replace: a file that nobody has changed since."""

from __future__ import annotations

import hashlib
import re

MARK = "made by apps-plus leaderboard export"
DIGITS = 16
_MARKED = re.compile(rf"{MARK} \(([0-9a-f]{{{DIGITS}}})\)")


def marked(before: str, after: str) -> str:
    """A file's text with the mark between its two parts, and in the mark the hash of both."""
    return f"{before}{MARK} ({_digest(before + after)}){after}"


def is_as_exported(text: str) -> bool:
    """Whether a file is, to the byte, what an export wrote; one that was pasted into another text is not."""
    return any(_digest(text[: it.start()] + text[it.end() :]) == it[1] for it in _MARKED.finditer(text))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]
