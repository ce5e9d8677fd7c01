"""Convert the problems of a build to tables of pandas and of Hugging Face's ``datasets``, which are imported then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from apps_plus.problem import MEASURED_COLUMNS, Dataset
from apps_plus.storage import SPLITS, parquet_schema, released_row

if TYPE_CHECKING:
    import datasets
    import pandas


def to_pandas(dataset: Dataset) -> pandas.DataFrame:
    """Return one row a problem, split by split; the columns are those of the released files, after ``split``."""
    import pandas

    measured = measured_columns(dataset)
    rows = [{"split": split, **row} for split in SPLITS for row in rows_of(dataset, split, measured)]
    return pandas.DataFrame(rows, columns=["split", *parquet_schema(measured).names])


def to_datasets(dataset: Dataset) -> datasets.DatasetDict:
    """Return the splits, each with the columns and types of the parquet files, also where it has no problem."""
    import datasets
    import pyarrow as pa
    from datasets.table import InMemoryTable

    measured = measured_columns(dataset)
    schema = parquet_schema(measured)
    tables = {split: pa.Table.from_pylist(rows_of(dataset, split, measured), schema=schema) for split in SPLITS}
    return datasets.DatasetDict({split: datasets.Dataset(InMemoryTable(table)) for split, table in tables.items()})


def measured_columns(dataset: Dataset) -> list[str]:
    """Return the columns of measurements that some problem has a value of; the released files have no others."""
    problems = [problem for split in SPLITS for problem in dataset[split]]
    return [name for name in MEASURED_COLUMNS if any(getattr(p, name) not in (None, ()) for p in problems)]


def rows_of(dataset: Dataset, split: str, measured: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of a split, as in the released files."""
    return [released_row(problem.to_row(), measured) for problem in dataset[split]]
