"""Assign items to reviewers by a hash of the item's id: every machine computes the same assignment."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assignment:
    """The assignment of items to reviewers."""

    reviewers: tuple[str, ...]
    overlap: float = 0.0
    """The share of items assigned to two reviewers, from 0 to 1."""

    def reviewers_of(self, problem_id: str) -> tuple[str, ...]:
        """Return the reviewers of an item."""
        return assigned_reviewers(problem_id, self.reviewers, self.overlap)


def assigned_reviewers(problem_id: str, reviewers: Sequence[str], overlap: float = 0.0) -> tuple[str, ...]:
    """Return the reviewers of an item: one, or two for a share ``overlap`` of the items; none without reviewers.

    The reviewer with the highest hash of (reviewer, item) gets it (rendezvous hashing): the order of the names does not
    matter, and when a reviewer joins, no item moves between the others.
    """
    ranked = sorted(set(reviewers), key=lambda reviewer: _hash(reviewer, problem_id), reverse=True)
    twice = _hash("", problem_id) < overlap * _HASHES
    return tuple(ranked[: 2 if twice else 1])


_HASHES = 1 << 64


def _hash(reviewer: str, problem_id: str) -> int:
    digest = hashlib.sha256(f"{reviewer}\0{problem_id}".encode(errors="surrogatepass")).digest()
    return int.from_bytes(digest[:8])
