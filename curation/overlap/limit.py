"""What a build drops because it stands in a benchmark line by line (``build --drop-overlap``).

It goes beyond ``curation.overlap.contamination``, which knows one program under any names and is always in force: here
enough lines must be the same, names included, and they may come from several tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from curation.overlap.line_overlap import LineIndex, Match, Reference, rounded
from curation.records import Finding, Reason

MIN_SHARED = 3
"""Different lines that a problem must share to be dropped: two that say ``if n == 0:`` and ``if n == 1:`` tell
nothing, whatever fraction of a short program they are."""


class OverlapLimit:
    """What a build drops: problems that share more than a fraction of their telling lines with a benchmark."""

    def __init__(self, above: float, references: Sequence[Reference]) -> None:
        self.above = above
        self.references = tuple(references)
        self._indexes = [(reference.name, LineIndex(reference.tasks)) for reference in references]

    def find(self, program: str) -> Finding | None:
        """Why a program is too near to a benchmark, or None; the first benchmark that it is too near to."""
        for name, index in self._indexes:
            match = index.match(program)
            if match.fraction > self.above and len(match.shared) >= MIN_SHARED:
                return _contaminated(name, match, self.above)
        return None

    def facts(self) -> dict[str, Any]:
        """What a manifest says of it: what is dropped depends on nothing else."""
        return {
            "above": self.above,
            "min_shared": MIN_SHARED,
            "benchmarks": [reference.facts() for reference in self.references],
        }


def _contaminated(name: str, match: Match, above: float) -> Finding:
    detail = (
        f"{match.matched} of the {match.lines} telling lines of the canonical solution stand in canonical solutions "
        f"of {name} (limit: {above:g} of them)"
    )
    lines = {line: list(tasks) for line, tasks in match.shared.items()}
    evidence = {"benchmark": name, "fraction": rounded(match.fraction), "lines": lines}
    return Finding("dedup", Reason.CONTAMINATED, detail, evidence)
