"""Reads raw APPS, in each of its layouts, into ``RawProblem``s: one at a time, nothing parsed, nothing lost.

Layouts: the folders of the APPS release (arXiv 2105.09938), ``<split>/<NNNN>/question.txt`` and its neighbours; and the
rows of the ``codeparrot/apps`` dataset, as JSON lines or parquet, from disk or from the Hugging Face hub.

A problem that is broken is still a problem (its ``defects`` say what is wrong with it); a *file* that is broken is a
``RawDataError``, because nobody can say which problems it held.
"""

from __future__ import annotations

import difflib
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

from apps_plus.errors import InputError, RawDataError
from apps_plus.problem import RawProblem, dump_json, load_json
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
_SPLIT_ORDER = {split: number for number, split in enumerate(SPLITS)}


@dataclass(frozen=True, slots=True)
class RawSource:
    """Raw APPS, opened: every id is known, the problems are read when asked for, as often as asked."""

    name: str
    """The last part of the path (a manifest must not depend on where a folder stands)."""
    kind: Kind
    problem_ids: tuple[str, ...]
    read: Callable[[], Iterator[RawProblem]]

    def __len__(self) -> int:
        return len(self.problem_ids)

    def __iter__(self) -> Iterator[RawProblem]:
        return self.read()

    def ids(self) -> tuple[str, ...]:
        """All problem ids, each once, in the order in which the problems come: by split, then by number."""
        return self.problem_ids


