"""Describe the runs of the solutions: the reason for which each failed, and the findings. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from curation.pipeline.diagnose import diagnose
from curation.pipeline.run_solutions import SolutionRun
from curation.pipeline.shorten import as_text, shorten, shorten_pair
from curation.records import Finding, Note, Reason, SolutionResult
from harness.judging.repair_program import REPAIRS
from harness.sandbox.execution import Ended, Execution

STAGE = "verify"
SHOWN_WITH_TEST = 3
"""Failures of one reason whose evidence includes the failed test."""
_SKIPPED = {Ended.NOT_RUN, Ended.OUT_OF_BUDGET}


def describe_runs(runs: Sequence[SolutionRun], outputs: Sequence[Any]) -> list[SolutionResult]:
    """Return one result for each solution; a copy has the result of the original."""
    return [
        _describe(run, outputs)
        if run.same_as is None
        else replace(_describe(runs[run.same_as], outputs), index=run.index, same_as=run.same_as)
        for run in runs
    ]


def _describe(run: SolutionRun, outputs: Sequence[Any]) -> SolutionResult:
    failed = tuple(test for test in run.outcome.failed_tests if run.executions[test].ended not in _SKIPPED)
    result = SolutionResult(run.index, "passed", repairs=run.repairs, failed_tests=failed, same_as=run.same_as)
    if not run.stable:
        return replace(result, code=str(Reason.NONDETERMINISTIC), detail="two runs with different seeds differ")
    if not failed:
        cut_short = replace(result, code=str(Note.UNFINISHED), detail="passed every test that it had time for")
        return cut_short if run.cut_short else result
    execution, output = run.executions[failed[0]], outputs[failed[0]]
    expects_output = bool(output.strip()) if isinstance(output, str) else output is not None
    code, detail = diagnose(run.source, execution, expects_output)
    return replace(result, code=str(code), detail=f"test {failed[0]}: {detail}", line=execution.line)


def repair_findings(results: Sequence[SolutionResult]) -> list[Finding]:
    """Return one finding for each repaired solution, copies aside."""
    return [
        Finding(
            STAGE,
            Note.REPAIRED,
            f"solution {result.index}: " + "; ".join(REPAIRS[name] for name in result.repairs),
            {"solution": result.index, "repairs": list(result.repairs), "code": result.code},
        )
        for result in results
        if result.repairs and result.same_as is None
    ]


def failure_findings(
    results: Sequence[SolutionResult], runs: Sequence[SolutionRun], inputs: Sequence[Any], outputs: Sequence[Any]
) -> list[Finding]:
    """Return one finding for each solution that failed or did not finish; the first of each reason with its test."""
    findings = []
    counts: Counter[str] = Counter()
    for result in results:
        if result.code == "passed" or result.same_as is not None:
            continue
        evidence: dict[str, Any] = {"solution": result.index, "failed_tests": list(result.failed_tests[:20])}
        if result.line is not None:
            evidence["line"] = result.line
        if counts[result.code] < SHOWN_WITH_TEST and result.failed_tests:
            evidence |= _failed_test(runs[result.index], result.failed_tests[0], inputs, outputs)
        counts[result.code] += 1
        findings.append(Finding(STAGE, result.code, f"solution {result.index}: {result.detail}", evidence))
    return findings


def _failed_test(run: SolutionRun, test: int, inputs: Sequence[Any], outputs: Sequence[Any]) -> dict[str, Any]:
    execution = run.executions[test]
    expected, actual = shorten_pair(as_text(outputs[test]), _answer(execution))
    shown = {"test": test, "input": shorten(as_text(inputs[test])), "expected": expected}
    return shown | ({"actual": actual} if execution.ended is Ended.FINISHED and run.stable else {})


def _answer(execution: Execution) -> str:
    return execution.output if execution.result is None else execution.result
