"""Choose the canonical solution of a problem. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from curation.pipeline.run_solutions import SolutionRun
from curation.records import Finding, Note

STAGE = "verify"


def choose_canonical(runs: Sequence[SolutionRun]) -> SolutionRun | None:
    """Return the first solution that passes every test, as written before repaired; None if none passes."""
    passing = [run for run in runs if run.passed and run.source.strip()]
    return next((run for run in passing if not run.repairs), passing[0] if passing else None)


def canonical_finding(canonical: SolutionRun) -> Finding:
    """Report the canonical solution and the rule by which it was chosen."""
    rule = "the first that passes every test as it was written"
    if canonical.repairs:
        rule = "the first that passes every test; none does as it was written"
    evidence = {"solution": canonical.index, "repairs": list(canonical.repairs)}
    return Finding(STAGE, Note.CANONICAL, f"solution {canonical.index} is canonical: {rule}", evidence)
