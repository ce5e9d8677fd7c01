"""Find programs to drop because they share too many lines with a benchmark (``build --drop-overlap``).

This is in addition to ``curation.overlap.contamination``, which is always on and finds whole programs under any names:
here enough lines must be the same, names included, and they may come from several tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from curation.overlap.line_overlap import LineIndex, Match, Reference, rounded
from curation.records import Finding, Reason

MIN_SHARED = 3
"""The least different lines that a dropped problem shares: two such as ``if n == 0:`` and ``if n == 1:`` are no
evidence, even if they are most of a short program."""


class OverlapLimit:
    """Finds programs that share more than a fraction of their telling lines with a benchmark."""

    def __init__(self, above: float, references: Sequence[Reference]) -> None:
        self.above = above
        self.references = tuple(references)
        self._indexes = [(reference.name, LineIndex(reference.tasks)) for reference in references]

    def find(self, program: str) -> Finding | None:
        """Report the first benchmark with which a program shares too many lines, if any."""
        for name, index in self._indexes:
            match = index.match(program)
            if match.fraction > self.above and len(match.shared) >= MIN_SHARED:
                return _contaminated(name, match, self.above)
        return None

    def facts(self) -> dict[str, Any]:
        """Return the entry ``overlap`` of the manifest: everything that the result depends on."""
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
