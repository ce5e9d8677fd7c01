"""Profiles: what kind of values a made input has, such as small ones, ties, or the ends of the ranges."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Profile:
    """The shape of a filled tree: its size and the choice of its values."""

    values: str = "uniform"
    """``low``, ``high``, ``edge``, ``log`` or ``uniform``; ``mixed`` takes one of them for each slot."""
    counts: str = "uniform"
    """The same for what counts others."""
    max_count: int = 8
    """Largest count."""
    ties: int = 0
    """So many different values in a list; 0: any."""
    order: str = ""
    """``up`` or ``down``: lists are sorted so."""
    pinned: Mapping[int, int | str] = field(default_factory=dict)
    """Slots that take one value, or one end of their range: ``low``, ``low+1``, ``high-1`` or ``high``."""


def pick(low: int, high: int, style: str, rng: random.Random) -> int:
    """Return an integer between two ends in a style."""
    span = high - low
    if span <= 0:
        return low
    match style:
        case "low":
            if low < 0 < high:
                return rng.randint(max(low, -4), min(high, 4))
            return low + rng.randint(0, min(span, 5))
        case "high":
            return high - rng.randint(0, min(span, 5))
        case "edge":
            return rng.choice((low, low, high, high, low + 1, high - 1))
        case "log":
            if low < 0 < high and rng.random() < 0.5:
                return -pick(0, -low, "log", rng)
            start = max(low, 0) if low < 0 < high else low
            # An exponent that is uniform gives every order of magnitude its share.
            return start + min(high - start, int(2 ** (rng.random() * math.log2(high - start + 1))) - 1)
    return rng.randint(low, high)


STYLES = ("low", "low", "uniform", "log", "edge", "high")


def style_of(style: str, rng: random.Random) -> str:
    """Return a style, one of all where it is ``mixed``."""
    return rng.choice(STYLES) if style == "mixed" else style


def pick_text(alphabet: str, length: int, style: str, ties: int, rng: random.Random) -> str:
    """Return a text of a length: few letters for ties and low values, the last letters for high ones, else any."""
    if ties:
        letters = rng.sample(alphabet, min(ties, len(alphabet)))
    elif style == "low":
        letters = list(alphabet[: 2 + rng.randint(0, 1)])
    elif style == "high":
        letters = list(alphabet[-2:])
    elif style == "edge":
        letters = [alphabet[0], alphabet[-1]]
    else:
        letters = list(alphabet)
    text = "".join(rng.choice(letters) for _ in range(length))
    if style == "log":  # symmetric texts and texts of blocks, which hardly come by chance
        text = rng.choice((text, text[: (length + 1) // 2] + text[: length // 2][::-1], "".join(sorted(text))))
    return text
