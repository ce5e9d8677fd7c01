"""Make safe file names and web addresses from the texts of records. Pure functions."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

LONGEST = 80
"""Characters of a name at most; with a suffix it is short enough for every file system."""

_UNSAFE = re.compile(r"[^a-z0-9+_-]+")


def slug(text: str) -> str:
    """Return the text as a part of a file name and an address: lower case ASCII, no dot, never empty."""
    return _UNSAFE.sub("-", text.lower()).strip("-")[:LONGEST] or "unnamed"


def slugs(texts: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Return a distinct slug for each distinct text, independent of their order.

    Texts with equal slugs, or slugs in ``taken``, get "~" (in no slug) and a part of their hash appended.
    """
    plain = {text: slug(text) for text in texts}
    uses = Counter(plain.values()) + Counter(taken)
    return {text: name if uses[name] == 1 else f"{name}~{_digest(text)}" for text, name in plain.items()}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:10]


def web_address(url: str | None) -> str | None:
    """Return the URL if a page may link to it (http or https, with a host), else None."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None
