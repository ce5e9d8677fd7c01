"""Score one program on one benchmark problem: run its suites in the sandbox, and describe the failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from apps_plus.problem import Comparison, Problem, Tests, dump_json
from harness.judging.judge import JudgedTest, judge, judge_checks, run_confirmed
from harness.judging.judged_program import summarize_tests
from harness.judging.late_annotations import EVALUATED_LATE, with_eager_annotations
from harness.judging.verdict import Verdict, value_of
from harness.sandbox import Sandbox
from harness.sandbox.execution import Checks, Ended, Execution, Limits, Program
from harness.scoring.benchmarks.apps_judge import verdict_of_value
from harness.scoring.benchmarks.benchmark import BenchmarkProblem, PlusTests, Suite
from harness.scoring.benchmarks.evalplus.chunks import Chunks, chunks_of
from harness.scoring.benchmarks.evalplus.judge import judge_chunks
from harness.scoring.benchmarks.evalplus.references import BrokenReferenceError
from harness.scoring.leniency import Lenience
from harness.scoring.other_judge_repair import RepairedProgram, missing_import, repair_once
from harness.scoring.other_judges.judges import OtherJudge
from harness.scoring.other_judges.predict import ComparedProgram, could_differ

SHOWN = 80
"""Characters of an output that a detail shows."""
OVERRUN = 1.75
"""Processor time, in multiples of the limit, to which a program that shares its processor is watched. A busy machine
makes the same work take more processor time, but not twice as much (``docs/timeouts.md``)."""


@dataclass(frozen=True, slots=True)
class Score:
    """The verdict of one program on one problem, and its reasons."""

    verdict: Verdict
    detail: str = ""
    exception: str = ""
    tests_passed: int = 0
    tests_total: int = 0
    seconds: float = 0.0
    """Processor time."""
    base: Verdict | None = None
    """The verdict on the first of several suites; None if there is one suite."""
    imports: tuple[str, ...] = ()
    leniences: tuple[str, ...] = ()
    """Both as in ``SampleResult``."""
    unsure: bool = False
    """True if the machine may have caused the verdict: a timeout under load, or a shared resource that ran out."""
    as_judge: str = ""
    could_differ: tuple[str, ...] = ()
    """Both as in ``SampleResult``."""


class _Scored(NamedTuple):
    score: Score
    failure: Execution | None = None
    """The execution that failed; None if the program passed."""
    judged: Sequence[JudgedTest] = ()
    """The tests of the last suite that ran."""


def score(
    sandbox: Sandbox, problem: BenchmarkProblem, source: str, limits: Limits, as_judge: OtherJudge | None = None
) -> Score:
    """Run a program on a problem's suites, one after another, up to the first that it fails.

    A program that fails for lack of an import runs again with it. Where the problem gives imports, that is its score;
    elsewhere the score is that of the unchanged program, and names the imports with which it would have passed.

    A program that passes only because its annotations are not evaluated (Python 3.14) has that lenience.

    With ``as_judge``, for problems of raw APPS, the score says why that judge's verdict could differ.

    Raises SandboxError as ``Sandbox.execute`` does.
    """
    first = RepairedProgram(source)
    program, run = _score_repaired(sandbox, problem, first, limits, problem.gives_imports)
    scored = _with_leniences(run.score, program)
    if EVALUATED_LATE and run.failure is None and _needs_late_annotations(sandbox, problem, program, limits):
        scored = replace(scored, leniences=(*scored.leniences, Lenience.LATE_ANNOTATIONS))
    if as_judge is not None:
        scored = _compared_with(as_judge, problem, source, program, scored, run.judged)
    if run.failure is None or missing_import(run.failure, problem.entry_point) is None or problem.gives_imports:
        return scored
    with_imports, again = _score_repaired(sandbox, problem, program, limits, True, run)
    passed = again.score.verdict is Verdict.PASSED
    return replace(scored, imports=with_imports.imports if passed else (), unsure=scored.unsure or again.score.unsure)


def _score_repaired(
    sandbox: Sandbox,
    problem: BenchmarkProblem,
    program: RepairedProgram,
    limits: Limits,
    imports: bool,
    run: _Scored | None = None,
) -> tuple[RepairedProgram, _Scored]:
    """Run a program, and repair and rerun it while a repair is possible; ``run`` is its first run, if there was one."""
    run = run or _score_suites(sandbox, problem, program.source, limits)
    inside_function = problem.as_apps_judge
    while run.failure is not None:
        repaired = repair_once(
            program, run.failure, problem.entry_point, imports=imports, inside_function=inside_function
        )
        if repaired is None:
            break
        program, run = repaired, _score_suites(sandbox, problem, repaired.source, limits)
    return program, run


def _needs_late_annotations(
    sandbox: Sandbox, problem: BenchmarkProblem, program: RepairedProgram, limits: Limits
) -> bool:
    """Return whether a program that passed fails on an undefined name where its annotations are evaluated."""
    eager = with_eager_annotations(program.source)
    if eager is None:
        return False
    _, run = _score_repaired(sandbox, problem, replace(program, source=eager), limits, problem.gives_imports)
    return run.failure is not None and run.failure.exception == "NameError"


def _compared_with(
    judge: OtherJudge,
    problem: BenchmarkProblem,
    source: str,
    program: RepairedProgram,
    scored: Score,
    judged: Sequence[JudgedTest],
) -> Score:
    """Add the reasons why another judge's verdict could differ from this score."""
    [suite] = problem.suites
    assert isinstance(suite.tests, Tests), "raw APPS has inputs and outputs"
    facts = ComparedProgram(source, problem.entry_point, suite.tests, judged, program.imports)
    return replace(scored, as_judge=str(judge), could_differ=tuple(map(str, could_differ(judge, facts))))


