"""Domain of texts that are chains of known chunks without a separator: number words, codes of letters."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from curation.generated_tests.arguments.characters import kind_of_run, runs
from curation.generated_tests.arguments.domain import WITHIN, Reach, Size
from curation.generated_tests.arguments.span import Span

LEAST = 3
"""So many different chunks make a code."""


@dataclass(frozen=True, slots=True)
class ChunkTextDomain:
    """Texts made of the chunks of the given ones."""

    chunks: tuple[str, ...]
    counts: Span
    pool: tuple[str, ...]
    """The given texts."""

    def reach(self, value: Any) -> Reach | None:
        if not isinstance(value, str):
            return None
        if value in self.pool:
            return WITHIN
        chain = split_into(value, self.chunks)
        return self.counts.reach_of_length(len(chain)) if chain else None

    def draw(self, rng: random.Random, size: Size) -> str:
        return "".join(rng.choice(self.chunks) for _ in range(min(60, self.counts.draw(rng, size))))

    def edges(self) -> list[str]:
        return [*self.chunks, "".join(self.chunks), self.chunks[0] * 2]

    def smallest(self) -> Iterator[str]:
        yield from self.chunks
        yield from ("".join(pair) for pair in islice(product(self.chunks, repeat=2), 40))

    def near(self, value: str, rng: random.Random) -> str:
        chain = split_into(value, self.chunks) or [rng.choice(self.chunks)]
        at = rng.randrange(len(chain))
        other = rng.choice(self.chunks)
        changes: tuple[list[str], ...] = ([other], [], [chain[at], other], [chain[at], chain[at]])
        return "".join([*chain[:at], *rng.choice(changes), *chain[at + 1 :]])


def split_into(text: str, chunks: Collection[str]) -> list[str]:
    """Return the text as a chain of the fewest chunks; empty if it is none."""
    best: list[list[str] | None] = [[]]
    for end in range(1, len(text) + 1):
        chains = []
        for chunk in chunks:
            before = best[end - len(chunk)] if len(chunk) <= end and text.endswith(chunk, 0, end) else None
            if before is not None:
                chains.append([*before, chunk])
        best.append(min(chains, key=len) if chains else None)
    return best[-1] or []


def chunks_of(texts: Sequence[str], known: Collection[str]) -> list[list[str]]:
    """Return each text as a chain of known chunks of two characters or more; empty if one is none, or all are whole."""
    words = sorted(word for word in known if len(word) >= 2 and any(word in text for text in texts))
    if len(words) < LEAST or max(map(len, texts)) > 500:
        return []
    chains = [split_into(text, words) for text in texts]
    return chains if all(chains) and any(len(chain) > 1 for chain in chains) else []


def units_of(texts: Sequence[str]) -> list[list[str]]:
    """Return each text as a chain of units of one form, such as a letter and two digits; empty if they are none.

    The form must recur at least three times in one text, or as often in every text.
    """
    chains = []
    for text in texts:
        parts = runs(text)
        kinds = list(map(kind_of_run, parts))
        period = next(size for size in range(1, len(kinds) + 1) if kinds == (kinds[:size] * len(kinds))[: len(kinds)])
        if len(kinds) % period:
            return []
        chains.append(["".join(parts[at : at + period]) for at in range(0, len(parts), period)])
    units = {tuple(map(kind_of_run, runs(chain[0]))) for chain in chains}
    counts = {len(chain) for chain in chains}
    recurs = max(counts) >= 3 or (len(counts) == 1 and len(texts) >= 3 and max(counts) == 2)
    return chains if len(units) == 1 and len(units.pop()) >= 2 and recurs else []
