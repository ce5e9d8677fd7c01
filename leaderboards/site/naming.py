"""Names of files and addresses, from texts that nobody checked. Pure functions."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

LONGEST = 80
"""Characters of a name; every file system takes it with a suffix."""

_UNSAFE = re.compile(r"[^a-z0-9+_-]+")


def slug(text: str) -> str:
    """The text as a name of a file and a part of an address: lower case ASCII, no dot, never empty."""
    return _UNSAFE.sub("-", text.lower()).strip("-")[:LONGEST] or "unnamed"


def slugs(texts: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """A slug for each distinct text, each another one, whatever the order of the texts.

    Texts whose slugs are equal, or ``taken``, get a part of their hash as well, after a "~", which is in no slug.
    """
    plain = {text: slug(text) for text in texts}
    uses = Counter(plain.values()) + Counter(taken)
    return {text: name if uses[name] == 1 else f"{name}~{_digest(text)}" for text, name in plain.items()}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:10]


def web_address(url: str | None) -> str | None:
    """The address if a page may link to it: http and https only, with a host. None otherwise."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None
