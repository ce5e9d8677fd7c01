"""The decisions of one build: those of its folder, and those that ship."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from apps_plus.problem import sha256_of
from curation.records import VerifiedProblem
from curation.review_decisions import Decision, Resolution, Standing, resolve


class BuildDecisions:
    """The decisions of a build by problem."""

    def __init__(self, own: Sequence[Decision], shipped: Sequence[Decision] | None) -> None:
        """Take both, oldest first.

        Args:
            own: Those in the folder of the build.
            shipped: Those that ship with this package; None for a build without them.
        """
        self._own_list, self._shipped_list = own, shipped
        self._own = _by_problem(own)
        self._shipped = _by_problem(shipped or ())

    def __contains__(self, problem_id: str) -> bool:
        return problem_id in self._own or problem_id in self._shipped

    def resolve(self, problem: VerifiedProblem) -> Resolution:
        """Combine the decisions on one problem: its own, or those that ship if it has none, or only ``skip``."""
        name, digests = problem.problem_id, (problem.digest(), problem.raw_digest)
        own = resolve(self._own.get(name, ()), name, *digests)
        if own.standing is not Standing.NONE or name not in self._shipped:
            return own
        return replace(resolve(self._shipped[name], name, *digests), ships=True)

    def counts(self, raw_digests: Mapping[str, str]) -> dict[str, Any]:
        """Return the entry ``decisions`` of the manifest.

        ``unused`` ones name a problem that is not in the data. ``shipped`` is None for a build without them; of these,
        ``stale`` ones name a problem whose raw data differ.

        Args:
            raw_digests: ``VerifiedProblem.raw_digest`` by problem id, of all problems of the build.
        """
        counts = _count(self._own_list, raw_digests)
        if self._shipped_list is None:
            return {**counts, "shipped": None}
        stale = sum(
            raw_digests.get(decision.problem_id, decision.raw_digest) != decision.raw_digest
            for decision in self._shipped_list
        )
        return {**counts, "shipped": {**_count(self._shipped_list, raw_digests), "stale": stale}}


def _by_problem(decisions: Sequence[Decision]) -> dict[str, list[Decision]]:
    grouped: dict[str, list[Decision]] = {}
    for decision in decisions:
        grouped.setdefault(decision.problem_id, []).append(decision)
    return grouped


def _count(decisions: Sequence[Decision], known: Mapping[str, str]) -> dict[str, Any]:
    unused = sum(decision.problem_id not in known for decision in decisions)
    return {
        "count": len(decisions),
        "unused": unused,
        "sha256": sha256_of([decision.decision_id for decision in decisions]),
    }
