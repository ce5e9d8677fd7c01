"""The file of results: one line a sample, appended as they come, read back by the next run of the same command."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from apps_plus.errors import InputError
from apps_plus.problem import dump_json, load_json
from apps_plus.storage import json_fault, output_error, write_json_lines
from harness.scoring.benchmarks.benchmark import SampleResult


def read_results(path: Path) -> list[SampleResult]:
    """Read a file of results; a last line that an interrupt cut short is left out.

    Raises InputError where it cannot be read or is something else; names the line.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    return _parse(path, data)


def _parse(path: Path, data: bytes) -> list[SampleResult]:
    lines = [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip()]
    results = [_result(path, number, line) for number, line in lines[:-1]]
    try:
        return results + [_result(path, number, line) for number, line in lines[-1:]]
    except InputError:
        if data.endswith(b"\n") or not results:
            raise
        return results  # torn: without its end it is no result yet


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
    """Results on their way to a file. Whatever ``append`` returned from is in it, even after ``kill -9``."""

    def __init__(self, path: Path, fresh: bool = False) -> None:
        """Open ``path``, or make it; ``fresh`` forgets what is in it.

        Raises:
            InputError: There is something else, which is left alone.
            OutputError: It cannot be written.
        """
        self.path = path
        self.earlier: list[SampleResult] = []
        """What was in it."""
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
        """Add lines: all are in the file when this returns, or none. Raises OutputError."""
        data = "".join(dump_json(result.to_row()) + "\n" for result in results).encode("utf-8", "backslashreplace")
        try:
            done = 0
            while done < len(data):
                done += os.pwrite(self._file.fileno(), data[done:], self._end + done)
        except BaseException as error:  # an interrupt may leave half a line, as a full disk does
            with suppress(OSError):
                self._file.truncate(self._end)
            if isinstance(error, OSError):
                raise output_error(self.path, error) from error
            raise
        self._end += len(data)

    def finish(self, results: Iterable[SampleResult]) -> None:
        """Put these in the file's place, in their order. Raises OutputError."""
        write_json_lines(self.path, (result.to_row() for result in results))

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def __enter__(self) -> ResultsFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
