"""A server, seen by its clients: verdicts, refusals, cancelled programs, its end."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import pytest

from apps_plus.problem import Problem
from apps_plus.storage import load
from harness.judging.judge import judge
from harness.judging.judged_program import summarize_tests
from harness.sandbox import Sandbox
from harness.sandbox.execution import limits_of
from harness.sandbox.worker import descendants, is_alive

for package in ("uvicorn", "starlette", "prometheus_client"):
    pytest.importorskip(package, reason="the extra serve is not installed")

TOKEN = "0123456789abcdef0123456789abcdef"
HANGS = {"code": "while True: pass", "language": "python", "run_timeout": 60}
SECONDS = 0.5


@dataclass
class Server:
    process: subprocess.Popen[str]
    url: str
    token: str = ""

    def send(self, method: str, path: str, body: object = None, **headers: str) -> http.client.HTTPConnection:
        """Send a request, and return the connection on which its answer will come."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=120)
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        authorization = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        all_headers = {"Content-Type": "application/json", **authorization, **headers}
        connection.request(method, path, data, {name: value for name, value in all_headers.items() if value})
        return connection

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, str]:
        """Send a request; return the status and the body of the answer."""
        response = self.send(method, path, body, **headers).getresponse()
        return response.status, response.read().decode()

    def post(self, path: str, body: object) -> dict:
        status, text = self.ask("POST", path, body)
        assert status == 200, text
        return json.loads(text)

    def error(self, path: str, body: object, method: str = "POST", **headers: str) -> tuple[int, str]:
        """Return the status and the code of a refusal, which is one JSON object."""
        status, text = self.ask(method, path, body, **headers)
        error = json.loads(text)["error"]
        assert list(error) == ["code", "message"]
        assert error["message"]
        assert "\n" not in error["message"]
        return status, error["code"]

    def health(self) -> dict:
        return json.loads(self.ask("GET", "/health")[1])

    def processes(self) -> list[int]:
        return [pid for pid in descendants(self.process.pid) if is_alive(pid)]


@contextmanager
def running(*arguments: object, token: str = "", stderr: IO[str] | None = None) -> Iterator[Server]:
    command = [sys.executable, "-m", "apps_plus", "serve", "--port", "0", *map(str, arguments)]
    environment = {**os.environ, "APPS_PLUS_TOKEN": token}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment) as process:
        try:
            url = process.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:")
            yield Server(process, url, token)
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def server(sample_build: Path) -> Iterator[Server]:
    with running(sample_build, "--workers", 2, "--max-body", 1) as made:
        yield made


@pytest.fixture(scope="module")
def busy_server() -> Iterator[Server]:
    """One worker, nothing may wait, and a token."""
    with running("--workers", 1, "--queue", 0, token=TOKEN) as made:
        yield made


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen within five minutes")


def problems_of(folder: Path) -> list[Problem]:
    """A function's problem and a script's."""
    everything = load(folder).train
    call = next(problem for problem in everything if problem.entry_point is not None)
    return [call, next(problem for problem in everything if problem.entry_point is None)]


def programs_for(problem: Problem) -> list[str]:
    """Right, wrong, raising, hanging, flooding, and no program."""
    bodies = ["print(0)", "[][1]", "while True: pass", "while True: print('x' * 1000)"]
    programs = [problem.canonical_solution, "def (:"]
    for body in bodies:
        programs.append(body if problem.entry_point is None else f"def {problem.entry_point}(*_):\n    {body}\n")
    return programs


# ---- verdicts


def test_clients_get_the_verdicts_of_the_judge_in_process(server, sandbox, sample_build):
    jobs = [(problem, source) for problem in problems_of(sample_build) for source in programs_for(problem)]

    def served(job: tuple[Problem, str]) -> dict:
        problem, source = job
        return server.post("/judge", {"problem_id": problem.problem_id, "program": source, "timeout": SECONDS})

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(served, jobs))
    limits = limits_of(SECONDS)
    for (problem, source), answer in zip(jobs, answers, strict=True):
        tests = judge(sandbox, source, problem, limits)
        outcome = summarize_tests(tests)
        failed = [{"test": i, "verdict": one.verdict} for i, one in enumerate(tests) if one.verdict != "passed"]
        assert answer["verdict"] == outcome.verdict, source
        assert answer["failed_tests"] == failed
        assert (answer["tests_passed"], answer["tests_total"]) == (outcome.tests_passed, outcome.tests_total)
    assert {answer["verdict"] for answer in answers} == {
        *("passed", "wrong_answer", "runtime_error", "timeout", "output_limit", "compile_error")
    }


def test_traced_lines_are_those_of_a_tracing_sandbox(server, sample_build):
    problem = problems_of(sample_build)[1]
    answer = server.post(
        "/judge", {"problem_id": problem.problem_id, "program": problem.canonical_solution, "trace": True}
    )
    with Sandbox(trace=True) as tracing:
        outcome = summarize_tests(judge(tracing, problem.canonical_solution, problem))
    assert answer["executed_lines"] == sorted(outcome.executed)


