"""Read a file or folder of samples in any supported format.

JSON lines are read line by line; other files and folders by the readers in ``harness.scoring.samples.formats``.
Gzip is unpacked. The format is detected from the content, not from the name.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

from apps_plus.errors import InputError
from harness.scoring.samples.formats import archives, folders, unreadable
from harness.scoring.samples.formats.gather import Gathering
from harness.scoring.samples.formats.ids import unfolded
from harness.scoring.samples.formats.inspect_ai import sample_members
from harness.scoring.samples.formats.json_text import opened_json
from harness.scoring.samples.formats.readers import entries_of
from harness.scoring.samples.formats.tables import parquet_rows
from harness.scoring.samples.match_problems import repeated_samples, resolve_ids
from harness.scoring.samples.problem_names import short_id
from harness.scoring.samples.sample import NotASampleError, Sample, SamplesRead

__all__ = [
    "Sample", "SamplesRead", "digest_of_samples", "name_of_samples", "read_samples", "read_samples_file",
    "repeated_samples", "resolve_ids", "short_id",
]  # fmt: skip


def read_samples(path: Path, field: str | None = None) -> list[Sample]:
    """Return the samples of a file or folder. Raises as ``read_samples_file`` does."""
    return read_samples_file(path, field).samples


def read_samples_file(path: Path, field: str | None = None) -> SamplesRead:
    """Read the samples of a file or folder, with its format and notes.

    Args:
        path: A file, or a folder of programs.
        field: The field of a row that holds its text; None: detected.

    Raises:
        InputError: It cannot be read, holds no samples, or an entry is not a sample; names the place.
    """
    try:
        if path.is_dir():
            return _read_folder(path, field)
        if path.exists() and not path.is_file():  # a pipe can be read only once
            raise InputError(f"cannot read {path}: it is not a file")
        zipped, head = _head(path)
        what = unreadable.binary_kind(head)
        if what is not None:
            raise InputError(f"{path} is {what}")
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return _read_zip(path, _unpacked(path) if zipped else None, field)
        if head.startswith(b"PAR1"):
            rows = parquet_rows(path, _unpacked(path) if zipped else None)
            return _gather(path, "a parquet file", enumerate(rows, 1), field, "row ")
        with opened_json(path, zipped) as text:
            if text.lines is not None:
                return _gather(path, "JSON lines", text.lines, field)
            return _read_document(path, text.document, field)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"cannot read {path}: its gzip data is damaged ({error})") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def name_of_samples(path: Path) -> str:
    """Return the name of a file or folder of samples without its suffixes, to name other files after it."""
    name = (path if path.name else path.resolve()).name
    if path.is_dir():
        return name
    name = name.removesuffix(".gz")
    for suffix in (".jsonl", ".json", ".eval", ".parquet", ".zip"):
        if name.endswith(suffix) and name != suffix:
            return name.removesuffix(suffix)
    return name


def digest_of_samples(path: Path) -> str:
    """Return the SHA-256, in hex, of a file, or of the names and contents of a folder's samples. Raises InputError."""
    try:
        if not path.is_dir():
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        digest = hashlib.sha256()
        names = _names_in(path)
        for name in folders.programs_in(names) or folders.rows_in(names) or names:
            content = hashlib.sha256((path / name).read_bytes()).hexdigest()
            digest.update(f"{name}\0{content}\n".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def _head(path: Path) -> tuple[bool, bytes]:
    """Return whether a file is gzip, and the first bytes of its (unpacked) content."""
    with path.open("rb") as file:
        head = file.read(512)
    if head[:2] != b"\x1f\x8b":
        return False, head
    with gzip.open(path) as file:
        return True, file.read(512)


def _unpacked(path: Path) -> io.BytesIO:
    """Unpack a gzip file. Raises InputError if the content is too large."""
    with gzip.open(path) as file:
        return io.BytesIO(_bounded(file.read(archives.MEMBER_LIMIT + 1), path))


def _bounded(data: bytes, path: Path) -> bytes:
    if len(data) > archives.MEMBER_LIMIT:
        raise InputError(f"{path}: unpacks to more than the {archives.MEMBER_LIMIT:,} bytes that are read")
    return data


# ---- documents and rows


def _read_document(path: Path, value: Any, field: str | None) -> SamplesRead:
    try:
        document = entries_of(value, field)
    except NotASampleError as fault:
        raise InputError(f"{path} is {fault}") from fault
    noun = None if document.container == "JSON lines" else "entry "
    return _gather(path, document.container, enumerate(document.entries, 1), field, noun)


def _gather(
    path: Path, container: str, entries: Iterable[tuple[int, Any]], field: str | None, noun: str | None = None
) -> SamplesRead:
    where: Callable[[int], str] = lambda number: f"{path}: {noun}{number}" if noun else f"{path}:{number}"  # noqa: E731
    gathering = Gathering(where, field)
    for number, value in entries:
        gathering.add(value, number)
    return gathering.finish(str(path), container)


# ---- zips and folders


def _read_zip(path: Path, unpacked: IO[bytes] | None, field: str | None) -> SamplesRead:
    with archives.Archive(path, unpacked) as archive:
        names = archive.names()
        members = sample_members(names)
        if members:
            entries = (
                (number, folders.json_of(str(path), name, archive.read)) for number, name in enumerate(members, 1)
            )
            return _gather(path, "a log of inspect_ai", entries, field, "sample ")
        inner = _without_top(names)
        programs = folders.programs_in(inner)
        if programs:
            return folders.read_programs(str(path), programs, lambda name: archive.read(inner[name]))
    raise InputError(f"{path} is {unreadable.zip_kind(names)}")


def _without_top(names: list[str]) -> dict[str, str]:
    """Map names without the one folder that may contain all of them to the full names."""
    tops = {name.split("/", 1)[0] for name in names}
    if len(tops) == 1 and all(name.count("/") >= 2 for name in names):
        return {name.split("/", 1)[1]: name for name in names}
    return {name: name for name in names}


def _read_folder(path: Path, field: str | None) -> SamplesRead:
    names = _names_in(path)
    read: folders.Reader = lambda name: _content(path / name)  # noqa: E731
    programs, rows = folders.programs_in(names), folders.rows_in(names)
    if programs and unfolded(path.resolve().name) != path.resolve().name:
        raise InputError(f"{path} is the folder of one problem: give the folder that it lies in")
    if programs:
        return folders.read_programs(str(path), programs, read)
    if any(name.endswith(".arrow") for name in names):
        raise InputError(f"{path} is a data set saved by datasets: write it with to_json or to_parquet, and give that")
    if len(rows) > 1:
        return folders.read_rows(str(path), rows, read, field)
    raise InputError(_describe_folder(path, names))


def _names_in(path: Path) -> list[str]:
    """Return the files in a folder and its subfolders (one level), sorted."""
    found = [item.relative_to(path).as_posix() for item in (*path.glob("*"), *path.glob("*/*")) if item.is_file()]
    return sorted(found)


def _content(path: Path) -> bytes:
    """Read a small file, and unpack it if it is gzip."""
    with path.open("rb") as file:
        data = _bounded(file.read(archives.MEMBER_LIMIT + 1), path)
    return _unpacked(path).getvalue() if data[:2] == b"\x1f\x8b" else data


def _describe_folder(path: Path, names: list[str]) -> str:
    what = f"{path} is a folder without samples (HumanEval_0/0.py, as EvalPlus writes them)"
    inside = [name for name in names if name.endswith((".jsonl", ".json", ".jsonl.gz", ".eval", ".parquet"))]
    inside.sort(key=lambda name: ("samples" not in name, not name.endswith((".jsonl", ".jsonl.gz"))))
    if inside:
        more = f" or another of its {len(inside)} files" if len(inside) > 1 else ""
        return f"{what}: give {path / inside[0]}{more}"
    deeper = next((item for item in sorted(path.glob("*/*/*.py"))), None)
    return f"{what}: give {deeper.parent.parent}" if deeper is not None else f"{what}: give a file or folder of samples"
