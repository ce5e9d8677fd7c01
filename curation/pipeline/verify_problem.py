"""What happens to one raw problem, from its raw text to its votes.

    ingest -> screen -> normalize -> verify -> consensus

Each stage either goes on or gives a reason; what comes out is a ``VerifiedProblem``, which the build journals. The
stages after it (decide, dedup, split, publish) look at the whole dataset and stand in ``curation.build``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from apps_plus.conditionals import find_conditionals
from apps_plus.errors import InputError
from apps_plus.problem import DIFFICULTIES, Comparison, DictKeys, RawProblem, dump_json, load_json
from curation.pipeline.case_structure import tell_cases_apart
from curation.pipeline.choose_comparison import choose_rule, rule_for
from curation.pipeline.consensus import count_votes, suggest, vote_findings
from curation.pipeline.normalize import ShapedTests, Unusable, has_integer_like_keys, parse_tests, resolve_wrapping
from curation.pipeline.run_solutions import (
    Runner,
    SolutionRun,
    choose_canonical,
    describe_runs,
    failure_findings,
    finish_one,
    judge_again,
    judge_by_checker,
    judge_by_comparison,
    judge_runs,
    repair_findings,
    run_again,
    run_solutions,
)
from curation.pipeline.statement_flags import is_image_only, is_interactive, mentions_image
from curation.records import Finding, Note, Reason, VerifiedProblem
from curation.review_decisions import Changes
from harness.judging.comparison import same_value
from harness.judging.verdict import value_of
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Limits

STAGE = "verify"
PIPELINE_VERSION = 4
"""Part of every journal key: raised whenever a change of the stages may change what they say."""


def verify_problem(
    raw: RawProblem, sandbox: Sandbox, limits: Limits, changes: Changes | None = None
) -> VerifiedProblem:
    """Take one raw problem through the stages up to the consensus.

    Args:
        raw: The problem.
        sandbox: The worker that runs its solutions.
        limits: For each run of a solution on a test.
        changes: What a reviewer decided to correct; None for the problem as it is.

    Raises:
        HarnessFaultError: The sandbox failed, even on its own retry.
        InputError: The changes do not fit the problem.
    """
    findings = [Finding("ingest", Note.RAW_DEFECT, defect) for defect in raw.defects]
    if raw.difficulty not in DIFFICULTIES:
        findings.append(Finding("ingest", Note.UNKNOWN_TIER, f"{raw.difficulty!r} is none of APPS's three tiers"))
    shaped, notes = parse_tests(raw.input_output)
    solutions, fault = parse_solutions(raw.solutions)
    blocking = [unusable.finding for unusable in (shaped,) if isinstance(unusable, Unusable)]
    blocking += [fault] if fault else []
    blocking += screen(raw.question)
    if mentions_image(raw.question):
        findings.append(Finding("screen", Note.MENTIONS_IMAGE, "the statement leans on an image"))
    problem = VerifiedProblem(
        problem_id=raw.problem_id,
        raw_split=raw.split,
        difficulty=raw.difficulty,
        url=raw.url,
        question=raw.question,
        starter_code=raw.starter_code,
        findings=(*findings, *notes, *blocking),
        blocked_by=blocking[0].code if blocking else "",
    )
    if isinstance(shaped, Unusable):
        return problem
    if blocking:
        tests = dump_json({"inputs": shaped.inputs, "outputs": shaped.outputs})
        return replace(problem, entry_point=shaped.entry_point, tests=tests)
    return verify_tests(problem, shaped, solutions, sandbox, limits, changes)


def parse_solutions(text: str | None) -> tuple[list[str], Finding | None]:
    """The list of programs, or the reason why there is none."""
    if text is None:
        return [], Finding("screen", Reason.MISSING_SOLUTION, "the file solutions.json is missing")
    try:
        solutions = load_json(text)
    except (ValueError, RecursionError) as error:
        return [], Finding("screen", Reason.MALFORMED_JSON, f"solutions is not JSON: {error}")
    if not isinstance(solutions, list) or not all(isinstance(source, str) for source in solutions):
        return [], Finding("screen", Reason.MALFORMED_JSON, "solutions is not a list of programs")
    if not any(source.strip() for source in solutions):
        return [], Finding("screen", Reason.MISSING_SOLUTION, "the list of solutions is empty")
    return solutions, None


def screen(question: str) -> list[Finding]:
    """Reasons why a statement alone cannot be used."""
    if not question.strip():
        return [Finding("screen", Reason.IMAGE_ONLY, "the statement has no text")]
    if is_image_only(question):
        return [Finding("screen", Reason.IMAGE_ONLY, "the statement is an image", {"statement": question[:300]})]
    if is_interactive(question):
        return [Finding("screen", Reason.INTERACTIVE, "the statement asks for a dialogue with a hidden judge")]
    return []


@dataclass(slots=True)
class Reading:
    """One way to read the tests, and what the solutions make of it."""

    runner: Runner
    runs: list[SolutionRun]
    outputs: list[Any]
    findings: list[Finding]

    def count_passing(self) -> int:
        """How many solutions pass every test."""
        return sum(run.passed for run in self.runs)


def verify_tests(
    problem: VerifiedProblem,
    shaped: ShapedTests,
    solutions: Sequence[str],
    sandbox: Sandbox,
    limits: Limits,
    changes: Changes | None,
) -> VerifiedProblem:
    """Run everything, then settle how tests are read and compared, who passes, and what is disputed."""
    call_based = shaped.entry_point is not None
    outputs = shaped.outputs
    runner = Runner(sandbox, shaped.entry_point, shaped.inputs, limits)
    reading = read_tests(runner, solutions, outputs)
    if call_based and has_integer_like_keys(shaped.inputs):
        other = read_tests(replace(runner, dict_keys=DictKeys.INT), solutions, outputs)
        if other.count_passing() > reading.count_passing():
            gained = other.count_passing() - reading.count_passing()
            detail = f"{gained} more solutions pass when keys of dict arguments are integers again"
            reading = replace_findings(other, Finding("normalize", Note.INTEGER_KEYS, detail))
    if changes is not None:
        reading.outputs = corrected_outputs(problem.problem_id, reading.outputs, changes, call_based)
    runner, runs, outputs = reading.runner, reading.runs, reading.outputs
    rule, why = choose_rule(problem.question, runs, outputs, call_based)
    if changes is not None and changes.comparison:
        mode = Comparison(changes.comparison)
        rule, why = rule_for(mode, problem.question, runner.inputs, outputs, call_based), None
    judge = judge_by_comparison(outputs, call_based, rule)
    if changes is not None and rule.comparison is Comparison.CHECKER:
        judge = judge_by_checker(problem.problem_id, runner, outputs, changes.checker)
    judge_again(runs, judge)
    finish_one(runner, runs, judge)
    run_again(runner, runs, judge)
    results = describe_runs(runs, outputs)
    votes = count_votes(runs, outputs, call_based, rule)
    cases = "" if call_based else tell_cases_apart(problem.question, runner.inputs, outputs)
    suggestion = None if changes else suggest(problem.question, votes, runs, runner.inputs, call_based, cases)
    canonical = choose_canonical(runs)
    if changes is not None and changes.canonical is not None:
        canonical = next((run for run in runs if run.index == changes.canonical and run.passed), None)
    findings = [
        *problem.findings,
        *reading.findings,
        *repair_findings(results),
        *failure_findings(results, runs, runner.inputs, outputs),
        *([why] if why else []),
        *vote_findings(votes, runner.inputs),
    ]
    conditionals: tuple[dict[str, Any], ...] = ()
    if canonical is not None:
        findings.append(canonical_finding(canonical))
        try:
            conditionals = tuple(asdict(c) for c in find_conditionals(canonical.source.removeprefix("\ufeff")))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            findings.append(Finding(STAGE, Note.NO_CONDITIONALS, f"{type(error).__name__}: {error}"))
    return replace(
        problem,
        entry_point=shaped.entry_point,
        tests=dump_json({"inputs": shaped.inputs, "outputs": outputs}),
        dict_keys=str(runner.dict_keys),
        comparison=str(rule.comparison),
        tolerance=rule.tolerance.value,
        tolerance_kind=str(rule.tolerance.kind),
        cases=rule.cases,
        findings=tuple(findings),
        solutions=tuple(results),
        votes=tuple(votes),
        suggestion=suggestion,
        canonical=canonical.index if canonical else None,
        canonical_source=canonical.source if canonical else "",
        conditionals=conditionals,
        sources={str(run.index): run.source for run in runs if run.same_as is None},
    )


def read_tests(runner: Runner, solutions: Sequence[str], outputs: Sequence[Any]) -> Reading:
    """Run the solutions, settle which outputs are wrapped, and judge them exactly."""
    runs = run_solutions(runner, solutions)
    findings = []
    values = list(outputs)
    if runner.entry_point is not None:
        values, finding = resolve_wrapping(outputs, lambda test, value: count_returning(runs, test, value))
        findings = [finding] if finding else []
    judge_runs(runner, runs, values)
    return Reading(runner, runs, values, findings)


def replace_findings(reading: Reading, finding: Finding) -> Reading:
    """The same reading with one more finding."""
    return Reading(reading.runner, reading.runs, reading.outputs, [*reading.findings, finding])


def count_returning(runs: Sequence[SolutionRun], test: int, value: Any) -> int:
    """How many solutions, copies aside, return this value on this test (floats within tolerance)."""
    count = 0
    for run in runs:
        execution = run.executions[test]
        if run.same_as is None and execution.ended is Ended.FINISHED:
            returned = value_of(execution)
            count += returned is not None and same_value(value, returned.value, Comparison.FLOAT)
    return count


def corrected_outputs(problem_id: str, outputs: Sequence[Any], changes: Changes, call_based: bool) -> list[Any]:
    """The outputs with a reviewer's corrections in place. Raises InputError where one has no place, or no JSON."""
    corrected = list(outputs)
    for test, text in changes.outputs.items():
        try:
            corrected[int(test)] = load_json(text) if call_based else text
        except (IndexError, ValueError, RecursionError) as error:
            what = f"there is no test {test}" if isinstance(error, IndexError) else f"the output is not JSON: {error}"
            raise InputError(f"a decision corrects test {test} of {problem_id}, but {what}: retract it") from error
    return corrected


def canonical_finding(canonical: SolutionRun) -> Finding:
    """Which solution is the canonical one, and by which rule."""
    rule = "the first that passes every test as it was written"
    if canonical.repairs:
        rule = "the first that passes every test; none does as it was written"
    evidence = {"solution": canonical.index, "repairs": list(canonical.repairs)}
    return Finding("verify", Note.CANONICAL, f"solution {canonical.index} is canonical: {rule}", evidence)
