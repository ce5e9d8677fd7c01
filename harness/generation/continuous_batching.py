"""Continue prompts in a batch whose rows come and go: the one decoder of ``generate --backend hf`` and of the trainer.

How it differs from transformers' ``generate``:

1. A row that ends leaves the batch at once, and the next prompt takes its place; no row waits for a longer one.
2. Each row has its own random stream, limit and end. Its tokens depend on its own prompt and stream, not on the rows
   beside it, the batch size or the number of processes.
3. A prompt is computed alone, without padding, and once for all the rows that continue it.
4. Keys and values are written in place (``harness.generation.slot_cache``).

A model with recurrent layers decodes batches that begin and end together, with its own cache.
"""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import Cache, DynamicCache

from apps_plus.errors import WorkError
from harness.generation.decoding import left_pad
from harness.generation.nucleus import NucleusSampler
from harness.generation.slot_cache import SlotCache, rows_can_join

DeliverRow = Callable[[int, list[int], list[float]], None]
"""Receive a row that has ended: its number, its tokens with the one that ended it, and log pi of each."""
RowStops = Callable[[int, Sequence[int]], bool]
"""Decide whether a row ends, given its number and its tokens so far."""


@torch.no_grad()  # type: ignore[untyped-decorator]
def decode(
    model: Any,
    prompts: Sequence[Sequence[int]],
    sampler: NucleusSampler,
    ends: set[int],
    slots: int,
    deliver: DeliverRow,
    *,
    logprobs: bool = False,
    stops: RowStops | None = None,
    count: Callable[[int], None] = lambda tokens: None,
) -> None:
    """Continue each prompt until an end token, its limit or where ``stops`` says.

    Args:
        model: A causal language model, in evaluation mode.
        prompts: Token ids, at least one each. Rows start in this order; equal prompts that follow each other are
            computed once.
        sampler: Draws the tokens; its limits are at least 1, and keep each row within the model's context.
        ends: The tokens that end a row.
        slots: The most rows at once.
        deliver: Called for each row when it ends.
        logprobs: Compute log pi of the tokens at the sampler's temperature, over the whole vocabulary; else the lists
            are empty.
        stops: Asked after each token of each row.
        count: Called after each pass with the number of tokens drawn.

    Raises:
        WorkError: The model computes NaN or infinity.
    """
    book = _Book(sampler, ends, deliver, logprobs, stops, count)
    passes = _Passes(model)
    if rows_can_join(model):
        _decode_in_slots(passes, prompts, slots, book)
    else:
        for start in range(0, len(prompts), slots):
            _decode_together(passes, prompts, range(start, min(start + slots, len(prompts))), book)


class _Book:
    """The tokens of the rows that are being written."""

    def __init__(
        self,
        sampler: NucleusSampler,
        ends: set[int],
        deliver: DeliverRow,
        with_logprobs: bool,
        stops: RowStops | None,
        count: Callable[[int], None],
    ) -> None:
        self._sampler, self._ends, self._deliver = sampler, ends, deliver
        self._with_logprobs, self._stops, self._count = with_logprobs, stops, count
        self._tokens: dict[int, list[int]] = {}
        self._logprobs: dict[int, list[float]] = {}

    def draw(self, rows: Sequence[int], logits: Tensor) -> tuple[Tensor, list[bool]]:
        """Draw and record a token for each row; deliver the rows that end.

        Returns the tokens (rows,), and for each row whether it ended.
        """
        logits = logits.float()
        if not logits.amax(-1).isfinite().all():  # the largest of a row with NaN is NaN
            raise WorkError("the model's logits are not numbers: its weights are damaged, or have diverged")
        drawn = self._sampler.draw(logits, rows)
        tokens: list[int] = drawn.tolist()
        found = self._sampler.logprobs(logits, drawn).tolist() if self._with_logprobs else None
        ended = []
        for place, (row, token) in enumerate(zip(rows, tokens, strict=True)):
            written = self._tokens.setdefault(row, [])
            written.append(token)
            if found is not None:
                self._logprobs.setdefault(row, []).append(found[place])
            ended.append(self._ends_at(row, token, written))
        self._count(len(tokens))
        for row, over in zip(rows, ended, strict=True):
            if over:
                self._deliver(row, self._tokens.pop(row), self._logprobs.pop(row, []))
        return drawn, ended

    def _ends_at(self, row: int, token: int, written: Sequence[int]) -> bool:
        at_limit = len(written) >= self._sampler.limits[row]
        return token in self._ends or at_limit or (self._stops is not None and self._stops(row, written))


