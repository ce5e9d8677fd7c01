"""Table of the readers of sample formats: to support another tool, write a reader and add it here.

``ROW_READERS`` read one row (a JSON object: a JSON line, a row of parquet, an entry of a document). Other rows
are read by the names of their fields (``fields.py``). ``DOCUMENT_READERS`` find the rows in a JSON document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from harness.scoring.samples.formats import documents
from harness.scoring.samples.formats.batches import is_batch_row, read_batch_row
from harness.scoring.samples.formats.documents import Document
from harness.scoring.samples.formats.inspect_ai import is_inspect_sample, read_inspect_sample
from harness.scoring.samples.formats.lm_eval import is_lm_eval_row, read_lm_eval_row
from harness.scoring.samples.sample import NotASampleError, Sample

Row = Mapping[str, Any]


class RowReader(NamedTuple):
    """Reader of the rows of one tool."""

    matches: Callable[[Row], bool]
    """Predicate: is a row of this tool?"""
    read: Callable[[Row, int, str | None], list[Sample]]
    """Reads a row with its number and the field that the user chose, if any."""
    shape: str
    """The format, in words."""


ROW_READERS = (
    RowReader(is_lm_eval_row, read_lm_eval_row, "samples logged by lm-eval"),
    RowReader(is_batch_row, read_batch_row, "output of a batch of requests"),
    RowReader(is_inspect_sample, read_inspect_sample, "samples of an inspect_ai log"),
)
"""Readers of rows; the first that matches is used."""

DocumentReader = Callable[[Mapping[str, Any], str | None], Document | None]
"""Returns the rows of a JSON object, None if it is not of this format; raises NotASampleError if it has no samples."""

DOCUMENT_READERS: tuple[DocumentReader, ...] = (
    documents.read_inspect_log,
    documents.read_evalplus_results,
    documents.refuse_scores,
    documents.read_columns,
    documents.read_wrapper,
    documents.read_single_row,
    documents.read_mapping,
)
"""Readers of JSON documents; the first that does not return None is used."""


def entries_of(value: Any, field: str | None = None) -> Document:
    """Return the entries of a JSON document. Raises NotASampleError, saying what it is, if it holds no samples."""
    if isinstance(value, list):
        return documents.read_list(value)
    if not isinstance(value, Mapping):
        raise NotASampleError(f"a single {type(value).__name__}, no samples")
    for read in DOCUMENT_READERS:
        found = read(value, field)
        if found is not None:
            return found
    names = ", ".join(map(str, list(value)[:6]))
    raise NotASampleError(f"a JSON object that holds no samples (its fields: {names})")