def _with_leniences(scored: Score, program: RepairedProgram) -> Score:
    """Add the repairs of a program to its score."""
    if not program.leniences:
        return scored
    parts = [f"given an import of {', '.join(program.imports)}"] if program.imports else []
    parts += [str(repair) for repair in dict.fromkeys(program.repairs)]
    repairs = f"as under other judges ({'; '.join(parts)})"
    return replace(
        scored,
        detail=f"{repairs}: {scored.detail}" if scored.detail else repairs,
        imports=program.imports,
        leniences=(*program.leniences, *scored.leniences),
    )


def _score_suites(sandbox: Sandbox, problem: BenchmarkProblem, source: str, limits: Limits) -> _Scored:
    run, passed, seconds, base = _Scored(Score(Verdict.PASSED)), 0, 0.0, None
    for suite in problem.suites:
        run = _score_suite(sandbox, problem, suite, source, limits)
        passed, seconds = passed + run.score.tests_passed, seconds + run.score.seconds
        base = run.score.verdict if base is None else base
        if run.score.verdict is not Verdict.PASSED:
            break
    total = replace(
        run.score,
        tests_passed=passed,
        tests_total=sum(_size(suite) for suite in problem.suites),
        seconds=round(seconds, 4),
        base=base if len(problem.suites) > 1 else None,
    )
    return _Scored(total, run.failure, run.judged)


def _size(suite: Suite) -> int:
    return len(suite.tests) if isinstance(suite.tests, Tests) else 1


def _score_suite(sandbox: Sandbox, problem: BenchmarkProblem, suite: Suite, source: str, limits: Limits) -> _Scored:
    try:
        tests = _prepared_tests(sandbox, problem, suite)
    except BrokenReferenceError as error:
        return _Scored(Score(Verdict.HARNESS_ERROR, str(error)))
    judged = _judge_suite(sandbox, problem, tests, source, limits)
    if not judged:  # EvalPlus has problems to which it adds no inputs
        return _Scored(Score(Verdict.PASSED, tests_passed=1, tests_total=1))
    outcome = summarize_tests(judged)
    worst = judged[outcome.worst_test]
    scored = Score(
        outcome.verdict,
        _skipped_inputs(suite, tests) if outcome.passed else _detail(problem, suite, source, outcome.worst_test, worst),
        _exception(worst),
        outcome.tests_passed if isinstance(suite.tests, Tests) else int(outcome.passed),
        _size(suite),
        outcome.seconds,
        leniences=_value_leniences(problem, suite, judged) if outcome.passed else (),
        unsure=any(is_unsure(test) for test in judged),
    )
    return _Scored(scored, None if outcome.passed else worst.execution, judged)


def _prepared_tests(sandbox: Sandbox, problem: BenchmarkProblem, suite: Suite) -> Checks | Tests | Chunks:
    """Return the tests in the form that runs. Raises BrokenReferenceError as ``chunks_of`` does."""
    if not isinstance(suite.tests, PlusTests):
        return suite.tests
    assert problem.entry_point is not None, "EvalPlus's tests call a function"
    return chunks_of(sandbox, suite.tests, problem.entry_point)


def _skipped_inputs(suite: Suite, tests: Checks | Tests | Chunks) -> str:
    if isinstance(tests, Chunks) and tests.left_out:
        return f"{suite.name}: {tests.left_out} of its inputs left out, their answers are too large"
    return ""


