"""Load LiveCodeBench (arXiv 2403.07974) from its authors' files: JSON lines, one problem in each row.

A release has hundreds of megabytes, nearly all of it private tests: rows are read one at a time, and tests are unpacked
only for the selected problems. ``docs/livecodebench.md`` lists the differences between its judge and this one.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import gzip
import hashlib
import re
import zlib
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from apps_plus.errors import InputError
from apps_plus.problem import Comparison, Tests, load_json, sha256_of
from apps_plus.raw_tests import arguments_of, unix_line_ends
from apps_plus.storage import json_fault
from harness.scoring.benchmarks.benchmark import Benchmark, BenchmarkProblem, Suite

Row = dict[str, Any]

DIFFICULTIES = ("easy", "medium", "hard")
"""Its tiers, easiest first."""
EVERYTHING = (None, "all", "test")
"""Splits that mean the whole file."""

_DATE = r"\d{4}-\d{2}-\d{2}"
_WINDOW = re.compile(rf"({_DATE})?\.\.({_DATE})?")
_ASKED = ("question_id", "question_content", "starter_code", "public_test_cases", "private_test_cases", "metadata")
"""Fields that define a problem and how answers are judged."""


@dataclass(frozen=True, slots=True)
class Window:
    """The contests between two days, both included; None: no limit."""

    since: datetime.date | None = None
    until: datetime.date | None = None

    def __contains__(self, day: object) -> bool:
        after = self.since is None or (isinstance(day, datetime.date) and day >= self.since)
        return after and (self.until is None or (isinstance(day, datetime.date) and day <= self.until))

    @property
    def name(self) -> str:
        """Its name as a split: ``2024-08-01..2025-01-31``."""
        return f"{self.since or ''}..{self.until or ''}"

    def describe(self) -> str:
        """Return the window in words, beginning with ``, contests``; empty if there is no limit."""
        since = f" from {self.since}" if self.since else ""
        until = f" to {self.until}" if self.until else ""
        return f", contests{since}{until}" if since or until else ""


def window_named(split: str | None) -> Window:
    """Return the window that a split names. Raises InputError if it names none."""
    if split in EVERYTHING:
        return Window()
    match = _WINDOW.fullmatch(split or "")
    if match is None:
        raise InputError(f"livecodebench has no split {split}: choose contests with --since DATE and --until DATE")
    return window_of(*match.groups())


def window_of(since: str | None, until: str | None) -> Window:
    """Return the window between two dates. Raises InputError if one is invalid, or they are in the wrong order."""
    days = []
    for option, text in (("--since", since), ("--until", until)):
        try:
            days.append(datetime.date.fromisoformat(text) if text else None)
        except ValueError as error:
            raise InputError(f"{option} {text} is not a date: write it as 2024-08-31") from error
    if days[0] and days[1] and days[0] > days[1]:
        raise InputError(f"--since {since} is after --until {until}: no contest is between them")
    return Window(days[0], days[1])


def split_for(task: str, split: str | None, since: str | None, until: str | None) -> str | None:
    """Return the split for the options of a command. Raises InputError if they contradict each other."""
    if since is None and until is None:
        return split
    if task != "livecodebench":
        raise InputError(f"--since and --until are for livecodebench: the problems of {task} have no dates")
    if split not in EVERYTHING:
        raise InputError(f"--split {split} and --since or --until both choose problems: leave one out")
    return window_of(since, until).name


@dataclass(slots=True)
class _ReadCounts:
    """Counts of rows without a date and with public tests only, and the place of each id."""

    undated: int = 0
    public_only: int = 0
    places: dict[str, str] = field(default_factory=dict)


def load_livecodebench(data: Path, split: str | None, only: Container[str]) -> Benchmark:
    """Load a release: a JSON-lines file (gzip too), or a folder with the ``test*.jsonl`` of several.

    Args:
        data: The file or folder.
        split: None for all problems, or the name of a ``Window``.
        only: Ids of the problems to load with their tests.

    Raises:
        InputError: It cannot be read, or a row is not a problem of LiveCodeBench.
    """
    window, seen, digest = window_named(split), _ReadCounts(), hashlib.sha256()
    problems = []
    for where, row in _rows(data, digest):
        try:
            task_id = _id_of(row)
            if (first := seen.places.setdefault(task_id, where)) != where:
                raise InputError(f"{where}: {task_id} is also at {first}: remove one of the two")
            if not _is_in(row, window, seen):
                continue
            seen.public_only += not _text(row, "private_test_cases").strip(" []\n")
            problems.append(_problem(task_id, row, task_id in only))
        except (KeyError, TypeError, ValueError) as error:
            what = f"no field {error}" if isinstance(error, KeyError) else str(error)
            raise InputError(f"{where}: not a problem of LiveCodeBench: {what}") from error
    source = f"{data.name}, sha256 {digest.hexdigest()[:12]}{window.describe()}{_describe_counts(seen, len(problems))}"
    return Benchmark("livecodebench", source, tuple(problems), completes_code=False)


def _describe_counts(seen: _ReadCounts, total: int) -> str:
    undated = f", {seen.undated} without a date left out" if seen.undated else ""
    return undated + (f", {seen.public_only} of {total} with public tests only" if seen.public_only else "")


def asked_digest(data: Path, ids: Iterable[str]) -> str:
    """Return the SHA-256 of the fields that define these problems, reading the rows one at a time."""
    chosen = set(ids)
    rows = _rows(data, hashlib.sha256())
    digests = ([_id_of(row), sha256_of([row.get(name) for name in _ASKED])] for _, row in rows)
    return sha256_of(sorted(pair for pair in digests if pair[0] in chosen))


# ---- one problem


def _id_of(row: Row) -> str:
    task_id = row["question_id"]
    if isinstance(task_id, bool) or not isinstance(task_id, str | int) or task_id == "":
        raise TypeError("its question_id is neither a text nor a number")
    return str(task_id)


def _is_in(row: Row, window: Window, seen: _ReadCounts) -> bool:
    if window == Window():
        return True
    day = _day(row.get("contest_date"))
    seen.undated += day is None
    return day in window if day is not None else False


def _day(value: object) -> datetime.date | None:
    """Return the day of a contest; None if the row has none."""
    try:
        return datetime.datetime.fromisoformat(str(value)).date()
    except ValueError:
        return None


def _problem(task_id: str, row: Row, with_tests: bool) -> BenchmarkProblem:
    """Return a problem; it has no suite if its tests are missing, broken or not loaded."""
    entry_point = _entry_point(row)
    tests = None
    if with_tests:
        try:
            tests = tests_of(row, entry_point)
        except (ValueError, TypeError, KeyError, RecursionError):
            tests = None
    return BenchmarkProblem(
        task_id,
        _text(row, "question_content", needed=True),
        entry_point,
        "",
        (Suite("base", tests),) if tests is not None else (),
        _text(row, "difficulty"),
        _text(row, "starter_code"),
        # Numbers and white space as APPS's problems have them, in printed and in returned values.
        comparison=Comparison.FLOAT,
        gives_imports=True,
        day=_day(row.get("contest_date")),
    )


def _entry_point(row: Row) -> str | None:
    """Return the function to call; None: a script. Raises ValueError or TypeError if the metadata cannot be read."""
    metadata = row.get("metadata") or "{}"
    found = load_json(metadata) if isinstance(metadata, str) else metadata
    if not isinstance(found, dict):
        raise TypeError("its metadata is not a JSON object")
    name = found.get("func_name")
    return str(name) if name else None


def _text(row: Row, name: str, needed: bool = False) -> str:
    value = row[name] if needed else row.get(name) or ""
    if not isinstance(value, str):
        raise TypeError(f"its {name} is of type {type(value).__name__}, not a text")
    return value


def tests_of(row: Row, entry_point: str | None) -> Tests:
    """Return the public tests, then the private ones. Raises ValueError, TypeError or KeyError for a broken one."""
    given = [*cases_in(_text(row, "public_test_cases")), *cases_in(_text(row, "private_test_cases"))]
    if not given:
        raise ValueError("no tests")
    kind = "functional" if entry_point else "stdin"
    if any(case.get("testtype", kind) != kind for case in given):
        raise ValueError(f"tests that are not {kind}")
    inputs, outputs = [_text(case, "input", True) for case in given], [_text(case, "output", True) for case in given]
    if entry_point is None:
        return Tests(tuple(map(unix_line_ends, inputs)), tuple(map(unix_line_ends, outputs)))
    return Tests(tuple(map(arguments_of, inputs)), tuple(map(load_json, outputs)))


def cases_in(text: str) -> list[Row]:
    """Return the tests in a field: JSON, or JSON text that was pickled, compressed by zlib and encoded in base64.

    Nothing is unpickled. Raises ValueError if it is neither.
    """
    if not text.strip():
        return []
    if not text.lstrip().startswith("["):
        try:
            packed = base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValueError(f"neither JSON nor base64 ({error})") from error
        from harness.scoring.benchmarks.plain_pickle import text_in_pickle, unpacked

        text = text_in_pickle(unpacked(packed))
    cases = load_json(text)
    if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
        raise ValueError("the tests are not a list of objects")
    return cases


# ---- files


def _rows(data: Path, digest: hashlib._Hash) -> Iterator[tuple[str, Row]]:
    """Yield each row with its place, and update ``digest`` with the bytes. Raises InputError."""
    for path in _files(data):
        try:
            with _open(path) as file:
                for number, line in enumerate(file, 1):
                    digest.update(line)
                    if line.strip():
                        yield f"{path}:{number}", _row(line, f"{path}:{number}")
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error


def _files(data: Path) -> list[Path]:
    if not data.is_dir():
        return [data]
    found = [path for path in data.glob("test*.jsonl*") if path.suffix in (".jsonl", ".gz")]
    if not found:
        raise InputError(
            f"{data} holds no test*.jsonl: give a release of LiveCodeBench, a file or a folder of its files"
        )
    return sorted(found, key=lambda path: (len(path.name), path.name))


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        is_packed = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path)) if is_packed else path.open("rb")


def _row(line: bytes, where: str) -> Row:
    try:
        row = load_json(line.decode())
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not JSON: {json_fault(error)}") from error
    if not isinstance(row, dict):
        raise InputError(f"{where}: not a JSON object: give LiveCodeBench's JSON lines, one problem a line")
    return row
