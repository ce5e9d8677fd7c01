"""Files of benchmarks: their rows, the field of the statement, the ids."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from apps_plus.errors import InputError
from curation.overlap.benchmark_statements import BenchmarkItem, read_benchmark, text_of


def lines(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize(
    "field", ["question_content", "question", "prompt", "problem", "text", "description", "instruction", "statement"]
)
def test_the_statement_is_found_under_usual_names(tmp_path: Path, field: str) -> None:
    read = read_benchmark(lines(tmp_path / "b.jsonl", {"id": 7, field: "Add two numbers.", "answer": "a + b"}))
    assert (read.name, read.field) == ("b", field)
    assert read.items == (BenchmarkItem("7", "Add two numbers."),)
    assert field in read.notes[0]


def test_a_field_that_all_rows_have_is_preferred_to_a_better_name(tmp_path: Path) -> None:
    rows = [{"question": "", "prompt": "One."}, {"question": "Two?", "prompt": "Two."}]
    read = read_benchmark(lines(tmp_path / "b.jsonl", *rows))
    assert read.field == "prompt"
    assert "there also is question" in read.notes[0]


def test_a_named_field_counts_and_rows_without_it_are_left_out_and_told(tmp_path: Path) -> None:
    rows = [{"body": "One.", "question": "No."}, {"question": "Two?"}, {"body": 3}]
    read = read_benchmark(lines(tmp_path / "b.jsonl", *rows), field="body")
    assert [item.statement for item in read.items] == ["One."]
    assert "2 of 3 rows have no text in body" in read.notes[0]


def test_ids_are_those_of_the_rows_and_unique(tmp_path: Path) -> None:
    rows = [{"task_id": "a", "text": "x"}, {"task_id": "a", "text": "y"}, {"text": "z"}, {"id": True, "text": "w"}]
    read = read_benchmark(lines(tmp_path / "b.jsonl", *rows))
    assert [item.item_id for item in read.items] == ["a", "a (2)", "line 3", "line 4"]


def test_the_users_messages_of_a_chat_are_a_statement() -> None:
    chat = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Sort a list."}]
    assert text_of(chat) == "Sort a list."
    assert text_of(3) == text_of(["a"]) == ""


ROWS = [{"id": "1", "question": "One?"}, {"id": "2", "question": "Two?"}]


@pytest.mark.parametrize("document", [ROWS, {"1": {"question": "One?"}, "2": {"question": "Two?"}}, {"data": ROWS}])
def test_one_document_may_hold_the_rows(tmp_path: Path, document: Any) -> None:
    (tmp_path / "b.json").write_text(json.dumps(document, indent=1))
    assert [item.item_id for item in read_benchmark(tmp_path / "b.json").items] == ["1", "2"]


def test_gzip_and_parquet_are_read(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b"".join(json.dumps(row).encode() + b"\n" for row in ROWS)))
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "b.parquet")
    zipped, columns = read_benchmark(tmp_path / "b.jsonl.gz"), read_benchmark(tmp_path / "b.parquet")
    assert zipped.items == columns.items
    assert zipped.name == columns.name == "b"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no rows"),
        (b'{"code": "x = 1"}\n{"code": "y"}\n', "name it with --field; the fields are code"),
        (b'{"question": "x"}\n[1]\n', "line 2 is of type list, not an object"),
        (b'{"question": "x"}\n{"question": \n', "not JSON"),
        (b"\x1f\x8b\x08\x00broken", "gzip data is damaged"),
        (b"\x80\x04pickle", "a pickle, which is never loaded"),
        (b"id,question\n1,One?\n", "not JSON"),
    ],
)
def test_what_holds_no_statements_is_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "b.jsonl").write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_benchmark(tmp_path / "b.jsonl")


def test_a_field_that_no_row_has_names_the_fields_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="field 'body': its fields are id, question"):
        read_benchmark(lines(tmp_path / "b.jsonl", *ROWS), field="body")


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        read_benchmark(tmp_path)
    with pytest.raises(InputError, match="cannot read"):
        read_benchmark(tmp_path / "gone.jsonl")
