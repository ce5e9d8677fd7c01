"""Read inspect_ai's logs: the samples of a ``.json`` log, and the members of an ``.eval`` archive."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from apps_plus.errors import InputError
from harness.scoring.samples.formats.ids import id_of, prompt_text
from harness.scoring.samples.formats.texts import RESPONSE, Text, texts_of, verdict_of
from harness.scoring.samples.sample import Sample

Row = Mapping[str, Any]

_MEMBER = re.compile(r"^samples/.+_epoch_\d+\.json$")
_ATTACHMENT = "attachment://"


def is_inspect_log(document: Row) -> bool:
    """Return whether a JSON document is a log of inspect_ai."""
    return isinstance(document.get("eval"), Mapping) and "samples" in document and "task" in document["eval"]


def is_inspect_sample(row: Row) -> bool:
    """Return whether an object is a sample of a log."""
    return "id" in row and "epoch" in row and ("output" in row or "messages" in row)


def sample_members(names: Iterable[str]) -> list[str]:
    """Return the names of an ``.eval`` archive's samples, in the order of their numbers."""
    return sorted((name for name in names if _MEMBER.match(name)), key=natural)


def natural(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts ``HumanEval/10`` after ``HumanEval/9``."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name) if part]


def read_inspect_sample(row: Row, number: int, field: str | None = None) -> list[Sample]:
    """Read the sample of one epoch. Raises InputError if ``field`` is not the model's output."""
    if field not in (None, "output", RESPONSE):
        raise InputError(f"a log of inspect_ai has its samples' text in output, not in {field}: leave --field out")
    text = _text(row)
    epoch = id_of(row.get("epoch")) or ""
    prompt = prompt_text(row.get("input"))
    task_id = id_of(row["id"]) or ""
    verdict = next(_verdicts(row.get("scores")), None)
    return [Sample(task_id, text.text, RESPONSE, number, epoch, verdict, None, None, prompt, text.missing, "output")]


def _text(row: Row) -> Text:
    error = row.get("error")
    output = row.get("output")
    texts = texts_of(output) if isinstance(output, Mapping) and output.get("choices") else None
    if texts is None and isinstance(output, Mapping) and isinstance(output.get("completion"), str):
        texts = [Text(output["completion"])] if output["completion"] else None
    if not texts:
        return Text("", missing=_message(error) if error else "no output")
    text = texts[0]
    attachments = row.get("attachments")
    if text.text.startswith(_ATTACHMENT) and isinstance(attachments, Mapping):
        whole = attachments.get(text.text.removeprefix(_ATTACHMENT))
        text = text._replace(text=whole if isinstance(whole, str) else text.text)
    return text


def _message(error: Any) -> str:
    return str(error.get("message", "error")) if isinstance(error, Mapping) else str(error)


def _verdicts(scores: Any) -> Iterator[bool]:
    """Yield the verdicts of the scorers that are right or wrong."""
    for score in scores.values() if isinstance(scores, Mapping) else ():
        value = score.get("value") if isinstance(score, Mapping) else score
        if isinstance(value, Mapping):  # a scorer of several values
            value = next(iter(value.values()), None)
        verdict = verdict_of(value)
        if verdict is not None:
            yield verdict