def _judge_suite(
    sandbox: Sandbox, problem: BenchmarkProblem, tests: Checks | Tests | Chunks, source: str, limits: Limits
) -> Sequence[JudgedTest]:
    match tests:
        case Chunks():
            return judge_chunks(sandbox, source, tests, limits)
        case Checks():
            return [judge_checks(sandbox, Program(source, problem.entry_point), tests, limits)]
        case Tests() if problem.as_apps_judge and problem.entry_point is not None:
            return _judge_values(sandbox, problem, tests, source, limits)
        case Tests():
            return judge(sandbox, source, _as_released(problem, tests), limits)


def _judge_values(
    sandbox: Sandbox, problem: BenchmarkProblem, tests: Tests, source: str, limits: Limits
) -> list[JudgedTest]:
    """Run a function and compare its return values as APPS's judge does."""

    def verdict(test: int, execution: Execution) -> Verdict:
        return verdict_of_value(execution, tests.outputs[test])[0]

    executions = run_confirmed(
        sandbox, Program(source, problem.entry_point), tests.inputs, verdict, limits, dict_keys=problem.dict_keys
    )
    return [JudgedTest(verdict(test, execution), execution) for test, execution in enumerate(executions)]


def _value_leniences(problem: BenchmarkProblem, suite: Suite, judged: Sequence[JudgedTest]) -> tuple[str, ...]:
    """Return the leniences that a function needed to pass, where it is judged like APPS's judge."""
    if not (problem.as_apps_judge and problem.entry_point is not None and isinstance(suite.tests, Tests)):
        return ()
    tests = zip(judged, suite.tests.outputs, strict=True)
    leniences = (verdict_of_value(test.execution, output)[1] for test, output in tests)
    return tuple(dict.fromkeys(lenience for of_test in leniences for lenience in of_test))


def _as_released(problem: BenchmarkProblem, tests: Tests) -> Problem:
    """Convert a benchmark problem to the ``Problem`` that ``harness.judging.judge`` takes."""
    return Problem(
        problem.task_id,
        problem.prompt,
        problem.canonical_solution,
        problem.entry_point,
        tests,
        problem.starter_code,
        (),
        problem.comparison,
        problem.tier,
        "",
        problem.dict_keys,
        problem.checker,
        tolerance=problem.tolerance.value,
        tolerance_kind=problem.tolerance.kind,
        cases=problem.cases,
    )


def is_unsure(judged: JudgedTest) -> bool:
    """Return whether the machine may have caused a verdict, so that the program should run again, alone."""
    if judged.verdict is Verdict.TIMEOUT:
        return judged.execution.in_doubt
    shared = {Verdict.HARNESS_ERROR, Verdict.THREAD_LIMIT, Verdict.PROCESS_LIMIT, Verdict.SCRATCH_LIMIT}
    return judged.verdict in shared or judged.execution.exception in ("SIGKILL", "CompilerCrash")


# ---- details


def _exception(judged: JudgedTest) -> str:
    """Return the type of the exception, or the name of the signal, that ended the program."""
    if judged.execution.ended in (Ended.EXCEPTION, Ended.SIGNAL, Ended.COMPILE_ERROR, Ended.MEMORY_LIMIT):
        return judged.execution.exception
    return ""


def _detail(problem: BenchmarkProblem, suite: Suite, source: str, number: int, judged: JudgedTest) -> str:
    execution = judged.execution
    where = f"test {number}: " if isinstance(suite.tests, Tests) and len(suite.tests) > 1 else ""
    if len(problem.suites) > 1:
        where = f"{suite.name}: "
    if execution.ended is Ended.FINISHED and isinstance(suite.tests, Tests):
        return where + _difference(problem, suite.tests.outputs[number], execution)
    reason = ": ".join(part for part in (execution.exception, execution.message) if part)
    reason = reason or str(judged.verdict).replace("_", " ")
    in_program = execution.line is not None and execution.ended in (Ended.EXCEPTION, Ended.COMPILE_ERROR)
    if execution.ended is Ended.CHECK_FAILED and isinstance(suite.tests, Checks) and execution.line:
        return where + reason + _line(suite.tests.source, execution.line, "of the tests")
    return where + reason + (_line(source, execution.line or 0) if in_program else "")


def _difference(problem: BenchmarkProblem, expected: object, execution: Execution) -> str:
    if problem.comparison is Comparison.CHECKER:
        return "the problem's checker does not accept the output"
    if problem.entry_point is None:
        return f"expected {_cut(repr(expected))}, got {_cut(repr(execution.output))}"
    value = value_of(execution)
    got = dump_json(value.value) if value is not None else f"a value of type {execution.result_type}"
    return f"expected {_cut(dump_json(expected))}, got {_cut(got)}"


def _line(source: str, number: int, whose: str = "") -> str:
    lines = source.split("\n")
    text = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    where = " ".join(part for part in ("line", str(number), whose) if part)
    return f" ({where}: {_cut(text)})" if text else f" ({where})"


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
