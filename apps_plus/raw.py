"""Read raw APPS, in each of its layouts, into ``RawProblem``s: one at a time, unparsed, without losing any.

Layouts: the folders of the APPS release (arXiv 2105.09938), ``<split>/<NNNN>/question.txt`` and its neighbours; and the
rows of the ``codeparrot/apps`` dataset, as JSON lines or parquet, from disk or from the Hugging Face hub.

A broken *problem* is still read, and its ``defects`` list the faults. A broken *file* is a ``RawDataError``, because
the problems in it are unknown.
"""

from __future__ import annotations

import gzip
import re
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal

from apps_plus.errors import RawDataError
from apps_plus.problem import RawProblem, dump_json, load_json
from apps_plus.problem_ids import SPLIT_ORDER, is_number, order_of, padded
from apps_plus.raw_layout import LAYOUT, ROW_SUFFIX, entries, holds_problem_files, no_problems, row_files, stem
from apps_plus.storage import SPLITS, json_fault, output_error

Kind = Literal["folder", "jsonl", "parquet", "hub", "sample"]

HUB_DATASET = "codeparrot/apps"

_PROBLEM_FILES = ("question.txt", "input_output.json", "solutions.json", "metadata.json", "starter_code.py")
_COLUMNS = (
    "problem_id",
    "split",
    "question",
    "solutions",
    "input_output",
    "difficulty",
    "url",
    "starter_code",
)


@dataclass(frozen=True, slots=True)
class RawSource:
    """Opened raw APPS: the ids are known; the problems are read anew by each iteration."""

    name: str
    """Last part of the path (a manifest must not depend on the parent folders)."""
    kind: Kind
    problem_ids: tuple[str, ...]
    read: Callable[[], Iterator[RawProblem]]

    def __len__(self) -> int:
        return len(self.problem_ids)

    def __iter__(self) -> Iterator[RawProblem]:
        return self.read()

    def ids(self) -> tuple[str, ...]:
        """Return the distinct problem ids in the order of the problems: by split, then by number."""
        return self.problem_ids


def open_raw(source: str | Path | None) -> RawSource:
    """Open raw APPS: a folder, a JSON-lines or parquet file, ``hub``, or None for the bundled sample.

    A folder in APPS's layout may be the release itself or one of its splits; a folder may also hold ``train.jsonl`` and
    ``test.jsonl`` (or parquet). If it has both, the problem folders are read.

    Raises:
        RawDataError: The source is missing or empty, or has an unknown kind of file, a broken row or a repeated id.
    """
    if source is None:
        return _open_folder(Path(str(files("apps_plus") / "sample")), "sample")
    if str(source) == "hub":
        return _open_rows(_download_from_hub(), HUB_DATASET, "hub")
    path = Path(source)
    if path.is_dir():
        return _open_folder(path, "folder")
    if not path.exists():
        raise RawDataError(f"{path} does not exist: give a folder or file of raw APPS, or hub")
    if not path.is_file() or not ROW_SUFFIX.search(path.name):
        raise RawDataError(f"{path} is not raw APPS: give a folder ({LAYOUT}), or a .jsonl, .jsonl.gz or .parquet file")
    return _open_rows([path], path.name, _kind_of(path))


# ---- text: invalid characters are replaced and listed as defects


def _decoded(data: bytes, where: str, defects: list[str]) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        defects.append(f"{where}: invalid UTF-8 at byte {error.start}")
        return data.decode(errors="replace")


def _text(value: Any, where: str, defects: list[str]) -> str:
    """Read a text column. Half of a surrogate pair is replaced: JSON can write it, UTF-8 cannot."""
    if value is None:
        return ""
    if not isinstance(value, str):
        defects.append(f"{where}: not text but {type(value).__name__}")
        return ""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        defects.append(f"{where}: half of a surrogate pair at character {error.start}")
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def _json_text(value: Any) -> str | None:
    """Read a column of JSON text (a value is dumped); empty means missing, as in ``codeparrot/apps``."""
    if value is None or value == "":
        return None
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    text = value if isinstance(value, str) else dump_json(value)
    return text.encode(errors="backslashreplace").decode()  # a lone surrogate becomes its JSON escape


