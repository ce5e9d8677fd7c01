"""A proposed checker with its evidence: what a build writes beside a review item, and what a reviewer reads."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from apps_plus.problem import Comparison
from curation.review_decisions import Changes


@dataclass(frozen=True, slots=True)
class CheckerProposal:
    """A checker of the catalogue that fits the outputs of a problem's solutions; a person decides about it.

    It is no part of the item's digest: a decision stays valid if another version of the catalogue proposes another one.
    """

    name: str
    """The entry of the catalogue."""
    accepts: str
    """The outputs that it accepts, in a few words."""
    comparison: str
    """``checker``, or the comparison that is built in and says the same."""
    source: str
    """The program; empty for a comparison that is built in."""
    because: str
    """The reason for which several answers may be right, in a few words."""
    accepted: int
    """Solutions, copies aside, whose outputs it accepts on every test."""
    solutions: int
    """Solutions, copies aside, whose outputs on every test are known."""
    passing: int
    """Those of them that give the expected output on every test."""
    unknown: int
    """Solutions that gave outputs which the build did not keep."""
    rejected: int
    """Mutated outputs that it rejects."""
    mutated: int
    """Mutated outputs that were tried."""
    accepts_mutated: tuple[str, ...] = ()
    """Kinds of mutated outputs that it accepts."""
    caution: str = ""
    """The reason to take it as a draft only; empty if there is none."""

    @property
    def evidence(self) -> str:
        """The evidence in one line: ``accepts 14 of 14 solutions' outputs, rejects 37 of 40 mutated ones``."""
        text = f"accepts {self.accepted} of {self.solutions} solutions' outputs"
        text += f", rejects {self.rejected} of {self.mutated} mutated ones"
        text += f" (not: {', '.join(self.accepts_mutated)})" if self.accepts_mutated else ""
        text += f"; outputs of {self.unknown} more solutions were not kept" if self.unknown else ""
        return text

    @property
    def title(self) -> str:
        """The proposed decision in one line: ``any_order_of_lines: lines in any order``."""
        name = self.name if self.comparison == Comparison.CHECKER else f"compare as {self.comparison}"
        return f"{name}: {self.accepts}" + (f" (caution: {self.caution})" if self.caution else "")

    @property
    def changes(self) -> Changes:
        """The changes of the decision that adopts it."""
        return Changes(comparison=self.comparison, checker=self.source)

    def to_json(self) -> dict[str, Any]:
        """Return the value in ``review.jsonl``."""
        return {**asdict(self), "accepts_mutated": list(self.accepts_mutated)}

    @classmethod
    def from_json(cls, row: dict[str, Any] | None) -> CheckerProposal | None:
        """Read the value of ``review.jsonl``; None without one. Raises TypeError if it is not a proposal."""
        return None if row is None else cls(**{**row, "accepts_mutated": tuple(row["accepts_mutated"])})
