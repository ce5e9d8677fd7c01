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

    def at_limit(self, length: int, rows: Sequence[int] | None = None) -> list[bool]:
        """Return for each row whether ``length`` new tokens reach its limit."""
        return [length >= self.limits[row] for row in (range(len(self.limits)) if rows is None else rows)]


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
    probabilities, order = (logits.float() / temperature).softmax(-1).sort(dim=-1, descending=True, stable=True)
    cumulative = probabilities.cumsum(-1)
    size = (cumulative - probabilities < top_p).sum(-1, keepdim=True)  # tokens in the nucleus, at least 1
    mass = cumulative.gather(-1, size - 1)
    choice = (cumulative <= uniforms[:, None] * mass).sum(-1, keepdim=True).minimum(size - 1)
    return order.gather(-1, choice)[:, 0]


def python_stream(seed: int) -> Iterator[float]:
    """Return endless uniform random numbers from Python's generator."""
    generator = random.Random(seed)  # noqa: S311
    return iter(generator.random, None)


def torch_stream(seed: int, count: int) -> Iterator[float]:
    """Return ``count`` uniform random numbers from torch's CPU generator."""
    import torch

    numbers: list[float] = torch.rand(count, generator=torch.Generator().manual_seed(seed)).tolist()
    return iter(numbers)
