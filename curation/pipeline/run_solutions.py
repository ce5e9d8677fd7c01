"""Runs every solution of a problem on every test, repairs what can be repaired mechanically, and runs it again.

Two runs with different hash and random seeds tell programs whose output is not theirs to decide. Copies of a
solution run once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import ComparisonRule, DictKeys
from curation.pipeline.diagnose import diagnose
from curation.pipeline.evidence import as_text, shorten, shorten_pair
from curation.records import Finding, Note, Reason, SolutionResult
from harness.judging.judge import JudgedTest, suspects, verdict_of_checker
from harness.judging.outcome import Outcome, outcome_of
from harness.judging.repair import MAX_ROUNDS, REPAIRS, has_broken_string, join_broken_strings, propose
from harness.judging.verdict import Expected, Verdict, expect, value_of, verdict_of
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Execution, Limits, Program

STAGE = "verify"
SECOND_SEED = 1
"""Of the second run; the first has 0."""
SECOND_RUN_SECONDS = 1.0
"""Processor time of one program's second run over all tests: chance shows in the tests that it gets to."""
TOLD_IN_FULL = 3
"""Failures of one reason whose test is part of the evidence."""


class HarnessFaultError(Exception):
    """The sandbox failed, even on its retry: no fault of the program's, and none of the problem's."""


@dataclass(frozen=True, slots=True)
class Runner:
    """What it takes to run one problem's solutions."""

    sandbox: Sandbox
    entry_point: str | None
    inputs: Sequence[Any]
    limits: Limits
    dict_keys: DictKeys = DictKeys.STR

    def run(self, source: str, seed: int = 0) -> list[Execution]:
        """Run a program on every input."""
        return self.run_on(source, self.inputs, seed)

    def run_on(self, source: str, inputs: Sequence[Any], seed: int = 0) -> list[Execution]:
        """Run a program on some inputs. Raises HarnessFaultError where the sandbox failed even on its retry."""
        program = Program(source, self.entry_point)
        executions = self.sandbox.execute(program, inputs, self.limits, seed=seed, dict_keys=self.dict_keys)
        for execution in executions:
            if execution.ended is Ended.HARNESS_ERROR:
                raise HarnessFaultError(execution.message)
        return executions

    def run_alone(self, source: str, seed: int = 0) -> list[Execution]:
        """Run a program on every input, each as if it were the only one; what stops a program stops it here too."""
        executions: list[Execution] = []
        seconds, budget = 0.0, self.limits.program_seconds or float("inf")
        for given in self.inputs:
            if executions and executions[-1].ended in (Ended.TIMEOUT, Ended.NOT_RUN):
                executions.append(Execution(Ended.NOT_RUN))
            elif seconds > budget:
                executions.append(Execution(Ended.OUT_OF_BUDGET))
            else:
                executions.append(self.run_on(source, [given], seed)[0])
                seconds += executions[-1].seconds
        return executions


@dataclass(slots=True)
class SolutionRun:
    """One solution and how it ended on each test, so far."""

    index: int
    source: str
    """Repaired, where ``repairs`` says so."""
    executions: list[Execution]
    repairs: tuple[str, ...] = ()
    same_as: int | None = None
    """The earlier solution with the same text."""
    verdicts: list[Verdict] = field(default_factory=list)
    alone: bool = False
    """Whether each input ran alone, since an earlier call broke a later one."""
    stable: bool = True
    """Whether a second run, with other seeds, said the same."""

    @property
    def outcome(self) -> Outcome:
        """The summary of its first run over the tests."""
        return outcome_of([JudgedTest(*test) for test in zip(self.verdicts, self.executions, strict=True)])

    @property
    def passed(self) -> bool:
        """True if it passes every test, every time."""
        return self.stable and self.outcome.passed

    @property
    def votes(self) -> bool:
        """Whether its outputs count: not a copy's, nor those of a program that contradicts itself or was cut short."""
        return self.stable and self.same_as is None and not self.cut_short

    @property
    def cut_short(self) -> bool:
        """Whether its time for all tests was spent before the last; where that is depends on the machine."""
        return any(execution.ended is Ended.OUT_OF_BUDGET for execution in self.executions)


def run_solutions(runner: Runner, solutions: Sequence[str]) -> list[SolutionRun]:
    """Run each solution once on every test; where it does not run and a repair lets it, repaired."""
    runs: list[SolutionRun] = []
    first_with: dict[str, int] = {}
    for index, source in enumerate(solutions):
        original = first_with.setdefault(source, index)
        if original == index:
            runs.append(SolutionRun(index, *run_repaired(runner, source)))
        else:
            runs.append(replace(runs[original], index=index, same_as=original))
    return runs


