"""Summarise a judged program: one record over all of its tests, for scores, curation and rewards. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.judging.judge import JudgedTest
from harness.judging.verdict import Verdict, worst
from harness.tracing.coverage import union


@dataclass(frozen=True, slots=True)
class JudgedProgram:
    """One program on all of its tests. It holds no outputs, so it is cheap to send between processes."""

    verdict: Verdict
    """The worst over the tests; ``passed`` where there are none."""
    tests_passed: int
    tests_total: int
    executed: frozenset[int] | None = None
    """Lines of the program, from 1, that any test executed. None: not known (the program does not compile, or was
    not traced); its tokens then all count in the loss."""
    error_type: str = ""
    """Name of the exception of the worst test: ``SyntaxError`` or the like where the program does not compile."""
    error_line: int | None = None
    """Line of the program, from 1, that raised it."""
    seconds: float = 0.0
    """Processor time over all tests."""
    failed_tests: tuple[int, ...] = ()
    """Indices of the tests that did not pass, from 0."""
    worst_test: int = 0
    """Index of the first test with the worst verdict: 0 where all passed."""

    @property
    def passed(self) -> bool:
        """True if every test passed."""
        return self.verdict is Verdict.PASSED


def summarize_tests(judged: Sequence[JudgedTest]) -> JudgedProgram:
    """Summarise the judged tests of one program."""
    verdicts = [test.verdict for test in judged]
    verdict = worst(verdicts)
    worst_test = verdicts.index(verdict) if verdicts else 0
    execution = judged[worst_test].execution if judged else None
    return JudgedProgram(
        verdict=verdict,
        tests_passed=verdicts.count(Verdict.PASSED),
        tests_total=len(verdicts),
        executed=union(test.execution for test in judged),
        error_type=execution.exception if execution else "",
        error_line=execution.line if execution else None,
        seconds=sum(test.execution.seconds for test in judged),
        failed_tests=tuple(i for i, verdict in enumerate(verdicts) if verdict is not Verdict.PASSED),
        worst_test=worst_test,
    )
