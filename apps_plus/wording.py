"""Words around numbers in what people read."""

from __future__ import annotations


def plural(number: int, noun: str) -> str:
    """Format a number with its noun: ``1 model``, ``1,400 models``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
