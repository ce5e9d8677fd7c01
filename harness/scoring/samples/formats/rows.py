"""Read one row (a JSON object) of any tool as samples.

A row names its problem and holds one or more texts. Tools with rows of their own have a reader in ``readers.py``; the
rows of others are read here, by the names of their fields in ``fields.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from harness.scoring.samples.formats.fields import FIELDS, PROBLEM_FIELDS
from harness.scoring.samples.formats.ids import ProblemName, problem_name, sample_number
from harness.scoring.samples.formats.lm_eval import is_chat_prompt
from harness.scoring.samples.formats.readers import ROW_READERS
from harness.scoring.samples.formats.texts import COMPLETION, RESPONSE, Text, texts_of, verdict_of, verdicts_in
from harness.scoring.samples.sample import NotASampleError, NoTextError, Sample

Row = Mapping[str, Any]


class RowRead(NamedTuple):
    """The samples of a row."""

    shape: str
    """The format, in words."""
    samples: tuple[Sample, ...]
    others: tuple[str, ...] = ()
    """Other fields of the row that also hold texts of the model."""


def read_row(row: Row, number: int, field: str | None = None) -> RowRead | None:
    """Read a row.

    Args:
        row: A JSON object.
        number: The number of its line, from 1.
        field: The field that holds its text; None: detected.

    Returns:
        None if it is not a sample: it names no problem and holds no text (a summary, a header).

    Raises:
        NoTextError: It names a problem, but has no known field.
        NotASampleError: Something is missing or of the wrong type.
    """
    for reader in ROW_READERS:
        if reader.matches(row):
            if field is not None and field not in row:
                raise _no_field(row, field)
            samples = tuple(reader.read(row, number, field))
            others = ("filtered_resps",) if row.get("filtered_resps") and samples[0].source == "resps" else ()
            return RowRead(reader.shape, samples, others)
    return _read_plain(row, number, field)


def _read_plain(row: Row, number: int, field: str | None) -> RowRead | None:
    problem = problem_name(row)
    if problem.fault:
        raise NotASampleError(problem.fault)
    there = [field] if field is not None else _fields_of(row)
    if not there:
        if not problem.named:
            return None
        if row.get("error"):
            return RowRead("rows", (_sample(problem, Text("", missing=str(row["error"])), COMPLETION, number),))
        wrong = next((name for name in FIELDS if name in row and not isinstance(row[name], (Mapping, list))), None)
        if wrong is not None and not any(other in row for other in PROBLEM_FIELDS.get(wrong, ())):
            raise NotASampleError(f"{wrong} is a {type(row[wrong]).__name__}, not a text")
        raise NoTextError(f"no completion, solution or program (its fields: {', '.join(map(str, list(row)[:8]))})")
    if not problem.named:
        raise NotASampleError("no task_id")
    name = there[0]
    if name not in row:
        raise _no_field(row, name)
    texts = texts_of(row[name])
    if texts is None:
        raise NotASampleError(f"{name} is a {type(row[name]).__name__}, not a text")
    samples = _samples_of(row, problem, name, texts, number)
    return RowRead(_shape(row, problem), tuple(samples), tuple(n for n in there[1:] if _is_other(row, name, n)))


def _no_field(row: Row, name: str) -> NoTextError:
    return NoTextError(f"no field {name} (its fields: {', '.join(map(str, list(row)[:8]))})")


def _fields_of(row: Row) -> list[str]:
    """Return the fields that hold the model's text; those without a value last."""
    there = [name for name in FIELDS if name in row and not any(other in row for other in PROBLEM_FIELDS.get(name, ()))]
    there = [name for name in there if row[name] is None or texts_of(row[name]) is not None]
    return sorted(there, key=lambda name: row[name] is None)


def _is_other(row: Row, chosen: str, name: str) -> bool:
    """Return whether a field holds a different text than the chosen one (and not the same with the prompt before)."""
    one, other = row[chosen], row[name]
    if isinstance(one, str) and isinstance(other, str):
        return bool(other) and one not in other
    return isinstance(other, (str, list)) and bool(other) and one != other


def _samples_of(row: Row, problem: ProblemName, name: str, texts: list[Text], number: int) -> list[Sample]:
    kind = FIELDS.get(name, RESPONSE)
    if name == "outputs" and "prompt" in row:  # vLLM's offline outputs: completions, unless the prompt is a chat's
        kind = RESPONSE if is_chat_prompt(row["prompt"]) else COMPLETION
    base, plus = evalplus_verdicts(row)
    verdicts: list[bool | None] = verdicts_in(row, len(texts)) if plus is None else [plus] * len(texts)
    if name == "source_codes" and len(texts) > 1:  # attempts one after another: the verdict is the last one's
        verdicts = [*([None] * (len(texts) - 1)), *verdicts_in(row, 1)]
    one = sample_number(row) if len(texts) == 1 else ""
    return [
        _sample(problem, text, text.kind or kind, number, name, one, text.passed if verdict is None else verdict, base)
        for text, verdict in zip(texts, verdicts, strict=True)
    ]


def _sample(
    problem: ProblemName,
    text: Text,
    kind: str,
    number: int,
    name: str = "",
    sample_id: str = "",
    published: bool | None = None,
    base: bool | None = None,
) -> Sample:
    field = "solution" if name == "solution" else kind
    return Sample(
        problem.task_id, text.text, field, number, sample_id or problem.sample_id, published, base, problem.place,
        problem.prompt, text.missing, "" if name == field else name,
    )  # fmt: skip


def evalplus_verdicts(row: Row) -> tuple[bool | None, bool | None]:
    """Return the verdicts on the base tests and on all tests, if a row has them as EvalPlus writes them."""
    for first, second in (("base_status", "plus_status"), ("published_passed", "published_plus_passed")):
        if second in row:
            base, plus = verdict_of(row.get(first)), verdict_of(row[second])
            return base, base if plus is None or base is None else base and plus
    base = verdict_of(row.get("base_status"))
    return base, base


def _shape(row: Row, problem: ProblemName) -> str:
    if "question_id" in row and ("code_list" in row or "output_list" in row):
        return "LiveCodeBench's output"
    if "outputs" in row and ("prompt" in row or "request_id" in row):
        return "vLLM's outputs"
    if "base_status" in row:
        return "EvalPlus's results"
    return "rows"
