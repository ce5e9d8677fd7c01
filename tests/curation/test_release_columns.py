"""Columns that are added to a finished build: every file agrees, and an interrupted write leaves a whole build."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import apps_plus
from apps_plus.errors import BuildFolderError
from curation.pipeline.publish import FILES
from curation.release_columns import add_columns

COUNTS = {"strength": None}


@pytest.fixture
def build(sample_build: Path, tmp_path: Path) -> Path:
    shutil.copytree(sample_build, tmp_path / "b", ignore=shutil.ignore_patterns(".build"))
    return tmp_path / "b"


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def strengths(folder: Path) -> dict[str, float | None]:
    dataset = apps_plus.load(folder)
    return {p.problem_id: p.test_strength for s in ("train", "validation", "test") for p in dataset[s]}


def test_every_file_has_the_column(build: Path) -> None:
    ids = list(strengths(build))
    manifest = add_columns(build, {"test_strength": {ids[0]: 0.5}}, COUNTS)
    assert strengths(build) == {**dict.fromkeys(ids), ids[0]: 0.5}
    for split in ("train", "validation", "test"):
        rows = [json.loads(line) for line in (build / f"{split}.jsonl").read_text().splitlines()]
        assert pq.read_table(build / f"{split}.parquet").to_pylist() == rows
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((build / name).read_bytes()).hexdigest() == digest
    assert json.loads((build / "manifest.json").read_text()) == manifest


def test_the_same_column_again_changes_no_byte(build: Path) -> None:
    columns = {"test_strength": dict.fromkeys(strengths(build), 0.25)}
    add_columns(build, columns, COUNTS)
    before = bytes_of(build)
    add_columns(build, columns, COUNTS)
    assert bytes_of(build) == before
    assert not (build / ".build" / "columns").exists()


def test_a_build_of_an_earlier_version_gets_what_it_lacks(build: Path) -> None:
    path = build / "train.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        del row["cases"]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    manifest = json.loads((build / "manifest.json").read_text())
    manifest["decisions"].pop("shipped", None)
    (build / "manifest.json").write_text(json.dumps(manifest))
    add_columns(build, {"test_strength": {rows[0]["problem_id"]: 1.0}}, COUNTS)
    first = json.loads(path.read_text().splitlines()[0])
    assert (first["test_strength"], first["cases"]) == (1.0, "")


@pytest.mark.parametrize("after", range(len(FILES) - 3))
def test_an_interrupted_write_leaves_a_build_that_loads_and_can_be_completed(
    build: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    columns = {"test_strength": dict.fromkeys(strengths(build), 0.75)}
    left = after

    def replace_some(self: Path, target: Path, rename: object = Path.replace) -> Path:
        nonlocal left
        if self.parent.name == "columns" and not self.name.startswith("."):
            if left == 0:
                raise KeyboardInterrupt
            left -= 1
        return rename(self, target)  # type: ignore[operator]

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "replace", replace_some)
        add_columns(build, columns, COUNTS)
    assert set(strengths(build).values()) <= {None, 0.75}
    add_columns(build, columns, COUNTS)
    assert set(strengths(build).values()) == {0.75}
    manifest = json.loads((build / "manifest.json").read_text())
    assert all(hashlib.sha256((build / n).read_bytes()).hexdigest() == d for n, d in manifest["files"].items())


def test_a_folder_that_is_no_build_or_has_a_broken_line_is_named(build: Path, tmp_path: Path) -> None:
    with pytest.raises(BuildFolderError, match="not a whole build"):
        add_columns(tmp_path / "none", {}, {})
    with (build / "train.jsonl").open("a") as file:
        file.write("{}\n")
    before = bytes_of(build)
    with pytest.raises(BuildFolderError, match=r"train\.jsonl:\d+: not a problem"):
        add_columns(build, {"test_strength": {}}, COUNTS)
    assert bytes_of(build) == before
