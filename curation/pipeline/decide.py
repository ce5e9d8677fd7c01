"""Decide the outcome of a problem: kept, corrected, dropped or needs_review. Pure functions.

1. A problem that cannot be run is dropped for the reason that blocked it.
2. A reviewer's decision on this item, as it is now, is applied; without one, the decision that ships.
3. A problem with a suggestion from the consensus needs review.
4. A problem that some solution passes is kept; *corrected* if its content differs from the raw one.
5. Any other is dropped for the reason for which most of its solutions failed.
6. A problem that is released, without a decision of a reviewer, and strengthened needs review if its statement allows
   several answers that its comparison does not, or its accepted solutions part ways on generated inputs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from apps_plus.problem import Comparison, Conditional, DictKeys, Problem, Tests, ToleranceKind, load_json
from curation.generated_tests.outvoted import with_canonical
from curation.generated_tests.strengthened import LeftAlone, StrengthenedProblem
from curation.pipeline.describe_strengthening import ledger_facts, strengthening_findings
from curation.pipeline.statement_flags import allows_several_answers
from curation.records import Finding, Note, Outcome, Reason, SolutionResult, VerifiedProblem
from curation.review_decisions import Action, Decision, Resolution, Standing

STAGE = "decide"
_CHANGES_CONTENT = {str(Note.DUPLICATE_TEST), str(Note.INTEGER_KEYS), str(Note.RAW_DEFECT)}
_BY_WEIGHT = (
    Reason.OUTPUT_MISMATCH,
    Reason.NONDETERMINISTIC,
    Reason.NO_OUTPUT,
    Reason.TIMEOUT,
    Reason.RUNTIME_ERROR,
    Reason.API_MISUSE,
    Reason.MISSING_DEPENDENCY,
    Reason.INCOMPLETE_CODE,
    Reason.IRRELEVANT_CODE,
    Reason.SYNTAX_ERROR,
)
"""Of equally frequent reasons the first in this list counts: such a solution got further."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A problem with its outcome and the reasons."""

    problem: VerifiedProblem
    outcome: Outcome
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    """Those of this and the later stages; those of earlier stages are in ``problem``."""
    decisions: tuple[Decision, ...] = ()
    """Those applied; for a problem that needs review, those that could not be applied."""
    item_digest: str = ""
    """Digest of the item that is reviewed, if ``problem`` is its correction or has another canonical solution."""
    split: str = ""
    """``train``, ``validation`` or ``test`` for a released problem, once assigned."""
    strengthened: StrengthenedProblem | None = None
    """Its generated tests, or why it has none, in a build with ``--strengthen``."""

    @property
    def released(self) -> bool:
        """True if the problem goes into the dataset."""
        return self.outcome in (Outcome.KEPT, Outcome.CORRECTED)

    @property
    def n_tests(self) -> int:
        """Tests of the problem, generated ones included."""
        given = len(load_json(self.problem.tests)["inputs"]) if self.problem.tests else 0
        return given + (len(self.strengthened.tests) if self.strengthened else 0)

    @property
    def checker(self) -> str:
        """Source of the checker that a decision gives; empty without one."""
        return self.decisions[0].changes.checker if self.problem.comparison == Comparison.CHECKER else ""

    def drop(self, reason: Reason, finding: Finding) -> Decided:
        """Return the problem as dropped by a later step."""
        return replace(self, outcome=Outcome.DROPPED, reasons=(str(reason),), findings=(*self.findings, finding))

    def ledger_row(self) -> dict[str, Any]:
        """Return the line of ``ledger.jsonl``."""
        problem = self.problem
        counts = Counter(result.code for result in problem.solutions)
        return {
            "problem_id": problem.problem_id,
            "split": problem.raw_split,
            "difficulty": problem.difficulty,
            "outcome": str(self.outcome),
            "reasons": list(self.reasons),
            "kind": "call-based" if problem.entry_point else "standard-input",
            "tests": self.n_tests,
            "solutions": dict(sorted(counts.items())),
            "canonical": problem.canonical,
            "comparison": problem.comparison,
            "tolerance": problem.tolerance,
            "tolerance_kind": problem.tolerance_kind,
            "cases": problem.cases,
            "item_digest": self.item_digest or problem.digest(),
            "raw_digest": problem.raw_digest,
            "decisions": [
                {
                    "decision_id": d.decision_id,
                    "reviewer": d.reviewer,
                    "time": d.time,
                    "action": str(d.action),
                    "reason": d.reason,
                    "changes": d.changes.describe() if d.action is Action.CORRECT else [],
                    "note": d.note,
                }
                for d in self.decisions
            ],
            "released_in": self.split,
            **(ledger_facts(self.strengthened) if self.strengthened else {}),
        }


