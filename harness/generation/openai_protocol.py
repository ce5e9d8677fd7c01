"""Group requests and parse responses of the OpenAI protocol.

Servers return an answer's reasoning in different places: ``reasoning_content`` (DeepSeek, SGLang, llama.cpp, earlier
vLLM), ``reasoning`` (OpenRouter, Ollama, later vLLM), parts of the content of the type ``thinking`` (Mistral). OpenAI
does not return it, and only counts its tokens. Some servers leave these out of ``completion_tokens``, which the total
shows (xAI): they are added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from harness.generation.backend import Answer, Request, SharedCount, cut_at_stop
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
    answers = [_answer(choice, stop) for choice in choices[:wanted]]
    count = _usage(_table(response.get("usage")), len(answers))
    if len(choices) == 1:
        answers[0] = replace(
            answers[0],
            tokens=count.tokens,
            reasoning_tokens=count.reasoning_tokens,
            prompt_tokens=count.prompt_tokens,
        )
    elif count.tokens is not None:
        answers[0] = replace(answers[0], shared=count)
    return answers, count.tokens or 0


def _usage(usage: Mapping[str, Any], n_answers: int) -> SharedCount:
    """Return the tokens of a response, of all its choices together."""
    tokens, prompt_tokens = _count(usage.get("completion_tokens")), _count(usage.get("prompt_tokens"))
    reasoning_tokens = _count(_table(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    if tokens is not None and prompt_tokens is not None and reasoning_tokens:
        apart = prompt_tokens + tokens + reasoning_tokens
        tokens += reasoning_tokens if usage.get("total_tokens") == apart else 0
    return SharedCount(n_answers, tokens, prompt_tokens, reasoning_tokens)


def _answer(choice: Any, stop: Sequence[str]) -> Answer:
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
    return Answer(cut, "stop" if len(cut) < len(text) else reason, None, reasoning)


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
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
