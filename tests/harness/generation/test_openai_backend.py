"""The openai backend with a faulty server: every sample is delivered exactly once, or the error counts it."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from echo_backend import plan
from model_server import Behaviour, ModelServer, Reply, answer, error, reasoned, refuses

from apps_plus.errors import InputError, WorkError
from harness.generation.backend import Answer, Request, Sampling, SharedCount, sample_seed
from harness.generation.generate import generate
from harness.generation.openai_backend import ServerBackend, public_url
from harness.generation.openai_protocol import group_requests

pytest.importorskip("openai")

KEY = "sk-very-secret"
STOP = ("\nclass", "\ndef", "\n#", "\nif", "\nprint")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OPENAI_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


class ServerRun:
    """A run against a server, and its result."""

    def __init__(
        self, server: ModelServer | str, problems: int = 4, n: int = 1, sampling: Sampling | None = None, **options
    ):
        url = server if isinstance(server, str) else server.url
        self.messages: list[str] = []
        self.answers: dict[tuple[str, int], Answer] = {}
        self.deliveries: Counter[tuple[str, int]] = Counter()
        self.failure: Exception | None = None
        options = {"endpoint": "completions", "first_backoff": 0.01, "timeout": 5.0, **options}
        self.backend = ServerBackend("m", url, notify=self.messages.append, **options)
        chat = options["endpoint"] == "chat"
        try:
            self.backend.run(plan(problems, n, chat).requests(), sampling or Sampling(), self._deliver)
        except WorkError as failure:
            self.failure = failure

    def _deliver(self, answered: list[tuple[Request, Answer]], tokens: int) -> None:
        for request, given in answered:
            self.answers[request.task_id, request.sample] = given
            self.deliveries[request.task_id, request.sample] += 1

    def complete(self, problems: int = 4, n: int = 1) -> bool:
        """Return whether every sample was delivered once."""
        wanted = {(f"HumanEval/{number}", sample): 1 for number in range(problems) for sample in range(n)}
        return self.failure is None and self.deliveries == wanted


def first(count: int, reply: Reply) -> Behaviour:
    """Send this reply to the first ``count`` requests."""
    return lambda body, number: reply if number < count else None


# ---- requests


def test_a_completion_is_asked_with_all_settings(server):
    sampling = Sampling(0.7, 0.9, 55, seed=3, stop=STOP[:2])
    asked = ServerRun(server, 1, sampling=sampling)
    assert server.paths == ["/v1/completions"]
    assert server.bodies == [
        {
            "model": "m",
            "prompt": "def f0(x):\n",
            "temperature": 0.7,
            "top_p": 0.9,
            "max_tokens": 55,
            "seed": sample_seed(0, "HumanEval/0", 0),
            "stop": ["\nclass", "\ndef"],
        }
    ]
    assert asked.answers["HumanEval/0", 0].tokens == 7


def test_a_conversation_goes_to_the_chat_endpoint(server):
    asked = ServerRun(server, 2, endpoint="chat")
    assert asked.complete(2)
    assert server.paths == ["/v1/chat/completions"] * 2
    assert server.bodies[0]["messages"][0]["role"] == "user"
    assert "stop" not in server.bodies[0]


def test_samples_of_a_problem_share_a_request(server):
    asked = ServerRun(server, 2, n=10, samples_per_request=8)
    assert asked.complete(2, 10)
    assert sorted(body.get("n", 1) for body in server.bodies) == [2, 2, 8, 8]
    texts = {answer.text for answer in asked.answers.values()}
    assert len(texts) == 20


def test_one_sample_a_request_sends_each_its_own_seed(server):
    assert ServerRun(server, 2, n=3, samples_per_request=1).complete(2, 3)
    assert len({body["seed"] for body in server.bodies}) == 6
    assert not any("n" in body for body in server.bodies)


def test_requests_run_at_the_same_time_up_to_the_limit(server):
    together = threading.Barrier(4)  # all four must arrive before one is answered

    def wait(body, number):
        together.wait(timeout=20)

    server.behaviour = wait
    assert ServerRun(server, 12, concurrency=4, timeout=30.0).complete(12)
    assert server.most_at_once == 4


def test_answers_are_cut_at_stop_sequences_here_too(server):
    choice = {"index": 0, "finish_reason": "length", "text": "    return x\n\ndef g(): pass"}
    server.behaviour = lambda body, number: Reply({"choices": [choice]})
    asked = ServerRun(server, 1, sampling=Sampling(stop=STOP))
    assert asked.answers["HumanEval/0", 0] == Answer("    return x\n", "stop", None)


# ---- temporary failures


@pytest.mark.parametrize(
    "reply",
    [
        error(429, "slow down"),
        error(500, "oops"),
        error(503, "loading model"),
        Reply(b"<html>bad gateway</html>", 502, {"content-type": "text/html"}),
        Reply({"choices": [{"text": "x" * 5000}]}, cut=True),
        Reply(b'{"choices": [{"text": ', 200),
        Reply(b"hello", 200, {"content-type": "text/plain"}),
        Reply({"error": {"message": "upstream is busy"}}),
        Reply({"choices": []}),
        Reply({"choices": ["what"]}),
        Reply(["no object"]),
        Reply(b""),
    ],
    ids="429 500 503 html cut half-json text error-in-200 no-choices no-choice a-list nothing".split(),
)
def test_temporary_failures_are_retried(server, reply):
    server.behaviour = first(3, reply)
    asked = ServerRun(server)
    assert asked.complete(), asked.failure
    assert len(server.bodies) == 7
    assert "retry 1 of 6" in asked.messages[0]


def test_a_request_that_times_out_is_retried(server):
    server.behaviour = first(2, Reply({}, delay=1.0))
    asked = ServerRun(server, 3, timeout=0.3)
    assert asked.complete(3)
    assert "no answer in 0.3 s" in asked.messages[0]


def test_a_slow_stream_times_out():
    """Each read is in time; the whole response is not."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def trickle():
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n")
                try:
                    while not over.wait(0.05):
                        connection.sendall(b" ")
                except OSError:
                    pass

        over = threading.Event()
        threading.Thread(target=trickle, daemon=True).start()
        asked = ServerRun(f"http://127.0.0.1:{listener.getsockname()[1]}/v1", 1, timeout=0.4, retries=0)
        over.set()
    assert "no answer in 0.4 s" in str(asked.failure)