def run_repaired(runner: Runner, source: str) -> tuple[str, list[Execution], tuple[str, ...]]:
    """Run a program as it was written; where it fails for a mechanical reason, repaired.

    Returns the source that counts, its executions and the names of its repairs: none where no repair helped.
    """
    as_written = executions = runner.run(source)
    repaired, repairs = source, []
    for _ in range(MAX_ROUNDS):
        step = _repair_once(runner, repaired, executions)
        if step is None:
            break
        name, repaired, executions = step
        if name not in repairs:
            repairs.append(name)
    if not repairs or not any(execution.ended is Ended.FINISHED for execution in executions):
        return source, as_written, ()
    return repaired, executions, tuple(repairs)


def _repair_once(runner: Runner, source: str, executions: list[Execution]) -> tuple[str, str, list[Execution]] | None:
    """The first repair after which the program compiles, or fails later than before, or for another reason."""
    failure = _mechanical_failure(executions)
    if failure is None:
        return None
    fallback = None
    for name, candidate in propose(source, runner.entry_point, failure):
        attempt = runner.run(candidate)
        new = _mechanical_failure(attempt)
        if new is None or (new.ended is not Ended.COMPILE_ERROR and new.message != failure.message):
            return name, candidate, attempt
        if fallback is None and new.ended is Ended.COMPILE_ERROR and (new.line or 0) > (failure.line or 0):
            fallback = name, candidate, attempt
    return fallback


def _mechanical_failure(executions: list[Execution]) -> Execution | None:
    kinds = (Ended.COMPILE_ERROR, Ended.EXCEPTION)
    return next((execution for execution in executions if execution.ended in kinds), None)


def judge_runs(runner: Runner, runs: Sequence[SolutionRun], outputs: Sequence[Any]) -> None:
    """Give every run its verdicts; confirm failures that an earlier call may explain, and mend broken strings."""
    expected = [Expected(output, runner.entry_point is not None) for output in outputs]
    for run in runs:
        if run.same_as is not None:
            original = runs[run.same_as]
            run.source, run.executions, run.repairs = original.source, original.executions, original.repairs
            run.verdicts = original.verdicts
            continue
        run.verdicts = _verdicts(run.executions, expected)
        if not run.passed:
            _confirm_alone(runner, run, expected)
        if not run.passed and has_broken_string(run.source):
            _mend_strings(runner, run, expected)


Judge = Callable[[Sequence[Execution]], list[Verdict]]
"""Gives the executions of one program, one per test, their verdicts."""


def judge_by_comparison(outputs: Sequence[Any], call_based: bool, rule: ComparisonRule) -> Judge:
    """A judge that compares with the expected outputs."""
    expected = expect(outputs, call_based, rule)
    return lambda executions: _verdicts(executions, expected)


def judge_by_checker(problem_id: str, runner: Runner, outputs: Sequence[Any], checker: str) -> Judge:
    """A judge that asks a program: ``check(input, expected, actual) -> bool``.

    It raises InputError where the checker itself does not work.
    """
    asker = replace(runner, entry_point="check", inputs=(), dict_keys=DictKeys.STR)

    def verdict(given: Any, output: Any, execution: Execution) -> Verdict:
        value = value_of(execution)
        if execution.ended is not Ended.FINISHED or (runner.entry_point is not None and value is None):
            return verdict_of(execution, Expected(None, call_based=True))
        actual = execution.output if runner.entry_point is None or value is None else value.value
        answer = asker.run_on(checker, [[given, output, actual]])[0]
        verdict = verdict_of_checker(answer)
        if verdict is Verdict.HARNESS_ERROR:
            told = f"{answer.exception}: {answer.message}".strip(": ") or str(answer.ended)
            raise InputError(f"the checker that a decision gives {problem_id} does not work ({told}): retract it")
        return verdict

    return lambda executions: list(map(verdict, runner.inputs, outputs, executions))


def judge_again(runs: Sequence[SolutionRun], judge: Judge) -> None:
    """Give every run the verdicts of another judge; nothing runs again."""
    for run in runs:
        run.verdicts = runs[run.same_as].verdicts if run.same_as is not None else judge(run.executions)


def _verdicts(executions: Sequence[Execution], expected: Sequence[Expected]) -> list[Verdict]:
    return [verdict_of(execution, test) for execution, test in zip(executions, expected, strict=True)]


def _confirm_alone(runner: Runner, run: SolutionRun, expected: Sequence[Expected]) -> None:
    """Run every input that failed after others again alone: each output is a vote, and must be the program's own."""
    for test in suspects(run.executions, run.outcome.failed_tests):
        first = run.executions[test]
        if first.ended in (Ended.TIMEOUT, Ended.OUT_OF_BUDGET):
            continue
        if not _same_answer(first, runner.run_on(run.source, [runner.inputs[test]])[0]):
            run.executions, run.alone = runner.run_alone(run.source), True
            run.verdicts = _verdicts(run.executions, expected)
            return


def _mend_strings(runner: Runner, run: SolutionRun, expected: Sequence[Expected]) -> None:
    mended = join_broken_strings(run.source)
    executions = _run_like(run, runner, mended)
    verdicts = _verdicts(executions, expected)
    if verdicts.count(Verdict.PASSED) > run.outcome.tests_passed:
        run.source, run.executions, run.verdicts = mended, executions, verdicts
        run.repairs += ("broken_string",)


