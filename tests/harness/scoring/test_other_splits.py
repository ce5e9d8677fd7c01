"""Samples of another split of the build than the one asked for: the splits are named."""

from __future__ import annotations

import json

import pytest
from command_line import run

from harness.scoring.benchmarks.load import count_by_split
from harness.scoring.options import EvaluateOptions
from harness.scoring.prepare import prepare


@pytest.fixture
def ids(sample_build, rows):
    """The ids of each split of the build of the bundled sample."""
    return {split: [row["problem_id"] for row in rows(sample_build / f"{split}.jsonl")] for split in ("train", "test")}


def write_samples(path, task_ids):
    path.write_text("".join(json.dumps({"task_id": i, "completion": "print(1)"}) + "\n" for i in task_ids))
    return path


def test_no_sample_is_of_the_split_asked_for(sample_build, ids, tmp_path):
    samples = write_samples(tmp_path / "s.jsonl", ids["train"][:3])
    result = run("evaluate", "apps+", samples, "--data", sample_build)
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert "no sample answers a problem of the split test of" in line
    assert "of 3 samples 3 are of train: give --split train (the split in an id is that of raw APPS)" in line


def test_some_samples_are_of_another_split(sample_build, ids, tmp_path):
    samples = write_samples(tmp_path / "s.jsonl", [*ids["train"][:2], ids["test"][0], "train/99999"])
    prepared = prepare(EvaluateOptions("apps+", samples, sample_build))
    assert (len(prepared.known), len(prepared.unknown)) == (1, 3)
    assert prepared.unknown_by_split == {"train": 2}


def test_ids_are_counted_by_split(sample_build, ids):
    given = [*ids["test"][:2], ids["train"][0], ids["train"][0], "train/99999"]
    assert count_by_split(sample_build, given) == {"train": 2, "test": 2}
