"""Read the statements of any benchmark from a file of its rows: JSON lines, a JSON document or parquet; gzip too."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from apps_plus.printable import one_line
from harness.scoring.samples.formats import unreadable
from harness.scoring.samples.formats.json_text import opened_json
from harness.scoring.samples.formats.tables import parquet_rows

STATEMENT_FIELDS = (
    "question_content", "question", "problem_statement", "problem_description", "statement", "problem", "prompt",
    "instruct_prompt", "complete_prompt", "description", "text", "instruction", "query", "input",
)  # fmt: skip
"""Usual names of the field with the statement; where rows have several, the first counts."""
ID_FIELDS = ("task_id", "question_id", "problem_id", "id", "name", "slug", "title")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BenchmarkItem:
    """One problem of a benchmark."""

    item_id: str
    statement: str


@dataclass(frozen=True, slots=True)
class BenchmarkStatements:
    """The statements of a benchmark."""

    name: str
    source: str
    """The file's name, or a package and its version."""
    sha256: str
    """Of the file, in hex."""
    field: str
    items: tuple[BenchmarkItem, ...]
    notes: tuple[str, ...] = ()
    """Notes for people on how the file was read."""

    def facts(self) -> dict[str, Any]:
        """Return what identifies it in a manifest."""
        return {"benchmark": self.name, "field": self.field, "tasks": len(self.items), "sha256": self.sha256}


def read_benchmark(path: Path, field: str | None = None, name: str | None = None) -> BenchmarkStatements:
    """Read a file of a benchmark's rows.

    Args:
        path: JSON lines, a JSON document or parquet.
        field: The field of the statement; None: the first of ``STATEMENT_FIELDS`` that the rows have.
        name: The benchmark's name; None: the file's, without its endings.

    Raises:
        InputError: The file cannot be read, a row is no object, or no row has a statement.
    """
    rows = list(_rows(path))
    if not rows:
        raise InputError(f"{path} holds no rows: give one JSON object a line, with the statement in a field")
    chosen, notes = (field, []) if field is not None else _choose_field(path, [row for _, row in rows])
    items = [
        BenchmarkItem(_item_id(row, where), text) for where, row in rows if (text := text_of(row.get(chosen))).strip()
    ]
    if not items:
        raise InputError(f"{path}: no row has a text in the field {chosen!r}: its fields are {_fields(rows)}")
    if len(items) < len(rows):
        notes.append(
            f"{path.name}: {len(rows) - len(items):,} of {len(rows):,} rows have no text in {chosen}: left out"
        )
    stem = path.name.removesuffix(".gz").rpartition(".")[0] or path.name
    return BenchmarkStatements(name or stem, path.name, _digest(path), chosen, tuple(_unique(items)), tuple(notes))


def text_of(value: Any) -> str:
    """Return the text of a field: a text, or the user's messages of a chat; empty for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(message, dict) for message in value):
        return "\n".join(str(message.get("content", "")) for message in value if message.get("role", "user") == "user")
    return ""


def _choose_field(path: Path, rows: list[Row]) -> tuple[str, list[str]]:
    counts = Counter(name for row in rows for name in STATEMENT_FIELDS if text_of(row.get(name)).strip())
    if not counts:
        raise InputError(
            f"{path}: no row has a statement in a field of a usual name ({', '.join(STATEMENT_FIELDS[:7])}, ...): "
            f"name it with --field; the fields are {_fields(enumerate(rows))}"
        )
    most = max(counts.values())
    chosen = next(name for name in STATEMENT_FIELDS if counts[name] == most)
    others = [name for name in STATEMENT_FIELDS if counts[name] and name != chosen]
    also = f" (there also is {', '.join(others)}: choose with --field)" if others else ""
    return chosen, [f"{path.name}: statements are read from the field {chosen}{also}"]


def _fields(rows: Iterable[tuple[Any, Row]]) -> str:
    names = dict.fromkeys(name for _, row in rows for name in row)
    shown = ", ".join(list(names)[:12]) or "(none)"
    return one_line(shown, 200) + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def _item_id(row: Row, where: str) -> str:
    for name in ID_FIELDS:
        value = row.get(name)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).strip():
            return one_line(str(value), 80)
    return where


def _unique(items: Iterable[BenchmarkItem]) -> Iterator[BenchmarkItem]:
    """Yield the items; an id that occurred before is numbered."""
    seen: Counter[str] = Counter()
    for item in items:
        seen[item.item_id] += 1
        count = seen[item.item_id]
        yield item if count == 1 else BenchmarkItem(f"{item.item_id} ({count})", item.statement)


# ---- files


def _rows(path: Path) -> Iterator[tuple[str, Row]]:
    """Yield the rows, each with its place: ``line 3``."""
    if path.is_dir():
        raise InputError(f"{path} is a folder: give a file of the benchmark's rows, such as JSON lines")
    try:
        with path.open("rb") as file:
            head = file.read(512)
        zipped = head[:2] == b"\x1f\x8b"
        if zipped:
            with gzip.open(path) as unpacked:
                head = unpacked.read(512)
        if head.startswith(b"PAR1"):
            if zipped:
                raise InputError(f"{path} is a parquet file inside gzip: unpack it first (gunzip)")
            yield from _objects(path, "row", enumerate(parquet_rows(path), 1))
            return
        if not head.strip():
            return
        if (what := unreadable.binary_kind(head)) is not None:
            raise InputError(f"{path} is {what}")
        with opened_json(path, zipped) as text:
            numbered = text.lines if text.lines is not None else enumerate(_rows_of_document(text.document), 1)
            yield from _objects(path, "line" if text.lines is not None else "row", numbered)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"cannot read {path}: its gzip data is damaged ({error})") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def _objects(path: Path, noun: str, numbered: Iterable[tuple[int, Any]]) -> Iterator[tuple[str, Row]]:
    for number, row in numbered:
        if not isinstance(row, dict):
            raise InputError(f"{path}: {noun} {number} is of type {type(row).__name__}, not an object with fields")
        yield f"{noun} {number}", row


def _rows_of_document(document: Any) -> list[Any]:
    """Return the rows of one JSON document: a list, one row, ``{id: row}``, or ``{"data": [rows]}``."""
    if isinstance(document, list):
        return document
    if not isinstance(document, dict) or any(name in document for name in STATEMENT_FIELDS):
        return [document]
    if document and all(isinstance(value, dict) for value in document.values()):
        return [{"id": key, **row} for key, row in document.items()]
    lists = [value for value in document.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
    return lists[0] if len(lists) == 1 else [document]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
