"""Sum what samples cost: the tokens and seconds that ``generate`` wrote beside each, and what a person states."""

from __future__ import annotations

import gzip
import math
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import load_json
from harness.scoring.result_record import CostFacts

TOKENS = {"prompt_tokens": "prompt_tokens", "completion_tokens": "tokens", "reasoning_tokens": "reasoning_tokens"}
"""Fields of a record, and their names in a samples file."""


def count_cost(samples: Path, task_ids: Container[str] | None = None) -> CostFacts | None:
    """Sum the cost of samples in a file that ``generate`` wrote.

    Args:
        samples: The samples file; may be compressed with gzip.
        task_ids: Ids of the problems whose samples count; None: all.

    Returns:
        None where the tokens of no sample are known, or the file is no longer as ``generate`` wrote it.

    Raises InputError where the file cannot be read.
    """
    try:
        return cost_of(row for row in _rows(samples) if task_ids is None or row.get("task_id") in task_ids)
    except (ValueError, RecursionError, EOFError):
        return None
    except OSError as error:
        raise InputError(f"cannot read {samples}: {error.strerror or error}") from error


def tokens_by_line(samples: Path) -> dict[int, dict[str, int]]:
    """Return the tokens of each sample in a file that ``generate`` wrote, by the number of its line, from 1.

    The names are those of a record's cost. Samples whose tokens are known only together with those of others, from one
    response of a server, are left out. Empty if the file is not as ``generate`` wrote it.
    """
    found = {}
    try:
        for line, row in _numbered_rows(samples):
            counts = _counts(row)
            if counts is row or counts.get("samples") in (None, 1):
                known = {name: _number(counts.get(key)) for name, key in TOKENS.items()}
                found[line] = {name: int(value) for name, value in known.items() if value is not None}
    except (ValueError, RecursionError, EOFError, OSError):
        return {}
    return found


def _rows(samples: Path) -> Iterator[dict[str, Any]]:
    return (row for _, row in _numbered_rows(samples))


def _numbered_rows(samples: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with samples.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    with gzip.open(samples) if zipped else samples.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.isspace():
                row = load_json(line.decode())
                if not isinstance(row, dict):
                    raise ValueError("not a sample")
                yield number, row


def cost_of(rows: Iterable[Mapping[str, Any]]) -> CostFacts | None:
    """Sum the cost of rows of a samples file.

    Rows whose tokens are unknown are not counted. A sum is None unless every counted row has the number; the seconds,
    which are of all rows, are None unless every row has them and its tokens are known.
    """
    rows = list(rows)
    counts = [_counts(row) for row in rows]
    known = [each for each in counts if _number(each.get("tokens")) is not None]
    if not known:
        return None
    fields: dict[str, Any] = {name: _sum(each.get(key) for each in known) for name, key in TOKENS.items()}
    if (fields["reasoning_tokens"] or 0) > fields["completion_tokens"]:
        fields["reasoning_tokens"] = None  # of a server that does not count them among the others
    n = min(int(sum(_number(each.get("samples")) or 1 for each in known)), len(rows))
    seconds = _sum(row.get("seconds") for row in rows) if n == len(rows) else None
    return CostFacts(samples=n, seconds=None if seconds is None else round(seconds, 3), **fields)


def _counts(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the tokens of a row, or those of the response that it begins."""
    shared = row.get("request")
    return shared if isinstance(shared, Mapping) else row


def _sum(values: Iterable[object]) -> Any:
    """Return the sum of numbers; None if one is unknown."""
    numbers = [_number(value) for value in values]
    return None if None in numbers else sum(number for number in numbers if number is not None)


def _number(value: object) -> int | float | None:
    """Return a finite number from 0; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        return None
    return value


def check_stated(stated: Mapping[str, Any], samples: Path, where: Path | None) -> None:
    """Raise InputError if a person states what ``generate`` counted."""
    if not stated.keys() - {"money"}:
        return
    counted = count_cost(samples)
    known = counted.model_dump(exclude_none=True) if counted else {}
    if both := sorted(stated.keys() & known.keys()):
        raise InputError(f"{where}: cost.{both[0]}: generate counted it beside each sample: leave it out")


def check_number(stated: int, n_samples: int, where: Path | None) -> None:
    """Raise InputError if a person states the cost of more samples than there are."""
    if stated > n_samples:
        raise InputError(f"{where}: cost.samples: {stated:,} are more than the {n_samples:,} samples of the file")


def combine(counted: CostFacts | None, stated: Mapping[str, Any], n_samples: int) -> CostFacts | None:
    """Combine what was counted with what a person states: of ``n_samples`` samples, unless they state the number."""
    known = counted.model_dump(exclude_none=True) if counted else {}
    if not known and not stated:
        return None
    return CostFacts.model_validate({"samples": n_samples, **known, **stated})
