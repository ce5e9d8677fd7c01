"""Reads one row (a JSON object) as samples, whichever tool wrote it.

A row names its problem and holds one text or several. What is peculiar to a tool stands in a module of its own; the
others differ in the names of their fields, which are listed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from harness.scoring.samples.formats.batches import is_batch_row, read_batch_row
from harness.scoring.samples.formats.ids import Named, named_problem, sample_number
from harness.scoring.samples.formats.inspect_ai import is_inspect_sample, read_inspect_sample
from harness.scoring.samples.formats.lm_eval import is_chat_prompt, is_lm_eval_row, read_lm_eval_row
from harness.scoring.samples.formats.texts import COMPLETION, PROGRAM, RESPONSE, Text, texts_of, verdict_of, verdicts_in
from harness.scoring.samples.sample import Sample

Row = Mapping[str, Any]

FIELDS = {
    "solution": "solution",
    "completion": COMPLETION,
    "program": PROGRAM,
    "completions": COMPLETION,
    "generation": RESPONSE,
    "generations": RESPONSE,
    "raw_generation": RESPONSE,
    "raw_generations": RESPONSE,
    "generated_text": RESPONSE,
    "model_output": RESPONSE,
    "model_response": RESPONSE,
    "raw_response": RESPONSE,
    "raw_output": RESPONSE,
    "raw_completion": RESPONSE,
    "raw_solution": RESPONSE,
    "raw": RESPONSE,
    "gen": RESPONSE,
    "gens": RESPONSE,
    "generated": RESPONSE,
    "generated_completion": RESPONSE,
    "model_answer": RESPONSE,
    "model_completion": RESPONSE,
    "llm_output": RESPONSE,
    "llm_response": RESPONSE,
    "last_completion": COMPLETION,
    "code_list": PROGRAM,
    "output_list": RESPONSE,
    "source_codes": PROGRAM,
    "generated_code": PROGRAM,
    "generated_solution": PROGRAM,
    "extracted_code": PROGRAM,
    "extracted_answer": PROGRAM,
    "final_solution": PROGRAM,
    "full_code_for_eval": PROGRAM,
    "final_code": PROGRAM,
    "solution_code": PROGRAM,
    "python_code": PROGRAM,
    "response": RESPONSE,
    "responses": RESPONSE,
    "output": RESPONSE,
    "outputs": RESPONSE,
    "prediction": RESPONSE,
    "predictions": RESPONSE,
    "predicted": RESPONSE,
    "pred": RESPONSE,
    "preds": RESPONSE,
    "choices": RESPONSE,
    "answer": RESPONSE,
    "programs": PROGRAM,
    "codes": PROGRAM,
    "source_code": PROGRAM,
    "implementation": PROGRAM,
    "code": PROGRAM,
    "solutions": PROGRAM,
    "results": PROGRAM,
    "candidates": RESPONSE,
    "samples": RESPONSE,
    "messages": RESPONSE,
    "conversation": RESPONSE,
    "text": RESPONSE,
}
"""Where what the model wrote may stand in a row, the first that is there, and what kind of text it then is."""

_OF_THE_PROBLEM = {
    "code": ("test_list", "canonical_code"),
    "text": ("test_list",),
    "solutions": ("input_output", "public_tests", "private_tests"),
    "answer": ("question_content",),
}
"""Fields that belong to the problem, not to the model, in rows that have one of these others: MBPP's and APPS's own."""


class NotASampleError(ValueError):
    """A row that cannot be read as samples; says why."""


class NoTextError(NotASampleError):
    """A row that names a problem and has no field with a text."""


class RowRead(NamedTuple):
    """What a row holds."""

    shape: str
    samples: tuple[Sample, ...]
    others: tuple[str, ...] = ()
    """Other fields of the row that hold texts of the model, too."""


def read_row(row: Row, number: int, field: str | None = None) -> RowRead | None:
    """Read a row.

    Args:
        row: A JSON object.
        number: Of its line, from 1.
        field: Where its text stands; None looks for it.

    Returns:
        None where it is no sample at all: it names no problem and holds no text (a summary, a header).

    Raises:
        NoTextError: It names a problem, and no known field is there.
        NotASampleError: It is one, and something of it is missing or of the wrong type.
    """
    for is_such, read, shape in _TOOLS:
        if is_such(row):
            if field is not None and field not in row:
                raise _no_field(row, field)
            samples = tuple(read(row, number, field))
            others = ("filtered_resps",) if row.get("filtered_resps") and samples[0].source == "resps" else ()
            return RowRead(shape(row), samples, others)
    return _read_plain(row, number, field)


_TOOLS: tuple[
    tuple[Callable[[Row], bool], Callable[[Row, int, str | None], list[Sample]], Callable[[Row], str]], ...
] = (
    (is_lm_eval_row, read_lm_eval_row, lambda row: "samples logged by lm-eval"),
    (is_batch_row, read_batch_row, lambda row: "output of a batch of requests"),
    (is_inspect_sample, read_inspect_sample, lambda row: "samples of an inspect_ai log"),
)


def _read_plain(row: Row, number: int, field: str | None) -> RowRead | None:
    told = named_problem(row)
    if told.fault:
        raise NotASampleError(told.fault)
    there = [field] if field is not None else _fields_of(row)
    if not there:
        if not told.named:
            return None
        if row.get("error"):
            return RowRead("rows", (_sample(told, Text("", missing=str(row["error"])), COMPLETION, number),))
        wrong = next((name for name in FIELDS if name in row and not isinstance(row[name], (Mapping, list))), None)
        if wrong is not None and not any(other in row for other in _OF_THE_PROBLEM.get(wrong, ())):
            raise NotASampleError(f"{wrong} is a {type(row[wrong]).__name__}, not a text")
        raise NoTextError(f"no completion, solution or program (its fields: {', '.join(map(str, list(row)[:8]))})")
    if not told.named:
        raise NotASampleError("no task_id")
    name = there[0]
    if name not in row:
        raise _no_field(row, name)
    texts = texts_of(row[name])
    if texts is None:
        raise NotASampleError(f"{name} is a {type(row[name]).__name__}, not a text")
    samples = _samples_of(row, told, name, texts, number)
    return RowRead(_shape(row, told), tuple(samples), tuple(n for n in there[1:] if _is_other(row, name, n)))


def _no_field(row: Row, name: str) -> NoTextError:
    return NoTextError(f"no field {name} (its fields: {', '.join(map(str, list(row)[:8]))})")


def _fields_of(row: Row) -> list[str]:
    """The fields that hold what the model wrote; those without a value last."""
    there = [
        name for name in FIELDS if name in row and not any(other in row for other in _OF_THE_PROBLEM.get(name, ()))
    ]
    there = [name for name in there if row[name] is None or texts_of(row[name]) is not None]
    return sorted(there, key=lambda name: row[name] is None)


def _is_other(row: Row, chosen: str, name: str) -> bool:
    """Whether another field holds text of the model that says something else (not the same with the prompt before)."""
    one, other = row[chosen], row[name]
    if isinstance(one, str) and isinstance(other, str):
        return bool(other) and one not in other
    return isinstance(other, (str, list)) and bool(other) and one != other


def _samples_of(row: Row, told: Named, name: str, texts: list[Text], number: int) -> list[Sample]:
    kind = FIELDS.get(name, RESPONSE)
    if name == "outputs" and "prompt" in row:  # vLLM's offline outputs: what follows the prompt, unless it is a chat's
        kind = RESPONSE if is_chat_prompt(row["prompt"]) else COMPLETION
    base, plus = evalplus_verdicts(row)
    verdicts: list[bool | None] = verdicts_in(row, len(texts)) if plus is None else [plus] * len(texts)
    if name == "source_codes" and len(texts) > 1:  # attempts one after another: the verdict is the last one's
        verdicts = [*([None] * (len(texts) - 1)), *verdicts_in(row, 1)]
    one = sample_number(row) if len(texts) == 1 else ""
    return [
        _sample(told, text, text.kind or kind, number, name, one, text.passed if verdict is None else verdict, base)
        for text, verdict in zip(texts, verdicts, strict=True)
    ]


def _sample(
    told: Named,
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
        told.task_id, text.text, field, number, sample_id or told.sample_id, published, base, told.place, told.prompt,
        text.missing, "" if name == field else name,
    )  # fmt: skip


def evalplus_verdicts(row: Row) -> tuple[bool | None, bool | None]:
    """The verdicts on the base tests and on all tests, where a row has them in EvalPlus's way."""
    for first, second in (("base_status", "plus_status"), ("published_passed", "published_plus_passed")):
        if second in row:
            base, plus = verdict_of(row.get(first)), verdict_of(row[second])
            return base, base if plus is None or base is None else base and plus
    base = verdict_of(row.get("base_status"))
    return base, base


def _shape(row: Row, told: Named) -> str:
    if "question_id" in row and ("code_list" in row or "output_list" in row):
        return "LiveCodeBench's output"
    if "outputs" in row and ("prompt" in row or "request_id" in row):
        return "vLLM's outputs"
    if "base_status" in row:
        return "EvalPlus's results"
    return "rows"
