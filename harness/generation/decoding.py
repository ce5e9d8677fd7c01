"""Decoding in batches: requests as rows of tokens, how the next token is drawn, where a row ends.

``Nucleus`` and ``Stopper`` are called by transformers' ``generate``, once a step, with the tokens so far (rows, length)
and the logits of the next one (rows, vocabulary).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.generation.backend import Prompt, Request, Sampling
from harness.generation.reasoning import opened_by, template_arguments
from harness.generation.tokenization import apply_chat_template, encode, encode_rendered


@dataclass(frozen=True, slots=True)
class Row:
    """A request as tokens."""

    request: Request
    ids: tuple[int, ...]
    limit: int
    """Tokens that its answer may have: fewer than the settings' limit where the model's context ends before."""
    opened: str = ""
    """The marker with which the chat template began the model's reasoning, if it did."""


# ---- drawing tokens


class Nucleus:
    """Draws each row's next token from its own random stream: a logits processor that leaves one token possible."""

    def __init__(self, seeds: Sequence[int], sampling: Sampling) -> None:
        self._streams = [random.Random(seed) for seed in seeds]  # noqa: S311
        self._temperature = sampling.temperature
        self._top_p = sampling.top_p

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Logits (rows, vocabulary) with all but the token that was drawn at minus infinity."""
        import torch

        probabilities, tokens = (
            (scores.float() / self._temperature).softmax(-1).sort(dim=-1, descending=True, stable=True)
        )
        cumulative = probabilities.cumsum(-1)
        size = (cumulative - probabilities < self._top_p).sum(-1, keepdim=True).clamp(min=1)  # of the nucleus
        mass = cumulative.gather(-1, size - 1)
        draws = torch.tensor([[stream.random()] for stream in self._streams], device=scores.device)
        drawn = tokens.gather(-1, (cumulative <= draws * mass).sum(-1, keepdim=True).minimum(size - 1))
        return torch.full_like(scores, float("-inf")).scatter(-1, drawn, 0.0)


class Stopper:
    """Ends a row at its own limit and at a stop sequence: a stopping criterion."""

    def __init__(self, tokenizer: Any, rows: Sequence[Row], width: int, stop: Sequence[str]) -> None:
        self.lengths = [row.limit for row in rows]
        """Tokens that each row may have kept; less than its limit once it came to a stop sequence."""
        self._tokenizer = tokenizer
        self._width = width
        self._stop = stop
        # A token is a byte at least: so many of the last tokens hold a stop sequence that the newest one ends.
        self._reach = max((len(text.encode()) for text in stop), default=0) + 4

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        """Which rows (a vector of booleans) end here."""
        import torch

        length = input_ids.shape[1] - self._width
        if self._stop:
            tails = input_ids[:, max(self._width, input_ids.shape[1] - self._reach) :].tolist()
            for number, text in enumerate(self._tokenizer.batch_decode(tails, clean_up_tokenization_spaces=False)):
                if self.lengths[number] > length and any(stop in text for stop in self._stop):
                    self.lengths[number] = length
        return torch.tensor([length >= last for last in self.lengths], device=input_ids.device)


# ---- batches


def to_rows(
    requests: Sequence[Request], sampling: Sampling, tokenizer: Any, context: int | None
) -> tuple[list[Row], list[Request]]:
    """The requests as tokens, and those whose prompt leaves no room for an answer."""
    arguments = template_arguments(tokenizer.chat_template, sampling)
    known: dict[str, tuple[tuple[int, ...], str]] = {}
    rows, too_long = [], []
    for request in requests:
        if request.task_id not in known:
            known[request.task_id] = _read_prompt(tokenizer, request.prompt, arguments)
        ids, opened = known[request.task_id]
        limit = sampling.limit if context is None else min(sampling.limit, context - len(ids))
        if limit > 0:
            rows.append(Row(request, ids, limit, opened))
        else:
            too_long.append(request)
    return rows, too_long


def _read_prompt(tokenizer: Any, prompt: Prompt, arguments: Mapping[str, Any]) -> tuple[tuple[int, ...], str]:
    """Tokens, and the marker of reasoning that the chat template put at the end."""
    if isinstance(prompt, str):
        return tuple(encode(tokenizer, prompt)) or (tokenizer.pad_token_id,), ""
    text = apply_chat_template(tokenizer, prompt, arguments)
    return tuple(encode_rendered(tokenizer, text)), opened_by(text)


def batches(rows: Sequence[Row], most: int, size: int) -> Iterator[list[Row]]:
    """Rows of similar length together, longest first.

    A row whose answer the context limits shares a batch only with rows of its own length: padding would push the others
    past the end of the context.
    """
    batch: list[Row] = []
    for row in sorted(rows, key=lambda row: -len(row.ids)):
        fits = not batch or len(batch[0].ids) == len(row.ids) or batch[0].limit == most
        if batch and (len(batch) == size or not fits):
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
