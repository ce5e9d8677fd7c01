"""Read parquet files, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from apps_plus.errors import InputError

BATCH = 1000


def parquet_rows(path: Path, unpacked: IO[bytes] | None = None) -> Iterator[dict[str, Any]]:
    """Yield the rows of a parquet file, or of the unpacked content of a gzip file.

    Raises InputError if it cannot be read, or pyarrow is missing.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise InputError(f"{path} is a parquet file: install pyarrow to read it, or give JSON lines") from error
    try:
        with pq.ParquetFile(unpacked or path) as file:
            for batch in file.iter_batches(BATCH):
                yield from batch.to_pylist()
    except (pa.ArrowException, OSError, ValueError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot read {path}: its parquet data is damaged ({' '.join(str(error).split())[:120]})"
        ) from error
