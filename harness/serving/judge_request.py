"""``POST /judge``: a program or an answer, judged on a problem of the loaded build or on tests that come with it.

Expected outputs of the build are in no response. Pure functions over the loaded problems.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from apps_plus.errors import InputError
from apps_plus.problem import DEFAULT_TOLERANCE, Comparison, DictKeys, Problem, Tests, ToleranceKind
from apps_plus.problem_ids import find_problem
from harness.judging.judge_answer import Judged, JudgeJob
from harness.judging.verdict import CATEGORIES, REWARDS, Verdict
from harness.sandbox.execution import limits_of
from harness.serving.refusal import Refusal

_CASES = re.compile("|whole|blocks|counted|unknown|[1-9][0-9]{0,3}")
_IDENTIFIER_LENGTH = 200


class GivenTests(BaseModel):
    """Tests in a request. For a script both are texts; for a function an input is its list of arguments."""

    model_config = ConfigDict(extra="forbid")

    inputs: list[Any] = Field(min_length=1)
    outputs: list[Any]


class JudgeRequest(BaseModel):
    """A program to judge."""

    model_config = ConfigDict(extra="forbid")

    problem_id: str | None = None
    """A problem of the loaded build; or else:"""
    tests: GivenTests | None = None
    entry_point: str | None = Field(default=None, max_length=_IDENTIFIER_LENGTH)
    """With ``tests``: the function to call; None: a script that reads standard input."""
    comparison: Comparison = Comparison.EXACT
    tolerance: Annotated[float, Field(gt=0, lt=1)] = DEFAULT_TOLERANCE
    tolerance_kind: ToleranceKind = ToleranceKind.DEFAULT
    cases: str = ""
    dict_keys: DictKeys = DictKeys.STR
    checker: str = ""
    program: str | None = None
    """The program; or else:"""
    answer: str | None = None
    """A model's answer, with or without reasoning and fences, from which the program is taken."""
    timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Processor seconds for each test; None: 4."""
    trace: bool = False
    """Return the lines that the tests executed."""

    @model_validator(mode="after")
    def _check(self) -> JudgeRequest:
        if (self.program is None) == (self.answer is None):
            raise ValueError("give either program or answer")
        if (self.problem_id is None) == (self.tests is None):
            raise ValueError("give either problem_id or tests")
        if self.tests is None:
            extra = sorted(_OF_TESTS & self.model_fields_set)
            if extra:
                raise ValueError(f"{', '.join(extra)}: the problem has its own, leave it out")
            return self
        _check_tests(self.tests, self.entry_point is not None)
        if (self.comparison is Comparison.CHECKER) != bool(self.checker):
            raise ValueError("checker: its source goes with comparison checker, and with no other")
        if not _CASES.fullmatch(self.cases):
            raise ValueError("cases: whole, blocks, counted, unknown or a number of lines")
        return self


_OF_TESTS = {"entry_point", "comparison", "tolerance", "tolerance_kind", "cases", "dict_keys", "checker"}
"""Fields that describe given tests."""


def _check_tests(tests: GivenTests, call_based: bool) -> None:
    if len(tests.inputs) != len(tests.outputs):
        raise ValueError(f"tests: {len(tests.inputs)} inputs, but {len(tests.outputs)} outputs")
    if call_based:
        if not all(isinstance(one, list) for one in tests.inputs):
            raise ValueError("tests.inputs: with entry_point, each is a list of arguments")
    elif not all(isinstance(one, str) for one in (*tests.inputs, *tests.outputs)):
        raise ValueError("tests: without entry_point, inputs and outputs are strings")


def judge_job(request: JudgeRequest, problems: Mapping[str, Problem] | None, max_seconds: float) -> JudgeJob:
    """Return the job of a request. Raises Refusal where there is no such problem, or its limit is too high."""
    limits = limits_of(request.timeout)
    if limits.cpu_seconds > max_seconds:
        raise Refusal(422, "invalid_request", f"timeout: at most {max_seconds:g} s a test on this server")
    text = request.answer if request.program is None else request.program
    assert text is not None, "one of them is given"
    return JudgeJob(_problem_of(request, problems), text, request.program is None, limits, request.trace)


def _problem_of(request: JudgeRequest, problems: Mapping[str, Problem] | None) -> Problem:
    if request.problem_id is not None:
        return _find(request.problem_id, problems)
    assert request.tests is not None, "one of them is given"
    return Problem(
        problem_id="",
        question="",
        canonical_solution="",
        entry_point=request.entry_point,
        tests=Tests(tuple(request.tests.inputs), tuple(request.tests.outputs)),
        starter_code="",
        conditionals=(),
        comparison=request.comparison,
        difficulty="",
        url="",
        dict_keys=request.dict_keys,
        checker=request.checker,
        tolerance=request.tolerance,
        tolerance_kind=request.tolerance_kind,
        cases=request.cases,
    )


def _find(problem_id: str, problems: Mapping[str, Problem] | None) -> Problem:
    if problems is None:
        raise Refusal(
            404, "unknown_problem", "this server has loaded no build: start apps-plus serve DIR, or send tests"
        )
    if problem_id in problems:
        return problems[problem_id]
    try:
        return problems[find_problem(problems, problem_id[:_IDENTIFIER_LENGTH])]
    except InputError as error:
        raise Refusal(404, "unknown_problem", str(error)) from None


def judge_response(request: JudgeRequest, judged: Judged) -> dict[str, Any]:
    """Return the response for a judged program."""
    outcome = judged.outcome
    total = outcome.tests_total
    response: dict[str, Any] = {
        "verdict": outcome.verdict,
        "category": CATEGORIES[outcome.verdict],
        "reward": REWARDS[outcome.verdict],
        "tests_passed": outcome.tests_passed,
        "tests_total": total,
        "share_passed": outcome.tests_passed / total if total else 1.0,
        "failed_tests": [{"test": test, "verdict": verdict} for test, verdict in judged.failures],
        "error_type": outcome.error_type or None,
        "error_line": outcome.error_line,
        "seconds": round(outcome.seconds, 4),
    }
    if request.answer is not None:
        response["program"] = judged.program
    if request.trace:
        response["executed_lines"] = sorted(outcome.executed) if outcome.executed is not None else None
    return response


def is_fault(judged: Judged) -> bool:
    """Return whether the harness failed: then the program should be judged again."""
    return judged.outcome.verdict is Verdict.HARNESS_ERROR
