"""Read and write the files of result records."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from apps_plus.errors import InputError
from apps_plus.storage import json_fault, write_atomically
from harness.scoring.result_record import SCHEMA_VERSION, Part, Record

_REQUIRED = tuple(name for name, field in Record.model_fields.items() if field.is_required())
_MAKE_ONE = "`apps-plus evaluate` writes one with --record"


def parse_record(text: str, where: str) -> Record:
    """Parse a record from JSON text; ``where`` names its file in messages.

    Raises:
        InputError: It is no record; names the first wrong field.
    """
    try:
        data = json.loads(text, parse_constant=_refuse, object_pairs_hook=_no_repeats)
    except (ValueError, RecursionError) as error:
        if _is_json_lines(text):
            raise InputError(f"{where}: JSON lines, not a record: {_MAKE_ONE}") from error
        raise InputError(f"{where}: not JSON: {json_fault(error)}") from error
    if not isinstance(data, dict):
        raise InputError(f"{where}: not a record: a record is one JSON object")
    if data and data.keys().isdisjoint(_REQUIRED):
        raise InputError(f"{where}: not a record, it has none of {', '.join(_REQUIRED)}: {_MAKE_ONE}")
    version = data.get("schema_version", SCHEMA_VERSION)
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise InputError(f"{where}: of schema version {version}; this apps-plus reads {SCHEMA_VERSION}: update it")
    try:
        return Record.model_validate_json(text)
    except ValidationError as error:
        raise InputError(f"{where}: {describe_fault(error)}") from error


def _is_json_lines(text: str) -> bool:
    first, _, rest = text.partition("\n")
    try:
        return bool(rest.strip()) and isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the field {next(name for name in names if names.count(name) > 1)!r} occurs twice")
    return data


def describe_fault(error: ValidationError) -> str:
    """Describe the first fault of a record: ``scores.0.value: Input should be less than or equal to 1``."""
    faults = error.errors(include_url=False, include_context=False)
    # An unknown field is often the missing one, misspelt.
    fault = next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])
    place = ".".join(str(step) for step in fault["loc"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    if fault["type"] == "extra_forbidden":
        return f"{place}: no such field{_similar_field(fault['loc'])}{more}"
    if fault["type"] == "missing":
        return f"{place} is missing{more}"
    message = fault["msg"].removeprefix("Value error, ")
    got = fault.get("input")
    seen = f", not {json.dumps(got, default=str)[:60]}" if isinstance(got, (str, int, float, bool)) else ""
    return f"{place}: {message}{seen}{more}" if place else message + more


def _similar_field(loc: tuple[int | str, ...]) -> str:
    names = [name for part in Part.__subclasses__() for name in part.model_fields]
    close = difflib.get_close_matches(str(loc[-1]), names, n=1)
    return f": did you mean {close[0]}?" if close else ""


def read_record(path: Path) -> Record:
    """Read a record's file. Raises InputError naming the file, and the wrong field if there is one."""
    return parse_record(read_text(path), str(path))


def read_text(path: Path) -> str:
    """Read a text file, keeping its line ends. Raises InputError where it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8: save it in that encoding") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def dump_record(record: Record) -> str:
    """Return the text of a record's file, without empty fields."""
    data = {
        key: value for key, value in record.model_dump(mode="json", exclude_none=True).items() if value not in ({}, [])
    }
    problems = data.pop("problems", None)
    text = json.dumps(data, indent=2, ensure_ascii=False)
    if problems is None:
        return text + "\n"
    # One line for each tier; json.dumps would write four for each problem.
    lines = ",\n".join(
        f"    {json.dumps(tier)}: {json.dumps(its, ensure_ascii=False)}" for tier, its in problems.items()
    )
    return f'{text[:-2]},\n  "problems": {{\n{lines}\n  }}\n}}\n'


def check_replaceable(path: Path, option: str) -> None:
    """Raise InputError if ``path`` holds something other than a record. An empty file may be replaced.

    ``option`` is the option that named the path, for the message.
    """
    if not path.is_file() or not path.stat().st_size:
        return
    try:
        read_record(path)
    except InputError as error:
        raise InputError(f"{option} {path} exists and is not a record: choose another, or move it away") from error


def write_record(record: Record, path: Path) -> None:
    """Write a record's file atomically. Raises OutputError where it cannot be written."""
    with write_atomically(path) as file:
        file.write(dump_record(record))