def decide(problem: VerifiedProblem, resolution: Resolution, corrected: VerifiedProblem | None = None) -> Decided:
    """Apply the rules, in the order of this module's docstring.

    Args:
        problem: As the pipeline verified it.
        resolution: The reviewers' decisions on it.
        corrected: The same problem verified with a ``correct`` decision's changes, where there is one.
    """
    if problem.blocked_by:
        return _blocked(problem, resolution)
    undecided = _decide_by_rule(problem)
    if resolution.standing is Standing.APPLIES:
        return _apply(undecided, resolution, corrected)
    if resolution.standing is Standing.NONE:
        return undecided
    if resolution.ships and resolution.standing is Standing.STALE:
        return replace(undecided, findings=(*undecided.findings, _other_raw_problem(resolution)))
    return _return_to_queue(undecided, resolution)


def _blocked(problem: VerifiedProblem, resolution: Resolution) -> Decided:
    text = "what was decided about it cannot be applied: the problem cannot be run"
    evidence = {"decisions": [decision.decision_id for decision in resolution.decisions]}
    lost = (Finding(STAGE, Note.STALE_DECISION, text, evidence),) if resolution.decisions else ()
    return Decided(problem, Outcome.DROPPED, (problem.blocked_by,), lost)


def _decide_by_rule(problem: VerifiedProblem) -> Decided:
    if problem.suggestion is not None:
        several = problem.suggestion.kind in ("drop", "look")
        reason = Reason.MULTIPLE_OUTPUTS if several else Reason.OUTPUT_MISMATCH
        finding = Finding(STAGE, reason, problem.suggestion.text, {"suggestion": problem.suggestion.kind})
        return Decided(problem, Outcome.NEEDS_REVIEW, (str(reason),), (finding,))
    if problem.canonical is not None:
        changes = _content_changes(problem)
        return Decided(problem, Outcome.CORRECTED if changes else Outcome.KEPT, tuple(changes))
    reason, count, of = dominant_reason(problem.solutions)
    if reason is Reason.OUTPUT_MISMATCH and allows_several_answers(problem.question):
        reason = Reason.MULTIPLE_OUTPUTS
    detail = f"no solution passes every test; {count} of {of} fail for this reason"
    return Decided(problem, Outcome.DROPPED, (str(reason),), (Finding(STAGE, reason, detail),))


def _content_changes(problem: VerifiedProblem) -> list[str]:
    changes = [finding.code for finding in problem.findings if finding.code in _CHANGES_CONTENT]
    canonical = next(result for result in problem.solutions if result.index == problem.canonical)
    return [*dict.fromkeys(changes), *([str(Note.REPAIRED)] if canonical.repairs else [])]


def dominant_reason(solutions: Sequence[SolutionResult]) -> tuple[Reason, int, int]:
    """Return the reason for which most solutions failed, their number, and the number of all; copies aside."""
    codes = Counter(result.code for result in solutions if result.same_as is None)
    ranked = sorted(_BY_WEIGHT, key=lambda reason: (-codes[str(reason)], _BY_WEIGHT.index(reason)))
    return ranked[0], codes[str(ranked[0])], sum(codes.values())


def _apply(undecided: Decided, resolution: Resolution, corrected: VerifiedProblem | None) -> Decided:
    decisions = resolution.decisions
    decision = decisions[0]
    who = ", ".join(f"{d.reviewer} ({d.time})" for d in decisions)
    who += " of the decisions that ship with apps-plus" if resolution.ships else ""
    note = Finding(
        STAGE,
        Note.DECISION,
        f"{decision.summary} by {who}" + (f": {decision.note}" if decision.note else ""),
        {"decisions": [d.decision_id for d in decisions], "reason": decision.reason},
    )
    if decision.action is Action.DROP:
        reason = decision.reason or _reasons(undecided)[0]
        return replace(undecided, outcome=Outcome.DROPPED, reasons=(reason,), findings=(note,), decisions=decisions)
    problem = corrected if decision.action is Action.CORRECT else undecided.problem
    if problem is None or problem.canonical is None:
        text = f"{decision.summary} by {who} cannot be applied: no solution passes the tests as decided"
        finding = Finding(STAGE, Note.STALE_DECISION, text, {"decisions": [d.decision_id for d in decisions]})
        return _needs_review(undecided, finding, decisions)
    changes = _content_changes(problem)
    if decision.action is Action.CORRECT:
        changes = [str(Note.DECISION), *changes]
    outcome = Outcome.CORRECTED if changes else Outcome.KEPT
    return Decided(problem, outcome, tuple(changes), (note,), decisions, undecided.problem.digest())


