"""Steps that drop released problems which repeat a benchmark's program, or an earlier problem's statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from curation.overlap.contamination import find_contamination, humaneval_fingerprints
from curation.pipeline.decide import Decided
from curation.pipeline.near_duplicates import DuplicateIndex
from curation.records import Finding, Reason

if TYPE_CHECKING:
    from curation.overlap.drop_overlap import OverlapLimit

STAGE = "dedup"


@dataclass(frozen=True, slots=True)
class DatasetContext:
    """The benchmarks and the earlier statements that a problem is compared with."""

    overlap: OverlapLimit | None = None
    """Also drop problems that share too many lines, or too much of the statement, with a benchmark."""
    fingerprints: Mapping[str, str] = field(default_factory=humaneval_fingerprints)
    statements: DuplicateIndex = field(default_factory=DuplicateIndex)


def drop_contaminated(decided: Decided, context: DatasetContext) -> Decided:
    """Drop a problem whose canonical solution is a benchmark's, or that shares too much with one."""
    if _is_exempt(decided):
        return decided
    finding = contamination_finding(decided.problem.canonical_source, decided.problem.question, context)
    return decided.drop(Reason.CONTAMINATED, finding) if finding else decided


def contamination_finding(program: str, question: str, context: DatasetContext) -> Finding | None:
    """Report the benchmark's task that a program or a statement repeats, if any."""
    if task_id := find_contamination(program, context.fingerprints):
        detail = f"the canonical solution is the same program as that of {task_id}"
        return Finding(STAGE, Reason.CONTAMINATED, detail, {"benchmark": task_id})
    if context.overlap is None:
        return None
    return context.overlap.find(program) or context.overlap.find_statement(question)


def drop_near_duplicates(decided: Decided, context: DatasetContext) -> Decided:
    """Drop a problem whose statement nearly repeats that of an earlier released one."""
    if _is_exempt(decided):
        return decided
    pair = context.statements.add(decided.problem.problem_id, decided.problem.question)
    if pair is None:
        return decided
    detail = f"the statement nearly repeats that of {pair.kept_id} (similarity {pair.similarity:.2f})"
    evidence = {"kept": pair.kept_id, "similarity": round(pair.similarity, 4)}
    return decided.drop(Reason.NEAR_DUPLICATE, Finding(STAGE, Reason.NEAR_DUPLICATE, detail, evidence))


def _is_exempt(decided: Decided) -> bool:
    """Return whether a problem is not released, or was released by a reviewer's decision, which stands."""
    return not decided.released or bool(decided.decisions)
