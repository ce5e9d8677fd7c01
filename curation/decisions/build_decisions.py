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

    @property
    def problem_ids(self) -> set[str]:
        """The ids of the problems that some decision names."""
        return {*self._own, *self._shipped}

    def __contains__(self, problem_id: str) -> bool:
        return problem_id in self._own or problem_id in self._shipped

    def resolve(self, problem: VerifiedProblem) -> Resolution:
        """Combine the decisions on one problem: its own, or those that ship if it has none, or only ``skip``.

        Those that ship for another problem with the same id, as any data may number theirs, are left out.
        """
        name, digests = problem.problem_id, (problem.digest(), problem.raw_digest)
        own = resolve(self._own.get(name, ()), name, *digests)
        shipped = [each for each in self._shipped.get(name, ()) if each.has_statement_of(problem.raw_digest)]
        if own.standing is not Standing.NONE or not shipped:
            return own
        return replace(resolve(shipped, name, *digests), ships=True)

    def counts(self, raw_digests: Mapping[str, str]) -> dict[str, Any]:
        """Return the entry ``decisions`` of the manifest.

        ``unused`` ones name a problem that is not in the data. ``shipped`` is None for a build without them; of these,
        ``stale`` ones name a problem whose statement is the same, and whose tests or solutions differ.

        Args:
            raw_digests: ``VerifiedProblem.raw_digest`` by problem id, of the problems of the build that decisions name.
        """
        own = _count(self._own_list, sum(decision.problem_id not in raw_digests for decision in self._own_list))
        if self._shipped_list is None:
            return {**own, "shipped": None}
        found = [raw_digests.get(decision.problem_id, "") for decision in self._shipped_list]
        same = [each.has_statement_of(digest) for each, digest in zip(self._shipped_list, found, strict=True)]
        stale = sum(
            is_same and decision.raw_digest != digest
            for decision, digest, is_same in zip(self._shipped_list, found, same, strict=True)
        )
        return {**own, "shipped": {**_count(self._shipped_list, same.count(False)), "stale": stale}}


def _by_problem(decisions: Sequence[Decision]) -> dict[str, list[Decision]]:
    grouped: dict[str, list[Decision]] = {}
    for decision in decisions:
        grouped.setdefault(decision.problem_id, []).append(decision)
    return grouped


def _count(decisions: Sequence[Decision], unused: int) -> dict[str, Any]:
    sha256 = sha256_of([decision.decision_id for decision in decisions])
    return {"count": len(decisions), "unused": unused, "sha256": sha256}
