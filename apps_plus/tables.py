"""Convert the problems of a build to tables of pandas and of Hugging Face's ``datasets``, which are imported then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps_plus.problem import Dataset
from apps_plus.storage import SPLITS, encodable_row, parquet_schema

if TYPE_CHECKING:
    import datasets
    import pandas


def to_pandas(dataset: Dataset) -> pandas.DataFrame:
    """Return one row a problem, split by split; the columns are those of the released files, after ``split``."""
    import pandas

    rows = [{"split": split, **row} for split in SPLITS for row in rows_of(dataset, split)]
    return pandas.DataFrame(rows, columns=["split", *parquet_schema().names])


def to_datasets(dataset: Dataset) -> datasets.DatasetDict:
    """Return the splits, each with the columns and types of the parquet files, also where it has no problem."""
    import datasets
    import pyarrow as pa
    from datasets.table import InMemoryTable

    schema = parquet_schema()
    tables = {split: pa.Table.from_pylist(rows_of(dataset, split), schema=schema) for split in SPLITS}
    return datasets.DatasetDict({split: datasets.Dataset(InMemoryTable(table)) for split, table in tables.items()})


def rows_of(dataset: Dataset, split: str) -> list[dict[str, Any]]:
    """Return the rows of a split, as in the released files."""
    return [encodable_row(problem.to_row()) for problem in dataset[split]]
