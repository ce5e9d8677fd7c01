"""Decoding in batches: requests as rows of tokens, how the next token is drawn, where a row ends.

``Nucleus`` and ``Stopper`` are called by transformers' ``generate``, once a step, with the tokens so far (rows, length)
and the logits of the next one (rows, vocabulary).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from harness.generation.backend import Request, Sampling
from harness.generation.tokens import encode


@dataclass(frozen=True, slots=True)
class Row:
    """A request as tokens."""

    request: Request
    ids: tuple[int, ...]
    limit: int
    """Tokens that its answer may have: fewer than ``max_tokens`` where the model's context ends before."""


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
    known: dict[str, tuple[int, ...]] = {}
    rows, too_long = [], []
    for request in requests:
        if request.task_id not in known:
            known[request.task_id] = tuple(encode(tokenizer, request.prompt)) or (tokenizer.pad_token_id,)
        ids = known[request.task_id]
        limit = sampling.max_tokens if context is None else min(sampling.max_tokens, context - len(ids))
        if limit > 0:
            rows.append(Row(request, ids, limit))
        else:
            too_long.append(request)
    return rows, too_long


def batches(rows: Sequence[Row], max_tokens: int, size: int) -> Iterator[list[Row]]:
    """Rows of similar length together, longest first.

    A row whose answer the context limits shares a batch only with rows of its own length: padding would push the others
    past the end of the context.
    """
    batch: list[Row] = []
    for row in sorted(rows, key=lambda row: -len(row.ids)):
        fits = not batch or len(batch[0].ids) == len(row.ids) or batch[0].limit == max_tokens
        if batch and (len(batch) == size or not fits):
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
