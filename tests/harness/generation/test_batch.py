"""Batch files: requests written, answers read; the samples equal those of an online run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from echo_backend import plan
from hypothesis import given
from hypothesis import strategies as st
from model_server import answer

from apps_plus.errors import InputError, WorkError
from harness.generation.backend import Request, Sampling, sample_seed
from harness.generation.batch import BatchBackend, write_batch
from harness.generation.batch_files import custom_id, parse_custom_id, split_into_parts, write_parts
from harness.generation.generate import generate
from harness.generation.openai_backend import ServerBackend

SERVER = ServerBackend("m", "http://localhost:1/v1")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "samples.jsonl"


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    return tmp_path / "requests.jsonl"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def write(out: Path, batch: Path, n: int = 2, **fields: Any) -> dict[str, Any]:
    return write_batch(plan(2, n=n, chat=True, **fields), BatchBackend(SERVER), out, batch)


def answered(request: dict[str, Any], **response: Any) -> dict[str, Any]:
    """Return a provider's output line for a request."""
    given = {"status_code": 200, "request_id": "r", "body": answer(request["body"]), **response}
    return {"id": "batch_req_1", "custom_id": request["custom_id"], "response": given, "error": None}


def refused(request: dict[str, Any], message: str, status: int = 400, **fields: Any) -> dict[str, Any]:
    return answered(request, status_code=status, body={"error": {"message": message, **fields}})


def read(out: Path, rows: list[dict[str, Any]], n: int = 2, **fields: Any) -> dict[str, Any]:
    output = out.with_name("output.jsonl")
    output.write_text("".join(json.dumps(row) + "\n" for row in rows))
    messages: list[str] = []
    backend = BatchBackend(SERVER, (output,), messages.append)
    return generate(plan(2, n=n, chat=True, **fields), "openai", backend, out) | {"messages": messages}


# ---- files of requests


def test_a_request_is_a_line_that_openai_and_vllm_take(out, batch):
    sampling = Sampling(0.8, 0.9, 100, max_reasoning_tokens=400, reasoning_effort="low")
    summary = write(out, batch, sampling=sampling)
    assert (summary["requests"], summary["batch"]) == (4, [str(batch)])
    first = lines(batch)[0]
    assert first == {
        "custom_id": "HumanEval/0#0",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {
            "messages": first["body"]["messages"],
            "model": "m",
            "temperature": 0.8,
            "top_p": 0.9,
            "max_tokens": 500,
            "seed": sample_seed(0, "HumanEval/0", 0),
            "reasoning_effort": "low",
        },
    }
    assert len({row["custom_id"] for row in lines(batch)}) == 4


@given(st.text(), st.integers(0, 10**6))
def test_custom_ids_are_parsed(task_id, sample):
    assert parse_custom_id(custom_id(Request(task_id, sample, "", 0))) == (task_id, sample)


@pytest.mark.parametrize("name", ["HumanEval/0", "request-1", "a#", "a#-1", "a#01", "a#x", "a#²", ""])
def test_other_custom_ids_are_none(name):
    assert parse_custom_id(name) is None


def test_requests_over_the_limits_of_a_file_are_split():
    assert list(split_into_parts(["a\n"] * 5, most_requests=2)) == [["a\n"] * 2, ["a\n"] * 2, ["a\n"]]
    assert list(split_into_parts(["aaa\n", "ää\n", "b\n"], most_bytes=7)) == [["aaa\n"], ["ää\n", "b\n"]]
    assert list(split_into_parts(["a" * 99, "b"], most_bytes=9)) == [["a" * 99], ["b"]]
    assert list(split_into_parts([])) == []


def test_split_files_are_numbered(batch, monkeypatch):
    monkeypatch.setattr(split_into_parts, "__defaults__", (2, 10**6))
    made = write_parts(batch, ["a\n", "b\n", "c\n"])
    assert [path.name for path in made] == ["requests-001.jsonl", "requests-002.jsonl"]
    with pytest.raises(InputError, match=r"requests-001\.jsonl exists"):
        write_batch(plan(1, chat=True), BatchBackend(SERVER), batch.with_name("s.jsonl"), batch)


def test_no_file_is_replaced(out, batch):
    batch.write_text("precious")
    with pytest.raises(InputError, match=r"requests\.jsonl exists: choose another name"):
        write(out, batch)
    assert batch.read_text() == "precious"
    with pytest.raises(InputError, match="must end in"):
        write(out, batch.with_suffix(".txt"))


# ---- answers


def test_answers_become_the_samples_of_an_online_run(out, batch, rows):
    write(out, batch)
    summary = read(out, [answered(request) for request in reversed(lines(batch))])
    assert (summary["written"], summary["missing"], summary["messages"]) == (4, 0, [])
    for row in rows(out):
        seed = sample_seed(0, row["task_id"], row["sample"])
        assert f"seed={seed} choice=0" in row["completion"]
        assert (row["finish_reason"], row["tokens"]) == ("stop", 7)
    settings = json.loads(out.with_name("samples.settings.json").read_text())
    assert (settings["backend"], settings["samples_per_request"], settings["base_url"]) == (
        "openai",
        1,
        SERVER.base_url,
    )


def test_an_online_run_with_one_sample_per_request_resumes_a_batch(out, batch):
    pytest.importorskip("openai")
    write(out, batch)
    read(out, [answered(request) for request in lines(batch)])
    online = ServerBackend("m", "http://localhost:1/v1", samples_per_request=1)
    assert generate(plan(2, n=2, chat=True), "openai", online, out)["from_before"] == 4


def test_missing_samples_can_be_requested_again(out, batch, rows):
    write(out, batch)
    first, *others = lines(batch)
    summary = read(out, [answered(request) for request in others])
    assert summary["missing"] == 1
    again = batch.with_name("again.jsonl")
    write(out, again)
    assert lines(again) == [first]
    assert read(out, [answered(first)])["missing"] == 0
    assert len(rows(out)) == 4
    assert write(out, batch.with_name("none.jsonl"))["batch"] == []
    assert not batch.with_name("none.jsonl").exists()


def test_a_batch_is_not_read_with_other_settings_than_it_was_written_with(out, batch):
    write(out, batch, sampling=Sampling(temperature=0.8))
    with pytest.raises(InputError, match=r"expects a batch with another sampling\.temperature"):
        read(out, [answered(request) for request in lines(batch)])


def test_reasoning_is_kept(out, batch, rows):
    write(out, batch, n=1)
    request = lines(batch)[0]
    message = {"content": None, "reasoning_content": "hm"}
    body = {"choices": [{"message": message, "finish_reason": "length"}], "usage": {"completion_tokens": 9}}
    assert read(out, [answered(request, body=body)], n=1)["inside_reasoning"] == 1
    assert (rows(out)[0]["completion"], rows(out)[0]["reasoning"]) == ("", "hm")


def test_early_vllm_output_without_body(out, batch):
    write(out, batch, n=1)
    replies = [{"custom_id": r["custom_id"], "response": answer(r["body"]), "error": None} for r in lines(batch)]
    assert read(out, replies, n=1)["written"] == 2


def test_lines_of_other_samples_are_counted(out, batch):
    write(out, batch)
    replies = [answered(request) for request in lines(batch)]
    summary = read(out, [*replies, replies[0], replies[1] | {"custom_id": "request-7"}])
    assert summary["written"] == 4
    assert summary["messages"] == ["2 of 6 lines ignored: their samples exist already or were not requested"]


EXPIRED = {"code": "batch_expired", "message": "This request could not be executed before the window expired."}


@pytest.mark.parametrize(
    "line, message",
    [
        (lambda r: answered(r) | {"response": None, "error": EXPIRED}, "batch_expired: This request could not"),
        (lambda r: refused(r, "oops", 500), "HTTP 500: oops"),
        (lambda r: refused(r, "no such tool", param="tools"), "HTTP 400: no such tool"),
        (lambda r: answered(r, body={"choices": []}), "not an answer of the OpenAI protocol"),
        (
            lambda r: {
                "custom_id": r["custom_id"],
                "response": {"status_code": 400},
                "error": {"message": "x", "code": 400},
            },
            "HTTP 400: x",
        ),
    ],
    ids="expired fault refused empty vllm".split(),
)
def test_a_failed_request_is_named_and_the_others_are_kept(out, batch, rows, line, message):
    write(out, batch)
    first, *others = lines(batch)
    with pytest.raises(WorkError, match=r"1 requests failed \(first: HumanEval/0#0: ") as failure:
        read(out, [line(first), *map(answered, others)])
    assert message in str(failure.value)
    assert len(rows(out)) == 3


def test_a_failure_with_an_answer_in_another_file_is_ignored(out, batch):
    write(out, batch, n=1)
    first, second = lines(batch)
    assert read(out, [refused(first, "oops", 500), answered(first), answered(second)], n=1)["missing"] == 0


def test_a_prompt_that_does_not_fit_or_is_filtered_is_an_empty_sample(out, batch, rows):
    write(out, batch, n=1)
    first, second = lines(batch)
    replies = [refused(first, "x", code="context_length_exceeded"), refused(second, "x", code="content_filter")]
    assert read(out, replies, n=1)["empty"] == 2
    assert [row["finish_reason"] for row in rows(out)] == ["context_length", "content_filter"]


def test_the_next_batch_leaves_out_refused_parameters(out, batch):
    write(out, batch)
    message = "Unsupported value: 'temperature' does not support 0.2 with this model."
    replies = [refused(r, message, code="unsupported_value", param="temperature") for r in lines(batch)[:2]]
    replies += [refused(r, "no max_tokens", param="max_tokens") for r in lines(batch)[2:]]
    with pytest.raises(WorkError, match="--batch-out writes a batch of the missing samples"):
        read(out, replies)
    again = batch.with_name("again.jsonl")
    assert write(out, again)["left_out"] == ["temperature"]
    assert len(lines(again)) == 4
    assert "temperature" not in lines(again)[0]["body"]
    assert lines(again)[0]["body"]["max_completion_tokens"] == 1024
    assert read(out, [answered(request) for request in lines(again)])["left_out"] == ["temperature"]


@pytest.mark.parametrize(
    "text, message",
    [
        (
            '{"custom_id": "a#0", "method": "POST", "url": "/v1", "body": {}}',
            r"output\.jsonl:1: a request, not an answer",
        ),
        ('{"custom_id": "a#0"}', r"output\.jsonl:1: neither response nor error"),
        ('{"task_id": "a", "completion": ""}', r"output\.jsonl:1: no custom_id"),
        ('{"custom_id": "a#0", "respon', r"output\.jsonl:1: not JSON .*is the file complete\?"),
        ("[1]", r"output\.jsonl:1: no custom_id"),
        ("\xff", r"output\.jsonl:1: not JSON"),
    ],
    ids="requests half samples torn list bytes".split(),
)
def test_a_file_that_is_not_a_batch_output_is_named(out, batch, text, message):
    write(out, batch)
    output = out.with_name("output.jsonl")
    output.write_bytes(text.encode("latin-1") + b"\n")
    with pytest.raises(InputError, match=message):
        generate(plan(2, n=2, chat=True), "openai", BatchBackend(SERVER, (output,)), out)
    with pytest.raises(InputError, match=r"cannot read .*missing"):
        generate(plan(2, n=2, chat=True), "openai", BatchBackend(SERVER, (out.with_name("missing"),)), out)