def test_retry_after_holds_for_every_request(server):
    """Only requests already sent may arrive before the time is over."""
    asked_to_wait: list[float] = []
    early = 0

    def busy(body, number):
        nonlocal early
        if number == 0:
            asked_to_wait.append(time.monotonic())
            return error(429, "slow down", retry_after="0.5")
        early += bool(asked_to_wait) and time.monotonic() < asked_to_wait[0] + 0.5
        return Reply(answer(body), delay=0.05)

    server.behaviour = busy
    assert ServerRun(server, 20, concurrency=2).complete(20)
    assert early <= 1


def test_retries_are_limited_and_other_requests_continue(server):
    server.behaviour = lambda body, number: error(500, "oops") if "f1(" in body["prompt"] else None
    asked = ServerRun(server, 4, retries=2)
    assert "1 samples failed (first: HumanEval/1: " in str(asked.failure)
    assert set(asked.answers) == {("HumanEval/0", 0), ("HumanEval/2", 0), ("HumanEval/3", 0)}
    assert len(server.bodies) == 3 + 3


def test_a_run_stops_when_all_requests_fail(server):
    server.behaviour = lambda body, number: error(500, "oops")
    asked = ServerRun(server, 100, retries=0, concurrency=4)
    assert "stopped: 4 requests in a row failed" in str(asked.failure)
    assert len(server.bodies) < 20


def test_an_unreachable_server_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    asked = ServerRun(f"http://127.0.0.1:{port}/v1", 2, retries=1)
    assert "2 samples failed" in str(asked.failure)
    assert "onnect" in str(asked.failure)


# ---- refused parameters


def test_a_server_that_ignores_n_is_asked_for_the_others(server):
    server.behaviour = lambda body, number: Reply(answer(body, choices=1))
    asked = ServerRun(server, 3, n=4)
    assert asked.complete(3, 4)
    assert asked.messages == ["the server ignores n: sending one request per sample"]
    assert len({answer.text for answer in asked.answers.values()}) == 12


