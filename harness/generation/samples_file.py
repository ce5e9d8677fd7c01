"""The samples file and its settings file, safe against crashes: after a restart every line is complete.

``samples.jsonl`` has a line per sample, ``{"task_id", "completion", "sample", "finish_reason", "tokens"}``: the format
of human-eval with three more keys. Further keys, where they are known: ``reasoning`` and ``reasoning_tokens``;
``prompt_tokens``; ``seconds``, the sample's share of the run's wall-clock time, so that the sum over all lines is the
time of all runs; ``request``, the tokens of a response with several answers, on the first of their lines.
``samples.settings.json`` has all settings that determine the samples: a run resumes with the same settings only, and a
result can name them.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from apps_plus.errors import BusyError, InputError
from apps_plus.problem import dump_json, load_json
from apps_plus.storage import json_fault, lock, output_error, write_atomically
from harness.generation.backend import Answer, Request
from harness.generation.identical_samples import IdenticalSamples
from harness.generation.reasoning import ends_in_reasoning

FREE_SETTINGS = frozenset({"tool", "started", "n", "rule", "refused", "left_out", "batch", "server"})
"""Keys of the settings that may differ when a run resumes."""
SERVER = "server"
"""Key of the settings: what the server does with each of them (``harness.generation.server_check``)."""
BATCH = "batch"
"""Key of the settings: a batch was written and its answers are expected, so the settings are fixed without samples."""


class SamplesFile:
    """An open samples file: counts of its samples, and ``append``. Opened by ``open_samples``."""

    def __init__(self, path: Path, settings: Mapping[str, Any]) -> None:
        self.path = path
        self.settings = dict(settings)
        """The content of the settings file."""
        self.present: set[tuple[str, int]] = set()
        """``(task_id, sample)`` of every line."""
        self.finish_reasons: Counter[str] = Counter()
        self.empty = 0
        """Number of lines with an empty completion."""
        self.reasoned = 0
        """Number of lines with separate reasoning, or a count of reasoning tokens."""
        self.inside_reasoning = 0
        """Number of lines that were cut at the limit of tokens before the reasoning ended."""
        self.identical = IdenticalSamples()
        self.thrown_away = 0
        """Number of lines that ``fresh`` removed."""
        self._end = 0
        self._scan()
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            os.ftruncate(self._descriptor, self._end)
        except OSError as error:
            raise output_error(path, error) from error

    def append(self, answered: Sequence[tuple[Request, Answer]], seconds: float | None = None) -> None:
        """Append samples to the file.

        Args:
            answered: The samples.
            seconds: Wall-clock time since the last samples, of which each gets an equal share; None: unknown.

        Raises OutputError, which leaves the file unchanged.
        """
        share = None if seconds is None else round(seconds / len(answered), 4) if answered else 0.0
        rows = [_row(request, answer, share) for request, answer in answered]
        data = "".join(dump_json(row) + "\n" for row in rows).encode(errors="backslashreplace")
        try:
            done = 0
            while done < len(data):
                done += os.pwrite(self._descriptor, data[done:], self._end + done)
        except BaseException as error:  # an interrupt or a full disk may leave an incomplete line
            with suppress(OSError):
                os.ftruncate(self._descriptor, self._end)
            if isinstance(error, OSError):
                raise output_error(self.path, error) from error
            raise
        self._end += len(data)
        for row in rows:
            self._count(row)

    def update_settings(self, **changes: Any) -> None:
        """Change settings of ``FREE_SETTINGS``. Raises OutputError."""
        if changes.items() <= self.settings.items():
            return
        self.settings |= changes
        write_settings(self.path, self.settings)

    def close(self) -> None:
        """Flush the file to disk and close it. Raises OutputError."""
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
                    return  # incomplete after a crash: the line is cut off and its sample generated again
                self._count(_parse(line, f"{self.path}:{number}"))
                self._end += len(line)

    def _count(self, row: Mapping[str, Any]) -> None:
        self.present.add((row["task_id"], row["sample"]))
        self.finish_reasons[str(row.get("finish_reason"))] += 1
        self.empty += not row["completion"].strip()
        self.reasoned += bool(row.get("reasoning") or row.get("reasoning_tokens"))
        self.inside_reasoning += ends_in_reasoning(row)
        self.identical.add(row)


def _row(request: Request, answer: Answer, seconds: float | None) -> dict[str, Any]:
    more = {
        "reasoning": answer.reasoning or None,
        "reasoning_tokens": answer.reasoning_tokens,
        "prompt_tokens": answer.prompt_tokens,
        "seconds": seconds,
        "request": asdict(answer.shared) if answer.shared is not None else None,
    }
    return {
        "task_id": request.task_id,
        "completion": answer.text,
        "sample": request.sample,
        "finish_reason": answer.finish_reason,
        "tokens": answer.tokens,
        **{key: value for key, value in more.items() if value is not None},
    }


def _parse(line: bytes, where: str) -> dict[str, Any]:
    try:
        row = load_json(line.decode())
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not JSON ({json_fault(error)}): fix or remove the line, or use --fresh") from error
    kinds = {"task_id": str, "completion": str, "sample": int}
    if not isinstance(row, dict) or not all(isinstance(row.get(key), kind) for key, kind in kinds.items()):
        raise InputError(f"{where}: not a sample of generate: fix or remove the line, or use --fresh")
    return row


# ---- opening


def settings_path(samples: Path) -> Path:
    """Return the path of the settings: ``samples.settings.json`` for ``samples.jsonl``."""
    return samples.with_name(samples.name.removesuffix(".jsonl") + ".settings.json")


def check_samples_path(samples: Path) -> None:
    """Raise InputError if a path cannot be a samples file."""
    if samples.suffix != ".jsonl":
        raise InputError(f"--out {samples}: the name must end in .jsonl (JSON lines are appended, so not compressed)")
    if samples.exists() and not samples.is_file():
        raise InputError(f"--out {samples} is not a file: choose another path")


@contextmanager
def open_samples(path: Path, settings: Mapping[str, Any], fresh: bool = False) -> Iterator[SamplesFile]:
    """Open and lock the samples file of these settings.

    Args:
        path: The samples file; created if it is missing.
        settings: As JSON values; written to the settings file when the samples file is created. A larger ``n`` replaces
            the one in the settings file.
        fresh: Remove existing samples.

    Raises:
        InputError: the file holds samples of other settings, or lines that are not samples.
        BusyError: another process is writing it.
        OutputError: it cannot be written.
    """
    check_samples_path(path)
    try:
        with lock(path.with_name(f".{path.name}.lock")):
            settings, thrown_away = _prepare(path, settings, fresh)
            samples = SamplesFile(path, settings)
            samples.thrown_away = thrown_away
            try:
                yield samples
            finally:
                samples.close()
    except BusyError:
        raise BusyError(f"another process is writing {path}: wait for it or choose another --out") from None


def _prepare(path: Path, settings: Mapping[str, Any], fresh: bool) -> tuple[Mapping[str, Any], int]:
    """Check or write the settings file, and remove existing samples if ``fresh``.

    Returns the settings in force, and the number of removed lines.
    """
    thrown_away = 0
    existing = _read_settings(settings_path(path))
    holds_samples = path.exists() and path.stat().st_size > 0
    if holds_samples and existing is None:
        missing = settings_path(path).name
        raise InputError(f"{path} was not written by generate ({missing} is missing): choose another --out")
    if fresh and holds_samples:
        with path.open("rb") as file:
            thrown_away = sum(1 for _ in file)
        path.unlink()
        holds_samples = False
    if existing is not None and (holds_samples or (BATCH in existing and not fresh)):
        check_same_settings(path, existing, settings)
        if existing.get("n", 0) >= settings["n"]:
            return existing, 0
        settings = {**existing, "n": settings["n"]}
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


def check_same_settings(path: Path, existing: Mapping[str, Any], requested: Mapping[str, Any]) -> None:
    """Raise InputError, with the first difference, if settings that determine the samples differ."""
    holds = "expects a batch with" if BATCH in existing else "has samples with"
    old, new = (json.loads(json.dumps(_flat(settings))) for settings in (existing, requested))  # tuples become lists
    for name in dict.fromkeys([*new, *old]):
        if name.partition(".")[0] not in FREE_SETTINGS and old.get(name) != new.get(name):
            raise InputError(
                f"{path} {holds} another {name} ({old.get(name)!r} in the file, {new.get(name)!r} now): "
                "use the same settings, choose another --out, or remove the samples with --fresh"
            )


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat
