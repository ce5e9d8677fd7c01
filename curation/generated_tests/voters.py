"""Choose which accepted solutions vote on generated tests, and which are held out. Pure functions.

*Accepted*: it passes every given test, its answers do not depend on chance, and it is no copy of an earlier one, also
not the same program under other names. A fifth of the accepted solutions, chosen by a hash of their source, is *held
out*: it never votes, so that its failures on the generated tests measure how often these reject a right program. The
canonical solution always votes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from curation.generated_tests.same_program import program_fingerprint
from curation.records import VerifiedProblem

FEWEST_VOTERS = 2
"""With fewer voters a problem gets no generated tests."""
MIN_VOTERS = 3
"""Voters that must agree on an input, where a problem has more than ``FEWEST_VOTERS``."""
MAX_VOTERS = 16
"""More voters add time and little certainty; those kept differ most from each other."""
HELD_OUT_SHARE = 5
"""One in so many accepted solutions is held out."""


@dataclass(frozen=True, slots=True)
class Electorate:
    """The accepted solutions of a problem, by index, with their parts in the vote."""

    voters: tuple[int, ...]
    """The canonical solution first, then those that differ most from the ones before."""
    held_out: tuple[int, ...]


def choose_voters(problem: VerifiedProblem, most: int = MAX_VOTERS) -> Electorate:
    """Divide the accepted solutions of a problem that has a canonical one into voters and held-out solutions."""
    accepted = _accepted(problem)
    by_hash = sorted((i for i in accepted if i != problem.canonical), key=lambda i: _hash(problem.sources[str(i)]))
    n_held_out = len(accepted) // HELD_OUT_SHARE
    held_out, others = by_hash[:n_held_out], by_hash[n_held_out:]
    voters = _most_different([i for i in accepted if i not in held_out], others, problem, most)
    return Electorate(tuple(voters), tuple(sorted(held_out)))


def _accepted(problem: VerifiedProblem) -> list[int]:
    """Return the accepted solutions, the canonical one first; of equal programs the first."""
    passed = [s.index for s in problem.solutions if s.code == "passed" and s.same_as is None]
    ordered = [i for i in (problem.canonical,) if i is not None] + [i for i in passed if i != problem.canonical]
    first_with: dict[str, int] = {}
    for index in ordered:
        if (source := problem.sources.get(str(index))) is not None:
            first_with.setdefault(program_fingerprint(source), index)
    return list(first_with.values())


def _hash(source: str) -> str:
    return hashlib.sha256(source.encode(errors="surrogatepass")).hexdigest()


def _most_different(accepted: Sequence[int], others: Sequence[int], problem: VerifiedProblem, most: int) -> list[int]:
    """Return up to ``most`` voters: the canonical solution, then each the farthest from those before (max-min)."""
    words = {i: frozenset(re.findall(r"\w+|[^\w\s]", problem.sources[str(i)])) for i in accepted}
    chosen = [i for i in accepted if i == problem.canonical]
    nearest = {i: _difference(words[i], words[chosen[0]]) if chosen else 1.0 for i in others}
    while nearest and len(chosen) < most:
        farthest = max(nearest, key=lambda i: nearest[i])  # of equally far ones the first by hash
        chosen.append(farthest)
        del nearest[farthest]
        for i in nearest:
            nearest[i] = min(nearest[i], _difference(words[i], words[farthest]))
    return chosen


def _difference(a: frozenset[str], b: frozenset[str]) -> float:
    """Return the Jaccard distance of two sets of words."""
    return 1.0 - len(a & b) / max(len(a | b), 1)
