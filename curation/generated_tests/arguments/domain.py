"""Domains: the values that an argument, an element or a key may take, and how far each goes beyond the given ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import Any, Protocol

from curation.generated_tests.candidate import Risk

Reach = frozenset[str]
"""The ways in which a value goes beyond the given ones; none: it lies between them."""
WITHIN: Reach = frozenset()
STATED: Reach = frozenset({"stated"})
"""Beyond the given values, within what the statement says."""
_RISKIEST = ("smaller", "shorter", "text", "larger", "longer")
"""Ways, those first that lead most often to invalid inputs. Broken promises, relations and traits come before them."""
_DOUBTFUL = frozenset({"zero", "empty"})
"""Ways that lead to invalid inputs so often that no input is proposed which takes one: of 62 tests with a zero or an
empty value on which all voters agreed, 3 failed a held-out solution."""


class Size(IntEnum):
    """Size of a value that is drawn: of a number, of a text, of a list."""

    SMALL = 0
    MIDDLE = 1
    """As the given inputs."""
    LARGE = 2
    """Beyond the given inputs, as far as the limits allow."""


class Domain(Protocol):
    """The values that one place of the inputs may take."""

    def reach(self, value: Any) -> Reach | None:
        """Return how a value goes beyond the given ones; None: it does not belong here."""

    def draw(self, rng: random.Random, size: Size) -> Any:
        """Return a random value of about that size; ``reach`` decides whether it may be used."""

    def edges(self) -> list[Any]:
        """Return boundary values: least, greatest, shortest, all equal."""

    def smallest(self) -> Iterator[Any]:
        """Yield the simplest values, simplest first: for exhaustive inputs."""

    def near(self, value: Any, rng: random.Random) -> Any:
        """Return a value that differs a little from one of this domain."""


def beyond(way: str) -> Reach:
    """Return the reach of a value that goes beyond the given ones in a way on which the statement is silent."""
    return frozenset({way})


def together(reaches: Iterable[Reach | None]) -> Reach | None:
    """Return the ways of all the parts of a value; None where one of the parts does not belong."""
    ways: set[str] = set()
    for reach in reaches:
        if reach is None:
            return None
        ways |= reach
    return frozenset(ways)


def least(reaches: Iterable[Reach | None]) -> Reach | None:
    """Return the smallest of the reaches, by risk and number of ways; None where all of them are None."""
    known = [reach for reach in reaches if reach is not None]
    order = list(Risk)
    return min(known, key=lambda reach: (order.index(risk_of(reach)), len(reach), sorted(reach))) if known else None


def risk_of(reach: Reach) -> Risk:
    """Return the risk of a value with this reach."""
    return Risk.SEEN if not reach else Risk.STATED if reach == STATED else Risk.OPEN


def is_doubtful(reach: Reach) -> bool:
    """Return whether a value is probably not meant: zero, empty, or against a rule that all given inputs obey.

    Equal elements where the given ones differ are no rule: ties are what few given tests have.
    """
    return any(way in _DOUBTFUL or ("not " in way and way != "not distinct") for way in reach)


def riskiest(reach: Reach) -> str:
    """Return the way of an open reach that is least likely to be valid: a name for the family of such inputs."""
    if "promise" in reach:
        return "promise"
    return min(reach - STATED, key=lambda way: (_RISKIEST.index(way) if way in _RISKIEST else -1, way))


def unique(values: Iterable[Any], key: Callable[[Any], Any] = repr) -> list[Any]:
    """Return the values without later copies, in order (1, 1.0 and True are three values)."""
    seen: set[Any] = set()
    kept = []
    for value in values:
        mark = key(value)
        if mark not in seen:
            seen.add(mark)
            kept.append(value)
    return kept
