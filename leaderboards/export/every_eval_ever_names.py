"""Names and texts in Every Eval Ever: folders, file names, and facts that have no field of their own."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from typing import Any

from harness.scoring.result_record import Record

_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\..*)?|data|unknown|\.*")
"""Names that the datastore, or a file system, does not take."""


def collection(record: Record) -> str:
    """The folder of a record's benchmark."""
    name = record.dataset.name.replace("+", "-plus")
    return component(name if name.startswith("apps-plus") else f"apps-plus-{name}")


def component(text: str, keep: str = "") -> str:
    """The text as the name of a folder on any system."""
    name = re.sub(rf"[^\w.+{keep}-]+", "-", text).strip("-").rstrip(".")
    return f"_{name}" if _RESERVED.fullmatch(name) else name


def content_uuid(text: str) -> uuid.UUID:
    """A UUID of version 4 whose random bits are the content's hash."""
    return uuid.UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4)


def details(**facts: Any) -> dict[str, str]:
    """What has no field of its own: the schema takes texts only, so anything else is written as JSON."""
    return {name: _text(value) for name, value in facts.items() if value is not None}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str).strip('"')
