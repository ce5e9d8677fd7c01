"""Read the problem of a row: its id, position or prompt, and the sample's number."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

Row = Mapping[str, Any]

ID_FIELDS = (
    "task_id", "problem_id", "question_id", "taskid", "taskId", "custom_id", "id", "name", "key", "qid", "idx", "index",
)  # fmt: skip
"""Fields that may hold the problem's id; the first that a row has counts."""
_PLACE_FIELDS = ("doc_id", "request_id")
_SAMPLE_FIELDS = ("sample", "sample_id", "completion_id")
_PROMPT_FIELDS = (
    "prompt",
    "question",
    "instruction",
    "input",
    "messages",
    "full_prompt",
    "full_llm_prompt",
    "origin_prompt",
)


class ProblemName(NamedTuple):
    """The facts in a row that identify its problem."""

    task_id: str = ""
    place: int | None = None
    prompt: str = ""
    sample_id: str = ""
    fault: str = ""
    """The reason why the id is invalid."""

    @property
    def named(self) -> bool:
        """True if an id, a position or a prompt identifies the problem."""
        return bool(self.task_id or self.prompt) or self.place is not None


def problem_name(row: Row) -> ProblemName:
    """Return the problem of a row: the id, else the position, and the prompt."""
    prompt = prompt_of(row)
    for name in ID_FIELDS:
        if row.get(name) is None:
            continue
        task_id = id_of(row[name])
        if task_id is None:
            if name == "task_id":
                return ProblemName(fault="no task_id")
            continue
        return ProblemName(task_id, None, prompt)
    for name in _PLACE_FIELDS:
        place = id_of(row.get(name))
        if place is not None and place.isascii() and place.isdigit() and len(place) < 10:
            return ProblemName("", int(place), prompt)
    return ProblemName("", None, prompt)


def id_of(value: Any) -> str | None:
    """Return an id as text (whole numbers are ids, also as floats); None if it is not an id."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float):
        return str(int(value)) if math.isfinite(value) and value == int(value) else None
    return str(value) if isinstance(value, (str, int)) else None


def sample_number(row: Row) -> str:
    """Return the number among the samples of its problem that a row gives; empty if it gives none."""
    named = next((row[name] for name in _SAMPLE_FIELDS if row.get(name) is not None), "")
    return str(named) if isinstance(named, (str, int)) else ""


def prompt_of(row: Row) -> str:
    """Return the prompt of a row as one text; empty if it has none."""
    return next((text for name in _PROMPT_FIELDS if (text := prompt_text(row.get(name)))), "")


def prompt_text(value: Any) -> str:
    """Return a prompt (text or messages) as one text, without the model's own messages."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return prompt_text(value.get("content") or value.get("prompt"))
    if isinstance(value, list):
        prompts = [v for v in value if not (isinstance(v, Mapping) and v.get("role") in ("assistant", "model"))]
        return "\n".join(filter(None, (prompt_text(v) for v in prompts)))
    return ""


_FOLDER_NAME = re.compile(r"^(HumanEval|Mbpp|MBPP)_(\d+)$")


def unfolded(name: str) -> str:
    """Return the id of a folder that EvalPlus named: ``HumanEval/0`` for ``HumanEval_0``."""
    return _FOLDER_NAME.sub(r"\1/\2", name)
