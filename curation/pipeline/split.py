"""Assign a problem to a split, by a stable hash of its statement.

The paper divides APPS+ 50/25/25 and does not say how. Here the split of a problem depends on its own text only: it does
not change when other problems are added or removed, and no statement of one tier occurs in two splits.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from curation.pipeline.decide import Decided

if TYPE_CHECKING:
    from curation.pipeline.dedup import DatasetContext

Split: TypeAlias = Literal["train", "validation", "test"]

_TRAIN_BELOW = 0.50
_VALIDATION_BELOW = 0.75


def assign_split(decided: Decided, context: DatasetContext) -> Decided:
    """Put a released problem into its split."""
    if not decided.released:
        return decided
    return replace(decided, split=split_of(decided.problem.question, decided.problem.difficulty))


def split_of(question: str, difficulty: str) -> Split:
    """Return the split of a problem, from SHA-256 of its tier and its statement with whitespace normalised.

    The tier is the salt of the hash: each tier is divided separately, in the same shares.
    """
    text = f"{difficulty}\n{' '.join(question.split())}"
    # Bytes of raw APPS that are not UTF-8 are read as lone surrogates.
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    if share < _TRAIN_BELOW:
        return "train"
    return "validation" if share < _VALIDATION_BELOW else "test"
