"""Reads what comes back by the OpenAI protocol, and says which samples share a request.

Where an answer's reasoning stands differs from server to server: ``reasoning_content`` (DeepSeek, SGLang, llama.cpp,
earlier vLLM), ``reasoning`` (OpenRouter, Ollama, later vLLM), parts of the content that are of the type ``thinking``
(Mistral). OpenAI keeps it to itself, and only counts its tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.generation.backend import Answer, Request, cut_at_stop
from harness.generation.request_bodies import Group

_REASONING = ("reasoning_content", "reasoning")


def grouped(requests: Sequence[Request], size: int) -> list[Group]:
    """Requests of the same problem together, at most ``size``.

    Groups begin at sample numbers that are multiples of ``size``, so that a group's seed is the same in a resumed run
    unless part of the group is there already.
    """
    groups: dict[tuple[str, int], Group] = {}
    for request in requests:
        groups.setdefault((request.task_id, request.sample // size), []).append(request)
    return list(groups.values())


def read_answers(response: Any, wanted: int, stop: Sequence[str]) -> tuple[list[Answer], int]:
    """The first ``wanted`` answers of a response (there may be fewer), and their tokens.

    Args:
        response: The body as JSON.
        wanted: How many were asked for.
        stop: Where answers end.

    Raises:
        ValueError: it is not what the protocol has.
    """
    choices = response.get("choices") if isinstance(response, Mapping) else None
    if not isinstance(choices, list) or not choices:
        raise ValueError(f"no choices in {_table(response).get('error') or response}")
    usage = _table(response.get("usage"))
    tokens = _count(usage.get("completion_tokens"))
    thought = _count(_table(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    # Tokens are counted for all choices together.
    own = (tokens, thought) if len(choices) == 1 else (None, None)
    return [_answer(choice, *own, stop) for choice in choices[:wanted]], tokens or 0


def _answer(choice: Any, tokens: int | None, thought: int | None, stop: Sequence[str]) -> Answer:
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
    return Answer(cut, "stop" if len(cut) < len(text) else reason, tokens, reasoning, thought or None)


def _parts(content: Any) -> tuple[str, str]:
    """The answer and the reasoning of a content, which may be text or a list of parts."""
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
