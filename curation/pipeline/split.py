"""Which split a problem belongs to: a stable hash of its statement.

The paper divides APPS+ 50/25/25 and does not say how. Here each problem is placed on its own, by what it says, so
that it never changes sides when others come or go and no statement stands on two sides of its tier.
"""

from __future__ import annotations

import hashlib
from typing import Literal, TypeAlias

Split: TypeAlias = Literal["train", "validation", "test"]

_TRAIN_BELOW = 0.50
_VALIDATION_BELOW = 0.75


def split_of(question: str, difficulty: str) -> Split:
    """The split of a problem, from SHA-256 of its tier and its statement with whitespace normalised.

    The tier is the hash's salt: each tier is divided on its own, in the same shares.
    """
    text = f"{difficulty}\n{' '.join(question.split())}"
    # Raw APPS is read with lone surrogates where its bytes are no UTF-8: they must hash too.
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    if share < _TRAIN_BELOW:
        return "train"
    return "validation" if share < _VALIDATION_BELOW else "test"
