"""How far reviewers agree on what they judged both. Pure functions.

Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960): the
observed agreement, less the agreement that chance gives to two who use the categories as often as these do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from curation.review.queue import JUDGED, by_problem_id
from curation.review_decisions import Decision, effect_of, latest_by_reviewer

CATEGORIES = tuple(str(action) for action in JUDGED)
"""What is compared: kept, corrected or dropped, whatever the details."""


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's kappa of two raters."""

    n: int
    """Items that both judged."""
    observed: float | None
    """Share of them on which both chose the same category; None without items."""
    expected: float | None
    """Share on which chance would have them do so."""
    kappa: float | None
    """None without items, and where both chose one and the same category throughout: 0/0."""


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two reviewers, and how far they agree."""

    first: str
    second: str
    kappa: Kappa
    identical: int
    """Items on which both want the very same: the same corrections, the same reason to drop."""
    table: dict[str, dict[str, int]]
    """Items by the first's category (outer) and the second's."""
    differing: tuple[str, ...]
    """The items on which they do not want the very same."""


def cohen_kappa(pairs: Sequence[tuple[str, str]]) -> Kappa:
    """Kappa of two raters, from the two categories that each item was given."""
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


def agreement(decisions: Iterable[Decision]) -> list[PairAgreement]:
    """Every pair of reviewers that judged an item both, in the order of their names.

    An item counts where the last word of both, on the same version of it, keeps, corrects or drops it.
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


def judged_by(decisions: Iterable[Decision]) -> dict[str, Counter[str]]:
    """How often each reviewer's last word about an item was which action."""
    counts: dict[str, Counter[str]] = {}
    for about in by_problem_id(decisions).values():
        for decision in latest_by_reviewer(about):
            counts.setdefault(decision.reviewer, Counter())[str(decision.action)] += 1
    return counts
