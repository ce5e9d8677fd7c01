"""Name the format of files that hold no samples, and what to do about them. Nothing is unpacked or unpickled."""

from __future__ import annotations

import re

_SAVE_AS = "save the rows as JSON lines"

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"ARROW1", f"an Arrow file: {_SAVE_AS} or parquet"),
    (b"\x28\xb5\x2f\xfd", "compressed by Zstandard: unpack it first (zstd -d)"),
    (b"BZh", "compressed by bzip2: unpack it first (bunzip2)"),
    (b"\xfd7zXZ\x00", "compressed by xz: unpack it first (unxz)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive: unpack it, and give what is in it"),
    (b"Rar!", "a RAR archive: unpack it, and give what is in it"),
    (b"%PDF", f"a PDF: {_SAVE_AS}"),
    (b"SQLite format 3\x00", f"an SQLite database: {_SAVE_AS}"),
    (b"\x93NUMPY", f"a NumPy array: {_SAVE_AS}"),
    (b"\x89HDF", f"an HDF5 file: {_SAVE_AS}"),
    (b"\x89PNG", "a picture, no samples"),
    (b"\x7fELF", "a program for this machine, no samples"),
    (b"GGUF", "a model's weights, no samples"),
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself: fetch it with git lfs pull"),
)


def binary_kind(head: bytes) -> str | None:
    """Return the format of a file by its first bytes, and what to do; None if it is unknown."""
    found = next((what for magic, what in _MAGIC if head.startswith(magic)), None)
    if found is not None:
        return found
    if len(head) > 1 and head[0] == 0x80 and 2 <= head[1] <= 5:
        return f"a pickle, which is never loaded (it could run any program): {_SAVE_AS}"
    if head[257:262] == b"ustar":
        return "a tar archive: unpack it, and give what is in it"
    return None


_COLUMNS = re.compile(r"(?:^|[,;\t\"])(?:task_id|problem_id|question_id|completion|solution|prompt|code)(?:[,;\t\"]|$)")


def text_kind(first_line: str, suffix: str) -> str | None:
    """Return the format of a text by its first line and its file's suffix, and what to do; None if it is unknown."""
    line = first_line.strip().lower()
    suffix = suffix.lower()
    if suffix in (".csv", ".tsv") or (_COLUMNS.search(line) and not line.startswith(("{", "["))):
        return f'CSV: {_SAVE_AS}, with pandas.read_csv(FILE).to_json("samples.jsonl", orient="records", lines=True)'
    if line.startswith(("<!doctype html", "<html")):
        return "an HTML page, not the file itself: download the raw file"
    if line.startswith("<?xml"):
        return f"XML: {_SAVE_AS}"
    if suffix in (".yaml", ".yml") or line == "---":
        return f"YAML: {_SAVE_AS}"
    if suffix == ".toml":
        return f"TOML: {_SAVE_AS}"
    if suffix == ".py":
        return "one program: give the folder of programs (HumanEval_0/0.py), or JSON lines"
    if suffix in (".md", ".txt", ".log"):
        return f"plain text: {_SAVE_AS}"
    return None


def zip_kind(names: list[str]) -> str:
    """Return the content of a zip without samples, and what to do."""
    if "[Content_Types].xml" in names:
        return f"an Office document: {_SAVE_AS}"
    if any(name.endswith("data.pkl") for name in names):
        return f"a file of torch, which holds a pickle and is never loaded: {_SAVE_AS}"
    if any(name.startswith("_journal/") or name == "header.json" for name in names):
        return "a log of inspect_ai without samples: make it with log_samples"
    inside = [name for name in names if name.endswith((".jsonl", ".json", ".parquet", ".jsonl.gz", ".eval"))]
    if len(inside) == 1:
        return f"a zip: unpack it, and give {inside[0]}, which is in it"
    return "a zip that holds no samples: unpack it, and give the file or folder of samples"