def test_surplus_answers_are_ignored(server):
    server.behaviour = lambda body, number: Reply(answer(body, choices=9))
    assert ServerRun(server, 2, n=2).complete(2, 2)


def test_a_server_that_refuses_n_gets_a_request_each(server):
    server.behaviour = lambda body, number: error(400, "n must be 1") if body.get("n", 1) > 1 else None
    asked = ServerRun(server, 3, n=3, concurrency=2)
    assert asked.complete(3, 3)
    assert asked.messages == ["the server refuses n: sending one request per sample"]


@pytest.mark.parametrize("status, message, param", [(400, "Unsupported parameter", "seed"), (422, "extra: seed", None)])
def test_a_server_that_refuses_seeds_gets_none(server, status, message, param):
    server.behaviour = lambda body, number: error(status, message, param=param) if "seed" in body else None
    asked = ServerRun(server, 5, concurrency=2)
    assert asked.complete(5)
    assert asked.messages == ["the server refuses seeds: these samples cannot be reproduced"]


@pytest.mark.parametrize("most", [4, 0])
def test_a_server_that_refuses_stop_sequences_gets_fewer_then_none(server, most):
    server.behaviour = lambda body, number: (
        error(400, "bad", param="stop") if len(body.get("stop", [])) > most else None
    )
    asked = ServerRun(server, 3, sampling=Sampling(stop=STOP), concurrency=1)
    assert asked.complete(3)
    assert len(server.bodies[-1].get("stop", [])) == most


@pytest.mark.parametrize("endpoint", ["chat", "completions"])
def test_the_newer_name_of_max_tokens(server, endpoint):
    server.behaviour = lambda body, number: (
        error(400, "Use 'max_completion_tokens'", param="max_tokens") if "max_tokens" in body else None
    )
    assert ServerRun(server, 2, endpoint=endpoint).complete(2)
    assert server.bodies[-1]["max_completion_tokens"] == 1024


@pytest.mark.parametrize("endpoint", ["chat", "completions"])
@pytest.mark.parametrize("order", [["n", "seed", "stop", "max_tokens"], ["max_tokens", "stop", "seed", "n"]])
def test_a_server_that_refuses_one_thing_after_the_other(server, order, endpoint):
    def strict(body, number):
        return next((error(400, f"no {name}", param=name) for name in order if name in body), None)

    server.behaviour = strict
    assert ServerRun(server, 3, n=2, sampling=Sampling(stop=STOP), endpoint=endpoint).complete(3, 2)
    assert len(server.bodies) < 60


@pytest.mark.parametrize("name", ["temperature", "top_p", "seed", "stop"])
@pytest.mark.parametrize("status", [400, 422])
def test_a_parameter_that_is_refused_is_left_out_for_the_whole_run(server, name, status):
    server.behaviour = refuses(name, status=status)
    asked = ServerRun(server, 6, n=2, sampling=Sampling(stop=STOP[:2]), concurrency=1)
    assert asked.complete(6, 2)
    assert [name in body for body in server.bodies] == [True] + [False] * 6
    assert all("max_tokens" in body for body in server.bodies)
    assert len(asked.messages) == 1
    assert asked.backend.refused == [name]
    assert asked.backend.left_out(Sampling(stop=STOP[:2])) == [name]


def test_one_of_temperature_and_top_p_is_enough(server):
    def one_of_them(body, number):
        if {"temperature", "top_p"} <= body.keys():
            return error(400, "`temperature` and `top_p` cannot both be specified for this model. Please use only one.")
        return None

    server.behaviour = one_of_them
    asked = ServerRun(server, 3, endpoint="chat")
    assert asked.complete(3)
    assert server.bodies[-1]["temperature"] == 0.2
    assert asked.backend.left_out(Sampling()) == ["top_p"]


def test_a_server_that_knows_no_name_for_the_limit_gets_none(server):
    server.behaviour = refuses("max_tokens", "max_completion_tokens")
    asked = ServerRun(server, 2, endpoint="chat")
    assert asked.complete(2)
    assert asked.backend.left_out(Sampling()) == ["max_tokens"]


