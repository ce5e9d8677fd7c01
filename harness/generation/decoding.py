"""Turn requests into rows of tokens, in the order in which they are decoded; end them at stop sequences."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.generation.backend import Deliver, Prompt, Request, Sampling
from harness.generation.reasoning import opening_marker
from harness.generation.tokenization import encode, encode_rendered
from harness.generation.trained_prompts import render_prompt


@dataclass(frozen=True, slots=True)
class TokenizedRow:
    """A tokenized request."""

    request: Request
    ids: tuple[int, ...]
    limit: int
    """The most new tokens: the settings' limit, or less if the model's context ends before."""
    opened: str = ""
    """The marker with which the chat template starts the model's reasoning, if it does."""


# ---- while rows are decoded


class StopSequences:
    """Decide that a row ends at a stop sequence (``RowStops``)."""

    def __init__(self, tokenizer: Any, stop: Sequence[str]) -> None:
        self._tokenizer = tokenizer
        self._stop = stop
        # A token is at least one byte, so this many last tokens contain a stop sequence that the newest one completes.
        self._reach = max(len(text.encode()) for text in stop) + 4

    def __call__(self, row: int, tokens: Sequence[int]) -> bool:
        """Return whether the newest of a row's tokens completes a stop sequence."""
        text = self._tokenizer.decode(list(tokens[-self._reach :]), clean_up_tokenization_spaces=False)
        return any(stop in text for stop in self._stop)


class TokenCount:
    """Count drawn tokens, and deliver the count of rows that have not ended about once a second."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._tokens = 0
        self._delivered = time.monotonic()

    def add(self, tokens: int) -> None:
        """Count more tokens."""
        self._tokens += tokens
        if time.monotonic() - self._delivered >= 1.0:
            self._deliver([], self.take())

    def take(self) -> int:
        """Return the tokens since the last time, and count from 0."""
        tokens, self._tokens, self._delivered = self._tokens, 0, time.monotonic()
        return tokens


def left_pad(prompts: Sequence[Sequence[int]], pad: int, device: Any) -> tuple[Any, Any]:
    """Return token ids and attention mask as tensors, both (prompts, longest), padded on the left."""
    import torch

    width = max(map(len, prompts))
    ids = torch.tensor([[pad] * (width - len(prompt)) + list(prompt) for prompt in prompts], device=device)
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=device)
    return ids, mask


# ---- rows


def to_rows(
    requests: Sequence[Request], sampling: Sampling, model_name: str, tokenizer: Any, context: int | None
) -> tuple[list[TokenizedRow], list[Request]]:
    """Tokenize requests. Return the rows, and the requests whose prompt leaves no room for an answer.

    Raises:
        InputError: The chat template refuses a conversation, or lacks a setting that is asked for.
    """
    known: dict[str, tuple[tuple[int, ...], str]] = {}
    rows, too_long = [], []
    for request in requests:
        if request.task_id not in known:
            known[request.task_id] = _tokenize(model_name, tokenizer, request.prompt, sampling)
        ids, opened = known[request.task_id]
        limit = sampling.limit if context is None else min(sampling.limit, context - len(ids))
        if limit > 0:
            rows.append(TokenizedRow(request, ids, limit, opened))
        else:
            too_long.append(request)
    return rows, too_long


def _tokenize(model_name: str, tokenizer: Any, prompt: Prompt, sampling: Sampling) -> tuple[tuple[int, ...], str]:
    """Return a prompt's tokens, and the marker of reasoning at its end if it is a rendered chat template."""
    text = render_prompt(model_name, tokenizer, prompt, sampling)
    if isinstance(prompt, str):
        return tuple(encode(tokenizer, text)) or (tokenizer.pad_token_id,), ""
    return tuple(encode_rendered(tokenizer, text)), opening_marker(text)


def by_length(rows: Sequence[TokenizedRow]) -> list[TokenizedRow]:
    """Return rows with the longest prompts first; those of one problem follow each other, in the order of samples."""
    return sorted(rows, key=lambda row: (-len(row.ids), row.request.task_id, row.request.sample))
