"""Read text files: JSON lines one by one, or one JSON document. Sizes are limited, and messages name the line."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any, NamedTuple

from apps_plus.errors import InputError
from apps_plus.problem import load_json, unlimited_digits
from apps_plus.storage import json_fault
from harness.scoring.samples.formats import unreadable
from harness.scoring.samples.formats.gather import EXAMPLE
from harness.scoring.samples.formats.value_stream import objects_one_after_another

LINE_LIMIT = 1 << 28
"""Most bytes of one line: 256 MiB."""
DOCUMENT_LIMIT = 1 << 31
"""Most bytes of one JSON document: 2 GiB."""

Line = tuple[int, bytes]
"""A line and its number, from 1."""


class JsonText(NamedTuple):
    """The content of a text file: one document, or the values of its lines."""

    document: Any
    lines: Iterator[tuple[int, Any]] | None
    """Line numbers, from 1, with the values; None if the file is one document."""


@contextmanager
def opened_json(path: Path, zipped: bool) -> Iterator[JsonText]:
    """Open a text file, and detect from its first two lines whether it is JSON lines or one document.

    Raises InputError if it is neither, naming its format or the line. Reading the lines may raise it too.
    """
    with _opened(path, zipped) as file:
        lines = _lines(path, file)
        first = next(lines, None)
        if first is None:
            raise InputError(f"{path} holds no samples: a line looks like {EXAMPLE}")
        _refuse_other_formats(path, first[1])
        second = next(lines, None)
        value = _try_json(_decode(path, *first))
        if second is None:
            yield JsonText(value, None) if value is not _NOT_JSON else _document(path, first, first[1])
        elif value is _NOT_JSON or not isinstance(value, (dict, list, str)):
            yield _document(path, first, _remaining(path, file, (first, second)))
        else:
            yield JsonText(None, _parsed(path, file, (first, second), lines))


@contextmanager
def _opened(path: Path, zipped: bool) -> Iterator[IO[bytes]]:
    with path.open("rb") as raw:
        if zipped:
            with gzip.open(raw) as unpacked:
                yield io.BufferedReader(unpacked)
        else:
            yield raw


def _lines(path: Path, file: IO[bytes]) -> Iterator[Line]:
    """Yield the lines that are not blank, with their numbers from 1."""
    number = 0
    while line := file.readline(LINE_LIMIT):
        number += 1
        if len(line) == LINE_LIMIT and not line.endswith(b"\n"):
            raise InputError(f"{path}:{number}: longer than the {LINE_LIMIT:,} bytes of a line that are read")
        if line.strip():
            yield number, line


def _decode(path: Path, number: int, line: bytes) -> str:
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}:{number}: not UTF-8: save it in that encoding") from error


def _refuse_other_formats(path: Path, line: bytes) -> None:
    """Raise InputError that names the format of a file that is not JSON, by its first line."""
    start = line.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start in (b"{", b"["):
        return
    what = unreadable.binary_kind(line[:512]) or unreadable.text_kind(
        line[:4096].decode("utf-8-sig", "replace"), Path(path.name.removesuffix(".gz")).suffix
    )
    if what is not None:
        raise InputError(f"{path} is {what}")


_NOT_JSON = object()


def _try_json(text: str) -> Any:
    try:
        return load_json(text)
    except (ValueError, RecursionError):
        return _NOT_JSON


def _fault(text: str) -> str:
    try:
        load_json(text)
    except (ValueError, RecursionError) as error:
        return json_fault(error)
    return ""


def _parsed(path: Path, file: IO[bytes], before: tuple[Line, ...], lines: Iterator[Line]) -> Iterator[tuple[int, Any]]:
    """Yield the values of the lines. From the first line that is not JSON, objects may span several lines."""
    waiting = list(before)
    for line in chain(before, lines):
        waiting = [one for one in waiting if one[0] > line[0]]
        try:
            yield line[0], load_json(_decode(path, *line))
        except (ValueError, RecursionError) as error:
            rest = _remaining(path, file, (line, *waiting), line[0])
            found = objects_one_after_another(_decode(path, line[0], rest), line[0])
            if found is None:
                raise InputError(f"{path}:{line[0]}: not JSON: {json_fault(error)}") from error
            yield from found
            return


# ---- one JSON document


def _remaining(path: Path, file: IO[bytes], before: tuple[Line, ...], at: int = 1) -> bytes:
    """Return all lines of a document from line ``at`` on, of which the first ones have been read."""
    data = b""
    for number, line in before:
        data += b"\n" * (number - at) + line
        at = number + 1
    data += file.read(DOCUMENT_LIMIT)
    if len(data) >= DOCUMENT_LIMIT:
        raise InputError(
            f"{path}: larger than the {DOCUMENT_LIMIT:,} bytes of a document that are read: use JSON lines"
        )
    return data


def _document(path: Path, first: Line, data: bytes) -> JsonText:
    """Return one document, or objects one after another."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}:{number}: not UTF-8: save it in that encoding") from error
    try:
        return JsonText(_load_document(text), None)
    except _RepeatedKeyError as error:
        raise InputError(f"{path}: {error}") from error
    except (ValueError, RecursionError) as error:
        found = objects_one_after_another(text)
        if found:
            return JsonText(None, iter(found))
        if not isinstance(error, json.JSONDecodeError) or _is_a_line(first[1]):
            raise InputError(f"{path}:{first[0]}: not JSON: {_fault(_decode(path, *first))}") from error
        raise InputError(f"{path}:{error.lineno}: not JSON: {json_fault(error)}") from error


def _is_a_line(line: bytes) -> bool:
    """Return whether a line that is no JSON was meant to be an object of its own."""
    return line.lstrip().startswith(b"{") and line.rstrip().endswith(b"}")


class _RepeatedKeyError(ValueError):
    """An object names the same thing twice, and only the last of the two would be read."""


def _load_document(text: str) -> Any:
    with unlimited_digits():
        return json.loads(text, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs) and all(isinstance(value, (str, list)) for value in found.values()):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _RepeatedKeyError(f"{twice!r} occurs twice: write its programs as one list")
    return found