def test_the_program_of_an_answer_is_judged_and_returned(server):
    answer = "<think>hm</think>Here:\n```python\nprint(int(input()) + 1)\n```\nDone."
    tests = {"inputs": ["1\n", "2\n"], "outputs": ["2\n", "4\n"]}
    judged = server.post("/judge", {"tests": tests, "answer": answer, "trace": True})
    assert judged["program"] == "print(int(input()) + 1)\n"
    assert (judged["verdict"], judged["share_passed"]) == ("wrong_answer", 0.5)
    assert judged["failed_tests"] == [{"test": 1, "verdict": "wrong_answer"}]
    assert judged["executed_lines"] == [1]


def test_expected_outputs_are_in_no_answer(server):
    """Nor in the metrics, whatever the program and the checker do."""
    secret = "SECRET-7f3a"
    tests = {"inputs": ["1\n"], "outputs": [secret]}
    texts = []
    for program in ("print(input())", "raise ValueError(input())", "import sys; sys.exit(input())"):
        for more in ({}, {"comparison": "checker", "checker": "def check(i, e, a): raise KeyError(e)"}):
            texts.append(server.ask("POST", "/judge", {"tests": tests, "program": program, "trace": True, **more})[1])
    texts.append(server.ask("POST", "/judge", {"tests": tests | {"inputs": []}, "program": ""})[1])
    texts.append(server.ask("GET", "/metrics")[1])
    assert all(secret not in text for text in texts)


def test_run_code_answers_as_sandbox_fusion_does(server):
    request = {"code": "print(input()[::-1])", "stdin": "abc", "language": "python", "files": {}, "fetch_files": []}
    answer = server.post("/run_code", {**request, "compile_timeout": 10, "run_timeout": 10, "memory_limit_MB": 1024})
    assert answer["run_result"].pop("execution_time") > 0
    assert answer == {
        "status": "Success",
        "message": "",
        "compile_result": None,
        "run_result": {"status": "Finished", "return_code": 0, "stdout": "cba\n", "stderr": ""},
        "executor_pod_name": None,
        "files": {},
    }


def test_numbers_of_any_length_are_compared(server):
    digits = "1" + "0" * 5000
    body = f'{{"tests": {{"inputs": [[{digits}]], "outputs": [{digits}1]}}, "entry_point": "f", "program": '
    right = f'{body}"def f(x): return 10 * x + 1"}}'.encode()
    wrong = f'{body}"def f(x): return 10 * x + 2"}}'.encode()
    assert [json.loads(server.ask("POST", "/judge", one)[1])["verdict"] for one in (right, wrong)] == [
        "passed",
        "wrong_answer",
    ]


def test_a_program_that_utf_8_cannot_write_is_answered(server):
    answer = server.post("/judge", {"tests": {"inputs": [""], "outputs": [""]}, "answer": "print('\ud800')"})
    assert (answer["verdict"], answer["program"]) == ("compile_error", "print('\ud800')")


# ---- refusals


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/run_code", b"{", 400, "not_json"),
        ("/run_code", b"\xff{}", 400, "not_json"),
        ("/run_code", b"", 400, "not_json"),
        ("/run_code", b"[" * 100_000, 400, "not_json"),
        ("/run_code", b"9" * 500_000, 422, "invalid_request"),
        ("/run_code", b"x" * (1 << 20) + b"x", 413, "too_large"),
        (
            "/run_code",
            b'{"code": "", "language": "python", "memory_limit_MB": ' + b"9" * 6000 + b"}",
            422,
            "invalid_request",
        ),
        (
            "/run_code",
            b'{"code": "", "language": "python", "run_timeout": ' + b"9" * 6000 + b"}",
            422,
            "invalid_request",
        ),
        ("/run_code", {"language": "python"}, 422, "invalid_request"),
        ("/run_code", {"code": "", "language": "java"}, 422, "unsupported"),
        ("/judge", {"problem_id": "train/99999", "program": ""}, 404, "unknown_problem"),
        ("/judge", {"program": ""}, 422, "invalid_request"),
        ("/nothing", {}, 404, "no_such_path"),
    ],
)
def test_bad_input_gets_one_json_error(server, path, body, status, code):
    assert server.error(path, body) == (status, code)


def test_a_body_that_grows_too_large_is_refused_while_it_comes(server):
    connection = server.send("POST", "/judge", iter([b"x" * (1 << 19)] * 5))
    assert connection.getresponse().status == 413


def test_a_refused_client_that_closes_afterwards_still_reads_the_answer(server):
    assert server.error("/judge", b"x" * (8 << 20), Connection="close") == (413, "too_large")


def test_another_method_or_type_or_host_is_refused(server):
    assert server.error("/judge", None, "GET") == (405, "wrong_method")
    assert server.error("/judge", b"{}", **{"Content-Type": "text/plain"}) == (415, "not_json")
    assert server.error("/judge", {}, Host="evil.example") == (403, "host_not_allowed")
    assert server.error("/metrics", None, "GET", Host="evil.example") == (403, "host_not_allowed")


