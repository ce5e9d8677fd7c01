"""Nucleus (top-p) sampling in batches: each row has its own random stream and its own limit of new tokens.

The ``hf`` backend and the trainer's roll-outs both draw with this sampler. A sample depends on its own seed and prompt,
never on the other rows of its batch, the batch size or the device's random generator.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


LARGEST = 256
"""The most probable tokens that are sorted first; the whole vocabulary is where a nucleus holds more."""


class NucleusSampler:
    """Draw the next token of each row of a batch.

    Rows are numbered as in ``streams``; a caller that takes rows out of its batch passes the numbers of the others.
    """

    def __init__(
        self, streams: Sequence[Iterator[float]], limits: Sequence[int], temperature: float, top_p: float
    ) -> None:
        """
        Args:
            streams: For each row, uniform random numbers in [0, 1): one is used for each token.
            limits: For each row, the most new tokens.
            temperature: The logits are divided by it; 0 is greedy decoding.
            top_p: Draw from the fewest tokens whose probabilities sum to this, above 0 and at most 1.
        """
        self.limits = list(limits)
        self.temperature = temperature
        self.top_p = top_p
        self._streams = streams

    def draw(self, logits: Tensor, rows: Sequence[int] | None = None) -> Tensor:
        """Draw one token for each row.

        Args:
            logits: (rows, vocabulary).
            rows: The row numbers of the logits; None means all.

        Returns:
            (rows,) token ids.
        """
        import torch

        if self.temperature == 0:
            return logits.argmax(-1)
        numbers = range(len(self._streams)) if rows is None else rows
        uniforms = torch.tensor([next(self._streams[row]) for row in numbers], device=logits.device)
        return draw_tokens(logits, uniforms, self.temperature, self.top_p)

    def logprobs(self, logits: Tensor, drawn: Tensor) -> Tensor:
        """Return log pi (rows,) of drawn tokens at the temperature, over the whole vocabulary.

        Args:
            logits: (rows, vocabulary).
            drawn: (rows,) token ids.
        """
        logits = logits.float() / (self.temperature or 1.0)
        return logits.gather(-1, drawn[:, None])[:, 0] - logits.logsumexp(-1)


def draw_tokens(logits: Tensor, uniforms: Tensor, temperature: float, top_p: float) -> Tensor:
    """Draw one token a row from the nucleus, by inverse-transform sampling.

    Args:
        logits: (rows, vocabulary).
        uniforms: (rows,), in [0, 1).
        temperature: Above 0.
        top_p: Above 0 and at most 1.

    Returns:
        (rows,) token ids.
    """
    probabilities = (logits.float() / temperature).softmax(-1)
    drawn = _draw_from_largest(probabilities, uniforms, top_p)
    if drawn is None:
        ordered, ids = probabilities.sort(dim=-1, descending=True, stable=True)
        drawn, _ = _draw(ordered, ids, uniforms, top_p)
    return drawn


def _draw(sorted_probabilities: Tensor, order: Tensor, uniforms: Tensor, top_p: float) -> tuple[Tensor, Tensor]:
    """Draw from the nucleus of sorted probabilities; return token ids and sizes of the nuclei, both (rows,)."""
    cumulative = sorted_probabilities.cumsum(-1)
    size = (cumulative - sorted_probabilities < top_p).sum(-1, keepdim=True)  # tokens in the nucleus, at least 1
    mass = cumulative.gather(-1, size - 1)
    choice = (cumulative <= uniforms[:, None] * mass).sum(-1, keepdim=True).minimum(size - 1)
    return order.gather(-1, choice)[:, 0], size[:, 0]


def _draw_from_largest(probabilities: Tensor, uniforms: Tensor, top_p: float) -> Tensor | None:
    """Draw as ``_draw`` does without sorting the whole vocabulary; None if a nucleus may be larger than ``LARGEST``.

    Sorting 50,000 numbers takes a CPU longer than choosing the largest. Tokens of equal probability keep the order of
    their ids, as in a stable sort; where the last token that is looked at is as likely as one of the nucleus, others
    of its probability may belong before it.
    """
    if probabilities.shape[-1] <= LARGEST:
        return None
    ids = probabilities.topk(LARGEST, dim=-1).indices.sort(dim=-1).values
    largest, order = probabilities.gather(-1, ids).sort(dim=-1, descending=True, stable=True)
    drawn, size = _draw(largest, ids.gather(-1, order), uniforms, top_p)
    boundary = largest.gather(-1, size[:, None] - 1)[:, 0]
    return drawn if bool((boundary > largest[:, -1]).all()) else None


def python_stream(seed: int) -> Iterator[float]:
    """Return endless uniform random numbers from Python's generator."""
    generator = random.Random(seed)  # noqa: S311
    return iter(generator.random, None)


def torch_stream(seed: int, count: int) -> Iterator[float]:
    """Return ``count`` uniform random numbers from torch's CPU generator."""
    import torch

    numbers: list[float] = torch.rand(count, generator=torch.Generator().manual_seed(seed)).tolist()
    return iter(numbers)
