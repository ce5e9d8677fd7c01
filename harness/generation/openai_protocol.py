"""Group requests and parse responses of the OpenAI protocol.

Servers return an answer's reasoning in different places: ``reasoning_content`` (DeepSeek, SGLang, llama.cpp, earlier
vLLM), ``reasoning`` (OpenRouter, Ollama, later vLLM), parts of the content of the type ``thinking`` (Mistral). OpenAI
does not return it, and only counts its tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.generation.backend import Answer, Request, cut_at_stop
from harness.generation.request_bodies import Group

_REASONING = ("reasoning_content", "reasoning")


def group_requests(requests: Sequence[Request], size: int) -> list[Group]:
    """Group the requests of each problem, at most ``size`` in a group.

    Groups start at sample numbers that are multiples of ``size``, so that a group has the same seed in a resumed run,
    unless some of its samples exist already.
    """
    groups: dict[tuple[str, int], Group] = {}
    for request in requests:
        groups.setdefault((request.task_id, request.sample // size), []).append(request)
    return list(groups.values())


def parse_answers(response: Any, wanted: int, stop: Sequence[str]) -> tuple[list[Answer], int]:
    """Return the first ``wanted`` answers of a response (there may be fewer), and their tokens together.

    Args:
        response: The body as JSON values.
        wanted: Number of requested answers.
        stop: Stop sequences, at which answers are cut.

    Raises:
        ValueError: the response does not follow the protocol.
    """
    choices = response.get("choices") if isinstance(response, Mapping) else None
    if not isinstance(choices, list) or not choices:
        raise ValueError(f"no choices in {_table(response).get('error') or response}")
    usage = _table(response.get("usage"))
    tokens = _count(usage.get("completion_tokens"))
    reasoning_tokens = _count(_table(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    # The usage is for all choices together.
    own = (tokens, reasoning_tokens) if len(choices) == 1 else (None, None)
    return [_answer(choice, *own, stop) for choice in choices[:wanted]], tokens or 0


def _answer(choice: Any, tokens: int | None, reasoning_tokens: int | None, stop: Sequence[str]) -> Answer:
    choice = _table(choice)
    message = choice.get("message")
    if not isinstance(message, Mapping) and "text" not in choice:
        raise ValueError(f"neither message nor text in {choice}")
    content = message.get("content") if isinstance(message, Mapping) else choice["text"]
    text, reasoning = _parts(content)
    for name in _REASONING:
        given = _table(message).get(name)
        reasoning = reasoning or (given if isinstance(given, str) else "")
    cut = cut_at_stop(text, stop)
    reason = str(choice.get("finish_reason") or "unknown")
    return Answer(cut, "stop" if len(cut) < len(text) else reason, tokens, reasoning, reasoning_tokens or None)


def _parts(content: Any) -> tuple[str, str]:
    """Return the answer and the reasoning of a content, which is text or a list of parts."""
    if not isinstance(content, list):
        return (content if isinstance(content, str) else ""), ""
    text, reasoning = [], []
    for part in map(_table, content):
        if part.get("type") == "thinking":
            inner = part.get("thinking")
            reasoning.append(inner if isinstance(inner, str) else _parts(inner)[0])
        elif isinstance(part.get("text"), str):
            text.append(part["text"])
    return "".join(text), "".join(reasoning)


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