def open_raw(source: str | Path | None) -> RawSource:
    """Open raw APPS: a folder, a JSON-lines or parquet file, ``hub``, or None for the bundled sample.

    A folder in APPS's layout may be the release itself or one of its splits; a folder may also hold ``train.jsonl`` and
    ``test.jsonl`` (or parquet). Where it has both, the problem folders are read.

    Raises:
        RawDataError: nothing there, nothing in it, an unknown kind of file, a broken row, or an id that occurs twice.
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


def find_problem(ids: Iterable[str], wanted: str) -> str:
    """The id that a person means by ``3``, ``0003``, ``train/3`` or ``train/0003``.

    Raises:
        InputError: no id or several ids fit; the message lists what comes closest.
    """
    known = list(ids)
    wanted = wanted.strip()
    if wanted in known:
        return wanted
    split, _, name = wanted.rpartition("/")
    fitting = [i for i in known if _bare_name(i) == _bare(name) and (not split or i.rpartition("/")[0] == split)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise InputError(f"{wanted} is not one problem but {len(fitting)}: write {_either(fitting)}")
    same_name = [i for i in known if _bare_name(i) == _bare(name)]
    close = same_name or difflib.get_close_matches(_padded(wanted), known, n=3)
    hint = (
        f"did you mean {_either(close)}?" if close else f"the ids look like {known[0]}" if known else "there are none"
    )
    raise InputError(f"no problem {wanted}: {hint}")


def _either(ids: Sequence[str]) -> str:
    return ", ".join(ids[:5]) + (", ..." if len(ids) > 5 else "")


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit()


def _bare(name: str) -> str:
    """A number without its leading zeros; anything else as it is. (No ``int``: it refuses more than 4,300 digits.)"""
    return (name.lstrip("0") or "0") if _is_number(name) else name


def _bare_name(problem_id: str) -> str:
    return _bare(problem_id.rpartition("/")[2])


def _padded(problem_id: str) -> str:
    split, slash, name = problem_id.rpartition("/")
    return split + slash + (_bare(name).zfill(4) if _is_number(name) else name)


def _order(split: str, problem_id: str) -> tuple[int, str, bool, int, str, str]:
    """By split, then by number; what is not a number comes after the numbers."""
    name = _bare_name(problem_id)
    number = _is_number(name)
    return _SPLIT_ORDER.get(split, 3), split, not number, len(name) if number else 0, name, problem_id


# ---- text: broken characters are replaced and told, never passed on and never a crash


def _decoded(data: bytes, where: str, defects: list[str]) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        defects.append(f"{where}: invalid UTF-8 at byte {error.start}")
        return data.decode(errors="replace")


def _text(value: Any, where: str, defects: list[str]) -> str:
    """A text column. Half of a surrogate pair is no character: JSON can write it, a file cannot hold it."""
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
    """A column of JSON text, or what it stands for; empty means missing, as ``codeparrot/apps`` has it."""
    if value is None or value == "":
        return None
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    text = value if isinstance(value, str) else dump_json(value)
    return text.encode(errors="backslashreplace").decode()  # a lone surrogate becomes its JSON escape: nothing is lost


# ---- APPS's own layout


@dataclass(frozen=True, slots=True)
class _ProblemFolder:
    problem_id: str
    split: str
    path: Path


def _open_folder(path: Path, kind: Kind) -> RawSource:
    """``kind`` is what to call it if it holds problem folders; files of rows in it are called what they are."""
    name = path.name if path.name not in ("", "..") else path.resolve().name
    if kind == "sample" and not path.is_dir():
        raise RawDataError(f"the bundled sample is not at {path}: install apps-plus again, or give raw APPS")
    found = _find_problem_folders(path, name)
    # Numbered folders alone are no sign of raw APPS: years and runs are numbered, too.
    if not any(folder.path.parent.name in SPLITS or holds_problem_files(folder.path) for folder in found):
        files_of_rows = row_files(path)
        if not files_of_rows:
            raise RawDataError(no_problems(path))
        files_of_rows.sort(key=lambda p: (_SPLIT_ORDER[stem(p)], p.name))
        return _open_rows(files_of_rows, name, _kind_of(files_of_rows[0]))
    found.sort(key=lambda folder: _order(folder.split, folder.problem_id))
    return RawSource(name, kind, tuple(f.problem_id for f in found), partial(_read_folders, found))


def _find_problem_folders(path: Path, name: str) -> list[_ProblemFolder]:
    """The problems of a release (``path/<split>/<NNNN>``) or of one split (``path/<NNNN>``)."""
    try:
        folders = [p for p in entries(path) if p.is_dir()]
        direct = [p for p in folders if _is_problem(p)]
        others = set(folders) - set(direct)
        nested = {p.name: [q for q in entries(p) if q.is_dir() and _is_problem(q)] for p in sorted(others)}
    except OSError as error:
        raise RawDataError(f"cannot read {path}: {error}: give a folder that you may read") from error
    nested = {split: problems for split, problems in nested.items() if problems}
    if direct and nested:
        raise RawDataError(f"{path} holds problems itself and in {', '.join(nested)}/: give one of the two folders")
    if direct:
        nested = {name if name in ("train", "test") else "train": direct}
    return [_ProblemFolder(f"{split}/{p.name}", split, p) for split, problems in nested.items() for p in problems]


def _is_problem(path: Path) -> bool:
    """A numbered folder, even an empty one (a defect, not a reason to lose it), or one with a problem's files."""
    return _is_number(path.name) or any((path / name).is_file() for name in _PROBLEM_FILES)


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
    """The file's text, its line ends untouched; None where there is no file, or none that can be read."""
    try:
        if path.exists() and not path.is_file():  # a named pipe would be waited for without end
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
    """Read every row once, to know the ids and that all of them are good; the texts are read again when asked for."""
    places: dict[str, str] = {}
    order = []
    for path in paths:
        for row in _rows(path, ("problem_id", "split", "question")):
            problem = _row_to_problem(row)
            if first := places.get(problem.problem_id):
                raise RawDataError(f"{row.where}: {problem.problem_id} is also at {first}: remove one of the two")
            places[problem.problem_id] = row.where
            order.append(_order(problem.split, problem.problem_id))
    if not places:
        raise RawDataError(f"{', '.join(map(str, paths))} has no rows: give the rows of {HUB_DATASET}")
    in_order = sorted(order)
    read = _read_rows if order == in_order else _read_rows_sorted
    ids = tuple(key[-1] for key in in_order)
    return RawSource(name, kind, ids, partial(read, tuple(paths), ids))


def _read_rows(paths: Sequence[Path], ids: Sequence[str]) -> Iterator[RawProblem]:
    """Rows that already stand in order: as they come."""
    problems = (_row_to_problem(row) for path in paths for row in _rows(path))
    for expected, problem in zip_longest(ids, problems):
        if problem is None or problem.problem_id != expected:
            raise _changed(paths)
        yield problem


