"""Read a JSON document (one value instead of JSON lines): a function for each structure that holds rows or programs.

``readers.py`` lists them. A document with scores or verdicts but without programs is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from harness.scoring.samples.formats.fields import FIELDS
from harness.scoring.samples.formats.ids import ID_FIELDS
from harness.scoring.samples.formats.inspect_ai import is_inspect_log
from harness.scoring.samples.formats.texts import texts_of
from harness.scoring.samples.sample import NotASampleError


class Document(NamedTuple):
    """The entries of a document."""

    container: str
    """The format, in words."""
    entries: Iterable[Any]
    """Rows, or the texts of the problem at each position."""


_WRAPPERS = ("samples", "generations", "results", "data", "rows", "outputs", "predictions", "items", "records")


def read_list(values: list[Any]) -> Document:
    """Read a JSON array of rows, or of lists of programs by position."""
    if values and not any(isinstance(value, Mapping) for value in values):
        if any(texts_of(value) is None for value in values):
            raise NotASampleError("a JSON array whose entries are neither rows nor lists of programs")
        return Document("lists of programs without ids (as bigcode's generations.json)", values)
    if not all(isinstance(value, Mapping) for value in values):
        raise NotASampleError("a JSON array whose entries are rows and lists or texts: a file has one kind of entries")
    return Document("a JSON array", values)


def read_inspect_log(value: Mapping[str, Any], field: str | None) -> Document | None:
    """Read a log of inspect_ai."""
    if not is_inspect_log(value):
        return None
    if not isinstance(value["samples"], list):
        raise NotASampleError("a log of inspect_ai without its samples: make it with log_samples")
    return Document("a log of inspect_ai", value["samples"])


def read_evalplus_results(value: Mapping[str, Any], field: str | None) -> Document | None:
    """Read EvalPlus's ``.eval_results.json``."""
    tasks = value.get("eval")
    if not isinstance(tasks, Mapping) or "samples" in value:
        return None
    rows = [row for of_task in tasks.values() if isinstance(of_task, list) for row in of_task]
    if not rows or not all(isinstance(row, Mapping) and ("solution" in row or "completion" in row) for row in rows):
        raise NotASampleError("EvalPlus's results, verdicts without programs: give the samples that they are of")
    rows = [
        {"task_id": task_id, **row}
        for task_id, of_task in tasks.items()
        if isinstance(of_task, list)
        for row in of_task
    ]
    return Document("EvalPlus's .eval_results.json", rows)


def refuse_scores(value: Mapping[str, Any], field: str | None) -> Document | None:
    """Raise NotASampleError for scores without programs."""
    if isinstance(value.get("results"), Mapping) and (
        {"configs", "config", "versions", "lm_eval_version"} & set(value)
    ):
        raise NotASampleError(
            "lm-eval's scores, without programs: give the samples_*.jsonl beside them (--log_samples)"
        )
    scores = [inner for inner in value.values() if isinstance(inner, Mapping)]
    has_scores = any(str(name).startswith("pass@") for inner in (value, *scores) for name in inner)
    is_row = any(name in value for name in (*ID_FIELDS, "doc", *FIELDS))
    if has_scores and not is_row and read_mapping(value, field) is None:
        raise NotASampleError("scores without programs: give the file of samples that they are of")
    return None


def read_single_row(value: Mapping[str, Any], field: str | None) -> Document | None:
    """Read a file of a single row."""
    named = any(name in value for name in (*ID_FIELDS, "doc"))
    return Document("JSON lines", [value]) if named or any(name in value for name in FIELDS) else None


def read_columns(value: Mapping[str, Any], field: str | None) -> Document | None:
    """Read a table by columns, as pandas writes it: ``{"task_id": {"0": ...}, "completion": {"0": ...}}``."""
    if isinstance(value.get("columns"), list) and isinstance(value.get("data"), list):
        names = value["columns"]
        if not all(isinstance(row, list) and len(row) == len(names) for row in value["data"]):
            raise NotASampleError("a table whose rows do not have a value for each column")
        return Document("a JSON table", [dict(zip(map(str, names), row, strict=True)) for row in value["data"]])
    id_field = next((name for name in ID_FIELDS if isinstance(value.get(name), (list, Mapping))), None)
    if id_field is None or not any(name in value for name in (field, *FIELDS)):
        return None
    columns = {name: column for name, column in value.items() if isinstance(column, type(value[id_field]))}
    if len({len(column) for column in columns.values()}) != 1:
        raise NotASampleError("a table by columns, which are of different lengths")
    keys = value[id_field].keys() if isinstance(value[id_field], Mapping) else range(len(value[id_field]))
    try:
        rows = [{name: column[key] for name, column in columns.items()} for key in keys]
    except LookupError as error:
        raise NotASampleError(f"a table by columns, one of which has no row {error}") from error
    return Document("a JSON table by columns", rows)


def read_wrapper(value: Mapping[str, Any], field: str | None) -> Document | None:
    """Read rows, or lists of programs, under one name in an object with other fields."""
    named = any(name in value for name in ID_FIELDS)
    for name in _WRAPPERS:
        inner = value.get(name)
        if not isinstance(inner, list) or not inner:
            continue
        if all(_is_named(row) for row in inner) or (not named and all(isinstance(one, list) for one in inner)):
            found = read_list(inner)
            return found._replace(container=f"{found.container} under {name!r}")
    return None


def _is_named(row: Any) -> bool:
    return isinstance(row, Mapping) and any(name in row for name in (*ID_FIELDS, "doc_id", "prompt"))


def read_mapping(value: Mapping[str, Any], field: str | None) -> Document | None:
    """Read an object of programs by the id of their problem, such as APPS's ``all_codes.json``."""
    rows: list[Mapping[str, Any]] = []
    for task_id, programs in value.items():
        several = programs if isinstance(programs, list) else [programs]
        for one in several:
            if isinstance(one, Mapping):
                if not any(name in one for name in (field, *FIELDS)):
                    return None
                rows.append({"task_id": task_id, **one})
            elif one is None or isinstance(one, str):
                rows.append({"task_id": task_id, field or "program": one})
            else:
                return None
    return Document("a JSON object of programs by id", rows) if rows else None
