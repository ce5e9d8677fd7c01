"""The requests and responses of ``POST /judge``."""

from __future__ import annotations

import pytest

from apps_plus.problem import Comparison, DictKeys
from apps_plus.storage import load
from harness.judging.judge_answer import Judged
from harness.judging.judged_program import JudgedProgram
from harness.judging.verdict import Verdict
from harness.sandbox.execution import limits_of
from harness.serving.judge_request import JudgeRequest, judge_job, judge_response
from harness.serving.refusal import Refusal, validate

TESTS = {"inputs": ["1\n"], "outputs": ["1\n"]}
CALLS = {"inputs": [[1]], "outputs": [1]}


def request(**fields) -> JudgeRequest:
    return validate(JudgeRequest, fields)


def test_given_tests_become_a_problem():
    job = judge_job(
        request(
            tests=CALLS, entry_point="f", program="x", comparison="float", tolerance=0.5, dict_keys="int", timeout=2
        ),
        None,
        60,
    )
    assert (job.problem.entry_point, job.problem.tests.inputs, job.problem.tests.outputs) == ("f", ([1],), (1,))
    assert (job.problem.comparison, job.problem.tolerance) == (Comparison.FLOAT, 0.5)
    assert job.problem.dict_keys is DictKeys.INT
    assert job.limits == limits_of(2)
    assert (job.text, job.is_answer, job.trace) == ("x", False, False)


def test_a_problem_is_found_by_its_id_as_people_write_it(sample_build):
    problems = {problem.problem_id: problem for problem in load(sample_build).train}
    name = next(iter(problems))
    split, _, number = name.partition("/")
    for written in (name, f"{split}/{int(number)}"):
        job = judge_job(request(problem_id=written, answer="text", trace=True), problems, 60)
        assert job.problem is problems[name]
        assert (job.text, job.is_answer, job.trace) == ("text", True, True)


def test_an_unknown_problem_is_told_with_close_ones(sample_build):
    problems = {problem.problem_id: problem for problem in load(sample_build).train}
    with pytest.raises(Refusal, match="no problem train/9999: did you mean train/") as refused:
        judge_job(request(problem_id="train/9999", program=""), problems, 60)
    assert (refused.value.status, refused.value.code) == (404, "unknown_problem")


def test_without_a_build_an_id_is_refused():
    with pytest.raises(Refusal, match="has loaded no build"):
        judge_job(request(problem_id="train/0001", program=""), None, 60)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"program": ""}, "either problem_id or tests"),
        ({"program": "", "tests": TESTS, "problem_id": "1"}, "either problem_id or tests"),
        ({"tests": TESTS}, "either program or answer"),
        ({"tests": TESTS, "program": "", "answer": ""}, "either program or answer"),
        ({"problem_id": "1", "program": "", "checker": "x"}, "leave it out"),
        ({"tests": {"inputs": ["1"], "outputs": []}, "program": ""}, "1 inputs, but 0 outputs"),
        ({"tests": {"inputs": [], "outputs": []}, "program": ""}, "tests.inputs"),
        ({"tests": CALLS, "program": ""}, "inputs and outputs are strings"),
        ({"tests": TESTS, "entry_point": "f", "program": ""}, "list of arguments"),
        ({"tests": TESTS, "program": "", "comparison": "checker"}, "checker"),
        ({"tests": TESTS, "program": "", "checker": "x"}, "checker"),
        ({"tests": TESTS, "program": "", "comparison": "fuzzy"}, "comparison"),
        ({"tests": TESTS, "program": "", "cases": "0"}, "cases"),
        ({"tests": TESTS, "program": "", "timeout": 0}, "timeout"),
        ({"tests": TESTS, "program": "", "traces": True}, "traces"),
        ({"tests": TESTS, "program": 1}, "program"),
    ],
)
def test_an_invalid_request_is_refused_by_field(fields, words):
    with pytest.raises(Refusal) as refused:
        request(**fields)
    assert refused.value.status == 422
    assert words in refused.value.message


def test_a_limit_above_the_servers_is_refused():
    with pytest.raises(Refusal, match="at most 60 s"):
        judge_job(request(tests=TESTS, program="", timeout=61), None, 60)
    with pytest.raises(Refusal, match="at most 2 s"):
        judge_job(request(tests=TESTS, program=""), None, 2)  # the usual limit is 4 s


def test_the_response_names_the_tests_that_failed():
    outcome = JudgedProgram(
        Verdict.RUNTIME_ERROR, 2, 4, frozenset({3, 1}), error_type="KeyError", error_line=3, seconds=0.25
    )
    failures = ((1, Verdict.WRONG_ANSWER), (3, Verdict.RUNTIME_ERROR))
    response = judge_response(request(tests=TESTS, answer="x", trace=True), Judged(outcome, failures, "source"))
    assert response == {
        "verdict": "runtime_error",
        "category": "runtime_error",
        "reward": -0.6,
        "tests_passed": 2,
        "tests_total": 4,
        "share_passed": 0.5,
        "failed_tests": [{"test": 1, "verdict": "wrong_answer"}, {"test": 3, "verdict": "runtime_error"}],
        "error_type": "KeyError",
        "error_line": 3,
        "seconds": 0.25,
        "program": "source",
        "executed_lines": [1, 3],
    }


def test_lines_and_the_program_are_returned_where_they_were_asked_for():
    response = judge_response(request(tests=TESTS, program="x"), Judged(JudgedProgram(Verdict.PASSED, 1, 1), (), "x"))
    assert not {"program", "executed_lines"} & set(response)