def bare_model(model: Any) -> Any:
    """Return the causal language model below PEFT's adapters, which stay on."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


class _Passes:
    """Forward passes of a model, which return the logits of the last token of each row."""

    def __init__(self, model: Any) -> None:
        self.model, self.device = model, model.device
        accepted = inspect.signature(bare_model(model).forward).parameters
        self._last_only = {"logits_to_keep": 1} if "logits_to_keep" in accepted else {}
        self._positions = "position_ids" in accepted

    def __call__(self, ids: Tensor, mask: Tensor, positions: Tensor, cache: Any) -> tuple[Tensor, Any]:
        """Return logits (rows, vocabulary) and the cache.

        Args:
            ids: (rows, new tokens).
            mask: (rows, all tokens): 0 at padding.
            positions: (rows, new tokens).
            cache: The keys and values of the tokens before; None to begin.
        """
        given = {"position_ids": positions} if self._positions else {}
        answer = self.model(
            input_ids=ids, attention_mask=mask, past_key_values=cache, use_cache=True, **given, **self._last_only
        )
        return answer.logits[:, -1], answer.past_key_values

    def prompt(self, prompt: Sequence[int]) -> tuple[Tensor, Cache]:
        """Compute one prompt alone."""
        ids = torch.tensor([list(prompt)], device=self.device)
        return self(ids, torch.ones_like(ids), torch.arange(ids.shape[1], device=self.device)[None], DynamicCache())


# ---- rows that come and go


def _decode_in_slots(passes: _Passes, prompts: Sequence[Sequence[int]], slots: int, book: _Book) -> None:
    waiting = deque(range(len(prompts)))
    cache = SlotCache(min(slots, len(prompts)))
    rows: list[int] = []  # the number of the prompt in each slot
    newest: list[Tensor] = []  # the token of each slot that no pass has seen, (1,)
    computed: tuple[Sequence[int], Tensor, Cache] | None = None
    while waiting or rows:
        while waiting and len(rows) < slots:
            row = waiting.popleft()
            if computed is None or computed[0] != prompts[row]:
                computed = None  # free its memory first
                computed = (prompts[row], *passes.prompt(prompts[row]))
            drawn, [ended] = book.draw([row], computed[1])
            if not ended:
                cache.enter(computed[2])
                rows.append(row)
                newest.append(drawn)
        if not waiting:
            computed = None
        if not rows:
            return
        drawn, over = book.draw(rows, _step(passes, cache, torch.cat(newest)))
        newest = list(drawn.split(1))
        for slot in sorted((slot for slot, ended in enumerate(over) if ended), reverse=True):
            cache.leave(slot)
            rows[slot], newest[slot] = rows[-1], newest[-1]
            rows.pop()
            newest.pop()


def _step(passes: _Passes, cache: SlotCache, tokens: Tensor) -> Tensor:
    """Compute one token of every slot; return the logits (slots in use, vocabulary)."""
    cache.prepare_step()
    lengths, longest = torch.tensor(cache.lengths, device=passes.device)[:, None], cache.longest
    mask = (torch.arange(longest + 1, device=passes.device) >= longest - lengths).long()
    logits, _ = passes(tokens[:, None], mask, lengths, cache)
    cache.finish_step()
    return logits


# ---- rows that begin and end together


def _decode_together(passes: _Passes, prompts: Sequence[Sequence[int]], rows: Sequence[int], book: _Book) -> None:
    """Decode a batch, padded on the left, with the model's own cache; rows that have ended draw no more."""
    ids, mask = left_pad([prompts[row] for row in rows], 0, passes.device)
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    active, cache = list(range(len(rows))), None
    while active:
        logits, cache = passes(ids, mask, positions, cache)
        drawn, over = book.draw([rows[place] for place in active], logits[active])
        ids = torch.zeros((len(rows), 1), dtype=torch.long, device=passes.device)
        ids[active, 0] = drawn
        active = [place for place, ended in zip(active, over, strict=True) if not ended]
        new = torch.zeros((len(rows), 1), dtype=mask.dtype, device=passes.device)
        new[active] = 1  # a row that has ended hides its next token, so that its position stays in the context
        mask = torch.cat([mask, new], dim=-1)
        positions = (mask.sum(-1, keepdim=True) - 1).clamp(min=0)
