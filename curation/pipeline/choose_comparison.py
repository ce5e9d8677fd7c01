"""Choose how the outputs of a problem are compared, by its statement, then by the outputs of its solutions.

1. A statement that allows an error gives ``float`` with that tolerance.
2. A statement that allows letters in any case gives ``case``, unless case is part of the expected outputs.
3. Otherwise, and if no solution passes by the rule of 1 or 2 (expected outputs may be rounded more than a statement
   allows), it is the strictest of ``exact``, ``tokens`` and ``float`` under which as many solutions pass as under a
   laxer one. A solution that happens to divide with ``/`` is no evidence for ``float``: if no expected output has a
   decimal point, ``3.0`` for ``3`` counts only if at least a share of ``DISSENT`` of the passing solutions print it.

Pure functions over runs of solutions.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

from apps_plus.problem import USUAL_TOLERANCE, Comparison, ComparisonRule, dump_json
from apps_plus.stated_tolerance import stated_tolerance
from curation.pipeline.case_structure import detect_cases
from curation.pipeline.letter_case import allows_any_case, case_is_free
from curation.pipeline.run_solutions import SolutionRun
from curation.records import Finding, Note
from harness.judging.numbers import EVERYWHERE, real_places
from harness.judging.verdict import Expected, Verdict, expect, verdict_of
from harness.sandbox.execution import Execution

STAGE = "consensus"
EXACT, TOKENS, FLOAT = (ComparisonRule(mode) for mode in (Comparison.EXACT, Comparison.TOKENS, Comparison.FLOAT))
_STATED = {
    Comparison.FLOAT: "the statement allows an error of {}",
    Comparison.CASE: "the statement lets letters come in any case",
}
DISSENT = 0.2
"""Share of the solutions from which their disagreement is evidence; fewer may just be careless."""


def choose_rule(
    question: str, runs: Sequence[SolutionRun], outputs: Sequence[Any], call_based: bool
) -> tuple[ComparisonRule, Finding | None]:
    """Return how outputs are compared and the evidence; no finding for ``exact``."""
    exactly = _passing(runs, outputs, call_based, EXACT)
    stated = {rule: _passing(runs, outputs, call_based, rule, exactly) for rule in _stated_rules(question, outputs)}
    usual = _usual_rules(runs, outputs, call_based, exactly) if not any(stated.values()) else {}
    if stated and not any(usual.values()):
        chosen = max(stated, key=lambda rule: len(stated[rule]))  # the first of equally good ones
        return chosen, _finding(chosen, _STATED[chosen.comparison].format(chosen.tolerance), stated[chosen] - exactly)
    most = max(map(len, usual.values()))
    chosen = next(rule for rule in usual if len(usual[rule]) == most)
    if chosen == EXACT:
        return chosen, None
    gained = usual[chosen] - exactly
    return chosen, _finding(chosen, f"{len(gained)} more solutions pass than compared exactly", gained)


def _usual_rules(
    runs: Sequence[SolutionRun], outputs: Sequence[Any], call_based: bool, exactly: set[int]
) -> dict[ComparisonRule, set[int]]:
    """Return the rules for a statement that states none, the strictest first, each with the solutions that pass."""
    rules = [EXACT, FLOAT] if call_based else [EXACT, TOKENS, FLOAT]  # values have no tokens
    passing = {EXACT: exactly} | {rule: _passing(runs, outputs, call_based, rule, exactly) for rule in rules[1:]}
    if real_places(outputs, call_based) is EVERYWHERE:
        needing = passing[FLOAT].difference(*(passing[rule] for rule in rules if rule != FLOAT))
        if len(needing) < DISSENT * len(passing[FLOAT]):
            del passing[FLOAT]
    return passing


def _stated_rules(question: str, outputs: Sequence[Any]) -> list[ComparisonRule]:
    """Return the rules that the statement asks for and that suit the expected outputs."""
    rules = []
    tolerance = stated_tolerance(question)
    if tolerance is not None and any(character.isdigit() for output in outputs for character in _text(output)):
        rules.append(ComparisonRule(Comparison.FLOAT, tolerance))
    if allows_any_case(question) and case_is_free(outputs):
        rules.append(ComparisonRule(Comparison.CASE))
    return rules


def _finding(rule: ComparisonRule, why: str, gained: set[int]) -> Finding:
    evidence: dict[str, Any] = {"comparison": str(rule.comparison), "solutions": sorted(gained)[:20]}
    if rule.tolerance.is_stated:
        evidence |= {"tolerance": rule.tolerance.value, "tolerance_kind": str(rule.tolerance.kind)}
    return Finding(STAGE, Note.COMPARISON, f"compared as {rule.comparison}: {why}", evidence)


def _text(output: Any) -> str:
    return output if isinstance(output, str) else dump_json(output)


def _passing(
    runs: Sequence[SolutionRun],
    outputs: Sequence[Any],
    call_based: bool,
    rule: ComparisonRule,
    exactly: Set[int] = frozenset(),
) -> set[int]:
    """Return the solutions that pass by a rule, copies aside. Those that pass ``exactly`` pass by every other."""
    expected = expect(outputs, call_based, rule)
    others = (run for run in runs if run.same_as is None and run.index not in exactly)
    return {*exactly, *(run.index for run in others if _passes(run.executions, expected))}


def _passes(executions: Sequence[Execution], expected: Sequence[Expected]) -> bool:
    return all(verdict_of(e, x) is Verdict.PASSED for e, x in zip(executions, expected, strict=True))


def rule_for(
    mode: Comparison, question: str, inputs: Sequence[Any], outputs: Sequence[Any], call_based: bool
) -> ComparisonRule:
    """Return the rule for a mode that a reviewer chose: with the statement's tolerance, and its division into cases."""
    tolerance = stated_tolerance(question) if mode is Comparison.FLOAT else None
    cases = "" if call_based or mode is not Comparison.UNORDERED else detect_cases(question, inputs, outputs)
    return ComparisonRule(mode, tolerance or USUAL_TOLERANCE, cases)
