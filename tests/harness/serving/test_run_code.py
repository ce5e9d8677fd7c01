"""SandboxFusion's request and response."""

from __future__ import annotations

import pytest

from harness.sandbox.execution import Ended, Execution
from harness.serving.jobs import Ran
from harness.serving.refusal import Refusal, validate
from harness.serving.run_code import RunCodeRequest, run_job, run_response

FIELDS = ["status", "message", "compile_result", "run_result", "executor_pod_name", "files"]
RUN_FIELDS = ["status", "execution_time", "return_code", "stdout", "stderr"]


def respond(execution: Execution) -> dict:
    return run_response(Ran(execution, 0.5)).model_dump(mode="json")


def job(**fields):
    return run_job(validate(RunCodeRequest, {"code": "pass", "language": "python", **fields}), 60, 2 << 30)


@pytest.mark.parametrize(
    ("execution", "status", "run_status", "code", "stderr"),
    [
        (Execution(Ended.FINISHED, "1\n"), "Success", "Finished", 0, ""),
        (Execution(Ended.TIMEOUT), "Failed", "TimeLimitExceeded", None, "time limit exceeded"),
        (
            Execution(Ended.EXCEPTION, exception="ValueError", message="no", line=3),
            "Failed",
            "Finished",
            1,
            "ValueError: no",
        ),
        (Execution(Ended.EXCEPTION, exception="SystemExit", message="7"), "Failed", "Finished", 7, ""),
        (Execution(Ended.EXCEPTION, exception="SystemExit", message="256"), "Failed", "Finished", 1, ""),
        (Execution(Ended.EXCEPTION, exception="SystemExit", message="-1"), "Failed", "Finished", 255, ""),
        (Execution(Ended.EXCEPTION, exception="SystemExit", message="bye"), "Failed", "Finished", 1, "bye"),
        (
            Execution(Ended.COMPILE_ERROR, exception="SyntaxError", message="bad"),
            "Failed",
            "Finished",
            1,
            "SyntaxError",
        ),
        (Execution(Ended.SIGNAL, exception="SIGKILL"), "Failed", "Finished", -9, "SIGKILL"),
        (Execution(Ended.SIGNAL, exception="SIG40"), "Failed", "Finished", -40, "SIG40"),
        (Execution(Ended.MEMORY_LIMIT, exception="MemoryError"), "Failed", "Finished", 1, "memory limit"),
        (Execution(Ended.OUTPUT_LIMIT, "xx"), "Failed", "Finished", -25, "output limit"),
        (Execution(Ended.PROCESS_LIMIT), "Failed", "Finished", 1, "no process"),
    ],
)
def test_each_way_to_end_has_its_status(execution, status, run_status, code, stderr):
    response = respond(execution)
    assert list(response) == FIELDS
    assert list(response["run_result"]) == RUN_FIELDS
    assert response["status"] == status
    assert response["compile_result"] is None
    result = response["run_result"]
    assert (result["status"], result["return_code"], result["stdout"]) == (run_status, code, execution.output)
    assert stderr in result["stderr"]
    assert bool(result["stderr"]) is bool(stderr)


def test_a_fault_of_the_harness_is_a_sandbox_error():
    response = respond(Execution(Ended.HARNESS_ERROR, message="the zygote died"))
    assert (response["status"], response["message"]) == ("SandboxError", "the zygote died")
    assert response["run_result"]["status"] == "Error"


def test_the_request_of_verl_becomes_a_job():
    made = job(compile_timeout=3, run_timeout=3, stdin="5\n", memory_limit_MB=1024, files={}, fetch_files=[])
    assert (made.source, made.stdin) == ("pass", "5\n")
    assert (made.limits.cpu_seconds, made.limits.wall_seconds, made.limits.memory_bytes) == (3, 6, 1 << 30)


def test_the_defaults_are_those_of_sandbox_fusion():
    made = job(unknown="ignored")
    assert (made.stdin, made.limits.cpu_seconds, made.limits.memory_bytes) == ("", 10, 1 << 30)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"language": "cpp"}, "python only"),
        ({"files": {"a.txt": "YQ=="}}, "files"),
        ({"fetch_files": ["a.txt"]}, "fetch_files"),
        ({"run_timeout": 61}, "at most 60 s"),
        ({"run_timeout": 0}, "run_timeout"),
        ({"run_timeout": float("nan")}, "run_timeout"),
        ({"memory_limit_MB": 4096}, "at most 2048"),
        ({"memory_limit_MB": 1.5}, "memory_limit_MB"),
        ({"code": None}, "code"),
        ({"stdin": 5}, "stdin"),
    ],
)
def test_what_this_sandbox_does_not_offer_is_refused_by_name(fields, words):
    with pytest.raises(Refusal) as refused:
        job(**fields)
    assert refused.value.status == 422
    assert words in refused.value.message


@pytest.mark.parametrize("value", [None, [], "text", 1])
def test_a_body_that_is_no_object_is_refused(value):
    with pytest.raises(Refusal, match="send an object"):
        validate(RunCodeRequest, value)