def test_only_who_has_the_token_runs_programs(busy_server):
    code = {"code": "print(1)", "language": "python"}
    assert busy_server.error("/run_code", code, Authorization="") == (401, "no_token")
    assert busy_server.error("/run_code", code, Authorization="Bearer wrong") == (401, "wrong_token")
    assert busy_server.error("/metrics", None, "GET", Authorization="") == (401, "no_token")
    assert busy_server.ask("GET", "/health", Authorization="")[0] == 200
    assert busy_server.ask("POST", "/run_code", code, Host="judge.example")[0] == 200


def test_a_full_queue_refuses_and_serves_again(busy_server):
    waiting = busy_server.send("POST", "/run_code", HANGS)
    wait_until(lambda: busy_server.health()["running"] == 1)
    response = busy_server.send("POST", "/run_code", {"code": "print(1)", "language": "python"}).getresponse()
    assert (response.status, response.headers["Retry-After"]) == (429, "1")
    assert json.loads(response.read())["error"]["code"] == "queue_full"
    waiting.close()
    wait_until(lambda: busy_server.health()["running"] == 0)
    assert busy_server.post("/run_code", {"code": "print(1)", "language": "python"})["status"] == "Success"


# ---- what ends


def replaced(server: Server) -> int:
    return int(count_of(server.ask("GET", "/metrics")[1], "apps_plus_workers_replaced "))


def test_the_program_of_a_client_that_goes_away_is_killed(server):
    ended = replaced(server)
    gone = 'apps_plus_requests_total{endpoint="/run_code",status="499"}'
    gone_before = count_of(server.ask("GET", "/metrics")[1], gone)
    clients = [server.send("POST", "/run_code", HANGS) for _ in range(4)]
    wait_until(lambda: server.health()["running"] == 2)
    assert server.health()["waiting"] == 2
    workers = workers_of(server.process.pid)
    running = [*workers, *(pid for worker in workers for pid in descendants(worker))]
    for client in clients:
        client.close()
    wait_until(lambda: replaced(server) == ended + 2)
    assert len(workers) == 2
    assert not any(map(is_alive, running))
    health = server.health()
    assert (health["running"], health["waiting"]) == (0, 0)
    assert server.post("/run_code", {"code": "print(1)", "language": "python"})["status"] == "Success"
    assert count_of(server.ask("GET", "/metrics")[1], gone) == gone_before + 4


def test_a_worker_that_dies_is_replaced_and_its_program_runs_again(busy_server):
    ended = replaced(busy_server)
    code = "import time\ntime.sleep(0.5)\nprint(1)"
    waiting = busy_server.send("POST", "/run_code", {"code": code, "language": "python"})
    wait_until(lambda: busy_server.health()["running"] == 1)
    [worker] = workers_of(busy_server.process.pid)
    os.kill(worker, signal.SIGKILL)
    answer = json.loads(waiting.getresponse().read())
    assert (answer["status"], answer["run_result"]["stdout"]) == ("Success", "1\n")
    assert replaced(busy_server) == ended + 1


def test_a_worker_that_died_while_it_was_idle_costs_no_request(busy_server):
    [worker] = workers_of(busy_server.process.pid)
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: not is_alive(worker))
    assert busy_server.post("/run_code", {"code": "print(1)", "language": "python"})["status"] == "Success"


def workers_of(pid: int) -> list[int]:
    """The children that have children: not multiprocessing's resource tracker."""
    below = descendants(pid)
    children = [one for one in below if not any(one in descendants(other) for other in below if other != one)]
    return [one for one in children if descendants(one)]


def test_a_stopped_server_lets_programs_finish_and_leaves_nothing():
    with running("--workers", 1) as server:
        connection = server.send(
            "POST", "/run_code", {"code": "import time\ntime.sleep(1)\nprint(7)", "language": "python"}
        )
        wait_until(lambda: server.health()["running"] == 1)
        below = server.processes()
        server.process.terminate()
        answer = json.loads(connection.getresponse().read())
        assert answer["run_result"]["stdout"] == "7\n"
        assert server.process.wait(60) == 0
    assert below
    assert not any(map(is_alive, below))


def test_the_end_of_the_grace_stops_programs(tmp_path):
    errors = tmp_path / "errors.txt"
    with errors.open("w") as file, running("--workers", 1, "--grace", 0, stderr=file) as server:
        _waiting = server.send("POST", "/run_code", HANGS)  # closed, it would end its program
        wait_until(lambda: server.health()["running"] == 1)
        below = server.processes()
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(60) == 0
    assert not any(map(is_alive, below))
    assert errors.read_text().splitlines()[1:] == ["apps-plus: stopped"]


def test_verdicts_are_counted(server):
    before = server.ask("GET", "/metrics")[1]
    server.post("/judge", {"tests": {"inputs": [""], "outputs": ["1"]}, "program": "print(1)"})
    name = 'apps_plus_results_total{endpoint="/judge",result="passed"}'
    assert count_of(server.ask("GET", "/metrics")[1], name) == count_of(before, name) + 1


def count_of(text: str, name: str) -> float:
    return next((float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name)), 0.0)
