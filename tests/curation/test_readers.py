"""The released files through the readers that people use: the same rows, types and integers in every one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import datasets
import pandas
import pyarrow as pa
import pyarrow.json
import pyarrow.parquet
import pytest
from command_line import run

import apps_plus
from apps_plus.storage import SPLITS
from curation.release_columns import add_columns

datasets.disable_progress_bars()


@pytest.fixture(scope="module")
def small_build(tmp_path_factory) -> Path:
    """Six problems of the bundled sample, which leave a split empty."""
    out = tmp_path_factory.mktemp("readers") / "out"
    result = run("build", "--out", out, "--limit", "6")
    assert result.exit_code == 0, result.stderr
    return out


def splits_of(build: Path) -> list[str]:
    return [split for split in SPLITS if (build / f"{split}.jsonl").exists()]


def written(build: Path, split: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (build / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()]


def plain(schema: pa.Schema) -> dict[str, str]:
    """Types by column; whether an element of a list is called ``item`` or ``element`` is the writer's choice."""
    return {field.name: str(field.type).replace("<element: ", "<item: ") for field in schema}


def test_a_split_without_problems_has_no_file(small_build):
    dataset = apps_plus.load(small_build)
    empty = [split for split in SPLITS if not dataset[split]]
    assert empty
    assert splits_of(small_build) == [split for split in SPLITS if dataset[split]]
    manifest = json.loads((small_build / "manifest.json").read_text())
    for split in empty:
        assert not (small_build / f"{split}.parquet").exists()
        assert {f"{split}.jsonl", f"{split}.parquet"}.isdisjoint(manifest["files"])
        assert manifest["counts"]["splits"][split]["total"] == 0


def test_a_split_that_the_manifest_names_must_be_there(small_build, tmp_path):
    (tmp_path / "manifest.json").write_bytes((small_build / "manifest.json").read_bytes())
    with pytest.raises(apps_plus.errors.BuildFolderError, match=r"cannot read .*\.jsonl"):
        apps_plus.load(tmp_path)


@pytest.mark.parametrize("streaming", [False, True])
def test_datasets_reads_a_build(small_build, tmp_path, streaming):
    read = datasets.load_dataset(str(small_build), streaming=streaming, cache_dir=str(tmp_path))
    assert list(read) == splits_of(small_build)
    for split in read:
        assert list(read[split]) == written(small_build, split)


def test_parquet_and_json_lines_have_the_same_rows_and_types(small_build, tmp_path):
    for split in splits_of(small_build):
        lines, table = small_build / f"{split}.jsonl", pyarrow.parquet.read_table(small_build / f"{split}.parquet")
        from_lines = pyarrow.json.read_json(lines)
        assert table.to_pylist() == from_lines.to_pylist() == written(small_build, split)
        types = plain(table.schema)
        if not any(row["repairs"] for row in written(small_build, split)):  # nothing from which to infer its type
            types["repairs"] = "list<item: null>"
        assert plain(from_lines.schema) == types
        as_datasets = datasets.load_dataset(
            "json", data_files=str(lines), features=datasets.Features.from_arrow_schema(table.schema),
            cache_dir=str(tmp_path / split), split="train",
        )  # fmt: skip
        assert as_datasets.to_list() == table.to_pylist()


def test_pandas_reads_both(small_build):
    for split in splits_of(small_build):
        lines = pandas.read_json(small_build / f"{split}.jsonl", lines=True)
        table = pandas.read_parquet(small_build / f"{split}.parquet")
        assert lines.to_dict("records") == written(small_build, split)
        assert list(lines.columns) == list(table.columns)
        assert lines.dtypes.astype(str).to_dict() == table.dtypes.astype(str).to_dict()


def test_measured_columns_come_with_their_measurement_in_one_order(small_build, tmp_path):
    import shutil

    build = tmp_path / "b"
    shutil.copytree(small_build, build)
    first = splits_of(build)[0]
    assert "test_strength" not in written(build, first)[0]
    ids = [row["problem_id"] for split in splits_of(build) for row in written(build, split)]
    add_columns(build, {"solve_rate": dict.fromkeys(ids, 0.5)}, {})
    add_columns(build, {"test_strength": dict.fromkeys(ids, 1.0)}, {})
    names = list(written(build, first)[0])
    assert names[-2:] == ["test_strength", "solve_rate"]
    assert pyarrow.parquet.read_schema(build / f"{first}.parquet").names == names
    assert plain(pyarrow.json.read_json(build / f"{first}.jsonl").schema)["test_strength"] == "double"
    assert apps_plus.load(build).to_pandas().columns[1:].tolist() == names


def test_half_a_surrogate_pair_is_refused_by_no_reader(tmp_path):
    from apps_plus.storage import released_row, write_json_lines

    write_json_lines(tmp_path / "a.jsonl", [released_row({"question": "\ud83d!", "solve_rates": []}, ())])
    assert pyarrow.json.read_json(tmp_path / "a.jsonl").to_pylist() == [{"question": "\\ud83d!"}]


# ---- readers that apps-plus does not install; the nightly does


def test_polars_reads_a_build(small_build):
    polars = pytest.importorskip("polars")
    for split in splits_of(small_build):
        rows = written(small_build, split)
        assert polars.read_parquet(small_build / f"{split}.parquet").to_dicts() == rows
        assert polars.read_ndjson(small_build / f"{split}.jsonl", infer_schema_length=None).to_dicts() == rows


def test_duckdb_reads_a_build(small_build):
    duckdb = pytest.importorskip("duckdb")
    for split in splits_of(small_build):
        rows = written(small_build, split)
        for source in (f"'{small_build}/{split}.parquet'", f"read_json('{small_build}/{split}.jsonl', sample_size=-1)"):
            found = duckdb.sql(f"select * from {source}")
            assert [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()] == rows, source
