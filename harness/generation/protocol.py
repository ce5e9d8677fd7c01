"""The OpenAI protocol as far as it is needed: what is sent, what comes back, what a server was found not to take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.generation.backend import Answer, Request, Sampling, cut_at_stop

MOST_STOPS = 4
"""What OpenAI's own servers take; tried before none."""
Group = list[Request]
"""Samples of one problem that share a request."""


@dataclass
class Dialect:
    """What the server was found to take."""

    n: bool = True
    seed: bool = True
    stops: int | None = None
    """How many stop sequences; None: any number."""
    tokens_name: str = "max_tokens"

    def drop(self, parameter: str, stops: int) -> str:
        """Do without a parameter; returns what that means, for people. Raises KeyError where it is not sent anyway."""
        if parameter == "n" and self.n:
            self.n = False
            return "the server refuses n: one request a sample"
        if parameter == "seed" and self.seed:
            self.seed = False
            return "the server refuses seeds: these samples cannot be drawn again"
        if parameter == "stop" and self.stops != 0:
            self.stops = MOST_STOPS if self.stops is None and stops > MOST_STOPS else 0
            return f"the server refuses the stop sequences: sending {self.stops}, answers are cut here"
        if parameter == "max_tokens" and self.tokens_name == "max_tokens":
            self.tokens_name = "max_completion_tokens"
            return "the server refuses max_tokens: sending max_completion_tokens"
        raise KeyError(parameter)

    def parameters(self, group: Group, model: str, sampling: Sampling) -> dict[str, Any]:
        """The body of a request for a group."""
        prompt = group[0].prompt
        sent: dict[str, Any] = {"prompt": prompt} if isinstance(prompt, str) else {"messages": prompt}
        sent |= {"model": model, "temperature": sampling.temperature, "top_p": sampling.top_p}
        sent[self.tokens_name] = sampling.max_tokens
        if len(group) > 1:
            sent["n"] = len(group)
        if self.seed:
            sent["seed"] = group[0].seed
        if stop := list(sampling.stop[: self.stops]):
            sent["stop"] = stop
        return sent


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

    Raises:
        ValueError: it is not what the protocol has.
    """
    choices = getattr(response, "choices", None)
    if not isinstance(choices, list) or not choices:
        raise ValueError(f"no choices in {getattr(response, 'error', None) or response}")
    usage = getattr(getattr(response, "usage", None), "completion_tokens", None)
    tokens = usage if isinstance(usage, int) else None
    # Tokens are counted for all choices together.
    return [_answer(choice, tokens if len(choices) == 1 else None, stop) for choice in choices[:wanted]], tokens or 0


def _answer(choice: Any, tokens: int | None, stop: Sequence[str]) -> Answer:
    message = getattr(choice, "message", None)
    if message is None and not hasattr(choice, "text"):
        raise ValueError(f"neither message nor text in {choice}")
    text = getattr(message, "content", None) if message is not None else choice.text
    text = text if isinstance(text, str) else ""
    cut = cut_at_stop(text, stop)
    reason = str(getattr(choice, "finish_reason", None) or "unknown")
    return Answer(cut, "stop" if len(cut) < len(text) else reason, tokens)
