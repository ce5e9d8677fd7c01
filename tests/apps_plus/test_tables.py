"""A loaded build by id, as a data frame, and as Hugging Face datasets."""

from __future__ import annotations

import subprocess
import sys

import pytest

import apps_plus
from apps_plus.errors import InputError
from apps_plus.problem import Dataset


@pytest.fixture
def dataset(sample_build) -> Dataset:
    return apps_plus.load(sample_build)


def test_a_problem_is_found_by_its_id_in_any_split(dataset):
    for problem in (dataset.train[0], dataset.test[-1]):
        assert dataset.problem(problem.problem_id) is problem
        split, _, number = problem.problem_id.partition("/")
        assert dataset.problem(f"{split}/{int(number)}") is problem
    with pytest.raises(InputError, match="no problem train/9999: did you mean train/"):
        dataset.problem("train/9999")
    with pytest.raises(InputError, match=r"did you mean .*apps-plus explain says why a problem was not released"):
        dataset.problem("test/0000")  # it waits for a reviewer


def test_a_loaded_build_is_shown_by_its_counts(dataset):
    assert repr(dataset) == "<Dataset: train 21, validation 15, test 11>"


def test_a_data_frame_has_the_released_rows(dataset, sample_build, rows):
    frame = dataset.to_pandas()
    expected = [row for split in ("train", "validation", "test") for row in rows(sample_build / f"{split}.jsonl")]
    assert list(frame.columns) == ["split", *expected[0]]
    assert frame["problem_id"].tolist() == [row["problem_id"] for row in expected]
    assert frame["tests"].tolist() == [row["tests"] for row in expected]
    assert frame["split"].value_counts().to_dict() == {
        split: len(dataset[split]) for split in ("train", "validation", "test") if dataset[split]
    }


def test_datasets_are_those_that_the_parquet_files_give(dataset, sample_build, tmp_path):
    from datasets import Dataset as Split

    made = dataset.to_datasets()
    for split in ("train", "test"):
        read = Split.from_parquet(str(sample_build / f"{split}.parquet"), cache_dir=str(tmp_path))
        assert made[split].features == read.features
        assert made[split].to_list() == read.to_list()


def test_a_dataset_without_problems_has_all_columns():
    empty = Dataset()
    assert empty.to_pandas().shape[0] == 0
    assert [len(split) for split in empty.to_datasets().values()] == [0, 0, 0]
    assert "canonical_solution" in empty.to_datasets()["validation"].column_names


def test_loading_imports_neither(sample_build):
    code = (
        f"import sys, apps_plus; apps_plus.load({str(sample_build)!r})\n"
        "print(sorted({'pandas', 'datasets', 'pyarrow'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert result.stdout.strip() == "[]"
