"""The keys and values of a batch whose rows come and go: one slot for each row, in buffers that are written in place.

All rows end at the same column, as in a batch that is padded on the left, so a step writes one column, and masks and
positions are those of any left-padded batch of transformers. A row that enters is copied to the columns before that
one; a row that leaves is overwritten by the last row. transformers' own ``DynamicCache`` copies all keys and values at
every step, and its rows begin together.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor
from transformers.cache_utils import Cache, CacheLayerMixin, DynamicCache, DynamicLayer, DynamicSlidingWindowLayer

HEADROOM = 128
"""Columns that new buffers have for tokens to come: as many steps are made before all is copied to larger ones."""


def rows_can_join(model: Any) -> bool:
    """Return whether the state of a row is the keys and values of its tokens alone, which a cache can copy.

    Layers with a window keep all keys here, and the mask hides those before the window. Recurrent layers (Mamba, linear
    attention) have states that are no keys.
    """
    layers = DynamicCache(config=model.config).layers
    return not getattr(model, "_is_stateful", False) and all(
        type(layer) in (DynamicLayer, DynamicSlidingWindowLayer) for layer in layers
    )


class SlotCache(Cache):  # type: ignore[misc]  # transformers is Any where it is not installed
    """The keys and values of up to ``slots`` rows, of which each step adds one token to each."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self.lengths: list[int] = []
        """The tokens of each row."""
        self.end = 0
        """The column after the last token of every row."""
        self.layers: list[SlotLayer] = []
        super().__init__(layers=self.layers)

    @property
    def longest(self) -> int:
        """The tokens of the longest row."""
        return max(self.lengths, default=0)

    def enter(self, prompt: Cache) -> None:
        """Add a row: the keys and values of a batch of one, which are copied.

        Args:
            prompt: A filled ``DynamicCache`` of the same model.
        """
        length = prompt.get_seq_length()
        if not self.layers:
            self.layers = [SlotLayer(self) for _ in prompt.layers]
        self._make_room(length, 0)
        row = len(self.lengths)
        for own, given in zip(self.layers, prompt.layers, strict=True):
            if given.keys is not None:  # None: a layer that reads another's keys
                own.write(row, self.end - length, given.keys, given.values)
        self.lengths.append(length)

    def leave(self, row: int) -> None:
        """Remove a row; the last one takes its place."""
        last = len(self.lengths) - 1
        if row != last:
            start = self.end - self.lengths[last]
            for layer in self.layers:
                layer.move(last, row, start, self.end)
            self.lengths[row] = self.lengths[last]
        self.lengths.pop()

    def prepare_step(self) -> None:
        """Make room for one more token of every row; call it before each pass."""
        self._make_room(self.longest, 1)

    def finish_step(self) -> None:
        """Count the token that a pass has added to every row."""
        self.end += 1
        self.lengths = [length + 1 for length in self.lengths]

    def _make_room(self, before: int, after: int) -> None:
        """Copy everything to larger buffers unless so many columns lie before ``end`` and after it."""
        columns = self.layers[0].columns if self.layers else 0
        if before <= self.end and self.end + after <= columns:
            return
        kept, before = self.longest, max(self.longest, before)
        for layer in self.layers:
            layer.copy(len(self.lengths), self.end - kept, self.end, before, before + HEADROOM)
        self.end = before


class SlotLayer(CacheLayerMixin):  # type: ignore[misc]
    """The keys and values of one layer: (slots, heads, columns, numbers of a head)."""

    is_sliding = False

    def __init__(self, cache: SlotCache) -> None:
        super().__init__()
        self._cache = cache
        self.columns = 0

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        """Make the buffers. A column that no row uses must hold numbers: a weight of 0 times NaN is NaN."""
        self.dtype, self.device = key_states.dtype, key_states.device
        self.keys, self.values = (self._empty(states, self.columns) for states in (key_states, value_states))
        self.is_initialized = True

    def write(self, row: int, column: int, keys: Tensor, values: Tensor) -> None:
        """Store the keys and values (1, heads, tokens, numbers) of a row from a column on."""
        if not self.is_initialized:
            self.lazy_initialization(keys, values)
        until = column + keys.shape[2]
        self.keys[row, :, column:until] = keys[0]
        self.values[row, :, column:until] = values[0]

    def move(self, row: int, to: int, start: int, end: int) -> None:
        """Copy the columns of a row to another row."""
        if self.is_initialized:
            for buffer in (self.keys, self.values):
                buffer[to, :, start:end] = buffer[row, :, start:end]

    def copy(self, rows: int, start: int, end: int, new_end: int, columns: int) -> None:
        """Copy the columns from ``start`` to ``end`` to buffers of another width, where they end at ``new_end``."""
        self.columns = columns
        if self.is_initialized:
            for name in ("keys", "values"):
                old = getattr(self, name)
                new = self._empty(old, columns)
                new[:rows, :, new_end - (end - start) : new_end] = old[:rows, :, start:end]
                setattr(self, name, new)

    def update(self, key_states: Tensor, value_states: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Store the keys and values (rows, heads, 1, numbers) of a step; return those of all tokens, as views."""
        cache = self._cache
        rows, start, end = len(cache.lengths), cache.end - cache.longest, cache.end + 1
        self.keys[:rows, :, cache.end : end] = key_states
        self.values[:rows, :, cache.end : end] = value_states
        return self.keys[:rows, :, start:end], self.values[:rows, :, start:end]

    def get_seq_length(self, *_: Any) -> int:
        """Return the tokens of the longest row."""
        return self._cache.longest

    def get_mask_sizes(self, *_: Any) -> tuple[int, int]:
        """Return the columns that a step's mask covers, and the first of them."""
        return self._cache.longest + 1, 0

    def get_max_length(self) -> int:
        """Return that there is no limit."""
        return -1

    def get_max_cache_shape(self) -> int:
        """Return that there is no limit, as transformers 4 asks for it."""
        return -1

    def _empty(self, like: Tensor, columns: int) -> Tensor:
        return like.new_zeros((self._cache.slots, like.shape[1], columns, like.shape[3]))
