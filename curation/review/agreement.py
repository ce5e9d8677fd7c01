"""Measure the agreement of two reviewers (Cohen's kappa). Pure functions.

Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960): the
observed agreement, corrected for the agreement expected by chance from how often each reviewer uses each category.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from curation.review.queue import JUDGED, by_problem_id
from curation.review_decisions import Decision, effect_of, latest_by_reviewer

CATEGORIES = tuple(str(action) for action in JUDGED)
"""The categories compared: keep, correct, drop; the details of a correction do not count."""


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's kappa of two raters."""

    n: int
    """Items that both judged."""
    observed: float | None
    """Share of the items with the same category from both; None without items."""
    expected: float | None
    """Share expected by chance; None without items."""
    kappa: float | None
    """None without items, and if both used one category only (0/0)."""


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """The agreement of two reviewers."""

    first: str
    second: str
    kappa: Kappa
    identical: int
    """Items with identical decisions: the same corrections, the same reason to drop."""
    table: dict[str, dict[str, int]]
    """Number of items by the category of the first reviewer (outer key) and of the second."""
    differing: tuple[str, ...]
    """Ids of the items with different decisions."""


def cohen_kappa(pairs: Sequence[tuple[str, str]]) -> Kappa:
    """Compute kappa from the two categories given to each item."""
    n = len(pairs)
    if not n:
        return Kappa(0, None, None, None)
    observed = sum(a == b for a, b in pairs) / n
    firsts, seconds = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(count * seconds[category] for category, count in firsts.items())  # of n * n: whole numbers are exact
    expected = chance / (n * n)
    if chance == n * n:
        return Kappa(n, observed, expected, None)
    return Kappa(n, observed, expected, (observed - expected) / (1 - expected))


def compare_reviewers(decisions: Iterable[Decision]) -> list[PairAgreement]:
    """Compare every pair of reviewers with an item in common, in the order of their names.

    An item counts if the latest decisions of both are about the same version of it and keep, correct or drop it.
    """
    judged: dict[tuple[str, str], dict[str, Decision]] = {}
    for problem_id, about in by_problem_id(decisions).items():
        for decision in latest_by_reviewer(about):
            if decision.action in JUDGED:
                judged.setdefault((problem_id, decision.item_digest), {})[decision.reviewer] = decision
    both: dict[tuple[str, str], list[tuple[Decision, Decision]]] = {}
    for by_reviewer in judged.values():
        for first, second in combinations(sorted(by_reviewer), 2):
            both.setdefault((first, second), []).append((by_reviewer[first], by_reviewer[second]))
    return [_compare(first, second, both[first, second]) for first, second in sorted(both)]


def _compare(first: str, second: str, decisions: Sequence[tuple[Decision, Decision]]) -> PairAgreement:
    pairs = [(str(a.action), str(b.action)) for a, b in decisions]
    counts = Counter(pairs)
    differing = tuple(a.problem_id for a, b in decisions if effect_of(a) != effect_of(b))
    return PairAgreement(
        first,
        second,
        cohen_kappa(pairs),
        len(decisions) - len(differing),
        {a: {b: counts[a, b] for b in CATEGORIES} for a in CATEGORIES},
        differing,
    )


def count_actions(decisions: Iterable[Decision]) -> dict[str, Counter[str]]:
    """Count the actions of each reviewer's latest decisions, one for each item."""
    counts: dict[str, Counter[str]] = {}
    for about in by_problem_id(decisions).values():
        for decision in latest_by_reviewer(about):
            counts.setdefault(decision.reviewer, Counter())[str(decision.action)] += 1
    return counts