def test_a_limit_that_is_too_high_gives_the_servers_message(server):
    server.behaviour = lambda body, number: error(400, "max_tokens is too large: at most 64", param="max_tokens")
    asked = ServerRun(server, 2)
    assert "HTTP 400: max_tokens is too large: at most 64): change the setting that the server names" in str(
        asked.failure
    )
    assert len(server.bodies) == 2


def test_a_temperature_that_no_server_takes_is_an_error(server):
    server.behaviour = lambda body, number: error(400, "temperature must be at most 2", param="temperature")
    asked = ServerRun(server, 1, sampling=Sampling(temperature=7.0))
    assert "temperature must be at most 2" in str(asked.failure)


def test_other_errors_are_reported_and_not_retried(server):
    server.behaviour = lambda body, number: error(400, "no such tool", param="tools")
    asked = ServerRun(server, 2)
    assert "2 samples failed" in str(asked.failure)
    assert "no such tool" in str(asked.failure)
    assert len(server.bodies) == 2


def test_a_parameter_dropped_without_effect_is_sent_again(server):
    server.behaviour = lambda body, number: error(400, "the temperature of the prompt is too hot")
    asked = ServerRun(server, 1, concurrency=1)
    assert "too hot" in str(asked.failure)
    assert asked.messages[-1] == "the request fails without temperature too: sending it again"
    assert asked.backend.refused == []


def test_parameters_refused_in_an_earlier_run_are_not_sent(server):
    server.behaviour = refuses("seed", "max_tokens")
    assert ServerRun(server, 2, endpoint="chat", refused=["seed", "max_tokens"]).complete(2)
    assert len(server.bodies) == 2


# ---- reasoning


def test_effort_thinking_and_room_for_both_are_sent(server):
    sampling = Sampling(max_tokens=100, max_reasoning_tokens=400, reasoning_effort="low", thinking=False)
    assert ServerRun(server, 1, endpoint="chat", sampling=sampling).complete(1)
    [body] = server.bodies
    assert (body["max_tokens"], body["reasoning_effort"]) == (500, "low")
    assert body["chat_template_kwargs"] == {"enable_thinking": False}


def test_a_server_that_refuses_what_is_said_about_reasoning(server):
    server.behaviour = refuses("reasoning_effort", "chat_template_kwargs", "max_tokens")
    sampling = Sampling(max_tokens=100, max_reasoning_tokens=400, reasoning_effort="low", thinking=True)
    asked = ServerRun(server, 2, endpoint="chat", sampling=sampling)
    assert asked.complete(2)
    assert server.bodies[-1]["max_completion_tokens"] == 500
    assert asked.backend.left_out(sampling) == ["reasoning_effort", "thinking"]


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_is_kept_apart_from_the_answer(server, name):
    server.behaviour = lambda body, number: reasoned("the answer", tokens=20, **{name: "first, ..."})
    asked = ServerRun(server, 1, endpoint="chat")
    assert asked.answers["HumanEval/0", 0] == Answer("the answer", "stop", 30, "first, ...", 20)


def test_content_in_parts(server):
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "text", "text": "the "},
        {"type": "text", "text": "answer"},
    ]
    server.behaviour = lambda body, number: reasoned(parts)
    assert ServerRun(server, 1, endpoint="chat").answers["HumanEval/0", 0] == Answer("the answer", "stop", 30, "hm")


def test_tokens_of_reasoning_are_known_of_single_answers_only(server):
    two = reasoned("a", tokens=20).body
    two["choices"] *= 2
    server.behaviour = lambda body, number: Reply(two)
    asked = ServerRun(server, 1, n=2, endpoint="chat")
    assert {answer.reasoning_tokens for answer in asked.answers.values()} == {None}


def test_tokens_of_a_response_with_several_answers_are_counted_once(server):
    asked = ServerRun(server, 1, n=2, endpoint="chat")
    first, second = (asked.answers["HumanEval/0", sample] for sample in (0, 1))
    assert first.shared == SharedCount(samples=2, tokens=14, prompt_tokens=3, reasoning_tokens=None)
    assert (first.tokens, second.tokens, second.shared) == (None, None, None)


