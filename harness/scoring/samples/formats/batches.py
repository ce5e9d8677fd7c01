"""Read the output files of batch APIs: OpenAI's (also written by vLLM's ``run-batch``), Anthropic's, Google's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.scoring.samples.formats.ids import id_of
from harness.scoring.samples.formats.texts import RESPONSE, Text, texts_of
from harness.scoring.samples.sample import Sample

Row = Mapping[str, Any]


def is_batch_row(row: Row) -> bool:
    """Return whether a row answers one request of a batch."""
    if "custom_id" in row:
        return "response" in row or "error" in row or isinstance(row.get("result"), Mapping)
    answer = row.get("response")
    return "key" in row and (isinstance(answer, Mapping) or "error" in row or "status" in row)


def read_batch_row(row: Row, number: int, field: str | None = None) -> list[Sample]:
    """Return the samples of one line, one for each choice; an error is a sample without text."""
    named = id_of(row.get("custom_id", row.get("key"))) or ""
    texts = _texts(row) or [Text("", missing="no text in the answer")]
    return [
        Sample(named, text.text, text.kind or RESPONSE, number, "", None, None, None, "", text.missing, "response")
        for text in texts
    ]


def _texts(row: Row) -> list[Text] | None:
    answer = row.get("response", row.get("result"))
    error = _error(row, answer)
    if error:
        return [Text("", missing=error)]
    if not isinstance(answer, Mapping):
        return texts_of(answer)
    body = answer.get("body", answer.get("message", answer))
    if isinstance(body, Mapping) and isinstance(body.get("choices"), list):
        return [text for choice in body["choices"] for text in _choice(choice)]
    return texts_of(body)


def _choice(choice: Any) -> list[Text]:
    """Return the text of one choice, which is always one sample; the field ``text`` is a completion of the prompt."""
    if isinstance(choice, Mapping) and isinstance(choice.get("text"), str):
        return [Text(choice["text"], "completion")]
    texts = texts_of(choice)
    return texts[:1] if texts else [Text("", missing="no text in the answer")]


def _error(row: Row, answer: Any) -> str:
    """Return the error of a request, in words; empty if there was none."""
    if row.get("error"):
        return _message(row["error"])
    if not isinstance(answer, Mapping):
        return "no response" if answer is None else ""
    if answer.get("type") in ("errored", "canceled", "expired"):
        return _message(answer.get("error") or answer["type"])
    status = answer.get("status_code")
    body = answer.get("body")
    if isinstance(status, int) and status >= 400:
        return _message(body.get("error") or f"HTTP {status}") if isinstance(body, Mapping) else f"HTTP {status}"
    return ""


def _message(error: Any) -> str:
    if isinstance(error, Mapping):
        inner = error.get("message") or error.get("error") or error.get("code") or error.get("type") or "error"
        return _message(inner)
    return str(error)
