"""Chooses how the outputs of a problem are compared: by what the statement says, then by what the solutions print.

1. A statement that allows an error makes it ``float`` with that tolerance, whatever the solutions print.
2. A statement that lets letters come in any case makes it ``case``, unless case is part of the expected outputs.
3. Otherwise it is the strictest of ``exact``, ``tokens`` and ``float`` under which no more solutions would pass in a
   laxer one. For ``float`` a solution that happens to divide with ``/`` is no evidence: where no expected output has a
   decimal point, ``3.0`` for ``3`` counts only if at least a share of ``DISSENT`` of those that pass print it so.

Pure functions over verified runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps_plus.problem import USUAL_TOLERANCE, Comparison, ComparisonRule, dump_json
from apps_plus.stated_tolerance import stated_tolerance
from curation.case_structure import tell_cases_apart
from curation.letter_case import allows_any_case, case_tells_nothing
from curation.records import Finding, Note
from curation.verify import SolutionRun
from harness.execution import Execution
from harness.numbers import EVERYWHERE, real_places
from harness.verdict import Expected, Verdict, expect, verdict_of

STAGE = "consensus"
DISSENT = 0.2
"""Share of the solutions; fewer are careless as often as they show how the task's own judge reads numbers."""


def choose_rule(
    question: str, runs: Sequence[SolutionRun], outputs: Sequence[Any], call_based: bool
) -> tuple[ComparisonRule, Finding | None]:
    """How outputs are compared, and on what evidence; no finding where it is ``exact``."""
    exact = ComparisonRule()
    passing = {exact: _passing(runs, outputs, call_based, exact)}
    stated = _stated_rules(question, outputs)
    if stated:
        passing |= {rule: _passing(runs, outputs, call_based, rule) for rule in stated}
        chosen = max(stated, key=lambda rule: len(passing[rule]))  # the first of equally good ones
        allowed = {
            Comparison.FLOAT: f"the statement allows an error of {chosen.tolerance}",
            Comparison.CASE: "the statement lets letters come in any case",
        }
        return chosen, _finding(chosen, allowed[chosen.comparison], passing[chosen] - passing[exact])
    modes = [Comparison.TOKENS, Comparison.FLOAT]
    if call_based:  # values have no tokens
        modes.remove(Comparison.TOKENS)
    passing |= {rule: _passing(runs, outputs, call_based, rule) for rule in map(ComparisonRule, modes)}
    lax = ComparisonRule(Comparison.FLOAT)
    if not _is_evidence(outputs, call_based, passing, lax):
        del passing[lax]
    most = max(map(len, passing.values()))
    chosen = next(rule for rule in passing if len(passing[rule]) == most)
    if chosen == exact:
        return chosen, None
    gained = passing[chosen] - passing[exact]
    return chosen, _finding(chosen, f"{len(gained)} more solutions pass than compared exactly", gained)


def _stated_rules(question: str, outputs: Sequence[Any]) -> list[ComparisonRule]:
    """What the statement asks for, where the expected outputs can be compared so."""
    rules = []
    tolerance = stated_tolerance(question)
    if tolerance is not None and any(character.isdigit() for output in outputs for character in _text(output)):
        rules.append(ComparisonRule(Comparison.FLOAT, tolerance))
    if allows_any_case(question) and case_tells_nothing(outputs):
        rules.append(ComparisonRule(Comparison.CASE))
    return rules


def _is_evidence(
    outputs: Sequence[Any], call_based: bool, passing: dict[ComparisonRule, set[int]], lax: ComparisonRule
) -> bool:
    """Whether what passes as ``float`` only shows that numbers are real, or that many solutions write them so."""
    if real_places(outputs, call_based) is not EVERYWHERE:
        return True
    stricter = set().union(*(indices for rule, indices in passing.items() if rule != lax))
    return len(passing[lax] - stricter) >= DISSENT * len(passing[lax])


def _finding(rule: ComparisonRule, why: str, gained: set[int]) -> Finding:
    evidence: dict[str, Any] = {"comparison": str(rule.comparison), "solutions": sorted(gained)[:20]}
    if rule.tolerance.is_stated:
        evidence |= {"tolerance": rule.tolerance.value, "tolerance_kind": str(rule.tolerance.kind)}
    return Finding(STAGE, Note.COMPARISON, f"compared as {rule.comparison}: {why}", evidence)


def _text(output: Any) -> str:
    return output if isinstance(output, str) else dump_json(output)


def _passing(runs: Sequence[SolutionRun], outputs: Sequence[Any], call_based: bool, rule: ComparisonRule) -> set[int]:
    expected = expect(outputs, call_based, rule)
    return {run.index for run in runs if run.same_as is None and _passes(run.executions, expected)}


def _passes(executions: Sequence[Execution], expected: Sequence[Expected]) -> bool:
    return all(verdict_of(e, x) is Verdict.PASSED for e, x in zip(executions, expected, strict=True))


def rule_for(
    mode: Comparison, question: str, inputs: Sequence[Any], outputs: Sequence[Any], call_based: bool
) -> ComparisonRule:
    """The rule that a reviewer means who names a mode: the statement's tolerance, its cases as they are told apart."""
    tolerance = stated_tolerance(question) if mode is Comparison.FLOAT else None
    cases = "" if call_based or mode is not Comparison.UNORDERED else tell_cases_apart(question, inputs, outputs)
    return ComparisonRule(mode, tolerance or USUAL_TOLERANCE, cases)
