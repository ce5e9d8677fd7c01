"""Candidate inputs, and the model of a problem's inputs that proposes them.

A model is inferred from the given inputs and the statement: ``standard_input`` infers one of texts, ``arguments`` one
of argument lists. Solutions may agree on nonsense, so a model never proposes an input that it does not accept itself,
and says of each how far it goes beyond what the problem shows.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class Risk(StrEnum):
    """The distance of an input from what the problem shows, nearest first."""

    SEEN = "seen"
    """Every value and length lies between those of the given inputs, every relation among them holds."""
    STATED = "stated"
    """As ``SEEN``, or within the ranges that the statement states."""
    OPEN = "open"
    """Some value or length is outside what is given, and the statement says nothing about it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One input that may become a test."""

    input: Any
    """A text for standard input, else the list of arguments."""
    generator: str
    """Its generator, such as ``boundary``, ``small``, ``random``, ``large``, ``exhaustive``, ``neighbour``."""
    risk: Risk


class InputModel(Protocol):
    """The grammar, ranges and relations of the inputs of one problem."""

    def accepts(self, value: Any) -> bool:
        """Return whether an input obeys the grammar, the ranges and the relations; true for every given input."""

    def candidates(self, rng: random.Random) -> Iterator[Candidate]:
        """Yield different accepted inputs, in turn from every generator; the stream may end.

        The first hundred hold some of every kind: boundary values, small exhaustive ones, random ones of small and
        middle size, ties and repeated values, and a few large ones.
        """

    def neighbours(self, value: Any, rng: random.Random) -> Iterator[Candidate]:
        """Yield different accepted inputs near an accepted one: for a search that starts from a good input."""
