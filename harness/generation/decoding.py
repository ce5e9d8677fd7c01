"""Decode in batches: turn requests into rows of tokens, group rows into batches, hook into transformers' ``generate``.

``DrawTokens`` and ``StopRows`` are called by ``generate`` once a step, with the tokens so far (rows, length) and the
logits of the next one (rows, vocabulary).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.generation.backend import Prompt, Request, Sampling
from harness.generation.nucleus import NucleusSampler
from harness.generation.reasoning import opening_marker, template_arguments
from harness.generation.tokenization import apply_chat_template, encode, encode_rendered


@dataclass(frozen=True, slots=True)
class TokenizedRow:
    """A tokenized request."""

    request: Request
    ids: tuple[int, ...]
    limit: int
    """The most new tokens: the settings' limit, or less if the model's context ends before."""
    opened: str = ""
    """The marker with which the chat template starts the model's reasoning, if it does."""


# ---- hooks of ``generate``


class DrawTokens:
    """Let a sampler choose the next token of each row: a logits processor."""

    def __init__(self, sampler: NucleusSampler) -> None:
        self._sampler = sampler

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Return the logits (rows, vocabulary) with all but the drawn token of each row at minus infinity."""
        import torch

        drawn = self._sampler.draw(scores)
        return torch.full_like(scores, float("-inf")).scatter(-1, drawn[:, None], 0.0)


class StopRows:
    """End a row at its own limit and at a stop sequence: a stopping criterion.

    A stop sequence lowers the row's limit in the sampler to its length: tokens that ``generate`` adds to a row after
    that, while other rows are unfinished, are to be cut off.
    """

    def __init__(self, tokenizer: Any, sampler: NucleusSampler, width: int, stop: Sequence[str]) -> None:
        self._tokenizer = tokenizer
        self._sampler = sampler
        self._width = width
        self._stop = stop
        # A token is at least one byte, so this many last tokens contain a stop sequence that the newest one completes.
        self._reach = max((len(text.encode()) for text in stop), default=0) + 4

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        """Return for each row (a vector of booleans) whether it ends here."""
        import torch

        length, limits = input_ids.shape[1] - self._width, self._sampler.limits
        if self._stop:
            tails = input_ids[:, max(self._width, input_ids.shape[1] - self._reach) :].tolist()
            for row, text in enumerate(self._tokenizer.batch_decode(tails, clean_up_tokenization_spaces=False)):
                if limits[row] > length and any(stop in text for stop in self._stop):
                    limits[row] = length
        return torch.tensor(self._sampler.at_limit(length), device=input_ids.device)


def left_pad(prompts: Sequence[Sequence[int]], pad: int, device: Any) -> tuple[Any, Any]:
    """Return token ids and attention mask as tensors, both (prompts, longest), padded on the left."""
    import torch

    width = max(map(len, prompts))
    ids = torch.tensor([[pad] * (width - len(prompt)) + list(prompt) for prompt in prompts], device=device)
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=device)
    return ids, mask


# ---- batches


def to_rows(
    requests: Sequence[Request], sampling: Sampling, tokenizer: Any, context: int | None
) -> tuple[list[TokenizedRow], list[Request]]:
    """Tokenize requests. Return the rows, and the requests whose prompt leaves no room for an answer."""
    arguments = template_arguments(tokenizer.chat_template, sampling)
    known: dict[str, tuple[tuple[int, ...], str]] = {}
    rows, too_long = [], []
    for request in requests:
        if request.task_id not in known:
            known[request.task_id] = _tokenize(tokenizer, request.prompt, arguments)
        ids, opened = known[request.task_id]
        limit = sampling.limit if context is None else min(sampling.limit, context - len(ids))
        if limit > 0:
            rows.append(TokenizedRow(request, ids, limit, opened))
        else:
            too_long.append(request)
    return rows, too_long


def _tokenize(tokenizer: Any, prompt: Prompt, arguments: Mapping[str, Any]) -> tuple[tuple[int, ...], str]:
    """Return a prompt's tokens, and the marker of reasoning at its end if it is a rendered chat template."""
    if isinstance(prompt, str):
        return tuple(encode(tokenizer, prompt)) or (tokenizer.pad_token_id,), ""
    text = apply_chat_template(tokenizer, prompt, arguments)
    return tuple(encode_rendered(tokenizer, text)), opening_marker(text)


def batches(rows: Sequence[TokenizedRow], most: int, size: int) -> Iterator[list[TokenizedRow]]:
    """Yield rows in batches of similar length, longest first.

    A row whose answer is limited by the context shares a batch only with rows of its own length: padding would move
    shorter rows past the end of the context.
    """
    batch: list[TokenizedRow] = []
    for row in sorted(rows, key=lambda row: -len(row.ids)):
        fits = not batch or len(batch[0].ids) == len(row.ids) or batch[0].limit == most
        if batch and (len(batch) == size or not fits):
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
