"""Turns a JSON document (one value, where the others are JSON lines) into the entries that it holds.

Which shape it has is told by looking at it; a document that holds scores or verdicts without programs is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from harness.scoring.samples.formats.ids import ID_FIELDS
from harness.scoring.samples.formats.inspect_ai import is_inspect_log
from harness.scoring.samples.formats.rows import FIELDS, NotASampleError
from harness.scoring.samples.formats.texts import texts_of


class Document(NamedTuple):
    """What a document holds."""

    container: str
    """What it is, in words."""
    entries: Iterable[Any]
    """Rows, or the texts of the problem at each position."""


_WRAPPERS = ("samples", "generations", "results", "data", "rows", "outputs", "predictions", "items", "records")


def entries_of(value: Any, field: str | None = None) -> Document:
    """The entries of a document. Raises NotASampleError where it is none that holds samples; says what it is."""
    if isinstance(value, list):
        return _of_list(value)
    if not isinstance(value, Mapping):
        raise NotASampleError(f"a single {type(value).__name__}, no samples")
    for shape in _SHAPES:
        found = shape(value, field)
        if found is not None:
            return found
    names = ", ".join(map(str, list(value)[:6]))
    raise NotASampleError(f"a JSON object that holds no samples (its fields: {names})")


def _of_list(values: list[Any]) -> Document:
    if values and not any(isinstance(value, Mapping) for value in values):
        if any(texts_of(value) is None for value in values):
            raise NotASampleError("a JSON array whose entries are neither rows nor lists of programs")
        return Document("lists of programs without ids (as bigcode's generations.json)", values)
    if not all(isinstance(value, Mapping) for value in values):
        raise NotASampleError("a JSON array whose entries are rows and lists or texts: a file has one kind of entries")
    return Document("a JSON array", values)


def _of_inspect_log(value: Mapping[str, Any], field: str | None) -> Document | None:
    if not is_inspect_log(value):
        return None
    if not isinstance(value["samples"], list):
        raise NotASampleError("a log of inspect_ai without its samples: make it with log_samples")
    return Document("a log of inspect_ai", value["samples"])


def _of_evalplus_results(value: Mapping[str, Any], field: str | None) -> Document | None:
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


def _of_scores(value: Mapping[str, Any], field: str | None) -> Document | None:
    if isinstance(value.get("results"), Mapping) and (
        {"configs", "config", "versions", "lm_eval_version"} & set(value)
    ):
        raise NotASampleError(
            "lm-eval's scores, without programs: give the samples_*.jsonl beside them (--log_samples)"
        )
    scores = [inner for inner in value.values() if isinstance(inner, Mapping)]
    scored = any(str(name).startswith("pass@") for inner in (value, *scores) for name in inner)
    if scored and not any(name in value for name in (*ID_FIELDS, "doc", *FIELDS)) and _of_mapping(value, field) is None:
        raise NotASampleError("scores without programs: give the file of samples that they are of")
    return None


def _of_one_row(value: Mapping[str, Any], field: str | None) -> Document | None:
    """A file of one line."""
    named = any(name in value for name in (*ID_FIELDS, "doc"))
    return Document("JSON lines", [value]) if named or any(name in value for name in FIELDS) else None


def _of_columns(value: Mapping[str, Any], field: str | None) -> Document | None:
    """A table by columns, as pandas writes it: ``{"task_id": {"0": ...}, "completion": {"0": ...}}``."""
    if isinstance(value.get("columns"), list) and isinstance(value.get("data"), list):
        names = value["columns"]
        if not all(isinstance(row, list) and len(row) == len(names) for row in value["data"]):
            raise NotASampleError("a table whose rows have not a value for each column")
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


def _of_wrapper(value: Mapping[str, Any], field: str | None) -> Document | None:
    """Rows, or lists of programs, under one name, beside what else there is."""
    named = any(name in value for name in ID_FIELDS)
    for name in _WRAPPERS:
        inner = value.get(name)
        if not isinstance(inner, list) or not inner:
            continue
        if all(_is_named(row) for row in inner) or (not named and all(isinstance(one, list) for one in inner)):
            found = _of_list(inner)
            return found._replace(container=f"{found.container} under {name!r}")
    return None


def _is_named(row: Any) -> bool:
    return isinstance(row, Mapping) and any(name in row for name in (*ID_FIELDS, "doc_id", "prompt"))


def _of_mapping(value: Mapping[str, Any], field: str | None) -> Document | None:
    """Programs by the id of their problem (APPS's ``all_codes.json``, and many people's own)."""
    rows: list[Mapping[str, Any]] = []
    for task_id, told in value.items():
        several = told if isinstance(told, list) else [told]
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


_SHAPES = (
    _of_inspect_log, _of_evalplus_results, _of_scores, _of_columns, _of_wrapper, _of_one_row, _of_mapping,
)  # fmt: skip
"""The shapes of a JSON object, the first that fits."""