def _read_rows_sorted(paths: Sequence[Path], ids: Sequence[str]) -> Iterator[RawProblem]:
    """Rows out of order: through a temporary file, because a compressed file cannot be read at any place."""
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
    """``apps_test.jsonl`` holds the test split; ``contest.jsonl`` does not."""
    match = re.search(r"(?:^|[^a-z])(train|test)$", stem(path))
    return match[1] if match else "train"


def _rows(path: Path, columns: Sequence[str] = _COLUMNS) -> Iterator[_Row]:
    """The rows of one file. ``columns`` are all that is asked for (JSON lines give the others too)."""
    return _parquet_rows(path, columns) if _kind_of(path) == "parquet" else _json_rows(path)


def _json_rows(path: Path) -> Iterator[_Row]:
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with opened(path, "rb") as file:
            # Bytes split at "\n" alone; text would also split at the line ends that a question may hold.
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
                raise RawDataError(f"{path}: problems of a build, not of raw APPS: give what the build was made from")
            if "question" not in names:
                raise RawDataError(f"{path}: no column question, but {_fields(names)}: {_WANTED}")
            present = [name for name in columns if name in names]
            # Small batches: one problem's tests may be megabytes.
            for batch in file.iter_batches(batch_size=32, columns=present):
                for values in batch.to_pylist():
                    number += 1
                    yield _Row(f"{path}: row {number}", values, _file_split(path))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise RawDataError(f"{path}: not parquet that can be read ({error}): download it again") from error


def _row_to_problem(row: _Row) -> RawProblem:
    """Raises RawDataError where there is no id or no question; bad JSON *in* the texts is for the pipeline to judge."""
    if not isinstance(row.values.get("question"), str):
        raise RawDataError(f"{row.where}: no question, but {_fields(row.values)}: {_WANTED}")
    if "canonical_solution" in row.values and "solutions" not in row.values:
        raise RawDataError(f"{row.where}: a problem of a build, not of raw APPS: give what the build was made from")
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


_WANTED = f"give rows with the columns of {HUB_DATASET}: problem_id, question, solutions, input_output, ..."


def _fields(names: Iterable[str]) -> str:
    told = [name if len(name) <= 30 else f"{name[:27]}..." for name in map(str, names)]
    return ", ".join(told[:6]) + (", ..." if len(told) > 6 else "") if told else "no field at all"


def _identity(row: _Row) -> tuple[str, str]:
    """The id and the split. An id that names its split says it for a row that does not."""
    given = row.values.get("problem_id")
    if isinstance(given, bool) or not isinstance(given, int | str) or given == "":
        raise RawDataError(f"{row.where}: no problem_id: give each row a number or a text that is its own")
    name = _text(given, "problem_id", []) if isinstance(given, str) else dump_json(given)
    named_split = name.partition("/")[0]
    split = row.values.get("split") or (
        named_split if named_split in ("train", "test") and "/" in name else row.file_split
    )
    if not isinstance(split, str):
        raise RawDataError(f"{row.where}: split is not text: write train or test, or leave it out")
    return (name if "/" in name else f"{split}/{_padded(name)}"), split


def _download_from_hub() -> list[Path]:
    """The files of ``codeparrot/apps`` in the hub's cache, downloaded where they are not there yet.

    Not by ``datasets.load_dataset``: the dataset is a script, which ``datasets`` >= 4 does not run, and its files are
    JSON lines, which are read here as they are, without a second copy in Arrow.
    """
    names = [f"{split}.jsonl" for split in ("train", "test")]
    try:
        from huggingface_hub import hf_hub_download

        return [Path(hf_hub_download(HUB_DATASET, name, repo_type="dataset")) for name in names]
    except Exception as error:  # whatever keeps the hub out of reach, what to do about it is the same
        reason = (str(error).strip().splitlines() or [""])[0]
        raise RawDataError(
            f"cannot load {HUB_DATASET} from the Hugging Face hub ({type(error).__name__}: {reason}): download "
            f"{' and '.join(names)} from https://huggingface.co/datasets/{HUB_DATASET}/tree/main and give their folder"
        ) from error
