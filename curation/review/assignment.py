"""Who judges which item: by a hash of its id, so that nobody has to be asked and everybody gets the same answer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assignment:
    """Items shared among reviewers."""

    reviewers: tuple[str, ...]
    overlap: float = 0.0
    """The share of items that two reviewers judge, from 0 to 1."""

    def of(self, problem_id: str) -> tuple[str, ...]:
        """Who judges an item."""
        return assigned(problem_id, self.reviewers, self.overlap)


def assigned(problem_id: str, reviewers: Sequence[str], overlap: float = 0.0) -> tuple[str, ...]:
    """The reviewers of an item: one, or two of an ``overlap`` share of the items; none where there are none.

    Whoever has the highest hash with the item gets it (rendezvous hashing): the order of the names does not count, and
    a reviewer who joins takes items over without any moving between the others.
    """
    ranked = sorted(set(reviewers), key=lambda reviewer: _hash(reviewer, problem_id), reverse=True)
    twice = _hash("", problem_id) < overlap * _HASHES
    return tuple(ranked[: 2 if twice else 1])


_HASHES = 1 << 64


def _hash(reviewer: str, problem_id: str) -> int:
    digest = hashlib.sha256(f"{reviewer}\0{problem_id}".encode(errors="surrogatepass")).digest()
    return int.from_bytes(digest[:8])
