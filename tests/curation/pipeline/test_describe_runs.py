"""Describe runs as results and findings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from solution_runs import ECHO, verify

from curation.pipeline.describe_runs import SHOWN_WITH_TEST, describe_runs, failure_findings, repair_findings
from curation.pipeline.run_solutions import Runner
from curation.records import Note, Reason, SolutionResult


def result(index: int = 0, code: str = "passed", **more: Any) -> SolutionResult:
    return SolutionResult(index, code, **more)


def test_each_solution_is_described_by_its_first_failure(function: Callable[..., Runner]) -> None:
    solutions = [
        "def f(n):\n    return n\n",
        "def f(n):\n    return 1 // (2 - n)\n",
        "def f(n):\n    if n == 1: return 1\n",
        "def g(n):\n    return n\n",
        "def f(n):\n    return n",
        "def f(n): return {n}\n",
    ]
    outputs = [1, 2, 3]
    described = describe_runs(verify(function([1], [2], [3]), solutions, outputs), outputs)
    assert [(r.index, r.code) for r in described] == [
        (0, "passed"),
        (1, "runtime_error"),
        (2, "no_output"),
        (3, "irrelevant_code"),
        (4, "passed"),
        (5, "output_mismatch"),
    ]
    assert (described[0].detail, described[0].failed_tests) == ("", ())
    assert described[1].detail.startswith("test 1: ZeroDivisionError")
    assert described[2].detail == "test 1: returned None"
    assert described[2].failed_tests == (1, 2)


def test_a_failure_names_the_line(script: Callable[..., Runner]) -> None:
    (described,) = describe_runs(verify(script("x"), ["\n\nint(input())"], ["1"]), ["1"])
    assert (described.code, described.line) == ("runtime_error", 3)


def test_a_repair_is_one_finding_in_words() -> None:
    results = [result(0, repairs=("dedent", "tabs")), result(1, repairs=("dedent", "tabs"), same_as=0), result(2)]
    (finding,) = repair_findings(results)
    assert finding.code == Note.REPAIRED
    assert finding.detail == "solution 0: the whole program is indented; tabs and spaces are mixed in one block"
    assert finding.evidence == {"solution": 0, "repairs": ["dedent", "tabs"], "code": "passed"}


def test_failures_are_findings_and_the_first_of_each_reason_has_its_test(script: Callable[..., Runner]) -> None:
    wrong = [f"print('wrong {i}')" for i in range(SHOWN_WITH_TEST + 1)]
    runs = verify(script("in"), [ECHO, *wrong, wrong[0], "1/0"], ["in"])
    findings = failure_findings(describe_runs(runs, ["in"]), runs, ["in"], ["in"])
    assert [f.evidence["solution"] for f in findings] == [1, 2, 3, 4, 6], "neither the passing one nor the copy"
    assert findings[0].evidence == {
        "solution": 1,
        "failed_tests": [0],
        "test": 0,
        "input": "in",
        "expected": "in",
        "actual": "wrong 0\n",
    }
    assert findings[SHOWN_WITH_TEST].evidence == {"solution": SHOWN_WITH_TEST + 1, "failed_tests": [0]}
    assert findings[-1].code == Reason.RUNTIME_ERROR
    assert "actual" not in findings[-1].evidence
    assert findings[-1].evidence["line"] == 1