# ---- APPS's own layout


@dataclass(frozen=True, slots=True)
class _ProblemFolder:
    problem_id: str
    split: str
    path: Path


def _open_folder(path: Path, kind: Kind) -> RawSource:
    """Open a folder of problem folders (of the given ``kind``), or of files of rows (of their own kind)."""
    name = path.name if path.name not in ("", "..") else path.resolve().name
    if kind == "sample" and not path.is_dir():
        raise RawDataError(f"the bundled sample is not at {path}: install apps-plus again, or give raw APPS")
    found = _find_problem_folders(path, name)
    # Numbered folders alone may be something else (years, runs): require a split's name or a problem's files.
    if not any(folder.path.parent.name in SPLITS or holds_problem_files(folder.path) for folder in found):
        files_of_rows = row_files(path)
        if not files_of_rows:
            raise RawDataError(no_problems(path))
        files_of_rows.sort(key=lambda p: (SPLIT_ORDER[stem(p)], p.name))
        return _open_rows(files_of_rows, name, _kind_of(files_of_rows[0]))
    found.sort(key=lambda folder: order_of(folder.split, folder.problem_id))
    return RawSource(name, kind, tuple(f.problem_id for f in found), partial(_read_folders, found))


def _find_problem_folders(path: Path, name: str) -> list[_ProblemFolder]:
    """List the problem folders of a release (``path/<split>/<NNNN>``) or of one split (``path/<NNNN>``)."""
    try:
        folders = [p for p in entries(path) if p.is_dir()]
        direct = [p for p in folders if _is_problem(p)]
        others = set(folders) - set(direct)
        nested = {p.name: [q for q in entries(p) if q.is_dir() and _is_problem(q)] for p in sorted(others)}
    except OSError as error:
        raise RawDataError(f"cannot read {path}: {error}: give a folder that you may read") from error
    nested = {split: problems for split, problems in nested.items() if problems}
    if direct and nested:
        raise RawDataError(f"{path} has problems in it and in {', '.join(nested)}/: give one of these folders")
    if direct:
        nested = {name if name in ("train", "test") else "train": direct}
    return [_ProblemFolder(f"{split}/{p.name}", split, p) for split, problems in nested.items() for p in problems]


def _is_problem(path: Path) -> bool:
    """Return whether a folder has a number (even if empty: a defect of the problem), or holds a problem's files."""
    return is_number(path.name) or any((path / name).is_file() for name in _PROBLEM_FILES)


def _read_folders(folders: Sequence[_ProblemFolder]) -> Iterator[RawProblem]:
    for folder in folders:
        yield _read_folder(folder)


def _read_folder(folder: _ProblemFolder) -> RawProblem:
    defects: list[str] = []
    texts = {name: _read_file(folder.path / name, defects) for name in _PROBLEM_FILES}
    if texts["question.txt"] is None and not any(d.startswith("question.txt: ") for d in defects):
        defects.append("question.txt: missing")
    metadata = _read_metadata(texts["metadata.json"], defects)
    return RawProblem(
        problem_id=folder.problem_id,
        split=folder.split,
        question=texts["question.txt"] or "",
        solutions=texts["solutions.json"] or None,
        input_output=texts["input_output.json"] or None,
        difficulty=_text(metadata.get("difficulty"), "metadata.json: difficulty", defects),
        url=_text(metadata.get("url"), "metadata.json: url", defects),
        starter_code=texts["starter_code.py"] or "",
        defects=tuple(defects),
    )


def _read_file(path: Path, defects: list[str]) -> str | None:
    """Read a file's text with its line ends unchanged; None if it is missing or unreadable."""
    try:
        if path.exists() and not path.is_file():  # reading a named pipe might block for ever
            defects.append(f"{path.name}: not a file")
            return None
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        defects.append(f"{path.name}: cannot be read ({error.strerror})")
        return None
    return _decoded(data, path.name, defects)


