"""How a row names its problem, and which of the problem's samples it is."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

Row = Mapping[str, Any]

ID_FIELDS = (
    "task_id", "problem_id", "question_id", "taskid", "taskId", "custom_id", "id", "name", "key", "qid", "idx", "index",
)  # fmt: skip
"""Where the problem's id may stand, the first that is there."""
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


class Named(NamedTuple):
    """What a row says of the problem that it answers."""

    task_id: str = ""
    place: int | None = None
    prompt: str = ""
    sample_id: str = ""
    fault: str = ""
    """Why its id cannot be one."""

    @property
    def named(self) -> bool:
        """Whether there is anything by which the problem can be found."""
        return bool(self.task_id or self.prompt) or self.place is not None


def named_problem(row: Row) -> Named:
    """What a row says of its problem: the id, else the position, and the prompt."""
    prompt = prompt_of(row)
    for name in ID_FIELDS:
        if row.get(name) is None:
            continue
        task_id = id_of(row[name])
        if task_id is None:
            if name == "task_id":
                return Named(fault="no task_id")
            continue
        return Named(task_id, None, prompt)
    for name in _PLACE_FIELDS:
        place = id_of(row.get(name))
        if place is not None and place.isascii() and place.isdigit() and len(place) < 10:
            return Named("", int(place), prompt)
    return Named("", None, prompt)


def id_of(value: Any) -> str | None:
    """An id as text; a whole number in any type is one. None where it is no id."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float):
        return str(int(value)) if math.isfinite(value) and value == int(value) else None
    return str(value) if isinstance(value, (str, int)) else None


def sample_number(row: Row) -> str:
    """What a row says that its number among the samples of its problem is; empty where it says nothing."""
    named = next((row[name] for name in _SAMPLE_FIELDS if row.get(name) is not None), "")
    return str(named) if isinstance(named, (str, int)) else ""


def prompt_of(row: Row) -> str:
    """What the model was asked, as one text; empty where the row does not say."""
    return next((text for name in _PROMPT_FIELDS if (text := prompt_text(row.get(name)))), "")


def prompt_text(value: Any) -> str:
    """A prompt as one text: a text, messages, or JSON of messages."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return prompt_text(value.get("content") or value.get("prompt"))
    if isinstance(value, list):
        asked = [v for v in value if not (isinstance(v, Mapping) and v.get("role") in ("assistant", "model"))]
        return "\n".join(filter(None, (prompt_text(v) for v in asked)))
    return ""


_FOLDER_NAME = re.compile(r"^(HumanEval|Mbpp|MBPP)_(\d+)$")


def unfolded(name: str) -> str:
    """The id that EvalPlus made a folder's name of: ``HumanEval_0`` is ``HumanEval/0``."""
    return _FOLDER_NAME.sub(r"\1/\2", name)
