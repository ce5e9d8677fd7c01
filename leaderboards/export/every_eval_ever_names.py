"""Make the names of Every Eval Ever (folders, file names), and its ``additional_details``."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from typing import Any

from harness.scoring.result_record import Record

_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\..*)?|data|unknown|\.*")
"""Names that the datastore or a file system refuses."""


def collection(record: Record) -> str:
    """Return the folder name of a record's benchmark."""
    name = record.dataset.name.replace("+", "-plus")
    return component(name if name.startswith("apps-plus") else f"apps-plus-{name}")


def component(text: str, keep: str = "") -> str:
    """Return the text as a folder name that every file system takes; ``keep`` lists further characters to keep."""
    name = re.sub(rf"[^\w.+{keep}-]+", "-", text).strip("-").rstrip(".")
    return f"_{name}" if _RESERVED.fullmatch(name) else name


def content_uuid(text: str) -> uuid.UUID:
    """Return a version 4 UUID whose random bits are the hash of the text."""
    return uuid.UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4)


def details(**facts: Any) -> dict[str, str]:
    """Return the facts that are not None as texts, which the schema requires; other values are written as JSON."""
    return {name: _text(value) for name, value in facts.items() if value is not None}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str).strip('"')