def run_again(runner: Runner, runs: Sequence[SolutionRun], judge: Judge) -> None:
    """Run every program that answered a second time, with other seeds, and mark those that answer otherwise.

    One that timed out has failed already, and would take its whole time again.
    """
    quick = replace(runner, limits=replace(runner.limits, program_seconds=SECOND_RUN_SECONDS))
    for run in runs:
        if run.same_as is not None:
            run.stable = runs[run.same_as].stable
        elif not _timed_out(run) and any(execution.ended is Ended.FINISHED for execution in run.executions):
            second = _run_like(run, quick, run.source, SECOND_SEED)
            run.stable = _same_answers(run, second, judge(second))


def _run_like(run: SolutionRun, runner: Runner, source: str, seed: int = 0) -> list[Execution]:
    return runner.run_alone(source, seed) if run.alone else runner.run(source, seed)


def _timed_out(run: SolutionRun) -> bool:
    return any(execution.ended is Ended.TIMEOUT for execution in run.executions)


_SAY_NOTHING = {Ended.TIMEOUT, Ended.NOT_RUN, Ended.OUT_OF_BUDGET}


def _same_answers(run: SolutionRun, second: Sequence[Execution], verdicts: Sequence[Verdict]) -> bool:
    """Two passes agree however they are written; otherwise the answers must be the same. Timeouts say nothing."""
    for first, again, verdict, other in zip(run.executions, second, run.verdicts, verdicts, strict=True):
        if {first.ended, again.ended} & _SAY_NOTHING or _same_answer(first, again):
            continue
        if not verdict is other is Verdict.PASSED:
            return False
    return True


def _same_answer(first: Execution, again: Execution) -> bool:
    """Whether both finished with the same output, or failed in the same way (what they had printed is no answer)."""
    if first.ended is not again.ended:
        return False
    return first.ended is not Ended.FINISHED or (first.output, first.result) == (again.output, again.result)


def describe_runs(runs: Sequence[SolutionRun], outputs: Sequence[Any]) -> list[SolutionResult]:
    """What became of each solution, in words."""
    return [
        _describe(run, outputs)
        if run.same_as is None
        else replace(_describe(runs[run.same_as], outputs), index=run.index, same_as=run.same_as)
        for run in runs
    ]


_SKIPPED = {Ended.NOT_RUN, Ended.OUT_OF_BUDGET}


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


def finish_one(runner: Runner, runs: Sequence[SolutionRun], judge: Judge) -> None:
    """Where none has passed everything for want of time only, give solutions all the time they need until one has."""
    if any(run.passed for run in runs):
        return
    patient = replace(runner, limits=replace(runner.limits, program_seconds=None))
    candidates = [run for run in runs if run.same_as is None and is_unfinished(run)]
    for run in sorted(candidates, key=lambda run: bool(run.repairs)):
        run.executions = patient.run(run.source)
        run.verdicts = judge(run.executions)
        if run.passed:
            return


def is_unfinished(run: SolutionRun) -> bool:
    """Whether a solution passed every test that it had time for, and there were more."""
    failed = run.outcome.failed_tests
    return bool(failed) and all(run.executions[test].ended is Ended.OUT_OF_BUDGET for test in failed)


def choose_canonical(runs: Sequence[SolutionRun]) -> SolutionRun | None:
    """The first solution that passes every test; those that run as they were written come before repaired ones."""
    passing = [run for run in runs if run.passed and run.source.strip()]
    return next((run for run in passing if not run.repairs), passing[0] if passing else None)


def repair_findings(results: Sequence[SolutionResult]) -> list[Finding]:
    """One finding per repaired solution."""
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
    """One finding per solution that did not pass, or not finish; the first few of each kind with the failed test."""
    findings = []
    told: Counter[str] = Counter()
    for result in results:
        if result.code == "passed" or result.same_as is not None:
            continue
        evidence: dict[str, Any] = {"solution": result.index, "failed_tests": list(result.failed_tests[:20])}
        if result.line is not None:
            evidence["line"] = result.line
        if told[result.code] < TOLD_IN_FULL and result.failed_tests:
            evidence |= _failed_test(runs[result.index], result.failed_tests[0], inputs, outputs)
        told[result.code] += 1
        findings.append(Finding(STAGE, result.code, f"solution {result.index}: {result.detail}", evidence))
    return findings


def _failed_test(run: SolutionRun, test: int, inputs: Sequence[Any], outputs: Sequence[Any]) -> dict[str, Any]:
    execution = run.executions[test]
    actual = execution.output if execution.result is None else execution.result
    expected, actual = shorten_pair(as_text(outputs[test]), actual)
    shown = {"test": test, "input": shorten(as_text(inputs[test])), "expected": expected}
    return shown | ({"actual": actual} if execution.ended is Ended.FINISHED and run.stable else {})