def _read_metadata(text: str | None, defects: list[str]) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        value = load_json(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        defects.append(f"metadata.json: not JSON ({json_fault(error)})")
        return {}
    if not isinstance(value, dict):
        defects.append("metadata.json: not a JSON object")
        return {}
    return value


# ---- the rows of codeparrot/apps


@dataclass(frozen=True, slots=True)
class _Row:
    where: str
    """``path:line``, for messages."""
    values: dict[str, Any]
    file_split: str
    defects: tuple[str, ...] = ()


def _open_rows(paths: Sequence[Path], name: str, kind: Kind) -> RawSource:
    """Read every row once, to validate it and to know its id; iterating reads the rows again."""
    places: dict[str, str] = {}
    order = []
    for path in paths:
        for row in _rows(path, ("problem_id", "split", "question")):
            problem = _row_to_problem(row)
            if first := places.get(problem.problem_id):
                raise RawDataError(f"{row.where}: {problem.problem_id} is also at {first}: remove one of the two")
            places[problem.problem_id] = row.where
            order.append(order_of(problem.split, problem.problem_id))
    if not places:
        raise RawDataError(f"{', '.join(map(str, paths))} has no rows: give the rows of {HUB_DATASET}")
    in_order = sorted(order)
    read = _read_rows if order == in_order else _read_rows_sorted
    ids = tuple(key[-1] for key in in_order)
    return RawSource(name, kind, ids, partial(read, tuple(paths), ids))


def _read_rows(paths: Sequence[Path], ids: Sequence[str]) -> Iterator[RawProblem]:
    """Read rows that are already in order."""
    problems = (_row_to_problem(row) for path in paths for row in _rows(path))
    for expected, problem in zip_longest(ids, problems):
        if problem is None or problem.problem_id != expected:
            raise _changed(paths)
        yield problem


def _read_rows_sorted(paths: Sequence[Path], ids: Sequence[str]) -> Iterator[RawProblem]:
    """Read rows that are out of order by way of a temporary file: a compressed file has no random access."""
    with tempfile.TemporaryFile() as spool:
        offsets = {}
        try:
            for problem in (_row_to_problem(row) for path in paths for row in _rows(path)):
                offsets[problem.problem_id] = spool.tell()
                spool.write(dump_json(asdict(problem)).encode() + b"\n")
            spool.flush()
        except OSError as error:
            raise output_error(Path(tempfile.gettempdir()), error) from error
        if offsets.keys() != set(ids):
            raise _changed(paths)
        for problem_id in ids:
            spool.seek(offsets[problem_id])
            values = load_json(spool.readline().decode())
            yield RawProblem(**values | {"defects": tuple(values["defects"])})


def _changed(paths: Sequence[Path]) -> RawDataError:
    return RawDataError(f"{', '.join(map(str, paths))} changed while it was read: run the same command again")


def _kind_of(path: Path) -> Kind:
    return "parquet" if path.name.lower().endswith(".parquet") else "jsonl"


def _file_split(path: Path) -> str:
    """Return the split that a file's name says: ``apps_test.jsonl`` holds test; ``contest.jsonl`` does not."""
    match = re.search(r"(?:^|[^a-z])(train|test)$", stem(path))
    return match[1] if match else "train"


def _rows(path: Path, columns: Sequence[str] = _COLUMNS) -> Iterator[_Row]:
    """Read the rows of one file, with ``columns`` at least (JSON lines have all columns)."""
    return _parquet_rows(path, columns) if _kind_of(path) == "parquet" else _json_rows(path)


def _json_rows(path: Path) -> Iterator[_Row]:
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with opened(path, "rb") as file:
            # Bytes split at "\n" only; text would also split at other line ends within a question.
            for number, line in enumerate(file, 1):
                if line := line.removeprefix(b"\xef\xbb\xbf" if number == 1 else b"").strip():
                    yield _json_row(line, f"{path}:{number}", _file_split(path))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise RawDataError(f"{path} is cut short or damaged ({error}): download it again") from error
    except OSError as error:
        raise RawDataError(f"cannot read {path}: {error.strerror or error}: give a file that you may read") from error


def _json_row(line: bytes, where: str, file_split: str) -> _Row:
    defects: list[str] = []
    try:
        values = load_json(_decoded(line, "row", defects))
    except (ValueError, RecursionError) as error:
        raise RawDataError(f"{where}: not JSON ({json_fault(error)}): fix or remove the line") from error
    if not isinstance(values, dict):
        raise RawDataError(f"{where}: not a JSON object but {type(values).__name__}: write one object on each line")
    return _Row(where, values, file_split, tuple(defects))


def _parquet_rows(path: Path, columns: Sequence[str]) -> Iterator[_Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            if "canonical_solution" in names and "solutions" not in names:
                raise RawDataError(f"{path}: problems of a build, not of raw APPS: give the raw data of the build")
            if "question" not in names:
                raise RawDataError(f"{path}: no column question, but {_fields(names)}: {_EXPECTED}")
            present = [name for name in columns if name in names]
            # Small batches: one problem's tests may be megabytes.
            for batch in file.iter_batches(batch_size=32, columns=present):
                for values in batch.to_pylist():
                    number += 1
                    yield _Row(f"{path}: row {number}", values, _file_split(path))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise RawDataError(f"{path}: not a readable parquet file ({error}): download it again") from error


def _row_to_problem(row: _Row) -> RawProblem:
    """Convert a row; the JSON *in* its texts is not checked. Raises RawDataError where it lacks an id or a question."""
    if not isinstance(row.values.get("question"), str):
        raise RawDataError(f"{row.where}: no question, but {_fields(row.values)}: {_EXPECTED}")
    if "canonical_solution" in row.values and "solutions" not in row.values:
        raise RawDataError(f"{row.where}: a problem of a build, not of raw APPS: give the raw data of the build")
    problem_id, split = _identity(row)
    defects = list(row.defects)
    return RawProblem(
        problem_id=problem_id,
        split=split,
        question=_text(row.values["question"], "question", defects),
        solutions=_json_text(row.values.get("solutions")),
        input_output=_json_text(row.values.get("input_output")),
        difficulty=_text(row.values.get("difficulty"), "difficulty", defects),
        url=_text(row.values.get("url"), "url", defects),
        starter_code=_text(row.values.get("starter_code"), "starter_code", defects),
        defects=tuple(defects),
    )


_EXPECTED = f"give rows with the columns of {HUB_DATASET}: problem_id, question, solutions, input_output, ..."


def _fields(names: Iterable[str]) -> str:
    short = [name if len(name) <= 30 else f"{name[:27]}..." for name in map(str, names)]
    return ", ".join(short[:6]) + (", ..." if len(short) > 6 else "") if short else "no fields"


def _identity(row: _Row) -> tuple[str, str]:
    """Return the id and the split of a row. The split comes from the row, the id, or the file's name, in this order."""
    given = row.values.get("problem_id")
    if isinstance(given, bool) or not isinstance(given, int | str) or given == "":
        raise RawDataError(f"{row.where}: no problem_id: give each row a distinct number or text")
    name = _text(given, "problem_id", []) if isinstance(given, str) else dump_json(given)
    named_split = name.partition("/")[0]
    split = row.values.get("split") or (
        named_split if named_split in ("train", "test") and "/" in name else row.file_split
    )
    if not isinstance(split, str):
        raise RawDataError(f"{row.where}: split is not text: write train or test, or leave it out")
    return (name if "/" in name else f"{split}/{padded(name)}"), split


def _download_from_hub() -> list[Path]:
    """Return the files of ``codeparrot/apps`` in the hub's cache; download them if necessary.

    Not by ``datasets.load_dataset``: the dataset is a script, which ``datasets`` >= 4 does not run. Its files are JSON
    lines, which are read directly, without a second copy in Arrow.
    """
    names = [f"{split}.jsonl" for split in ("train", "test")]
    try:
        from huggingface_hub import hf_hub_download

        return [Path(hf_hub_download(HUB_DATASET, name, repo_type="dataset")) for name in names]
    except Exception as error:  # the advice is the same for every error
        reason = (str(error).strip().splitlines() or [""])[0]
        raise RawDataError(
            f"cannot load {HUB_DATASET} from the Hugging Face hub ({type(error).__name__}: {reason}): download "
            f"{' and '.join(names)} from https://huggingface.co/datasets/{HUB_DATASET}/tree/main and give their folder"
        ) from error