def _return_to_queue(undecided: Decided, resolution: Resolution) -> Decided:
    who = ", ".join(decision.reviewer for decision in resolution.decisions)
    each = "; ".join(f"{decision.reviewer}: {decision.summary}" for decision in resolution.decisions)
    code, text = {
        Standing.STALE: (Note.STALE_DECISION, f"{who} judged an earlier version of this item ({each})"),
        Standing.DISAGREEMENT: (Note.DISAGREEMENT, f"{who} decided differently ({each})"),
        Standing.FLAGGED: (Note.DECISION, f"{who} asks for a second reviewer"),
    }[resolution.standing]
    finding = Finding(STAGE, code, text, {"decisions": [d.decision_id for d in resolution.decisions]})
    return _needs_review(undecided, finding, resolution.decisions)


def _other_raw_problem(resolution: Resolution) -> Finding:
    """Say that shipped decisions were made for other tests or solutions of the problem; they then change nothing."""
    each = "; ".join(f"{decision.reviewer}: {decision.summary}" for decision in resolution.decisions)
    text = f"the decisions that ship with apps-plus are about other raw data of this problem: not applied ({each})"
    evidence = {
        "decisions": [decision.decision_id for decision in resolution.decisions],
        "raw_digests": sorted({decision.raw_digest for decision in resolution.decisions}),
    }
    return Finding(STAGE, Note.STALE_DECISION, text, evidence)


def _needs_review(undecided: Decided, finding: Finding, decisions: tuple[Decision, ...]) -> Decided:
    return replace(
        undecided,
        outcome=Outcome.NEEDS_REVIEW,
        reasons=_reasons(undecided),
        findings=(*undecided.findings, finding),
        decisions=decisions,
    )


def _reasons(undecided: Decided) -> tuple[str, ...]:
    """Return the reasons to review a problem; one that the rules release gets ``output_mismatch``."""
    return (str(Reason.OUTPUT_MISMATCH),) if undecided.released else undecided.reasons


def strengthen(decided: Decided, strengthened: StrengthenedProblem) -> Decided:
    """Give a released problem its generated tests, and another canonical solution if need be, or send it to review."""
    findings = strengthening_findings(strengthened)
    decided = replace(decided, strengthened=strengthened, findings=(*decided.findings, *findings))
    if strengthened.canonical is not None:
        item_digest = decided.item_digest or decided.problem.digest()
        problem = with_canonical(decided.problem, strengthened.canonical)
        decided = replace(decided, problem=problem, item_digest=item_digest)
    if decided.decisions or strengthened.left_alone not in (LeftAlone.SEVERAL_ANSWERS, LeftAlone.PARTED):
        return decided
    reason = str(Reason.MULTIPLE_OUTPUTS)
    return replace(decided, outcome=Outcome.NEEDS_REVIEW, reasons=(reason,))


def release(decided: Decided) -> Problem:
    """Return the problem in the form of the dataset."""
    problem = decided.problem
    canonical = next(result for result in problem.solutions if result.index == problem.canonical)
    tests = Tests.from_json(problem.tests)
    if decided.strengthened is not None:
        new = decided.strengthened.tests
        tests = Tests((*tests.inputs, *new.inputs), (*tests.outputs, *new.outputs), new.generated)
    return Problem(
        problem_id=problem.problem_id,
        question=problem.question,
        canonical_solution=problem.canonical_source,
        entry_point=problem.entry_point,
        tests=tests,
        starter_code=problem.starter_code,
        conditionals=tuple(Conditional(**c) for c in problem.conditionals),
        comparison=Comparison(problem.comparison),
        difficulty=problem.difficulty,
        url=problem.url,
        dict_keys=DictKeys(problem.dict_keys),
        checker=decided.checker,
        repairs=canonical.repairs,
        outcome=str(decided.outcome),
        tolerance=problem.tolerance,
        tolerance_kind=ToleranceKind(problem.tolerance_kind),
        cases=problem.cases,
        test_strength=decided.strengthened.strength if decided.strengthened else None,
    )