@pytest.mark.parametrize(
    "total, tokens",
    [(60, 30), (80, 50)],
    ids=["reasoning is part of completion_tokens", "completion_tokens is without reasoning"],
)
def test_reasoning_is_part_of_the_tokens(server, total, tokens):
    one = reasoned("a", tokens=20).body
    one["usage"] |= {"prompt_tokens": 30, "total_tokens": total}
    server.behaviour = lambda body, number: Reply(one)
    answer = ServerRun(server, 1, endpoint="chat").answers["HumanEval/0", 0]
    assert (answer.tokens, answer.reasoning_tokens, answer.prompt_tokens) == (tokens, 20, 30)


# ---- permanent failures of one request


def test_a_prompt_that_does_not_fit_is_an_empty_sample_with_the_reason(server):
    server.behaviour = lambda body, number: (
        error(400, "too long", code="context_length_exceeded") if "f2(" in body["prompt"] else None
    )
    asked = ServerRun(server, 4, n=2)
    assert asked.complete(4, 2)
    assert asked.answers["HumanEval/2", 1] == Answer("", "context_length", 0)
    assert asked.answers["HumanEval/1", 1].text


@pytest.mark.parametrize("content", [None, ""])
def test_null_content_is_an_empty_sample(server, content):
    choice = {"index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": content}}
    server.behaviour = lambda body, number: Reply({"choices": [choice]})
    asked = ServerRun(server, 1, endpoint="chat")
    assert asked.answers["HumanEval/0", 0] == Answer("", "length", None)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_wrong_key_or_name_stops_at_once_in_one_line_without_the_key(server, status):
    server.behaviour = lambda body, number: error(status, f"Incorrect API key\nprovided: {KEY}")
    asked = ServerRun(server, 50, concurrency=2)
    assert "the server refuses: " in str(asked.failure)
    assert "***" in str(asked.failure)
    assert KEY not in str(asked.failure)
    assert "\n" not in str(asked.failure)
    assert len(server.bodies) <= 4


# ---- keys and addresses


def test_the_key_goes_to_the_server_and_nowhere_else(server, tmp_path, monkeypatch):
    monkeypatch.setenv("MY_KEY", KEY + "2")
    backend = ServerBackend("m", server.url.replace("://", "://me:pass@"), api_key_env="MY_KEY", endpoint="completions")
    generate(plan(2), "openai", backend, tmp_path / "samples.jsonl")
    assert set(server.keys) <= {f"Bearer {KEY}2", "Basic bWU6cGFzcw=="}
    written = "".join(path.read_text() for path in Path(tmp_path).iterdir())
    assert KEY not in written
    assert "pass" not in written


def test_a_local_server_needs_no_key(server, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    assert ServerRun(server, 1).complete(1)


def test_without_a_key_or_an_address_it_says_what_to_set(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(InputError, match="no API key: set OPENAI_API_KEY"):
        ServerBackend("m").describe()


def test_the_address_can_come_from_the_environment(server, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    assert ServerBackend("m").describe()["base_url"] == server.url


def test_an_invalid_address_is_an_error():
    with pytest.raises(InputError, match="--base-url localhost:8000: write"):
        ServerBackend("m", "localhost:8000").describe()


@pytest.mark.parametrize(
    "url, public",
    [
        ("https://me:secret@host:8000/v1/?api_key=secret#x", "https://host:8000/v1"),
        ("http://[::1]:80/v1/", "http://[::1]:80/v1"),
    ],
)
def test_addresses_are_kept_without_secrets(url, public):
    assert public_url(url) == public


def test_groups_begin_at_the_same_samples_in_a_resumed_run():
    requests = [Request("a", sample, "", sample) for sample in range(6)]
    assert [[r.sample for r in group] for group in group_requests(requests, 4)] == [[0, 1, 2, 3], [4, 5]]
    assert [[r.sample for r in group] for group in group_requests(requests[2:], 4)] == [[2, 3], [4, 5]]
    other = [*requests[:2], *(replace(request, task_id="b") for request in requests[:2])]
    assert [len(group) for group in group_requests(other, 4)] == [2, 2]
