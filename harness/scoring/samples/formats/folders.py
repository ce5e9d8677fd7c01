"""Read the files of a folder or a zip: programs as EvalPlus writes them, or files of one JSON object (MultiPL-E).

``HumanEval_0/0.py`` is a sample of HumanEval/0. Names that are numbers are sorted as numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import load_json
from apps_plus.storage import json_fault
from harness.scoring.samples.formats.gather import Gathering
from harness.scoring.samples.formats.ids import unfolded
from harness.scoring.samples.formats.inspect_ai import natural
from harness.scoring.samples.formats.readers import entries_of
from harness.scoring.samples.sample import NotASampleError, Sample, SamplesRead

_PROGRAM = re.compile(r"^(?:([^/]+)/)?([^/]+)\.py$")
_JSON = re.compile(r"^[^/]+\.json(?:\.gz)?$")

Reader = Callable[[str], bytes]
"""Returns the bytes of a file by its name."""


def programs_in(names: Iterable[str]) -> list[str]:
    """Return the names of programs, ``<id>/<n>.py`` or ``<id>.py``, in order."""
    return sorted((name for name in names if _PROGRAM.match(name) and not _is_hidden(name)), key=natural)


def rows_in(names: Iterable[str]) -> list[str]:
    """Return the names of files that may be rows, ``<id>.json``, without MultiPL-E's files of verdicts beside them."""
    found = [name for name in names if _JSON.match(name) and not _is_hidden(name)]
    there = set(found)
    found = [name for name in found if name.replace(".results.json", ".json") not in there - {name}]
    return sorted(found, key=natural)


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__")) for part in name.split("/"))


def read_programs(where: str, names: Sequence[str], read: Reader) -> SamplesRead:
    """Return a sample for each program. Raises InputError if one is not UTF-8."""
    samples = []
    for number, name in enumerate(names, 1):
        match = _PROGRAM.match(name)
        assert match is not None, "programs_in chose it"
        folder, stem = match.groups()
        sample_id = stem if folder is not None else ""
        samples.append(Sample(unfolded(folder or stem), _text(where, name, read), "solution", number, sample_id))
    in_folders = sum("/" in name for name in names)
    shape = "EvalPlus's folder of programs" if in_folders == len(names) else "a folder of programs"
    return SamplesRead(samples, shape, (f"read as {shape}",))


def read_rows(where: str, names: Sequence[str], read: Reader, field: str | None) -> SamplesRead:
    """Return the samples of files that hold one JSON object each. Raises InputError if one does not."""
    gathering = Gathering(lambda number: f"{where}/{names[number - 1]}", field)
    for number, name in enumerate(names, 1):
        for entry in _entries(where, name, read, field):
            gathering.add(entry, number)
    return gathering.finish(where, "a folder of JSON files")


def _entries(where: str, name: str, read: Reader, field: str | None) -> Iterable[Any]:
    value = json_of(where, name, read)
    if not isinstance(value, dict):
        raise InputError(f"{where}/{name}: not a JSON object")
    try:
        return entries_of(value, field).entries
    except NotASampleError as fault:
        raise InputError(f"{where}/{name} is {fault}") from fault


def _text(where: str, name: str, read: Reader) -> str:
    try:
        return read(name).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{where}/{name}: not UTF-8: save it in that encoding") from error


def json_of(where: str, name: str, read: Reader) -> Any:
    """Return the JSON value in a file. Raises InputError if it is not JSON."""
    try:
        return load_json(_text(where, name, read))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}/{name}: not JSON: {json_fault(error)}") from error
