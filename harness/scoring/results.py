"""Results of samples and their file: one line a sample, appended as they come, read by the next run of the command."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import dump_json, load_json
from apps_plus.storage import json_fault, output_error, write_json_lines
from harness.judging.verdict import CATEGORIES, Verdict


@dataclass(frozen=True, slots=True)
class SampleResult:
    """The result of one sample: one line of ``--out``."""

    task_id: str
    sample: int
    """Its number among the samples of its problem, from 0, in file order."""
    tier: str
    verdict: Verdict
    detail: str = ""
    """For people: the exception and its message, and the line of the program that raised it."""
    exception: str = ""
    """Name of the exception's type, or of the signal that killed the program; empty where there was none."""
    tests_passed: int = 0
    """Of tests that are code, each suite counts as one."""
    tests_total: int = 0
    seconds: float = 0.0
    """Processor time."""
    base: Verdict | None = None
    """The verdict on the ``base`` suite alone, where the benchmark has another one (HumanEval+, MBPP+)."""
    reruns: int = 0
    """Second runs, alone, since the machine may have caused the first verdict."""
    unsure: bool = False
    """True if it timed out, and the machine may be the cause: it did not run again, since too many did, or the machine
    may have caused the second timeout too. Written if true."""
    imports: tuple[str, ...] = ()
    """Names whose import the program lacks: those it was given (``leniences`` then has ``given_imports``), else those
    with which it would pass."""
    leniences: tuple[str, ...] = ()
    """Leniences that the verdict rests on; see ``harness.scoring.leniency``."""
    as_judge: str = ""
    """The judge that ``--as`` named; written if there is one."""
    could_differ: tuple[str, ...] = ()
    """Reasons why that judge's verdict could differ: names of ``harness.scoring.other_judges.reasons``."""
    digest: str = ""
    """SHA-256, in hex, of the program and of everything that decides its verdict: where it is equal, a result can be
    reused."""

    @property
    def category(self) -> str:
        """The paper's category: ``passed``, ``failure``, ``runtime_error``, ``compile_error``; or ``harness_error``."""
        return CATEGORIES[self.verdict]

    def to_row(self) -> dict[str, Any]:
        """Return the line of ``--out`` as an object."""
        row = {name: getattr(self, name) for name in _FIELDS}
        if not self.unsure:
            del row["unsure"]
        if not self.as_judge:
            del row["as_judge"], row["could_differ"]
        row["base"] = str(self.base) if self.base else None
        first = (self.task_id, self.sample, self.tier, str(self.verdict), self.category)
        return {**dict(zip(_FIRST, first, strict=True)), **row}

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> SampleResult:
        """Read a line back, ignoring unknown keys. Raises KeyError, TypeError or ValueError."""
        if not isinstance(row["task_id"], str) or not isinstance(row["sample"], int):
            raise TypeError("task_id is a string, sample a whole number")
        base = row.get("base")
        return cls(
            task_id=row["task_id"],
            sample=row["sample"],
            tier=str(row.get("tier", "")),
            verdict=Verdict(row["verdict"]),
            detail=str(row.get("detail", "")),
            exception=str(row.get("exception", "")),
            tests_passed=int(row.get("tests_passed", 0)),
            tests_total=int(row.get("tests_total", 0)),
            seconds=float(row.get("seconds", 0.0)),
            base=Verdict(base) if base else None,
            reruns=int(row.get("reruns", 0)),
            unsure=bool(row.get("unsure", False)),
            imports=tuple(map(str, row.get("imports", ()))),
            leniences=tuple(map(str, row.get("leniences", ()))),
            as_judge=str(row.get("as_judge", "")),
            could_differ=tuple(map(str, row.get("could_differ", ()))),
            digest=str(row.get("digest", "")),
        )


_FIRST = ("task_id", "sample", "tier", "verdict", "category")
_FIELDS = tuple(field.name for field in fields(SampleResult) if field.name not in _FIRST)
"""The fields of a line after the first ones, in their order."""


def read_results(path: Path) -> list[SampleResult]:
    """Read a file of results, ignoring a last line that an interrupt cut short.

    Raises InputError, naming the line, where the file cannot be read or holds something else.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    try:
        return _parse(path, data)
    except InputError as error:
        raise InputError(f"{error}: {_likely_file(path)}") from error


def _likely_file(path: Path) -> str:
    """Say which file may be meant where samples, a record or a summary are given instead of results."""
    from harness.scoring.output_paths import results_path

    results = results_path(path)
    if results != path and results.is_file():
        return f"did you mean {results}?"
    return "give the file of verdicts that evaluate wrote, such as samples.results.jsonl"


def _parse(path: Path, data: bytes) -> list[SampleResult]:
    lines = [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip()]
    results = [_result(path, number, line) for number, line in lines[:-1]]
    try:
        return results + [_result(path, number, line) for number, line in lines[-1:]]
    except InputError:
        if data.endswith(b"\n") or not results:
            raise
        return results  # the last line was cut short by an interrupt


def _result(path: Path, number: int, line: bytes) -> SampleResult:
    try:
        return SampleResult.from_row(load_json(line.decode()))
    except (ValueError, RecursionError) as error:
        reason = json_fault(error)
    except KeyError as error:
        reason = f"no {error}"
    except (TypeError, AttributeError):
        reason = "its fields are of other types"
    raise InputError(f"{path}:{number}: not a result of apps-plus evaluate: {reason}")


class ResultsFile:
    """A file of results that is being written. Lines are safe once ``append`` returns, even from ``kill -9``."""

    def __init__(self, path: Path, fresh: bool = False) -> None:
        """Open or create ``path``; with ``fresh``, discard its results.

        Raises:
            InputError: It holds something else, which is left unchanged.
            OutputError: It cannot be written.
        """
        self.path = path
        self.earlier: list[SampleResult] = []
        """Results of earlier runs."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("r+b" if path.exists() else "w+b", buffering=0)
        except OSError as error:
            raise output_error(path, error) from error
        try:
            data = self._file.read()
            self.earlier = _parse(path, data)
            self._end = 0 if fresh else data.rfind(b"\n") + 1
            if fresh:
                self.earlier = []
            self._file.truncate(self._end)
        except InputError as error:
            self._file.close()
            raise InputError(f"{error}: choose another --out") from error
        except OSError as error:
            raise output_error(path, error) from error

    def append(self, results: Iterable[SampleResult]) -> None:
        """Append lines: all of them, or none. Raises OutputError."""
        data = "".join(dump_json(result.to_row()) + "\n" for result in results).encode("utf-8", "backslashreplace")
        try:
            done = 0
            while done < len(data):
                done += os.pwrite(self._file.fileno(), data[done:], self._end + done)
        except BaseException as error:  # remove half a line, after an interrupt or on a full disk
            with suppress(OSError):
                self._file.truncate(self._end)
            if isinstance(error, OSError):
                raise output_error(self.path, error) from error
            raise
        self._end += len(data)

    def finish(self, results: Iterable[SampleResult]) -> None:
        """Replace the file by these results, in their order. Raises OutputError."""
        write_json_lines(self.path, (result.to_row() for result in results))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> ResultsFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
