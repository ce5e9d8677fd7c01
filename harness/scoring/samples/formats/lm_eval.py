"""Read the log of ``lm_eval --log_samples``: a line for each document and filter.

``resps`` is the model's text; ``filtered_resps`` is the output of the task's filter, which is empty for the fenced
answers of the instruct tasks. So ``resps`` is read by default.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from harness.scoring.samples.formats.ids import id_of
from harness.scoring.samples.formats.texts import COMPLETION, PROGRAM, RESPONSE, Text, texts_of, verdict_of
from harness.scoring.samples.sample import Sample

Row = Mapping[str, Any]

_DOC_IDS = ("task_id", "problem_id", "question_id", "id", "name")
_CHAT_MARKS = re.compile(
    r"<\|im_start\|>|<\|start_header_id\|>|<start_of_turn>|\[INST\]|<\|user\|>|<\|assistant\|>|<｜User｜>|<\|eot_id\|>"
    r"|### (?:Instruction|Response):|<\|start\|>|<\|turn_start\|>"
)
_FENCE = re.compile(r"^ {0,3}```", re.MULTILINE)


def is_lm_eval_row(row: Row) -> bool:
    """Return whether a row is from lm-eval's log."""
    return "doc" in row and ("resps" in row or "filtered_resps" in row)


def read_lm_eval_row(row: Row, number: int, field: str | None = None) -> list[Sample]:
    """Return the samples of one line, one for each repeat."""
    name = field or ("resps" if "resps" in row else "filtered_resps")
    texts = texts_of(row.get(name)) or [Text("", missing=f"no {name}")]
    prompt = _prompt(row)
    kind = _kind(row, name, prompt)
    task_id, place = _named(row)
    verdicts = _verdicts(row, len(texts))
    return [
        Sample(task_id, text.text, kind, number, "", verdict, None, place, _question(row, prompt), text.missing, name)
        for text, verdict in zip(texts, verdicts, strict=True)
    ]


def filter_of(row: Row) -> tuple[str, str]:
    """Return the document of a line, and the filter that the line is for."""
    return str(row.get("doc_id")), str(row.get("filter"))


def _named(row: Row) -> tuple[str, int | None]:
    doc = row["doc"] if isinstance(row["doc"], Mapping) else {}
    task_id = next((found for name in _DOC_IDS if (found := id_of(doc.get(name))) is not None), "")
    place = id_of(row.get("doc_id"))
    return (task_id, None) if task_id else ("", int(place) if place and place.isascii() and place.isdigit() else None)


def _prompt(row: Row) -> Any:
    """Return the prompt of the first request: text, or messages as JSON in a list of one."""
    arguments = row.get("arguments")
    if isinstance(arguments, Mapping):
        first = next(iter(arguments.values()), None)
        return next(iter(first.values()), None) if isinstance(first, Mapping) else first
    if isinstance(arguments, list) and arguments:
        return arguments[0][0] if isinstance(arguments[0], list) and arguments[0] else arguments[0]
    return None


def _question(row: Row, prompt: Any) -> str:
    doc = row["doc"]
    of_doc = doc.get("prompt") or doc.get("question") or doc.get("text") if isinstance(doc, Mapping) else None
    question = of_doc or prompt
    return question if isinstance(question, str) else ""


def is_chat_prompt(prompt: Any) -> bool:
    """Return whether a prompt is a chat's, to be answered, and not text to be continued."""
    if not isinstance(prompt, str):
        return prompt is not None
    return bool(_CHAT_MARKS.search(prompt))


def _kind(row: Row, name: str, prompt: Any) -> str:
    if name == "filtered_resps":
        return PROGRAM
    if not is_chat_prompt(prompt) and not len(_FENCE.findall(prompt or "")) % 2:
        return COMPLETION
    return RESPONSE


def _verdicts(row: Row, number: int) -> list[bool | None]:
    """Return the verdicts of the repeats: lm-eval writes their mean, which decides each if it is 0 or 1."""
    metrics = row.get("metrics")
    for name in [*(metrics if isinstance(metrics, list) else ()), "pass@1", "pass_at_1"]:
        verdict = verdict_of(row.get(name)) if isinstance(name, str) else None
        if verdict is not None and (number == 1 or name in ("pass@1", "pass_at_1") or verdict is False):
            return [verdict] * number
    return [None] * number
